//! Errors of a backup or restore as a whole.

use std::io;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::{message_error, message_methods};

use crate::texts::TEXTS;

/// Error of a backup or restore as a whole.
#[derive(Debug)]
#[non_exhaustive]
pub enum RestorerError {
    /// The property with the path is not set.
    NoPath(&'static str),
    /// The application gave no callback.
    NoCallback,
    /// The property does not exist.
    UnknownProperty(String),
    /// This computer already has a set at the location, and the options do not permit another generation.
    BackupExists,
    /// The location has no set, generation or license with the requested properties.
    NoSuch(String),
    /// A damaged pack prevents the removal of a license from the set.
    ForgetDamaged(String),
    /// The backup is encrypted, and no passphrase file is configured.
    NoPassphraseFile(PathBuf),
    /// The backup is encrypted, and the passphrase file cannot be read.
    PassphraseFile {
        /// Encrypted manifest.
        path: PathBuf,
        /// Passphrase file.
        file: PathBuf,
        /// Error of the file system.
        source: io::Error,
    },
    /// The system created no thread.
    Thread(String),
    /// A run panicked.
    Defect,
}

impl RestorerError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoPath(_) => "no-path",
            Self::NoCallback => "no-callback",
            Self::UnknownProperty(_) => "unknown-property",
            Self::BackupExists => "backup-exists",
            Self::NoSuch(_) => "no-such-set",
            Self::ForgetDamaged(_) => "backup-forget-damaged",
            Self::NoPassphraseFile(_) => "no-passphrase-file",
            Self::PassphraseFile { .. } => "passphrase-file-unreadable",
            Self::Thread(_) => "no-thread",
            Self::Defect => "defect",
        }
    }

    /// Returns the Windows result code.
    #[must_use]
    pub fn hresult(&self) -> Hresult {
        match self {
            // The code is also one of a backup location, with another result.
            Self::ForgetDamaged(_) => Hresult::NS_E_DRM_BACKUP_CORRUPT,
            _ => Hresult::from_code(self.code()),
        }
    }
}

impl From<&RestorerError> for Message {
    fn from(error: &RestorerError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            RestorerError::NoPath(name) => message.with("name", name),
            RestorerError::UnknownProperty(name) => message.with("name", name),
            RestorerError::ForgetDamaged(pack) => message.with("pack", pack),
            RestorerError::NoPassphraseFile(path) => message.with("path", path.display()),
            RestorerError::PassphraseFile { path, file, source } => {
                message.with("path", path.display()).with("file", file.display()).with_cause(source)
            }
            RestorerError::Thread(text) => message.with("text", text),
            RestorerError::NoCallback
            | RestorerError::BackupExists
            | RestorerError::NoSuch(_)
            | RestorerError::Defect => message,
        }
    }
}

message_error!(RestorerError {
    Self::PassphraseFile { source, .. } => source,
});
message_methods!(RestorerError, help);
