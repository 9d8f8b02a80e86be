//! One entry put into a package, replaced, or taken out, and every other byte left as it is.
//!
//! What moves because of it is only where it stands: offsets in the directory, and number, size and offset in the end
//! records. Local headers, content, data descriptors, records, comments, and bytes that belong to nothing are copied.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::directory::{Found, OFFSET_AT};
use super::end::{LOCATOR_LEN, read_at};
use super::entry::{descriptor_len, locate};
use super::write::Header;
use super::{Directory, Entry, EntryError, WIDE16, WIDE32};
use crate::detect::read_up_to;
use crate::text;
use crate::{EntryFault, PutError, Warning};

/// How much is copied at once.
const COPY: usize = 64 << 10;

/// The version and system a new entry is said to be made by: 2.0, FAT.
const MADE_BY: [u8; 2] = [20, 0];

/// Writes the package with `content` as the entry `name`, or with `None` without it. An entry that is there is replaced
/// in its place and keeps its date and attributes; a new one comes last.
pub(crate) fn rewrite<R: Read + Seek, W: Write>(
    reader: &mut R,
    directory: &Directory,
    name: &[u8],
    content: Option<&[u8]>,
    writer: &mut W,
) -> Result<(), PutError> {
    let old = match directory.find(name) {
        Found::Nothing => None,
        Found::One(entry) => Some(entry),
        Found::Several => return Err(refused(name, EntryFault::Twice)),
    };
    let cut = match old {
        Some(entry) => extent(reader, directory, entry, name)?,
        None => directory.end.start..directory.end.start,
    };
    let mut new = Vec::new();
    let mut record = None;
    if let Some(content) = content {
        let mut header = Header::stored(name, content).ok_or(PutError::TooLarge)?;
        let (made_by, attributes) = match old {
            Some(entry) => keep(directory.record(entry), &mut header),
            None => (MADE_BY, [0; 6]),
        };
        new = [&header.local(), content].concat();
        record = Some(header.record(cut.start, made_by, attributes));
    }
    let moved = Moved { behind: cut.start, removed: cut.end.saturating_sub(cut.start), added: new.len() as u64 };

    // All that can be refused is refused before anything is written.
    let records = records(directory, old, record, &moved)?;
    let mut tail = read_tail(reader, directory)?;
    let count = |count: u64| {
        let count = if old.is_some() { count.saturating_sub(1) } else { count };
        if content.is_some() { count.saturating_add(1) } else { count }
    };
    patch_tail(&mut tail, directory, count, records.len() as u64, &moved).ok_or(PutError::TooLarge)?;

    reader.seek(SeekFrom::Start(0)).map_err(PutError::Read)?;
    copy(reader, cut.start, writer)?;
    writer.write_all(&new).map_err(PutError::Write)?;
    reader.seek(SeekFrom::Start(cut.end)).map_err(PutError::Read)?;
    copy(reader, directory.end.start.saturating_sub(cut.end), writer)?;
    writer.write_all(&records).and_then(|()| writer.write_all(&tail)).map_err(PutError::Write)
}

fn refused(name: &[u8], fault: EntryFault) -> PutError {
    PutError::Refused(Warning::Entry { name: text::entry_name(name), fault })
}

/// From the local header to the end of the data descriptor.
fn extent<R: Read + Seek>(
    reader: &mut R,
    directory: &Directory,
    entry: &Entry,
    name: &[u8],
) -> Result<std::ops::Range<u64>, PutError> {
    let content_at = locate(reader, directory, entry).map_err(|error| match error {
        EntryError::Read(error) => PutError::Read(error),
        EntryError::Fault(fault) => refused(name, fault),
    })?;
    let descriptor = descriptor_len(reader, entry, content_at).map_err(PutError::Read)?;
    Ok(entry.offset..content_at.saturating_add(entry.packed).saturating_add(descriptor))
}

/// Takes over what the old record says of the entry apart from its content.
fn keep(record: &[u8], header: &mut Header<'_>) -> ([u8; 2], [u8; 6]) {
    let field = |at: usize| record.get(at..).unwrap_or_default();
    if let Some(modified) = field(12).first_chunk() {
        header.modified = *modified;
    }
    let made_by = field(4).first_chunk().copied().unwrap_or(MADE_BY);
    (made_by, field(36).first_chunk().copied().unwrap_or_default())
}

/// What happened to offsets.
struct Moved {
    /// What began behind here has moved.
    behind: u64,
    removed: u64,
    added: u64,
}

impl Moved {
    fn to(&self, offset: u64) -> u64 {
        if offset > self.behind { offset.saturating_sub(self.removed).saturating_add(self.added) } else { offset }
    }
}

/// The new directory.
fn records(
    directory: &Directory,
    old: Option<&Entry>,
    mut new: Option<Vec<u8>>,
    moved: &Moved,
) -> Result<Vec<u8>, PutError> {
    let mut records = Vec::with_capacity(usize::try_from(directory.end.size()).unwrap_or_default());
    for entry in directory.entries() {
        if old.is_some_and(|old| old.offset == entry.offset) {
            records.extend(new.take().unwrap_or_default());
            continue;
        }
        let mut record = directory.record(entry).to_vec();
        let offset = moved.to(entry.offset);
        if offset != entry.offset {
            match entry.wide_offset_at {
                Some(at) => put(&mut record, at, &offset.to_le_bytes()),
                None => put(&mut record, OFFSET_AT, &narrow(offset).ok_or(PutError::TooLarge)?),
            }
            .ok_or(PutError::TooLarge)?;
        }
        records.extend(record);
    }
    records.extend(new.unwrap_or_default());
    Ok(records)
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> Option<()> {
    let place = bytes.get_mut(at..at.checked_add(value.len())?)?;
    place.copy_from_slice(value);
    Some(())
}

/// The value for a field of 32 bits that is not to be taken for a saturated one.
fn narrow(value: u64) -> Option<[u8; 4]> {
    u32::try_from(value).ok().filter(|value| *value != WIDE32).map(u32::to_le_bytes)
}

/// All behind the directory: end records, comment, and what may follow.
fn read_tail<R: Read + Seek>(reader: &mut R, directory: &Directory) -> Result<Vec<u8>, PutError> {
    // The end record was found close to the end, and the zip64 ones directly before it.
    let len = usize::try_from(directory.end.file_len.saturating_sub(directory.end.at)).unwrap_or_default();
    let tail = read_at(reader, directory.end.at, len).map_err(PutError::Read)?;
    if tail.len() == len { Ok(tail) } else { Err(PutError::Read(io::ErrorKind::UnexpectedEof.into())) }
}

/// Writes the new numbers into the end records. `None` when they have no room for them.
fn patch_tail(
    tail: &mut [u8],
    directory: &Directory,
    count: impl Fn(u64) -> u64,
    size: u64,
    moved: &Moved,
) -> Option<()> {
    let end = &directory.end;
    let entries = count(end.entries);
    // Where something was added to the end of the entries, the directory begins there and moves too.
    let start = end.start.saturating_sub(moved.removed).saturating_add(moved.added);
    let last = usize::try_from(end.last.checked_sub(end.at)?).ok()?;
    if end.is_wide() {
        for (at, value) in [(24, entries), (32, entries), (40, size), (48, start)] {
            put(tail, at, &value.to_le_bytes())?;
        }
        // The locator says where the zip64 end record is, which stands directly behind the directory.
        let locator = last.checked_sub(usize::try_from(LOCATOR_LEN).ok()?)?;
        put(tail, locator.checked_add(8)?, &start.checked_add(size)?.to_le_bytes())?;
    }
    for (field, value) in [(8, entries), (10, entries)] {
        let at = last.checked_add(field)?;
        let saturated = tail.get(at..)?.starts_with(&WIDE16.to_le_bytes());
        if !(saturated && end.is_wide()) {
            let value = u16::try_from(value).ok().filter(|value| *value != WIDE16)?;
            put(tail, at, &value.to_le_bytes())?;
        }
    }
    for (field, value) in [(12, size), (16, start)] {
        let at = last.checked_add(field)?;
        let saturated = tail.get(at..)?.starts_with(&WIDE32.to_le_bytes());
        if !(saturated && end.is_wide()) {
            put(tail, at, &narrow(value)?)?;
        }
    }
    Some(())
}

pub(crate) fn copy<R: Read, W: Write>(reader: &mut R, len: u64, writer: &mut W) -> Result<(), PutError> {
    let mut buffer = vec![0; COPY];
    let mut left = len;
    while left > 0 {
        let want = usize::try_from(left).map_or(COPY, |left| left.min(COPY));
        let part = buffer.get_mut(..want).unwrap_or_default();
        if read_up_to(reader, part).map_err(PutError::Read)? < want {
            return Err(PutError::Read(io::ErrorKind::UnexpectedEof.into()));
        }
        writer.write_all(part).map_err(PutError::Write)?;
        left = left.saturating_sub(want as u64);
    }
    Ok(())
}
