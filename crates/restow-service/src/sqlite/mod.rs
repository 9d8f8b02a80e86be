//! SQLite implementation of [`Storage`]: one file, one writer, and concurrent readers.

mod computers;
mod counters;
mod holder;
mod operator;
mod placement;
mod queries;
mod registration;
mod schema;
mod writer;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use restow_core::keys::PublicKey;
use restow_core::protocol::{ComputerInfo, ReleaseAnswer, WithdrawAnswer, admin};
use restow_core::{KeyId, UnixTime};
use rusqlite::Connection;

use self::writer::Writer;
use crate::error::{Refusal, ServiceError};
use crate::files;
use crate::storage::{
    Caller, ComputerState, IssuedOffer, LimitPage, NewOffer, Offer, OperatorCall, PlacementRequest, PlacementResult,
    Policy, Registration, Storage, StorageFuture, UsageState, VerifiedCounter,
};

/// Creates an empty database that only its owner can read.
pub(crate) fn create_database(path: &Path) -> Result<(), ServiceError> {
    files::create(path, b"")?;
    schema::open_writer(path).map(drop)
}

/// Records in the audit log the key IDs of content keys that the operator receives. A server may use the database at
/// the same time, because SQLite serializes the writes.
pub(crate) fn record_content_keys(
    path: &Path,
    key_ids: &[KeyId],
    seed: u32,
    now: UnixTime,
) -> Result<(), ServiceError> {
    let mut db = schema::open_shared(path)?;
    operator::record_content_keys(&mut db, key_ids, seed, now).map_err(|error| ServiceError::database(path, &error))
}

/// [`Storage`] in one SQLite file.
pub(crate) struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
    policy: Arc<Policy>,
    key_cache: KeyCache,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, policy: Policy) -> Result<Self, ServiceError> {
        let writer = Writer::start(schema::open_writer(path)?)?;
        let readers = Arc::new(Readers { path: path.to_owned(), idle: Mutex::default() });
        Ok(Self { writer, readers, policy: Arc::new(policy), key_cache: KeyCache::default() })
    }

    /// Runs a short read immediately.
    fn read<T: Send + 'static>(&self, read: impl FnOnce(&Connection) -> Result<T, Refusal>) -> StorageFuture<T> {
        Box::pin(std::future::ready(self.readers.with_connection(read)))
    }

    /// Runs a request that may change data.
    fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection, &Policy) -> Result<T, Refusal> + Send + 'static,
    ) -> StorageFuture<T> {
        let policy = Arc::clone(&self.policy);
        self.writer.run(move |db| write(db, &policy))
    }
}

/// Pool of read-only connections.
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Maximum number of idle connections.
    const MAX_IDLE: usize = 4;

    fn with_connection<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = idle.map_or_else(|| schema::open_reader(&self.path), Ok)?;
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
/// become wrong. The transaction decides all permissions.
#[derive(Default)]
struct KeyCache(RwLock<HashMap<String, PublicKey>>);

impl KeyCache {
    const MAX_KEYS: usize = 1 << 16;

    /// Joins the two IDs. They contain no control characters, so the result is unique.
    fn cache_key(holder: &str, computer: &str) -> String {
        format!("{holder}\0{computer}")
    }

    fn get(&self, holder: &str, computer: &str) -> Option<PublicKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&Self::cache_key(holder, computer)).copied()
    }

    fn insert(&self, holder: &str, computer: &str, key: Option<PublicKey>) {
        let Some(key) = key else { return };
        let mut key_cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if key_cache.len() >= Self::MAX_KEYS {
            key_cache.clear();
        }
        key_cache.insert(Self::cache_key(holder, computer), key);
    }
}

impl Storage for Sqlite {
    fn computer_key(&self, holder: &str, computer: &str) -> StorageFuture<Option<PublicKey>> {
        if let Some(key) = self.key_cache.get(holder, computer) {
            return Box::pin(std::future::ready(Ok(Some(key))));
        }
        self.read(|db| {
            let key = queries::computer_key(db, holder, computer)?;
            self.key_cache.insert(holder, computer, key);
            Ok(key)
        })
    }

    fn offer(&self, code: [u8; 32]) -> StorageFuture<Option<Offer>> {
        let readers = Arc::clone(&self.readers);
        blocking(move || readers.with_connection(|db| queries::offer(db, code)))
    }

    fn check_acquire(&self, caller: &Caller) -> StorageFuture<()> {
        self.read(|db| queries::check_acquire(db, caller))
    }

    fn limit_page(&self, token: &str, now: UnixTime) -> StorageFuture<Option<LimitPage>> {
        self.read(|db| queries::limit_page(db, &self.policy, token, now))
    }

    fn health(&self) -> StorageFuture<()> {
        // A reader does not notice a lost writer, so the check runs in the writer.
        self.write(|db, _| Ok(db.query_row("SELECT count(*) FROM holders WHERE holder = ''", [], |_| Ok(()))?))
    }

    fn register(&self, caller: Caller, registration: Registration) -> StorageFuture<ComputerState> {
        self.write(move |db, policy| registration::register(db, policy, &caller, &registration))
    }

    fn place(&self, caller: Caller, placement: PlacementRequest) -> StorageFuture<(ComputerState, PlacementResult)> {
        self.write(move |db, policy| placement::place(db, policy, &caller, &placement))
    }

    fn report(
        &self,
        caller: Caller,
        counters: Vec<VerifiedCounter>,
        licenses: Vec<String>,
    ) -> StorageFuture<(ComputerState, UsageState)> {
        self.write(move |db, policy| counters::report(db, policy, &caller, &counters, licenses))
    }

    fn computers(&self, caller: Caller) -> StorageFuture<(ComputerState, Vec<ComputerInfo>)> {
        self.write(move |db, policy| computers::list(db, policy, &caller))
    }

    fn release(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, ReleaseAnswer)> {
        self.write(move |db, policy| computers::release(db, policy, &caller, &computer))
    }

    fn confirm(&self, caller: Caller, computer: String) -> StorageFuture<ComputerState> {
        self.write(move |db, policy| computers::confirm(db, policy, &caller, &computer))
    }

    fn refuse(&self, caller: Caller, computer: String) -> StorageFuture<ComputerState> {
        self.write(move |db, policy| computers::refuse(db, policy, &caller, &computer))
    }

    fn withdraw(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, WithdrawAnswer)> {
        self.write(move |db, policy| computers::withdraw(db, policy, &caller, &computer))
    }

    fn issue(&self, operator: OperatorCall, offer: NewOffer) -> StorageFuture<IssuedOffer> {
        self.write(move |db, _| operator::issue(db, &operator, &offer))
    }

    fn revoke(&self, operator: OperatorCall, revoke: admin::RevokeRequest) -> StorageFuture<admin::ChangeAnswer> {
        self.write(move |db, _| operator::revoke(db, &operator, &revoke))
    }

    fn operator_release(
        &self,
        operator: OperatorCall,
        release: admin::OperatorReleaseRequest,
    ) -> StorageFuture<admin::ChangeAnswer> {
        self.write(move |db, policy| operator::release(db, policy, &operator, &release))
    }

    fn operator_confirm(
        &self,
        operator: OperatorCall,
        target: admin::ComputerRequest,
    ) -> StorageFuture<admin::ChangeAnswer> {
        self.write(move |db, policy| operator::confirm(db, policy, &operator, &target))
    }

    fn operator_withdraw(
        &self,
        operator: OperatorCall,
        target: admin::ComputerRequest,
    ) -> StorageFuture<admin::ChangeAnswer> {
        self.write(move |db, policy| operator::withdraw(db, policy, &operator, &target))
    }

    fn limit(&self, operator: OperatorCall, limit: admin::LimitRequest) -> StorageFuture<admin::ChangeAnswer> {
        self.write(move |db, _| operator::limit(db, &operator, &limit))
    }

    fn list(&self, list: admin::ListRequest) -> StorageFuture<admin::ListAnswer> {
        let (readers, policy) = (Arc::clone(&self.readers), Arc::clone(&self.policy));
        blocking(move || readers.with_connection(|db| queries::list(db, &policy, &list)))
    }
}

/// Runs a longer read outside the threads that serve connections.
fn blocking<T: Send + 'static>(read: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> StorageFuture<T> {
    let task = tokio::task::spawn_blocking(read);
    Box::pin(async move { task.await.unwrap_or_else(|error| Err(Refusal::internal(error.to_string()))) })
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
        create_database(&path).unwrap();
        let policy = Policy { settings: Settings::default(), secret: TokenSecret::new(Seed::from_bytes([1; 32])) };
        let mut storage = Sqlite::open(&path, policy).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(storage.health()).unwrap();
        storage.writer = Writer::without_thread();
        runtime.block_on(storage.health()).unwrap_err();
    }
}
