//! Errors of the license store.

use std::io;
use std::path::PathBuf;

use restow_core::{message_error, message_methods};

use crate::texts::TEXTS;

message_error! {
    /// Error of the license store.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum StoreError in TEXTS {
        /// A newer version of Restow has used the store.
        Newer {
            /// Path of the store.
            path: PathBuf,
            /// Version of the store.
            found: i64,
            /// Newest supported version.
            known: i64,
        } = "store-newer",
        /// The file is not a store.
        NotAStore(path: PathBuf) = "store-not-a-store",
        /// A file or folder cannot be used.
        Io {
            /// Path of the file or folder.
            path: PathBuf,
            /// Underlying error.
            source: io::Error,
        } = "store-unusable",
        /// The database is damaged.
        Damaged(text: String) = "store-damaged",
        /// Another program uses the store for too long.
        Busy = "store-busy",
        /// The disk is full, or the file cannot be written.
        CannotWrite(text: String) = "store-cannot-write",
        /// Other error of the database.
        // The text of the database is not translated.
        Database(source: rusqlite::Error as text = source) = "store-failed",
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

message_methods!(StoreError);
