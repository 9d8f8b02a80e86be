//! One process at a time serves a folder: what time does to a holder's computers, and whose turn it is to write, is one
//! process's business.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::error::ServiceError;
use crate::{files, folder};

const LOCK_FILE: &str = "service.lock";

/// Held for the life of a server; the system frees it however the process ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of a service's folder.
    pub(crate) fn acquire(folder: &Path) -> Result<Self, ServiceError> {
        folder::check_exists(folder)?;
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
        // Whose it is only helps to find it: nothing depends on what stands here.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}

/// Who says to have it, if that can be read.
fn holder_process(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
