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
//! Nothing is allocated on the word of the file alone: the directory is at most `MAX_DIRECTORY` bytes and really there,
//! and an entry costs no more than its reader asked for. Names of entries are compared, never used as paths.

mod directory;
mod end;
mod entry;
mod error;
mod layout;
mod rewrite;
pub(crate) mod write;

pub(crate) use self::directory::{Directory, Entry, EntryLookup};
pub(crate) use self::entry::{locate_content, read_content, read_prefix};
pub(crate) use self::error::{DirectoryError, EntryError};
pub(crate) use self::layout::{LOCAL_HEADER_LEN, LOCAL_HEADER_SIGNATURE};
pub(crate) use self::rewrite::{copy_bytes, rewrite};
