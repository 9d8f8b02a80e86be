//! Builder of ZIP packages.

use crate::zip::write::Header;

/// Builder of a ZIP package, entry by entry. Sizes, checksums and offsets are correct.
///
/// ```
/// use restow_media::build::{Compression, ZipBuilder};
///
/// let comic = ZipBuilder::new().entry("01.jpg", b"no image", Compression::Stored).build();
/// assert!(comic.starts_with(b"PK\x03\x04"));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ZipBuilder {
    entries: Vec<(String, Vec<u8>, Compression)>,
    comment: Vec<u8>,
    zip64: bool,
    modified: [u8; 4],
}

/// Storage of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Stored without compression.
    #[default]
    Stored,
    /// Compressed by Deflate.
    Deflated,
    /// Compressed by Deflate, with sizes and checksum in a data descriptor after the content.
    DeflatedWithDescriptor,
}

impl ZipBuilder {
    /// Creates an empty package.
    pub fn new() -> Self {
        Self { modified: [0, 0x60, 0x21, 0x34], ..Self::default() }
    }

    /// Adds an entry. Its name is truncated to 65,535 bytes.
    pub fn entry(mut self, name: &str, content: &[u8], compression: Compression) -> Self {
        let end = name.floor_char_boundary(u16::MAX.into());
        let name = name.get(..end).unwrap_or_default();
        self.entries.push((name.to_owned(), content.to_owned(), compression));
        self
    }

    /// Sets the comment after the directory, truncated to 65,535 bytes.
    pub fn comment(mut self, comment: &[u8]) -> Self {
        self.comment = comment.iter().copied().take(u16::MAX.into()).collect();
        self
    }

    /// Sets whether the end record and the offsets of entries use zip64 fields only.
    pub fn zip64(mut self, enabled: bool) -> Self {
        self.zip64 = enabled;
        self
    }

    /// Sets the time and date of all entries, in the encoding of the file.
    pub fn modified(mut self, modified: [u8; 4]) -> Self {
        self.modified = modified;
        self
    }

    /// Returns the bytes of the package.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let (mut file, mut records) = (Vec::new(), Vec::new());
        for (name, content, compression) in &self.entries {
            // Built entries always fit into their fields.
            let Some(stored) = Header::stored(name.as_bytes(), content) else { continue };
            let (method, body) = match compression {
                Compression::Stored => (0, content.clone()),
                Compression::Deflated | Compression::DeflatedWithDescriptor => {
                    (8, miniz_oxide::deflate::compress_to_vec(content, 6))
                }
            };
            // Names are UTF-8.
            let mut flags = if name.is_ascii() { 0 } else { 0x0800 };
            let compressed_size = u32::try_from(body.len()).unwrap_or_default();
            let mut header = Header { method, compressed_size, modified: self.modified, flags, ..stored };
            let offset = file.len() as u64;
            if *compression == Compression::DeflatedWithDescriptor {
                flags |= 8;
                header.flags = flags;
                file.extend(Header { crc: 0, compressed_size: 0, size: 0, ..header.clone() }.local_header());
                file.extend(&body);
                let fields = [header.crc, header.compressed_size, header.size].map(u32::to_le_bytes).concat();
                file.extend([&b"PK\x07\x08"[..], &fields].concat());
            } else {
                file.extend(header.local_header());
                file.extend(&body);
            }
            records.extend(self.record(&header, offset));
        }
        let start = file.len() as u64;
        file.extend(&records);
        file.extend(self.end(start, records.len() as u64));
        file
    }

    fn record(&self, header: &Header<'_>, offset: u64) -> Vec<u8> {
        const MADE_BY: [u8; 2] = [20, 0];
        let mut record = header.record(offset, MADE_BY, [0; 6]);
        if self.zip64 {
            let extra = [&[1, 0, 8, 0][..], &offset.to_le_bytes()].concat();
            for (at, value) in [(30, &[12, 0][..]), (42, &[0xff; 4])] {
                if let Some(place) = record.get_mut(at..).and_then(|rest| rest.get_mut(..value.len())) {
                    place.copy_from_slice(value);
                }
            }
            record.extend(extra);
        }
        record
    }

    fn end(&self, start: u64, size: u64) -> Vec<u8> {
        let count = self.entries.len() as u64;
        let mut end = Vec::new();
        if self.zip64 {
            let counts = [count.to_le_bytes(), count.to_le_bytes(), size.to_le_bytes(), start.to_le_bytes()].concat();
            end = [&b"PK\x06\x06"[..], &44_u64.to_le_bytes(), &[45, 0, 45, 0], &[0; 8], &counts].concat();
            let at = start.saturating_add(size).to_le_bytes();
            end.extend([&b"PK\x06\x07"[..], &[0; 4], &at, &[1, 0, 0, 0]].concat());
        }
        let u16_field = |value: u64| if self.zip64 { u16::MAX } else { u16::try_from(value).unwrap_or(u16::MAX) };
        let u32_field = |value: u64| if self.zip64 { u32::MAX } else { u32::try_from(value).unwrap_or(u32::MAX) };
        let count = u16_field(count).to_le_bytes();
        let comment = u16::try_from(self.comment.len()).unwrap_or_default().to_le_bytes();
        let (size, start) = (u32_field(size).to_le_bytes(), u32_field(start).to_le_bytes());
        end.extend([&b"PK\x05\x06"[..], &[0; 4], &count, &count, &size, &start, &comment, &self.comment].concat());
        end
    }
}
