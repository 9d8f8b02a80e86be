//! The object of the Windows Media Format SDK, and the guarantees of runs.

use std::sync::{Arc, Mutex, mpsc};

use restow::restorer::{
    BACKUP_PATH, Backup, BackupRestorer, RESTORE_PATH, Restore, StatusCallback, WM_BACKUP_OVERWRITE,
};
use restow::{Hresult, Status};

use super::stage::*;

/// Callback that records names and results, and signals END.
struct Listener {
    statuses: Mutex<Vec<(&'static str, Hresult)>>,
    ended: mpsc::SyncSender<()>,
    begin_gate: Option<Mutex<mpsc::Receiver<()>>>,
}

impl StatusCallback for Listener {
    fn on_status(&self, status: &Status) {
        if matches!(status, Status::Progress { .. }) {
            return;
        }
        self.statuses.lock().unwrap().push((status.name(), status.result()));
        if let (Status::Begin, Some(gate)) = (status, &self.begin_gate) {
            gate.lock().unwrap().recv().unwrap();
        }
        if matches!(status, Status::End(_)) {
            self.ended.send(()).unwrap();
        }
    }
}

fn listener() -> (Arc<Listener>, mpsc::Receiver<()>) {
    let (ended, end) = mpsc::sync_channel(16);
    (Arc::new(Listener { statuses: Mutex::default(), ended, begin_gate: None }), end)
}

fn gated_listener() -> (Arc<Listener>, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (ended, end) = mpsc::sync_channel(16);
    let (go, gate) = mpsc::channel();
    (Arc::new(Listener { statuses: Mutex::default(), ended, begin_gate: Some(Mutex::new(gate)) }), end, go)
}

#[test]
fn missing_argument_fails_without_status() {
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
    assert!(callback.statuses.lock().unwrap().is_empty());
}

#[test]
fn one_object_backs_up_cancels_restores() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let restorer = BackupRestorer::new(home_with_books(dir.path(), "a", 3));
    restorer.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
    restorer.set_property(RESTORE_PATH, stick.to_str().unwrap()).unwrap();
    let (callback, end) = listener();
    restorer.backup_licenses(WM_BACKUP_OVERWRITE, Some(callback.clone())).unwrap();
    end.recv().unwrap();
    assert_eq!(callback.statuses.lock().unwrap().last(), Some(&("BACKUPRESTORE_END", Hresult::S_OK)));

    let before = fingerprint(&stick);
    let (callback, end, go) = gated_listener();
    restorer.backup_licenses(WM_BACKUP_OVERWRITE, Some(callback.clone())).unwrap();
    restorer.cancel_license_backup();
    go.send(()).unwrap();
    end.recv().unwrap();
    let canceled = ("BACKUPRESTORE_END", Hresult::NS_E_DRM_OPERATION_CANCELED);
    assert_eq!(callback.statuses.lock().unwrap().last(), Some(&canceled));
    assert_eq!(fingerprint(&stick), before);

    let (callback, end, go) = gated_listener();
    restorer.restore_licenses(0, Some(callback.clone())).unwrap();
    restorer.cancel_license_restore();
    go.send(()).unwrap();
    end.recv().unwrap();
    assert_eq!(callback.statuses.lock().unwrap().last(), Some(&canceled));

    let (callback, end) = listener();
    restorer.restore_licenses(0, Some(callback.clone())).unwrap();
    end.recv().unwrap();
    let expected = [("BACKUPRESTORE_BEGIN", Hresult::S_OK), ("BACKUPRESTORE_END", Hresult::S_OK)];
    assert_eq!(*callback.statuses.lock().unwrap(), expected);

    let (callback, end) = listener();
    restorer.backup_licenses(0, Some(callback.clone())).unwrap();
    end.recv().unwrap();
    assert_eq!(
        *callback.statuses.lock().unwrap(),
        [("BACKUPRESTORE_END", Hresult::NS_E_DRM_BACKUP_EXISTS)],
        "END alone"
    );
}

#[test]
fn second_run_of_home_is_busy() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 3);
    let first = BackupRestorer::new(home.clone());
    first.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
    let (callback, end, go) = gated_listener();
    first.backup_licenses(0, Some(callback.clone())).unwrap();
    let (other, other_end) = listener();
    for restorer in [&first, &{
        let second = BackupRestorer::new(home.clone());
        second.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
        second
    }] {
        let busy = restorer.backup_licenses(0, Some(other.clone())).unwrap_err();
        assert_eq!(busy.hresult(), Hresult::NS_E_DRM_BACKUPRESTORE_BUSY);
    }
    assert!(other_end.try_recv().is_err());
    go.send(()).unwrap();
    end.recv().unwrap();

    // With the lock of another process the only status is END.
    let path = home.folder().join("operation.lock");
    let lock = std::fs::File::options().write(true).create(true).truncate(false).open(path).unwrap();
    lock.lock().unwrap();
    let report = Backup::to(&stick).start(&home).unwrap().wait();
    assert_eq!(report.result, Hresult::NS_E_DRM_BACKUPRESTORE_BUSY);
    drop(lock);
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
}

#[test]
fn callback_can_panic_and_start_run() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 3);
    let report =
        Backup::to(&stick).on_status(|_: &Status| panic!("a careless application")).start(&home).unwrap().wait();
    assert!(report.is_ok(), "{report:?}");

    let (sender, receiver) = mpsc::channel();
    let (sender, home_of_next, location) = (Mutex::new(sender), home.clone(), stick.clone());
    let run = Backup::to(&stick)
        .on_status(move |status: &Status| {
            if matches!(status, Status::End(_)) {
                let next = Restore::from(&location).start(&home_of_next).map(|run| run.wait());
                sender.lock().unwrap().send(next).unwrap();
            }
        })
        .start(&home)
        .unwrap();
    assert!(receiver.recv().unwrap().unwrap().is_ok(), "the lock is free before END");
    assert!(run.wait().is_ok());
}

/// Callback that calls a function when the last reference is dropped.
struct DropCallback<F: Fn() + Send + Sync>(F);

impl<F: Fn() + Send + Sync> StatusCallback for DropCallback<F> {
    fn on_status(&self, _: &Status) {}
}

impl<F: Fn() + Send + Sync> Drop for DropCallback<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn dropped_callback_can_call_or_panic() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 3);
    let restorer = Arc::new(BackupRestorer::new(home.clone()));
    restorer.set_property(BACKUP_PATH, stick.to_str().unwrap()).unwrap();
    let (callback, end, go) = gated_listener();
    restorer.backup_licenses(0, Some(callback)).unwrap();

    let (sender, receiver) = mpsc::channel();
    let object = restorer.clone();
    std::thread::spawn(move || {
        let inner = object.clone();
        let callback = DropCallback(move || {
            inner.remove_property(RESTORE_PATH).unwrap();
            inner.cancel_license_restore();
        });
        sender.send(object.backup_licenses(0, Some(Arc::new(callback)))).unwrap();
    });
    let result = receiver.recv_timeout(std::time::Duration::from_secs(60)).expect("no deadlock");
    assert_eq!(result.unwrap_err().hresult(), Hresult::NS_E_DRM_BACKUPRESTORE_BUSY);
    go.send(()).unwrap();
    end.recv().unwrap();

    let dropped = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = dropped.clone();
    let callback = DropCallback(move || {
        flag.store(true, std::sync::atomic::Ordering::SeqCst);
        panic!("a careless application");
    });
    assert!(Backup::to(&stick).on_status(callback).start(&home).unwrap().wait().is_ok());
    assert!(dropped.load(std::sync::atomic::Ordering::SeqCst), "the run drops the callback before wait returns");
}

#[test]
fn run_can_be_awaited() {
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
fn cancel_restores_everything_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 2000);
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    let before = fingerprint(&stick);
    let empty = super::stage::home(&dir.path().join("b"));
    for step in 0..40_u32 {
        // At any time of the cancel the store has everything or nothing.
        let run = Restore::from(&stick).start(&empty).unwrap();
        for _ in 0..step * 2_000 {
            std::hint::spin_loop();
        }
        run.cancel();
        let report = run.wait();
        let stored = documents(&empty).len();
        match report.result {
            Hresult::NS_E_DRM_OPERATION_CANCELED => assert_eq!(stored, 0),
            Hresult::S_OK => {
                assert_eq!(stored, 2000);
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
