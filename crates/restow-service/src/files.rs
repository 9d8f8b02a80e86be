/// When there is no service, or the file cannot be read.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::ServiceError;

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

/// Opens, or creates, a file that only its owner may read.
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

/// What is created so is its owner's alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Creates a file that only its owner may read, durable before it returns.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let result = private(OpenOptions::new().write(true).create_new(true)).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    result.map_err(|error| ServiceError::file(path, error))
}

/// Replaces a file whole, durable before it returns: after a crash there is the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let temporary = path.with_extension("tmp");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(ServiceError::file(&temporary, error)),
        // What was left of an attempt before.
        _ => {}
    }
    create(&temporary, bytes)?;
    fs::rename(&temporary, path).map_err(|error| ServiceError::file(path, error))?;
    path.parent().map_or(Ok(()), sync_folder)
}

pub(crate) fn sync_folder(folder: &Path) -> Result<(), ServiceError> {
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(|error| ServiceError::file(folder, error))?;
    }
    Ok(())
}
