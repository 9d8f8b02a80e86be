//! Errors of a home and its key files.

use std::io;
use std::path::{Path, PathBuf};

use restow_core::{message_error, message_methods};

use crate::texts::TEXTS;

message_error! {
    /// Error of a home or its key files.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum HomeError in TEXTS {
        /// The system has no folder for application data.
        NoFolder = "home-no-folder",
        /// A file or folder of the home cannot be used.
        Io {
            /// Path of the file or folder.
            path: PathBuf,
            /// Underlying error.
            source: io::Error,
        } = "home-unusable",
        /// A file of the home cannot be written.
        CannotWrite {
            /// Path of the file.
            path: PathBuf,
            /// Underlying error.
            source: io::Error,
        } = "home-cannot-write",
        /// The file system of the home has no locks.
        NoLocks {
            /// Path of the lock file.
            path: PathBuf,
            /// Underlying error.
            source: io::Error,
        } = "home-no-locks",
        /// A key file is damaged.
        DamagedKey(path: PathBuf) = "home-key-damaged",
        /// A trusted or distrusted certificate is damaged.
        DamagedRoot(path: PathBuf) = "home-root-damaged",
        /// The settings are malformed.
        Settings {
            /// Path of the settings.
            path: PathBuf,
            /// Reason of the failure.
            why: String as text,
        } = "home-settings",
        /// The home belongs to another machine.
        OtherMachine(path: PathBuf) = "other-machine",
        /// The random source of the system failed.
        Random = "no-randomness",
    }
}

impl HomeError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

message_methods!(HomeError);
