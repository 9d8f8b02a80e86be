//! Backups: what they consist of, written to and read from a folder (docs/backup-format.md).
//!
//! This is format and files only. It knows nothing of the store, of the network or of what a record means: which
//! documents are accepted (§4) and which of two wins (§2.3) is decided by who reads.
//!
//! ```no_run
//! use restow::backup::{Found, Location, PackRole, Reader};
//!
//! # fn main() -> Result<(), restow::backup::BackupError> {
//! let location = Location::open("/media/stick".as_ref())?;
//! let sets = location.sets()?.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()?;
//! let reader = Reader::latest(&sets, &|| false)?;
//! reader.records::<()>(PackRole::Licenses, &mut |found| {
//!     match found {
//!         Found::Record(_, record) => println!("{record:?}"),
//!         Found::Damage(damage) => eprintln!("{damage}"),
//!     }
//!     Ok(())
//! }).ok();
//! # Ok(())
//! # }
//! ```

mod begin;
mod compact;
mod count;
mod damage;
mod epoch;
mod error;
mod fields;
mod frame;
mod json;
mod location;
mod manifest;
mod names;
mod reader;
mod record;
mod set;
mod sink;
mod storage;
mod texts;
mod tidy;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use compact::Compacted;
pub use count::Licenses;
pub(crate) use damage::in_short;
pub use damage::{Damage, DamageKind};
pub use epoch::EpochKey;
pub use error::BackupError;
pub use location::Location;
pub use manifest::{FORMAT, Forgotten, Frame, IssuerEntry, Manifest, ManifestError, PackEntry, PackRole};
pub(crate) use names::FOLDER;
pub use names::{Digest, GenerationId, NotAName, PackId, SetId};
pub use reader::{Found, FrameContext, Part, Reader, Unread, VerifiedGeneration};
pub use record::{
    ContentKeyRecord, ContentsRecord, CounterRecord, EpochKeyRecord, FactsRecord, LicenseRecord, LostLicense,
    MAX_DOCUMENT, MAX_RAW, MAX_STATEMENT, MAX_TITLE_CHARS, MAX_TITLES, MissingRecord, Record, RecordError,
    StatementRecord, TitlesRecord, fitting_titles,
};
pub use set::{BackupSet, Generation, GenerationFacts, GenerationState, PackFacts};
pub use verify::{Depth, GenerationReport, Report, SetReport, verify_location};
pub use writer::{Base, Committed, DEFAULT_KEEP, ManifestFacts, SetWriter};
