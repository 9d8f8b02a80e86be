//! File operations of a location. Tests inject crashes and faults here, and other kinds of storage can
//! implement them.
//!
//! Paths are relative to `Restow/`, with `/` between names. Only [`ids`](super::ids) builds paths.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use restow_core::files::{self, FileMode, Overwrite, TempFile};

use super::error::BackupError;
use super::file_reader::{self, DiskReader, ReadAt, read_full};

/// Maximum number of entries in one folder.
const MAX_ENTRIES: usize = 1_000_000;

/// Kind of a [`FolderEntry`]. Links are not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EntryKind {
    File,
    Folder,
    /// Symbolic link.
    Link,
    Other,
}

/// Access of other users of the computer to a backup, on file systems with access modes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Access {
    /// Modes 0600 and 0700: only the owner reads the files.
    #[default]
    OwnerOnly,
    /// Modes 0644 and 0755: every user of the computer reads the files, and the restore key in them.
    AllUsers,
}

#[cfg(unix)]
impl Access {
    const fn mode(self, kind: EntryKind) -> u32 {
        match (self, kind) {
            (Self::OwnerOnly, EntryKind::Folder) => 0o700,
            (Self::OwnerOnly, _) => 0o600,
            (Self::AllUsers, EntryKind::Folder) => 0o755,
            (Self::AllUsers, _) => 0o644,
        }
    }
}

impl EntryKind {
    /// Returns the error for an entry of this kind in the place of a folder.
    pub(crate) const fn folder_error(self, path: PathBuf) -> BackupError {
        match self {
            Self::Link => BackupError::SymbolicLink(path),
            Self::File | Self::Folder | Self::Other => BackupError::NotAFolder(path),
        }
    }
}

/// Entry of a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FolderEntry {
    /// Name. Bytes that are not UTF-8 are replaced, and such a name never matches an ID.
    pub(crate) name: String,
    pub(crate) kind: EntryKind,
    /// Length in bytes.
    pub(crate) len: u64,
    /// Modification time by the clock of the location.
    pub(crate) modified: SystemTime,
}

/// File operations of a location.
pub(crate) trait Storage: Send + Sync + fmt::Debug {
    /// Returns the full path for messages.
    fn display(&self, path: &str) -> PathBuf;
    /// Lists a folder in any order.
    fn list(&self, folder: &str) -> io::Result<Vec<FolderEntry>>;
    /// Returns the entry of a path.
    fn entry(&self, path: &str) -> io::Result<FolderEntry>;
    /// Opens a regular file for reading.
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadAt>>;
    /// Opens a regular file for reading from the medium instead of a cache, where the system allows that.
    fn open_uncached(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        self.open(path)
    }
    /// Creates a temporary file in a folder.
    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>>;
    /// Creates one folder.
    fn create_folder(&self, folder: &str) -> io::Result<()>;
    /// Gives an existing file or folder the access mode of this storage.
    fn apply_access(&self, path: &str) -> io::Result<()> {
        let _ = path;
        Ok(())
    }
    /// Makes the names in a folder durable. `None` is the parent folder of `Restow/`.
    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, folder: &str) -> io::Result<()>;
}

/// Temporary file without a final name. Dropping the value removes the file.
pub(crate) trait StagedFile: io::Write + Send {
    /// Makes the bytes so far durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Renames the file. Neither the content nor the folder is synced.
    fn rename(self: Box<Self>, path: &str, existing: Overwrite) -> io::Result<()>;
}

/// Makes the content of a file durable and renames the file. The folder is not synced.
pub(crate) fn finish_file(mut file: Box<dyn StagedFile>, path: &str, existing: Overwrite) -> io::Result<()> {
    file.sync()?;
    file.rename(path, existing)
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_file(storage: &dyn Storage, path: &str, limit: u64) -> io::Result<Vec<u8>> {
    let entry = storage.entry(path)?;
    if entry.kind != EntryKind::File {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let len = usize::try_from(entry.len).ok().filter(|_| entry.len <= limit);
    let len = len.ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes")))?;
    let mut bytes = vec![0; len];
    let read = read_full(storage.open(path)?.as_mut(), 0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Lists a folder. A folder that does not exist is empty.
///
/// A link in place of the folder is an error, because data behind a link is outside of the location.
pub(crate) fn list_or_empty(storage: &dyn Storage, folder: &str) -> Result<Vec<FolderEntry>, BackupError> {
    match storage.entry(folder) {
        Ok(entry) if entry.kind == EntryKind::Folder => {}
        Ok(entry) => return Err(entry.kind.folder_error(storage.display(folder))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(BackupError::from_read(storage.display(folder), error)),
    }
    match storage.list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(|error| BackupError::from_read(storage.display(folder), error)),
    }
}

/// Folder of the file system.
#[derive(Debug)]
pub(crate) struct DiskStorage {
    root: PathBuf,
    access: Access,
}

impl DiskStorage {
    pub(crate) const fn new(root: PathBuf, access: Access) -> Self {
        Self { root, access }
    }

    /// Returns the full path of a regular file. Opening a pipe would block, and a link would leave the location.
    fn regular_file(&self, path: &str) -> io::Result<PathBuf> {
        let path = self.display(path);
        match fs::symlink_metadata(&path)?.file_type() {
            kind if kind.is_file() => Ok(path),
            kind if kind.is_symlink() => Err(io::Error::new(io::ErrorKind::InvalidInput, "a symbolic link")),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }
}

/// Sets the access mode of a file or folder. File systems without modes refuse or ignore that, so errors are ignored.
fn set_mode(path: &Path, access: Access, kind: EntryKind) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(access.mode(kind)));
    }
    #[cfg(not(unix))]
    let _ = (path, access, kind); // Windows uses the access list of the folder.
}

fn entry_from_metadata(name: String, meta: &fs::Metadata) -> FolderEntry {
    let kind = match meta.file_type() {
        t if t.is_file() => EntryKind::File,
        t if t.is_dir() => EntryKind::Folder,
        t if t.is_symlink() => EntryKind::Link,
        _ => EntryKind::Other,
    };
    FolderEntry { name, kind, len: meta.len(), modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH) }
}

impl Storage for DiskStorage {
    fn display(&self, path: &str) -> PathBuf {
        if path.is_empty() {
            self.root.clone()
        } else {
            path.split('/').fold(self.root.clone(), |p, name| p.join(name))
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<FolderEntry>> {
        let mut out = Vec::new();
        for entry in fs::read_dir(self.display(folder))? {
            let entry = entry?;
            if out.len() >= MAX_ENTRIES {
                return Err(io::Error::other("too many files"));
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.metadata() {
                Ok(meta) => out.push(entry_from_metadata(name, &meta)),
                // Another program removed the file since the folder was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(out)
    }

    fn entry(&self, path: &str) -> io::Result<FolderEntry> {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(entry_from_metadata(name, &fs::symlink_metadata(self.display(path))?))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        Ok(Box::new(DiskReader::new(File::open(self.regular_file(path)?)?)))
    }

    fn open_uncached(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        file_reader::open_uncached(&self.regular_file(path)?)
    }

    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>> {
        let file = TempFile::create(&self.display(folder), FileMode::OwnerOnly)?;
        // The mode at creation is subject to the umask.
        set_mode(file.path(), self.access, EntryKind::File);
        Ok(Box::new(DiskWriter { file, root: self.root.clone() }))
    }

    fn create_folder(&self, folder: &str) -> io::Result<()> {
        let path = self.display(folder);
        #[cfg_attr(not(unix), allow(unused_mut, reason = "only Unix has modes"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, Access::OwnerOnly.mode(EntryKind::Folder));
        builder.create(&path)?;
        set_mode(&path, self.access, EntryKind::Folder);
        Ok(())
    }

    fn apply_access(&self, path: &str) -> io::Result<()> {
        let entry = self.entry(path)?;
        if matches!(entry.kind, EntryKind::File | EntryKind::Folder) {
            set_mode(&self.display(path), self.access, entry.kind);
        }
        Ok(())
    }

    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()> {
        match folder {
            Some(folder) => files::try_sync_folder(&self.display(folder)),
            None => self.root.parent().map_or(Ok(()), files::try_sync_folder),
        }
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.display(path))
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        fs::remove_dir(self.display(folder))
    }
}

struct DiskWriter {
    file: TempFile,
    root: PathBuf,
}

impl io::Write for DiskWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl StagedFile for DiskWriter {
    fn sync(&mut self) -> io::Result<()> {
        files::sync_file(self.file.file()?)
    }
    fn rename(self: Box<Self>, path: &str, existing: Overwrite) -> io::Result<()> {
        let path = path.split('/').fold(self.root, |p, name| p.join(name));
        self.file.rename(&path, existing)
    }
}
