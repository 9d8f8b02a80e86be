//! License store: one SQLite file with licenses, their secure state, and the catalog of protected files.
//!
//! A [`View`] reads, and a [`Change`] writes in one transaction, which is durable once committed. Each change has a
//! number that is larger than all earlier ones. Rows store the number, so that a backup can find new rows.

mod backup_history;
mod catalog;
mod copy;
mod counters;
mod keys;
mod lcp_status;
mod license_writes;
mod licenses;
mod locations;
mod providers;
mod revocations;
mod schema;
mod services;
mod withdrawn;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::Duration;
use std::{fmt, fs, io};

use restow_core::files;
use restow_core::sqlite_files::{DatabaseFiles, FileError, check_access};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension as _, Params, Row, Transaction, TransactionBehavior,
};

use crate::license::LicenseIdentity;

pub use crate::error::StoreError;
pub use crate::license::LicenseStatus;
pub(crate) use backup_history::StoredLicense;
pub use backup_history::{BackupRecord, ExcludedLicense, RestoreRecord};
pub use catalog::{FileEntry, PublicationFile, ScannedFile, UnlicensedFiles};
use copy::{is_absent, open_in_memory};
pub use counters::CounterEntry;
pub use lcp_status::LcpStatusEntry;
pub use license_writes::StoreResult;
pub(crate) use license_writes::{DocumentSource, StoreOutcome};
pub use licenses::{LicenseEntry, LicenseFilter};
pub use locations::{LocationRecord, LocationSet};
pub use providers::ProviderEntry;
pub use restow_core::trust::TrustOrigin;
pub(crate) use services::default_name;
pub use services::{Registration, ServiceEntry};
pub(crate) use withdrawn::WithdrawnKeys;

/// Time limit for a change of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Number of statements that a connection keeps prepared.
const CACHED_STATEMENTS: usize = 64;

/// Open license store. Each thread opens its own.
///
/// A store that cannot be written can be read, if needed from a copy in memory. A store that does not exist reads as
/// an empty one, and the first change creates it.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    access: Access,
    // Dropped after the connection.
    files: DatabaseFiles,
}

/// Access of a [`Store`] to its file.
#[derive(Debug)]
enum Access {
    /// The connection reads and writes the file.
    Full,
    /// The file does not exist, and the connection is empty.
    Missing,
    /// The connection reads the file or a copy of it, for this reason.
    ReadOnly(FileError),
}

/// Failure to open a store for changes.
enum OpenFailure {
    CannotWrite(FileError),
    Store(StoreError),
}

impl Store {
    /// Opens the store at `path`, and migrates it if needed. Creates no file if the store does not exist.
    ///
    /// # Errors
    /// [`StoreError`] if the store belongs to a newer version, is not a store, is damaged, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let files = DatabaseFiles::new(path);
        match fs::metadata(path) {
            Ok(meta) if meta.is_file() => {}
            Ok(_) => return Err(StoreError::NotAStore(path.to_owned())),
            Err(error) if is_absent(&error) => {
                let mut connection = open_in_memory(path)?;
                schema::prepare_copy(&mut connection, path)?;
                return Ok(Self { connection, access: Access::Missing, files });
            }
            Err(source) => return Err(StoreError::Io { path: path.to_owned(), source }),
        }
        match open_to_write(&files) {
            Ok(connection) => Ok(Self { connection, access: Access::Full, files }),
            Err(OpenFailure::Store(error)) => Err(error),
            Err(OpenFailure::CannotWrite(reason)) => {
                let connection = open_to_read(&files, &reason)?;
                Ok(Self { connection, access: Access::ReadOnly(reason), files })
            }
        }
    }

    /// Returns true if the store exists and can be changed.
    #[must_use]
    pub fn exists_writable(&self) -> bool {
        matches!(self.access, Access::Full)
    }

    /// Returns an error if the store cannot be changed.
    ///
    /// # Errors
    /// [`StoreError::CannotWrite`] with the file or folder and the reason.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        match &self.access {
            Access::Full => Ok(()),
            Access::Missing => {
                let folder = self.files.path().ancestors().skip(1).find(|folder| folder.exists());
                let Some(folder) = folder else { return Ok(()) };
                check_access(folder).map_err(|source| StoreError::CannotWrite { path: folder.to_owned(), source })
            }
            Access::ReadOnly(reason) => Err(cannot_write(reason)),
        }
    }

    /// Creates the store at the first change.
    fn create(&mut self) -> Result<(), StoreError> {
        let path = self.files.path().to_owned();
        if let Some(folder) = path.parent() {
            files::create_private_folder(folder)
                .map_err(|source| StoreError::CannotWrite { path: folder.to_owned(), source })?;
        }
        // The folder did not exist before, so that another name may have stood for it.
        let files = DatabaseFiles::new(&path);
        files.create().map_err(|error| cannot_write(&error))?;
        self.connection = open_to_write(&files).map_err(|failure| match failure {
            OpenFailure::CannotWrite(reason) => cannot_write(&reason),
            OpenFailure::Store(error) => error,
        })?;
        self.files = files;
        self.access = Access::Full;
        Ok(())
    }

    /// Returns a view of the current state. Two queries may see different states.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { connection: &self.connection, path: self.files.path() }
    }

    /// Returns a view of one state: all queries through it agree.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn snapshot(&mut self) -> Result<Snapshot<'_>, StoreError> {
        let path = self.files.path();
        let transaction = self.connection.transaction().map_err(|error| StoreError::from_database(path, error))?;
        let snapshot = Snapshot { transaction, path };
        // A deferred transaction begins with its first read.
        snapshot.view().last_change()?;
        Ok(snapshot)
    }

    /// Begins a change. No other program can change the store until the change is committed or dropped.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another program holds a change for more than ten seconds, [`StoreError::CannotWrite`] if
    /// the store cannot be written.
    pub fn change(&mut self) -> Result<Change<'_>, StoreError> {
        match &self.access {
            Access::Full => {}
            Access::Missing => self.create()?,
            Access::ReadOnly(reason) => return Err(cannot_write(reason)),
        }
        let path = self.files.path();
        let failed = |error| StoreError::from_database(path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let number = next_change(&transaction).map_err(failed)?;
        Ok(Change { transaction, path, number, last_source: RefCell::new(None), has_statuses: Cell::new(None) })
    }

    /// Writes without waiting for a change of another program.
    fn without_waiting<T>(&self, write: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let failed = |error| StoreError::from_database(self.files.path(), error);
        self.connection.busy_timeout(Duration::ZERO).map_err(failed)?;
        let written = write(&self.connection);
        self.connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        written.map_err(failed)
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

fn next_change(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    transaction
        .query_row("UPDATE meta SET value = value + 1 WHERE key = 'change' RETURNING value", [], |row| row.get(0))
}

/// Opens an existing store for reading and writing.
fn open_to_write(files: &DatabaseFiles) -> Result<Connection, OpenFailure> {
    files.check_writable().map_err(OpenFailure::CannotWrite)?;
    files.restrict_access();
    // Dropped after the connection has read.
    let _memory = files.allocate_shared_memory().map_err(OpenFailure::CannotWrite)?;
    let path = files.path();
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        // Access rights are not the only reason: the file system may lack locks or shared memory.
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::DiskFull) => {
            let kind = match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => io::ErrorKind::StorageFull.into(),
                _ => io::Error::other(error.to_string()),
            };
            OpenFailure::CannotWrite(FileError { path: path.to_owned(), source: kind })
        }
        _ => OpenFailure::Store(StoreError::from_database(path, error)),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    schema::prepare(&mut connection, path, failed, OpenFailure::Store)?;
    Ok(connection)
}

/// Opens a store that cannot be written.
fn open_to_read(files: &DatabaseFiles, reason: &FileError) -> Result<Connection, StoreError> {
    let path = files.path();
    // SQLite reads with the shared memory of another process if that file is not writable here. Its log must exist.
    // Writable shared memory could lie on a full disk.
    let has_log = fs::metadata(files.log()).is_ok_and(|meta| meta.len() > 0);
    let has_memory = check_access(&files.shared_memory()).is_err_and(|error| !is_absent(&error));
    let is_full = matches!(reason.source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if has_log && has_memory && !is_full {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
            Ok(connection)
        });
        if let Ok(connection) = opened
            && schema::is_current(&connection, path)
        {
            return Ok(connection);
        }
    }
    let mut connection = copy::read(files)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    schema::prepare_copy(&mut connection, path)?;
    Ok(connection)
}

fn cannot_write(reason: &FileError) -> StoreError {
    let FileError { path, source } = reason;
    // An error of the system has no copy.
    let copy = |code| io::Error::from_raw_os_error(code);
    let source = source.raw_os_error().map_or_else(|| io::Error::new(source.kind(), source.to_string()), copy);
    StoreError::CannotWrite { path: path.clone(), source }
}

/// Read access to the store, from [`Store::view`].
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    connection: &'a Connection,
    /// Path of the store, for errors.
    path: &'a Path,
}

/// Read access to one state of the store, from [`Store::snapshot`].
#[derive(Debug)]
pub struct Snapshot<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
}

impl Snapshot<'_> {
    /// Returns the view of the snapshot.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { connection: &self.transaction, path: self.path }
    }
}

/// Write access to the store, from [`Store::change`]. A change that is dropped without [`commit`](Self::commit) has
/// no effect.
#[derive(Debug)]
pub struct Change<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
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
        View { connection: &self.transaction, path: self.path }
    }

    /// Makes the change durable.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails. The change then has no effect.
    pub fn commit(self) -> Result<(), StoreError> {
        let path = self.path;
        self.transaction.commit().map_err(|error| StoreError::from_database(path, error))
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
        let executed = self.transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        executed.map_err(|error| self.view().failed(error))
    }
}

impl View<'_> {
    /// Returns the number of the last change.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn last_change(&self) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = 'change'";
        self.one(sql, [], |row| row.get(0))
    }

    /// Creates the error of a database operation.
    fn failed(&self, error: rusqlite::Error) -> StoreError {
        StoreError::from_database(self.path, error)
    }

    /// Creates the error of content that cannot be understood.
    fn damaged(&self, reason: impl fmt::Display) -> StoreError {
        StoreError::Damaged { path: self.path.to_owned(), text: reason.to_string() }
    }

    /// Returns the number of the last change that removed a license; 0 before the first removal.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn last_removal(&self) -> Result<i64, StoreError> {
        self.one("SELECT value FROM meta WHERE key = 'removal'", [], |row| row.get(0))
    }

    /// Returns true if a query has a row.
    fn exists(&self, sql: &str, key: impl Params) -> Result<bool, StoreError> {
        let found = self.connection.prepare_cached(sql).and_then(|mut query| query.exists(key));
        found.map_err(|error| self.failed(error))
    }

    /// Returns the first row of a query that always has one.
    fn one<T>(
        &self,
        sql: &str,
        key: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let found = self.connection.prepare_cached(sql).and_then(|mut query| query.query_row(key, read));
        found.map_err(|error| self.failed(error))
    }

    /// Returns the first row of a query.
    fn first<T>(
        &self,
        sql: &str,
        key: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let found = self.connection.prepare_cached(sql).and_then(|mut query| query.query_row(key, read).optional());
        found.map_err(|error| self.failed(error))
    }

    /// Returns all rows of a query.
    fn all<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        key: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<C, StoreError> {
        let query = self.connection.prepare_cached(sql);
        let rows = query.and_then(|mut query| query.query_map(key, read)?.collect::<Result<_, _>>());
        rows.map_err(|error| self.failed(error))
    }

    /// Calls `visit` with each row of a query. An error of `visit` ends the walk.
    fn each<T, E: From<StoreError>>(
        &self,
        sql: &str,
        key: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        mut visit: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = self.connection.prepare_cached(sql).map_err(|error| self.failed(error))?;
        for row in query.query_map(key, read).map_err(|error| self.failed(error))? {
            visit(row.map_err(|error| self.failed(error))?)?;
        }
        Ok(())
    }
}

/// Returns the values by which queries select a license: number of the kind, issuer, and license ID.
pub(crate) const fn license_key(identity: &LicenseIdentity) -> (u8, &str, &str) {
    (identity.kind.number(), identity.issuer.as_str(), identity.license_id.as_str())
}
