//! Signatures, sizes and markers of the ZIP format.

/// What a package begins with: the signature of a local header.
pub(crate) const LOCAL_HEADER_SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// Size of a local header without name and extra field.
pub(crate) const LOCAL_HEADER_LEN: usize = 30;

/// Bit 0 of the flags of an entry: it is encrypted, as ZIP does it and publications never do.
pub(crate) const FLAG_ENCRYPTED: u16 = 1;

/// Bit 3 of the flags: sizes and checksum stand behind the content, in a data descriptor.
pub(crate) const FLAG_DESCRIPTOR: u16 = 1 << 3;

/// The method of an entry that is stored as it is.
pub(crate) const STORED: u16 = 0;

/// The method of an entry that is compressed by Deflate, the only compression publications may use.
pub(crate) const DEFLATED: u16 = 8;

/// What stands in a 16-bit field whose value is in a zip64 record.
pub(crate) const ZIP64_MARKER_16: u16 = u16::MAX;

/// What stands in a 32-bit field whose value is in a zip64 record or extra field.
pub(crate) const ZIP64_MARKER_32: u32 = u32::MAX;

pub(crate) const RECORD_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
pub(crate) const RECORD_LEN: usize = 46;

/// Where in a record the offset of the local header stands.
pub(crate) const OFFSET_FIELD: usize = 42;

pub(crate) const LOCATOR_LEN: u64 = 20;
