//! Cancellation of a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Tells a run to stop. Clones tell the same run.
#[derive(Clone, Default, Debug)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    until: Option<Instant>,
}

impl Cancel {
    /// Asks for the end.
    pub fn cancel(&self) {
        self.asked.store(true, Ordering::SeqCst);
    }

    /// True once asked, or when the time is over.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.was_asked() || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// True once asked, whatever the time.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// The same, for those who cannot wait long: what is done with it ends after `limit` in all, and asks a service that is out of reach
    /// only once.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        let until = Instant::now().checked_add(limit);
        Self { asked: self.asked.clone(), until: self.until.into_iter().chain(until).min() }
    }

    /// True for those who cannot wait long.
    pub(crate) const fn is_limited(&self) -> bool {
        self.until.is_some()
    }
}
