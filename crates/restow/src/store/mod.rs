//! The license store: one SQLite file with licenses, their secure state, and the catalog of protected files.
//!
//! Reading goes through a [`View`], changing through a [`Change`]: one transaction, durable once committed. Every change has
//! a number, larger than all before it, which rows remember, so that a backup knows what is new.

mod backup_history;
mod catalog;
mod counters;
mod keys;
mod lcp_status;
mod licenses;
mod providers;
mod schema;
mod services;
mod withdrawn;

use std::cell::{Cell, RefCell};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub use crate::error::StoreError;
pub use crate::license::LicenseStatus;
pub(crate) use backup_history::StoredLicense;
pub use backup_history::{BackupRecord, ExcludedLicense, RestoreRecord};
pub use catalog::{FileEntry, PublicationFile, ScannedFile, UnlicensedFiles};
pub use counters::CounterEntry;
pub use lcp_status::{LcpFacts, LcpStatusEntry};
pub(crate) use licenses::StoreOutcome;
pub use licenses::{LicenseEntry, LicenseFilter, StoreResult};
pub use providers::ProviderEntry;
pub use restow_core::trust::AddedBy;
pub(crate) use services::default_name;
pub use services::{Registration, ServiceEntry};
pub(crate) use withdrawn::WithdrawnKeys;

/// An open license store. One thread uses it; another thread opens its own.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the store in `path`, making or migrating it as needed.
    ///
    /// # Errors
    /// When it is of a newer version, something else, damaged or not accessible.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
            let source = io::ErrorKind::NotFound.into();
            return Err(StoreError::Io { path: folder.to_owned(), source });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::prepare(&mut connection, path)?;
        Ok(Self { connection })
    }

    /// What the store says, as of each question.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        View { connection: &self.connection }
    }

    /// What the store says at one moment: questions asked through it agree with each other.
    ///
    /// # Errors
    /// When the database fails.
    pub fn snapshot(&mut self) -> Result<Snapshot<'_>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        // A deferred transaction begins with its first read.
        transaction.query_row("SELECT value FROM meta WHERE key = 'change'", [], |_| Ok(()))?;
        Ok(Snapshot { transaction })
    }

    /// Begins a change; nobody else can change the store until it is committed or dropped.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another program is changing it for more than ten seconds.
    pub fn change(&mut self) -> Result<Change<'_>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = next_change(&transaction)?;
        Ok(Change { transaction, number, last_source: RefCell::new(None), any_standing: Cell::new(None) })
    }
}

fn next_change(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let next = "UPDATE meta SET value = value + 1 WHERE key = 'change' RETURNING value";
    Ok(transaction.query_row(next, [], |row| row.get(0))?)
}

/// See [`Store::view`].
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    connection: &'a Connection,
}

/// See [`Store::snapshot`].
#[derive(Debug)]
pub struct Snapshot<'a> {
    transaction: Transaction<'a>,
}

impl Snapshot<'_> {
    /// What the store said when the snapshot was taken.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { connection: &self.transaction }
    }
}

/// See [`Store::change`]. Dropped without [`commit`](Self::commit), nothing happened.
#[derive(Debug)]
pub struct Change<'a> {
    transaction: Transaction<'a>,
    number: i64,
    /// The last source asked for: licenses come in runs of one issuer.
    last_source: RefCell<Option<(u8, String, i64)>>,
    /// Whether a provider said anything of any license, once that was looked up: mostly none did.
    any_standing: Cell<Option<bool>>,
}

impl Change<'_> {
    /// What the store says, this change included.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { connection: &self.transaction }
    }

    /// Makes the change durable.
    ///
    /// # Errors
    /// When the database fails; then nothing happened.
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit()?)
    }

    /// The row that stands for an issuer of a kind.
    fn source(&self, kind: u8, issuer: &str) -> Result<i64, StoreError> {
        if let Some((last_kind, last_issuer, source)) = &*self.last_source.borrow()
            && (*last_kind, last_issuer.as_str()) == (kind, issuer)
        {
            return Ok(*source);
        }
        let source = match self.view().source(kind, issuer)? {
            Some(source) => source,
            None => {
                let mut insert =
                    self.transaction.prepare_cached("INSERT INTO source (kind, issuer) VALUES (?1, ?2)")?;
                insert.insert((kind, issuer))?
            }
        };
        self.last_source.replace(Some((kind, issuer.to_owned(), source)));
        Ok(source)
    }
}

impl View<'_> {
    /// The number of the last change.
    ///
    /// # Errors
    /// When the database fails.
    pub fn last_change(&self) -> Result<i64, StoreError> {
        Ok(self.connection.query_row("SELECT value FROM meta WHERE key = 'change'", [], |row| row.get(0))?)
    }

    fn source(&self, kind: u8, issuer: &str) -> Result<Option<i64>, StoreError> {
        use rusqlite::OptionalExtension as _;
        let mut query = self.connection.prepare_cached("SELECT id FROM source WHERE kind = ?1 AND issuer = ?2")?;
        Ok(query.query_row((kind, issuer), |row| row.get(0)).optional()?)
    }
}
