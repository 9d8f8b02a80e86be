//! The one home of atomic file writes: aside, sync, rename, sync the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::encoding::hex;

/// What names of unfinished files begin with.
pub const TEMPORARY_PREFIX: &str = ".tmp-";
/// The same in folders of the user's own, where nothing else may be taken for one.
const USER_FOLDER_PREFIX: &str = ".restow-unfinished-";

/// Whether a rename may take the place of an existing file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overwrite {
    /// The new file takes its place.
    Replace,
    /// Writing fails with [`io::ErrorKind::AlreadyExists`].
    Refuse,
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileMode {
    /// Whatever the system's default is.
    Default,
    /// Only its owner (mode 0600 where there are modes).
    OwnerOnly,
}

/// A file being written beside its final place; dropped before [`finish`](Self::finish), it is removed.
#[derive(Debug)]
pub struct TempFile {
    file: Option<File>,
    temporary: PathBuf,
}

impl TempFile {
    /// Begins a file in `folder`.
    pub fn create(folder: &Path, readable: FileMode) -> io::Result<Self> {
        Self::named(folder, TEMPORARY_PREFIX, readable)
    }

    /// Begins a file in a folder of the user's own.
    pub fn create_in_user_folder(folder: &Path, readable: FileMode) -> io::Result<Self> {
        Self::named(folder, USER_FOLDER_PREFIX, readable)
    }

    fn named(folder: &Path, prefix: &str, readable: FileMode) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)?;
        let temporary = folder.join(format!("{prefix}{}", hex(&random)));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        if readable == FileMode::OwnerOnly {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        #[cfg(not(unix))]
        let _ = readable; // The user's own data folder is private by its inherited access list.
        let file = options.open(&temporary)?;
        Ok(Self { file: Some(file), temporary })
    }

    /// Where it is until it is finished.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// The file itself.
    pub fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    /// Syncs what was written so far, so that the last sync of a large file is short.
    pub fn sync(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), File::sync_data)
    }

    /// Syncs the content and gives the file its name. The folder is not synced yet: see [`sync_folder`].
    pub fn finish(self, path: &Path, existing: Overwrite) -> io::Result<()> {
        self.file()?.sync_all()?;
        self.rename(path, existing)
    }

    /// Gives a file its name that was synced before.
    pub fn rename(mut self, path: &Path, existing: Overwrite) -> io::Result<()> {
        // Windows renames no file that is open.
        self.file = None;
        rename(&self.temporary, path, existing)
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
        // After `finish` there is nothing of this name any more; an error here leaves a file that the next run removes.
        let _ = fs::remove_file(&self.temporary);
    }
}

fn rename(from: &Path, to: &Path, existing: Overwrite) -> io::Result<()> {
    if existing == Overwrite::Replace {
        return fs::rename(from, to);
    }
    // A hard link never replaces; file systems without links (FAT) get a look first, which is safe enough because
    // names that must not be replaced carry a digest of their content.
    match fs::hard_link(from, to) {
        Ok(()) => {
            // The new name stands; a second name that cannot be removed is a leftover, not a failure.
            let _ = fs::remove_file(from);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if to.try_exists()? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Writes a whole file so that after a crash there is the old one or the new one.
pub fn write_atomically(path: &Path, bytes: &[u8], existing: Overwrite, readable: FileMode) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut aside = TempFile::create(folder, readable)?;
    aside.write_all(bytes)?;
    aside.finish(path, existing)?;
    sync_folder(folder)
}

/// Whether a file is one that [`TempFile::create_in_user_folder`] began.
pub fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let random = name.and_then(|name| name.strip_prefix(USER_FOLDER_PREFIX));
    random.is_some_and(|random| random.len() == 16 && random.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Removes what interrupted runs left in a folder of the user's own.
pub fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_unfinished(&entry.path()) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            // One that cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes names in a folder durable, where the system can.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(folder)?.sync_all() {
        // Network and FUSE file systems may not know how.
        Err(error) if matches!(error.raw_os_error(), Some(22 | 95)) => Ok(()),
        other => other,
    }
    #[cfg(not(unix))]
    {
        let _ = folder; // Windows makes renames durable with the volume's journal; folders cannot be synced.
        Ok(())
    }
}

/// Reads a file of at most `limit` bytes.
pub fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_open(&mut File::open(path)?, limit)
}

/// Reads a file of at most `limit` bytes from its start, wherever it stands.
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

/// Whether a file has exactly this content. One that is a link, or cannot be read, has not.
pub fn has_content(path: &Path, content: &[u8]) -> bool {
    let is_like = |meta: &fs::Metadata| meta.is_file() && meta.len() == content.len() as u64;
    fs::symlink_metadata(path).is_ok_and(|meta| is_like(&meta))
        && read_limited(path, content.len() as u64).is_ok_and(|found| found == content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_and_replaces() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_atomically(&path, b"one", Overwrite::Refuse, FileMode::OwnerOnly).unwrap();
        let again = write_atomically(&path, b"two", Overwrite::Refuse, FileMode::Default).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_atomically(&path, b"two", Overwrite::Replace, FileMode::Default).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn dropped_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut aside = TempFile::create(dir.path(), FileMode::Default).unwrap();
        aside.write_all(b"half").unwrap();
        drop(aside);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn reading_is_limited() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read_limited(&path, 5).unwrap(), b"12345");
        assert_eq!(read_limited(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(read_limited(dir.path(), 4).is_err());
    }
}
