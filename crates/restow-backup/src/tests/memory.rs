//! A storage in memory that fails where it is told to, and knows what a power cut would leave.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use restow_core::files::Existing;

use super::Random;
use crate::storage::{Entry, EntryKind, ReadAt, StagedFile, Storage};

/// What happens at an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// The power goes: nothing works from here on.
    Cut,
    /// This one operation fails.
    Error,
    /// It is done, and an error is reported all the same.
    ErrorAfter,
    /// No room from here on; what is there can be read and removed.
    Full,
}

/// What a power cut leaves of changes that were not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unsynced {
    Lost,
    /// Names are kept, contents are not.
    NamesKept,
    /// Some names are kept and some are not.
    Mixed(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Node {
    Folder,
    File(usize),
}

#[derive(Clone, Default, Debug)]
struct Content {
    live: Vec<u8>,
    synced: Vec<u8>,
    modified: u64,
}

#[derive(Clone, Default, Debug)]
struct State {
    live: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
    contents: Vec<Content>,
    clock: u64,
    operations: u64,
    fault: Option<(u64, Fault)>,
    fired: bool,
    temporaries: u64,
    /// How many bytes all files together may have.
    room: Option<usize>,
}

#[derive(Clone, Default, Debug)]
pub(super) struct Memory(Arc<Mutex<State>>);

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

impl State {
    /// Counts an operation; `Ok(true)` when it must be done and then fail.
    fn step(&mut self, operation: Operation) -> io::Result<bool> {
        self.operations += 1;
        let Some((at, fault)) = self.fault else { return Ok(false) };
        if self.operations < at {
            return Ok(false);
        }
        match fault {
            Fault::Cut => {
                self.fired = true;
                Err(io::Error::other("power cut"))
            }
            Fault::Full if operation == Operation::Write => {
                self.fired = true;
                Err(io::ErrorKind::StorageFull.into())
            }
            Fault::Error if self.operations == at => {
                self.fired = true;
                Err(io::Error::other("bad sector"))
            }
            Fault::ErrorAfter if self.operations == at => {
                self.fired = true;
                Ok(operation != Operation::Read)
            }
            _ => Ok(false),
        }
    }

    fn file(&self, path: &str) -> io::Result<usize> {
        match self.live.get(path) {
            Some(Node::File(id)) => Ok(*id),
            _ => not_found(),
        }
    }
}

fn after<T>(fails: bool, value: T) -> io::Result<T> {
    if fails { Err(io::Error::other("lost answer")) } else { Ok(value) }
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A copy that shares nothing with this one.
    pub(super) fn fork(&self) -> Self {
        let mut state = self.state().clone();
        state.fault = None;
        state.fired = false;
        state.operations = 0;
        Self(Arc::new(Mutex::new(state)))
    }

    pub(super) fn fail_at(&self, operation: u64, fault: Fault) {
        let mut state = self.state();
        state.operations = 0;
        state.fired = false;
        state.fault = Some((operation, fault));
    }

    /// Whether the fault came to pass.
    pub(super) fn failed(&self) -> bool {
        self.state().fired
    }

    /// What a power cut leaves.
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
        let mut after = State { clock: state.clock, contents: state.contents.clone(), ..State::default() };
        for content in &mut after.contents {
            content.live.clone_from(&content.synced);
        }
        after.temporaries = state.temporaries;
        after.live.clone_from(&names);
        after.durable = names;
        Self(Arc::new(Mutex::new(after)))
    }

    /// All files and folders, folders ending in `/`.
    pub(super) fn image(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state();
        let entry = |(name, node): (&String, &Node)| match node {
            Node::Folder => (format!("{name}/"), Vec::new()),
            Node::File(id) => (name.clone(), state.contents[*id].live.clone()),
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

    /// Changes or adds a file behind everyone's back.
    pub(super) fn put(&self, path: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let modified = state.clock;
        let id = state.contents.len();
        state.contents.push(Content { live: bytes.clone(), synced: bytes, modified });
        state.live.insert(path.to_owned(), Node::File(id));
        state.durable.insert(path.to_owned(), Node::File(id));
    }

    pub(super) fn delete(&self, path: &str) {
        let mut state = self.state();
        state.live.remove(path);
        state.durable.remove(path);
    }

    pub(super) fn has_room_for(&self, bytes: usize) {
        self.state().room = Some(bytes);
    }

    pub(super) fn let_pass(&self, seconds: u64) {
        self.state().clock += seconds;
    }
}

impl Storage for Memory {
    fn display(&self, path: &str) -> PathBuf {
        PathBuf::from("/memory/Restow").join(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut state = self.state();
        state.step(Operation::Read)?;
        if state.live.get(folder) != Some(&Node::Folder) {
            return not_found();
        }
        let names = state.live.iter().filter(|(name, _)| parent(name) == Some(folder));
        Ok(names.map(|(name, node)| entry(&state, name, *node)).collect())
    }

    fn entry(&self, path: &str) -> io::Result<Entry> {
        let mut state = self.state();
        state.step(Operation::Read)?;
        state.live.get(path).map_or_else(not_found, |node| Ok(entry(&state, path, *node)))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn ReadAt>> {
        let mut state = self.state();
        state.step(Operation::Read)?;
        let id = state.file(path)?;
        Ok(Box::new(Reader(self.clone(), id)))
    }

    fn create(&self, folder: &str) -> io::Result<Box<dyn StagedFile>> {
        let mut state = self.state();
        let fails = state.step(Operation::Write)?;
        if state.live.get(folder) != Some(&Node::Folder) {
            return not_found();
        }
        let id = state.contents.len();
        let modified = state.clock;
        state.contents.push(Content { modified, ..Content::default() });
        state.temporaries += 1;
        let name = format!(".tmp-{:016x}", state.temporaries);
        let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        state.live.insert(name.clone(), Node::File(id));
        after(fails, ())?;
        Ok(Box::new(Writer { memory: self.clone(), id, name }))
    }

    fn create_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.step(Operation::Write)?;
        if parent(folder).is_some_and(|parent| !state.live.contains_key(parent)) {
            return not_found();
        }
        if state.live.contains_key(folder) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.live.insert(folder.to_owned(), Node::Folder);
        after(fails, ())
    }

    fn sync_folder(&self, folder: Option<&str>) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.step(Operation::Write)?;
        let inside = |name: &String| parent(name) == folder;
        let live: Vec<(String, Node)> =
            state.live.iter().filter(|(name, _)| inside(name)).map(|(name, node)| (name.clone(), *node)).collect();
        state.durable.retain(|name, _| !inside(name));
        state.durable.extend(live);
        after(fails, ())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.step(Operation::Remove)?;
        state.file(path)?;
        state.live.remove(path);
        after(fails, ())
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state();
        let fails = state.step(Operation::Remove)?;
        if state.live.keys().any(|name| parent(name) == Some(folder)) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.live.remove(folder);
        after(fails, ())
    }
}

fn entry(state: &State, path: &str, node: Node) -> Entry {
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let (kind, len, modified) = match node {
        Node::Folder => (EntryKind::Folder, 0, 0),
        Node::File(id) => (EntryKind::File, state.contents[id].live.len() as u64, state.contents[id].modified),
    };
    Entry { name, kind, len, modified: SystemTime::UNIX_EPOCH + Duration::from_secs(modified) }
}

struct Reader(Memory, usize);

impl ReadAt for Reader {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.0.state();
        state.step(Operation::Read)?;
        let content = &state.contents[self.1].live;
        let rest = content.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
}

struct Writer {
    memory: Memory,
    id: usize,
    name: String,
}

impl io::Write for Writer {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut state = self.memory.state();
        let fails = state.step(Operation::Write)?;
        let id = self.id;
        let len = |node: &Node| match node {
            Node::Folder => 0,
            Node::File(id) => state.contents[*id].live.len(),
        };
        let used: usize = state.live.values().map(len).sum();
        if state.room.is_some_and(|room| used + buffer.len() > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.contents[id].live.extend_from_slice(buffer);
        after(fails, buffer.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StagedFile for Writer {
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.memory.state();
        let fails = state.step(Operation::Write)?;
        let content = &mut state.contents[self.id];
        content.synced.clone_from(&content.live);
        after(fails, ())
    }

    fn finish(mut self: Box<Self>, path: &str, existing: Existing) -> io::Result<()> {
        self.sync()?;
        let mut state = self.memory.state();
        let fails = state.step(Operation::Write)?;
        if existing == Existing::Refuse && state.live.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.live.remove(&self.name);
        state.live.insert(path.to_owned(), Node::File(self.id));
        after(fails, ())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.memory.state();
        // A dead computer removes nothing.
        let cut = matches!(state.fault, Some((_, Fault::Cut))) && state.fired;
        if !cut && state.live.get(&self.name) == Some(&Node::File(self.id)) {
            state.live.remove(&self.name);
        }
    }
}
