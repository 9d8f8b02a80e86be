//! Errors of a backup location, with their codes and their help.
//!
//! Damage inside a set is not an error: [`Damage`](super::Damage) reports damage, and reading continues. An
//! error ends the whole operation.

use std::io;
use std::path::{Path, PathBuf};

use restow_core::hresult::Hresult;
use restow_core::message::Note;

use super::codec::RecordError;
use super::ids::SetId;
use super::manifest::{FLAG_ENCRYPTED, FORMAT_VERSION};

/// Error that prevents an operation on a backup location.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The path does not exist.
    #[error("{} does not exist", .0.display())]
    LocationMissing(PathBuf),
    /// A file, a link or a device is in the place of a folder.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder exists and has no backup.
    #[error("there is no backup in {}", .0.display())]
    NoBackup(PathBuf),
    /// The medium or the file system is read-only.
    #[error("{} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// The operating system denies access.
    #[error("access to {} is denied", .0.display())]
    AccessDenied(PathBuf),
    /// The medium or the quota is full.
    #[error("there is no room left for {}", .0.display())]
    DiskFull(PathBuf),
    /// Reading failed.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// File or folder that was read.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// Writing failed.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// File or folder that was written.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// A newer Restow wrote the manifest. The file is not damaged.
    #[error("{} was written by a newer Restow (format {reader}, flags {flags:#x})", path.display())]
    NewerFormat {
        /// Path of the manifest.
        path: PathBuf,
        /// Oldest format version that can read the manifest.
        reader: u16,
        /// Flags of the manifest.
        flags: u16,
    },
    /// The set has manifests, and all are damaged.
    #[error("no generation of {} can be read", .0.display())]
    AllDamaged(PathBuf),
    /// The location has no set with this ID.
    #[error("there is no set {0} at this location")]
    NoSuchSet(SetId),
    /// The set has no readable generation with this number.
    #[error("set {set} has no readable generation {number}")]
    NoSuchGeneration {
        /// Set that was searched.
        set: SetId,
        /// Requested number.
        number: u64,
    },
    /// A limit of docs/backup-format.md §7 is exceeded.
    #[error("{} holds too much: {limit}", path.display())]
    LimitExceeded {
        /// Folder that exceeds the limit.
        path: PathBuf,
        /// Description of the limit.
        limit: &'static str,
    },
    /// A license cannot be removed from a set with a damaged manifest.
    #[error("{} cannot be read, so nothing can be taken out of this set", .0.display())]
    ForgetDamaged(PathBuf),
    /// A record breaks a limit of the format.
    #[error("this cannot be written to a backup: {0}")]
    Record(#[from] RecordError),
    /// The thread of the writer ended without a result.
    #[error("the backup writer stopped unexpectedly")]
    WriterStopped,
    /// The caller cancelled the operation.
    #[error("the operation was cancelled")]
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

    /// Returns the Windows result code of the error.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::LocationMissing(_)
            | Self::NotAFolder(_)
            | Self::ReadOnly(_)
            | Self::DiskFull(_)
            | Self::Read { .. }
            | Self::Write { .. } => Hresult::NS_E_WMPBR_DRIVE_INVALID,
            Self::AccessDenied(_) => Hresult::E_ACCESSDENIED,
            // docs/wmformat.md has one result code for a backup set that is missing or was changed.
            Self::NoBackup(_)
            | Self::AllDamaged(_)
            | Self::NoSuchSet(_)
            | Self::NoSuchGeneration { .. }
            | Self::LimitExceeded { .. } => Hresult::NS_E_DRM_BACKUP_CORRUPT,
            Self::Cancelled => Hresult::NS_E_DRM_OPERATION_CANCELED,
            Self::NewerFormat { .. } | Self::ForgetDamaged(_) | Self::Record(_) | Self::WriterStopped => {
                Hresult::NS_E_BACKUP_RESTORE_FAILURE
            }
        }
    }

    /// Returns advice for the user: the next action.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::LocationMissing(_) => "Connect the drive, or choose a folder that exists.",
            Self::NotAFolder(_) => "Choose a folder, such as the top of a drive.",
            Self::NoBackup(_) => "Choose the folder that was given to `restow backup`; it has a folder Restow in it.",
            Self::ReadOnly(_) => "Make the drive writable, or choose another location.",
            Self::AccessDenied(_) => "Use a folder you may read and write.",
            Self::DiskFull(_) => {
                "Make room there, or choose another location. The backups already there are untouched."
            }
            Self::Read { .. } => "Check the drive and its connection, then try again.",
            Self::Write { .. } => {
                "Check the drive and its connection, then try again. The backups already there are untouched."
            }
            Self::NewerFormat { .. } => "Update Restow on this computer.",
            Self::AllDamaged(_) => "Try another copy of the backup; `restow verify` tells what is damaged.",
            Self::NoSuchSet(_) | Self::NoSuchGeneration { .. } => "`restow backups LOCATION` lists what is there.",
            Self::LimitExceeded { .. } => "This was not written by Restow as it is; use another copy of the backup.",
            Self::ForgetDamaged(_) => {
                "Look at `restow verify`; move the damaged file away if nothing is wanted from it."
            }
            Self::Record(_) => "Look at the license with `restow why`; the others can be backed up without it.",
            Self::WriterStopped => "Please report this. The backups already there are untouched.",
            Self::Cancelled => "Nothing was changed.",
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

impl From<&BackupError> for Note {
    fn from(error: &BackupError) -> Self {
        let note = Self::new(error.code(), error);
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
            | BackupError::NewerFormat { path, .. } => note.with("path", path.display()),
            BackupError::Read { path, source } | BackupError::Write { path, source } => {
                note.with("path", path.display()).because(source)
            }
            BackupError::NoSuchSet(set) => note.with("set", set),
            BackupError::NoSuchGeneration { set, number } => note.with("set", set).with("number", number),
            BackupError::Record(error) => note.because(error),
            BackupError::WriterStopped | BackupError::Cancelled => note,
        }
    }
}
