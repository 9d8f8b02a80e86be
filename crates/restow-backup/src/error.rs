//! Errors of a backup location, with their codes and their help.
//!
//! Damage inside a set is not an error: [`Damage`](super::Damage) reports damage, and reading continues. An
//! error ends the whole operation.

use std::io;
use std::path::{Path, PathBuf};

use restow_core::message::Message;
use restow_core::{message_error, message_methods};

use super::codec::RecordError;
use super::ids::SetId;
use super::manifest::{FLAG_ENCRYPTED, FORMAT_VERSION};
use super::texts::TEXTS;

/// Error that prevents an operation on a backup location.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupError {
    /// The path does not exist.
    LocationMissing(PathBuf),
    /// A file, a link or a device is in the place of a folder.
    NotAFolder(PathBuf),
    /// The folder exists and has no backup.
    NoBackup(PathBuf),
    /// The medium or the file system is read-only.
    ReadOnly(PathBuf),
    /// The operating system denies access.
    AccessDenied(PathBuf),
    /// The medium or the quota is full.
    DiskFull(PathBuf),
    /// Reading failed.
    Read {
        /// File or folder that was read.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// Writing failed.
    Write {
        /// File or folder that was written.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// A newer Restow wrote the manifest. The file is not damaged.
    NewerFormat {
        /// Path of the manifest.
        path: PathBuf,
        /// Oldest format version that can read the manifest.
        reader: u16,
        /// Flags of the manifest.
        flags: u16,
    },
    /// The set has manifests, and all are damaged.
    AllDamaged(PathBuf),
    /// The location has no set with this ID.
    NoSuchSet(SetId),
    /// The set has no readable generation with this number.
    NoSuchGeneration {
        /// Set that was searched.
        set: SetId,
        /// Requested number.
        number: u64,
    },
    /// A limit of docs/backup-format.md §7 is exceeded.
    LimitExceeded {
        /// Folder that exceeds the limit.
        path: PathBuf,
        /// Description of the limit.
        limit: &'static str,
    },
    /// A license cannot be removed from a set with a damaged manifest.
    ForgetDamaged(PathBuf),
    /// A record breaks a limit of the format.
    Record(RecordError),
    /// The thread of the writer ended without a result.
    WriterStopped,
    /// The caller cancelled the operation.
    Cancelled,
}

impl BackupError {
    /// Returns the path of the manifest if only a passphrase is needed to read it (docs/backup-format.md §6).
    pub fn only_encrypted(&self) -> Option<&Path> {
        match self {
            Self::NewerFormat { path, reader: ..=FORMAT_VERSION, flags: FLAG_ENCRYPTED } => Some(path),
            _ => None,
        }
    }

    /// Returns the stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LocationMissing(_) => "backup-location-missing",
            Self::NotAFolder(_) => "backup-not-a-folder",
            Self::NoBackup(_) => "backup-none-here",
            Self::ReadOnly(_) => "backup-read-only",
            Self::AccessDenied(_) => "backup-access-denied",
            Self::DiskFull(_) => "backup-disk-full",
            Self::Read { .. } => "backup-read-failed",
            Self::Write { .. } => "backup-write-failed",
            Self::NewerFormat { .. } => "backup-newer-format",
            Self::AllDamaged(_) => "backup-damaged",
            Self::NoSuchSet(_) => "backup-no-such-set",
            Self::NoSuchGeneration { .. } => "backup-no-such-generation",
            Self::LimitExceeded { .. } => "backup-too-much",
            Self::ForgetDamaged(_) => "backup-forget-damaged",
            Self::Record(_) => "backup-record-refused",
            Self::WriterStopped => "backup-writer-stopped",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn from_read(path: impl AsRef<Path>, source: io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::AccessDenied(path),
            _ => Self::Read { path, source },
        }
    }

    pub(super) fn from_write(path: impl AsRef<Path>, source: io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        match source.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path),
            io::ErrorKind::PermissionDenied => Self::AccessDenied(path),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::DiskFull(path)
            }
            _ => Self::Write { path, source },
        }
    }
}

impl From<&BackupError> for Message {
    fn from(error: &BackupError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            BackupError::LocationMissing(path)
            | BackupError::NotAFolder(path)
            | BackupError::NoBackup(path)
            | BackupError::ReadOnly(path)
            | BackupError::AccessDenied(path)
            | BackupError::DiskFull(path)
            | BackupError::AllDamaged(path)
            | BackupError::ForgetDamaged(path)
            | BackupError::LimitExceeded { path, .. }
            | BackupError::NewerFormat { path, .. } => message.with("path", path.display()),
            BackupError::Read { path, source } | BackupError::Write { path, source } => {
                message.with("path", path.display()).with_cause(source)
            }
            BackupError::NoSuchSet(set) => message.with("set", set),
            BackupError::NoSuchGeneration { set, number } => message.with("set", set).with("number", number),
            BackupError::Record(error) => message.with_cause(error),
            BackupError::WriterStopped | BackupError::Cancelled => message,
        }
    }
}

message_error!(BackupError {
    Self::Read { source, .. } | Self::Write { source, .. } => source,
    Self::Record(error) => error,
});
message_methods!(BackupError);

impl From<RecordError> for BackupError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}
