//! The end records, which hold the position of the directory.
//!
//! | offset | size | field of the end record, followed by a comment |
//! |---|---|---|
//! | 0 | 4 | `PK 05 06` |
//! | 4, 6 | 2, 2 | number of this disk and of the one with the directory, 0 |
//! | 8, 10 | 2, 2 | records on this disk, records |
//! | 12, 16 | 4, 4 | size and offset of the directory |
//! | 20 | 2 | length of the comment |
//!
//! A value too large for its field is saturated. A zip64 locator of 20 bytes then directly precedes the end
//! record: `PK 06 07`, disk (4), offset of the zip64 end record (8), number of disks (4). The zip64 end record:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | `PK 06 06` |
//! | 4 | 8 | size of the rest of the record |
//! | 12, 14 | 2, 2 | versions |
//! | 16, 20 | 4, 4 | disks, 0 |
//! | 24, 32 | 8, 8 | records on this disk, records |
//! | 40, 48 | 8, 8 | size and offset of the directory |

use std::io::{self, Read, Seek, SeekFrom};

use super::layout::{LOCATOR_LEN, RECORD_SIGNATURE, ZIP64_MARKER_16, ZIP64_MARKER_32};
use crate::cursor::Cursor;
use crate::io::read_at;
use crate::{ProbeError, Warning};

const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR_SIGNATURE: [u8; 4] = *b"PK\x06\x07";
const ZIP64_END_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
const ZIP64_END_LEN: usize = 56;

/// Maximum size of a zip64 end record. The data after its fields is ignored.
const MAX_ZIP64_END_LEN: u64 = 64 << 10;

/// Maximum length of a comment.
const MAX_COMMENT_LEN: usize = ZIP64_MARKER_16 as usize;

/// Number of bytes searched first for the end record; few packages have a comment.
const SHORT_TAIL_LEN: usize = 1024;

/// Encodes a zip64 end record.
pub(super) fn zip64_end(entries: u64, size: u64, start: u64) -> Vec<u8> {
    // Size of the rest of the record, versions 4.5, disks 0.
    let rest_len = (ZIP64_END_LEN as u64).saturating_sub(12);
    let head = [&ZIP64_END_SIGNATURE[..], &rest_len.to_le_bytes(), &[45, 0, 45, 0], &[0; 8]].concat();
    [head, [entries, entries, size, start].map(u64::to_le_bytes).concat()].concat()
}

/// Encodes the locator of a zip64 end record at this offset.
pub(super) fn zip64_locator(at: u64) -> Vec<u8> {
    [&LOCATOR_SIGNATURE[..], &[0; 4], &at.to_le_bytes(), &[1, 0, 0, 0]].concat()
}

/// Consistent values of the end records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct EndRecord {
    /// Offset of the directory.
    pub(super) start: u64,
    /// Number of bytes before the package that its offsets do not count.
    pub(super) base: u64,
    /// Number of records in the directory.
    pub(super) entries: u64,
    /// Offset of the first end record, which is the end of the directory.
    pub(super) at: u64,
    /// Offset of the plain end record. The zip64 records are between `at` and `last`.
    pub(super) last: u64,
    /// Length of the file.
    pub(super) file_len: u64,
}

impl EndRecord {
    pub(super) fn is_zip64(&self) -> bool {
        self.at != self.last
    }

    /// Returns the size of the directory.
    pub(super) fn size(&self) -> u64 {
        self.at.saturating_sub(self.start)
    }
}

/// Finds the last end record with a directory that ends at the start of the end records. Other readers also
/// search from the end and check less, so any later candidate must be part of the comment.
pub(super) fn find<R: Read + Seek>(reader: &mut R) -> Result<EndRecord, ProbeError> {
    let file_len = reader.seek(SeekFrom::End(0))?;
    let mut last_candidate = None;
    for len in [SHORT_TAIL_LEN, MAX_COMMENT_LEN.saturating_add(END_LEN)] {
        let from = file_len.saturating_sub(len as u64);
        let tail = read_at(reader, from, len)?;
        // A record needs END_LEN bytes.
        for at in (0..tail.len().saturating_sub(END_LEN.saturating_sub(1))).rev() {
            let Some(record) = tail.get(at..).filter(|rest| rest.starts_with(&END_SIGNATURE)) else { continue };
            let last = from.saturating_add(at as u64);
            let last_candidate = *last_candidate.get_or_insert(last);
            if let Some(end) = read_candidate(reader, record, last, file_len)?
                && last_candidate < comment_end(record, last)
            {
                return Ok(end);
            }
        }
        if from == 0 {
            break;
        }
    }
    Err(ProbeError::Package(if last_candidate.is_some() {
        Warning::MalformedObject { object: "end of central directory record" }
    } else {
        Warning::NoDirectory
    }))
}

/// Returns the stated end of the comment.
fn comment_end(record: &[u8], last: u64) -> u64 {
    let len = record.get(20..).and_then(|rest| rest.first_chunk()).copied().map_or(0, u16::from_le_bytes);
    last.saturating_add(END_LEN as u64).saturating_add(len.into())
}

struct EndFields {
    disks: [u32; 2],
    entries: [u64; 2],
    size: u64,
    start: u64,
}

fn read_candidate<R: Read + Seek>(
    reader: &mut R,
    record: &[u8],
    last: u64,
    file_len: u64,
) -> io::Result<Option<EndRecord>> {
    let Some(narrow) = parse_fields(record) else { return Ok(None) };
    let (fields, at) = match read_zip64_end(reader, last)? {
        Some((zip64, at)) if records_agree(&narrow, &zip64) => (zip64, at),
        // Readers disagree about the right one.
        Some(_) => return Ok(None),
        None => (narrow, last),
    };
    let consistent = fields.disks == [0, 0] && fields.entries.first() == fields.entries.last();
    // The directory ends here. Offsets are too small by the bytes that another program put before the package.
    let base = at.checked_sub(fields.size).and_then(|start| start.checked_sub(fields.start));
    let Some(base) = base.filter(|_| consistent) else { return Ok(None) };
    let [entries, _] = fields.entries;
    let start = fields.start.saturating_add(base);
    // Text in a comment may look like an end record.
    if base > 0 && entries > 0 && read_at(reader, start, RECORD_SIGNATURE.len())? != RECORD_SIGNATURE {
        return Ok(None);
    }
    Ok(Some(EndRecord { start, base, entries, at, last, file_len }))
}

/// Returns true if the last bytes of a file hold an end record. A long comment hides it.
pub(crate) fn has_end_record<R: Read + Seek>(reader: &mut R) -> io::Result<bool> {
    let len = reader.seek(SeekFrom::End(0))?;
    let tail = read_at(reader, len.saturating_sub(SHORT_TAIL_LEN as u64), SHORT_TAIL_LEN)?;
    Ok(tail.windows(END_SIGNATURE.len()).any(|part| part == END_SIGNATURE))
}

fn parse_fields(record: &[u8]) -> Option<EndFields> {
    let mut cursor = Cursor::new(record);
    cursor.take(4)?;
    let disks = [cursor.u16()?.into(), cursor.u16()?.into()];
    let entries = [cursor.u16()?.into(), cursor.u16()?.into()];
    Some(EndFields { disks, entries, size: cursor.u32()?.into(), start: cursor.u32()?.into() })
}

/// Reads the zip64 end record and returns it with its offset, if a locator before the end record leads to one.
fn read_zip64_end<R: Read + Seek>(reader: &mut R, last: u64) -> io::Result<Option<(EndFields, u64)>> {
    let Some(locator_at) = last.checked_sub(LOCATOR_LEN) else { return Ok(None) };
    let locator = read_at(reader, locator_at, LOCATOR_LEN as usize)?;
    let mut cursor = Cursor::new(&locator);
    if cursor.array() != Some(LOCATOR_SIGNATURE) || cursor.u32() != Some(0) {
        return Ok(None);
    }
    let Some(at) = cursor.u64().filter(|at| locator_at.checked_sub(*at).is_some_and(|len| len <= MAX_ZIP64_END_LEN))
    else {
        return Ok(None);
    };
    let record = read_at(reader, at, ZIP64_END_LEN)?;
    let read = || {
        let mut cursor = Cursor::new(&record);
        let signature: [u8; 4] = cursor.array()?;
        let end = at.checked_add(12)?.checked_add(cursor.u64()?)?;
        if signature != ZIP64_END_SIGNATURE || end != locator_at {
            return None;
        }
        cursor.take(4)?;
        let disks = [cursor.u32()?, cursor.u32()?];
        let entries = [cursor.u64()?, cursor.u64()?];
        Some(EndFields { disks, entries, size: cursor.u64()?, start: cursor.u64()? })
    };
    Ok(read().map(|fields| (fields, at)))
}

/// Returns true if all unsaturated fields have the same value in both records.
fn records_agree(narrow: &EndFields, zip64: &EndFields) -> bool {
    let same = |narrow: u64, zip64: u64, saturated: u64| narrow == saturated || narrow == zip64;
    let [this_disk, directory_disk] = narrow.disks;
    let [on_disk, total] = narrow.entries;
    let [zip64_on_disk, zip64_total] = zip64.entries;
    same(this_disk.into(), 0, ZIP64_MARKER_16.into())
        && same(directory_disk.into(), 0, ZIP64_MARKER_16.into())
        && same(on_disk, zip64_on_disk, ZIP64_MARKER_16.into())
        && same(total, zip64_total, ZIP64_MARKER_16.into())
        && same(narrow.size, zip64.size, ZIP64_MARKER_32.into())
        && same(narrow.start, zip64.start, ZIP64_MARKER_32.into())
}
