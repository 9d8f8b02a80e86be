//! Time, injected, so that rules about it can be tested and a wrong clock can be set right.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in seconds.
pub type UnixTime = i64;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The local time in Unix seconds, right or wrong.
    fn now(&self) -> UnixTime;
}

/// The system's clock.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// A clock set by hand, for tests and rehearsals.
#[derive(Clone, Default, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: UnixTime) -> Self {
        Self(Arc::new(AtomicI64::new(now)))
    }

    /// Sets it.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now, Ordering::SeqCst);
    }

    /// Moves it by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        self.0.load(Ordering::SeqCst)
    }
}

/// A time as people and documents write it: RFC 3339 in UTC.
#[must_use]
pub fn rfc3339(time: UnixTime) -> String {
    jiff::Timestamp::from_second(time).map_or_else(|_| format!("@{time}"), |t| t.to_string())
}
