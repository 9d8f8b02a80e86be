//! Books of Kindle and Mobipocket: MOBI, Topaz and KFX.
//!
//! A MOBI file is a Palm database. All integers are big-endian:
//!
//! | offset | size | field of the database |
//! |---|---|---|
//! | 60 | 8 | type and creator: `BOOKMOBI`, or `TEXtREAd` |
//! | 76 | 2 | number of records |
//! | 78 | 8 each | offset of the record (4), attributes and number (4) |
//!
//! | offset | size | field of record 0 |
//! |---|---|---|
//! | 12 | 2 | encryption: 0 none, 1 and 2 Mobipocket |
//! | 16, 20 | 4, 4 | `MOBI`, length of the header from here |
//! | 28 | 4 | encoding: 65001 is UTF-8, else Windows-1252 |
//! | 84, 88 | 4, 4 | offset and length of the title |
//! | 128 | 4 | bit 6: metadata records follow the header (`EXTH`) |

use std::io::{self, Read, Seek};

use crate::io::read_at;
use crate::{Format, Probe, System, Title, Warning, text};

/// Types of Palm databases with books.
const DATABASE_TYPES: [&[u8]; 2] = [b"BOOKMOBI", b"TEXtREAd"];

/// Number of bytes read of record 0. The metadata records hold descriptions of a few KB.
const MAX_RECORD: usize = 64 << 10;

/// Maximum number of metadata records.
const MAX_METADATA: usize = 256;

/// Prefix of a protected part of a KFX book.
const DRM_ION_MAGIC: &[u8] = b"\xeaDRMION\xee";

/// Prefix of an Ion document.
const ION_MAGIC: &[u8] = &[0xe0, 1, 0, 0xea];

/// Name of the structure in a voucher.
const VOUCHER_NAME: &[u8] = b"com.amazon.drm.Voucher";

/// Prefix of a Topaz book.
const TOPAZ_MAGIC: &[u8] = b"TPZ";

/// Name of the header record of a Topaz book that holds its keys.
const TOPAZ_KEYS: &[u8] = b"dkey";

/// UTF-8 in the header of a MOBI book.
const UTF_8: u32 = 65001;

/// Reads the header of a Kindle file. Returns `None` for any other file. `start` is the start of the file.
pub(crate) fn probe<R: Read + Seek>(start: &[u8], reader: &mut R) -> io::Result<Option<Probe>> {
    if start.get(60..68).is_some_and(|kind| DATABASE_TYPES.contains(&kind)) {
        return probe_mobi(start, reader).map(Some);
    }
    let mut probe = Probe::default();
    if start.starts_with(DRM_ION_MAGIC) {
        probe.format = Format::Kfx;
        probe.add_system(System::Kindle);
    } else if start.starts_with(b"CONT") && matches!(start.get(4..6), Some([1 | 2, 0])) {
        // The keys of a container are in another file, so that the container does not tell.
        probe.format = Format::Kfx;
        probe.doubt(Warning::NotExamined);
    } else if start.starts_with(ION_MAGIC) && start.windows(VOUCHER_NAME.len()).any(|part| part == VOUCHER_NAME) {
        probe.format = Format::KindleVoucher;
        probe.systems.insert(System::Kindle);
    } else if start.starts_with(TOPAZ_MAGIC) && start.get(3).is_some_and(u8::is_ascii_digit) {
        probe.format = Format::Topaz;
        if start.windows(TOPAZ_KEYS.len()).any(|part| part == TOPAZ_KEYS) {
            probe.add_system(System::Kindle);
        } else {
            probe.doubt(Warning::NotExamined);
        }
    } else {
        return Ok(None);
    }
    Ok(Some(probe))
}

fn probe_mobi<R: Read + Seek>(start: &[u8], reader: &mut R) -> io::Result<Probe> {
    let mut probe = Probe::new(Format::Mobi);
    let Some(offset) = u32_at(start, 78).filter(|_| u16_at(start, 76).is_some_and(|count| count > 0)) else {
        probe.doubt(Warning::MalformedObject { object: "list of records" });
        return Ok(probe);
    };
    let record = read_at(reader, offset.into(), MAX_RECORD)?;
    match u16_at(&record, 12) {
        Some(0) => probe.protected = Some(false),
        Some(1 | 2) => probe.add_system(System::Kindle),
        _ => probe.doubt(Warning::MalformedObject { object: "first record" }),
    }
    if record.get(16..20) == Some(b"MOBI") {
        let metadata = read_metadata(&record, &mut probe);
        if let Some(boundary) = metadata.filter(|boundary| *boundary != u32::MAX && *boundary != 0) {
            read_second_book(start, boundary, reader, &mut probe)?;
        }
    }
    Ok(probe)
}

/// A file may hold a second, newer form of the same book, whose first record states its own encryption.
fn read_second_book<R: Read + Seek>(start: &[u8], number: u32, reader: &mut R, probe: &mut Probe) -> io::Result<()> {
    let entry = u64::from(number).saturating_mul(8).saturating_add(78);
    let entry = match usize::try_from(entry).ok().and_then(|at| start.get(at..at.checked_add(4)?)) {
        Some(entry) => entry.to_vec(),
        None => read_at(reader, entry, 4)?,
    };
    let encryption = match u32_at(&entry, 0) {
        Some(offset) => read_at(reader, u64::from(offset).saturating_add(12), 2)?,
        None => Vec::new(),
    };
    match u16_at(&encryption, 0) {
        Some(0) => {}
        Some(1 | 2) => probe.add_system(System::Kindle),
        _ => probe.doubt(Warning::MalformedObject { object: "first record" }),
    }
    Ok(())
}

/// Reads title, author and identifier. Returns the number of the first record of a second book, if stated.
fn read_metadata(record: &[u8], probe: &mut Probe) -> Option<u32> {
    let is_utf8 = u32_at(record, 28) == Some(UTF_8);
    let decode = |bytes: &[u8]| match is_utf8 {
        true => text::clean(String::from_utf8_lossy(bytes).chars(), text::MAX_TEXT),
        false => text::clean(bytes.iter().copied().map(char::from), text::MAX_TEXT),
    };
    let slice = |at: u32, len: u32| {
        let at = usize::try_from(at).ok()?;
        record.get(at..at.checked_add(usize::try_from(len).ok()?)?)
    };
    probe.title = slice(u32_at(record, 84)?, u32_at(record, 88)?).and_then(decode).map(Title::stated);
    if u32_at(record, 128)? & 0x40 == 0 {
        return None;
    }
    let mut at = usize::try_from(u32_at(record, 20)?).ok()?.checked_add(16)?;
    if record.get(at..at.checked_add(4)?)? != b"EXTH" {
        return None;
    }
    let count = usize::try_from(u32_at(record, at.checked_add(8)?)?).ok()?.min(MAX_METADATA);
    at = at.checked_add(12)?;
    let mut boundary = None;
    for _ in 0..count {
        let kind = u32_at(record, at)?;
        let end = at.checked_add(usize::try_from(u32_at(record, at.checked_add(4)?)?).ok()?)?;
        let value = record.get(at.checked_add(8)?..end)?;
        match kind {
            100 if probe.author.is_none() => probe.author = decode(value),
            104 | 113 if probe.identifier.is_none() => probe.identifier = decode(value),
            121 => boundary = u32_at(value, 0),
            503 => probe.title = decode(value).map(Title::stated).or(probe.title.take()),
            _ => {}
        }
        at = end;
    }
    boundary
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use crate::{Format, Probe, System, Warning, probe};

    /// Builds a database with these records.
    fn database(kind: &[u8; 8], records: &[&[u8]]) -> Vec<u8> {
        let mut file = [&[b'x'; 60][..], kind, &[0; 8]].concat();
        file.extend(u16::try_from(records.len()).unwrap().to_be_bytes());
        let mut offset = 78 + 8 * records.len();
        for record in records {
            file.extend(u32::try_from(offset).unwrap().to_be_bytes());
            file.extend([0; 4]);
            offset += record.len();
        }
        file.extend(records.concat());
        file
    }

    fn record(encryption: u16, metadata: &[(u32, &[u8])]) -> Vec<u8> {
        let mut record = [&[0; 12][..], &encryption.to_be_bytes(), &[0; 2], b"MOBI"].concat();
        record.extend(232_u32.to_be_bytes());
        record.resize(16 + 232, 0);
        record[28..32].copy_from_slice(&65001_u32.to_be_bytes());
        record[131] = 0x40;
        let mut exth = Vec::new();
        for (kind, value) in metadata {
            exth.extend(kind.to_be_bytes());
            exth.extend((u32::try_from(value.len()).unwrap() + 8).to_be_bytes());
            exth.extend(*value);
        }
        record.extend(b"EXTH\0\0\0\0");
        record.extend(u32::try_from(metadata.len()).unwrap().to_be_bytes());
        record.extend(exth);
        let title_at = u32::try_from(record.len()).unwrap();
        record[84..88].copy_from_slice(&title_at.to_be_bytes());
        record[88..92].copy_from_slice(&4_u32.to_be_bytes());
        record.extend("Rün".as_bytes());
        record
    }

    fn probe_bytes(file: &[u8]) -> Probe {
        probe(&mut Cursor::new(file)).unwrap()
    }

    #[test]
    fn mobi_encryption_decides_protection() {
        for (encryption, protected) in [(0, Some(false)), (1, Some(true)), (2, Some(true)), (7, None)] {
            for kind in [b"BOOKMOBI", b"TEXtREAd"] {
                let found = probe_bytes(&database(kind, &[&record(encryption, &[(100, b"A")])]));
                assert_eq!((found.format, found.protected), (Format::Mobi, protected));
                assert_eq!(found.systems.contains(&System::Kindle), protected == Some(true));
                assert_eq!(found.unknown_because.is_some(), protected.is_none());
                assert_eq!(found.title.unwrap().text, "Rün");
                assert_eq!(found.author.as_deref(), Some("A"));
            }
        }
        let renamed = database(b"BOOKMOBI", &[&record(0, &[(503, b"New"), (113, b"B0")])]);
        let found = probe_bytes(&renamed);
        assert_eq!((found.title.unwrap().text.as_str(), found.identifier.as_deref()), ("New", Some("B0")));
    }

    #[test]
    fn second_book_encryption_counts() {
        for (encryption, protected) in [(0, Some(false)), (2, Some(true)), (9, None)] {
            let first = record(0, &[(121, &1_u32.to_be_bytes())]);
            let found = probe_bytes(&database(b"BOOKMOBI", &[&first, &record(encryption, &[])]));
            assert_eq!(found.protected, protected);
        }
        let beyond = record(0, &[(121, &9_u32.to_be_bytes())]);
        assert_eq!(probe_bytes(&database(b"BOOKMOBI", &[&beyond])).protected, None);
    }

    #[test]
    fn truncated_mobi_is_never_clear() {
        let file = database(b"BOOKMOBI", &[&record(0, &[])]);
        for len in 68..file.len() {
            let found = probe_bytes(&file[..len]);
            // The record with the encryption starts at byte 86.
            assert_eq!(found.protected, (len >= 86 + 14).then_some(false), "{len}");
        }
    }

    #[test]
    fn other_kindle_files_named() {
        let voucher = [&[0xe0, 1, 0, 0xea][..], b"\xee\x9e\x81\x83 com.amazon.drm.Voucher@1.0"].concat();
        for (file, format, protected) in [
            (&b"\xeaDRMION\xee\xe0\x01"[..], Format::Kfx, Some(true)),
            (b"CONT\x02\0\x12\0\0\0", Format::Kfx, None),
            (&voucher, Format::KindleVoucher, None),
            (b"TPZ0\x02cdkey", Format::Topaz, Some(true)),
            (b"TPZ0\x02cmeta", Format::Topaz, None),
            (b"CONTENT of a note", Format::Unknown, None),
            (&[0xe0, 1, 0, 0xea], Format::Unknown, None),
        ] {
            let found = probe_bytes(file);
            assert_eq!((found.format, found.protected), (format, protected), "{file:?}");
        }
        assert_eq!(probe_bytes(b"CONT\x02\0\x12\0\0\0").unknown_because, Some(Warning::NotExamined));
    }
}
