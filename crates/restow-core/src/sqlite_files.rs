//! Files of an SQLite database with a write-ahead log: access modes, write access and shared memory.
//!
//! A POSIX lock belongs to a process: the close of any descriptor of a file drops all locks of the process on that
//! file, also those of SQLite. The files that this module opens therefore stay open until the last
//! [`DatabaseFiles`] of the database is dropped. A connection must be dropped before its `DatabaseFiles`.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use crate::files;

/// Error of one file of a database.
#[derive(Debug)]
pub struct FileError {
    /// Path of the file or folder.
    pub path: PathBuf,
    /// Underlying error.
    pub source: io::Error,
}

impl FileError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self { path: path.to_owned(), source }
    }
}

/// Files of one database, in use by connections of this process.
#[derive(Debug)]
pub struct DatabaseFiles {
    path: PathBuf,
    key: PathBuf,
}

/// Open files of one database.
#[derive(Debug, Default)]
struct Entry {
    users: usize,
    /// Files that stay open.
    opened: Vec<Arc<File>>,
    /// Files that are open for reading, by their paths.
    #[cfg(unix)]
    to_read: HashMap<PathBuf, Arc<File>>,
    /// File with the shared memory.
    #[cfg(target_os = "linux")]
    shared_memory: Option<Arc<File>>,
    /// Number of connections that are about to attach to the shared memory.
    #[cfg(target_os = "linux")]
    attaching: usize,
}

/// Databases in use by this process.
static DATABASES: LazyLock<Mutex<HashMap<PathBuf, Entry>>> = LazyLock::new(Mutex::default);

fn databases() -> MutexGuard<'static, HashMap<PathBuf, Entry>> {
    // Each change under this lock is complete in itself.
    DATABASES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DatabaseFiles {
    /// Registers a use of the database at `path`. Opens and creates no file.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let key = folder.zip(path.file_name()).map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name));
        let mut databases = databases();
        let entry = databases.entry(key.clone()).or_default();
        entry.users = entry.users.saturating_add(1);
        Self { path: path.to_owned(), key }
    }

    /// Returns the path of the database.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of the write-ahead log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.with_suffix("-wal")
    }

    /// Returns the path of the file that SQLite maps as shared memory.
    #[must_use]
    pub fn shared_memory(&self) -> PathBuf {
        self.with_suffix("-shm")
    }

    /// Returns the path of the rollback journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.with_suffix("-journal")
    }

    fn with_suffix(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    fn with_entry<T>(&self, work: impl FnOnce(&mut Entry) -> T) -> T {
        work(databases().entry(self.key.clone()).or_default())
    }

    /// Creates an empty database that only its owner can use, if the database does not exist.
    ///
    /// # Errors
    /// Error of the file system.
    pub fn create(&self) -> Result<(), FileError> {
        self.with_entry(|entry| match files::create_private(&self.path) {
            Ok(file) => {
                entry.opened.push(Arc::new(file));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(FileError::at(&self.path)(error)),
        })
    }

    /// Opens a file of the database for reading.
    ///
    /// # Errors
    /// Error of the file system.
    pub fn open_to_read(&self, path: &Path) -> Result<Arc<File>, FileError> {
        #[cfg(unix)]
        return self.with_entry(|entry| {
            if let Some(file) = entry.to_read.get(path).filter(|file| is_at(file, path)) {
                return Ok(file.clone());
            }
            let file = Arc::new(File::open(path).map_err(FileError::at(path))?);
            entry.opened.extend(entry.to_read.insert(path.to_owned(), file.clone()));
            Ok(file)
        });
        // Locks of Windows belong to a handle.
        #[cfg(not(unix))]
        Ok(Arc::new(File::open(path).map_err(FileError::at(path))?))
    }

    /// Checks that this process may write the files of the database, without opening them.
    ///
    /// # Errors
    /// [`FileError`] with the first file or folder that this process may not write.
    pub fn check_writable(&self) -> Result<(), FileError> {
        for path in [self.path.clone(), self.log(), self.shared_memory()] {
            match check_access(&path) {
                // SQLite creates the two other files.
                Err(error) if error.kind() == io::ErrorKind::NotFound && path != self.path => {
                    let folder = self.path.parent().unwrap_or(&self.path);
                    check_access(folder).map_err(FileError::at(folder))?;
                }
                checked => checked.map_err(FileError::at(&path))?,
            }
        }
        Ok(())
    }

    /// Takes the access of other users to the existing files away. SQLite gives its further files the mode of the
    /// database. Errors are ignored, because the owner of the files may be another user.
    pub fn restrict_access(&self) {
        for path in [self.path.clone(), self.log(), self.shared_memory(), self.journal()] {
            files::restrict_access(&path);
        }
    }

    /// Allocates the shared memory on the disk before SQLite maps it.
    ///
    /// SQLite writes one byte for each 4 KiB. On a file system with smaller blocks the other blocks stay unallocated,
    /// and a write to the mapped memory ends the process with SIGBUS if the disk is full. Linux only: elsewhere the
    /// blocks of usual file systems have 4 KiB or more.
    ///
    /// The allocation is certain to stay while the result exists. The caller opens the database, reads once, and then
    /// drops the result. SQLite could not remove its files at the end otherwise.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] or another error of the file system.
    pub fn allocate_shared_memory(&self) -> Result<AllocatedMemory<'_>, FileError> {
        #[cfg(target_os = "linux")]
        {
            let path = self.shared_memory();
            self.with_entry(|entry| shared_memory::allocate(entry, &path)).map_err(FileError::at(&path))?;
        }
        Ok(AllocatedMemory { files: self })
    }
}

impl Drop for DatabaseFiles {
    fn drop(&mut self) {
        let mut databases = databases();
        let Some(entry) = databases.get_mut(&self.key) else { return };
        entry.users = entry.users.saturating_sub(1);
        if entry.users == 0 {
            // The files close under the lock, so that no new connection of this process loses its locks.
            databases.remove(&self.key);
            // A static is never dropped: without this call leak checkers of applications report the memory of the map.
            databases.shrink_to_fit();
        }
    }
}

/// Allocated shared memory of a database, to which a connection of this process is about to attach.
#[derive(Debug)]
pub struct AllocatedMemory<'a> {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "other systems allocate nothing"))]
    files: &'a DatabaseFiles,
}

#[cfg(target_os = "linux")]
impl Drop for AllocatedMemory<'_> {
    fn drop(&mut self) {
        self.files.with_entry(shared_memory::release);
    }
}

/// Reader of a file from an offset, which does not move the position of the file.
#[derive(Debug)]
pub struct OffsetReader<'a> {
    file: &'a File,
    offset: u64,
}

impl<'a> OffsetReader<'a> {
    /// Creates a reader that starts at `offset`.
    #[must_use]
    pub const fn new(file: &'a File, offset: u64) -> Self {
        Self { file, offset }
    }
}

impl io::Read for OffsetReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(self.file, buf, self.offset)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(self.file, buf, self.offset)?;
        self.offset = self.offset.saturating_add(count as u64);
        Ok(count)
    }
}

/// Returns true if the path still has this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |meta: std::fs::Metadata| (meta.dev(), meta.ino());
    file.metadata().is_ok_and(|open| std::fs::metadata(path).is_ok_and(|named| id(open) == id(named)))
}

/// Checks that this process may write a file, or create files in a folder.
///
/// # Errors
/// Error of the file system.
pub fn check_access(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, AtFlags, CWD, accessat};
        let is_folder = std::fs::metadata(path)?.is_dir();
        let access = Access::WRITE_OK | Access::READ_OK | if is_folder { Access::EXEC_OK } else { Access::empty() };
        Ok(accessat(CWD, path, access, AtFlags::EACCESS)?)
    }
    #[cfg(not(unix))]
    {
        let meta = std::fs::metadata(path)?;
        // The attribute of a folder does not prevent new files.
        if meta.permissions().readonly() && !meta.is_dir() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod shared_memory {
    use std::fs::{File, OpenOptions};
    use std::io::{self, Seek as _, Write as _};
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use nix::errno::Errno;
    use nix::fcntl::{FallocateFlags, FcntlArg, OFlag, fallocate, fcntl};
    use nix::libc;

    use super::{Entry, is_at};
    use crate::files::restrict_open;

    /// Allocated size. It suffices for a write-ahead log of 131,000 pages. SQLite adds to it if it must.
    const SIZE: u64 = 1 << 20;
    /// Byte that SQLite locks: shared by each attached process, exclusively by the first one while it truncates the
    /// file.
    const ATTACHED: libc::off_t = 128;
    /// Size to which the first process truncates the file, as SQLite does.
    const EMPTY: u64 = 3;
    /// Maximum number of attempts while another process attaches or detaches.
    const MAX_ATTEMPTS: u32 = 200;

    pub(super) fn allocate(entry: &mut Entry, path: &Path) -> io::Result<()> {
        let at_path = |file: &&Arc<File>| is_at(file, path);
        if entry.attaching > 0 && entry.shared_memory.as_ref().filter(at_path).is_some() {
            entry.attaching = entry.attaching.saturating_add(1);
            return Ok(());
        }
        for _ in 0..MAX_ATTEMPTS {
            let file = match entry.shared_memory.as_ref().filter(at_path) {
                Some(known) => known.clone(),
                None => {
                    let file = Arc::new(open(path)?);
                    entry.opened.extend(entry.shared_memory.replace(file.clone()));
                    file
                }
            };
            match attach(&file) {
                // The last connection of another process removed the file.
                Ok(()) if !is_at(&file, path) => {}
                Ok(()) => {
                    entry.attaching = entry.attaching.saturating_add(1);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(error) => return Err(error),
            }
        }
        // SQLite waits longer, and reports that the database is busy.
        entry.attaching = entry.attaching.saturating_add(1);
        Ok(())
    }

    /// Ends the attachment of one connection. SQLite has a lock of its own by then.
    pub(super) fn release(entry: &mut Entry) {
        entry.attaching = entry.attaching.saturating_sub(1);
        if let Some(file) = entry.shared_memory.as_ref().filter(|_| entry.attaching == 0) {
            // The close of the file also ends the lock.
            let _ = lock(file, libc::F_UNLCK);
        }
    }

    fn open(path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)?;
        // The umask may have taken rights of the owner away.
        restrict_open(&file)?;
        Ok(file)
    }

    /// Does the part of an attaching SQLite, with an allocation in place of single bytes.
    ///
    /// The lock belongs to the open file, so that SQLite in this process meets it, too. SQLite then takes the shared
    /// memory as it is.
    fn attach(file: &File) -> io::Result<()> {
        match lock(file, libc::F_WRLCK) {
            Ok(()) => {
                // A file of a crashed process can be damaged. SQLite rebuilds it from the log.
                let allocated = file.set_len(EMPTY).and_then(|()| allocate_first(file));
                let end = if allocated.is_ok() { libc::F_RDLCK } else { libc::F_UNLCK };
                lock(file, end)?;
                allocated
            }
            Err(Errno::EACCES | Errno::EAGAIN) => {
                lock(file, libc::F_RDLCK)?;
                let extended = extend(file);
                if extended.is_err() {
                    lock(file, libc::F_UNLCK)?;
                }
                extended
            }
            // The file system has no locks. SQLite reports that.
            Err(_) => Ok(()),
        }
    }

    fn allocate_first(mut file: &File) -> io::Result<()> {
        match fallocate(file, FallocateFlags::empty(), 0, SIZE.cast_signed()) {
            Err(Errno::EOPNOTSUPP | Errno::ENOSYS | Errno::EINVAL) => {
                file.rewind()?;
                let zeros = [0; 4096];
                (0..SIZE / 4096).try_for_each(|_| file.write_all(&zeros))
            }
            done => Ok(done?),
        }
    }

    /// Allocates the rest of a file that other connections use.
    fn extend(file: &File) -> io::Result<()> {
        let meta = file.metadata()?;
        if meta.len() >= SIZE && meta.blocks().saturating_mul(512) >= SIZE {
            return Ok(());
        }
        match fallocate(file, FallocateFlags::empty(), 0, SIZE.cast_signed()) {
            // Zeros could overwrite what another process writes at this moment.
            Err(Errno::EOPNOTSUPP | Errno::ENOSYS | Errno::EINVAL) => Ok(()),
            done => Ok(done?),
        }
    }

    fn lock(file: &File, kind: libc::c_int) -> Result<(), Errno> {
        let lock = libc::flock {
            l_type: kind as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: ATTACHED,
            l_len: 1,
            l_pid: 0,
        };
        fcntl(file, FcntlArg::F_OFD_SETLK(&lock)).map(drop)
    }
}
