//! Many threads, one object.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};

use windows_core::{IUnknown, Interface as _};
use wmvcore::interfaces::{IWMLicenseRestore, WMT_TYPE_STRING};

use crate::com::Object;
use crate::com::{BEGIN, BUSY, CANCELED, Callback, END, Everywhere, S_OK, bytes, set};
use crate::world::World;

const THREADS: usize = 64;

/// What thread number `n` calls in its round, beside starting runs.
fn meanwhile(object: &Object, n: usize, stick: &[u8]) {
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

/// Runs this on so many threads, which begin together.
fn together(run: impl Fn(usize) + Sync) {
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
fn while_one_run_goes_on_every_other_start_is_refused() {
    let world = World::with_books();
    let object = Everywhere(world.object());
    let stick = bytes(world.stick().to_str().unwrap());
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let all: Vec<_> = (0..THREADS).map(|_| Callback::new()).collect();
    let holder = Callback::answering(move |_, told| {
        if told.status == BEGIN {
            wait.lock().unwrap().recv().unwrap();
        }
        S_OK
    });
    assert_eq!(object.0.back_up(&holder), S_OK);
    holder.wait_until("BEGIN", |state| !state.told.is_empty());
    together(|n| {
        let Everywhere(object) = &object;
        let callback = &all[n];
        let start = if n % 2 == 0 { Object::back_up } else { Object::restore };
        assert_eq!(start(object, callback), BUSY);
        assert_eq!(callback.references(), 1);
        // Neither a cancel nor a path that is removed.
        if n % 2 == 0 {
            meanwhile(object, n, &stick);
        }
    });
    go.send(()).unwrap();
    assert_eq!(holder.end(), S_OK);
    assert!(all.iter().all(|callback| callback.state().told.is_empty()), "who is refused is told nothing");
}

#[test]
fn of_starts_at_the_same_moment_one_is_taken() {
    let world = World::with_books();
    let object = Everywhere(world.object());
    // So that there is something to restore, and every run has a BEGIN to wait in.
    let first = Callback::new();
    assert_eq!(object.0.back_up(&first), S_OK);
    assert_eq!(first.end(), S_OK);
    let taken = AtomicUsize::new(0);
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let callback = Callback::answering(move |_, told| {
        if told.status == BEGIN {
            wait.lock().unwrap().recv().unwrap();
        }
        S_OK
    });
    together(|n| {
        let Everywhere(object) = &object;
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
fn threads_that_call_all_they_can_see_one_run_at_a_time() {
    const ROUNDS: usize = 20;
    let world = World::with_books();
    let object = Everywhere(world.object());
    let first = Callback::new();
    assert_eq!(object.0.back_up(&first), S_OK);
    assert_eq!(first.end(), S_OK);
    let before = object.0.references();

    let stick = bytes(world.stick().to_str().unwrap());
    let at_work = Arc::new(AtomicUsize::new(0));
    let (taken, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    together(|n| {
        let Everywhere(object) = &object;
        for round in 0..ROUNDS {
            meanwhile(object, n + round, &stick);
            let at_work = at_work.clone();
            let callback = Callback::answering(move |_, told| {
                if told.status != END {
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
                    meanwhile(object, n, &stick);
                    let result = callback.end();
                    assert!(matches!(result, S_OK | CANCELED), "0x{result:08X}");
                    let told: Vec<i32> = callback.state().told.iter().map(|told| told.status).collect();
                    assert!(matches!(told[..], [END] | [BEGIN, END]), "{told:?}");
                }
                // A path may just be removed.
                _ => {
                    refused.fetch_add(1, Ordering::SeqCst);
                    assert_eq!((callback.references(), callback.state().told), (1, vec![]));
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
