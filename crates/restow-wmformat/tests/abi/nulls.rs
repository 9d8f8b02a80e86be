//! Null arguments of all functions, and output parameters of failed calls.

use std::ffi::c_void;
use std::ptr::{dangling_mut, null, null_mut};

use windows_core::{HRESULT, Interface as _};
use wmvcore::interfaces::{IRestowCatalog, WMT_TYPE_STRING};

use crate::com::Object;
use crate::com::{E_INVALIDARG, E_NOTIMPL, UNABLE_TO_CREATE, create, wide};
use crate::world::World;

fn code(HRESULT(answer): HRESULT) -> u32 {
    answer.cast_unsigned()
}

#[test]
fn exports_reject_null_arguments() {
    let world = World::new();
    // SAFETY: null is allowed.
    assert_eq!(code(unsafe { wmvcore::WMCreateBackupRestorer(null_mut(), null_mut()) }), E_INVALIDARG);
    let mut is_protected = 7;
    // SAFETY: null is allowed.
    assert_eq!(code(unsafe { wmvcore::WMIsContentProtected(null(), &mut is_protected) }), E_INVALIDARG);
    assert_eq!(is_protected, 0, "cleared");
    // SAFETY: null is allowed; the path has a terminator.
    assert_eq!(code(unsafe { wmvcore::WMIsContentProtected(wide("x").as_ptr(), null_mut()) }), E_INVALIDARG);

    let file = world.path("file");
    std::fs::write(&file, "").unwrap();
    world.use_home(&file.join("below a file"));
    assert_eq!(create().err(), Some(UNABLE_TO_CREATE), "and `create` sees that the pointer is cleared");
}

#[test]
#[cfg(not(windows))]
fn system_functions_are_not_implemented_elsewhere() {
    let made = |call: &dyn Fn(*mut *mut c_void) -> HRESULT| {
        assert_eq!(code(call(null_mut())), E_NOTIMPL);
        let mut out = dangling_mut();
        assert_eq!(code(call(&mut out)), E_NOTIMPL);
        assert!(out.is_null(), "cleared");
    };
    // SAFETY: null or space for a pointer.
    made(&|out| unsafe { wmvcore::WMCreateEditor(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateIndexer(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateProfileManager(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateReader(null_mut(), 0, out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateReaderPriv(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateSyncReader(null_mut(), 0, out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateSyncReaderPriv(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateWriter(null_mut(), out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateWriterFileSink(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateWriterNetworkSink(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateWriterPriv(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateWriterPushSink(out) });
    // SAFETY: as above.
    made(&|out| unsafe { wmvcore::WMCreateBackupRestorerPrivate(null_mut(), out) });
    // SAFETY: null is allowed.
    assert_eq!(code(unsafe { wmvcore::WMCheckURLExtension(null()) }), E_NOTIMPL);
    // SAFETY: as above.
    assert_eq!(code(unsafe { wmvcore::WMCheckURLScheme(null()) }), E_NOTIMPL);
    // SAFETY: as above.
    assert_eq!(code(unsafe { wmvcore::WMIsAvailableOffline(null(), null(), null_mut()) }), E_NOTIMPL);
    // SAFETY: as above.
    assert_eq!(code(unsafe { wmvcore::WMValidateData(null_mut(), null_mut()) }), E_NOTIMPL);
}

#[test]
fn restorer_rejects_null_arguments() {
    let world = World::new();
    let object = world.object();
    // SAFETY: null is allowed, here and below.
    assert_eq!(code(unsafe { object.backup.BackupLicenses(1, null_mut()) }), E_INVALIDARG);
    // SAFETY: as above.
    assert_eq!(code(unsafe { object.restore.RestoreLicenses(2, null_mut()) }), E_INVALIDARG);

    let props = &object.props;
    let (name, value) = (wide("BackupPath"), wide("x"));
    let value = value.as_ptr().cast();
    // SAFETY: as above.
    assert_eq!(code(unsafe { props.SetProp(null(), WMT_TYPE_STRING, value, 4) }), E_INVALIDARG);
    for length in [0, 2, u16::MAX] {
        // SAFETY: as above; a null value is not read, whatever its length.
        assert_eq!(code(unsafe { props.SetProp(name.as_ptr(), WMT_TYPE_STRING, null(), length) }), E_INVALIDARG);
    }
    // SAFETY: as above.
    assert_eq!(code(unsafe { props.RemoveProp(null()) }), E_INVALIDARG);

    // The getters do not read their arguments.
    // SAFETY: as above.
    assert_eq!(code(unsafe { props.GetPropCount(null_mut()) }), E_NOTIMPL);
    let by_index =
        // SAFETY: as above.
        unsafe { props.GetPropByIndex(0, null_mut(), null_mut(), null_mut(), null_mut(), null_mut()) };
    assert_eq!(code(by_index), E_NOTIMPL);
    // SAFETY: as above.
    assert_eq!(code(unsafe { props.GetPropByName(null(), null_mut(), null_mut(), null_mut()) }), E_NOTIMPL);
}

#[test]
fn catalog_rejects_null_arguments() {
    let _world = World::new();
    let catalog: IRestowCatalog = Object::new().backup.cast().unwrap();
    let (key_id, mut count, mut title) = (wide("AAAAAAAAAAAAAAAAAAAAAA=="), 7, [7; 8]);
    // SAFETY: null is allowed, here and below; otherwise text with a terminator, and space for results.
    assert_eq!(code(unsafe { catalog.GetTitleCount(null(), &mut count) }), E_INVALIDARG);
    assert_eq!(count, 0, "cleared");
    // SAFETY: as above.
    assert_eq!(code(unsafe { catalog.GetTitleCount(key_id.as_ptr(), null_mut()) }), E_INVALIDARG);
    let mut length = 8;
    // SAFETY: as above.
    assert_eq!(code(unsafe { catalog.GetTitle(null(), 0, title.as_mut_ptr(), &mut length) }), E_INVALIDARG);
    assert_eq!(length, 0, "cleared");
    // SAFETY: as above.
    assert_eq!(code(unsafe { catalog.GetTitle(key_id.as_ptr(), 0, title.as_mut_ptr(), null_mut()) }), E_INVALIDARG);
    assert_eq!(title, [7; 8], "nothing was written");
}

#[test]
fn unaligned_output_parameters_are_written() {
    let _world = World::new();
    let catalog: IRestowCatalog = Object::new().backup.cast().unwrap();
    let mut room = [7u8; 24];
    let odd = room.as_mut_ptr().wrapping_add(room.as_ptr().align_offset(8) + 1);
    // SAFETY: null is allowed; there is space for a number.
    assert_eq!(code(unsafe { catalog.GetTitleCount(null(), odd.cast()) }), E_INVALIDARG);
    // SAFETY: as above.
    assert_eq!(code(unsafe { catalog.GetTitle(null(), 0, null_mut(), odd.cast()) }), E_INVALIDARG);
    // SAFETY: as above.
    assert_eq!(code(unsafe { wmvcore::WMIsContentProtected(null(), odd.cast()) }), E_INVALIDARG);
    // SAFETY: there is space for a pointer.
    assert_eq!(code(unsafe { wmvcore::WMCreateBackupRestorer(null_mut(), odd.cast()) }), 0);
    // SAFETY: the pointer just written.
    let made = unsafe { odd.cast::<*mut c_void>().read_unaligned() };
    // SAFETY: the reference of the created object.
    drop(unsafe { windows_core::IUnknown::from_raw(made) });
}
