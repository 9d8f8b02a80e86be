//! State that all requests share.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use restow_core::Clock;
use tokio::sync::Semaphore;

use crate::folder::{Keys, Profile};
use crate::sqlite::Sqlite;

/// Maximum number of requests with large bodies or answers in memory at the same time.
const MAX_LARGE_REQUESTS: usize = 16;

/// State that all requests share.
pub(crate) struct App {
    pub(crate) storage: Sqlite,
    pub(crate) keys: Keys,
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) read_time: Duration,
    pub(super) large_requests: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(
        storage: Sqlite,
        keys: Keys,
        profile: Profile,
        clock: Arc<dyn Clock>,
        read_time: Duration,
    ) -> Self {
        Self { storage, keys, profile, clock, read_time, large_requests: Arc::new(Semaphore::new(MAX_LARGE_REQUESTS)) }
    }
}

pub(super) type Shared = State<Arc<App>>;
