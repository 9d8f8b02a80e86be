//! Backups: what they consist of, written to and read from a folder (docs/backup-format.md).
//!
//! This is format and files only. It knows nothing of the store, of the network or of what a record means: which
//! documents are accepted (§4) and which of two wins (§2.3) is decided by who reads.
//!
//! ```no_run
//! use restow_backup::{Found, Location, PackRole, Reader};
//!
//! # fn main() -> Result<(), restow_backup::BackupError> {
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

mod codec;
mod compact;
mod continuation;
mod damage;
mod error;
mod frame;
mod ids;
mod license_count;
mod location;
mod manifest;
mod pack_writer;
mod prune;
mod reader;
mod readme;
mod record;
mod set;
mod storage;
mod strict_json;
mod sunset_keys;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use compact::Compacted;
pub use damage::in_short;
pub use damage::{Damage, DamageKind};
pub use error::BackupError;
pub use ids::FOLDER;
pub use ids::{Digest, GenerationId, NotAName, PackId, SetId};
pub use license_count::Licenses;
pub use location::Location;
pub use manifest::{FORMAT, Forgotten, Frame, IssuerEntry, Manifest, ManifestError, PackEntry, PackRole};
pub use reader::{Found, FrameContext, Part, Reader, Unread, VerifiedGeneration};
pub use record::{
    ContentKeyRecord, ContentsRecord, CounterRecord, EpochKeyRecord, FactsRecord, LicenseRecord, LostLicense,
    MAX_DOCUMENT, MAX_RAW, MAX_STATEMENT, MAX_TITLE_CHARS, MAX_TITLES, MissingRecord, Record, RecordError,
    StatementRecord, TitlesRecord, fitting_titles,
};
pub use set::{BackupSet, Generation, GenerationFacts, GenerationState, PackFacts};
pub use sunset_keys::EpochKey;
pub use verify::{Depth, GenerationReport, Report, SetReport, verify_location};
pub use writer::{Base, Committed, DEFAULT_KEEP, ManifestFacts, SetWriter};
