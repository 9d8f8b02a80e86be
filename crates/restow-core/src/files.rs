//! Atomic file writes: write a temporary file, sync the file, rename the file, sync the folder.
//!
//! After a crash a path has the old content or the new content, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::encoding::hex;

/// Prefix of the names of temporary files in folders that belong to Restow.
pub const TEMPORARY_PREFIX: &str = ".tmp-";
/// Prefix of the names of temporary files in folders of the user, longer so that no file of the user has it.
const USER_FOLDER_PREFIX: &str = ".restow-unfinished-";

/// Behavior of a rename if the target exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overwrite {
    /// The new file replaces the existing file.
    Replace,
    /// The rename fails with [`io::ErrorKind::AlreadyExists`].
    Refuse,
}

/// Access mode of a new file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileMode {
    /// Default of the operating system.
    Default,
    /// Access for the owner only: mode 0600 on Unix, whatever the umask. Windows uses the access list of the folder.
    OwnerOnly,
}

/// Temporary file in the folder of its final path.
///
/// [`finish`](Self::finish) renames the file. A drop without `finish` removes the file.
#[derive(Debug)]
pub struct TempFile {
    file: Option<File>,
    path: PathBuf,
}

impl TempFile {
    /// Creates a temporary file in a folder that belongs to Restow.
    ///
    /// # Errors
    /// Error of the file system, or of the random source that gives the name.
    pub fn create(folder: &Path, mode: FileMode) -> io::Result<Self> {
        Self::create_with_prefix(folder, TEMPORARY_PREFIX, mode)
    }

    /// Creates a temporary file in a folder of the user.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_in_user_folder(folder: &Path, mode: FileMode) -> io::Result<Self> {
        Self::create_with_prefix(folder, USER_FOLDER_PREFIX, mode)
    }

    fn create_with_prefix(folder: &Path, prefix: &str, mode: FileMode) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)?;
        let path = folder.join(format!("{prefix}{}", hex(&random)));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        if mode == FileMode::OwnerOnly {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = Self { file: Some(options.open(&path)?), path };
        if mode == FileMode::OwnerOnly {
            restrict_open(file.file()?)?;
        }
        Ok(file)
    }

    /// Returns the temporary path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the open file.
    ///
    /// # Errors
    /// [`io::ErrorKind::BrokenPipe`] if the file is closed.
    pub fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    /// Syncs the content and renames the file to `path`. The caller syncs the folder with [`sync_folder`].
    ///
    /// # Errors
    /// Error of the file system; [`io::ErrorKind::AlreadyExists`] if `path` exists and may not be replaced. A file
    /// system that cannot sync is no error.
    pub fn finish(self, path: &Path, overwrite: Overwrite) -> io::Result<()> {
        sync_if_supported(self.file()?)?;
        self.rename(path, overwrite)
    }

    /// Renames the file to `path` without a sync.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn rename(mut self, path: &Path, overwrite: Overwrite) -> io::Result<()> {
        // Windows does not rename an open file.
        self.file = None;
        rename(&self.path, path, overwrite)
    }
}

impl io::Write for TempFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(buf),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        self.file = None;
        // After `finish` no file has this path. The next run removes a file that cannot be removed now.
        let _ = fs::remove_file(&self.path);
    }
}

fn rename(from: &Path, to: &Path, overwrite: Overwrite) -> io::Result<()> {
    if overwrite == Overwrite::Replace {
        return fs::rename(from, to);
    }
    // A hard link never replaces a file. FAT has no hard links: there the check and the rename are two steps. The gap
    // is harmless, because files that must not be replaced have a digest of their content in their names.
    match fs::hard_link(from, to) {
        Ok(()) => {
            // The file has its new name. An old name that cannot be removed is a leftover, not a failure.
            let _ = fs::remove_file(from);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if to.try_exists()? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Writes a file atomically and syncs its folder.
///
/// # Errors
/// Error of the file system; [`io::ErrorKind::AlreadyExists`] if `path` exists and may not be replaced.
pub fn write_atomically(path: &Path, bytes: &[u8], overwrite: Overwrite, mode: FileMode) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = TempFile::create(folder, mode)?;
    file.write_all(bytes)?;
    file.finish(path, overwrite)?;
    sync_folder(folder)
}

/// Creates a file with mode 0600, whatever the umask.
///
/// # Errors
/// Error of the file system; [`io::ErrorKind::AlreadyExists`] if `path` exists.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    restrict_open(&file)?;
    Ok(file)
}

/// Opens a file for reading and writing. A missing file is created with mode 0600, whatever the umask.
///
/// # Errors
/// Error of the file system.
pub fn open_private(path: &Path) -> io::Result<File> {
    match create_private(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            restrict_access(path);
            Ok(file)
        }
        created => created,
    }
}

/// Creates a folder and its missing parents with mode 0700, whatever the umask.
///
/// # Errors
/// Error of the file system. An existing folder is no error.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_private_folder(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    match builder.create(path) {
        Ok(()) => {
            #[cfg(unix)]
            fs::set_permissions(path, mode(0o700))?;
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Returns true if a file or folder is open to other users. The result is false on Windows.
pub fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_symlink() && meta.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Takes the access of other users to a file or folder away. Does nothing on Windows.
///
/// Errors are ignored, because the file may belong to another user, or its file system may have no modes.
pub fn restrict_access(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A link could lead to a file outside of the folder.
        if is_open_to_others(path)
            && let Ok(meta) = fs::symlink_metadata(path)
        {
            let _ = fs::set_permissions(path, mode(meta.permissions().mode() & 0o700));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Gives an open new file the mode 0600, which the umask may have reduced.
pub(crate) fn restrict_open(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A file system without modes refuses every change.
        if file.metadata()?.permissions().mode() & 0o777 != 0o600 {
            let _ = file.set_permissions(mode(0o600));
        }
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

#[cfg(unix)]
fn mode(mode: u32) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(mode)
}

/// Returns true if a path is a temporary path of [`TempFile::create_in_user_folder`].
pub fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let random = name.and_then(|name| name.strip_prefix(USER_FOLDER_PREFIX));
    random.is_some_and(|random| random.len() == 16 && random.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Removes the temporary files that interrupted runs left in a folder of the user. Errors are ignored.
pub fn remove_unfinished(folder: &Path) {
    remove_files(folder, |entry| is_unfinished(&entry.path()) && entry.file_type().is_ok_and(|kind| kind.is_file()));
}

/// Removes the temporary files that interrupted writes left in a folder that belongs to Restow. Errors are ignored.
pub fn remove_temporary(folder: &Path) {
    remove_files(folder, |entry| entry.file_name().as_encoded_bytes().starts_with(TEMPORARY_PREFIX.as_bytes()));
}

fn remove_files(folder: &Path, is_leftover: impl Fn(&fs::DirEntry) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(is_leftover) {
        // A leftover does no harm, and the next run tries again.
        let _ = fs::remove_file(entry.path());
    }
}

/// Syncs the content and the attributes of a file.
///
/// # Errors
/// Error of the file system. [`is_sync_unsupported`] tells if the file system cannot sync.
pub fn sync_file(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // The standard library uses F_FULLFSYNC there, which exFAT and network drives do not have.
        #[cfg(target_vendor = "apple")]
        Err(error) if is_sync_unsupported(&error) => Ok(rustix::fs::fsync(file)?),
        synced => synced,
    }
}

/// Syncs the content and the attributes of a file, if the file system can sync.
///
/// # Errors
/// Error of the file system, such as EIO. A file system that cannot sync is no error.
pub fn sync_if_supported(file: &File) -> io::Result<()> {
    ignore_unsupported(sync_file(file))
}

/// Returns true if the error of a sync means that the file system cannot sync this file or folder.
///
/// Some network, FUSE and FAT file systems cannot. An error of the drive itself, such as EIO, is none of these.
pub fn is_sync_unsupported(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let unsupported = [Errno::NOTTY, Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP];
        Errno::from_io_error(error).is_some_and(|error| unsupported.contains(&error))
    }
    #[cfg(not(unix))]
    {
        // ERROR_INVALID_FUNCTION and ERROR_NOT_SUPPORTED.
        matches!(error.raw_os_error(), Some(1 | 50))
    }
}

fn ignore_unsupported(synced: io::Result<()>) -> io::Result<()> {
    synced.or_else(|error| if is_sync_unsupported(&error) { Ok(()) } else { Err(error) })
}

/// Syncs a folder, which makes the names of its files durable. Does nothing on Windows.
///
/// # Errors
/// Error of the file system. A file system that cannot sync folders is no error.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    ignore_unsupported(try_sync_folder(folder))
}

/// Syncs a folder. Does nothing on Windows.
///
/// # Errors
/// Error of the file system. [`is_sync_unsupported`] tells if the file system cannot sync folders.
pub fn try_sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        sync_file(&File::open(folder)?)
    }
    #[cfg(not(unix))]
    {
        let _ = folder; // The journal of the Windows volume makes renames durable. Folders cannot be synced.
        Ok(())
    }
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// - [`io::ErrorKind::FileTooLarge`] for a larger file
/// - [`io::ErrorKind::InvalidInput`] for a folder or a device
/// - error of the file system
pub fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_open(&mut File::open(path)?, limit)
}

/// Reads an open file of at most `limit` bytes from its start.
///
/// # Errors
/// As [`read_limited`].
pub fn read_open(file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
    use std::io::{Read as _, Seek as _};
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes"));
    if meta.len() > limit {
        return Err(too_large());
    }
    file.rewind()?;
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// Returns true if a file has exactly this content. The result is false for a link and for an unreadable file.
pub fn has_content(path: &Path, content: &[u8]) -> bool {
    let has_length = |meta: &fs::Metadata| meta.is_file() && meta.len() == content.len() as u64;
    fs::symlink_metadata(path).is_ok_and(|meta| has_length(&meta))
        && read_limited(path, content.len() as u64).is_ok_and(|found| found == content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overwrite_mode_decides_about_existing_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_atomically(&path, b"one", Overwrite::Refuse, FileMode::OwnerOnly).unwrap();
        let error = write_atomically(&path, b"two", Overwrite::Refuse, FileMode::Default).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_atomically(&path, b"two", Overwrite::Replace, FileMode::Default).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file remains");
    }

    #[test]
    fn dropped_temp_file_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = TempFile::create(dir.path(), FileMode::Default).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn unsupported_sync_is_no_drive_error() {
        use rustix::io::Errno;
        for unsupported in [Errno::NOTTY, Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP] {
            let error = io::Error::from(unsupported);
            assert!(is_sync_unsupported(&error), "{error}");
            assert!(ignore_unsupported(Err(error)).is_ok());
        }
        for fault in [Errno::IO, Errno::NOSPC, Errno::ROFS, Errno::DQUOT] {
            let error = io::Error::from(fault);
            assert!(!is_sync_unsupported(&error), "{error}");
            assert!(ignore_unsupported(Err(error)).is_err());
        }
        assert!(!is_sync_unsupported(&io::Error::other("no number")));
    }

    #[test]
    fn file_over_limit_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read_limited(&path, 5).unwrap(), b"12345");
        assert_eq!(read_limited(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(read_limited(dir.path(), 4).is_err());
    }
}
