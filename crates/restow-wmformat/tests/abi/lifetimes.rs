//! References and lifetimes of objects and callbacks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};

use windows_core::Interface as _;
use wmvcore::interfaces::{IRestowCatalog, IWMBackupRestoreProps, IWMLicenseBackup, WMT_TYPE_DWORD, WMT_TYPE_STRING};

use crate::com::Object;
use crate::com::{
    BEGIN, BUSY, CANCELED, Callback, E_FAIL, E_INVALIDARG, END, INVALID_PROPERTY, S_OK, SendObject, StatusCall, bytes,
    create, set,
};
use crate::world::World;

fn status_call(status: i32, result: u32) -> StatusCall {
    StatusCall { status, result, data_type: WMT_TYPE_DWORD, value: None, has_context: false }
}

/// Creates a callback that waits in BEGIN until the sender signals.
fn waiting_callback() -> (Arc<Callback>, mpsc::Sender<()>) {
    let (go, wait) = mpsc::channel();
    let wait = Mutex::new(wait);
    let callback = Callback::with_result(move |_, call| {
        if call.status == BEGIN {
            wait.lock().unwrap().recv().unwrap();
        }
        S_OK
    });
    (callback, go)
}

/// Creates a callback that runs a closure once, at this status.
fn callback_once_at(status: i32, what: impl FnOnce(&Arc<Callback>) + Send + 'static) -> Arc<Callback> {
    let what = Mutex::new(Some(what));
    Callback::with_result(move |callback, call| {
        if call.status == status
            && let Some(what) = what.lock().unwrap().take()
        {
            what(callback);
        }
        S_OK
    })
}

#[test]
fn callback_is_held_until_end() {
    let world = World::with_licenses();
    let object = world.object();
    let counts = Arc::new(Mutex::new(Vec::new()));
    let counted = counts.clone();
    let callback = Callback::with_result(move |callback, call| {
        counted.lock().unwrap().push((call.status, callback.references()));
        S_OK
    });
    for run in [Object::back_up, Object::restore] {
        assert_eq!(run(&object, &callback), S_OK);
        callback.wait_until("the release", |state| state.references == 1);
        assert_eq!(callback.state().ends(), counts.lock().unwrap().len() / 2, "not before END was delivered");
    }
    let calls = callback.state().calls;
    assert_eq!(
        calls,
        [status_call(BEGIN, S_OK), status_call(END, S_OK), status_call(BEGIN, S_OK), status_call(END, S_OK)]
    );
    assert_eq!(*counts.lock().unwrap(), [(BEGIN, 2), (END, 2), (BEGIN, 2), (END, 2)], "one reference, no more");
    drop(object);
    assert_eq!(callback.references(), 1);
}

#[test]
fn refused_start_keeps_no_callback() {
    let world = World::with_licenses();
    let (object, bare, other) = (world.object(), Object::new(), world.object());
    let (first, go) = waiting_callback();
    assert_eq!(object.back_up(&first), S_OK);
    first.wait_until("BEGIN", |state| !state.calls.is_empty());
    let refused = Callback::new();
    for object in [&object, &other] {
        assert_eq!((object.back_up(&refused), object.restore(&refused)), (BUSY, BUSY));
        assert_eq!(refused.references(), 1, "let go of before the call is over");
    }
    assert_ne!(bare.back_up(&refused), S_OK);
    go.send(()).unwrap();
    assert_eq!(first.end(), S_OK);
    assert_eq!((refused.references(), refused.state().calls), (1, vec![]));
}

#[test]
fn create_keeps_no_callback() {
    let _world = World::new();
    let callback = Callback::new();
    let mut made = std::ptr::null_mut();
    // SAFETY: an IUnknown and space for a pointer.
    assert_eq!(unsafe { wmvcore::WMCreateBackupRestorer(callback.raw(), &mut made) }.0, 0);
    assert_eq!(callback.references(), 1);
    // SAFETY: the created object with its reference.
    drop(unsafe { windows_core::IUnknown::from_raw(made) });
    assert_eq!((callback.references(), callback.state().calls), (1, vec![]));
}

#[test]
fn last_reference_may_be_released_anywhere() {
    let world = World::with_licenses();
    for status in [BEGIN, END] {
        let object = world.object();
        let all = SendObject(object.clone());
        let barrier = Arc::new(Barrier::new(2));
        let passed = barrier.clone();
        let callback = callback_once_at(status, move |_| {
            barrier.wait();
            let SendObject(object) = { all };
            assert_eq!(object.references(), 3, "the last ones");
        });
        assert_eq!(object.back_up(&callback), S_OK);
        drop(object);
        passed.wait();
        assert_eq!(callback.end(), S_OK);
    }
    let (callback, go) = waiting_callback();
    let object = world.object();
    assert_eq!(object.restore(&callback), S_OK);
    callback.wait_until("BEGIN", |state| !state.calls.is_empty());
    let object = SendObject(object);
    std::thread::spawn(move || drop(object)).join().unwrap();
    go.send(()).unwrap();
    assert_eq!(callback.end(), S_OK, "a run goes on without its object");
}

#[test]
fn result_of_on_status_is_ignored() {
    let world = World::with_licenses();
    let object = world.object();
    for answer in [E_FAIL, E_INVALIDARG, 1, 0x8000_0000, 0xFFFF_FFFF] {
        let callback = Callback::with_result(move |_, _| answer);
        assert_eq!(object.back_up(&callback), S_OK);
        assert_eq!(callback.wait_for_ends(1), [status_call(BEGIN, S_OK), status_call(END, S_OK)]);
    }
}

#[test]
fn callback_may_make_every_call() {
    let world = World::with_licenses();
    for status in [BEGIN, END] {
        let object = world.object();
        let (all, stick) = (SendObject(object.clone()), crate::com::bytes(world.stick().to_str().unwrap()));
        let callback = callback_once_at(status, move |callback| {
            let SendObject(object) = &all;
            let expected = if status == BEGIN { BUSY } else { S_OK };
            assert_eq!(object.back_up(callback), expected);
            assert_eq!(set(&object.props, "BackupPath", WMT_TYPE_STRING, &stick), S_OK);
            // SAFETY: no arguments.
            assert_eq!(unsafe { object.restore.CancelLicenseRestore() }.0, 0, "not of this kind");
            drop(object.backup.cast::<IRestowCatalog>().unwrap());
        });
        assert_eq!(object.back_up(&callback), S_OK);
        let runs = if status == BEGIN { 1 } else { 2 };
        let calls = callback.wait_for_ends(runs);
        assert_eq!(calls, vec![[status_call(BEGIN, S_OK), status_call(END, S_OK)]; runs].concat());
    }
}

#[test]
fn cancel_in_begin_is_result_of_end() {
    let world = World::with_licenses();
    let object = world.object();
    for run in [Object::back_up, Object::restore, Object::back_up] {
        let all = SendObject(object.clone());
        let callback = callback_once_at(BEGIN, move |_| { all }.0.cancel());
        assert_eq!(run(&object, &callback), S_OK);
        let calls = callback.wait_for_ends(1);
        assert_eq!(calls.last(), Some(&status_call(END, CANCELED)), "{calls:?}");
        let callback = Callback::new();
        assert_eq!(object.back_up(&callback), S_OK);
        assert_eq!(callback.end(), S_OK, "it can be used again, and there is something to restore");
    }
}

#[test]
fn runs_can_be_chained_from_end() {
    let world = World::with_licenses();
    let object = world.object();
    let (all, left) = (SendObject(object.clone()), AtomicU32::new(9));
    let callback = Callback::with_result(move |callback, call| {
        let SendObject(object) = &all;
        if call.status == END && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            assert_eq!(object.back_up(callback), S_OK);
        }
        S_OK
    });
    assert_eq!(object.back_up(&callback), S_OK);
    let calls = callback.wait_for_ends(10);
    assert_eq!(calls.iter().filter(|call| call.status == BEGIN).count(), 10, "{calls:?}");
    assert_eq!(calls.iter().filter(|call| **call == status_call(END, S_OK)).count(), 10, "{calls:?}");
}

#[test]
fn release_may_call_object() {
    let world = World::with_licenses();
    let object = world.object();
    let (releases, next) = (Arc::new(AtomicU32::new(0)), Callback::new());
    let (all, counted, start) = (SendObject(object.clone()), releases.clone(), next.clone());
    // Each release makes all calls that take a lock.
    let callback = Callback::with(
        |_, _| S_OK,
        move |_| {
            let SendObject(object) = &all;
            object.cancel();
            // SAFETY: no arguments.
            assert_eq!(unsafe { object.props.RemoveAllProps() }.0, 0);
            assert_ne!(object.restore(&start), S_OK, "no path any more");
            counted.fetch_add(1, Ordering::SeqCst);
        },
    );
    let (holder, go) = waiting_callback();
    assert_eq!(object.back_up(&holder), S_OK);
    holder.wait_until("BEGIN", |state| !state.calls.is_empty());
    let (all, same) = (SendObject(object.clone()), callback.clone());
    let (done, answer) = mpsc::channel();
    std::thread::spawn(move || done.send({ all }.0.back_up(&same)).unwrap());
    let answer = answer.recv_timeout(std::time::Duration::from_secs(60)).expect("it does not wait for itself");
    assert_eq!((answer, releases.load(Ordering::SeqCst)), (BUSY, 1));
    go.send(()).unwrap();
    assert_eq!(holder.end(), CANCELED, "the release cancelled it");

    let object = world.object();
    assert_eq!(object.back_up(&callback), S_OK);
    assert_eq!(callback.end(), S_OK);
    callback.wait_until("the second release", |_| releases.load(Ordering::SeqCst) == 2);
    assert_eq!(next.state().calls, []);
}

/// Makes a call through the program's only reference, which the callback releases. Returns the references left.
fn call_with_last_reference(
    call: impl FnOnce(&IWMLicenseBackup, &Arc<Callback>) -> u32,
    when: impl Fn(i32) -> bool + Send + Sync + 'static,
    path: Option<&str>,
) -> (u32, Arc<Callback>, u32) {
    const RELEASED: i32 = -1;
    let object = create().unwrap();
    if let Some(path) = path {
        let props: IWMBackupRestoreProps = object.cast().unwrap();
        assert_eq!(set(&props, "BackupPath", WMT_TYPE_STRING, &bytes(path)), S_OK);
    }
    let raw = object.into_raw();
    let (only, left) = (SendObject(Mutex::new(Some(raw))), Arc::new(AtomicU32::new(u32::MAX)));
    let (kept, when) = (left.clone(), Arc::new(when));
    let let_go = Arc::new(move |status| {
        let SendObject(only) = &only;
        if when(status)
            && let Some(raw) = only.lock().unwrap().take()
        {
            // SAFETY: the reference from `create`.
            let object = std::mem::ManuallyDrop::new(unsafe { IWMLicenseBackup::from_raw(raw) });
            // SAFETY: released once.
            kept.store(unsafe { (object.vtable().base__.Release)(object.as_raw()) }, Ordering::SeqCst);
        }
    });
    let on_release = let_go.clone();
    let callback = Callback::with(
        move |_, call| {
            let_go(call.status);
            S_OK
        },
        move |_| on_release(RELEASED),
    );
    // SAFETY: the interface pointer is valid during the call, because the object keeps itself alive.
    let object = std::mem::ManuallyDrop::new(unsafe { IWMLicenseBackup::from_raw(raw) });
    let result = call(&object, &callback);
    (result, callback, left.load(Ordering::SeqCst))
}

#[test]
fn refused_call_survives_last_release() {
    let _world = World::with_licenses();
    let (result, _, left) = call_with_last_reference(
        // SAFETY: the callback lives during the call.
        |object, callback| unsafe { object.BackupLicenses(1, callback.raw()) }.0.cast_unsigned(),
        |status| status == -1,
        None,
    );
    assert_eq!((result, left), (INVALID_PROPERTY, 1), "the call has a reference of its own");
}

/// In some runs the object is freed before the call that started the run returns. AddressSanitizer detects an
/// error here.
#[test]
fn ending_run_survives_last_release() {
    let world = World::with_licenses();
    let nowhere = world.path("nowhere").display().to_string();
    for _ in 0..500 {
        let (result, callback, _) = call_with_last_reference(
            // SAFETY: the callback lives during the call.
            |object, callback| unsafe { object.BackupLicenses(1, callback.raw()) }.0.cast_unsigned(),
            |status| status == END,
            Some(&nowhere),
        );
        assert_eq!(result, S_OK);
        callback.end();
    }
}
