//! Errors of a backup location, with their codes and their help.
//!
//! Damage inside a set is not an error: [`Damage`](super::Damage) reports damage, and reading continues. An
//! error ends the whole operation.

use std::io;
use std::path::{Path, PathBuf};

use restow_core::{message_error, message_methods};

use super::codec::RecordError;
use super::ids::SetId;
use super::manifest::{FLAG_ENCRYPTED, FORMAT_VERSION};
use super::texts::TEXTS;

message_error! {
    /// Error that prevents an operation on a backup location.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum BackupError in TEXTS {
        /// The path does not exist.
        LocationMissing(path: PathBuf) = "backup-location-missing",
        /// A file, a link or a device is in the place of a folder.
        NotAFolder(path: PathBuf) = "backup-not-a-folder",
        /// A symbolic link is in the place of a folder of the backup.
        SymbolicLink(path: PathBuf) = "backup-symbolic-link",
        /// The folder exists and has no backup.
        NoBackup(path: PathBuf) = "backup-none-here",
        /// The medium or the file system is read-only.
        ReadOnly(path: PathBuf) = "backup-read-only",
        /// The operating system denies access.
        AccessDenied(path: PathBuf) = "backup-access-denied",
        /// The medium or the quota is full.
        DiskFull(path: PathBuf) = "backup-disk-full",
        /// Reading failed.
        Read {
            /// File or folder that was read.
            path: PathBuf,
            /// Cause.
            source: io::Error,
        } = "backup-read-failed",
        /// Writing failed.
        Write {
            /// File or folder that was written.
            path: PathBuf,
            /// Cause.
            source: io::Error,
        } = "backup-write-failed",
        /// A newer Restow wrote the manifest. The file is not damaged.
        NewerFormat {
            /// Path of the manifest.
            path: PathBuf,
            /// Oldest format version that can read the manifest.
            reader: u16 as _,
            /// Flags of the manifest.
            flags: u16 as _,
        } = "backup-newer-format",
        /// The set has manifests, and all are damaged.
        AllDamaged(path: PathBuf) = "backup-damaged",
        /// The location has no set with this ID.
        NoSuchSet(set: SetId as set = set) = "backup-no-such-set",
        /// The set has no readable generation with this number.
        NoSuchGeneration {
            /// Set that was searched.
            set: SetId as set = set,
            /// Requested number.
            number: u64,
            /// Numbers of the readable generations, such as `1–3, 7`; `–` if there are none.
            readable: String,
        } = "backup-no-such-generation",
        /// A limit of docs/backup-format.md §7 is exceeded.
        LimitExceeded {
            /// Folder that exceeds the limit.
            path: PathBuf,
            /// Description of the limit.
            limit: &'static str as _,
        } = "backup-too-much",
        /// A license cannot be removed from a set with a damaged manifest.
        ForgetDamaged(path: PathBuf) = "backup-forget-damaged",
        /// A record breaks a limit of the format.
        Record(source: RecordError) = "backup-record-refused",
        /// The thread of the writer ended without a result.
        WriterStopped = "backup-writer-stopped",
        /// The caller cancelled the operation.
        Cancelled = "cancelled",
    }
}

impl BackupError {
    /// Returns the path of the manifest if only a passphrase is needed to read it (docs/backup-format.md §6).
    pub fn only_encrypted(&self) -> Option<&Path> {
        match self {
            Self::NewerFormat { path, reader: ..=FORMAT_VERSION, flags: FLAG_ENCRYPTED } => Some(path),
            _ => None,
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

message_methods!(BackupError);

impl From<RecordError> for BackupError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}
