//! Cancellation of a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Tells a run to stop. Clones tell the same run.
#[derive(Clone, Default, Debug)]
pub struct Cancel {
    requested: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Cancel {
    /// Asks for the end.
    pub fn cancel(&self) {
        self.requested.store(true, Ordering::SeqCst);
    }

    /// True once requested, or when the time is over.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel_requested() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// True once requested, whatever the time.
    pub(crate) fn cancel_requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// The same, for those who cannot wait long: what is done with it ends after `limit` in all, and asks a service that is out of reach
    /// only once.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        let deadline = Instant::now().checked_add(limit);
        Self { requested: self.requested.clone(), deadline: self.deadline.into_iter().chain(deadline).min() }
    }

    /// True for those who cannot wait long.
    pub(crate) const fn has_deadline(&self) -> bool {
        self.deadline.is_some()
    }
}
