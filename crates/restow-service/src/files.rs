//! Private files of a service's folder and their atomic replacement.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::ServiceError;

/// Creates the folder with mode 0700.
pub(crate) fn create_folder(folder: &Path) -> Result<(), ServiceError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|error| ServiceError::file(folder, error))
}

/// Opens or creates a file that only its owner can read.
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

/// Sets mode 0600 for a file that is created.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Creates a file that only its owner can read, and syncs it.
///
/// # Errors
/// Fails if the file exists or cannot be written.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let result = private(OpenOptions::new().write(true).create_new(true)).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    result.map_err(|error| ServiceError::file(path, error))
}

/// Replaces a file atomically and syncs its folder. After a crash, the path holds either the old or the new content.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let temporary = path.with_extension("tmp");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(ServiceError::file(&temporary, error)),
        // A file may remain from an interrupted attempt.
        _ => {}
    }
    create(&temporary, bytes)?;
    fs::rename(&temporary, path).map_err(|error| ServiceError::file(path, error))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Syncs the folder, so that the names of its files are durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), ServiceError> {
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(|error| ServiceError::file(folder, error))?;
    }
    Ok(())
}
