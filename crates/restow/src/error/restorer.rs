//! Errors of a backup or restore as a whole.

use std::io;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::Note;

/// Error of a backup or restore as a whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestorerError {
    /// The property with the path is not set.
    #[error("no {0} was set")]
    NoPath(&'static str),
    /// The application gave no callback.
    #[error("no status callback was given")]
    NoCallback,
    /// The property does not exist.
    #[error("there is no property {0}")]
    UnknownProperty(String),
    /// This computer already has a set at the location, and the options do not permit another generation.
    #[error("a backup of this computer is already at this location")]
    BackupExists,
    /// The location has no set, generation or license with the requested properties.
    #[error("there is no {0} at this location")]
    NoSuch(String),
    /// A damaged pack prevents the removal of a license from the set.
    #[error("pack {0} cannot be read whole, so nothing can be taken out of this set")]
    ForgetDamaged(String),
    /// The backup is encrypted, and no passphrase file is configured.
    #[error("{} is encrypted, and no file with its passphrase is named", .0.display())]
    NoPassphraseFile(PathBuf),
    /// The backup is encrypted, and the passphrase file cannot be read.
    #[error("{} is encrypted, and {} with its passphrase cannot be read: {source}", path.display(), file.display())]
    PassphraseFile {
        /// Encrypted manifest.
        path: PathBuf,
        /// Passphrase file.
        file: PathBuf,
        /// Error of the file system.
        source: io::Error,
    },
    /// The system created no thread.
    #[error("the system gave no thread: {0}")]
    Thread(String),
    /// A run panicked.
    #[error("Restow has a defect; nothing was lost")]
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
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::NoPath(_) => Hresult::NS_E_DRM_INVALID_PROPERTY,
            Self::NoCallback | Self::UnknownProperty(_) => Hresult::E_INVALIDARG,
            Self::BackupExists => Hresult::NS_E_DRM_BACKUP_EXISTS,
            Self::NoSuch(_) | Self::ForgetDamaged(_) => Hresult::NS_E_DRM_BACKUP_CORRUPT,
            Self::NoPassphraseFile(_) | Self::PassphraseFile { .. } => Hresult::NS_E_DRM_NOT_CONFIGURED,
            Self::Thread(_) => Hresult::E_FAIL,
            Self::Defect => Hresult::NS_E_BACKUP_RESTORE_FAILURE,
        }
    }

    /// Returns the next action for the user.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoPath(_) => "Set the path first.",
            Self::NoCallback => "Give a callback.",
            Self::UnknownProperty(_) => "Use BackupPath or RestorePath.",
            Self::BackupExists => "Allow overwriting: a generation is added and the old ones stay.",
            Self::NoSuch(_) => "See what is there: restow backups LOCATION.",
            Self::ForgetDamaged(_) => "Back up again, which mends what the store still has; then try again.",
            Self::NoPassphraseFile(_) | Self::PassphraseFile { .. } => {
                "Name the file with its passphrase in RESTOW_PASSPHRASE_FILE, or as passphrase_file in settings.json of the home."
            }
            Self::Thread(_) => "Close other programs and try again.",
            Self::Defect => "Please report it.",
        }
    }
}

impl From<&RestorerError> for Note {
    fn from(error: &RestorerError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            RestorerError::NoPath(name) => note.with("name", name),
            RestorerError::UnknownProperty(name) => note.with("name", name),
            RestorerError::ForgetDamaged(pack) => note.with("pack", pack),
            RestorerError::NoPassphraseFile(path) => note.with("path", path.display()),
            RestorerError::PassphraseFile { path, file, source } => {
                note.with("path", path.display()).with("file", file.display()).because(source)
            }
            RestorerError::Thread(text) => note.with("text", text),
            RestorerError::NoCallback
            | RestorerError::BackupExists
            | RestorerError::NoSuch(_)
            | RestorerError::Defect => note,
        }
    }
}
