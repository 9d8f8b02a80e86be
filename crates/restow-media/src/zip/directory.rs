//! The central directory.
//!
//! | offset | size | field of a record |
//! |---|---|---|
//! | 0 | 4 | `PK 01 02` |
//! | 4, 6 | 2, 2 | versions: made by, needed |
//! | 8, 10 | 2, 2 | flags, method |
//! | 12, 14 | 2, 2 | time, date |
//! | 16, 20, 24 | 4, 4, 4 | checksum, packed size, size |
//! | 28, 30, 32 | 2, 2, 2 | lengths of name, extra field, comment |
//! | 34 | 2 | disk, 0 |
//! | 36, 38 | 2, 4 | attributes |
//! | 42 | 4 | offset of the local header |
//! | 46 | | name, extra field, comment |
//!
//! Saturated values stand in the extra field 1, in the order size, packed size, offset, each with 8 bytes.

use std::cell::Cell;
use std::io::{self, Read, Seek};
use std::ops::Range;

use super::end::{self, End};
use super::{LOCAL_LEN, MAX_DIRECTORY, MAX_ENTRIES, STORED, WIDE32};
use crate::Warning;
use crate::cursor::Cursor;

const RECORD: [u8; 4] = *b"PK\x01\x02";
pub(super) const RECORD_LEN: usize = 46;

/// Where in a record the offset of the local header stands.
pub(super) const OFFSET_AT: usize = 42;

/// Why there is no directory to work with.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The reader failed.
    Read(io::Error),
    /// What it says cannot be, or is more than is read.
    Warning(Warning),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// A directory whose records have been found to fit together.
#[derive(Debug)]
pub(crate) struct Directory {
    /// The records as they stand in the file.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    pub(super) end: End,
    /// How many bytes were asked for of compressed entries.
    unpacked: Cell<u64>,
}

/// A record of the directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Where its record is in the directory, and how long.
    record: (usize, usize),
    name_len: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Where its local header begins.
    pub(super) offset: u64,
    /// Where the next entry or the directory begins.
    pub(super) room_end: u64,
    /// Where in its record the offset stands in 8 bytes, if not in 4 at the usual place.
    pub(super) wide_offset_at: Option<usize>,
}

impl Entry {
    /// Whether its content stands in the file as it is.
    pub(crate) fn is_stored(&self) -> bool {
        self.method == STORED && self.size == self.packed
    }

    /// How long its content is.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// How long it is in the file.
    pub(crate) fn packed(&self) -> u64 {
        self.packed
    }
}

/// What a name leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    Nothing,
    One(&'a Entry),
    /// Readers would take different ones.
    Several,
}

impl Directory {
    /// Reads the directory of a package.
    pub(crate) fn read<R: Read + Seek>(reader: &mut R) -> Result<Self, Refusal> {
        let end = end::find(reader)?;
        // A record has at least so many bytes.
        let least = |entries: u64| entries.saturating_mul(RECORD_LEN as u64);
        for (stated, limit) in [(least(end.entries), least(MAX_ENTRIES)), (end.size(), MAX_DIRECTORY)] {
            if stated > limit {
                return Err(Refusal::Warning(Warning::HeaderTooLarge { stated, limit }));
            }
        }
        // It ends within the file, and so is as long as it says.
        let size = usize::try_from(end.size()).unwrap_or_default();
        let bytes = end::read_at(reader, end.start, size)?;
        let malformed = || Refusal::Warning(Warning::MalformedObject { object: "central directory" });
        let mut entries = records(&bytes, end.entries).ok_or_else(malformed)?;
        give_room(&mut entries, end.start)?;
        Ok(Self { bytes, entries, end, unpacked: Cell::new(0) })
    }

    /// How much was unpacked, or tried to.
    pub(crate) fn unpacked(&self) -> u64 {
        self.unpacked.get()
    }

    pub(crate) fn count_unpacked(&self, bytes: u64) {
        self.unpacked.set(self.unpacked.get().saturating_add(bytes));
    }

    /// The entries in the order of the directory.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The name of an entry, as it stands in the directory.
    pub(crate) fn name(&self, entry: &Entry) -> &[u8] {
        let name = self.record(entry).get(RECORD_LEN..).unwrap_or_default();
        name.get(..entry.name_len.into()).unwrap_or_default()
    }

    /// The record of an entry.
    pub(super) fn record(&self, entry: &Entry) -> &[u8] {
        let (at, len) = entry.record;
        self.bytes.get(at..at.saturating_add(len)).unwrap_or_default()
    }

    /// The entry with exactly this name.
    pub(crate) fn find(&self, name: &[u8]) -> Found<'_> {
        let mut named = self.entries.iter().filter(|entry| self.name(entry) == name);
        match (named.next(), named.next()) {
            (None, _) => Found::Nothing,
            (Some(entry), None) => Found::One(entry),
            (Some(_), Some(_)) => Found::Several,
        }
    }

    /// Whether there is an entry with exactly this name, or several.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        !matches!(self.find(name), Found::Nothing)
    }
}

/// The records, if there are exactly `count` of them and nothing else.
fn records(bytes: &[u8], count: u64) -> Option<Vec<Entry>> {
    let count = usize::try_from(count).ok().filter(|count| count.saturating_mul(RECORD_LEN) <= bytes.len())?;
    let mut entries = Vec::with_capacity(count);
    let mut cursor = Cursor::new(bytes);
    for _ in 0..count {
        let at = bytes.len().saturating_sub(cursor.rest().len());
        let mut entry = record(&mut cursor)?;
        let len = bytes.len().saturating_sub(cursor.rest().len()).saturating_sub(at);
        entry.record = (at, len);
        entries.push(entry);
    }
    cursor.rest().is_empty().then_some(entries)
}

fn record(cursor: &mut Cursor<'_>) -> Option<Entry> {
    if cursor.array()? != RECORD {
        return None;
    }
    cursor.take(4)?;
    let (flags, method) = (cursor.u16()?, cursor.u16()?);
    cursor.take(4)?;
    let crc = cursor.u32()?;
    let (packed, size) = (cursor.u32()?, cursor.u32()?);
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
    let wide = Wide::read(extra, size, packed, Some(offset))?;
    let extra_at = RECORD_LEN.saturating_add(name_len.into());
    Some(Entry {
        record: (0, 0),
        name_len,
        flags,
        method,
        crc,
        packed: wide.packed,
        size: wide.size,
        offset: wide.offset,
        room_end: 0,
        wide_offset_at: wide.offset_at.map(|at| extra_at.saturating_add(at)),
    })
}

/// Sizes and offset of an entry, from its extra field where they are saturated.
pub(super) struct Wide {
    pub(super) size: u64,
    pub(super) packed: u64,
    pub(super) offset: u64,
    /// Where in the extra field the offset stands, if there.
    pub(super) offset_at: Option<usize>,
}

impl Wide {
    /// `offset` is `None` in local headers, which have none. `None` when a saturated value is not in the extra field.
    pub(super) fn read(extra: &[u8], size: u32, packed: u32, offset: Option<u32>) -> Option<Self> {
        let mut at = 0;
        let mut values = Cursor::new(&[]);
        if [Some(size), Some(packed), offset].contains(&Some(WIDE32)) {
            let body = wide_field(extra)?;
            at = body.start;
            values = Cursor::new(extra.get(body)?);
        }
        let mut value = |narrow: u32| {
            if narrow != WIDE32 {
                return Some((narrow.into(), None));
            }
            let value = values.u64()?;
            let stood_at = at;
            at = at.saturating_add(8);
            Some((value, Some(stood_at)))
        };
        let (size, _) = value(size)?;
        let (packed, _) = value(packed)?;
        let (offset, offset_at) = value(offset.unwrap_or_default())?;
        Some(Self { size, packed, offset, offset_at })
    }
}

/// Where the body of the extra field 1 is.
fn wide_field(extra: &[u8]) -> Option<Range<usize>> {
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

/// Tells every entry where its room ends: at the next one, or at the directory. Entries that share bytes are how a small
/// package becomes an endless one.
fn give_room(entries: &mut [Entry], directory: u64) -> Result<(), Refusal> {
    let mut order: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or_default()).collect();
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    order.sort_by_key(|number| entries.get(at(*number)).map(|entry| entry.offset));
    let mut room_end = directory;
    for number in order.into_iter().rev() {
        let Some(entry) = entries.get_mut(at(number)) else { continue };
        // The least it takes; what its local header adds is seen when it is read.
        let least = (LOCAL_LEN as u64).saturating_add(entry.name_len.into()).saturating_add(entry.packed);
        if entry.offset.saturating_add(least) > room_end {
            return Err(Refusal::Warning(Warning::EntriesOverlap));
        }
        entry.room_end = room_end;
        room_end = entry.offset;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{Directory, Found, Wide};
    use crate::build::{Packing, ZipBuilder};

    const SATURATED: u32 = u32::MAX;

    #[test]
    fn saturated_values_stand_in_the_extra_field_in_their_order() {
        let field = |values: &[u64]| {
            let body: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            // Another field stands before it.
            [&[9, 0, 1, 0, 7, 1, 0][..], &[u8::try_from(body.len()).unwrap(), 0], &body].concat()
        };
        let read = |values: &[u64], size, packed, offset| {
            let wide = Wide::read(&field(values), size, packed, Some(offset))?;
            Some((wide.size, wide.packed, wide.offset, wide.offset_at))
        };
        assert_eq!(read(&[], 1, 2, 3), Some((1, 2, 3, None)));
        assert_eq!(read(&[7], 1, 2, SATURATED), Some((1, 2, 7, Some(9))));
        assert_eq!(read(&[7, 8], SATURATED, 2, SATURATED), Some((7, 2, 8, Some(17))));
        assert_eq!(read(&[7, 8, 9], SATURATED, SATURATED, SATURATED), Some((7, 8, 9, Some(25))));
        assert_eq!(read(&[7], SATURATED, SATURATED, 3), None);
        assert!(Wide::read(&[1, 0, 9, 0], SATURATED, 0, None).is_none());
        assert!(Wide::read(b"junk", 1, 2, None).is_some());
    }

    #[test]
    fn names_are_found_as_they_stand() {
        let zip = ZipBuilder::new().entry("a", b"1", Packing::Stored).entry("ä/b", b"", Packing::Deflated);
        let zip = zip.entry("a", b"2", Packing::Stored).build();
        let directory = Directory::read(&mut Cursor::new(zip)).unwrap();
        assert_eq!(directory.entries().len(), 3);
        assert!(matches!(directory.find(b"a"), Found::Several));
        assert!(matches!(directory.find("ä/b".as_bytes()), Found::One(_)));
        assert!(matches!(directory.find(b"A"), Found::Nothing) && !directory.has(b""));
    }
}
