//! Frames: compressed with zstd, located by the lengths in the manifest, and verified by hash
//! (docs/backup-format.md §3).

use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe;

use super::damage::DamageKind;
use super::error::BackupError;
use super::file_reader::{ReadAt, read_full};
use super::ids::{Digest, SetId};
use super::manifest::{Frame, PackEntry};
use super::storage::Storage;

/// Uncompressed length of a full frame, in bytes.
pub(crate) const TARGET_FRAME_LEN: usize = 256 << 10;
const COMPRESSION_LEVEL: i32 = 1;
/// Bytes per read from a pack.
const READ_CHUNK_LEN: usize = 1 << 20;

/// Compressor of frames, with one context and one buffer.
pub(crate) struct FrameEncoder {
    compressor: Compressor<'static>,
    stored: Vec<u8>,
}

impl FrameEncoder {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { compressor: Compressor::new(COMPRESSION_LEVEL)?, stored: Vec::new() })
    }

    pub(crate) fn encode(&mut self, raw: &[u8]) -> io::Result<(Frame, &[u8])> {
        self.stored.clear();
        self.stored.reserve(zstd_safe::compress_bound(raw.len()));
        self.compressor.compress_to_buffer(raw, &mut self.stored)?;
        let too_large = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let frame = Frame {
            stored: u32::try_from(self.stored.len()).map_err(too_large)?,
            raw: u32::try_from(raw.len()).map_err(too_large)?,
            hash: Digest::sha256(&self.stored),
        };
        Ok((frame, &self.stored))
    }
}

/// Decompressor of frames, with one context and one buffer.
pub(crate) struct FrameDecoder {
    decompressor: Decompressor<'static>,
    raw: Vec<u8>,
}

impl FrameDecoder {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { decompressor: Decompressor::new()?, raw: Vec::new() })
    }

    /// Decompresses a frame. The result must have exactly the length in the manifest.
    pub(crate) fn decode(&mut self, frame: &Frame, stored: &[u8]) -> Result<&[u8], DamageKind> {
        let malformed = |reason: &str| DamageKind::FrameContent(reason.to_owned());
        if zstd_safe::find_frame_compressed_size(stored) != Ok(stored.len()) {
            return Err(malformed("it is not one zstd frame"));
        }
        let raw = usize::try_from(frame.raw).map_err(|_| malformed("it is too large"))?;
        self.raw.clear();
        self.raw.reserve_exact(raw);
        // The capacity is the listed length, at most 4 MiB, so a larger result fails and does not allocate.
        match self.decompressor.decompress_to_buffer(stored, &mut self.raw) {
            Ok(len) if len == raw => Ok(&self.raw),
            Ok(_) => Err(malformed("it has another length than listed")),
            Err(error) => Err(malformed(&error.to_string())),
        }
    }
}

/// Index and manifest entry of a frame, and its stored bytes if their hash is right.
type NextFrame<'a, 'b> = (u32, &'a Frame, Result<&'b [u8], DamageKind>);

/// Sequential reader of a pack. Damage of one frame does not affect the others.
pub(crate) struct PackReader<'a> {
    file: Box<dyn ReadAt>,
    frames: std::slice::Iter<'a, Frame>,
    index: u32,
    offset: u64,
    chunk: Vec<u8>,
    chunk_offset: u64,
    single_frame: Vec<u8>,
    end: u64,
}

impl<'a> PackReader<'a> {
    /// Opens a pack. Returns the reader together with a wrong length, because the remaining frames are still
    /// readable.
    pub(crate) fn open(
        storage: &dyn Storage,
        set: SetId,
        pack: &'a PackEntry,
    ) -> Result<(Self, Option<DamageKind>), DamageKind> {
        let to_damage = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => DamageKind::PackMissing,
            _ => DamageKind::Unreadable(error.to_string()),
        };
        let path = set.pack_path(&pack.id);
        let found = storage.entry(&path).map_err(to_damage)?.len;
        let file = storage.open(&path).map_err(to_damage)?;
        let expected = pack.len();
        let length = (found != expected).then_some(DamageKind::PackLength { expected, found });
        let reader = Self {
            file,
            frames: pack.frames.iter(),
            index: 0,
            offset: 0,
            chunk: Vec::new(),
            chunk_offset: 0,
            single_frame: Vec::new(),
            end: expected,
        };
        Ok((reader, length))
    }

    /// Returns the index, the manifest entry and the stored bytes of the next frame, after its hash is
    /// verified.
    pub(crate) fn next(&mut self) -> Option<NextFrame<'a, '_>> {
        let frame = self.frames.next()?;
        let index = self.index;
        self.index = self.index.saturating_add(1);
        let offset = self.offset;
        self.offset = self.offset.saturating_add(frame.stored.into());
        let len = frame.stored as usize;
        if !self.is_buffered(offset, len) {
            self.fill_chunk(offset);
        }
        let bytes = if self.is_buffered(offset, len) {
            let from = usize::try_from(offset.saturating_sub(self.chunk_offset)).unwrap_or(usize::MAX);
            self.chunk.get(from..).and_then(|rest| rest.get(..len)).ok_or(DamageKind::FrameTruncated)
        } else {
            // The frame is larger than a chunk, is truncated, or is next to an unreadable sector. Read this
            // frame alone.
            self.single_frame.resize(len, 0);
            match read_full(self.file.as_mut(), offset, &mut self.single_frame) {
                Ok(read) if read == len => Ok(self.single_frame.as_slice()),
                Ok(_) => Err(DamageKind::FrameTruncated),
                Err(error) => Err(DamageKind::Unreadable(error.to_string())),
            }
        };
        let checked = bytes
            .and_then(|bytes| if Digest::sha256(bytes) == frame.hash { Ok(bytes) } else { Err(DamageKind::FrameHash) });
        Some((index, frame, checked))
    }

    fn is_buffered(&self, offset: u64, len: usize) -> bool {
        let end = self.chunk_offset.saturating_add(self.chunk.len() as u64);
        self.chunk_offset <= offset && offset.saturating_add(len as u64) <= end
    }

    fn fill_chunk(&mut self, offset: u64) {
        let len = usize::try_from(self.end.saturating_sub(offset)).unwrap_or(READ_CHUNK_LEN).min(READ_CHUNK_LEN);
        self.chunk.resize(len, 0);
        self.chunk_offset = offset;
        let read = read_full(self.file.as_mut(), offset, &mut self.chunk).unwrap_or(0);
        self.chunk.truncate(read);
    }
}

/// Reads the frames of a pack in order, until `each` returns false. `each` receives `None` for an unreadable frame.
///
/// Returns false if the pack cannot be opened, or if `each` ended the reading.
pub(crate) fn each_frame(
    storage: &dyn Storage,
    set: SetId,
    pack: &PackEntry,
    cancel: &dyn Fn() -> bool,
    mut each: impl FnMut(Option<&[u8]>) -> Result<bool, BackupError>,
) -> Result<bool, BackupError> {
    let Ok((mut reader, _)) = PackReader::open(storage, set, pack) else { return Ok(false) };
    let decoder = FrameDecoder::new();
    let mut decoder = decoder.map_err(|error| BackupError::from_read(storage.display(&set.packs_path()), error))?;
    while let Some((_, frame, stored)) = reader.next() {
        if cancel() {
            return Err(BackupError::Cancelled);
        }
        if !each(stored.and_then(|stored| decoder.decode(frame, stored)).ok())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns true if the pack has the listed length and every frame has the listed hash.
pub(crate) fn is_pack_intact(
    storage: &dyn Storage,
    set: SetId,
    pack: &PackEntry,
    cancel: &dyn Fn() -> bool,
) -> Result<bool, BackupError> {
    Ok(find_pack_damage(storage, set, pack, cancel)?.is_none())
}

/// Returns the first damage of a pack: a wrong length, or a frame without the listed hash.
pub(crate) fn find_pack_damage(
    storage: &dyn Storage,
    set: SetId,
    pack: &PackEntry,
    cancel: &dyn Fn() -> bool,
) -> Result<Option<DamageKind>, BackupError> {
    let mut reader = match PackReader::open(storage, set, pack) {
        Ok((reader, None)) => reader,
        Ok((_, Some(kind))) | Err(kind) => return Ok(Some(kind)),
    };
    while let Some((_, _, bytes)) = reader.next() {
        if let Err(kind) = bytes {
            return Ok(Some(kind));
        }
        if cancel() {
            return Err(BackupError::Cancelled);
        }
    }
    Ok(None)
}
