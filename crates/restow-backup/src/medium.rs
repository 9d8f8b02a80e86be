//! Storage of a writer and of a verification: reads from the medium, and continues on drives that cannot sync.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use restow_core::files::{Overwrite, is_sync_unsupported};

use super::file_reader::ReadAt;
use super::storage::{FolderEntry, StagedFile, Storage};

/// Storage that reads past the cache, and remembers if the drive cannot sync.
#[derive(Clone, Debug)]
pub(crate) struct Medium {
    inner: Arc<dyn Storage>,
    cannot_sync: Arc<AtomicBool>,
}

impl Medium {
    pub(crate) fn new(inner: &Arc<dyn Storage>) -> Self {
        Self { inner: Arc::clone(inner), cannot_sync: Arc::default() }
    }

    /// Returns true if the drive refused a sync because it has none.
    pub(crate) fn cannot_sync(&self) -> bool {
        self.cannot_sync.load(Ordering::Relaxed)
    }
}

/// Turns the error of a drive that cannot sync into a note. Errors of the drive itself stay errors.
fn note_unsupported(synced: io::Result<()>, cannot_sync: &AtomicBool) -> io::Result<()> {
    match synced {
        Err(error) if is_sync_unsupported(&error) => {
            cannot_sync.store(true, Ordering::Relaxed);
            Ok(())
        }
        synced => synced,
    }
}

impl Storage for Medium {
    fn display(&self, path: &str) -> PathBuf {
        self.inner.display(path)
    }
    fn list(&self, folder: &str) -> io::Result<Vec<FolderEntry>> {
        self.inner.list(folder)
    }
    fn entry(&self, path: &str) -> io::Result<FolderEntry> {
        self.inner.entry(path)
    }
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        self.inner.open_uncached(path)
    }
    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>> {
        let inner = self.inner.create(folder)?;
        Ok(Box::new(MediumFile { inner, cannot_sync: Arc::clone(&self.cannot_sync) }))
    }
    fn create_folder(&self, folder: &str) -> io::Result<()> {
        self.inner.create_folder(folder)
    }
    fn apply_access(&self, path: &str) -> io::Result<()> {
        self.inner.apply_access(path)
    }
    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()> {
        note_unsupported(self.inner.sync_folder(folder), &self.cannot_sync)
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        self.inner.remove(path)
    }
    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        self.inner.remove_folder(folder)
    }
}

struct MediumFile {
    inner: Box<dyn StagedFile>,
    cannot_sync: Arc<AtomicBool>,
}

impl io::Write for MediumFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.inner.write(buffer)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl StagedFile for MediumFile {
    fn sync(&mut self) -> io::Result<()> {
        note_unsupported(self.inner.sync(), &self.cannot_sync)
    }
    fn rename(self: Box<Self>, path: &str, existing: Overwrite) -> io::Result<()> {
        self.inner.rename(path, existing)
    }
}
