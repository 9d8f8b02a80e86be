//! Many threads with one object.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};

use windows_core::{IUnknown, Interface as _};
use wmvcore::interfaces::{IWMLicenseRestore, WMT_TYPE_STRING};

use crate::com::Object;
use crate::com::{BEGIN, BUSY, CANCELED, Callback, END, S_OK, SendObject, bytes, set};
use crate::world::World;

const THREADS: usize = 64;

/// Calls of thread `n` in its round, besides starts of runs.
fn call_in_round(object: &Object, n: usize, stick: &[u8]) {
    match n % 4 {
        0 => assert_eq!(set(&object.props, "BackupPath", WMT_TYPE_STRING, stick), S_OK),
        1 => object.cancel(),
        2 => {
            let unknown: IUnknown = object.props.cast().unwrap();
            assert_eq!(unknown, object.backup.cast::<IWMLicenseRestore>().unwrap().cast::<IUnknown>().unwrap());
        }
        _ => {
            let name = crate::com::wide("RestorePath");
            // SAFETY: a name with a terminator.
            assert_eq!(unsafe { object.props.RemoveProp(name.as_ptr()) }.0, 0);
            assert_eq!(set(&object.props, "RestorePath", WMT_TYPE_STRING, stick), S_OK);
        }
    }
}

/// Runs a closure on many threads that begin at the same moment.
fn run_on_threads(run: impl Fn(usize) + Sync) {
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for n in 0..THREADS {
            let (barrier, run) = (&barrier, &run);
            scope.spawn(move || {
                barrier.wait();
                run(n);
            });
        }
    });
}

#[test]
fn start_during_run_is_refused() {
    let world = World::with_licenses();
    let object = SendObject(world.object());
    let stick = bytes(world.stick().to_str().unwrap());
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let all: Vec<_> = (0..THREADS).map(|_| Callback::new()).collect();
    let holder = Callback::with_result(move |_, call| {
        if call.status == BEGIN {
            wait.lock().unwrap().recv().unwrap();
        }
        S_OK
    });
    assert_eq!(object.0.back_up(&holder), S_OK);
    holder.wait_until("BEGIN", |state| !state.calls.is_empty());
    run_on_threads(|n| {
        let SendObject(object) = &object;
        let callback = &all[n];
        let start = if n % 2 == 0 { Object::back_up } else { Object::restore };
        assert_eq!(start(object, callback), BUSY);
        assert_eq!(callback.references(), 1);
        // Threads that neither cancel nor remove a path.
        if n % 2 == 0 {
            call_in_round(object, n, &stick);
        }
    });
    go.send(()).unwrap();
    assert_eq!(holder.end(), S_OK);
    assert!(all.iter().all(|callback| callback.state().calls.is_empty()), "a refused callback gets no call");
}

#[test]
fn simultaneous_starts_run_once() {
    let world = World::with_licenses();
    let object = SendObject(world.object());
    // The backup gives every restore a BEGIN to wait in.
    let first = Callback::new();
    assert_eq!(object.0.back_up(&first), S_OK);
    assert_eq!(first.end(), S_OK);
    let taken = AtomicUsize::new(0);
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let callback = Callback::with_result(move |_, call| {
        if call.status == BEGIN {
            wait.lock().unwrap().recv().unwrap();
        }
        S_OK
    });
    run_on_threads(|n| {
        let SendObject(object) = &object;
        let start = if n % 2 == 0 { Object::back_up } else { Object::restore };
        match start(object, &callback) {
            S_OK => taken.fetch_add(1, Ordering::SeqCst),
            answer => {
                assert_eq!(answer, BUSY);
                0
            }
        };
    });
    assert_eq!(taken.load(Ordering::SeqCst), 1);
    go.send(()).unwrap();
    assert_eq!(callback.end(), S_OK);
}

#[test]
fn concurrent_calls_allow_one_run() {
    const ROUNDS: usize = 20;
    let world = World::with_licenses();
    let object = SendObject(world.object());
    let first = Callback::new();
    assert_eq!(object.0.back_up(&first), S_OK);
    assert_eq!(first.end(), S_OK);
    let before = object.0.references();

    let stick = bytes(world.stick().to_str().unwrap());
    let at_work = Arc::new(AtomicUsize::new(0));
    let (taken, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    run_on_threads(|n| {
        let SendObject(object) = &object;
        for round in 0..ROUNDS {
            call_in_round(object, n + round, &stick);
            let at_work = at_work.clone();
            let callback = Callback::with_result(move |_, call| {
                if call.status != END {
                    assert_eq!(at_work.fetch_add(1, Ordering::SeqCst), 0, "another run is telling, too");
                    std::thread::yield_now();
                    at_work.fetch_sub(1, Ordering::SeqCst);
                }
                S_OK
            });
            let start = if (n + round) % 2 == 0 { Object::back_up } else { Object::restore };
            match start(object, &callback) {
                S_OK => {
                    taken.fetch_add(1, Ordering::SeqCst);
                    call_in_round(object, n, &stick);
                    let result = callback.end();
                    assert!(matches!(result, S_OK | CANCELED), "0x{result:08X}");
                    let calls: Vec<i32> = callback.state().calls.iter().map(|call| call.status).collect();
                    assert!(matches!(calls[..], [END] | [BEGIN, END]), "{calls:?}");
                }
                // Another thread may have removed a path.
                _ => {
                    refused.fetch_add(1, Ordering::SeqCst);
                    assert_eq!((callback.references(), callback.state().calls), (1, vec![]));
                }
            }
        }
    });
    let (taken, refused) = (taken.into_inner(), refused.into_inner());
    assert_eq!(taken + refused, THREADS * ROUNDS);
    assert!(taken >= 1, "{taken} of {}", THREADS * ROUNDS);
    assert_eq!(object.0.references(), before, "every reference was given back");
    println!("{taken} runs, {refused} refused");
}
