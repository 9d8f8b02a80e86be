//! License store: one SQLite file with licenses, their secure state, and the catalog of protected files.
//!
//! A [`View`] reads, and a [`Change`] writes in one transaction, which is durable once committed. Each change has a
//! number that is larger than all earlier ones. Rows store the number, so that a backup can find new rows.

mod backup_history;
mod catalog;
mod counters;
mod keys;
mod lcp_status;
mod license_writes;
mod licenses;
mod providers;
mod revocations;
mod schema;
mod services;
mod withdrawn;

use std::cell::{Cell, RefCell};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Params, Row, Transaction, TransactionBehavior};

use crate::license::LicenseIdentity;

pub use crate::error::StoreError;
pub use crate::license::LicenseStatus;
pub(crate) use backup_history::StoredLicense;
pub use backup_history::{BackupRecord, ExcludedLicense, RestoreRecord};
pub use catalog::{FileEntry, PublicationFile, ScannedFile, UnlicensedFiles};
pub use counters::CounterEntry;
pub use lcp_status::LcpStatusEntry;
pub use license_writes::StoreResult;
pub(crate) use license_writes::{DocumentSource, StoreOutcome};
pub use licenses::{LicenseEntry, LicenseFilter};
pub use providers::ProviderEntry;
pub use restow_core::trust::TrustOrigin;
pub(crate) use services::default_name;
pub use services::{Registration, ServiceEntry};
pub(crate) use withdrawn::WithdrawnKeys;

/// Open license store. Each thread opens its own.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the store at `path`, and creates or migrates it if needed.
    ///
    /// # Errors
    /// [`StoreError`] if the store belongs to a newer version, is not a store, is damaged, or is not accessible.
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

    /// Returns a view of the current state. Two queries may see different states.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        View { connection: &self.connection }
    }

    /// Returns a view of one state: all queries through it agree.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn snapshot(&mut self) -> Result<Snapshot<'_>, StoreError> {
        let snapshot = Snapshot { transaction: self.connection.transaction()? };
        // A deferred transaction begins with its first read.
        snapshot.view().last_change()?;
        Ok(snapshot)
    }

    /// Begins a change. No other program can change the store until the change is committed or dropped.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another program holds a change for more than ten seconds.
    pub fn change(&mut self) -> Result<Change<'_>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = next_change(&transaction)?;
        Ok(Change { transaction, number, last_source: RefCell::new(None), has_statuses: Cell::new(None) })
    }

    /// Makes one change. An error of `write` leaves the store unchanged.
    ///
    /// # Errors
    /// The error of `write`, or the error of [`change`](Self::change) or [`commit`](Change::commit).
    pub fn update<T, E: From<StoreError>>(&mut self, write: impl FnOnce(&Change<'_>) -> Result<T, E>) -> Result<T, E> {
        let change = self.change()?;
        let written = write(&change)?;
        change.commit()?;
        Ok(written)
    }
}

fn next_change(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let next = "UPDATE meta SET value = value + 1 WHERE key = 'change' RETURNING value";
    Ok(transaction.query_row(next, [], |row| row.get(0))?)
}

/// Read access to the store, from [`Store::view`].
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    connection: &'a Connection,
}

/// Read access to one state of the store, from [`Store::snapshot`].
#[derive(Debug)]
pub struct Snapshot<'a> {
    transaction: Transaction<'a>,
}

impl Snapshot<'_> {
    /// Returns the view of the snapshot.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { connection: &self.transaction }
    }
}

/// Write access to the store, from [`Store::change`]. A change that is dropped without [`commit`](Self::commit) has
/// no effect.
#[derive(Debug)]
pub struct Change<'a> {
    transaction: Transaction<'a>,
    number: i64,
    /// Last requested source. Licenses of one issuer often follow each other.
    last_source: RefCell<Option<(u8, String, i64)>>,
    /// True if any LCP status is stored; `None` until the first query. Most stores have none.
    has_statuses: Cell<Option<bool>>,
}

impl Change<'_> {
    /// Returns a view that includes this change.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { connection: &self.transaction }
    }

    /// Makes the change durable.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails. The change then has no effect.
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit()?)
    }

    /// Returns the row of an issuer of one license kind, and inserts it if needed.
    fn source(&self, kind: u8, issuer: &str) -> Result<i64, StoreError> {
        if let Some((last_kind, last_issuer, source)) = &*self.last_source.borrow()
            && (*last_kind, last_issuer.as_str()) == (kind, issuer)
        {
            return Ok(*source);
        }
        let known =
            self.view()
                .first("SELECT id FROM source WHERE kind = ?1 AND issuer = ?2", (kind, issuer), |row| row.get(0))?;
        let source = match known {
            Some(source) => source,
            None => {
                self.execute("INSERT INTO source (kind, issuer) VALUES (?1, ?2)", (kind, issuer))?;
                self.transaction.last_insert_rowid()
            }
        };
        self.last_source.replace(Some((kind, issuer.to_owned(), source)));
        Ok(source)
    }

    /// Executes a statement and returns the number of changed rows.
    fn execute(&self, sql: &str, values: impl Params) -> Result<usize, StoreError> {
        Ok(self.transaction.prepare_cached(sql)?.execute(values)?)
    }
}

impl View<'_> {
    /// Returns the number of the last change.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn last_change(&self) -> Result<i64, StoreError> {
        Ok(self.connection.query_row("SELECT value FROM meta WHERE key = 'change'", [], |row| row.get(0))?)
    }

    /// Returns the number of the last change that removed a license; 0 before the first removal.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn last_removal(&self) -> Result<i64, StoreError> {
        Ok(self.connection.query_row("SELECT value FROM meta WHERE key = 'removal'", [], |row| row.get(0))?)
    }

    /// Returns true if a query has a row.
    fn exists(&self, sql: &str, key: impl Params) -> Result<bool, StoreError> {
        Ok(self.connection.prepare_cached(sql)?.exists(key)?)
    }

    /// Returns the first row of a query.
    fn first<T>(
        &self,
        sql: &str,
        key: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.connection.prepare_cached(sql)?.query_row(key, read).optional()?)
    }

    /// Returns all rows of a query.
    fn all<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        key: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<C, StoreError> {
        Ok(self.connection.prepare_cached(sql)?.query_map(key, read)?.collect::<Result<_, _>>()?)
    }

    /// Calls `visit` with each row of a query. An error of `visit` ends the walk.
    fn each<T, E: From<StoreError>>(
        &self,
        sql: &str,
        key: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        mut visit: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = self.connection.prepare_cached(sql).map_err(StoreError::from)?;
        for row in query.query_map(key, read).map_err(StoreError::from)? {
            visit(row.map_err(StoreError::from)?)?;
        }
        Ok(())
    }
}

/// Returns the values by which queries select a license: number of the kind, issuer, and license ID.
pub(crate) const fn license_key(identity: &LicenseIdentity) -> (u8, &str, &str) {
    (identity.kind.number(), identity.issuer.as_str(), identity.license_id.as_str())
}
