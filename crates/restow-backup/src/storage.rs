//! The few file operations a location needs, so that tests can cut and fail at each, and remote locations have room.
//!
//! Paths are relative to `Restow/`, with `/` between names; they are made by [`names`](super::names) only.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::SystemTime;

use restow_core::files::{self, Aside, Existing, Readable};

/// The most entries of one folder that are listed.
const MAX_ENTRIES: usize = 1_000_000;

/// What an [`Entry`] is; links are never followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Other,
}

/// One name in a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    /// Not necessarily what the system calls it: what is not UTF-8 is replaced, and then matches none of our names.
    pub(crate) name: String,
    pub(crate) kind: EntryKind,
    /// Bytes.
    pub(crate) len: u64,
    /// By the location's own clock.
    pub(crate) modified: SystemTime,
}

/// Where the files of a location are.
pub(crate) trait Storage: Send + Sync + fmt::Debug {
    /// The path as people know it, for messages.
    fn display(&self, path: &str) -> PathBuf;
    /// What is in a folder, in no order.
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>>;
    /// What a path is.
    fn entry(&self, path: &str) -> io::Result<Entry>;
    /// Opens a regular file for reading.
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadAt>>;
    /// Begins a file beside its final place.
    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>>;
    /// Makes one folder.
    fn create_folder(&self, folder: &str) -> io::Result<()>;
    /// Makes the names in a folder durable; of `None` the one that `Restow/` lies in.
    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, folder: &str) -> io::Result<()>;
}

/// A file that can be read anywhere.
pub(crate) trait ReadAt: Send {
    /// Reads some bytes from an offset; 0 at the end.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A file that has no name yet; dropped, it is removed.
pub(crate) trait StagedFile: io::Write + Send {
    /// Makes what was written so far durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Makes the content durable and gives it its name. The folder is not synced.
    fn finish(self: Box<Self>, path: &str, existing: Existing) -> io::Result<()>;
}

/// Fills the buffer as far as the file goes; the number of bytes read.
pub(crate) fn read_full(file: &mut dyn ReadAt, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(offset.saturating_add(done as u64), rest) {
            Ok(0) => break,
            Ok(n) => done = done.saturating_add(n),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Reads a whole file of at most `limit` bytes.
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

/// A folder of the file system.
#[derive(Debug)]
pub(crate) struct DiskStorage {
    root: PathBuf,
}

impl DiskStorage {
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

fn entry_from_metadata(name: String, meta: &fs::Metadata) -> Entry {
    let kind = match meta.file_type() {
        t if t.is_file() => EntryKind::File,
        t if t.is_dir() => EntryKind::Folder,
        _ => EntryKind::Other,
    };
    Entry { name, kind, len: meta.len(), modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH) }
}

impl Storage for DiskStorage {
    fn display(&self, path: &str) -> PathBuf {
        if path.is_empty() {
            self.root.clone()
        } else {
            path.split('/').fold(self.root.clone(), |p, name| p.join(name))
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut out = Vec::new();
        for entry in fs::read_dir(self.display(folder))? {
            let entry = entry?;
            if out.len() >= MAX_ENTRIES {
                return Err(io::Error::other("too many files"));
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.metadata() {
                Ok(meta) => out.push(entry_from_metadata(name, &meta)),
                // Another program removed it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(out)
    }

    fn entry(&self, path: &str) -> io::Result<Entry> {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(entry_from_metadata(name, &fs::symlink_metadata(self.display(path))?))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        let path = self.display(path);
        // A pipe would block, and a link would lead out of the location.
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Box::new(DiskReader { file: File::open(path)?, position: 0 }))
    }

    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>> {
        let file = Aside::create(&self.display(folder), Readable::Default)?;
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
    file: Aside,
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
    fn finish(self: Box<Self>, path: &str, existing: Existing) -> io::Result<()> {
        let path = path.split('/').fold(self.root, |p, name| p.join(name));
        self.file.finish(&path, existing)
    }
}
