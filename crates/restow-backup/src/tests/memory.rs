//! Storage in memory that injects faults and simulates a power cut.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use restow_core::files::Overwrite;

use super::Random;
use crate::file_reader::ReadAt;
use crate::storage::{EntryKind, FolderEntry, StagedFile, Storage};

/// Fault at an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Power cut: this and all later operations fail.
    Cut,
    /// This operation fails.
    Error,
    /// This operation succeeds and reports an error.
    ErrorAfter,
    /// The disk is full from this operation on. Reading and removing still work.
    Full,
}

/// Fate of unsynced changes in a power cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unsynced {
    Lost,
    /// Names are kept and contents are lost.
    NamesKept,
    /// A random part of the names is kept.
    Mixed(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum MemoryNode {
    Folder,
    File(usize),
}

#[derive(Clone, Default, Debug)]
struct FileContent {
    live: Vec<u8>,
    synced: Vec<u8>,
    modified: u64,
}

#[derive(Clone, Default, Debug)]
struct MemoryState {
    live: BTreeMap<String, MemoryNode>,
    durable: BTreeMap<String, MemoryNode>,
    contents: Vec<FileContent>,
    clock: u64,
    operations: u64,
    fault: Option<(u64, Fault)>,
    fault_occurred: bool,
    temporaries: u64,
    /// Maximum number of bytes in all files together.
    capacity: Option<usize>,
    /// Error of every sync.
    sync_error: Option<i32>,
    /// State of the medium where the cache has other bytes: changed bytes, or `None` for a bad sector.
    medium: BTreeMap<usize, Option<Vec<u8>>>,
    /// Number of coming packs whose bytes the medium changes.
    packs_to_change: usize,
}

#[derive(Clone, Default, Debug)]
pub(super) struct Memory(Arc<Mutex<MemoryState>>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Read,
    Write,
    Remove,
}

fn parent(path: &str) -> Option<&str> {
    if path.is_empty() { None } else { Some(path.rsplit_once('/').map_or("", |(parent, _)| parent)) }
}

fn not_found<T>() -> io::Result<T> {
    Err(io::ErrorKind::NotFound.into())
}

impl MemoryState {
    /// Counts an operation. Returns `Ok(true)` if it must be performed and then fail.
    fn count_operation(&mut self, operation: Operation) -> io::Result<bool> {
        self.operations += 1;
        let Some((at, fault)) = self.fault else { return Ok(false) };
        if self.operations < at {
            return Ok(false);
        }
        match fault {
            Fault::Cut => {
                self.fault_occurred = true;
                Err(io::Error::other("power cut"))
            }
            Fault::Full if operation == Operation::Write => {
                self.fault_occurred = true;
                Err(io::ErrorKind::StorageFull.into())
            }
            Fault::Error if self.operations == at => {
                self.fault_occurred = true;
                Err(io::Error::other("bad sector"))
            }
            Fault::ErrorAfter if self.operations == at => {
                self.fault_occurred = true;
                Ok(operation != Operation::Read)
            }
            _ => Ok(false),
        }
    }

    fn check_sync(&self) -> io::Result<()> {
        self.sync_error.map_or(Ok(()), |error| Err(io::Error::from_raw_os_error(error)))
    }

    fn file(&self, path: &str) -> io::Result<usize> {
        match self.live.get(path) {
            Some(MemoryNode::File(id)) => Ok(*id),
            _ => not_found(),
        }
    }
}

fn complete<T>(fails: bool, value: T) -> io::Result<T> {
    if fails { Err(io::Error::other("lost answer")) } else { Ok(value) }
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, MemoryState> {
        self.0.lock().unwrap()
    }

    /// Returns an independent copy without faults.
    pub(super) fn fork(&self) -> Self {
        let mut state = self.state().clone();
        state.fault = None;
        state.fault_occurred = false;
        state.operations = 0;
        Self(Arc::new(Mutex::new(state)))
    }

    pub(super) fn fail_at(&self, operation: u64, fault: Fault) {
        let mut state = self.state();
        state.operations = 0;
        state.fault_occurred = false;
        state.fault = Some((operation, fault));
    }

    /// Returns true if the fault occurred.
    pub(super) fn fault_occurred(&self) -> bool {
        self.state().fault_occurred
    }

    /// Returns the state after a power cut.
    pub(super) fn after_cut(&self, unsynced: Unsynced) -> Self {
        let state = self.state();
        let mut random = Random::new(match unsynced {
            Unsynced::Mixed(seed) => seed,
            _ => 0,
        });
        let mut kept = |_: &str| match unsynced {
            Unsynced::Lost => false,
            Unsynced::NamesKept => true,
            Unsynced::Mixed(_) => random.next().is_multiple_of(2),
        };
        let mut names = BTreeMap::new();
        let all: std::collections::BTreeSet<&String> = state.live.keys().chain(state.durable.keys()).collect();
        for name in all {
            let (live, durable) = (state.live.get(name), state.durable.get(name));
            let node = if live == durable || kept(name) { live } else { durable };
            let has_parent = parent(name).is_none_or(|parent| names.contains_key(parent));
            if let Some(node) = node.filter(|_| has_parent) {
                names.insert(name.clone(), *node);
            }
        }
        let mut after = MemoryState { clock: state.clock, contents: state.contents.clone(), ..MemoryState::default() };
        for content in &mut after.contents {
            content.live.clone_from(&content.synced);
        }
        after.temporaries = state.temporaries;
        after.live.clone_from(&names);
        after.durable = names;
        Self(Arc::new(Mutex::new(after)))
    }

    /// Returns all files, and all folders with `/` at the end of their names.
    pub(super) fn image(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state();
        let entry = |(name, node): (&String, &MemoryNode)| match node {
            MemoryNode::Folder => (format!("{name}/"), Vec::new()),
            MemoryNode::File(id) => (name.clone(), state.contents[*id].live.clone()),
        };
        state.live.iter().map(entry).collect()
    }

    pub(super) fn files(&self) -> Vec<String> {
        self.image().into_keys().filter(|name| !name.ends_with('/')).collect()
    }

    pub(super) fn read(&self, path: &str) -> Vec<u8> {
        let state = self.state();
        state.contents[state.file(path).unwrap()].live.clone()
    }

    /// Replaces or adds a file without counting an operation.
    pub(super) fn put(&self, path: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let modified = state.clock;
        let id = state.contents.len();
        state.contents.push(FileContent { live: bytes.clone(), synced: bytes, modified });
        state.live.insert(path.to_owned(), MemoryNode::File(id));
        state.durable.insert(path.to_owned(), MemoryNode::File(id));
    }

    pub(super) fn delete(&self, path: &str) {
        let mut state = self.state();
        state.live.remove(path);
        state.durable.remove(path);
    }

    /// Changes a byte of a file on the medium. The cache still has the right one.
    pub(super) fn rot(&self, path: &str) {
        let mut state = self.state();
        let id = state.file(path).unwrap();
        let mut bytes = state.contents[id].live.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        state.medium.insert(id, Some(bytes));
    }

    /// Makes a file unreadable on the medium.
    pub(super) fn break_sector(&self, path: &str) {
        let mut state = self.state();
        let id = state.file(path).unwrap();
        state.medium.insert(id, None);
    }

    /// Makes the medium change a byte in each of the next packs.
    pub(super) fn change_packs(&self, count: usize) {
        self.state().packs_to_change = count;
    }

    /// Makes every sync fail with the number of this error.
    pub(super) fn fail_syncs(&self, error: i32) {
        self.state().sync_error = Some(error);
    }

    /// Puts a folder or another entry in the place of a file.
    pub(super) fn put_folder(&self, path: &str) {
        let mut state = self.state();
        state.live.insert(path.to_owned(), MemoryNode::Folder);
        state.durable.insert(path.to_owned(), MemoryNode::Folder);
    }

    pub(super) fn set_capacity(&self, bytes: usize) {
        self.state().capacity = Some(bytes);
    }

    pub(super) fn advance_clock(&self, seconds: u64) {
        self.state().clock += seconds;
    }
}

impl Storage for Memory {
    fn display(&self, path: &str) -> PathBuf {
        PathBuf::from("/memory/Restow").join(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<FolderEntry>> {
        let mut state = self.state();
        state.count_operation(Operation::Read)?;
        if state.live.get(folder) != Some(&MemoryNode::Folder) {
            return not_found();
        }
        let names = state.live.iter().filter(|(name, _)| parent(name) == Some(folder));
        Ok(names.map(|(name, node)| entry(&state, name, *node)).collect())
    }

    fn entry(&self, path: &str) -> io::Result<FolderEntry> {
        let mut state = self.state();
        state.count_operation(Operation::Read)?;
        state.live.get(path).map_or_else(not_found, |node| Ok(entry(&state, path, *node)))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        let mut state = self.state();
        state.count_operation(Operation::Read)?;
        let id = state.file(path)?;
        Ok(Box::new(MemoryReader(self.clone(), id)))
    }

    fn open_uncached(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        let mut state = self.state();
        state.count_operation(Operation::Read)?;
        let id = state.file(path)?;
        match state.medium.get(&id).cloned() {
            None => Ok(Box::new(MemoryReader(self.clone(), id))),
            Some(None) => Err(io::Error::from_raw_os_error(5)),
            Some(Some(live)) => {
                state.contents.push(FileContent { synced: live.clone(), live, modified: 0 });
                let changed = state.contents.len() - 1;
                Ok(Box::new(MemoryReader(self.clone(), changed)))
            }
        }
    }

    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>> {
        let mut state = self.state();
        let fails = state.count_operation(Operation::Write)?;
        if state.live.get(folder) != Some(&MemoryNode::Folder) {
            return not_found();
        }
        let id = state.contents.len();
        let modified = state.clock;
        state.contents.push(FileContent { modified, ..FileContent::default() });
        state.temporaries += 1;
        let name = format!(".tmp-{:016x}", state.temporaries);
        let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        state.live.insert(name.clone(), MemoryNode::File(id));
        complete(fails, ())?;
        Ok(Box::new(MemoryWriter { memory: self.clone(), id, name }))
    }

    fn create_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.count_operation(Operation::Write)?;
        if parent(folder).is_some_and(|parent| !state.live.contains_key(parent)) {
            return not_found();
        }
        if state.live.contains_key(folder) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.live.insert(folder.to_owned(), MemoryNode::Folder);
        complete(fails, ())
    }

    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.count_operation(Operation::Write)?;
        state.check_sync()?;
        let is_child = |name: &String| parent(name) == folder;
        let live: Vec<(String, MemoryNode)> =
            state.live.iter().filter(|(name, _)| is_child(name)).map(|(name, node)| (name.clone(), *node)).collect();
        state.durable.retain(|name, _| !is_child(name));
        state.durable.extend(live);
        complete(fails, ())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.count_operation(Operation::Remove)?;
        state.file(path)?;
        state.live.remove(path);
        complete(fails, ())
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.count_operation(Operation::Remove)?;
        if state.live.keys().any(|name| parent(name) == Some(folder)) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.live.remove(folder);
        complete(fails, ())
    }
}

fn entry(state: &MemoryState, path: &str, node: MemoryNode) -> FolderEntry {
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let (kind, len, modified) = match node {
        MemoryNode::Folder => (EntryKind::Folder, 0, 0),
        MemoryNode::File(id) => (EntryKind::File, state.contents[id].live.len() as u64, state.contents[id].modified),
    };
    FolderEntry { name, kind, len, modified: SystemTime::UNIX_EPOCH + Duration::from_secs(modified) }
}

struct MemoryReader(Memory, usize);

impl ReadAt for MemoryReader {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.0.state();
        state.count_operation(Operation::Read)?;
        let content = &state.contents[self.1].live;
        let rest = content.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
}

struct MemoryWriter {
    memory: Memory,
    id: usize,
    name: String,
}

impl io::Write for MemoryWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut state = self.memory.state();
        let fails = state.count_operation(Operation::Write)?;
        let id = self.id;
        let len = |node: &MemoryNode| match node {
            MemoryNode::Folder => 0,
            MemoryNode::File(id) => state.contents[*id].live.len(),
        };
        let used: usize = state.live.values().map(len).sum();
        if state.capacity.is_some_and(|capacity| used + buffer.len() > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.contents[id].live.extend_from_slice(buffer);
        complete(fails, buffer.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StagedFile for MemoryWriter {
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.memory.state();
        let fails = state.count_operation(Operation::Write)?;
        state.check_sync()?;
        let content = &mut state.contents[self.id];
        content.synced.clone_from(&content.live);
        complete(fails, ())
    }

    fn rename(self: Box<Self>, path: &str, existing: Overwrite) -> io::Result<()> {
        let mut state = self.memory.state();
        let fails = state.count_operation(Operation::Write)?;
        if existing == Overwrite::Refuse && state.live.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if state.live.get(path) == Some(&MemoryNode::Folder) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if path.ends_with(".pack") && state.packs_to_change > 0 {
            state.packs_to_change -= 1;
            let mut bytes = state.contents[self.id].live.clone();
            bytes[0] ^= 1;
            state.medium.insert(self.id, Some(bytes));
        }
        state.live.remove(&self.name);
        state.live.insert(path.to_owned(), MemoryNode::File(self.id));
        complete(fails, ())
    }
}

impl Drop for MemoryWriter {
    fn drop(&mut self) {
        let mut state = self.memory.state();
        // A computer without power removes no file.
        let cut = matches!(state.fault, Some((_, Fault::Cut))) && state.fault_occurred;
        if !cut && state.live.get(&self.name) == Some(&MemoryNode::File(self.id)) {
            state.live.remove(&self.name);
        }
    }
}
