//! A backup location: the folder that the user chose (docs/backup-format.md §1).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::BackupError;
use super::ids::{FOLDER, SETS, SetId};
use super::medium::Medium;
use super::set::BackupSet;
use super::storage::{Access, DiskStorage, EntryKind, Storage, list_or_empty};

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
    /// [`BackupError::LocationMissing`], [`BackupError::NotAFolder`], [`BackupError::SymbolicLink`],
    /// [`BackupError::NoBackup`], [`BackupError::AccessDenied`] or [`BackupError::Read`].
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        check_folder(path)?;
        let subfolder = path.join(FOLDER);
        for folder in [subfolder.as_path(), path].into_iter().filter(|folder| folder.ends_with(FOLDER)) {
            if fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_symlink()) {
                return Err(BackupError::SymbolicLink(folder.to_path_buf()));
            }
        }
        let root = if is_folder(&subfolder)? {
            subfolder
        } else if is_folder(&path.join(SETS))? {
            path.to_path_buf()
        } else {
            return Err(BackupError::NoBackup(path.to_path_buf()));
        };
        let location = Self::with_storage(Arc::new(DiskStorage::new(root, Access::default())));
        if location.sets()?.is_empty() {
            return Err(BackupError::NoBackup(path.to_path_buf()));
        }
        Ok(location)
    }

    /// Opens a location for writing that only its owner reads. `path` must be an existing folder.
    ///
    /// This creates no file or folder. [`SetWriter::begin`](super::SetWriter::begin) creates them, so that a
    /// cancelled first backup leaves no trace.
    ///
    /// # Errors
    /// [`BackupError::LocationMissing`], [`BackupError::NotAFolder`], [`BackupError::SymbolicLink`],
    /// [`BackupError::AccessDenied`] or [`BackupError::Read`].
    pub fn create(path: &Path) -> Result<Self, BackupError> {
        Self::create_with_access(path, Access::OwnerOnly)
    }

    /// Opens a location for writing. New files and folders, and those of the set that is written, get the mode of
    /// `access`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_with_access(path: &Path, access: Access) -> Result<Self, BackupError> {
        check_folder(path)?;
        let subfolder = path.join(FOLDER);
        // A user may choose the visible `Restow` folder itself. Another `Restow` folder inside would hide the
        // backup.
        let is_restow = path.file_name().is_some_and(|name| name == FOLDER) && path.join(SETS).is_dir();
        let root = if is_restow && !subfolder.exists() { path.to_path_buf() } else { subfolder };
        // Writes through a link would leave the location.
        match fs::symlink_metadata(&root) {
            Ok(meta) if meta.is_symlink() => return Err(BackupError::SymbolicLink(root)),
            Ok(meta) if !meta.is_dir() => return Err(BackupError::NotAFolder(root)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(BackupError::from_read(root, error)),
            Ok(_) | Err(_) => {}
        }
        Ok(Self::with_storage(Arc::new(DiskStorage::new(root, access))))
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

    /// Returns the same location with reads that go past the cache of the system to the medium, where the system
    /// allows that.
    #[must_use]
    pub fn uncached(&self) -> Self {
        Self::with_storage(Arc::new(Medium::new(&self.storage)))
    }

    /// Returns the access that the folder of a set permits now.
    #[must_use]
    pub fn set_access(&self, id: SetId) -> Access {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let folder = fs::metadata(self.storage.display(&id.folder_path()));
            if folder.is_ok_and(|meta| meta.permissions().mode() & 0o005 == 0o005) {
                return Access::AllUsers;
            }
        }
        #[cfg(not(unix))]
        let _ = id;
        Access::OwnerOnly
    }

    /// Returns the IDs of all sets in ascending order. A set may be empty.
    ///
    /// # Errors
    /// [`BackupError::SymbolicLink`] for a link in the place of a folder,
    /// [`BackupError::AccessDenied`] or [`BackupError::Read`] for the folder, or
    /// [`BackupError::LimitExceeded`].
    pub fn sets(&self) -> Result<Vec<SetId>, BackupError> {
        let listed = list_or_empty(self.storage.as_ref(), SETS)?;
        let mut sets: Vec<SetId> = Vec::new();
        for (entry, id) in listed.iter().filter_map(|entry| Some((entry, entry.name.parse::<SetId>().ok()?))) {
            match entry.kind {
                EntryKind::Folder => sets.push(id),
                EntryKind::Link => return Err(BackupError::SymbolicLink(self.storage.display(&id.folder_path()))),
                EntryKind::File | EntryKind::Other => {}
            }
        }
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
    /// [`BackupError::NoSuchSet`], [`BackupError::NotAFolder`], [`BackupError::SymbolicLink`],
    /// [`BackupError::LimitExceeded`], or an error of reading its folders.
    pub fn set(&self, id: SetId) -> Result<BackupSet, BackupError> {
        match self.storage.entry(&id.folder_path()) {
            Ok(entry) if entry.kind == EntryKind::Folder => BackupSet::load(Arc::clone(&self.storage), id),
            Ok(entry) => Err(entry.kind.folder_error(self.storage.display(&id.folder_path()))),
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
