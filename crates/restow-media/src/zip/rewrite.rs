//! Adds, replaces or removes one entry of a package and keeps every other byte.
//!
//! Only positions change: offsets in the directory, and number, size and offset in the end records. Local
//! headers, content, data descriptors, records, comments and unused bytes are copied.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::directory::{Directory, Entry};
use super::end::{zip64_end, zip64_locator};
use super::entry::{descriptor_len, locate_content};
use super::error::EntryError;
use super::layout::{LOCATOR_LEN, OFFSET_FIELD, ZIP64_MARKER_16, ZIP64_MARKER_32};
use super::write::Header;
use crate::io::{read_at, read_up_to};
use crate::{EmbedError, EntryProblem};

/// Number of bytes copied at once.
const COPY_BUFFER_LEN: usize = 64 << 10;

/// Version and system in the record of a new entry: 2.0, FAT.
const MADE_BY: [u8; 2] = [20, 0];

/// Writes the package with `content` as the entry `name`, or without that entry if `content` is `None`. An
/// existing entry is replaced in place and keeps its date and attributes; a new entry is last.
pub(crate) fn rewrite<R: Read + Seek, W: Write>(
    reader: &mut R,
    directory: &Directory,
    name: &[u8],
    content: Option<&[u8]>,
    writer: &mut W,
) -> Result<(), EmbedError> {
    let old = match directory.find(name) {
        Ok(entry) => Some(entry),
        Err(EntryProblem::Missing) => None,
        Err(problem) => return Err(EntryError::Problem(problem).named(name).into()),
    };
    let replaced = match old {
        Some(entry) => entry_range(reader, directory, entry, name)?,
        None => directory.end.start..directory.end.start,
    };
    let mut new = Vec::new();
    let mut record = None;
    if let Some(content) = content {
        let mut header = Header::stored(name, content).ok_or(EmbedError::TooLarge)?;
        let (made_by, attributes) = match old {
            Some(entry) => copy_attributes(directory.record(entry), &mut header),
            None => (MADE_BY, [0; 6]),
        };
        new = [&header.local_header(), content].concat();
        record = Some(header.record(replaced.start, made_by, attributes));
    }
    let shift = OffsetShift {
        position: replaced.start,
        removed: replaced.end.saturating_sub(replaced.start),
        added: new.len() as u64,
    };

    // Every check is done before the first write.
    let records = rewrite_records(directory, old, record, &shift)?;
    let mut tail = read_tail(reader, directory)?;
    let count = |count: u64| {
        let count = if old.is_some() { count.saturating_sub(1) } else { count };
        if content.is_some() { count.saturating_add(1) } else { count }
    };
    let size = records.len() as u64;
    if patch_tail(&mut tail, directory, count, size, &shift).is_none() {
        tail = widen_tail(tail, directory, count, size, &shift).ok_or(EmbedError::TooLarge)?;
    }

    reader.seek(SeekFrom::Start(0)).map_err(EmbedError::Read)?;
    copy_bytes(reader, replaced.start, writer)?;
    writer.write_all(&new).map_err(EmbedError::Write)?;
    reader.seek(SeekFrom::Start(replaced.end)).map_err(EmbedError::Read)?;
    copy_bytes(reader, directory.end.start.saturating_sub(replaced.end), writer)?;
    writer.write_all(&records).and_then(|()| writer.write_all(&tail)).map_err(EmbedError::Write)
}

/// Returns the range of an entry from its local header to the end of its data descriptor.
fn entry_range<R: Read + Seek>(
    reader: &mut R,
    directory: &Directory,
    entry: &Entry,
    name: &[u8],
) -> Result<std::ops::Range<u64>, EmbedError> {
    let content_at = locate_content(reader, directory, entry).map_err(|error| error.named(name))?;
    let descriptor = descriptor_len(reader, entry, content_at).map_err(EmbedError::Read)?;
    Ok(entry.offset..content_at.saturating_add(entry.compressed_size).saturating_add(descriptor))
}

/// Copies date and attributes of the old record into the header. Returns the version and the attributes.
fn copy_attributes(record: &[u8], header: &mut Header<'_>) -> ([u8; 2], [u8; 6]) {
    let field = |at: usize| record.get(at..).unwrap_or_default();
    if let Some(modified) = field(12).first_chunk() {
        header.modified = *modified;
    }
    let made_by = field(4).first_chunk().copied().unwrap_or(MADE_BY);
    (made_by, field(36).first_chunk().copied().unwrap_or_default())
}

/// Change of the offsets after a position.
struct OffsetShift {
    /// Offsets greater than this one change.
    position: u64,
    removed: u64,
    added: u64,
}

impl OffsetShift {
    fn shifted(&self, offset: u64) -> u64 {
        if offset > self.position { offset.saturating_sub(self.removed).saturating_add(self.added) } else { offset }
    }
}

/// Builds the new directory.
fn rewrite_records(
    directory: &Directory,
    old: Option<&Entry>,
    mut new: Option<Vec<u8>>,
    shift: &OffsetShift,
) -> Result<Vec<u8>, EmbedError> {
    let mut records = Vec::with_capacity(usize::try_from(directory.end.size()).unwrap_or_default());
    for entry in directory.entries() {
        if old.is_some_and(|old| old.offset == entry.offset) {
            records.extend(new.take().unwrap_or_default());
            continue;
        }
        let mut record = directory.record(entry).to_vec();
        let offset = shift.shifted(entry.offset);
        if offset != entry.offset {
            match entry.zip64_offset_at {
                Some(at) => write_at(&mut record, at, &offset.to_le_bytes()),
                None => write_at(&mut record, OFFSET_FIELD, &to_u32_field(offset).ok_or(EmbedError::TooLarge)?),
            }
            .ok_or(EmbedError::TooLarge)?;
        }
        records.extend(record);
    }
    records.extend(new.unwrap_or_default());
    Ok(records)
}

fn write_at(bytes: &mut [u8], at: usize, value: &[u8]) -> Option<()> {
    let place = bytes.get_mut(at..at.checked_add(value.len())?)?;
    place.copy_from_slice(value);
    Some(())
}

/// Encodes the value of a 32-bit field. Returns `None` if it would look saturated.
fn to_u32_field(value: u64) -> Option<[u8; 4]> {
    u32::try_from(value).ok().filter(|value| *value != ZIP64_MARKER_32).map(u32::to_le_bytes)
}

/// Reads everything after the directory: end records, comment, and trailing bytes.
fn read_tail<R: Read + Seek>(reader: &mut R, directory: &Directory) -> Result<Vec<u8>, EmbedError> {
    // The search for the end record limits this length.
    let len = usize::try_from(directory.end.file_len.saturating_sub(directory.end.at)).unwrap_or_default();
    let tail = read_at(reader, directory.end.at, len).map_err(EmbedError::Read)?;
    if tail.len() == len { Ok(tail) } else { Err(EmbedError::Read(io::ErrorKind::UnexpectedEof.into())) }
}

/// Writes the new values into the end records. Returns `None` if they do not fit.
fn patch_tail(
    tail: &mut [u8],
    directory: &Directory,
    count: impl Fn(u64) -> u64,
    size: u64,
    shift: &OffsetShift,
) -> Option<()> {
    let end = &directory.end;
    let entries = count(end.entries);
    // An entry added at the end moves the directory as well.
    let start = end.start.saturating_sub(shift.removed).saturating_add(shift.added);
    let last = usize::try_from(end.last.checked_sub(end.at)?).ok()?;
    if end.is_zip64() {
        for (at, value) in [(24, entries), (32, entries), (40, size), (48, start)] {
            write_at(tail, at, &value.to_le_bytes())?;
        }
        // The locator holds the offset of the zip64 end record, directly after the directory.
        let locator = last.checked_sub(usize::try_from(LOCATOR_LEN).ok()?)?;
        write_at(tail, locator.checked_add(8)?, &start.checked_add(size)?.to_le_bytes())?;
    }
    for (field, value) in [(8, entries), (10, entries)] {
        let at = last.checked_add(field)?;
        let saturated = tail.get(at..)?.starts_with(&ZIP64_MARKER_16.to_le_bytes());
        if !(saturated && end.is_zip64()) {
            let value = u16::try_from(value).ok().filter(|value| *value != ZIP64_MARKER_16)?;
            write_at(tail, at, &value.to_le_bytes())?;
        }
    }
    for (field, value) in [(12, size), (16, start)] {
        let at = last.checked_add(field)?;
        let saturated = tail.get(at..)?.starts_with(&ZIP64_MARKER_32.to_le_bytes());
        if !(saturated && end.is_zip64()) {
            write_at(tail, at, &to_u32_field(value)?)?;
        }
    }
    Some(())
}

/// Adds zip64 end records before the plain end record, whose fields are too small for the new values. Returns `None` if
/// the package has zip64 records already.
fn widen_tail(
    mut tail: Vec<u8>,
    directory: &Directory,
    count: impl Fn(u64) -> u64,
    size: u64,
    shift: &OffsetShift,
) -> Option<Vec<u8>> {
    let end = &directory.end;
    if end.is_zip64() {
        return None;
    }
    let entries = count(end.entries);
    let start = end.start.saturating_sub(shift.removed).saturating_add(shift.added);
    for (field, value) in [(8, entries), (10, entries)] {
        let narrow = u16::try_from(value).unwrap_or(ZIP64_MARKER_16);
        write_at(&mut tail, field, &narrow.to_le_bytes())?;
    }
    for (field, value) in [(12, size), (16, start)] {
        let narrow = u32::try_from(value).unwrap_or(ZIP64_MARKER_32);
        write_at(&mut tail, field, &narrow.to_le_bytes())?;
    }
    let record = zip64_end(entries, size, start);
    Some([record, zip64_locator(start.checked_add(size)?), tail].concat())
}

pub(crate) fn copy_bytes<R: Read, W: Write>(reader: &mut R, len: u64, writer: &mut W) -> Result<(), EmbedError> {
    let mut buffer = vec![0; COPY_BUFFER_LEN];
    let mut remaining = len;
    while remaining > 0 {
        let part_len = usize::try_from(remaining).map_or(COPY_BUFFER_LEN, |remaining| remaining.min(COPY_BUFFER_LEN));
        let part = buffer.get_mut(..part_len).unwrap_or_default();
        if read_up_to(reader, part).map_err(EmbedError::Read)? < part_len {
            return Err(EmbedError::Read(io::ErrorKind::UnexpectedEof.into()));
        }
        writer.write_all(part).map_err(EmbedError::Write)?;
        remaining = remaining.saturating_sub(part_len as u64);
    }
    Ok(())
}
