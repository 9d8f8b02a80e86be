//! Runs: background operations on their own thread, at most one at a time for each home.

use std::collections::HashSet;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use restow_core::files;

use crate::error::{Error, RestorerError};
use crate::status::{Report, Status};
use crate::{home::Home, net::Cancel};

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
        remove_running(&mut lock(&RUNNING), &self.0);
    }
}

/// Removes a folder from the set, and frees the memory of an empty set.
fn remove_running(running: &mut HashSet<PathBuf>, folder: &Path) {
    running.remove(folder);
    // A static is never dropped: without this call leak checkers of applications report the memory of the set.
    running.shrink_to_fit();
}

/// Home, cancel token and callback of a started run.
pub(super) struct RunContext {
    pub home: Home,
    pub cancel: Cancel,
    callback: Option<Arc<dyn StatusCallback>>,
}

impl RunContext {
    /// Returns [`Error::Cancelled`] if the run is cancelled.
    pub(super) fn check_cancelled(&self) -> Result<(), Error> {
        self.cancel.check(Error::Cancelled)
    }

    /// Calls the callback and catches its panics.
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
/// The callback receives END exactly once, after the locks are released.
pub(super) fn start(
    home: &Home,
    RunOptions { callback, cancel, .. }: RunOptions,
    work: impl FnOnce(&RunContext) -> Result<Report, Error> + Send + 'static,
) -> Result<Run, Error> {
    let guard = RunGuard::new(home)?;
    let run = Run { shared: Arc::default(), cancel: cancel.clone() };
    let shared = run.shared.clone();
    let context = RunContext { home: home.clone(), cancel, callback };
    let body = move || {
        let work = std::panic::AssertUnwindSafe(|| {
            let _lock = context.home.lock_operation()?.ok_or(Error::Busy)?;
            work(&context)
        });
        let report = match std::panic::catch_unwind(work) {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => Report::failed(&explain_encrypted(error, &context.home)),
            Err(_) => Report::failed(&RestorerError::Defect.into()),
        };
        // Released before END, so that a callback can start the next run when END arrives.
        drop(guard);
        context.report(&Status::End(Box::new(report.clone())));
        context.drop_callback();
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

/// Interval between two reports of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// Number of licenses between two looks at the clock and the cancel token.
const CHECK_STEP: u64 = 64;

/// Counter of licenses that reports progress at most every [`PROGRESS_INTERVAL`] and stops a cancelled run.
pub(super) struct Progress {
    done: u64,
    total: u64,
    reported_at: Instant,
}

impl Progress {
    /// Creates the counter of `total` licenses; a larger count raises the total.
    pub(super) fn new(total: u64) -> Self {
        Self { done: 0, total, reported_at: Instant::now() }
    }

    /// Counts one license.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the run is cancelled.
    pub(super) fn advance(&mut self, run: &RunContext) -> Result<(), Error> {
        self.done = self.done.saturating_add(1);
        if !self.done.is_multiple_of(CHECK_STEP) {
            return Ok(());
        }
        run.check_cancelled()?;
        if self.reported_at.elapsed() >= PROGRESS_INTERVAL {
            self.reported_at = Instant::now();
            run.report(&Status::Progress { done: self.done, total: self.total.max(self.done) });
        }
        Ok(())
    }
}

const MAX_PASSPHRASE_FILE: u64 = 64 * 1024;

/// Replaces the error of an encrypted set by the missing passphrase file, if the file is not configured or not
/// readable. This version recognizes encrypted sets by a flag and cannot read them.
fn explain_encrypted(error: Error, home: &Home) -> Error {
    let Error::Backup(backup) = &error else { return error };
    let Some(path) = backup.only_encrypted() else { return error };
    let file = match home.passphrase_file() {
        Ok(Some(file)) => file,
        Ok(None) => return RestorerError::NoPassphraseFile(path.to_owned()).into(),
        Err(settings) => return settings.into(),
    };
    match files::read_limited(&file, MAX_PASSPHRASE_FILE).map(zeroize::Zeroizing::new) {
        Ok(_) => error,
        Err(source) => RestorerError::PassphraseFile { path: path.to_owned(), file, source }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_run_frees_running_set() {
        // Runs of other tests are in the set of the process.
        let mut running = HashSet::from([PathBuf::from("home")]);
        assert_ne!(running.capacity(), 0);
        remove_running(&mut running, Path::new("home"));
        assert_eq!(running.capacity(), 0);
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
