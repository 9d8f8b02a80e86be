//! Signatures, sizes and markers of the ZIP format.

/// Signature of a local header, the first bytes of a package.
pub(crate) const LOCAL_HEADER_SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// Size of a local header without name and extra field.
pub(crate) const LOCAL_HEADER_LEN: usize = 30;

/// Bit 0 of the flags of an entry: ZIP encryption, which publications never use.
pub(crate) const FLAG_ENCRYPTED: u16 = 1;

/// Bit 3 of the flags: a data descriptor after the content holds sizes and checksum.
pub(crate) const FLAG_DESCRIPTOR: u16 = 1 << 3;

/// Method of an entry that is stored without compression.
pub(crate) const STORED: u16 = 0;

/// Method of an entry compressed by Deflate, the only compression allowed in publications.
pub(crate) const DEFLATED: u16 = 8;

/// Value of a 16-bit field if the real value is in a zip64 record.
pub(crate) const ZIP64_MARKER_16: u16 = u16::MAX;

/// Value of a 32-bit field if the real value is in a zip64 record or extra field.
pub(crate) const ZIP64_MARKER_32: u32 = u32::MAX;

pub(crate) const RECORD_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
pub(crate) const RECORD_LEN: usize = 46;

/// Position of the local header's offset in a record.
pub(crate) const OFFSET_FIELD: usize = 42;

pub(crate) const LOCATOR_LEN: u64 = 20;
