//! The object as the Windows Media Format SDK knows it, and what runs promise.

use std::sync::{Arc, Mutex, mpsc};

use restow::restorer::{
    BACKUP_PATH, Backup, BackupRestorer, RESTORE_PATH, Restore, StatusCallback, WM_BACKUP_OVERWRITE,
};
use restow::{Hresult, Status};

use super::stage::*;

/// Keeps names and results, and says when END came.
struct Listener {
    told: Mutex<Vec<(&'static str, Hresult)>>,
    ended: mpsc::SyncSender<()>,
    hold_begin: Option<Mutex<mpsc::Receiver<()>>>,
}

impl StatusCallback for Listener {
    fn on_status(&self, status: &Status) {
        if matches!(status, Status::Progress { .. }) {
            return;
        }
        self.told.lock().unwrap().push((status.name(), status.result()));
        if let (Status::Begin, Some(hold)) = (status, &self.hold_begin) {
            hold.lock().unwrap().recv().unwrap();
        }
        if matches!(status, Status::End(_)) {
            self.ended.send(()).unwrap();
        }
    }
}

fn listener() -> (Arc<Listener>, mpsc::Receiver<()>) {
    let (ended, end) = mpsc::sync_channel(16);
    (Arc::new(Listener { told: Mutex::default(), ended, hold_begin: None }), end)
}

fn held() -> (Arc<Listener>, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (ended, end) = mpsc::sync_channel(16);
    let (go, hold) = mpsc::channel();
    (Arc::new(Listener { told: Mutex::default(), ended, hold_begin: Some(Mutex::new(hold)) }), end, go)
}

#[test]
fn what_is_missing_is_the_methods_result_and_nothing_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let restorer = BackupRestorer::new(home(&dir.path().join("a")));
    let (callback, end) = listener();
    let no_path = restorer.backup_licenses(0, Some(callback.clone())).unwrap_err();
    assert_eq!(no_path.hresult(), Hresult::NS_E_DRM_INVALID_PROPERTY);
    let no_path = restorer.restore_licenses(0, Some(callback.clone())).unwrap_err();
    assert_eq!(no_path.hresult(), Hresult::NS_E_DRM_INVALID_PROPERTY);
    restorer.set_property(BACKUP_PATH, dir.path().to_str().unwrap()).unwrap();
    assert_eq!(restorer.backup_licenses(0, None).unwrap_err().hresult(), Hresult::E_INVALIDARG);
    assert_eq!(restorer.set_property("Path", "x").unwrap_err().hresult(), Hresult::E_INVALIDARG);
    restorer.remove_property(BACKUP_PATH).unwrap();
    restorer.remove_property(BACKUP_PATH).unwrap();
    restorer.set_property(RESTORE_PATH, "x").unwrap();
    restorer.remove_all_properties();
    restorer.remove_all_properties();
    assert!(restorer.restore_licenses(0, Some(callback.clone())).is_err());
    restorer.cancel_license_backup();
    assert!(end.try_recv().is_err());
    assert!(callback.told.lock().unwrap().is_empty());
}

#[test]
fn backup_then_cancel_then_restore_with_one_object() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let restorer = BackupRestorer::new(home_with_books(dir.path(), "a", 3));
    restorer.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
    restorer.set_property(RESTORE_PATH, stick.to_str().unwrap()).unwrap();
    let (callback, end) = listener();
    restorer.backup_licenses(WM_BACKUP_OVERWRITE, Some(callback.clone())).unwrap();
    end.recv().unwrap();
    assert_eq!(callback.told.lock().unwrap().last(), Some(&("BACKUPRESTORE_END", Hresult::S_OK)));

    let before = fingerprint(&stick);
    let (callback, end, go) = held();
    restorer.backup_licenses(WM_BACKUP_OVERWRITE, Some(callback.clone())).unwrap();
    restorer.cancel_license_backup();
    go.send(()).unwrap();
    end.recv().unwrap();
    let canceled = ("BACKUPRESTORE_END", Hresult::NS_E_DRM_OPERATION_CANCELED);
    assert_eq!(callback.told.lock().unwrap().last(), Some(&canceled));
    assert_eq!(fingerprint(&stick), before);

    let (callback, end, go) = held();
    restorer.restore_licenses(0, Some(callback.clone())).unwrap();
    restorer.cancel_license_restore();
    go.send(()).unwrap();
    end.recv().unwrap();
    assert_eq!(callback.told.lock().unwrap().last(), Some(&canceled));

    let (callback, end) = listener();
    restorer.restore_licenses(0, Some(callback.clone())).unwrap();
    end.recv().unwrap();
    let expected = [("BACKUPRESTORE_BEGIN", Hresult::S_OK), ("BACKUPRESTORE_END", Hresult::S_OK)];
    assert_eq!(*callback.told.lock().unwrap(), expected);

    let (callback, end) = listener();
    restorer.backup_licenses(0, Some(callback.clone())).unwrap();
    end.recv().unwrap();
    assert_eq!(*callback.told.lock().unwrap(), [("BACKUPRESTORE_END", Hresult::NS_E_DRM_BACKUP_EXISTS)], "END alone");
}

#[test]
fn one_at_a_time_in_this_process_and_across_processes() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 3);
    let first = BackupRestorer::new(home.clone());
    first.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
    let (callback, end, go) = held();
    first.backup_licenses(0, Some(callback.clone())).unwrap();
    let (other, never) = listener();
    for restorer in [&first, &{
        let second = BackupRestorer::new(home.clone());
        second.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
        second
    }] {
        let busy = restorer.backup_licenses(0, Some(other.clone())).unwrap_err();
        assert_eq!(busy.hresult(), Hresult::NS_E_DRM_BACKUPRESTORE_BUSY);
    }
    assert!(never.try_recv().is_err());
    go.send(()).unwrap();
    end.recv().unwrap();

    // Another process holds the home: that comes as END alone.
    let path = home.folder().join("operation.lock");
    let lock = std::fs::File::options().write(true).create(true).truncate(false).open(path).unwrap();
    lock.lock().unwrap();
    let report = Backup::to(&stick).start(&home).unwrap().wait();
    assert_eq!(report.result, Hresult::NS_E_DRM_BACKUPRESTORE_BUSY);
    drop(lock);
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
}

#[test]
fn a_callback_may_panic_and_may_start_the_next_run_from_end() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 3);
    let report =
        Backup::to(&stick).on_status(|_: &Status| panic!("a careless application")).start(&home).unwrap().wait();
    assert!(report.is_ok(), "{report:?}");

    let (sender, receiver) = mpsc::channel();
    let (sender, again, place) = (Mutex::new(sender), home.clone(), stick.clone());
    let run = Backup::to(&stick)
        .on_status(move |status: &Status| {
            if matches!(status, Status::End(_)) {
                let next = Restore::from(&place).start(&again).map(|run| run.wait());
                sender.lock().unwrap().send(next).unwrap();
            }
        })
        .start(&home)
        .unwrap();
    assert!(receiver.recv().unwrap().unwrap().is_ok(), "the lock is free before END");
    assert!(run.wait().is_ok());
}

/// Does something when the last reference to it goes.
struct Parting<F: Fn() + Send + Sync>(F);

impl<F: Fn() + Send + Sync> StatusCallback for Parting<F> {
    fn on_status(&self, _: &Status) {}
}

impl<F: Fn() + Send + Sync> Drop for Parting<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn a_callback_may_call_the_object_or_panic_where_it_is_let_go_of() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 3);
    let restorer = Arc::new(BackupRestorer::new(home.clone()));
    restorer.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
    let (callback, end, go) = held();
    restorer.backup_licenses(0, Some(callback)).unwrap();

    let (done, refused) = mpsc::channel();
    let same = restorer.clone();
    std::thread::spawn(move || {
        let again = same.clone();
        let parting = Parting(move || {
            again.remove_property(RESTORE_PATH).unwrap();
            again.cancel_license_restore();
        });
        done.send(same.backup_licenses(0, Some(Arc::new(parting)))).unwrap();
    });
    let refused = refused.recv_timeout(std::time::Duration::from_secs(60)).expect("it does not wait for itself");
    assert_eq!(refused.unwrap_err().hresult(), Hresult::NS_E_DRM_BACKUPRESTORE_BUSY);
    go.send(()).unwrap();
    end.recv().unwrap();

    let gone = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let going = gone.clone();
    let parting = Parting(move || {
        going.store(true, std::sync::atomic::Ordering::SeqCst);
        panic!("a careless application");
    });
    assert!(Backup::to(&stick).on_status(parting).start(&home).unwrap().wait().is_ok());
    assert!(gone.load(std::sync::atomic::Ordering::SeqCst), "let go of before the wait is over");
}

#[test]
fn a_run_can_be_awaited() {
    use std::future::Future as _;
    use std::task::{Context, Poll, Wake, Waker};
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 3);
    let mut run = Box::pin(Backup::to(&stick).start(&home).unwrap());
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let report = loop {
        match run.as_mut().poll(&mut context) {
            Poll::Ready(report) => break report,
            Poll::Pending => std::thread::park(),
        }
    };
    assert!(report.is_ok());
}

#[test]
fn cancelled_at_every_license_or_done() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 2000);
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    let before = fingerprint(&stick);
    let empty = super::stage::home(&dir.path().join("b"));
    for step in 0..40_u32 {
        // Wherever the cancel falls, there is everything or nothing.
        let run = Restore::from(&stick).start(&empty).unwrap();
        for _ in 0..step * 2_000 {
            std::hint::spin_loop();
        }
        run.cancel();
        let report = run.wait();
        let here = documents(&empty).len();
        match report.result {
            Hresult::NS_E_DRM_OPERATION_CANCELED => assert_eq!(here, 0),
            Hresult::S_OK => {
                assert_eq!(here, 2000);
                let mut store = empty.store().unwrap();
                let mut rows = Vec::new();
                let listed: Result<(), restow::Error> =
                    store.view().each_license(restow::store::LicenseFilter::All, |entry| {
                        rows.push(entry.row);
                        Ok(())
                    });
                listed.unwrap();
                let change = store.change().unwrap();
                rows.into_iter().for_each(|row| change.remove_license(row).unwrap());
                change.commit().unwrap();
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(fingerprint(&stick), before);
}
