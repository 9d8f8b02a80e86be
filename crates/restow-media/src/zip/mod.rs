//! The part of ZIP that publications need: reading entries, and adding, replacing or removing one.
//!
//! Layout after PKWARE's APPNOTE 6.3.10 and ISO/IEC 21320-1, to which EPUB and the Readium packages restrict
//! themselves. All integers are little-endian. A package has three parts:
//!
//! - the entries, each after a local header (§4.3.7);
//! - the central directory with a record for each entry (§4.3.12);
//! - the end records (§4.3.14 to §4.3.16) with the position of the directory.
//!
//! These parts may contradict each other, and readers trust different ones. Here the directory counts. A
//! package is damaged if its directory does not end at the end records, has a different number of records than
//! stated, or has entries that share bytes. When an entry is read, its local header must match the directory,
//! and its content must have the stated size and checksum.
//!
//! Stated sizes alone allocate no memory. The directory has at most `MAX_DIRECTORY` bytes and must be in the
//! file; an entry costs no more than its caller requested. Names of entries are compared, never used as paths.

mod directory;
mod end;
mod entry;
mod error;
mod layout;
mod rewrite;
pub(crate) mod write;

pub(crate) use self::directory::{Directory, Entry};
pub(crate) use self::end::has_end_record;
pub(crate) use self::entry::{locate_content, read_content, read_prefix};
pub(crate) use self::error::EntryError;
pub(crate) use self::layout::LOCAL_HEADER_SIGNATURE;
pub(crate) use self::rewrite::{copy_bytes, rewrite};
