//! Writing of packs. The thread of the caller fills frames, and another thread compresses, hashes and writes
//! them.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use restow_core::files::Overwrite;

use super::codec::{RECORD_HEADER_LEN, RawRecord, RawRecords, license_head};
use super::error::BackupError;
use super::frame::{FrameEncoder, TARGET_FRAME_LEN, is_pack_intact};
use super::ids::{Digest, PackId, SetId};
use super::manifest::{Frame, PackEntry, PackRole};
use super::record::{Record, TYPE_CONTENTS, TYPE_EPOCH_KEY, append_contents};
use super::storage::{EntryKind, StagedFile, Storage, finish_file};

/// Length from which a pack is full, in bytes. A pack may exceed it by one frame.
pub(crate) const FULL_PACK_LEN: u64 = 64 << 20;
/// Bytes between two syncs of a pack. The final sync cannot be cancelled, so it has to be short.
const SYNC_INTERVAL: u64 = 8 << 20;
/// Maximum number of frames that wait for the thread.
const MAX_QUEUED_FRAMES: usize = 4;
/// Interval of checks for a cancellation while the thread finishes.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Pack with its final name.
#[derive(Clone, Debug)]
pub(crate) struct WrittenPack {
    pub(crate) pack: PackEntry,
    /// True if no file had this name before.
    pub(crate) created: bool,
    /// True if the pack replaced a damaged one.
    pub(crate) repaired: bool,
}

/// Result of the thread: all packs with a final name, also after an error.
type WriterResult = (Vec<WrittenPack>, Result<(), BackupError>);

/// Records of one frame.
#[derive(Default)]
struct FrameBuffer {
    raw: Vec<u8>,
    licenses: u64,
    /// Encoded fields of the licenses in the frame, for the record of type 9.
    license_heads: Vec<u8>,
}

/// Writer of license packs and inventory packs.
pub(crate) struct PackWriter {
    sender: Option<SyncSender<(PackRole, FrameBuffer)>>,
    free_buffers: Receiver<Vec<u8>>,
    ended: Receiver<()>,
    abort: Arc<AtomicBool>,
    thread: Option<JoinHandle<WriterResult>>,
    licenses: FrameBuffer,
    inventory: FrameBuffer,
    /// Sealed epoch keys. They are written twice, in different frames.
    epoch_key_bytes: Vec<u8>,
    epoch_keys: HashSet<Digest>,
    /// Number of license records by kind.
    pub(crate) license_counts: BTreeMap<u8, u64>,
    /// Number of inventory records.
    pub(crate) inventory_records: u64,
    pub(crate) written: Vec<WrittenPack>,
}

impl std::fmt::Debug for PackWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackWriter")
    }
}

impl PackWriter {
    /// Starts the thread. `listed` has the packs that existing manifests list.
    pub(crate) fn start(storage: Arc<dyn Storage>, set: SetId, listed: HashSet<PackId>) -> Result<Self, BackupError> {
        let folder = storage.display(&set.packs_path());
        let to_error = |error| BackupError::from_write(&folder, error);
        let (sender, frames) = mpsc::sync_channel(MAX_QUEUED_FRAMES);
        let (buffers, free_buffers) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let abort = Arc::new(AtomicBool::new(false));
        let mut worker = PackThread {
            storage,
            set,
            listed,
            abort: Arc::clone(&abort),
            encoder: FrameEncoder::new().map_err(to_error)?,
            licenses: None,
            inventory: None,
            written: Vec::new(),
        };
        let run_thread = move || {
            let result = worker.run(&frames, &buffers);
            // Closing the queue first keeps the caller from waiting for a frame that is never taken.
            drop(frames);
            worker.licenses = None;
            worker.inventory = None;
            let _ = end.send(());
            (worker.written, result)
        };
        let thread =
            std::thread::Builder::new().name("restow backup".to_owned()).spawn(run_thread).map_err(to_error)?;
        Ok(Self {
            sender: Some(sender),
            free_buffers,
            ended,
            abort,
            thread: Some(thread),
            licenses: FrameBuffer::default(),
            inventory: FrameBuffer::default(),
            epoch_key_bytes: Vec::new(),
            epoch_keys: HashSet::new(),
            license_counts: BTreeMap::new(),
            inventory_records: 0,
            written: Vec::new(),
        })
    }

    pub(crate) fn push(&mut self, role: PackRole, record: &Record) -> Result<(), BackupError> {
        if let Record::EpochKey(_) = record {
            let mut bytes = Vec::new();
            record.encode(&mut bytes)?;
            return self.push_epoch_key(&bytes);
        }
        let buffer = self.buffer(role);
        let start = buffer.raw.len();
        record.encode(&mut buffer.raw)?;
        let kind = match record {
            Record::License(license) => Some(license.kind),
            _ => None,
        };
        self.inventory_records =
            self.inventory_records.saturating_add(u64::from(matches!(record, Record::Inventory(_))));
        self.record_added(role, start, kind)
    }

    /// Adds an encoded record unchanged.
    pub(crate) fn push_raw(&mut self, role: PackRole, record: RawRecord<'_>) -> Result<(), BackupError> {
        match record.record_type {
            TYPE_EPOCH_KEY => return self.push_epoch_key(record.bytes),
            // The writer creates these records anew for each pack.
            TYPE_CONTENTS => return Ok(()),
            _ => {}
        }
        self.push_bytes(role, record.bytes, record.license_kind())
    }

    fn push_bytes(&mut self, role: PackRole, bytes: &[u8], kind: Option<u8>) -> Result<(), BackupError> {
        let buffer = self.buffer(role);
        let start = buffer.raw.len();
        buffer.raw.extend_from_slice(bytes);
        self.record_added(role, start, kind)
    }

    fn push_epoch_key(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        if !self.epoch_keys.insert(Digest::sha256(bytes)) {
            return Ok(());
        }
        self.epoch_key_bytes.extend_from_slice(bytes);
        self.push_bytes(PackRole::Licenses, bytes, None)
    }

    fn buffer(&mut self, role: PackRole) -> &mut FrameBuffer {
        match role {
            PackRole::Licenses => &mut self.licenses,
            PackRole::Inventory => &mut self.inventory,
        }
    }

    /// Counts the record at `start` of the current frame. A record that exceeds the frame starts the next one.
    fn record_added(&mut self, role: PackRole, mut start: usize, kind: Option<u8>) -> Result<(), BackupError> {
        if start > 0 && self.buffer(role).raw.len() > TARGET_FRAME_LEN {
            let mut next = self.free_buffers.try_recv().unwrap_or_default();
            next.clear();
            let buffer = self.buffer(role);
            next.extend_from_slice(buffer.raw.get(start..).unwrap_or_default());
            buffer.raw.truncate(start);
            let full = std::mem::replace(buffer, FrameBuffer { raw: next, ..FrameBuffer::default() });
            start = 0;
            self.send(role, full)?;
        }
        if let Some(kind) = kind {
            let buffer = self.buffer(role);
            buffer.licenses = buffer.licenses.saturating_add(1);
            let body = buffer.raw.get(start.saturating_add(RECORD_HEADER_LEN)..).unwrap_or_default();
            buffer.license_heads.extend_from_slice(license_head(body).unwrap_or_default());
            let count = self.license_counts.entry(kind).or_default();
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    fn send(&mut self, role: PackRole, frame: FrameBuffer) -> Result<(), BackupError> {
        if self.sender.as_ref().is_some_and(|sender| sender.send((role, frame)).is_ok()) {
            return Ok(());
        }
        self.join()?;
        Err(BackupError::WriterStopped)
    }

    fn flush(&mut self, role: PackRole) -> Result<(), BackupError> {
        let frame = std::mem::take(self.buffer(role));
        if frame.raw.is_empty() { Ok(()) } else { self.send(role, frame) }
    }

    /// Writes the remaining frames and waits until all packs are synced and named.
    pub(crate) fn finish(&mut self, cancel: &dyn Fn() -> bool) -> Result<(), BackupError> {
        self.flush(PackRole::Licenses)?;
        self.flush(PackRole::Inventory)?;
        let epoch_key_bytes = std::mem::take(&mut self.epoch_key_bytes);
        for record in RawRecords(&epoch_key_bytes) {
            self.push_bytes(PackRole::Licenses, record?.bytes, None)?;
        }
        self.flush(PackRole::Licenses)?;
        self.sender = None;
        while self.ended.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
            if cancel() {
                self.abort();
                return Err(BackupError::Cancelled);
            }
        }
        self.join()
    }

    /// Ends the thread. The caller removes packs that already have a name.
    pub(crate) fn abort(&mut self) {
        self.abort.store(true, Ordering::Relaxed);
        self.sender = None;
        // The caller already has an error, or needs none.
        let _ = self.join();
    }

    fn join(&mut self) -> Result<(), BackupError> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let (written, result) = thread.join().map_err(|_| BackupError::WriterStopped)?;
        self.written = written;
        result
    }
}

/// Pack without a final name.
struct OpenPack {
    file: Box<dyn StagedFile>,
    frames: Vec<Frame>,
    len: u64,
    unsynced: u64,
    licenses: u64,
    /// Records of type 9 for the frames so far, collected until they fill a frame.
    contents: Vec<u8>,
}

/// State of the thread.
struct PackThread {
    storage: Arc<dyn Storage>,
    set: SetId,
    listed: HashSet<PackId>,
    abort: Arc<AtomicBool>,
    encoder: FrameEncoder,
    licenses: Option<OpenPack>,
    inventory: Option<OpenPack>,
    written: Vec<WrittenPack>,
}

impl PackThread {
    fn run(
        &mut self,
        frames: &Receiver<(PackRole, FrameBuffer)>,
        buffers: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), BackupError> {
        for (role, frame) in frames {
            self.check_abort()?;
            self.write_frame(role, &frame)?;
            // The receiver is closed after the last frame.
            let _ = buffers.send(frame.raw);
        }
        for role in [PackRole::Licenses, PackRole::Inventory] {
            self.check_abort()?;
            self.finish_pack(role)?;
        }
        Ok(())
    }

    fn check_abort(&self) -> Result<(), BackupError> {
        if self.abort.load(Ordering::Relaxed) { Err(BackupError::Cancelled) } else { Ok(()) }
    }

    fn open_pack(&mut self, role: PackRole) -> &mut Option<OpenPack> {
        match role {
            PackRole::Licenses => &mut self.licenses,
            PackRole::Inventory => &mut self.inventory,
        }
    }

    fn write_frame(&mut self, role: PackRole, frame: &FrameBuffer) -> Result<(), BackupError> {
        let folder = self.storage.display(&self.set.packs_path());
        let to_error = |error| BackupError::from_write(&folder, error);
        if self.open_pack(role).as_ref().is_some_and(|open| open.len >= FULL_PACK_LEN) {
            self.finish_pack(role)?;
        }
        let mut open = match self.open_pack(role).take() {
            Some(open) => open,
            None => OpenPack {
                file: self.storage.create(&self.set.packs_path()).map_err(to_error)?,
                frames: Vec::new(),
                len: 0,
                unsynced: 0,
                licenses: 0,
                contents: Vec::new(),
            },
        };
        let index = u32::try_from(open.frames.len()).unwrap_or(u32::MAX);
        self.append_frame(&mut open, &frame.raw)?;
        open.licenses = open.licenses.saturating_add(frame.licenses);
        if frame.licenses > 0 {
            if open.contents.len().saturating_add(frame.license_heads.len()) > TARGET_FRAME_LEN {
                self.write_contents(&mut open)?;
            }
            append_contents(&mut open.contents, index, frame.licenses, &frame.license_heads)?;
        }
        *self.open_pack(role) = Some(open);
        Ok(())
    }

    fn append_frame(&mut self, open: &mut OpenPack, raw: &[u8]) -> Result<(), BackupError> {
        let folder = self.storage.display(&self.set.packs_path());
        let to_error = |error| BackupError::from_write(&folder, error);
        let (frame, stored) = self.encoder.encode(raw).map_err(to_error)?;
        open.file.write_all(stored).map_err(to_error)?;
        open.len = open.len.saturating_add(frame.stored.into());
        open.unsynced = open.unsynced.saturating_add(frame.stored.into());
        open.frames.push(frame);
        if open.unsynced >= SYNC_INTERVAL {
            open.file.sync().map_err(to_error)?;
            open.unsynced = 0;
        }
        Ok(())
    }

    /// Writes the records of type 9 into a separate frame, so that one damage does not hit both a frame and its
    /// list.
    fn write_contents(&mut self, open: &mut OpenPack) -> Result<(), BackupError> {
        let contents = std::mem::take(&mut open.contents);
        if contents.is_empty() { Ok(()) } else { self.append_frame(open, &contents) }
    }

    fn finish_pack(&mut self, role: PackRole) -> Result<(), BackupError> {
        let Some(mut open) = self.open_pack(role).take() else { return Ok(()) };
        self.write_contents(&mut open)?;
        let mut pack = PackEntry::new(role, open.licenses, open.frames.clone());
        // A folder with the name of the pack belongs to another program. An empty list of licenses gives the pack
        // another name.
        while self.storage.entry(&self.set.pack_path(&pack.id)).is_ok_and(|found| found.kind == EntryKind::Folder) {
            append_contents(&mut open.contents, u32::MAX, 0, &[])?;
            self.write_contents(&mut open)?;
            pack = PackEntry::new(role, open.licenses, open.frames.clone());
        }
        let path = self.set.pack_path(&pack.id);
        let mut repaired = false;
        let exists = self.storage.entry(&path).is_ok();
        if exists && self.listed.contains(&pack.id) {
            // An earlier manifest committed to the same content, so its bytes were synced.
            if is_pack_intact(self.storage.as_ref(), self.set, &pack, &|| false)? {
                self.written.push(WrittenPack { pack, created: false, repaired: false });
                return Ok(());
            }
            repaired = true;
        }
        // An unlisted pack of this name may never have been synced. Replace it.
        let renamed = finish_file(open.file, &path, Overwrite::Replace);
        renamed.map_err(|error| BackupError::from_write(self.storage.display(&path), error))?;
        self.written.push(WrittenPack { pack, created: !exists, repaired });
        Ok(())
    }
}
