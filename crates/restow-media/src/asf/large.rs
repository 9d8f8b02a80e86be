//! Headers that exceed the limit. Their large objects are skipped by their size.
//!
//! Artwork, comments and padding make a header large. The rest is small and is read as in any other header. If a large
//! object is of an unknown kind, it may hold a protection header, so that the protection is unknown.

use std::io::{self, Read, Seek};
use std::ops::Range;

use super::objects::{OBJECT_PREFIX_LEN, guid};
use crate::io::read_at;

/// Maximum size of a Header Object that is read in one piece, and of the small objects of a larger one. Artwork makes
/// 100 KB normal and a few MB possible.
pub(super) const MAX_HEADER: u64 = 16 * 1024 * 1024;

/// Maximum size of an object that is read.
pub(super) const MAX_OBJECT: u64 = 1 << 20;

/// Maximum number of objects.
const MAX_OBJECTS: u32 = 1 << 16;

/// Size of a Header Extension Object without its objects.
const EXTENSION_LEN: u64 = 46;

/// Objects of a header. A large object is replaced by an empty one.
#[derive(Default)]
pub(super) struct SmallObjects {
    pub(super) bytes: Vec<u8>,
    count: u32,
    /// Size of the first large object that may state a protection.
    pub(super) skipped: Option<u64>,
    /// True if the small objects exceed the limit as well.
    pub(super) is_over_limit: bool,
}

impl SmallObjects {
    /// Reads the objects in a range of the file.
    pub(super) fn read<R: Read + Seek>(&mut self, reader: &mut R, range: Range<u64>) -> io::Result<()> {
        let mut at = range.start;
        while at < range.end && !self.is_over_limit {
            let prefix = read_at(reader, at, OBJECT_PREFIX_LEN)?;
            let id = prefix.first_chunk().copied().unwrap_or_default();
            let size = prefix.get(16..).and_then(|rest| rest.first_chunk()).copied().map_or(0, u64::from_le_bytes);
            let end = at.checked_add(size).filter(|end| *end <= range.end && size >= OBJECT_PREFIX_LEN as u64);
            let Some(end) = end else {
                // The reader of the objects reports the impossible size.
                self.bytes.extend(prefix);
                return Ok(());
            };
            self.count = self.count.saturating_add(1);
            self.is_over_limit =
                self.bytes.len() as u64 > MAX_HEADER.saturating_sub(MAX_OBJECT) || self.count > MAX_OBJECTS;
            if size <= MAX_OBJECT {
                self.bytes.extend(read_at(reader, at, usize::try_from(size).unwrap_or_default())?);
            } else if id == guid::HEADER_EXTENSION {
                self.read_extension(reader, at..end)?;
            } else {
                self.skip(id, size);
            }
            at = end;
        }
        Ok(())
    }

    /// Reads the objects in a Header Extension Object, and writes their size in place of the stated one.
    fn read_extension<R: Read + Seek>(&mut self, reader: &mut R, range: Range<u64>) -> io::Result<()> {
        let start = self.bytes.len();
        self.bytes.extend(read_at(reader, range.start, EXTENSION_LEN as usize)?);
        self.read(reader, range.start.saturating_add(EXTENSION_LEN)..range.end)?;
        let len = self.bytes.len().saturating_sub(start) as u64;
        let inner = u32::try_from(len.saturating_sub(EXTENSION_LEN)).unwrap_or(u32::MAX);
        let fields: [(usize, &[u8]); 2] = [(16, &len.to_le_bytes()), (42, &inner.to_le_bytes())];
        for (at, value) in fields {
            let at = start.saturating_add(at);
            if let Some(field) = self.bytes.get_mut(at..at.saturating_add(value.len())) {
                field.copy_from_slice(value);
            }
        }
        Ok(())
    }

    fn skip(&mut self, id: guid::Guid, size: u64) {
        let holds_text = [
            guid::CONTENT_DESCRIPTION,
            guid::EXTENDED_CONTENT_DESCRIPTION,
            guid::METADATA,
            guid::METADATA_LIBRARY,
            guid::PADDING,
        ];
        if !holds_text.contains(&id) {
            self.skipped.get_or_insert(size);
        }
        self.bytes.extend(guid::PADDING);
        self.bytes.extend((OBJECT_PREFIX_LEN as u64).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{MAX_OBJECT, OBJECT_PREFIX_LEN, guid};
    use crate::build::{AsfBuilder, Protection, ProtectionKind};
    use crate::{KeyId, Warning, probe};

    /// Adds an object of `len` bytes as the first of a header.
    fn with_object(file: &[u8], id: guid::Guid, len: usize) -> Vec<u8> {
        let object = [&id[..], &(len as u64).to_le_bytes(), &vec![0; len - OBJECT_PREFIX_LEN]].concat();
        let mut file = [&file[..30], &object, &file[30..]].concat();
        let size = u64::from_le_bytes(file[16..24].try_into().unwrap()) + len as u64;
        file[16..24].copy_from_slice(&size.to_le_bytes());
        file[24] += 1;
        file
    }

    #[test]
    fn large_objects_skipped_by_size() {
        let clear = AsfBuilder::new().title("T").build();
        let protection = Protection::new(ProtectionKind::Wmdrm, KeyId::Uuid([1; 16]));
        let protected = AsfBuilder::new().title("T").protection(protection).build();
        const LEN: usize = 17 << 20;
        for (file, is_protected) in [(&clear, false), (&protected, true)] {
            for id in [guid::PADDING, guid::METADATA_LIBRARY, guid::EXTENDED_CONTENT_DESCRIPTION] {
                let found = probe(&mut Cursor::new(with_object(file, id, LEN))).unwrap();
                assert_eq!((found.protected, found.warnings.len()), (Some(is_protected), 0));
                assert_eq!(found.title.unwrap().text, "T");
                assert_eq!(found.key_ids.len(), usize::from(is_protected));
            }
            let found = probe(&mut Cursor::new(with_object(file, [7; 16], LEN))).unwrap();
            assert_eq!(found.protected, is_protected.then_some(true));
            let skipped = Warning::ObjectTooLarge { stated: LEN as u64, limit: MAX_OBJECT };
            assert_eq!(found.warnings, [skipped]);
        }
    }

    #[test]
    fn large_header_extension_read() {
        // The extension of the builder holds the library with a large padding.
        let clear = AsfBuilder::new().title("T").build();
        let extension = clear.windows(16).position(|part| part == guid::HEADER_EXTENSION).unwrap();
        const LEN: usize = 17 << 20;
        let padding = [&guid::PADDING[..], &(LEN as u64).to_le_bytes(), &vec![0; LEN - OBJECT_PREFIX_LEN]].concat();
        let at = extension + 46;
        let mut file = [&clear[..at], &padding, &clear[at..]].concat();
        for (position, width) in [(16, 8), (extension + 16, 8), (extension + 42, 4)] {
            let mut value = [0; 8];
            value[..width].copy_from_slice(&file[position..position + width]);
            let value = u64::from_le_bytes(value) + LEN as u64;
            file[position..position + width].copy_from_slice(&value.to_le_bytes()[..width]);
        }
        let found = probe(&mut Cursor::new(file)).unwrap();
        assert_eq!((found.protected, found.warnings.as_slice()), (Some(false), &[][..]));
    }
}
