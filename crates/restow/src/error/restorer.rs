//! What can go wrong with a run itself.

use std::io;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::Note;

/// What can go wrong with a run itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestorerError {
    /// Another run uses the home.
    #[error("another backup, restore or refresh is running")]
    Busy,
    /// No path was set.
    #[error("no {0} was set")]
    NoPath(&'static str),
    /// No callback was given.
    #[error("no status callback was given")]
    NoCallback,
    /// A property that does not exist.
    #[error("there is no property {0}")]
    UnknownProperty(String),
    /// This computer already has a set there, and may not add to it.
    #[error("a backup of this computer is already at this location")]
    BackupExists,
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// No set, or no generation, is as asked.
    #[error("there is no {0} at this location")]
    NoSuch(String),
    /// A pack cannot be read whole, so a license cannot be taken out of the set.
    #[error("pack {0} cannot be read whole, so nothing can be taken out of this set")]
    ForgetDamaged(String),
    /// The backup is encrypted, and nothing says where its passphrase is.
    #[error("{} is encrypted, and no file with its passphrase is named", .0.display())]
    NoPassphraseFile(PathBuf),
    /// The backup is encrypted, and the file with its passphrase cannot be read.
    #[error("{} is encrypted, and {} with its passphrase cannot be read: {source}", path.display(), file.display())]
    PassphraseFile {
        /// The manifest that is encrypted.
        path: PathBuf,
        /// The file with the passphrase.
        file: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The system gave no thread.
    #[error("the system gave no thread: {0}")]
    Thread(String),
    /// A defect in Restow.
    #[error("Restow has a defect; nothing was lost")]
    Defect,
}

impl RestorerError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoPath(_) => "no-path",
            Self::NoCallback => "no-callback",
            Self::UnknownProperty(_) => "unknown-property",
            Self::BackupExists => "backup-exists",
            Self::Cancelled => "cancelled",
            Self::NoSuch(_) => "no-such-set",
            Self::ForgetDamaged(_) => "backup-forget-damaged",
            Self::NoPassphraseFile(_) => "no-passphrase-file",
            Self::PassphraseFile { .. } => "passphrase-file-unreadable",
            Self::Thread(_) => "no-thread",
            Self::Defect => "defect",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::Busy => Hresult::NS_E_DRM_BACKUPRESTORE_BUSY,
            Self::NoPath(_) => Hresult::NS_E_DRM_INVALID_PROPERTY,
            Self::NoCallback | Self::UnknownProperty(_) => Hresult::E_INVALIDARG,
            Self::BackupExists => Hresult::NS_E_DRM_BACKUP_EXISTS,
            Self::Cancelled => Hresult::NS_E_DRM_OPERATION_CANCELED,
            Self::NoSuch(_) | Self::ForgetDamaged(_) => Hresult::NS_E_DRM_BACKUP_CORRUPT,
            Self::NoPassphraseFile(_) | Self::PassphraseFile { .. } => Hresult::NS_E_DRM_NOT_CONFIGURED,
            Self::Thread(_) => Hresult::E_FAIL,
            Self::Defect => Hresult::NS_E_BACKUP_RESTORE_FAILURE,
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Busy => "Wait for it to end, or cancel it.",
            Self::NoPath(_) => "Set the path first.",
            Self::NoCallback => "Give a callback.",
            Self::UnknownProperty(_) => "Use BackupPath or RestorePath.",
            Self::BackupExists => "Allow overwriting: a generation is added and the old ones stay.",
            Self::Cancelled => "Start it again when you like.",
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
            RestorerError::Busy
            | RestorerError::NoCallback
            | RestorerError::BackupExists
            | RestorerError::Cancelled
            | RestorerError::NoSuch(_)
            | RestorerError::Defect => note,
        }
    }
}
