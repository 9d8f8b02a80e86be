//! Errors of the license store.

use std::io;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::Note;

/// Error of the license store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A newer version of Restow has used the store.
    #[error("{}: the license store has version {found}; this Restow knows up to {known}", path.display())]
    Newer {
        /// Path of the store.
        path: PathBuf,
        /// Version of the store.
        found: i64,
        /// Newest supported version.
        known: i64,
    },
    /// The file is not a store.
    #[error("{}: this is not a license store", .0.display())]
    NotAStore(PathBuf),
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// Underlying error.
        source: io::Error,
    },
    /// The database is damaged.
    #[error("the license store is damaged: {0}")]
    Damaged(String),
    /// Another program uses the store for too long.
    #[error("another program is using the license store")]
    Busy,
    /// The disk is full, or the file cannot be written.
    #[error("the license store cannot be written: {0}")]
    CannotWrite(String),
    /// Other error of the database.
    #[error("the license store failed: {0}")]
    Database(rusqlite::Error),
}

impl StoreError {
    /// Returns the stable code.
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

    /// Returns the Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::Damaged(_) => Hresult::NS_E_DRM_DATASTORE_CORRUPT,
            Self::Busy => Hresult::NS_E_DRM_BACKUPRESTORE_BUSY,
            Self::CannotWrite(_) => Hresult::NS_E_DRM_LICENSE_STORE_SAVE_ERROR,
            _ => Hresult::NS_E_DRM_LICENSE_STORE_ERROR,
        }
    }

    /// Returns the advice for the user.
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

impl From<&StoreError> for Note {
    fn from(error: &StoreError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            StoreError::Newer { path, found, known } => {
                note.with("path", path.display()).with("found", found).with("known", known)
            }
            StoreError::NotAStore(path) => note.with("path", path.display()),
            StoreError::Io { path, source } => note.with("path", path.display()).because(source),
            // The text of the database is not translated.
            StoreError::Damaged(text) | StoreError::CannotWrite(text) => note.with("text", text),
            StoreError::Database(error) => note.with("text", error),
            StoreError::Busy => note,
        }
    }
}
