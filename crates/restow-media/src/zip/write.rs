//! Headers and records of new entries.

use super::layout::{LOCAL_HEADER_SIGNATURE, RECORD_LEN, STORED, ZIP64_MARKER_32};

/// 1 January 1980, the first date that ZIP can express.
const FIRST_DATE: u16 = 1 << 5 | 1;

/// Fields that the header and the record of an entry share.
#[derive(Clone, Debug)]
pub(crate) struct Header<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) flags: u16,
    pub(crate) method: u16,
    /// Time and date in the encoding of the file.
    pub(crate) modified: [u8; 4],
    pub(crate) crc: u32,
    pub(crate) compressed_size: u32,
    pub(crate) size: u32,
}

impl<'a> Header<'a> {
    /// Creates the header of a stored entry. Returns `None` if name or content is too long.
    pub(crate) fn stored(name: &'a [u8], content: &[u8]) -> Option<Self> {
        u16::try_from(name.len()).ok()?;
        let size = u32::try_from(content.len()).ok().filter(|size| *size != ZIP64_MARKER_32)?;
        let [low, high] = FIRST_DATE.to_le_bytes();
        let modified = [0, 0, low, high];
        Some(Self {
            name,
            flags: 0,
            method: STORED,
            modified,
            crc: crc32fast::hash(content),
            compressed_size: size,
            size,
        })
    }

    /// Encodes the local header with the name.
    pub(crate) fn local_header(&self) -> Vec<u8> {
        [&LOCAL_HEADER_SIGNATURE[..], &self.version(), &self.common_fields(), &self.name_len(), &[0, 0], self.name]
            .concat()
    }

    /// Encodes the record for the directory. `attributes` are the internal and external ones in the encoding of
    /// the file. An offset that is too large for its field goes into an extra field.
    pub(crate) fn record(&self, offset: u64, made_by: [u8; 2], attributes: [u8; 6]) -> Vec<u8> {
        let (offset_field, extra) = match u32::try_from(offset) {
            Ok(offset) if offset != ZIP64_MARKER_32 => (offset, Vec::new()),
            _ => (ZIP64_MARKER_32, [&[1, 0, 8, 0][..], &offset.to_le_bytes()].concat()),
        };
        let version = if extra.is_empty() { self.version() } else { [45, 0] };
        // At most twelve bytes.
        let extra_len = [u8::try_from(extra.len()).unwrap_or_default(), 0];
        let record = [
            &b"PK\x01\x02"[..],
            &made_by,
            &version,
            &self.common_fields(),
            &self.name_len(),
            &extra_len,
            // No comment; disk 0.
            &[0; 4],
            &attributes,
            &offset_field.to_le_bytes(),
        ]
        .concat();
        debug_assert_eq!(record.len(), RECORD_LEN);
        [&record, self.name, &extra].concat()
    }

    /// Returns the ZIP version that a reader needs: 2.0 for compression, else 1.0.
    fn version(&self) -> [u8; 2] {
        if self.method == STORED { [10, 0] } else { [20, 0] }
    }

    fn common_fields(&self) -> Vec<u8> {
        [
            &self.flags.to_le_bytes()[..],
            &self.method.to_le_bytes(),
            &self.modified,
            &self.crc.to_le_bytes(),
            &self.compressed_size.to_le_bytes(),
            &self.size.to_le_bytes(),
        ]
        .concat()
    }

    fn name_len(&self) -> [u8; 2] {
        u16::try_from(self.name.len()).unwrap_or_default().to_le_bytes()
    }
}
