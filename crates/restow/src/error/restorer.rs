//! Errors of a backup or restore as a whole.

use std::io;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::time::{UnixTime, rfc3339};
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
        /// This computer backed up to the location, and its set is not there.
        BackupGone {
            /// Location.
            location: String,
            /// Number of the last generation that this computer wrote there.
            generation: u64,
            /// Time of that backup.
            at: UnixTime as date = rfc3339(*at),
        } = "backup-gone",
        /// Neither the store nor the set has a license.
        NothingToBackUp = "backup-nothing",
        /// The name of the location is not UTF-8.
        LocationName(path: PathBuf) = "backup-location-name",
        /// The location has no set of this computer.
        NoOwnSet(path: PathBuf) = "backup-no-own-set",
        /// Licenses in the set are damaged, and this computer does not have them.
        LicensesLost(count: u64) = "backup-licenses-lost",
        /// The drive does not return some licenses as they were written.
        NotReadBack(count: u64) = "backup-not-read-back",
        /// The drive returns nothing as it was written.
        NothingReadBack(path: PathBuf) = "backup-nothing-read-back",
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
