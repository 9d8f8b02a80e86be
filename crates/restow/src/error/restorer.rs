//! Errors of a backup or restore as a whole.

use std::io;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::{message_error, message_methods};

use crate::texts::TEXTS;

message_error! {
    /// Error of a backup or restore as a whole.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum RestorerError in TEXTS {
        /// The property with the path is not set.
        NoPath(name: &'static str) = "no-path",
        /// The application gave no callback.
        NoCallback = "no-callback",
        /// The property does not exist.
        UnknownProperty(name: String) = "unknown-property",
        /// This computer already has a set at the location, and the options do not permit another generation.
        BackupExists = "backup-exists",
        /// The location has no set with this prefix of its ID or this computer name.
        NoSuchSet {
            /// Requested ID or name.
            set: String,
            /// Sets at the location, for people.
            there: String,
        } = "no-such-set",
        /// The location has several sets, and one must be selected.
        SeveralSets(there: String) = "several-sets",
        /// The sets have no license with a requested ID.
        NoSuchLicense(license: String) = "backup-no-such-license",
        /// A damaged pack prevents the removal of a license from the set.
        ForgetDamaged(pack: String) = "backup-forget-damaged",
        /// The backup is encrypted, and no passphrase file is configured.
        NoPassphraseFile(path: PathBuf) = "no-passphrase-file",
        /// The backup is encrypted, and the passphrase file cannot be read.
        PassphraseFile {
            /// Encrypted manifest.
            path: PathBuf,
            /// Passphrase file.
            file: PathBuf,
            /// Error of the file system.
            source: io::Error,
        } = "passphrase-file-unreadable",
        /// The system created no thread.
        Thread(text: String) = "no-thread",
        /// A run panicked.
        Defect = "defect",
    }
}

impl RestorerError {
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

message_methods!(RestorerError, help);
