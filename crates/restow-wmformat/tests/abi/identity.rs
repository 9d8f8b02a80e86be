//! QueryInterface and reference counts.

use std::ffi::c_void;

use windows_core::{GUID, HRESULT, IUnknown, Interface as _};
use wmvcore::interfaces::{
    IRestowCatalog, IWMBackupRestoreProps, IWMLicenseBackup, IWMLicenseRestore, IWMStatusCallback,
};

use crate::com::Object;
use crate::com::{E_NOINTERFACE, E_POINTER, create};
use crate::world::World;

static ALL: [GUID; 5] =
    [IUnknown::IID, IWMLicenseBackup::IID, IWMLicenseRestore::IID, IWMBackupRestoreProps::IID, IRestowCatalog::IID];

/// Calls `QueryInterface`; returns the result and the written pointer.
fn ask(object: &IUnknown, iid: *const GUID) -> (u32, *mut c_void) {
    let mut out = std::ptr::dangling_mut();
    // SAFETY: there is space for a pointer.
    let HRESULT(answer) = unsafe { object.query(iid, &mut out) };
    (answer.cast_unsigned(), out)
}

fn query(object: &IUnknown, iid: &GUID) -> IUnknown {
    let (answer, out) = ask(object, iid);
    assert_eq!(answer, 0, "{iid:?}");
    // SAFETY: the returned interface with its reference; every interface is an `IUnknown`.
    unsafe { IUnknown::from_raw(out) }
}

#[test]
fn every_interface_reaches_every_other() {
    let _world = World::new();
    let object = Object::new();
    let before = object.references();
    let start: IUnknown = object.backup.cast().unwrap();
    let one = query(&start, &IUnknown::IID).as_raw();
    for from in &ALL {
        let first = query(&start, from);
        assert_eq!(query(&first, from).as_raw(), first.as_raw(), "reflexive, and the same pointer each time");
        for to in &ALL {
            let second = query(&first, to);
            assert_eq!(query(&second, from).as_raw(), first.as_raw(), "symmetric");
            assert_eq!(query(&second, &IUnknown::IID).as_raw(), one, "one identity");
            for third in &ALL {
                assert_eq!(query(&second, third).as_raw(), query(&start, third).as_raw(), "transitive");
            }
        }
    }
    drop(start);
    assert_eq!(object.references(), before, "every reference was given back");
}

#[test]
fn references_are_counted() {
    let _world = World::new();
    let made = create().unwrap();
    let count = || {
        let vtable = &made.vtable().base__;
        // SAFETY: the object lives, and the reference is released at once.
        let more = unsafe { (vtable.AddRef)(made.as_raw()) };
        // SAFETY: releases the reference just added.
        (more, unsafe { (vtable.Release)(made.as_raw()) })
    };
    assert_eq!(count(), (2, 1), "it is made with one");
    let other: IWMLicenseRestore = made.cast().unwrap();
    assert_eq!(count(), (3, 2), "QueryInterface takes one, on whatever interface");
    drop(other);
    assert_eq!(count(), (2, 1));
    let made = std::mem::ManuallyDrop::new(made);
    // SAFETY: releases the last reference; the object is not used again.
    assert_eq!(unsafe { (made.vtable().base__.Release)(made.as_raw()) }, 0);
}

#[test]
fn unknown_interface_clears_pointer() {
    let _world = World::new();
    let object: IUnknown = create().unwrap().cast().unwrap();
    for from in &ALL {
        let from = query(&object, from);
        for unknown in [IWMStatusCallback::IID, GUID::zeroed(), GUID::from_u128(u128::MAX)] {
            assert_eq!(ask(&from, &unknown), (E_NOINTERFACE, std::ptr::null_mut()), "{unknown:?}");
        }
    }
}

#[test]
fn null_arguments_of_query_interface() {
    let _world = World::new();
    let object: IUnknown = create().unwrap().cast().unwrap();
    for from in &ALL {
        let from = query(&object, from);
        for iid in [&raw const ALL[0], std::ptr::null()] {
            // SAFETY: null is allowed.
            let HRESULT(answer) = unsafe { from.query(iid, std::ptr::null_mut()) };
            assert_eq!(answer.cast_unsigned(), E_POINTER);
        }
        // Without an IID the pointer is unchanged.
        assert_eq!(ask(&from, std::ptr::null()), (E_POINTER, std::ptr::dangling_mut()));
    }
}
