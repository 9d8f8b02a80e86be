//! Runs: background operations on their own thread, at most one at a time for each home.

use std::collections::HashSet;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::error::{Error, RestorerError};
use crate::home::Home;
use crate::net::Cancel;
use crate::status::{Report, Status};

/// Receiver of the status of a run. The thread of the run calls the receiver, and a panic in the receiver does not
/// end the run.
///
/// The run drops the receiver on that thread: after [`Status::End`], and before [`Run::wait`] returns.
pub trait StatusCallback: Send + Sync {
    /// Receives one status.
    fn on_status(&self, status: &Status);
}

impl<F: Fn(&Status) + Send + Sync> StatusCallback for F {
    fn on_status(&self, status: &Status) {
        self(status);
    }
}

/// Options that every run has.
#[derive(Clone)]
pub(super) struct RunOptions {
    pub location: PathBuf,
    pub computer_name: Option<String>,
    pub callback: Option<Arc<dyn StatusCallback>>,
    pub cancel: Cancel,
}

impl RunOptions {
    pub(super) fn new(location: PathBuf) -> Self {
        Self { location, computer_name: None, callback: None, cancel: Cancel::default() }
    }

    /// Makes the location absolute, so that the run is independent of a later change of the working directory.
    ///
    /// A path without an absolute form stays unchanged; opening that location reports the error.
    pub(super) fn make_absolute(&mut self) {
        if let Ok(absolute) = std::path::absolute(&self.location) {
            self.location = absolute;
        }
    }
}

/// Started backup or restore. The run continues after this handle is dropped; a caller can wait for, await or cancel
/// the run.
#[derive(Clone, Debug)]
pub struct Run {
    shared: Arc<Shared>,
    cancel: Cancel,
}

#[derive(Debug, Default)]
struct Shared {
    completion: Mutex<Completion>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Completion {
    report: Option<Report>,
    wakers: Vec<Waker>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every write under these locks is a single assignment, so a panic elsewhere cannot leave a partial change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run {
    /// Requests the end of the run.
    ///
    /// Before its commit the run ends with `NS_E_DRM_OPERATION_CANCELED` and changes nothing. After the commit the
    /// run ends normally.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for the end of the run and returns the report.
    #[must_use]
    pub fn wait(&self) -> Report {
        let mut completion = lock(&self.shared.completion);
        loop {
            if let Some(report) = &completion.report {
                return report.clone();
            }
            completion = self.shared.wake.wait(completion).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Returns the report if the run has ended.
    #[must_use]
    pub fn try_report(&self) -> Option<Report> {
        lock(&self.shared.completion).report.clone()
    }
}

impl Future for Run {
    type Output = Report;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Report> {
        let mut completion = lock(&self.shared.completion);
        match &completion.report {
            Some(report) => Poll::Ready(report.clone()),
            None => {
                if !completion.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    completion.wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

/// Folders of the homes with a run in this process.
static RUNNING: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// Entry of a home in [`RUNNING`] until the guard is dropped.
struct RunGuard(PathBuf);

impl RunGuard {
    fn new(home: &Home) -> Result<Self, Error> {
        let path = home.folder().canonicalize().unwrap_or_else(|_| home.folder().to_owned());
        if lock(&RUNNING).insert(path.clone()) { Ok(Self(path)) } else { Err(Error::Busy) }
    }
}

impl Drop for RunGuard {
    fn drop(&mut self) {
        let mut running = lock(&RUNNING);
        running.remove(&self.0);
        // A static is never dropped: without this call leak checkers of applications report the memory of the set.
        running.shrink_to_fit();
    }
}

/// Caller of a run's callback; catches the panics of the callback.
pub(super) struct StatusReporter {
    callback: Option<Arc<dyn StatusCallback>>,
}

impl StatusReporter {
    pub(super) fn report(&self, status: &Status) {
        if let Some(callback) = &self.callback {
            // AssertUnwindSafe: the run shares no state with the callback, so a panic cannot break an invariant of
            // the run.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| callback.on_status(status)));
        }
    }

    /// Drops the callback and catches a panic of its destructor.
    fn drop_callback(self) {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(self)));
    }
}

/// Starts `work` on a new thread, under the lock of the home's operations.
///
/// `callback` receives END exactly once, after the locks are released.
pub(super) fn start(
    home: &Home,
    callback: Option<Arc<dyn StatusCallback>>,
    cancel: Cancel,
    work: impl FnOnce(&Home, &StatusReporter, &Cancel) -> Result<Report, Error> + Send + 'static,
) -> Result<Run, Error> {
    let guard = RunGuard::new(home)?;
    let run = Run { shared: Arc::default(), cancel };
    let (shared, cancel, home) = (run.shared.clone(), run.cancel.clone(), home.clone());
    let body = move || {
        let reporter = StatusReporter { callback };
        let work = std::panic::AssertUnwindSafe(|| {
            let Some(lock) = home.lock_operation()? else { return Err(Error::Busy) };
            let report = work(&home, &reporter, &cancel);
            drop(lock);
            report
        });
        let report = match std::panic::catch_unwind(work) {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => Report::failed(&error),
            Err(_) => Report::failed(&RestorerError::Defect.into()),
        };
        // Released before END, so that a callback can start the next run when END arrives.
        drop(guard);
        reporter.report(&Status::End(Box::new(report.clone())));
        reporter.drop_callback();
        let mut completion = lock(&shared.completion);
        completion.report = Some(report);
        for waker in completion.wakers.drain(..) {
            waker.wake();
        }
        shared.wake.notify_all();
    };
    std::thread::Builder::new()
        .name("restow".into())
        .spawn(body)
        .map_err(|error| RestorerError::Thread(error.to_string()))?;
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_run_frees_running_set() {
        let folder = tempfile::tempdir().unwrap();
        let guard = RunGuard::new(&Home::open(folder.path()).unwrap()).unwrap();
        assert_ne!(lock(&RUNNING).capacity(), 0);
        drop(guard);
        assert_eq!(lock(&RUNNING).capacity(), 0);
    }

    #[test]
    fn relative_location_becomes_absolute() {
        let mut options = RunOptions::new(PathBuf::from("stick"));
        options.make_absolute();
        assert_eq!(options.location, std::env::current_dir().unwrap().join("stick"));
        let mut options = RunOptions::new(PathBuf::new());
        options.make_absolute();
        assert_eq!(options.location, PathBuf::new());
    }
}
