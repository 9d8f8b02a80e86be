//! Progress of a run, limited to ten reports a second.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::net::Cancel;
use crate::restorer::run::StatusReporter;
use crate::status::Status;

const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// Number of licenses between two looks at the clock and the cancel token.
const CHECK_STEP: u64 = 64;

/// Counter of licenses that reports progress at most every [`PROGRESS_INTERVAL`] and stops a cancelled run.
pub(crate) struct Progress {
    done: u64,
    total: u64,
    reported_at: Instant,
}

impl Progress {
    /// Creates the counter of `total` licenses; a larger count raises the total.
    pub(crate) fn new(total: u64) -> Self {
        Self { done: 0, total, reported_at: Instant::now() }
    }

    /// Counts one license.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if `cancel` is cancelled.
    pub(crate) fn advance(&mut self, reporter: &StatusReporter, cancel: &Cancel) -> Result<(), Error> {
        self.done = self.done.saturating_add(1);
        if !self.done.is_multiple_of(CHECK_STEP) {
            return Ok(());
        }
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        if self.reported_at.elapsed() >= PROGRESS_INTERVAL {
            self.reported_at = Instant::now();
            reporter.report(&Status::Progress { done: self.done, total: self.total.max(self.done) });
        }
        Ok(())
    }
}
