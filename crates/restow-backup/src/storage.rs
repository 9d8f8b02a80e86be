//! File operations of a location. Tests inject crashes and faults here, and other kinds of storage can
//! implement them.
//!
//! Paths are relative to `Restow/`, with `/` between names. Only [`ids`](super::ids) builds paths.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::SystemTime;

use restow_core::files::{self, FileMode, Overwrite, TempFile};

use super::error::BackupError;

/// Maximum number of entries in one folder.
const MAX_ENTRIES: usize = 1_000_000;

/// Kind of a [`FolderEntry`]. Links are not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Other,
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
    /// Creates a temporary file in a folder.
    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>>;
    /// Creates one folder.
    fn create_folder(&self, folder: &str) -> io::Result<()>;
    /// Makes the names in a folder durable. `None` is the parent folder of `Restow/`.
    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, folder: &str) -> io::Result<()>;
}

/// File with random read access.
pub(crate) trait ReadAt: Send {
    /// Reads bytes at an offset. Returns 0 at the end of the file.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Temporary file without a final name. Dropping the value removes the file.
pub(crate) trait StagedFile: io::Write + Send {
    /// Makes the bytes so far durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Makes the content durable and renames the file. The folder is not synced.
    fn finish(self: Box<Self>, path: &str, existing: Overwrite) -> io::Result<()>;
}

/// Fills the buffer up to the end of the file. Returns the number of bytes.
pub(crate) fn read_full(file: &mut dyn ReadAt, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(offset.saturating_add(filled as u64), rest) {
            Ok(0) => break,
            Ok(n) => filled = filled.saturating_add(n),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
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
pub(crate) fn list_or_empty(storage: &dyn Storage, folder: &str) -> Result<Vec<FolderEntry>, BackupError> {
    match storage.list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(|error| BackupError::from_read(storage.display(folder), error)),
    }
}

/// Folder of the file system.
#[derive(Debug)]
pub(crate) struct DiskStorage {
    root: PathBuf,
}

impl DiskStorage {
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

fn entry_from_metadata(name: String, meta: &fs::Metadata) -> FolderEntry {
    let kind = match meta.file_type() {
        t if t.is_file() => EntryKind::File,
        t if t.is_dir() => EntryKind::Folder,
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
        let path = self.display(path);
        // Opening a pipe would block, and a link would leave the location.
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Box::new(DiskReader { file: File::open(path)?, position: 0 }))
    }

    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>> {
        let file = TempFile::create(&self.display(folder), FileMode::Default)?;
        Ok(Box::new(DiskWriter { file, root: self.root.clone() }))
    }

    fn create_folder(&self, folder: &str) -> io::Result<()> {
        fs::create_dir(self.display(folder))
    }

    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()> {
        match folder {
            Some(folder) => files::sync_folder(&self.display(folder)),
            None => self.root.parent().map_or(Ok(()), files::sync_folder),
        }
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.display(path))
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        fs::remove_dir(self.display(folder))
    }
}

struct DiskReader {
    file: File,
    position: u64,
}

impl ReadAt for DiskReader {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position != offset {
            self.position = self.file.seek(SeekFrom::Start(offset))?;
        }
        let read = self.file.read(buffer)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
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
        self.file.sync()
    }
    fn finish(self: Box<Self>, path: &str, existing: Overwrite) -> io::Result<()> {
        let path = path.split('/').fold(self.root, |p, name| p.join(name));
        self.file.finish(&path, existing)
    }
}
