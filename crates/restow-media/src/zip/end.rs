//! Where the directory is: the end records.
//!
//! | offset | size | field of the end record, which a comment follows |
//! |---|---|---|
//! | 0 | 4 | `PK 05 06` |
//! | 4, 6 | 2, 2 | number of this disk and of the one with the directory, 0 |
//! | 8, 10 | 2, 2 | records on this disk, records |
//! | 12, 16 | 4, 4 | size and offset of the directory |
//! | 20 | 2 | length of the comment |
//!
//! Where a value is too large for its field, the field is saturated, and a zip64 locator of 20 bytes stands directly before:
//! `PK 06 07`, disk (4), offset of the zip64 end record (8), number of disks (4). That record:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | `PK 06 06` |
//! | 4 | 8 | size of what follows |
//! | 12, 14 | 2, 2 | versions |
//! | 16, 20 | 4, 4 | disks, 0 |
//! | 24, 32 | 8, 8 | records on this disk, records |
//! | 40, 48 | 8, 8 | size and offset of the directory |

use std::io::{self, Read, Seek, SeekFrom};

use super::{Refusal, WIDE16, WIDE32};
use crate::Warning;
use crate::cursor::Cursor;
use crate::detect::read_up_to;

const END: [u8; 4] = *b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
pub(super) const LOCATOR_LEN: u64 = 20;
const WIDE_END: [u8; 4] = *b"PK\x06\x06";
const WIDE_END_LEN: usize = 56;

/// The largest zip64 end record: what may stand behind its fields is of no use here.
const MAX_WIDE_END: u64 = 64 << 10;

/// The longest comment there can be.
const MAX_COMMENT: usize = WIDE16 as usize;

/// Where an end record is looked for first; few packages have a comment.
const SHORT_TAIL: usize = 1024;

/// What the end records say, which has been found to fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// Where the directory begins.
    pub(super) start: u64,
    /// How many records it has.
    pub(super) entries: u64,
    /// Where the first end record begins; there the directory ends.
    pub(super) at: u64,
    /// Where the (old) end record begins. Between both are the zip64 ones, if there are any.
    pub(super) last: u64,
    /// The length of the file.
    pub(super) file_len: u64,
}

impl End {
    pub(super) fn is_wide(&self) -> bool {
        self.at != self.last
    }

    /// Size of the directory.
    pub(super) fn size(&self) -> u64 {
        self.at.saturating_sub(self.start)
    }
}

/// Finds the last end record that fits: whose directory ends where it begins. Readers look from the end, too, and are
/// satisfied with less, so any that stands behind must be part of its comment.
pub(super) fn find<R: Read + Seek>(reader: &mut R) -> Result<End, Refusal> {
    let file_len = reader.seek(SeekFrom::End(0))?;
    let mut behind = None;
    for len in [SHORT_TAIL, MAX_COMMENT.saturating_add(END_LEN)] {
        let from = file_len.saturating_sub(len as u64);
        let tail = read_at(reader, from, len)?;
        // Behind the first place there is no room for one.
        for at in (0..tail.len().saturating_sub(END_LEN.saturating_sub(1))).rev() {
            let Some(record) = tail.get(at..).filter(|rest| rest.starts_with(&END)) else { continue };
            let last = from.saturating_add(at as u64);
            let behind = *behind.get_or_insert(last);
            if let Some(end) = fits(reader, record, last, file_len)?
                && behind < comment_end(record, last)
            {
                return Ok(end);
            }
        }
        if from == 0 {
            break;
        }
    }
    Err(Refusal::Warning(if behind.is_some() {
        Warning::MalformedObject { object: "end of central directory record" }
    } else {
        Warning::NoDirectory
    }))
}

/// Where the comment behind an end record ends by its own word.
fn comment_end(record: &[u8], last: u64) -> u64 {
    let len = record.get(20..).and_then(|rest| rest.first_chunk()).copied().map_or(0, u16::from_le_bytes);
    last.saturating_add(END_LEN as u64).saturating_add(len.into())
}

/// As much of `len` bytes as there is.
pub(super) fn read_at<R: Read + Seek>(reader: &mut R, from: u64, len: usize) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(from))?;
    let mut bytes = vec![0; len];
    let filled = read_up_to(reader, &mut bytes)?;
    bytes.truncate(filled);
    Ok(bytes)
}

struct Fields {
    disks: [u32; 2],
    entries: [u64; 2],
    size: u64,
    start: u64,
}

fn fits<R: Read + Seek>(reader: &mut R, record: &[u8], last: u64, file_len: u64) -> io::Result<Option<End>> {
    let Some(narrow) = fields(record) else { return Ok(None) };
    let (fields, at) = match wide(reader, last)? {
        Some((wide, at)) if agree(&narrow, &wide) => (wide, at),
        // Which of both to believe, readers disagree about.
        Some(_) => return Ok(None),
        None => (narrow, last),
    };
    let sound = fields.disks == [0, 0] && fields.entries.first() == fields.entries.last();
    if !sound || fields.start.checked_add(fields.size) != Some(at) {
        return Ok(None);
    }
    let [entries, _] = fields.entries;
    Ok(Some(End { start: fields.start, entries, at, last, file_len }))
}

fn fields(record: &[u8]) -> Option<Fields> {
    let mut cursor = Cursor::new(record);
    cursor.take(4)?;
    let disks = [cursor.u16()?.into(), cursor.u16()?.into()];
    let entries = [cursor.u16()?.into(), cursor.u16()?.into()];
    Some(Fields { disks, entries, size: cursor.u32()?.into(), start: cursor.u32()?.into() })
}

/// The zip64 end record and where it begins, where a locator stands before the end record and leads to one.
fn wide<R: Read + Seek>(reader: &mut R, last: u64) -> io::Result<Option<(Fields, u64)>> {
    let Some(locator_at) = last.checked_sub(LOCATOR_LEN) else { return Ok(None) };
    let locator = read_at(reader, locator_at, LOCATOR_LEN as usize)?;
    let mut cursor = Cursor::new(&locator);
    if cursor.array() != Some(LOCATOR) || cursor.u32() != Some(0) {
        return Ok(None);
    }
    let Some(at) = cursor.u64().filter(|at| locator_at.checked_sub(*at).is_some_and(|len| len <= MAX_WIDE_END)) else {
        return Ok(None);
    };
    let record = read_at(reader, at, WIDE_END_LEN)?;
    let read = || {
        let mut cursor = Cursor::new(&record);
        let signature: [u8; 4] = cursor.array()?;
        let behind = at.checked_add(12)?.checked_add(cursor.u64()?)?;
        if signature != WIDE_END || behind != locator_at {
            return None;
        }
        cursor.take(4)?;
        let disks = [cursor.u32()?, cursor.u32()?];
        let entries = [cursor.u64()?, cursor.u64()?];
        Some(Fields { disks, entries, size: cursor.u64()?, start: cursor.u64()? })
    };
    Ok(read().map(|fields| (fields, at)))
}

/// Whether every field that is not saturated says the same in both records.
fn agree(narrow: &Fields, wide: &Fields) -> bool {
    let same = |narrow: u64, wide: u64, saturated: u64| narrow == saturated || narrow == wide;
    let [this_disk, directory_disk] = narrow.disks;
    let [here, all] = narrow.entries;
    let [wide_here, wide_all] = wide.entries;
    same(this_disk.into(), 0, WIDE16.into())
        && same(directory_disk.into(), 0, WIDE16.into())
        && same(here, wide_here, WIDE16.into())
        && same(all, wide_all, WIDE16.into())
        && same(narrow.size, wide.size, WIDE32.into())
        && same(narrow.start, wide.start, WIDE32.into())
}
