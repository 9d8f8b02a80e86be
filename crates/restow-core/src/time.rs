//! Unix time, and clocks that a caller injects.
//!
//! An injected clock makes rules about time testable, and lets a home correct a wrong system clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in seconds, without leap seconds. Negative before 1970.
pub type UnixTime = i64;

/// Source of the current time.
pub trait Clock: Send + Sync {
    /// Returns the time of this clock, which may be wrong.
    fn now(&self) -> UnixTime;
}

/// Clock of the operating system. Times before 1970 are reported as 0.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// Clock that the program sets, for tests. Clones share one time.
#[derive(Clone, Default, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Creates a clock with the time `now`.
    #[must_use]
    pub fn at(now: UnixTime) -> Self {
        Self(Arc::new(AtomicI64::new(now)))
    }

    /// Sets the time.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now, Ordering::SeqCst);
    }

    /// Moves the time by a number of seconds, backward if negative.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        self.0.load(Ordering::SeqCst)
    }
}

/// Formats a time as RFC 3339 in UTC, such as `2024-09-26T17:53:16Z`.
///
/// A time outside of the years -9999 to 9999 is formatted as `@` and its seconds.
#[must_use]
pub fn rfc3339(time: UnixTime) -> String {
    jiff::Timestamp::from_second(time).map_or_else(|_| format!("@{time}"), |t| t.to_string())
}
