//! The central directory.
//!
//! | offset | size | field of a record |
//! |---|---|---|
//! | 0 | 4 | `PK 01 02` |
//! | 4, 6 | 2, 2 | versions: made by, needed |
//! | 8, 10 | 2, 2 | flags, method |
//! | 12, 14 | 2, 2 | time, date |
//! | 16, 20, 24 | 4, 4, 4 | checksum, compressed size, size |
//! | 28, 30, 32 | 2, 2, 2 | lengths of name, extra field, comment |
//! | 34 | 2 | disk, 0 |
//! | 36, 38 | 2, 4 | attributes |
//! | 42 | 4 | offset of the local header |
//! | 46 | | name, extra field, comment |
//!
//! Extra field 1 holds the saturated values in the order size, compressed size, offset, with 8 bytes each.

use std::cell::Cell;
use std::io::{Read, Seek};
use std::ops::Range;

use super::end::{self, EndRecord};
use super::layout::{
    FLAG_ENCRYPTED, LOCAL_HEADER_LEN, LOCAL_HEADER_SIGNATURE, RECORD_LEN, RECORD_SIGNATURE, STORED, ZIP64_MARKER_32,
};
use crate::cursor::Cursor;
use crate::io::read_at;
use crate::{EntryProblem, ProbeError, Warning};

/// Maximum size of a central directory, in bytes.
const MAX_DIRECTORY: u64 = 16 << 20;

/// Maximum number of entries of a package.
const MAX_ENTRIES: u64 = 1 << 18;

/// Directory with consistent records.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Records as in the file.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    pub(super) end: EndRecord,
    /// Number of bytes requested from compressed entries.
    decompressed_bytes: Cell<u64>,
}

/// Entry of the directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Offset and length of its record in the directory.
    record: (usize, usize),
    name_len: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) compressed_size: u64,
    pub(super) size: u64,
    /// Offset of its local header.
    pub(super) offset: u64,
    /// Start of the next entry or of the directory.
    pub(super) end_limit: u64,
    /// Position of the 8-byte offset in the record, or `None` if the offset has 4 bytes.
    pub(super) zip64_offset_at: Option<usize>,
}

impl Entry {
    /// Returns true if the content is stored without compression.
    pub(crate) fn is_stored(&self) -> bool {
        self.method == STORED && self.size == self.compressed_size
    }

    /// Returns true if a password locks the content.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.flags & FLAG_ENCRYPTED != 0
    }

    /// Returns the size of the content, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Returns the size of the content in the file, in bytes.
    pub(crate) fn compressed_size(&self) -> u64 {
        self.compressed_size
    }
}

impl Directory {
    /// Reads the directory of a package.
    pub(crate) fn read<R: Read + Seek>(reader: &mut R) -> Result<Self, ProbeError> {
        let end = end::find(reader)?;
        // A record has at least its fixed fields.
        let min_len = |entries: u64| entries.saturating_mul(RECORD_LEN as u64);
        for (stated, limit) in [(min_len(end.entries), min_len(MAX_ENTRIES)), (end.size(), MAX_DIRECTORY)] {
            if stated > limit {
                return Err(ProbeError::Package(Warning::HeaderTooLarge { stated, limit }));
            }
        }
        // The directory ends within the file, so it has the stated size.
        let size = usize::try_from(end.size()).unwrap_or_default();
        let bytes = read_at(reader, end.start, size)?;
        let malformed = || ProbeError::Package(Warning::MalformedObject { object: "central directory" });
        let mut entries = parse_records(&bytes, end.entries).ok_or_else(malformed)?;
        for entry in &mut entries {
            entry.offset = entry.offset.saturating_add(end.base);
        }
        if end.base > 0 && !starts_with_header(reader, &entries)? {
            return Err(ProbeError::Package(Warning::MalformedObject { object: "end of central directory record" }));
        }
        set_entry_bounds(&mut entries, end.start)?;
        Ok(Self { bytes, entries, end, decompressed_bytes: Cell::new(0) })
    }

    /// Returns the number of bytes before the package that its offsets do not count.
    pub(crate) fn base(&self) -> u64 {
        self.end.base
    }

    /// Returns the number of decompressed bytes, including failed attempts.
    pub(crate) fn decompressed_bytes(&self) -> u64 {
        self.decompressed_bytes.get()
    }

    pub(crate) fn count_decompressed(&self, bytes: u64) {
        self.decompressed_bytes.set(self.decompressed_bytes.get().saturating_add(bytes));
    }

    /// Returns the entries in the order of the directory.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the name of an entry, as in the directory.
    pub(crate) fn name(&self, entry: &Entry) -> &[u8] {
        let name = self.record(entry).get(RECORD_LEN..).unwrap_or_default();
        name.get(..entry.name_len.into()).unwrap_or_default()
    }

    /// Returns the record of an entry.
    pub(super) fn record(&self, entry: &Entry) -> &[u8] {
        let (at, len) = entry.record;
        self.bytes.get(at..at.saturating_add(len)).unwrap_or_default()
    }

    /// Returns the entry with a number, in the order of the directory.
    pub(crate) fn entry(&self, number: usize) -> Option<&Entry> {
        self.entries.get(number)
    }

    /// Finds the entry with exactly this name.
    ///
    /// Returns [`EntryProblem::Missing`], or [`EntryProblem::Duplicate`] if several entries have the name.
    pub(crate) fn find(&self, name: &[u8]) -> Result<&Entry, EntryProblem> {
        let mut matches = self.entries.iter().filter(|entry| self.name(entry) == name);
        match (matches.next(), matches.next()) {
            (None, _) => Err(EntryProblem::Missing),
            (Some(entry), None) => Ok(entry),
            (Some(_), Some(_)) => Err(EntryProblem::Duplicate),
        }
    }

    /// Returns true if at least one entry has exactly this name.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.entries.iter().any(|entry| self.name(entry) == name)
    }
}

/// Parses exactly `count` records. Returns `None` if there are fewer or other bytes.
fn parse_records(bytes: &[u8], count: u64) -> Option<Vec<Entry>> {
    let count = usize::try_from(count).ok().filter(|count| count.saturating_mul(RECORD_LEN) <= bytes.len())?;
    let mut entries = Vec::with_capacity(count);
    let mut cursor = Cursor::new(bytes);
    for _ in 0..count {
        let at = bytes.len().saturating_sub(cursor.rest().len());
        let mut entry = parse_record(&mut cursor)?;
        let len = bytes.len().saturating_sub(cursor.rest().len()).saturating_sub(at);
        entry.record = (at, len);
        entries.push(entry);
    }
    cursor.rest().is_empty().then_some(entries)
}

fn parse_record(cursor: &mut Cursor<'_>) -> Option<Entry> {
    if cursor.array()? != RECORD_SIGNATURE {
        return None;
    }
    cursor.take(4)?;
    let (flags, method) = (cursor.u16()?, cursor.u16()?);
    cursor.take(4)?;
    let crc = cursor.u32()?;
    let (compressed_size, size) = (cursor.u32()?, cursor.u32()?);
    let (name_len, extra_len, comment_len) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
    let disk = cursor.u16()?;
    cursor.take(6)?;
    let offset = cursor.u32()?;
    cursor.take(name_len.into())?;
    let extra = cursor.take(extra_len.into())?;
    cursor.take(comment_len.into())?;
    if disk != 0 {
        return None;
    }
    let zip64 = Zip64Fields::read(extra, size, compressed_size, Some(offset))?;
    let extra_at = RECORD_LEN.saturating_add(name_len.into());
    Some(Entry {
        record: (0, 0),
        name_len,
        flags,
        method,
        crc,
        compressed_size: zip64.compressed_size,
        size: zip64.size,
        offset: zip64.offset,
        end_limit: 0,
        zip64_offset_at: zip64.offset_at.map(|at| extra_at.saturating_add(at)),
    })
}

/// Sizes and offset of an entry, read from its extra field if saturated.
pub(super) struct Zip64Fields {
    pub(super) size: u64,
    pub(super) compressed_size: u64,
    pub(super) offset: u64,
    /// Position of the offset in the extra field, if the offset is there.
    pub(super) offset_at: Option<usize>,
}

impl Zip64Fields {
    /// Reads the values. `offset` is `None` for a local header. Returns `None` if a saturated value is missing
    /// from the extra field.
    pub(super) fn read(extra: &[u8], size: u32, compressed_size: u32, offset: Option<u32>) -> Option<Self> {
        let mut at = 0;
        let mut values = Cursor::new(&[]);
        if [Some(size), Some(compressed_size), offset].contains(&Some(ZIP64_MARKER_32)) {
            let body = find_zip64_field(extra)?;
            at = body.start;
            values = Cursor::new(extra.get(body)?);
        }
        let mut value = |narrow: u32| {
            if narrow != ZIP64_MARKER_32 {
                return Some((narrow.into(), None));
            }
            let value = values.u64()?;
            let value_at = at;
            at = at.saturating_add(8);
            Some((value, Some(value_at)))
        };
        let (size, _) = value(size)?;
        let (compressed_size, _) = value(compressed_size)?;
        let (offset, offset_at) = value(offset.unwrap_or_default())?;
        Some(Self { size, compressed_size, offset, offset_at })
    }
}

/// Returns the range of the body of extra field 1.
fn find_zip64_field(extra: &[u8]) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(extra);
    loop {
        let id = cursor.u16()?;
        let body = cursor.counted16()?;
        if id == 1 {
            let end = extra.len().saturating_sub(cursor.rest().len());
            return Some(end.saturating_sub(body.len())..end);
        }
    }
}

/// Returns true if a local header is at the first offset. Otherwise the offsets are wrong rather than moved by other
/// bytes before the package.
fn starts_with_header<R: Read + Seek>(reader: &mut R, entries: &[Entry]) -> Result<bool, ProbeError> {
    let Some(first) = entries.iter().map(|entry| entry.offset).min() else { return Ok(true) };
    Ok(read_at(reader, first, LOCAL_HEADER_SIGNATURE.len())? == LOCAL_HEADER_SIGNATURE)
}

/// Sets the end of the space of each entry: the next entry or the directory. Entries that share bytes would let
/// a small package expand without limit.
fn set_entry_bounds(entries: &mut [Entry], directory: u64) -> Result<(), ProbeError> {
    let mut order: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or_default()).collect();
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    order.sort_by_key(|number| entries.get(at(*number)).map(|entry| entry.offset));
    let mut end_limit = directory;
    for number in order.into_iter().rev() {
        let Some(entry) = entries.get_mut(at(number)) else { continue };
        // Minimum size of an entry; the rest of its local header is checked when the entry is read.
        let min_len =
            (LOCAL_HEADER_LEN as u64).saturating_add(entry.name_len.into()).saturating_add(entry.compressed_size);
        if entry.offset.saturating_add(min_len) > end_limit {
            return Err(ProbeError::Package(Warning::EntriesOverlap));
        }
        entry.end_limit = end_limit;
        end_limit = entry.offset;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{Directory, Zip64Fields};
    use crate::EntryProblem;
    use crate::build::{Compression, ZipBuilder};

    const SATURATED: u32 = u32::MAX;

    #[test]
    fn saturated_values_read_from_extra_field() {
        let field = |values: &[u64]| {
            let body: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            // Another field precedes it.
            [&[9, 0, 1, 0, 7, 1, 0][..], &[u8::try_from(body.len()).unwrap(), 0], &body].concat()
        };
        let read = |values: &[u64], size, compressed_size, offset| {
            let zip64 = Zip64Fields::read(&field(values), size, compressed_size, Some(offset))?;
            Some((zip64.size, zip64.compressed_size, zip64.offset, zip64.offset_at))
        };
        assert_eq!(read(&[], 1, 2, 3), Some((1, 2, 3, None)));
        assert_eq!(read(&[7], 1, 2, SATURATED), Some((1, 2, 7, Some(9))));
        assert_eq!(read(&[7, 8], SATURATED, 2, SATURATED), Some((7, 2, 8, Some(17))));
        assert_eq!(read(&[7, 8, 9], SATURATED, SATURATED, SATURATED), Some((7, 8, 9, Some(25))));
        assert_eq!(read(&[7], SATURATED, SATURATED, 3), None);
        assert!(Zip64Fields::read(&[1, 0, 9, 0], SATURATED, 0, None).is_none());
        assert!(Zip64Fields::read(b"junk", 1, 2, None).is_some());
    }

    /// A package with 65,535 entries and more needs zip64 end records, which the rewrite adds.
    #[test]
    fn rewrite_adds_zip64_end_records() {
        for (entries, zip64) in [(65_533_u32, false), (65_534, true), (65_535, true)] {
            let mut zip = ZipBuilder::new();
            for n in 0..entries.min(65_534) {
                zip = zip.entry(&format!("{n}"), b"", Compression::Stored);
            }
            let mut reader = Cursor::new(zip.build());
            let mut count = entries.min(65_534);
            for name in [&b"first"[..], b"second"].into_iter().take((entries - count + 1) as usize) {
                let directory = Directory::read(&mut reader).unwrap();
                let mut written = Vec::new();
                super::super::rewrite(&mut reader, &directory, name, Some(b"license"), &mut written).unwrap();
                reader = Cursor::new(written);
                count += 1;
            }
            let directory = Directory::read(&mut reader).unwrap();
            assert_eq!((directory.entries().len(), directory.end.is_zip64()), (count as usize, zip64));
        }
    }

    #[test]
    fn entry_names_match_exactly() {
        let zip = ZipBuilder::new().entry("a", b"1", Compression::Stored).entry("ä/b", b"", Compression::Deflated);
        let zip = zip.entry("a", b"2", Compression::Stored).build();
        let directory = Directory::read(&mut Cursor::new(zip)).unwrap();
        assert_eq!(directory.entries().len(), 3);
        assert!(matches!(directory.find(b"a"), Err(EntryProblem::Duplicate)));
        assert!(directory.find("ä/b".as_bytes()).is_ok());
        assert!(matches!(directory.find(b"A"), Err(EntryProblem::Missing)) && !directory.has(b""));
    }
}
