//! A backup location: the folder that the user chose (docs/backup-format.md §1).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::BackupError;
use super::ids::{FOLDER, SETS, SetId};
use super::set::BackupSet;
use super::storage::{DiskStorage, EntryKind, Storage, list_or_empty};

/// Maximum number of sets at a location (§7).
pub(crate) const MAX_SETS: usize = 10_000;

/// The `Restow` folder in the folder that the user chose.
#[derive(Clone, Debug)]
pub struct Location {
    storage: Arc<dyn Storage>,
}

impl Location {
    /// Opens a location for reading. `path` is the folder that the user chose for the backup, or the `Restow`
    /// folder in it.
    ///
    /// # Errors
    /// [`BackupError::LocationMissing`], [`BackupError::NotAFolder`], [`BackupError::NoBackup`],
    /// [`BackupError::AccessDenied`] or [`BackupError::Read`].
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        check_folder(path)?;
        let subfolder = path.join(FOLDER);
        let root = if is_folder(&subfolder)? {
            subfolder
        } else if is_folder(&path.join(SETS))? {
            path.to_path_buf()
        } else {
            return Err(BackupError::NoBackup(path.to_path_buf()));
        };
        let location = Self::with_storage(Arc::new(DiskStorage::new(root)));
        if location.sets()?.is_empty() {
            return Err(BackupError::NoBackup(path.to_path_buf()));
        }
        Ok(location)
    }

    /// Opens a location for writing. `path` must be an existing folder.
    ///
    /// This creates no file or folder. [`SetWriter::begin`](super::SetWriter::begin) creates them, so that a
    /// cancelled first backup leaves no trace.
    ///
    /// # Errors
    /// [`BackupError::LocationMissing`], [`BackupError::NotAFolder`], [`BackupError::AccessDenied`] or
    /// [`BackupError::Read`].
    pub fn create(path: &Path) -> Result<Self, BackupError> {
        check_folder(path)?;
        let subfolder = path.join(FOLDER);
        // A user may choose the visible `Restow` folder itself. Another `Restow` folder inside would hide the
        // backup.
        let is_restow = path.file_name().is_some_and(|name| name == FOLDER) && path.join(SETS).is_dir();
        let root = if is_restow && !subfolder.exists() { path.to_path_buf() } else { subfolder };
        // Writes through a link would leave the location.
        match fs::symlink_metadata(&root) {
            Ok(meta) if !meta.is_dir() => return Err(BackupError::NotAFolder(root)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(BackupError::from_read(root, error)),
            Ok(_) | Err(_) => {}
        }
        Ok(Self::with_storage(Arc::new(DiskStorage::new(root))))
    }

    pub(crate) fn with_storage(storage: Arc<dyn Storage>) -> Self {
        Self { storage }
    }

    pub(crate) const fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// Returns the path of the `Restow` folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.storage.display("")
    }

    /// Returns the IDs of all sets in ascending order. A set may be empty.
    ///
    /// # Errors
    /// [`BackupError::AccessDenied`] or [`BackupError::Read`] for the folder, or
    /// [`BackupError::LimitExceeded`].
    pub fn sets(&self) -> Result<Vec<SetId>, BackupError> {
        let listed = list_or_empty(self.storage.as_ref(), SETS)?;
        let folders = listed.iter().filter(|entry| entry.kind == EntryKind::Folder);
        let mut sets: Vec<SetId> = folders.filter_map(|entry| entry.name.parse().ok()).collect();
        if sets.len() > MAX_SETS {
            return Err(BackupError::LimitExceeded {
                path: self.storage.display(SETS),
                limit: "more than 10,000 sets",
            });
        }
        sets.sort_unstable();
        Ok(sets)
    }

    /// Loads a set with all its generations, readable or not. Packs are only listed.
    ///
    /// # Errors
    /// [`BackupError::NoSuchSet`], [`BackupError::NotAFolder`], [`BackupError::LimitExceeded`], or an error of
    /// reading its folders.
    pub fn set(&self, id: SetId) -> Result<BackupSet, BackupError> {
        match self.storage.entry(&id.folder_path()) {
            Ok(entry) if entry.kind == EntryKind::Folder => BackupSet::load(Arc::clone(&self.storage), id),
            Ok(_) => Err(BackupError::NotAFolder(self.storage.display(&id.folder_path()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BackupError::NoSuchSet(id)),
            Err(error) => Err(BackupError::from_read(self.storage.display(&id.folder_path()), error)),
        }
    }
}

/// Returns true if the path is a folder. Denied access is an error, because the folder may exist.
fn is_folder(path: &Path) -> Result<bool, BackupError> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.is_dir()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(BackupError::from_read(path, error)),
    }
}

fn check_folder(path: &Path) -> Result<(), BackupError> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(BackupError::NotAFolder(path.to_path_buf())),
        // `NotADirectory`: a parent in the path is a file.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(BackupError::LocationMissing(path.to_path_buf()))
        }
        Err(error) => Err(BackupError::from_read(path, error)),
    }
}
