//! State that all requests share.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use restow_core::{Clock, UnixTime};

use super::places::Places;
use crate::folder::{Keys, Profile};
use crate::settings::Settings;
use crate::sqlite::Sqlite;

/// State that all requests share.
pub(crate) struct App {
    pub(crate) storage: Sqlite,
    pub(crate) keys: Keys,
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) read_time: Duration,
    /// Number of days for which a new link can be redeemed.
    pub(super) link_days: u32,
    pub(super) wrong_keys: WrongKeys,
    /// Folder of the service.
    pub(super) folder: Arc<Path>,
    pub(super) places: Places,
}

/// Wrong API keys since the last row of the audit log.
#[derive(Default)]
pub(super) struct WrongKeys(Mutex<(u32, Option<UnixTime>)>);

impl WrongKeys {
    /// Interval between two changes of the audit log, in seconds.
    const INTERVAL: i64 = 60;

    /// Counts a wrong key. Returns the number of keys for the audit log, or `None` if the log must wait.
    pub(super) fn add(&self, now: UnixTime) -> Option<u32> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, last) = &mut *state;
        *times = times.saturating_add(1);
        if last.is_some_and(|last| last.abs_diff(now) < Self::INTERVAL.unsigned_abs()) {
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(times))
    }
}

impl App {
    pub(crate) fn new(
        storage: Sqlite,
        keys: Keys,
        profile: Profile,
        clock: Arc<dyn Clock>,
        settings: &Settings,
        folder: &Path,
    ) -> Self {
        Self {
            storage,
            keys,
            profile,
            clock,
            read_time: Duration::from_secs(settings.read_seconds.into()),
            link_days: settings.link_days,
            wrong_keys: WrongKeys::default(),
            folder: folder.into(),
            places: Places::new(settings),
        }
    }
}

pub(super) type Shared = State<Arc<App>>;
