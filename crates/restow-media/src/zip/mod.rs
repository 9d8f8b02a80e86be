//! ZIP, as far as publications need it: what lies in it, a few of its entries, and one entry put in its place.
//!
//! Layout after PKWARE's APPNOTE 6.3.10 and ISO/IEC 21320-1, which EPUB and the Readium packages restrict themselves to.
//! All integers are little-endian. A package is entries, each behind a local header (§4.3.7); then the central directory
//! with a record for each (§4.3.12); then the end records (§4.3.14 to §4.3.16), which say where the directory is.
//!
//! Every one of these can lie, and readers believe different ones. Here the directory counts, and a package is refused as
//! a whole when what it says cannot be: the directory must end where the end records begin, have as many records as they
//! say, and entries must not share bytes. Of an entry that is read, the local header must say the same as the directory,
//! and its content must have the size and the checksum stated.
//!
//! Nothing is allocated on the word of the file alone: the directory is at most [`MAX_DIRECTORY`] bytes and really there,
//! and an entry costs no more than its reader asked for. Names of entries are compared, never used as paths.

mod directory;
mod end;
mod entry;
mod rewrite;
pub(crate) mod write;

pub(crate) use self::directory::{Directory, DirectoryError, Entry, EntryLookup};
pub(crate) use self::entry::{EntryError, locate_content, read_content, read_prefix};
pub(crate) use self::rewrite::{copy_bytes, rewrite};

/// What a package begins with: the signature of a local header.
pub(crate) const LOCAL_HEADER_SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// Size of a local header without name and extra field.
pub(crate) const LOCAL_HEADER_LEN: usize = 30;

/// The largest central directory that is read.
const MAX_DIRECTORY: u64 = 16 << 20;

/// Most entries of a package that is read.
const MAX_ENTRIES: u64 = 1 << 16;

/// Bit 0 of the flags of an entry: it is encrypted, as ZIP does it and publications never do.
const FLAG_ENCRYPTED: u16 = 1;

/// Bit 3 of the flags: sizes and checksum stand behind the content, in a data descriptor.
const FLAG_DESCRIPTOR: u16 = 1 << 3;

/// The method of an entry that is stored as it is.
const STORED: u16 = 0;

/// The method of an entry that is compressed by Deflate, the only compression publications may use.
const DEFLATED: u16 = 8;

/// What stands in a 16-bit field whose value is in a zip64 record.
const ZIP64_MARKER_16: u16 = u16::MAX;

/// What stands in a 32-bit field whose value is in a zip64 record or extra field.
const ZIP64_MARKER_32: u32 = u32::MAX;
