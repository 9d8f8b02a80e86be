//! Storage in SQLite: one file, one writer, and concurrent readers.

mod computers;
mod counters;
mod holder;
mod operator;
mod placement;
mod queries;
mod refusals;
mod registration;
mod schema;
mod writer;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use restow_core::keys::PublicKey;
use restow_core::protocol::{ComputerInfo, EmptyAnswer, ReleaseAnswer, WithdrawAnswer, admin};
use restow_core::sqlite_files::DatabaseFiles;
use restow_core::{KeyId, UnixTime};
use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::holder::{Authorized, Holder};
pub(crate) use self::operator::Operation;
use self::writer::Writer;
use crate::error::{Refusal, ServiceError};
use crate::storage::{
    Caller, ComputerState, LimitPage, LinkState, Offer, OperatorCall, PlacementRequest, PlacementResult, Policy,
    RefusedCall, Registration, Standing, StorageFuture, UsageState, VerifiedCounter,
};

/// Creates the tables in an empty file.
pub(crate) fn create_tables(path: &Path) -> Result<(), ServiceError> {
    schema::open_writer(&DatabaseFiles::new(path)).map(drop)
}

/// Records in the audit log the key IDs of content keys that the operator receives. A server may use the database at
/// the same time, because SQLite serializes the writes.
pub(crate) fn record_content_keys(
    path: &Path,
    key_ids: &[KeyId],
    seed: u32,
    now: UnixTime,
) -> Result<(), ServiceError> {
    let files = DatabaseFiles::new(path);
    let mut db = schema::open_shared(&files)?;
    operator::record_content_keys(&mut db, key_ids, seed, now).map_err(|error| ServiceError::database(path, &error))
}

/// Storage in one SQLite file. A returned [`ComputerState`] is the state after the operation.
pub(crate) struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
    policy: Arc<Policy>,
    key_cache: KeyCache,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, policy: Policy) -> Result<Self, ServiceError> {
        let files = DatabaseFiles::new(path);
        let writer = Writer::start(schema::open_writer(&files)?)?;
        let readers = Arc::new(Readers { idle: Mutex::default(), files });
        Ok(Self { writer, readers, policy: Arc::new(policy), key_cache: KeyCache::default() })
    }

    /// Returns the signing key of a computer, including released computers.
    pub(crate) fn computer_key(&self, computer: &str) -> Result<Option<PublicKey>, Refusal> {
        if let Some(key) = self.key_cache.get(computer) {
            return Ok(Some(key));
        }
        let key = self.readers.with_connection(|db| queries::computer_key(db, computer))?;
        self.key_cache.insert(computer, key);
        Ok(key)
    }

    /// Returns the standing of a computer, or `None` if it is registered nowhere.
    pub(crate) fn standing(&self, computer: &str) -> Result<Option<Standing>, Refusal> {
        self.readers.with_connection(|db| queries::standing(db, computer))
    }

    /// Returns the offer for a link code.
    pub(crate) async fn offer(&self, code: [u8; 32]) -> Result<Option<Offer>, Refusal> {
        let readers = Arc::clone(&self.readers);
        blocking(move || readers.with_connection(|db| queries::offer(db, code))).await
    }

    /// Returns the state of the link with this code.
    pub(crate) fn link_state(&self, code: &[u8; 32], now: UnixTime) -> Result<Option<LinkState>, Refusal> {
        let link = self.readers.with_connection(|db| Ok(queries::offer_link(db, code)?))?;
        Ok(link.map(|link| link.state(now)))
    }

    /// Records a refused call in the audit log.
    pub(crate) fn record_refusal(&self, refused: RefusedCall, now: UnixTime) -> StorageFuture<()> {
        self.write(move |db, _| Ok(refusals::record(db, &refused, now)?))
    }

    /// Refuses a caller that may not acquire licenses. It runs before expensive work; the writer checks again.
    pub(crate) fn check_acquire(&self, caller: &Caller) -> Result<(), Refusal> {
        self.readers.with_connection(|db| {
            queries::check_acquire(&Holder { db, policy: &self.policy, id: &caller.holder }, caller)
        })
    }

    /// Returns the page for a token.
    pub(crate) fn limit_page(&self, token: &str, now: UnixTime) -> Result<Option<LimitPage>, Refusal> {
        self.readers.with_connection(|db| queries::limit_page(db, &self.policy, token, now))
    }

    /// Lists rows for the operator (§6).
    pub(crate) async fn list(&self, list: admin::ListRequest) -> Result<admin::ListAnswer, Refusal> {
        let (readers, policy) = (Arc::clone(&self.readers), Arc::clone(&self.policy));
        blocking(move || readers.with_connection(|db| queries::list(db, &policy, &list))).await
    }

    /// Checks that reading and writing work.
    pub(crate) fn health(&self) -> StorageFuture<()> {
        // A reader does not notice a lost writer, so the check runs in the writer.
        self.write(|db, _| Ok(db.query_row("SELECT count(*) FROM holders WHERE holder = ''", [], |_| Ok(()))?))
    }

    /// Runs a request that may change data.
    fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection, &Policy) -> Result<T, Refusal> + Send + 'static,
    ) -> StorageFuture<T> {
        let policy = Arc::clone(&self.policy);
        self.writer.run(move |db| write(db, &policy))
    }

    /// Runs a request of a computer.
    fn call<T: Send + 'static>(
        &self,
        caller: Caller,
        work: impl FnOnce(&Authorized<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> StorageFuture<(ComputerState, T)> {
        self.write(move |db, policy| {
            let holder = Holder { db, policy, id: &caller.holder };
            let authorized = holder.authorize(&caller)?;
            let answer = holder.record_if_changed(&caller, || work(&authorized))?;
            Ok((holder.state(&caller)?, answer))
        })
    }

    /// Registers a computer (§5.2).
    pub(crate) fn register(&self, caller: Caller, registration: Registration) -> StorageFuture<ComputerState> {
        self.write(move |db, policy| {
            let holder = Holder { db, policy, id: &caller.holder };
            holder.apply_elapsed_events(caller.now)?;
            holder.record_if_changed(&caller, || registration::register(&holder, &caller, &registration))?;
            holder.state(&caller)
        })
    }

    /// Places licenses on the caller (§§5.3, 5.4).
    pub(crate) fn place(
        &self,
        caller: Caller,
        placement: PlacementRequest,
    ) -> StorageFuture<(ComputerState, PlacementResult)> {
        self.call(caller, move |authorized| placement::place(authorized, &placement))
    }

    /// Merges counters (§5.5). `licenses` are license IDs named in addition to those of the counters.
    pub(crate) fn report(
        &self,
        caller: Caller,
        counters: Vec<VerifiedCounter>,
        licenses: Vec<String>,
    ) -> StorageFuture<(ComputerState, UsageState)> {
        self.call(caller, move |authorized| counters::report(&authorized.holder, &counters, licenses))
    }

    /// Lists the holder's computers (§5.6).
    pub(crate) fn computers(&self, caller: Caller) -> StorageFuture<(ComputerState, Vec<ComputerInfo>)> {
        self.call(caller, |authorized| authorized.list_computers())
    }

    /// Releases a computer (§5.7).
    pub(crate) fn release(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, ReleaseAnswer)> {
        self.write(move |db, policy| {
            let holder = Holder { db, policy, id: &caller.holder };
            let authorized = holder.authorize_released(&caller)?;
            let answer = holder.record_if_changed(&caller, || authorized.release(&computer))?;
            Ok((holder.state(&caller)?, answer))
        })
    }

    /// Confirms a computer (§5.7).
    pub(crate) fn confirm(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, EmptyAnswer)> {
        self.call(caller, move |authorized| authorized.confirm(&computer))
    }

    /// Refuses a computer or a waiting release (§5.7).
    pub(crate) fn refuse(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, EmptyAnswer)> {
        self.call(caller, move |authorized| authorized.refuse(&computer))
    }

    /// Revokes a computer's restore keys (§5.7).
    pub(crate) fn withdraw(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, WithdrawAnswer)> {
        self.call(caller, move |authorized| authorized.withdraw(&computer))
    }

    /// Executes a change by the operator once (§6).
    pub(crate) fn operate<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        call: OperatorCall,
        work: impl FnOnce(&Operation<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> StorageFuture<T> {
        self.write(move |db, policy| operator::execute_once(db, policy, &call, work))
    }
}

/// Pool of read-only connections.
struct Readers {
    idle: Mutex<Vec<Connection>>,
    // Dropped after all connections, also that of the writer.
    files: DatabaseFiles,
}

impl Readers {
    /// Maximum number of idle connections.
    const MAX_IDLE: usize = 4;

    fn with_connection<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = idle.map_or_else(|| schema::open_reader(self.files.path()), Ok)?;
        let result = read(&db);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < Self::MAX_IDLE {
            idle.push(db);
        }
        result
    }
}

/// Cache of computers' signing keys.
///
/// No rule relies on it. A computer ID is the thumbprint of its key and rows are never deleted, so an entry cannot
/// become wrong. The transaction decides all permissions. Unknown computers have no entries.
#[derive(Default)]
struct KeyCache(RwLock<HashMap<String, PublicKey>>);

impl KeyCache {
    const MAX_KEYS: usize = 1 << 15;

    fn get(&self, computer: &str) -> Option<PublicKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(computer).copied()
    }

    fn insert(&self, computer: &str, key: Option<PublicKey>) {
        let Some(key) = key else { return };
        let mut key_cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if key_cache.len() >= Self::MAX_KEYS {
            key_cache.clear();
        }
        key_cache.insert(computer.to_owned(), key);
    }
}

/// Runs a longer read outside the threads that serve connections.
async fn blocking<T: Send + 'static>(read: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(Refusal::internal(error.to_string())))
}

#[cfg(test)]
mod tests {
    use restow_core::keys::Seed;

    use super::*;
    use crate::settings::Settings;
    use crate::token::TokenSecret;

    #[test]
    fn health_fails_without_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        std::fs::write(&path, b"").unwrap();
        create_tables(&path).unwrap();
        let policy = Policy { settings: Settings::default(), secret: TokenSecret::new(Seed::from_bytes([1; 32])) };
        let mut storage = Sqlite::open(&path, policy).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(storage.health()).unwrap();
        storage.writer = Writer::without_thread();
        runtime.block_on(storage.health()).unwrap_err();
    }
}
