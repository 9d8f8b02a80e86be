//! Errors of the license store.

use std::io;
use std::path::PathBuf;

use restow_core::message::Message;
use restow_core::{message_error, message_methods};

use crate::texts::TEXTS;

/// Error of the license store.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// A newer version of Restow has used the store.
    Newer {
        /// Path of the store.
        path: PathBuf,
        /// Version of the store.
        found: i64,
        /// Newest supported version.
        known: i64,
    },
    /// The file is not a store.
    NotAStore(PathBuf),
    /// A file or folder cannot be used.
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// Underlying error.
        source: io::Error,
    },
    /// The database is damaged.
    Damaged(String),
    /// Another program uses the store for too long.
    Busy,
    /// The disk is full, or the file cannot be written.
    CannotWrite(String),
    /// Other error of the database.
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

impl From<&StoreError> for Message {
    fn from(error: &StoreError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            StoreError::Newer { path, found, known } => {
                message.with("path", path.display()).with("found", found).with("known", known)
            }
            StoreError::NotAStore(path) => message.with("path", path.display()),
            StoreError::Io { path, source } => message.with("path", path.display()).with_cause(source),
            // The text of the database is not translated.
            StoreError::Damaged(text) | StoreError::CannotWrite(text) => message.with("text", text),
            StoreError::Database(error) => message.with("text", error),
            StoreError::Busy => message,
        }
    }
}

message_error!(StoreError {
    Self::Io { source, .. } => source,
    Self::Database(error) => error,
});
message_methods!(StoreError);
