//! Home: the folder in which one installation keeps its keys and its license store.

mod computer;
mod holder;
mod host_name;
pub mod trust_store;

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restow_core::encoding::{b64, from_b64_array, from_hex_array, hex};
use restow_core::files::{self, FileMode, Overwrite};
use restow_core::keys::Seed;
use restow_core::text::without_byte_order_mark;
use restow_core::time::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::disk::{DiskProbe, DiskRelation, SystemDisks};
use crate::store::{Store, StoreError};

pub use crate::error::HomeError;
pub use computer::{Computer, ComputerKeys, Machine};
pub use holder::Holder;
pub use host_name::host_name;

/// One installation: its folder, its machine, its clock and its disks.
#[derive(Clone)]
pub struct Home {
    folder: PathBuf,
    machine: Machine,
    clock: Arc<dyn Clock>,
    disks: Arc<dyn DiskProbe>,
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Lock for the single running operation of a home, across processes. Dropping it releases the lock.
#[derive(Debug)]
pub(crate) struct OperationLock(File);

impl Drop for OperationLock {
    fn drop(&mut self) {
        // A child process that is about to start has a copy of the handle, which would keep the lock after a close.
        let _ = self.0.unlock();
    }
}

impl Home {
    /// Returns the folder for application data of the platform: `~/.local/share/restow`, `%LOCALAPPDATA%\Restow` or
    /// `~/Library/Application Support/Restow`.
    ///
    /// # Errors
    /// [`HomeError::NoFolder`] if the platform has none.
    pub fn default_folder() -> Result<PathBuf, HomeError> {
        let folders = directories::BaseDirs::new().ok_or(HomeError::NoFolder)?;
        let name = if cfg!(any(windows, target_os = "macos")) { "Restow" } else { "restow" };
        Ok(folders.data_local_dir().join(name))
    }

    /// Returns the folder that all programs of a person share: the value of `RESTOW_HOME`, else
    /// [`default_folder`](Self::default_folder).
    ///
    /// # Errors
    /// [`HomeError::NoFolder`] if the platform has none.
    pub fn shared_folder() -> Result<PathBuf, HomeError> {
        path_from_environment("RESTOW_HOME").map_or_else(Self::default_folder, Ok)
    }

    /// Opens the home in `folder`. The first change creates a missing folder; a home without a folder reads as an empty
    /// one.
    ///
    /// # Errors
    /// [`HomeError::Io`] if the folder is a file, or has no name.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, HomeError> {
        Self::open_with(folder, Machine::this(), Arc::new(SystemClock))
    }

    /// Opens the home for a given machine with a given clock, for tests and demonstrations.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open).
    pub fn open_with(folder: impl Into<PathBuf>, machine: Machine, clock: Arc<dyn Clock>) -> Result<Self, HomeError> {
        let folder = folder.into();
        if folder.as_os_str().is_empty() {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "no folder is named");
            return Err(HomeError::Io { path: folder, source });
        }
        // The home must not move when a program changes its current folder.
        let folder = std::path::absolute(&folder).map_err(HomeError::io(&folder))?;
        match fs::metadata(&folder) {
            Ok(meta) if !meta.is_dir() => return Err(HomeError::io(&folder)(io::ErrorKind::NotADirectory.into())),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Err(HomeError::io(&folder)(error)),
            // The first change creates a missing folder. A reading operation reports one that it cannot enter.
            _ => {}
        }
        Ok(Self { folder, machine, clock, disks: Arc::new(SystemDisks) })
    }

    /// Replaces the source of disks, for tests.
    #[must_use]
    pub fn with_disks(self, disks: Arc<dyn DiskProbe>) -> Self {
        Self { disks, ..self }
    }

    /// Returns the relation of the disk of a folder to the disk of the home.
    #[must_use]
    pub fn disk_relation(&self, folder: &Path) -> DiskRelation {
        self.disks.relation(&self.folder, folder)
    }

    /// Returns the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the file with the passphrase of encrypted backups: the value of `RESTOW_PASSPHRASE_FILE`, else
    /// `passphrase_file` in `settings.json`.
    ///
    /// # Errors
    /// [`HomeError::Settings`] if the settings are malformed, [`HomeError::Io`] if they cannot be read.
    pub(crate) fn passphrase_file(&self) -> Result<Option<PathBuf>, HomeError> {
        if let Some(named) = path_from_environment("RESTOW_PASSPHRASE_FILE") {
            return Ok(Some(named));
        }
        // A relative path starts at the home, so that the home can be moved.
        Ok(self.settings()?.passphrase_file.map(|file| self.folder.join(file)))
    }

    /// Returns the number of days after which a backup that was not seen or not read back does not count:
    /// `stale_after_days` in `settings.json`, by default 90.
    ///
    /// # Errors
    /// [`HomeError::Settings`] if the settings are malformed, [`HomeError::Io`] if they cannot be read.
    pub fn stale_after_days(&self) -> Result<u32, HomeError> {
        let days = self.settings()?.stale_after_days.unwrap_or(DEFAULT_STALE_AFTER_DAYS);
        if !STALE_AFTER_DAYS.contains(&days) {
            let (min, max) = (STALE_AFTER_DAYS.start(), STALE_AFTER_DAYS.end());
            let why = format!("stale_after_days is not between {min} and {max}");
            return Err(HomeError::Settings { path: self.folder.join(SETTINGS_FILE), why });
        }
        Ok(days)
    }

    fn settings(&self) -> Result<Settings, HomeError> {
        let path = self.folder.join(SETTINGS_FILE);
        match files::read_limited(&path, MAX_SETTINGS) {
            Ok(bytes) => serde_json::from_slice(without_byte_order_mark(&bytes))
                .map_err(|error| HomeError::Settings { path, why: error.to_string() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Settings::default()),
            Err(error) => Err(HomeError::io(&path)(error)),
        }
    }

    /// Returns the clock of the home.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Opens the license store. The first change creates a missing store. A store that cannot be written can be read.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read, is damaged, or belongs to a newer version.
    pub fn store(&self) -> Result<Store, StoreError> {
        let store = Store::open(&self.folder.join("store.db"))?;
        if store.exists_writable() {
            self.restrict_access();
        }
        Ok(store)
    }

    /// Opens the license store for a change that other work precedes.
    ///
    /// # Errors
    /// The errors of [`store`](Self::store), and [`StoreError::CannotWrite`] if the store cannot be changed.
    pub(crate) fn store_to_change(&self) -> Result<Store, StoreError> {
        let store = self.store()?;
        store.check_writable()?;
        Ok(store)
    }

    /// Creates the folder if it is missing. Only its owner has access.
    ///
    /// # Errors
    /// [`HomeError::CannotWrite`] if the folder cannot be created.
    pub fn create_folder(&self) -> Result<(), HomeError> {
        let cannot_write = |source| HomeError::CannotWrite { path: self.folder.clone(), source };
        files::create_private_folder(&self.folder).map_err(cannot_write)
    }

    /// Takes the access of other users away: to the files of the home, and to a folder that has no other files.
    fn restrict_access(&self) {
        restrict_tree(&self.folder.join("roots"));
        for name in FILES {
            files::restrict_access(&self.folder.join(name));
        }
        let is_own = |entry: io::Result<fs::DirEntry>| {
            entry.is_ok_and(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                FILES.iter().any(|own| name.starts_with(own)) || name.starts_with(files::TEMPORARY_PREFIX)
            })
        };
        if files::is_open_to_others(&self.folder)
            && fs::read_dir(&self.folder).is_ok_and(|mut entries| entries.all(is_own))
        {
            files::restrict_access(&self.folder);
        }
    }

    /// Returns the computer keys of this installation, and creates them at the first call.
    ///
    /// # Errors
    /// [`HomeError`] if the key file is damaged, or cannot be read or written.
    pub fn computer(&self) -> Result<Computer, HomeError> {
        let path = self.folder.join("computer.key");
        let (seed, made_on) = self.key_file(&path)?;
        Ok(Computer::new(seed, self.machine.matches(made_on), path))
    }

    /// Returns the computer keys for an operation that only reads. A home without keys gets random ones, which are not
    /// stored and match no set and no registration.
    ///
    /// # Errors
    /// [`HomeError`] if the key file is damaged or cannot be read.
    pub(crate) fn computer_to_read(&self) -> Result<Computer, HomeError> {
        let path = self.folder.join("computer.key");
        let (seed, made_on) = match read_key_file(&path)? {
            Some(stored) => stored,
            None => (Seed::random().map_err(|_| HomeError::Random)?, self.machine.fingerprint()),
        };
        Ok(Computer::new(seed, self.machine.matches(made_on), path))
    }

    /// Returns the holder keys for an operation that only reads, as [`computer_to_read`](Self::computer_to_read).
    ///
    /// # Errors
    /// The errors of [`computer_to_read`](Self::computer_to_read).
    pub(crate) fn holder_to_read(&self) -> Result<Holder, HomeError> {
        let stored = read_key_file(&self.folder.join("holder.key"))?;
        let unsaved = || Seed::random().map_err(|_| HomeError::Random);
        Ok(Holder::new(stored.map_or_else(unsaved, |(seed, _)| Ok(seed))?))
    }

    /// Returns the holder keys of this home, and creates them at the first call.
    ///
    /// # Errors
    /// The errors of [`computer`](Self::computer).
    pub fn holder(&self) -> Result<Holder, HomeError> {
        Ok(Holder::new(self.key_file(&self.folder.join("holder.key"))?.0))
    }

    /// Acquires the lock for a running operation; `None` while another process holds the lock.
    ///
    /// # Errors
    /// [`HomeError::CannotWrite`] if the lock file cannot be opened, [`HomeError::NoLocks`] if the file system has no
    /// locks.
    pub(crate) fn lock_operation(&self) -> Result<Option<OperationLock>, HomeError> {
        self.create_folder()?;
        let path = self.folder.join("operation.lock");
        let cannot_write = |source| HomeError::CannotWrite { path: path.clone(), source };
        let file = files::open_private(&path).map_err(cannot_write)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(OperationLock(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(source)) => Err(HomeError::NoLocks { path, source }),
        }
    }

    /// Returns the seed in a key file and the fingerprint of its machine, and creates the file if needed.
    fn key_file(&self, path: &Path) -> Result<(Seed, Option<[u8; 32]>), HomeError> {
        loop {
            if let Some(stored) = read_key_file(path)? {
                return Ok(stored);
            }
            self.create_folder()?;
            let seed = Seed::random().map_err(|_| HomeError::Random)?;
            let file = KeyFile { v: 1, seed: b64(seed.expose()), machine: self.machine.fingerprint().map(|f| hex(&f)) };
            let bytes = Zeroizing::new(serde_json::to_vec(&file).map_err(|_| HomeError::DamagedKey(path.to_owned()))?);
            match files::write_atomically(path, &bytes, Overwrite::Refuse, FileMode::OwnerOnly) {
                // Another process may have created the key at the same time. Its key counts.
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(HomeError::CannotWrite { path: path.to_owned(), source }),
            }
        }
    }
}

/// Names of the files and folders of a home. SQLite adds endings to the name of the store.
const FILES: [&str; 7] =
    ["store.db", "computer.key", "holder.key", "operation.lock", SETTINGS_FILE, "restow.log", "roots"];

/// Takes the access of other users to a folder, its files and its folders away. Files in a private folder keep theirs.
fn restrict_tree(path: &Path) {
    if files::is_open_to_others(path) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            restrict_tree(&entry.path());
        }
        files::restrict_access(path);
    }
}

/// Seed in a key file, and the fingerprint of its machine.
type KeyFileContent = (Seed, Option<[u8; 32]>);

/// Returns the seed in a key file and the fingerprint of its machine; `None` if there is no file.
fn read_key_file(path: &Path) -> Result<Option<KeyFileContent>, HomeError> {
    let bytes = match files::read_limited(path, 4096).map(Zeroizing::new) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(HomeError::io(path)(error)),
    };
    let damaged = || HomeError::DamagedKey(path.to_owned());
    let file: KeyFile = serde_json::from_slice(without_byte_order_mark(&bytes)).map_err(|_| damaged())?;
    let seed = from_b64_array(&file.seed).filter(|_| file.v == 1).ok_or_else(damaged)?;
    Ok(Some((Seed::from_bytes(seed), file.machine.as_deref().and_then(from_hex_array))))
}

/// Returns the path in an environment variable; `None` if the variable is unset or empty.
fn path_from_environment(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|named| !named.is_empty()).map(PathBuf::from)
}

/// Content of `settings.json`, which the user writes.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Path, relative to the home.
    passphrase_file: Option<PathBuf>,
    stale_after_days: Option<u32>,
}

/// Name of the file with the settings.
const SETTINGS_FILE: &str = "settings.json";

/// Days of `stale_after_days` without a setting.
const DEFAULT_STALE_AFTER_DAYS: u32 = 90;

/// Valid numbers of `stale_after_days`.
const STALE_AFTER_DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// Maximum size of the settings file.
const MAX_SETTINGS: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct KeyFile {
    v: u32,
    seed: String,
    machine: Option<String>,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(folder: &Path, machine: &str) -> Home {
        Home::open_with(folder, Machine::from_id(machine), Arc::new(crate::ManualClock::at(1_795_132_800))).unwrap()
    }

    #[test]
    fn keys_are_created_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = home(dir.path(), "m1").computer().unwrap();
        let again = home(dir.path(), "m1").computer().unwrap();
        assert_eq!(first.set_key().public(), again.set_key().public());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(dir.path().join("computer.key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn copied_home_is_detected() {
        let dir = tempfile::tempdir().unwrap();
        assert!(home(dir.path(), "m1").computer().unwrap().check_machine().is_ok());
        let copied = home(dir.path(), "m2").computer().unwrap();
        assert!(matches!(copied.check_machine(), Err(HomeError::OtherMachine(_))));
    }

    #[test]
    fn damaged_key_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("computer.key");
        for content in ["", "{", r#"{"v":2,"seed":"","machine":null}"#, r#"{"v":1,"seed":"AAAA","machine":null}"#] {
            fs::write(&path, content).unwrap();
            let refused = home(dir.path(), "m1").computer().unwrap_err();
            assert!(matches!(refused, HomeError::DamagedKey(named) if named == path), "{content}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn stale_days_are_validated() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path(), "m");
        assert_eq!(home.stale_after_days().unwrap(), 90);
        for (settings, days) in [
            ("{}", Some(90)),
            (r#"{"stale_after_days": 1}"#, Some(1)),
            (r#"{"stale_after_days": 3650}"#, Some(3650)),
            (r#"{"stale_after_days": 0}"#, None),
            (r#"{"stale_after_days": 3651}"#, None),
            (r#"{"stale_after_days": -1}"#, None),
            (r#"{"stale_after_days": 99999999999}"#, None),
            (r#"{"stale_after_days": "30"}"#, None),
            (r#"{"stale_after": 30}"#, None),
            ("", None),
        ] {
            fs::write(dir.path().join("settings.json"), settings).unwrap();
            let found = home.stale_after_days();
            assert_eq!(found.as_ref().ok(), days.as_ref(), "{settings}");
            assert!(days.is_some() || matches!(found, Err(HomeError::Settings { .. })), "{settings}");
        }
    }

    #[test]
    fn empty_folder_name_is_refused() {
        assert!(matches!(Home::open(""), Err(HomeError::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn relative_home_becomes_absolute() {
        let dir = tempfile::tempdir().unwrap();
        let up: PathBuf = std::env::current_dir().unwrap().components().skip(1).map(|_| "..").collect();
        let relative = up.join(dir.path().strip_prefix("/").unwrap());
        assert!(relative.is_relative() && relative.is_dir());
        assert!(Home::open(relative).unwrap().folder().is_absolute());
    }

    #[test]
    fn second_operation_lock_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let lock = home(dir.path(), "m").lock_operation().unwrap();
        assert!(lock.is_some());
        assert!(home(dir.path(), "m").lock_operation().unwrap().is_none());
        drop(lock);
        assert!(home(dir.path(), "m").lock_operation().unwrap().is_some());
    }

    #[test]
    fn copied_handle_does_not_keep_operation_lock() {
        let dir = tempfile::tempdir().unwrap();
        let lock = home(dir.path(), "m").lock_operation().unwrap().unwrap();
        let _copy = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(home(dir.path(), "m").lock_operation().unwrap().is_some());
    }
}
