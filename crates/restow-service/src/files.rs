//! Private files of a service's folder and their atomic replacement.

use std::fs::File;
use std::io;
use std::path::Path;

use restow_core::files::{FileMode, Overwrite};

use crate::error::ServiceError;

/// Creates the folder with mode 0700, whatever the umask.
pub(crate) fn create_folder(folder: &Path) -> Result<(), ServiceError> {
    restow_core::files::create_private_folder(folder).map_err(|error| ServiceError::file(folder, error))
}

/// Opens or creates a file that only its owner can read.
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    restow_core::files::open_private(path)
}

/// Creates a file that only its owner can read, and syncs it.
///
/// # Errors
/// Fails if the file exists or cannot be written.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    write(path, bytes, Overwrite::Refuse)
}

/// Replaces a file atomically and syncs its folder. After a crash, the path holds either the old or the new content.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    // A file that an interrupted attempt left may hold a key.
    path.parent().into_iter().for_each(restow_core::files::remove_temporary);
    write(path, bytes, Overwrite::Replace)
}

fn write(path: &Path, bytes: &[u8], overwrite: Overwrite) -> Result<(), ServiceError> {
    let result = restow_core::files::write_atomically(path, bytes, overwrite, FileMode::OwnerOnly);
    result.map_err(|error| ServiceError::file(path, error))
}

/// Syncs the folder, so that the names of its files are durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), ServiceError> {
    restow_core::files::sync_folder(folder).map_err(|error| ServiceError::file(folder, error))
}
