//! Errors of the license store.

use std::io;
use std::path::{Path, PathBuf};

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
        Damaged {
            /// Path of the store.
            path: PathBuf,
            /// Reason, in the words of the database.
            text: String,
        } = "store-damaged",
        /// Another program uses the store for too long.
        Busy(path: PathBuf) = "store-busy",
        /// The store can be read, and cannot be written.
        CannotWrite {
            /// Path of the file or folder that cannot be written.
            path: PathBuf,
            /// Underlying error.
            source: io::Error,
        } = "store-cannot-write",
        /// The store cannot be written, and is too large to be read from a copy in memory.
        TooLarge {
            /// Path of the store.
            path: PathBuf,
            /// Maximum size in MiB.
            limit: u64,
        } = "store-too-large",
        /// Other error of the database.
        Database {
            /// Path of the store.
            path: PathBuf,
            /// Underlying error.
            // The text of the database is not translated.
            source: rusqlite::Error as text = source,
        } = "store-failed",
    }
}

impl StoreError {
    /// Creates the error of a database operation on the store at `path`.
    pub(crate) fn from_database(path: &Path, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let path = path.to_owned();
        let cannot_write = |kind: io::ErrorKind| Self::CannotWrite { path: path.clone(), source: kind.into() };
        match error.sqlite_error_code() {
            Some(Code::NotADatabase) => Self::NotAStore(path),
            Some(Code::DatabaseCorrupt) => Self::Damaged { path, text: error.to_string() },
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy(path),
            Some(Code::DiskFull) => cannot_write(io::ErrorKind::StorageFull),
            Some(Code::ReadOnly) => cannot_write(io::ErrorKind::ReadOnlyFilesystem),
            Some(Code::PermissionDenied) => cannot_write(io::ErrorKind::PermissionDenied),
            Some(Code::SystemIoFailure | Code::CannotOpen) => {
                Self::Io { path, source: io::Error::other(error.to_string()) }
            }
            _ => Self::Database { path, source: error },
        }
    }
}

message_methods!(StoreError);
