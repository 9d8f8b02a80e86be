//! The license store: one SQLite file with licenses, their secure state, and the catalog of protected files.
//!
//! Reading goes through a [`View`], changing through a [`Change`]: one transaction, durable once committed. Every change has
//! a number, larger than all before it, which rows remember, so that a backup knows what is new.

mod backups;
mod catalog;
mod counters;
mod keys;
mod licenses;
mod providers;
mod schema;
mod services;
mod standings;

use restow_core::message::Note;
use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub(crate) use backups::StoredLicense;
pub use backups::{BackupNote, LeftOut, RestoredFrom};
pub use catalog::{FileEntry, PublicationFile, ScannedFile, WithoutLicense};
pub use counters::CounterEntry;
pub(crate) use licenses::Kept;
pub use licenses::{LicenseEntry, LicenseStatus, Stored, Which};
pub use providers::ProviderEntry;
pub use restow_core::trust::AddedBy;
pub(crate) use services::default_name;
pub use services::{Registration, ServiceEntry};
pub use standings::{LicenseFacts, StandingEntry};

use restow_core::hresult::Hresult;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A newer Restow has used it.
    #[error("{}: the license store has version {found}; this Restow knows up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// The file is something else.
    #[error("{}: this is not a license store", .0.display())]
    NotAStore(PathBuf),
    /// The file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database is damaged.
    #[error("the license store is damaged: {0}")]
    Damaged(String),
    /// Another program holds it for too long.
    #[error("another program is using the license store")]
    Busy,
    /// The disk is full or the file cannot be written.
    #[error("the license store cannot be written: {0}")]
    CannotWrite(String),
    /// Anything else the database says.
    #[error("the license store failed: {0}")]
    Database(rusqlite::Error),
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "store-newer",
            Self::NotAStore(_) => "store-not-a-store",
            Self::Io { .. } => "store-unusable",
            Self::Damaged(_) => "store-damaged",
            Self::Busy => "store-busy",
            Self::CannotWrite(_) => "store-cannot-write",
            Self::Database(_) => "store-failed",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::Damaged(_) => Hresult::NS_E_DRM_DATASTORE_CORRUPT,
            Self::Busy => Hresult::NS_E_DRM_BACKUPRESTORE_BUSY,
            Self::CannotWrite(_) => Hresult::NS_E_DRM_LICENSE_STORE_SAVE_ERROR,
            _ => Hresult::NS_E_DRM_LICENSE_STORE_ERROR,
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "Use the newer Restow that wrote it.",
            Self::NotAStore(_) => "Name another home with --home DIR.",
            Self::Io { .. } => "Check that the folder exists and belongs to you.",
            Self::Damaged(_) => "Move store.db away and restore your licenses from a backup: restow restore LOCATION.",
            Self::Busy => "Wait for the other program to end, then try again.",
            Self::CannotWrite(_) => "Make room on the disk, or check who may write there.",
            Self::Database(_) => "Try again; if it persists, please report it.",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::DiskFull | Code::ReadOnly | Code::SystemIoFailure) => Self::CannotWrite(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

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

impl From<&StoreError> for Note {
    fn from(error: &StoreError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            StoreError::Newer { path, found, known } => {
                note.with("path", path.display()).with("found", found).with("known", known)
            }
            StoreError::NotAStore(path) => note.with("path", path.display()),
            StoreError::Io { path, source } => note.with("path", path.display()).because(source),
            // What the database says is its own.
            StoreError::Damaged(text) | StoreError::CannotWrite(text) => note.with("text", text),
            StoreError::Database(error) => note.with("text", error),
            StoreError::Busy => note,
        }
    }
}
