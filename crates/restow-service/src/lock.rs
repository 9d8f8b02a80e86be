//! The lock of a service's folder: at most one process serves a folder.
//!
//! Timed events and the order of writes belong to this one process.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::error::ServiceError;
use crate::{files, folder};

const LOCK_FILE: &str = "service.lock";

/// Lock for the lifetime of a server. The system releases it when the process ends.
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl Drop for FolderLock {
    fn drop(&mut self) {
        // A child process that is about to start has a copy of the handle, which would keep the lock after a close.
        let _ = self.0.unlock();
    }
}

impl FolderLock {
    /// Acquires the lock of a service's folder.
    pub(crate) fn acquire(folder: &Path) -> Result<Self, ServiceError> {
        folder::check_exists(folder)?;
        folder::restrict_access(folder);
        let path = folder.join(LOCK_FILE);
        let failed = |error| ServiceError::file(&path, error);
        let mut file = files::open_or_create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ServiceError::InUse { folder: folder.to_owned(), process: holder_process(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The process ID only helps to find the process. No rule depends on it.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self(file))
    }
}

/// Returns the process ID in the lock file, if readable.
fn holder_process(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
