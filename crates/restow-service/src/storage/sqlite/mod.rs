//! SQLite: one file, one writer, readers beside it.

mod computers;
mod counters;
mod holder;
mod operator;
mod place;
mod read;
mod register;
mod schema;
mod writer;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use restow_core::keys::PublicKey;
use restow_core::protocol::{ComputerInfo, Released, Withdrawn, admin};
use restow_core::{KeyId, UnixTime};
use rusqlite::Connection;

use self::writer::Writer;
use super::{
    Caller, Known, LimitPage, MadeOffer, NewOffer, Offer, Operator, Order, Pending, Placed, Policy, Registration,
    Standing, Storage, VerifiedCounter,
};
use crate::error::{Refusal, ServiceError};
use crate::folder;

/// Creates an empty database that only its owner may read.
pub(crate) fn create(path: &Path) -> Result<(), ServiceError> {
    folder::write_new(path, b"")?;
    schema::open_writer(path).map(drop)
}

/// Notes in the audit log for which key IDs content keys are handed out. A server may run on the database: SQLite lets one
/// wait for the other.
pub(crate) fn note_content_keys(path: &Path, key_ids: &[KeyId], seed: u32, now: UnixTime) -> Result<(), ServiceError> {
    let mut db = schema::open_beside(path)?;
    operator::note_content_keys(&mut db, key_ids, seed, now).map_err(|error| ServiceError::database(path, &error))
}

/// [`Storage`] in one SQLite file.
pub(crate) struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
    policy: Arc<Policy>,
    known: KnownKeys,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, policy: Policy) -> Result<Self, ServiceError> {
        let writer = Writer::start(schema::open_writer(path)?)?;
        let readers = Arc::new(Readers { path: path.to_owned(), idle: Mutex::default() });
        Ok(Self { writer, readers, policy: Arc::new(policy), known: KnownKeys::default() })
    }

    /// A short look, at once.
    fn look<T: Send + 'static>(&self, look: impl FnOnce(&Connection) -> Result<T, Refusal>) -> Pending<T> {
        Box::pin(std::future::ready(self.readers.with(look)))
    }

    /// A request that changes something.
    fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection, &Policy) -> Result<T, Refusal> + Send + 'static,
    ) -> Pending<T> {
        let policy = Arc::clone(&self.policy);
        self.writer.run(move |db| change(db, &policy))
    }
}

/// Connections that only read, as many as are used at the same time.
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// More are closed when they are not used.
    const MOST_IDLE: usize = 4;

    fn with<T>(&self, look: impl FnOnce(&Connection) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = idle.map_or_else(|| schema::open_reader(&self.path), Ok)?;
        let found = look(&db);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < Self::MOST_IDLE {
            idle.push(db);
        }
        found
    }
}

/// Keys of computers that were looked up. No rule relies on it: a computer's ID is the thumbprint of its key and a row
/// never goes, so what is here cannot become wrong; who may do what is decided in the transaction.
#[derive(Default)]
struct KnownKeys(RwLock<HashMap<String, PublicKey>>);

impl KnownKeys {
    const MOST: usize = 1 << 16;

    /// Neither ID holds a control character.
    fn name(holder: &str, computer: &str) -> String {
        format!("{holder}\0{computer}")
    }

    fn get(&self, holder: &str, computer: &str) -> Option<PublicKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&Self::name(holder, computer)).copied()
    }

    fn put(&self, holder: &str, computer: &str, key: Option<PublicKey>) {
        let Some(key) = key else { return };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::MOST {
            known.clear();
        }
        known.insert(Self::name(holder, computer), key);
    }
}

impl Storage for Sqlite {
    fn computer_key(&self, holder: &str, computer: &str) -> Pending<Option<PublicKey>> {
        if let Some(key) = self.known.get(holder, computer) {
            return Box::pin(std::future::ready(Ok(Some(key))));
        }
        self.look(|db| {
            let key = read::computer_key(db, holder, computer)?;
            self.known.put(holder, computer, key);
            Ok(key)
        })
    }

    fn offer(&self, code: [u8; 32]) -> Pending<Option<Offer>> {
        let readers = Arc::clone(&self.readers);
        blocking(move || readers.with(|db| read::offer(db, code)))
    }

    fn may_acquire(&self, caller: &Caller) -> Pending<()> {
        self.look(|db| read::may_acquire(db, caller))
    }

    fn limit_page(&self, token: &str, now: UnixTime) -> Pending<Option<LimitPage>> {
        self.look(|db| read::limit_page(db, &self.policy, token, now))
    }

    fn health(&self) -> Pending<()> {
        // In a transaction of the writer, which changes nothing: who only reads does not see that the writer is gone.
        self.change(|db, _| Ok(db.query_row("SELECT count(*) FROM holders WHERE holder = ''", [], |_| Ok(()))?))
    }

    fn register(&self, caller: Caller, registration: Registration) -> Pending<Standing> {
        self.change(move |db, policy| register::register(db, policy, &caller, &registration))
    }

    fn place(&self, caller: Caller, order: Order) -> Pending<(Standing, Placed)> {
        self.change(move |db, policy| place::place(db, policy, &caller, &order))
    }

    fn report(
        &self,
        caller: Caller,
        counters: Vec<VerifiedCounter>,
        licenses: Vec<String>,
    ) -> Pending<(Standing, Known)> {
        self.change(move |db, policy| counters::report(db, policy, &caller, &counters, licenses))
    }

    fn computers(&self, caller: Caller) -> Pending<(Standing, Vec<ComputerInfo>)> {
        self.change(move |db, policy| computers::list(db, policy, &caller))
    }

    fn release(&self, caller: Caller, computer: String) -> Pending<(Standing, Released)> {
        self.change(move |db, policy| computers::release(db, policy, &caller, &computer))
    }

    fn confirm(&self, caller: Caller, computer: String) -> Pending<Standing> {
        self.change(move |db, policy| computers::confirm(db, policy, &caller, &computer))
    }

    fn refuse(&self, caller: Caller, computer: String) -> Pending<Standing> {
        self.change(move |db, policy| computers::refuse(db, policy, &caller, &computer))
    }

    fn withdraw(&self, caller: Caller, computer: String) -> Pending<(Standing, Withdrawn)> {
        self.change(move |db, policy| computers::withdraw(db, policy, &caller, &computer))
    }

    fn issue(&self, operator: Operator, offer: NewOffer) -> Pending<MadeOffer> {
        self.change(move |db, _| operator::issue(db, &operator, &offer))
    }

    fn revoke(&self, operator: Operator, revoke: admin::Revoke) -> Pending<admin::Changed> {
        self.change(move |db, _| operator::revoke(db, &operator, &revoke))
    }

    fn operator_release(&self, operator: Operator, release: admin::Release) -> Pending<admin::Changed> {
        self.change(move |db, policy| operator::release(db, policy, &operator, &release))
    }

    fn operator_confirm(&self, operator: Operator, one: admin::OneComputer) -> Pending<admin::Changed> {
        self.change(move |db, policy| operator::confirm(db, policy, &operator, &one))
    }

    fn operator_withdraw(&self, operator: Operator, one: admin::OneComputer) -> Pending<admin::Changed> {
        self.change(move |db, policy| operator::withdraw(db, policy, &operator, &one))
    }

    fn limit(&self, operator: Operator, limit: admin::Limit) -> Pending<admin::Changed> {
        self.change(move |db, _| operator::limit(db, &operator, &limit))
    }

    fn list(&self, list: admin::List) -> Pending<admin::Listed> {
        let (readers, policy) = (Arc::clone(&self.readers), Arc::clone(&self.policy));
        blocking(move || readers.with(|db| read::list(db, &policy, &list)))
    }
}

/// A longer look, beside the threads that serve connections.
fn blocking<T: Send + 'static>(look: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Pending<T> {
    let task = tokio::task::spawn_blocking(look);
    Box::pin(async move { task.await.unwrap_or_else(|error| Err(Refusal::internal(error.to_string()))) })
}

#[cfg(test)]
mod tests {
    use restow_core::keys::Seed;

    use super::*;
    use crate::folder::Secret;
    use crate::settings::Settings;

    #[test]
    fn without_its_writer_a_service_is_not_well() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        create(&path).unwrap();
        let policy = Policy { settings: Settings::default(), secret: Secret::of(Seed::from_bytes([1; 32])) };
        let mut storage = Sqlite::open(&path, policy).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(storage.health()).unwrap();
        storage.writer = Writer::gone();
        runtime.block_on(storage.health()).unwrap_err();
    }
}
