//! Runs: one at a time for each home, on their own thread.

use std::collections::HashSet;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::error::Error;
use crate::error::RestorerError;
use crate::home::Home;
use crate::restorer::options::{Backup, Restore};
use crate::restorer::restore::passphrase::explained;
use crate::service::Cancel;
use crate::status::{Report, Status};

/// Whom a run tells how it goes. It is called from the run's own thread; a panic in it is caught and ends nothing.
///
/// A run lets go of it on that thread, right after it was told [`Status::End`] and before [`Run::wait`] returns.
pub trait StatusCallback: Send + Sync {
    /// Something happened.
    fn on_status(&self, status: &Status);
}

impl<F: Fn(&Status) + Send + Sync> StatusCallback for F {
    fn on_status(&self, status: &Status) {
        self(status);
    }
}

/// A backup or restore that was started. It goes on when this handle is dropped; it can be waited for, awaited and cancelled.
#[derive(Clone, Debug)]
pub struct Run {
    shared: Arc<Shared>,
    cancel: Cancel,
}

#[derive(Debug, Default)]
struct Shared {
    ended: Mutex<Ended>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Ended {
    report: Option<Report>,
    wakers: Vec<Waker>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is replaced whole, so a panic elsewhere cannot leave it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run {
    /// Asks the run to stop. Before its commit it ends with `NS_E_DRM_OPERATION_CANCELED` and changes nothing; after it, it
    /// ends as it would have.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for the end.
    #[must_use]
    pub fn wait(&self) -> Report {
        let mut ended = lock(&self.shared.ended);
        loop {
            if let Some(report) = &ended.report {
                return report.clone();
            }
            ended = self.shared.wake.wait(ended).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The report, if the run is over.
    #[must_use]
    pub fn try_report(&self) -> Option<Report> {
        lock(&self.shared.ended).report.clone()
    }
}

impl Future for Run {
    type Output = Report;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Report> {
        let mut ended = lock(&self.shared.ended);
        match &ended.report {
            Some(report) => Poll::Ready(report.clone()),
            None => {
                if !ended.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    ended.wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

/// Homes with a run in this process.
static RUNNING: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

struct Claim(PathBuf);

impl Claim {
    fn on(home: &Home) -> Result<Self, Error> {
        let path = home.folder().canonicalize().unwrap_or_else(|_| home.folder().to_owned());
        if lock(&RUNNING).insert(path.clone()) { Ok(Self(path)) } else { Err(RestorerError::Busy.into()) }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut running = lock(&RUNNING);
        running.remove(&self.0);
        // What is never freed keeps no memory, either: leak checkers name it in the programs of others.
        running.shrink_to_fit();
    }
}

/// Tells a run's callback; panics in it stay there.
pub(super) struct Teller {
    callback: Option<Arc<dyn StatusCallback>>,
}

impl Teller {
    pub(super) fn tell(&self, status: &Status) {
        if let Some(callback) = &self.callback {
            // The callback's state is its own business; ours is not touched by its panic.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| callback.on_status(status)));
        }
    }

    /// Nothing is told any more. What the callback does when it is dropped is its own business, too.
    fn let_go(self) {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(self)));
    }
}

/// Where a run works, wherever the program goes meanwhile. A path that has no absolute form says so itself when it is used.
fn fixed(location: &mut PathBuf) {
    if let Ok(absolute) = std::path::absolute(&*location) {
        *location = absolute;
    }
}

pub(super) fn start_backup(mut backup: Backup, home: &Home) -> Result<Run, Error> {
    fixed(&mut backup.location);
    let (callback, cancel) = (backup.callback.clone(), backup.cancel.clone());
    start(home, callback, cancel, move |home, teller, cancel| {
        crate::restorer::backup::run::run(&backup, home, teller, cancel)
    })
}

pub(super) fn start_restore(mut restore: Restore, home: &Home) -> Result<Run, Error> {
    fixed(&mut restore.location);
    let (callback, cancel) = (restore.callback.clone(), restore.cancel.clone());
    start(home, callback, cancel, move |home, teller, cancel| {
        crate::restorer::restore::run::run(&restore, home, teller, cancel)
    })
}

fn start(
    home: &Home,
    callback: Option<Arc<dyn StatusCallback>>,
    cancel: Cancel,
    work: impl FnOnce(&Home, &Teller, &Cancel) -> Result<Report, Error> + Send + 'static,
) -> Result<Run, Error> {
    let claim = Claim::on(home)?;
    let run = Run { shared: Arc::default(), cancel };
    let (shared, cancel, home) = (run.shared.clone(), run.cancel.clone(), home.clone());
    let body = move || {
        let teller = Teller { callback };
        let work = std::panic::AssertUnwindSafe(|| {
            let Some(lock) = home.lock_operation()? else { return Err(RestorerError::Busy.into()) };
            let report = work(&home, &teller, &cancel);
            drop(lock);
            report
        });
        let report = match std::panic::catch_unwind(work) {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => Report::failed(&explained(error, &home)),
            Err(_) => Report::failed(&RestorerError::Defect.into()),
        };
        // Freed before END, so that a callback can start the next run from it.
        drop(claim);
        teller.tell(&Status::End(Box::new(report.clone())));
        teller.let_go();
        let mut ended = lock(&shared.ended);
        ended.report = Some(report);
        for waker in ended.wakers.drain(..) {
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
    fn after_the_last_run_nothing_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let claim = Claim::on(&Home::open(folder.path()).unwrap()).unwrap();
        assert_ne!(lock(&RUNNING).capacity(), 0);
        drop(claim);
        assert_eq!(lock(&RUNNING).capacity(), 0);
    }

    #[test]
    fn a_location_stays_where_it_is_when_the_program_goes_elsewhere() {
        let mut location = PathBuf::from("stick");
        fixed(&mut location);
        assert_eq!(location, std::env::current_dir().unwrap().join("stick"));
        let mut none = PathBuf::new();
        fixed(&mut none);
        assert_eq!(none, PathBuf::new());
    }
}
