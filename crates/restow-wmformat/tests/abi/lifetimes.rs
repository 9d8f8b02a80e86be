//! Who holds what, for how long, and what may happen meanwhile.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};

use windows_core::Interface as _;
use wmvcore::interfaces::{IRestowCatalog, IWMBackupRestoreProps, IWMLicenseBackup, WMT_TYPE_DWORD, WMT_TYPE_STRING};

use crate::com::Object;
use crate::com::{
    BEGIN, BUSY, CANCELED, Callback, E_FAIL, E_INVALIDARG, END, Everywhere, INVALID_PROPERTY, S_OK, Told, bytes,
    create, set,
};
use crate::world::World;

fn plain(status: i32, result: u32) -> Told {
    Told { status, result, data_type: WMT_TYPE_DWORD, value: None, has_context: false }
}

/// A callback that waits in BEGIN until it may go on.
fn held() -> (Arc<Callback>, mpsc::Sender<()>) {
    let (go, wait) = mpsc::channel();
    let wait = Mutex::new(wait);
    let callback = Callback::answering(move |_, told| {
        if told.status == BEGIN {
            wait.lock().unwrap().recv().unwrap();
        }
        S_OK
    });
    (callback, go)
}

/// A callback that does something when this status is told, once.
fn once_at(status: i32, what: impl FnOnce(&Arc<Callback>) + Send + 'static) -> Arc<Callback> {
    let what = Mutex::new(Some(what));
    Callback::answering(move |callback, told| {
        if told.status == status
            && let Some(what) = what.lock().unwrap().take()
        {
            what(callback);
        }
        S_OK
    })
}

#[test]
fn a_callback_is_held_from_the_start_of_a_run_until_its_end_was_told() {
    let world = World::with_books();
    let object = world.object();
    let counts = Arc::new(Mutex::new(Vec::new()));
    let counted = counts.clone();
    let callback = Callback::answering(move |callback, told| {
        counted.lock().unwrap().push((told.status, callback.references()));
        S_OK
    });
    for run in [Object::back_up, Object::restore] {
        assert_eq!(run(&object, &callback), S_OK);
        callback.wait_until("the release", |state| state.references == 1);
        assert_eq!(callback.state().ends(), counts.lock().unwrap().len() / 2, "not before END was told");
    }
    let told = callback.state().told;
    assert_eq!(told, [plain(BEGIN, S_OK), plain(END, S_OK), plain(BEGIN, S_OK), plain(END, S_OK)]);
    assert_eq!(*counts.lock().unwrap(), [(BEGIN, 2), (END, 2), (BEGIN, 2), (END, 2)], "one reference, no more");
    drop(object);
    assert_eq!(callback.references(), 1);
}

#[test]
fn a_start_that_is_refused_holds_nothing_and_tells_nothing() {
    let world = World::with_books();
    let (object, bare, other) = (world.object(), Object::new(), world.object());
    let (first, go) = held();
    assert_eq!(object.back_up(&first), S_OK);
    first.wait_until("BEGIN", |state| !state.told.is_empty());
    let refused = Callback::new();
    for object in [&object, &other] {
        assert_eq!((object.back_up(&refused), object.restore(&refused)), (BUSY, BUSY));
        assert_eq!(refused.references(), 1, "let go of before the call is over");
    }
    assert_ne!(bare.back_up(&refused), S_OK);
    go.send(()).unwrap();
    assert_eq!(first.end(), S_OK);
    assert_eq!((refused.references(), refused.state().told), (1, vec![]));
}

#[test]
fn the_callback_of_the_object_is_not_kept() {
    let _world = World::new();
    let callback = Callback::new();
    let mut made = std::ptr::null_mut();
    // SAFETY: an IUnknown, and room for a pointer.
    assert_eq!(unsafe { wmvcore::WMCreateBackupRestorer(callback.raw(), &mut made) }.0, 0);
    assert_eq!(callback.references(), 1);
    // SAFETY: what was made, with its reference.
    drop(unsafe { windows_core::IUnknown::from_raw(made) });
    assert_eq!((callback.references(), callback.state().told), (1, vec![]));
}

#[test]
fn the_last_reference_may_go_in_begin_in_end_or_from_another_thread() {
    let world = World::with_books();
    for status in [BEGIN, END] {
        let object = world.object();
        let all = Everywhere(object.clone());
        let barrier = Arc::new(Barrier::new(2));
        let passed = barrier.clone();
        let callback = once_at(status, move |_| {
            barrier.wait();
            let Everywhere(object) = { all };
            assert_eq!(object.references(), 3, "the last ones");
        });
        assert_eq!(object.back_up(&callback), S_OK);
        drop(object);
        passed.wait();
        assert_eq!(callback.end(), S_OK);
    }
    let (callback, go) = held();
    let object = world.object();
    assert_eq!(object.restore(&callback), S_OK);
    callback.wait_until("BEGIN", |state| !state.told.is_empty());
    let object = Everywhere(object);
    std::thread::spawn(move || drop(object)).join().unwrap();
    go.send(()).unwrap();
    assert_eq!(callback.end(), S_OK, "a run goes on without its object");
}

#[test]
fn what_on_status_answers_changes_nothing() {
    let world = World::with_books();
    let object = world.object();
    for answer in [E_FAIL, E_INVALIDARG, 1, 0x8000_0000, 0xFFFF_FFFF] {
        let callback = Callback::answering(move |_, _| answer);
        assert_eq!(object.back_up(&callback), S_OK);
        assert_eq!(callback.wait_for_ends(1), [plain(BEGIN, S_OK), plain(END, S_OK)]);
    }
}

#[test]
fn everything_may_be_called_from_begin_and_end() {
    let world = World::with_books();
    for status in [BEGIN, END] {
        let object = world.object();
        let (all, stick) = (Everywhere(object.clone()), crate::com::bytes(world.stick().to_str().unwrap()));
        let callback = once_at(status, move |callback| {
            let Everywhere(object) = &all;
            let expected = if status == BEGIN { BUSY } else { S_OK };
            assert_eq!(object.back_up(callback), expected);
            assert_eq!(set(&object.props, "BackupPath", WMT_TYPE_STRING, &stick), S_OK);
            // SAFETY: it takes nothing.
            assert_eq!(unsafe { object.restore.CancelLicenseRestore() }.0, 0, "not of this kind");
            drop(object.backup.cast::<IRestowCatalog>().unwrap());
        });
        assert_eq!(object.back_up(&callback), S_OK);
        let runs = if status == BEGIN { 1 } else { 2 };
        let told = callback.wait_for_ends(runs);
        assert_eq!(told, vec![[plain(BEGIN, S_OK), plain(END, S_OK)]; runs].concat());
    }
}

#[test]
fn a_cancel_from_begin_is_the_result_of_the_end() {
    let world = World::with_books();
    let object = world.object();
    for run in [Object::back_up, Object::restore, Object::back_up] {
        let all = Everywhere(object.clone());
        let callback = once_at(BEGIN, move |_| { all }.0.cancel());
        assert_eq!(run(&object, &callback), S_OK);
        let told = callback.wait_for_ends(1);
        assert_eq!(told.last(), Some(&plain(END, CANCELED)), "{told:?}");
        let callback = Callback::new();
        assert_eq!(object.back_up(&callback), S_OK);
        assert_eq!(callback.end(), S_OK, "it can be used again, and there is something to restore");
    }
}

#[test]
fn a_chain_of_runs_each_started_from_the_end_of_the_one_before() {
    let world = World::with_books();
    let object = world.object();
    let (all, left) = (Everywhere(object.clone()), AtomicU32::new(9));
    let callback = Callback::answering(move |callback, told| {
        let Everywhere(object) = &all;
        if told.status == END && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            assert_eq!(object.back_up(callback), S_OK);
        }
        S_OK
    });
    assert_eq!(object.back_up(&callback), S_OK);
    let told = callback.wait_for_ends(10);
    assert_eq!(told.iter().filter(|told| told.status == BEGIN).count(), 10, "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == plain(END, S_OK)).count(), 10, "{told:?}");
}

#[test]
fn a_release_may_call_the_object() {
    let world = World::with_books();
    let object = world.object();
    let (releases, next) = (Arc::new(AtomicU32::new(0)), Callback::new());
    let (all, counted, start) = (Everywhere(object.clone()), releases.clone(), next.clone());
    // Each time it is let go of, it does all that takes a lock.
    let callback = Callback::with(
        |_, _| S_OK,
        move |_| {
            let Everywhere(object) = &all;
            object.cancel();
            // SAFETY: it takes nothing.
            assert_eq!(unsafe { object.props.RemoveAllProps() }.0, 0);
            assert_ne!(object.restore(&start), S_OK, "no path any more");
            counted.fetch_add(1, Ordering::SeqCst);
        },
    );
    let (holder, go) = held();
    assert_eq!(object.back_up(&holder), S_OK);
    holder.wait_until("BEGIN", |state| !state.told.is_empty());
    let (all, same) = (Everywhere(object.clone()), callback.clone());
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
    assert_eq!(next.state().told, []);
}

/// Calls through a pointer to the program's only reference, which the callback gives back meanwhile; how many are left then.
fn calls_and_lets_go(
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
    let (only, left) = (Everywhere(Mutex::new(Some(raw))), Arc::new(AtomicU32::new(u32::MAX)));
    let (kept, when) = (left.clone(), Arc::new(when));
    let let_go = Arc::new(move |status| {
        let Everywhere(only) = &only;
        if when(status)
            && let Some(raw) = only.lock().unwrap().take()
        {
            // SAFETY: the reference that `create` gave.
            let object = std::mem::ManuallyDrop::new(unsafe { IWMLicenseBackup::from_raw(raw) });
            // SAFETY: it is given back, once.
            kept.store(unsafe { (object.vtable().base__.Release)(object.as_raw()) }, Ordering::SeqCst);
        }
    });
    let on_release = let_go.clone();
    let callback = Callback::with(
        move |_, told| {
            let_go(told.status);
            S_OK
        },
        move |_| on_release(RELEASED),
    );
    // SAFETY: an interface pointer that lives while the call, whatever else is let go of, says so.
    let object = std::mem::ManuallyDrop::new(unsafe { IWMLicenseBackup::from_raw(raw) });
    let result = call(&object, &callback);
    (result, callback, left.load(Ordering::SeqCst))
}

#[test]
fn a_refused_call_outlives_the_programs_last_reference() {
    let _world = World::with_books();
    let (result, _, left) = calls_and_lets_go(
        // SAFETY: a callback that lives during the call.
        |object, callback| unsafe { object.BackupLicenses(1, callback.raw()) }.0.cast_unsigned(),
        |status| status == -1,
        None,
    );
    assert_eq!((result, left), (INVALID_PROPERTY, 1), "the call has a reference of its own");
}

/// The object is gone before the call that started the run has returned, in some of them: under AddressSanitizer this shows.
#[test]
fn a_call_whose_run_ends_at_once_outlives_the_programs_last_reference() {
    let world = World::with_books();
    let nowhere = world.path("nowhere").display().to_string();
    for _ in 0..500 {
        let (result, callback, _) = calls_and_lets_go(
            // SAFETY: a callback that lives during the call.
            |object, callback| unsafe { object.BackupLicenses(1, callback.raw()) }.0.cast_unsigned(),
            |status| status == END,
            Some(&nowhere),
        );
        assert_eq!(result, S_OK);
        callback.end();
    }
}
