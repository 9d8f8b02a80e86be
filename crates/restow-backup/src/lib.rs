//! Backups: what they consist of, written to and read from a folder (docs/backup-format.md).
//!
//! This is format and files only. It knows nothing of the store, of the network or of what a record means: which
//! documents are accepted (§4) and which of two wins (§2.3) is decided by who reads.
//!
//! ```no_run
//! use restow_backup::{ReadItem, Location, PackRole, Reader};
//!
//! # fn main() -> Result<(), restow_backup::BackupError> {
//! let location = Location::open("/media/stick".as_ref())?;
//! let sets = location.sets()?.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()?;
//! let reader = Reader::latest(&sets, &|| false)?;
//! reader.records::<()>(PackRole::Licenses, &mut |found| {
//!     match found {
//!         ReadItem::Record(_, record) => println!("{record:?}"),
//!         ReadItem::Damage(damage) => eprintln!("{damage}"),
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

pub use compact::CompactionResult;
pub use damage::truncate_titles;
pub use damage::{Damage, DamageKind};
pub use error::BackupError;
pub use ids::FOLDER;
pub use ids::{Digest, GenerationId, PackId, ParseIdError, SetId};
pub use license_count::LicenseCount;
pub use location::Location;
pub use manifest::{
    FORMAT_VERSION, ForgottenDocument, Frame, IssuerEntry, Manifest, ManifestError, PackEntry, PackRole,
};
pub use reader::{FrameContext, GenerationRole, ReadItem, Reader, UnreadableGeneration, VerifiedGeneration};
pub use record::{
    ContentKeyRecord, ContentsRecord, CounterRecord, EpochKeyRecord, InventoryRecord, LcpFactsRecord, LicenseRecord,
    LicenseSummary, MAX_DOCUMENT, MAX_RAW_FRAME, MAX_STATEMENT, MAX_TITLE_CHARS, MAX_TITLES, Record, RecordError,
    StatementRecord, TitlesRecord, limit_titles,
};
pub use set::{BackupSet, Generation, GenerationFacts, GenerationState, PackFacts};
pub use sunset_keys::EpochKey;
pub use verify::{Depth, GenerationReport, LocationReport, SetReport, verify_location};
pub use writer::{CommittedGeneration, DEFAULT_KEEP, ManifestFacts, ParentState, SetWriter};
