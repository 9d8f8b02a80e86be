//! Where a writer's records go: frames are filled on the caller's thread, and compressed, hashed and written on another
//! one, with a few buffers between them.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use restow_core::files::Existing;

use super::codec::{RawRecord, RawRecords, license_head};
use super::error::BackupError;
use super::frame::{FrameEncoder, TARGET_RAW, is_whole};
use super::ids::{Digest, PackId, SetId};
use super::manifest::{Frame, PackEntry, PackRole};
use super::record::{HEADER, Record, TYPE_CONTENTS, TYPE_EPOCH_KEY, put_contents};
use super::storage::{Storage, Unfinished};

/// From how many bytes on a pack is full; it may have one frame more.
pub(crate) const MAX_PACK: u64 = 64 << 20;
/// After how many bytes a pack is synced, so that the last sync, which no cancel can shorten, is short.
const SYNC_EVERY: u64 = 8 << 20;
/// Frames that may wait for the writing thread.
const WAITING: usize = 4;
/// How often a cancel is looked for while the writing thread finishes.
const POLL: Duration = Duration::from_millis(50);

/// A pack that was written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) pack: PackEntry,
    /// Nothing had its name before.
    pub(crate) created: bool,
    /// A listed pack of the same name was damaged.
    pub(crate) repaired: bool,
}

/// What the writing thread gives back: the packs that have their names, whatever came after.
type Ended = (Vec<Written>, Result<(), BackupError>);

struct Job {
    role: PackRole,
    raw: Vec<u8>,
    licenses: u64,
    /// What the licenses in it are.
    heads: Vec<u8>,
}

#[derive(Default)]
struct Building {
    raw: Vec<u8>,
    licenses: u64,
    heads: Vec<u8>,
}

pub(crate) struct Sink {
    sender: Option<SyncSender<Job>>,
    emptied: Receiver<Vec<u8>>,
    ended: Receiver<()>,
    abort: Arc<AtomicBool>,
    thread: Option<JoinHandle<Ended>>,
    licenses: Building,
    inventory: Building,
    /// Sealed epoch keys, which are written twice, in different frames.
    again: Vec<u8>,
    epoch_keys: HashSet<Digest>,
    /// Licenses by kind, and missing ones.
    pub(crate) kinds: BTreeMap<u8, u64>,
    pub(crate) missing: u64,
    pub(crate) written: Vec<Written>,
}

impl Sink {
    /// Starts the writing thread. `listed` are the packs some manifest lists.
    pub(crate) fn start(storage: Arc<dyn Storage>, set: SetId, listed: HashSet<PackId>) -> Result<Self, BackupError> {
        let folder = storage.display(&set.packs());
        let failed = |error| BackupError::write(&folder, error);
        let (sender, jobs) = mpsc::sync_channel::<Job>(WAITING);
        let (buffers, emptied) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let abort = Arc::new(AtomicBool::new(false));
        let mut packer = Packer {
            storage,
            set,
            listed,
            abort: Arc::clone(&abort),
            encoder: FrameEncoder::new().map_err(failed)?,
            licenses: None,
            inventory: None,
            written: Vec::new(),
        };
        let run = move || {
            let result = packer.run(&jobs, &buffers);
            // Before the caller is told, so that it never waits for a job that nobody takes.
            drop(jobs);
            packer.licenses = None;
            packer.inventory = None;
            let _ = end.send(());
            (packer.written, result)
        };
        let thread = std::thread::Builder::new().name("restow backup".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self {
            sender: Some(sender),
            emptied,
            ended,
            abort,
            thread: Some(thread),
            licenses: Building::default(),
            inventory: Building::default(),
            again: Vec::new(),
            epoch_keys: HashSet::new(),
            kinds: BTreeMap::new(),
            missing: 0,
            written: Vec::new(),
        })
    }

    pub(crate) fn push(&mut self, role: PackRole, record: &Record) -> Result<(), BackupError> {
        if let Record::EpochKey(_) = record {
            let mut bytes = Vec::new();
            record.encode(&mut bytes)?;
            return self.push_epoch_key(&bytes);
        }
        let building = self.building(role);
        let start = building.raw.len();
        record.encode(&mut building.raw)?;
        let kind = match record {
            Record::License(license) => Some(license.kind),
            _ => None,
        };
        self.missing = self.missing.saturating_add(u64::from(matches!(record, Record::Missing(_))));
        self.added(role, start, kind)
    }

    /// Adds a record as it stands, whatever it is.
    pub(crate) fn push_raw(&mut self, role: PackRole, record: RawRecord<'_>) -> Result<(), BackupError> {
        match record.record_type {
            TYPE_EPOCH_KEY => return self.push_epoch_key(record.bytes),
            // It is about the pack it stands in.
            TYPE_CONTENTS => return Ok(()),
            _ => {}
        }
        let building = self.building(role);
        let start = building.raw.len();
        building.raw.extend_from_slice(record.bytes);
        self.added(role, start, record.license_kind())
    }

    fn push_epoch_key(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        if !self.epoch_keys.insert(Digest::of(bytes)) {
            return Ok(());
        }
        self.again.extend_from_slice(bytes);
        let start = self.licenses.raw.len();
        self.licenses.raw.extend_from_slice(bytes);
        self.added(PackRole::Licenses, start, None)
    }

    fn building(&mut self, role: PackRole) -> &mut Building {
        match role {
            PackRole::Licenses => &mut self.licenses,
            PackRole::Inventory => &mut self.inventory,
        }
    }

    /// A record was added at `start` of the frame being filled: when it does not fit, it begins the next one.
    fn added(&mut self, role: PackRole, mut start: usize, kind: Option<u8>) -> Result<(), BackupError> {
        if start > 0 && self.building(role).raw.len() > TARGET_RAW {
            let mut next = self.emptied.try_recv().unwrap_or_default();
            next.clear();
            let building = self.building(role);
            next.extend_from_slice(building.raw.get(start..).unwrap_or_default());
            building.raw.truncate(start);
            let raw = std::mem::replace(&mut building.raw, next);
            let licenses = std::mem::take(&mut building.licenses);
            let heads = std::mem::take(&mut building.heads);
            start = 0;
            self.send(Job { role, raw, licenses, heads })?;
        }
        if let Some(kind) = kind {
            let building = self.building(role);
            building.licenses = building.licenses.saturating_add(1);
            let body = building.raw.get(start.saturating_add(HEADER)..).unwrap_or_default();
            building.heads.extend_from_slice(license_head(body).unwrap_or_default());
            let count = self.kinds.entry(kind).or_default();
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    fn send(&mut self, job: Job) -> Result<(), BackupError> {
        match self.sender.as_ref().map(|sender| sender.send(job)) {
            Some(Ok(())) => Ok(()),
            _ => {
                self.join()?;
                Err(BackupError::WriterStopped)
            }
        }
    }

    fn flush(&mut self, role: PackRole) -> Result<(), BackupError> {
        let building = std::mem::take(self.building(role));
        if building.raw.is_empty() {
            return Ok(());
        }
        let Building { raw, licenses, heads } = building;
        self.send(Job { role, raw, licenses, heads })
    }

    /// Writes what is left and waits until all packs are synced and have their names.
    pub(crate) fn finish(&mut self, cancel: &dyn Fn() -> bool) -> Result<(), BackupError> {
        self.flush(PackRole::Licenses)?;
        self.flush(PackRole::Inventory)?;
        let again = std::mem::take(&mut self.again);
        for record in RawRecords(&again) {
            let record = record.map_err(BackupError::Record)?;
            let start = self.licenses.raw.len();
            self.licenses.raw.extend_from_slice(record.bytes);
            self.added(PackRole::Licenses, start, None)?;
        }
        self.flush(PackRole::Licenses)?;
        self.sender = None;
        while self.ended.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
            if cancel() {
                self.abort();
                return Err(BackupError::Cancelled);
            }
        }
        self.join()
    }

    /// Ends the writing thread; packs that have their names already are left to the caller.
    pub(crate) fn abort(&mut self) {
        self.abort.store(true, Ordering::Relaxed);
        self.sender = None;
        // The caller has, or needs, no other reason.
        let _ = self.join();
    }

    fn join(&mut self) -> Result<(), BackupError> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let (written, result) = thread.join().map_err(|_| BackupError::WriterStopped)?;
        self.written = written;
        result
    }
}

/// One pack being written.
struct OpenPack {
    file: Box<dyn Unfinished>,
    frames: Vec<Frame>,
    len: u64,
    unsynced: u64,
    licenses: u64,
    /// Records that say what the frames before have, until there are enough for a frame.
    contents: Vec<u8>,
}

/// What the writing thread has.
struct Packer {
    storage: Arc<dyn Storage>,
    set: SetId,
    listed: HashSet<PackId>,
    abort: Arc<AtomicBool>,
    encoder: FrameEncoder,
    licenses: Option<OpenPack>,
    inventory: Option<OpenPack>,
    written: Vec<Written>,
}

impl Packer {
    fn run(&mut self, jobs: &Receiver<Job>, buffers: &mpsc::Sender<Vec<u8>>) -> Result<(), BackupError> {
        for job in jobs {
            self.check_abort()?;
            self.frame(&job)?;
            // Nobody takes buffers any more once the last job was sent.
            let _ = buffers.send(job.raw);
        }
        for role in [PackRole::Licenses, PackRole::Inventory] {
            self.check_abort()?;
            self.finish(role)?;
        }
        Ok(())
    }

    fn check_abort(&self) -> Result<(), BackupError> {
        if self.abort.load(Ordering::Relaxed) { Err(BackupError::Cancelled) } else { Ok(()) }
    }

    fn slot(&mut self, role: PackRole) -> &mut Option<OpenPack> {
        match role {
            PackRole::Licenses => &mut self.licenses,
            PackRole::Inventory => &mut self.inventory,
        }
    }

    fn frame(&mut self, job: &Job) -> Result<(), BackupError> {
        let folder = self.storage.display(&self.set.packs());
        let failed = |error| BackupError::write(&folder, error);
        if self.slot(job.role).as_ref().is_some_and(|open| open.len >= MAX_PACK) {
            self.finish(job.role)?;
        }
        let mut open = match self.slot(job.role).take() {
            Some(open) => open,
            None => OpenPack {
                file: self.storage.create(&self.set.packs()).map_err(failed)?,
                frames: Vec::new(),
                len: 0,
                unsynced: 0,
                licenses: 0,
                contents: Vec::new(),
            },
        };
        let index = u32::try_from(open.frames.len()).unwrap_or(u32::MAX);
        self.write(&mut open, &job.raw)?;
        open.licenses = open.licenses.saturating_add(job.licenses);
        if job.licenses > 0 {
            if open.contents.len().saturating_add(job.heads.len()) > TARGET_RAW {
                self.write_contents(&mut open)?;
            }
            put_contents(&mut open.contents, index, job.licenses, &job.heads)?;
        }
        *self.slot(job.role) = Some(open);
        Ok(())
    }

    fn write(&mut self, open: &mut OpenPack, raw: &[u8]) -> Result<(), BackupError> {
        let folder = self.storage.display(&self.set.packs());
        let failed = |error| BackupError::write(&folder, error);
        let (frame, stored) = self.encoder.encode(raw).map_err(failed)?;
        open.file.write_all(stored).map_err(failed)?;
        open.len = open.len.saturating_add(frame.stored.into());
        open.unsynced = open.unsynced.saturating_add(frame.stored.into());
        open.frames.push(frame);
        if open.unsynced >= SYNC_EVERY {
            open.file.sync().map_err(failed)?;
            open.unsynced = 0;
        }
        Ok(())
    }

    /// In a frame of its own, so that it is not damaged together with what it speaks of.
    fn write_contents(&mut self, open: &mut OpenPack) -> Result<(), BackupError> {
        let contents = std::mem::take(&mut open.contents);
        if contents.is_empty() { Ok(()) } else { self.write(open, &contents) }
    }

    fn finish(&mut self, role: PackRole) -> Result<(), BackupError> {
        let Some(mut open) = self.slot(role).take() else { return Ok(()) };
        self.write_contents(&mut open)?;
        let pack = PackEntry::new(role, open.licenses, open.frames);
        let path = self.set.pack(&pack.id);
        let mut repaired = false;
        let exists = self.storage.entry(&path).is_ok();
        if exists && self.listed.contains(&pack.id) {
            // The same content was backed up before, and a manifest was committed upon it.
            if is_whole(self.storage.as_ref(), self.set, &pack, &|| false)? {
                self.written.push(Written { pack, created: false, repaired: false });
                return Ok(());
            }
            repaired = true;
        }
        // Something of this name that no manifest lists may never have been synced, so it is written again.
        let done = open.file.finish(&path, Existing::Replace);
        done.map_err(|error| BackupError::write(self.storage.display(&path), error))?;
        self.written.push(Written { pack, created: !exists, repaired });
        Ok(())
    }
}
