//! Bytes as a program for the Windows Media Format SDK: its calls, their arguments, and the behavior of its
//! callbacks. Pointers are null or valid and lengths are correct, because C promises nothing for others.
//! Everything else is hostile.
//!
//! Each accepted start has exactly one END, last. A refused start keeps no callback and makes no call. A failed
//! call clears its output parameters. In the end every reference is released.

#![allow(unsafe_code, reason = "a program that calls COM interfaces")]

#[path = "../../crates/restow-wmformat/tests/abi/com.rs"]
mod com;

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::sync::{Arc, LazyLock, Mutex};

use restow::Home;
use tempfile::TempDir;
use windows_core::{GUID, HRESULT, IUnknown, Interface as _};
use wmvcore::interfaces::{
    IRestowCatalog, IWMBackupRestoreProps, IWMLicenseBackup, IWMLicenseRestore, IWMStatusCallback, WMT_TYPE_STRING,
};

use self::com::{
    BEGIN, BUSY, Callback, E_INVALIDARG, E_NOINTERFACE, E_NOTIMPL, E_POINTER, END, INVALID_PROPERTY, Object, S_OK,
    SendObject, wide,
};
use super::common::{Bytes, LCP, folder};

/// Maximum number of calls. More calls reach no new code.
const MAX_CALLS: usize = 40;

static STAGE: LazyLock<TempDir> = LazyLock::new(|| {
    let stage = folder();
    let home = Home::open(stage.path().join("home")).expect("a new home");
    let documents: Vec<PathBuf> = (0..3).map(|n| stage.path().join(format!("{n}.lcpl"))).collect();
    for (n, path) in documents.iter().enumerate() {
        std::fs::write(path, LCP.replace("b7a1", &format!("b7a{n}"))).expect("a document");
    }
    let imported = restow::import::import(&home, &documents, &mut |_| {}).expect("an import").imported;
    assert_eq!(imported, 3);
    for place in ["stick", "empty"] {
        std::fs::create_dir(stage.path().join(place)).expect("a location");
    }
    // SAFETY: targets run one after the other and their runs have ended, so no other thread reads the
    // environment.
    unsafe { std::env::set_var("RESTOW_HOME", home.folder()) };
    stage
});

/// Objects of one program.
#[derive(Default)]
struct ComProgram {
    object: Option<Object>,
    /// Every callback that was passed to a start, and the number of ENDs it must get.
    due: Vec<(Arc<Callback>, Arc<Mutex<usize>>)>,
}

pub fn run(data: &[u8]) {
    let _ = &*STAGE;
    let mut bytes = Bytes(data);
    let mut program = ComProgram::default();
    for _ in 0..MAX_CALLS {
        if bytes.is_empty() {
            break;
        }
        program.call(&mut bytes);
    }
    program.end();
}

fn code(HRESULT(answer): HRESULT) -> u32 {
    answer.cast_unsigned()
}

impl ComProgram {
    fn object(&mut self) -> &Object {
        self.object.get_or_insert_with(Object::new)
    }

    fn call(&mut self, bytes: &mut Bytes) {
        match bytes.u8() % 16 {
            0 => self.object = None,
            1 => self.make(bytes.u8()),
            2 | 3 => self.set(bytes),
            4 => {
                let name = name(bytes);
                // SAFETY: null, or a name with a terminator.
                let answer = code(unsafe { self.object().props.RemoveProp(pointer(name.as_deref())) });
                assert!(matches!(answer, S_OK | E_INVALIDARG), "0x{answer:08X}");
            }
            // SAFETY: no arguments.
            5 => assert_eq!(code(unsafe { self.object().props.RemoveAllProps() }), S_OK),
            6..=8 => self.start(bytes.u8(), bytes.u8()),
            // SAFETY: no arguments.
            9 => assert_eq!(code(unsafe { self.object().backup.CancelLicenseBackup() }), S_OK),
            // SAFETY: no arguments.
            10 => assert_eq!(code(unsafe { self.object().restore.CancelLicenseRestore() }), S_OK),
            11 => self.query(bytes),
            12 => self.get(bytes),
            13 => self.titles(bytes),
            14 => is_protected(bytes),
            _ => self.wait(),
        }
    }

    fn make(&mut self, how: u8) {
        let callback = Callback::new();
        let given = if how & 1 == 0 { callback.raw() } else { null_mut() };
        if how & 2 != 0 {
            // SAFETY: null is allowed.
            assert_eq!(code(unsafe { wmvcore::WMCreateBackupRestorer(given, null_mut()) }), E_INVALIDARG);
        } else {
            let mut made = null_mut();
            // SAFETY: an IUnknown or null, and space for a pointer.
            assert_eq!(code(unsafe { wmvcore::WMCreateBackupRestorer(given, &mut made) }), S_OK);
            // SAFETY: the created object with its reference.
            let backup = unsafe { IWMLicenseBackup::from_raw(made) };
            let (restore, props) = (backup.cast().expect("restores"), backup.cast().expect("has properties"));
            self.object = Some(Object { backup, restore, props });
        }
        assert_eq!(callback.references(), 1, "not kept");
    }

    fn set(&mut self, bytes: &mut Bytes) {
        let (name, how) = (name(bytes), bytes.u8());
        let value = match how % 8 {
            0 => None,
            1 => Some(bytes.counted().to_vec()),
            place => {
                let place = ["stick", "stick\0beyond", "stick", "empty", "0.lcpl", "not there"][usize::from(place) - 2];
                Some(com::bytes(&STAGE.path().join(place).to_string_lossy()))
            }
        };
        if value.as_deref().is_some_and(leaves_stage) {
            return;
        }
        let data_type = if how & 0x80 == 0 { WMT_TYPE_STRING } else { i32::from(bytes.u8()) - 1 };
        // The address may be odd.
        let memory = value.as_ref().map(|value| [&[0xFF][..], value].concat());
        let (at, length) = match &memory {
            Some(memory) => (memory[1..].as_ptr(), u16::try_from(memory.len() - 1).expect("a length of 16 bits")),
            None => (null(), bytes.u16()),
        };
        // SAFETY: null, or a name with a terminator; null, or the stated number of bytes.
        let answer = unsafe { self.object().props.SetProp(pointer(name.as_deref()), data_type, at, length) };
        assert!(matches!(code(answer), S_OK | E_INVALIDARG), "{answer:?}");
        let is_invalid = data_type != WMT_TYPE_STRING || at.is_null() || name.is_none() || length % 2 == 1;
        assert!(!is_invalid || code(answer) == E_INVALIDARG);
    }

    fn start(&mut self, which: u8, how: u8) {
        let due = Arc::new(Mutex::new(0));
        let object = self.object().clone();
        let (backup, restore) = (object.backup.as_raw(), object.restore.as_raw());
        let callback = callback(how, object, due.clone());
        let flags = u32::from(which >> 1) & 7;
        let given = if how == u8::MAX { null_mut() } else { callback.raw() };
        if which & 0x80 != 0 {
            // From here only the callback has references.
            self.object = None;
        }
        // Counted before the call, because the run may be faster than this thread.
        *due.lock().expect("a number") += 1;
        let answer = code(if which & 1 == 0 {
            // SAFETY: the callback has a reference at the start of the call.
            let backup = ManuallyDrop::new(unsafe { IWMLicenseBackup::from_raw(backup) });
            // SAFETY: the callback lives during the call, or is null.
            unsafe { backup.BackupLicenses(flags, given) }
        } else {
            // SAFETY: as above.
            let restore = ManuallyDrop::new(unsafe { IWMLicenseRestore::from_raw(restore) });
            // SAFETY: as above.
            unsafe { restore.RestoreLicenses(flags, given) }
        });
        if answer == S_OK {
            return self.due.push((callback, due));
        }
        assert!(matches!(answer, BUSY | INVALID_PROPERTY | E_INVALIDARG), "0x{answer:08X}");
        assert!(given.is_null() == (answer == E_INVALIDARG), "0x{answer:08X}");
        let state = callback.state();
        assert!(state.calls.is_empty() && state.references == 1 && !state.panicked, "{state:?}");
    }

    fn query(&mut self, bytes: &mut Bytes) {
        const IIDS: [GUID; 6] = [
            IUnknown::IID,
            IWMLicenseBackup::IID,
            IWMLicenseRestore::IID,
            IWMBackupRestoreProps::IID,
            IRestowCatalog::IID,
            IWMStatusCallback::IID,
        ];
        let (from, to) = (bytes.u8(), bytes.u8());
        let object = self.object().clone();
        let from: IUnknown = match from % 3 {
            0 => object.backup.cast(),
            1 => object.restore.cast(),
            _ => object.props.cast(),
        }
        .expect("an interface");
        let iid = IIDS.get(usize::from(to)).copied().unwrap_or_else(|| GUID::from_u128(to.into()));
        let mut out = std::ptr::dangling_mut::<c_void>();
        // SAFETY: space for a pointer.
        match code(unsafe { from.query(&iid, &mut out) }) {
            // SAFETY: the returned interface with its reference.
            S_OK => drop(unsafe { IUnknown::from_raw(out) }),
            answer => assert_eq!((answer, out), (E_NOINTERFACE, null_mut())),
        }
        // SAFETY: null is allowed.
        assert_eq!(code(unsafe { from.query(&iid, null_mut()) }), E_POINTER);
        // SAFETY: null is allowed.
        assert_eq!(code(unsafe { from.query(null(), &mut out) }), E_POINTER);
    }

    fn get(&mut self, bytes: &mut Bytes) {
        let (name, mut room) = (name(bytes), [7u16; 4]);
        let at = room.as_mut_ptr();
        let props = &self.object().props;
        // SAFETY: the getters do not read their arguments.
        assert_eq!(code(unsafe { props.GetPropCount(at) }), E_NOTIMPL);
        // SAFETY: as above.
        let answer = unsafe { props.GetPropByIndex(0, at, at, at.cast(), at.cast(), at) };
        assert_eq!(code(answer), E_NOTIMPL);
        // SAFETY: as above.
        let answer = unsafe { props.GetPropByName(pointer(name.as_deref()), at.cast(), at.cast(), at) };
        assert_eq!((code(answer), room), (E_NOTIMPL, [7; 4]));
    }

    fn titles(&mut self, bytes: &mut Bytes) {
        let catalog: IRestowCatalog = self.object().backup.cast().expect("a catalog");
        let (key_id, index, room) = (text(bytes), u32::from(bytes.u8()), bytes.u8());
        let (mut count, mut length) = (7, u32::from(room));
        let mut title = vec![0xAAAA; usize::from(room)];
        // SAFETY: null, or text with a terminator; space for the result.
        let answer = code(unsafe { catalog.GetTitleCount(pointer(key_id.as_deref()), &mut count) });
        assert!(answer == S_OK || count == 0, "0x{answer:08X} {count}");
        // SAFETY: as above, with the stated space.
        let answer = unsafe { catalog.GetTitle(pointer(key_id.as_deref()), index, title.as_mut_ptr(), &mut length) };
        let answer = code(answer);
        assert!(answer == S_OK || answer == 0xC00D_275C || length == 0, "0x{answer:08X} {length}");
        // SAFETY: null is allowed.
        assert_eq!(code(unsafe { catalog.GetTitleCount(pointer(key_id.as_deref()), null_mut()) }), E_INVALIDARG);
    }

    /// Waits for the end of all runs.
    fn wait(&mut self) {
        for (callback, due) in self.due.drain(..) {
            let is_over = |state: &com::State| state.references == 1 && state.ends() >= *due.lock().expect("a number");
            let state = callback.wait_until("END", is_over);
            // The thread of the run may still be returning from `Release`, with data of the callback.
            while Arc::strong_count(&callback) > 1 {
                std::thread::yield_now();
            }
            assert_eq!(state.ends(), *due.lock().expect("a number"), "one END for each start: {state:?}");
            assert_eq!(state.calls.last().map(|call| call.status), Some(END), "END is last: {state:?}");
            assert!(state.calls.iter().all(|call| !call.has_context), "{state:?}");
        }
    }

    fn end(mut self) {
        self.wait();
        if let Some(object) = self.object {
            assert_eq!(object.references(), 3, "every other reference was given back");
        }
    }
}

/// Creates a callback with the behavior `how`. `due` counts the ENDs that the callback must get.
fn callback(how: u8, object: Object, due: Arc<Mutex<usize>>) -> Arc<Callback> {
    let (first, failing, re_entering) = (how & 7, how & 0x40 != 0, how & 0x80 != 0);
    let object = Arc::new(Mutex::new(Some(SendObject(object))));
    let released = object.clone();
    Callback::with(
        move |callback, call| {
            // The object is moved out, so that it is dropped here, inside the call. It may be the last
            // reference.
            let takes = matches!((first, call.status), (1 | 3, BEGIN) | (2, END) | (4..=6, _));
            let mine = takes.then(|| object.lock().expect("an object").take()).flatten();
            if let Some(SendObject(object)) = mine {
                match first {
                    1 => object.cancel(),
                    2 | 3 => {
                        *due.lock().expect("a number") += 1;
                        let answer = if how & 8 == 0 { object.back_up(callback) } else { object.restore(callback) };
                        if answer != S_OK {
                            assert!(matches!(answer, BUSY | INVALID_PROPERTY), "0x{answer:08X}");
                            *due.lock().expect("a number") -= 1;
                        }
                    }
                    4 => drop(object.props.cast::<IRestowCatalog>().expect("a catalog")),
                    // SAFETY: no arguments.
                    5 => assert_eq!(code(unsafe { object.props.RemoveAllProps() }), S_OK),
                    // The object is only dropped.
                    _ => {}
                }
            }
            if failing { com::E_FAIL } else { S_OK }
        },
        move |_| {
            if first == 7 {
                // Dropped here, possibly as the last reference, and possibly inside a refused call.
                let mine = released.lock().expect("an object").take();
                return drop(mine);
            }
            let mine = released.lock().expect("an object").clone();
            if let (true, Some(SendObject(object))) = (re_entering, mine) {
                object.cancel();
                // SAFETY: no arguments.
                assert_eq!(code(unsafe { object.props.RemoveAllProps() }), S_OK);
            }
        },
    )
}

/// Returns a name, mostly a valid one, or null.
fn name(bytes: &mut Bytes) -> Option<Vec<u16>> {
    match bytes.u8() % 8 {
        0..=2 => Some(wide("BackupPath")),
        3..=5 => Some(wide("RestorePath")),
        _ => text(bytes),
    }
}

/// Returns any text with a terminator, or null.
fn text(bytes: &mut Bytes) -> Option<Vec<u16>> {
    let (units, odd) = bytes.counted().as_chunks::<2>();
    let text = units.iter().map(|unit| u16::from_le_bytes(*unit)).chain([0]).collect();
    odd.is_empty().then_some(text)
}

fn pointer(text: Option<&[u16]>) -> *const u16 {
    text.map_or(null(), <[u16]>::as_ptr)
}

/// Returns true for an existing path outside of the stage. Tests neither write there nor wait for such a file.
fn leaves_stage(value: &[u8]) -> bool {
    let units: Vec<u16> = value.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    let text = String::from_utf16_lossy(units.split(|unit| *unit == 0).next().unwrap_or_default());
    let stage = STAGE.path().canonicalize().expect("our folder");
    std::fs::canonicalize(text)
        .is_ok_and(|path| !path.starts_with(stage) || path.starts_with(STAGE.path().join("home")))
}

fn is_protected(bytes: &mut Bytes) {
    let path =
        if bytes.u8() & 1 == 0 { Some(wide(&STAGE.path().join("0.lcpl").to_string_lossy())) } else { text(bytes) };
    let raw: Vec<u8> = path.iter().flatten().copied().flat_map(u16::to_le_bytes).collect();
    if leaves_stage(&raw) {
        return;
    }
    let mut answered = 7;
    // SAFETY: null, or text with a terminator; space for the result.
    let answer = code(unsafe { wmvcore::WMIsContentProtected(pointer(path.as_deref()), &mut answered) });
    assert_eq!(answered, i32::from(answer == S_OK), "0x{answer:08X}");
    // SAFETY: null is allowed.
    assert_eq!(code(unsafe { wmvcore::WMIsContentProtected(pointer(path.as_deref()), null_mut()) }), E_INVALIDARG);
}

pub fn seeds() -> Vec<Vec<u8>> {
    // SetProp of both paths to the location.
    let paths = [2, 0, 2, 3, 3, 2];
    let raw = |bytes: &[u8]| [&[2, 0, 1][..], &super::common::counted(bytes)].concat();
    let mut seeds = vec![
        vec![1, 1, 11, 0, 4, 11, 1, 9, 12, 0],
        [&paths[..], &[9, 10, 5, 6, 0, 0]].concat(),
        [&raw(&com::bytes("D:\\Licenses")), &[6, 2, 0, 15][..]].concat(),
        [raw(&com::bytes("\\\\server\\share\0")), raw(&[0x3D, 0xD8]), raw(&[1]), raw(&[])].concat(),
        [&[13][..], &super::common::counted(&com::bytes("AAAAAAAAAAAAAAAAAAAAAA==")), &[0, 9, 14, 0, 14, 1, 0, 0]]
            .concat(),
        [&paths[..], &[6, 2, 255, 4, 0, 4, 6]].concat(),
    ];
    // A backup, then a restore, with each kind of callback.
    for how in [0, 1, 2, 3, 4, 5, 6, 7, 0x0A, 0x0B, 0x40, 0x80, 0x81, 0xC2] {
        seeds.push(
            [&paths[..], &[6, 2, how, 15], &paths, &[6, 0x82, how, 1, 0, 6, 0x83, how], &[6, 1, how, 9, 10, 0, 15]]
                .concat(),
        );
    }
    seeds
}
