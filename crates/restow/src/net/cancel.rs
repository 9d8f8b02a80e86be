//! Cancellation of a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Request to stop a run. Clones share the request.
#[derive(Clone, Default, Debug)]
pub struct Cancel {
    requested: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Cancel {
    /// Requests the cancellation.
    pub fn cancel(&self) {
        self.requested.store(true, Ordering::SeqCst);
    }

    /// Returns true once the cancellation is requested or the deadline has passed.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel_requested() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Returns the error if the cancellation is requested or the deadline has passed.
    pub(crate) fn check<E>(&self, cancelled: E) -> Result<(), E> {
        if self.is_cancelled() { Err(cancelled) } else { Ok(()) }
    }

    /// Returns true once the cancellation is requested. Ignores the deadline.
    pub(crate) fn cancel_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// Returns a clone that is also cancelled after `limit`. An earlier deadline stays in force.
    ///
    /// A call with a deadline contacts an unreachable service only once.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        let deadline = Instant::now().checked_add(limit);
        Self { requested: self.requested.clone(), deadline: self.deadline.into_iter().chain(deadline).min() }
    }

    /// Returns true if a deadline is set.
    pub(crate) const fn has_deadline(&self) -> bool {
        self.deadline.is_some()
    }
}
