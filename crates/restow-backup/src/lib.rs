//! Reading, writing and verification of license backups in the format of docs/backup-format.md.
//!
//! A backup location is a folder, such as the top of a USB drive. It has one **set** per computer, and each set has
//! signed **generations**. A generation lists **packs** of compressed records. Later generations carry packs over.
//!
//! This crate reads and writes files only. It has no license store and no network. The crate verifies the signature of
//! each manifest, but not the owner of the set key or the signatures of documents. The caller decides which records to
//! accept (§4) and which of two records wins (§2.3).
//!
//! # Example
//!
//! List the licenses in a backup:
//!
//! ```
//! use std::convert::Infallible;
//!
//! use restow_backup::{Location, PackRole, ReadItem, Reader, Record};
//! # use restow_backup::{LicenseRecord, ManifestFacts, SetWriter};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path();
//! # let key = restow_core::keys::Seed::from_bytes([1; 32]).signing_key("set", &[]);
//! # let mut writer = SetWriter::begin(&Location::create(path)?, &key, 10)?;
//! # let (license_id, titles) = ("L1".to_owned(), vec!["A Song".to_owned()]);
//! # writer.push(&Record::License(LicenseRecord { license_id, titles, ..LicenseRecord::default() }))?;
//! # writer.commit(ManifestFacts::default(), &|| false)?;
//! let location = Location::open(path)?;
//! let sets = location.sets()?.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()?;
//! let reader = Reader::latest(&sets, &|| false)?;
//! let mut licenses = Vec::new();
//! reader.records::<Infallible>(PackRole::Licenses, &mut |item| {
//!     match item {
//!         ReadItem::Record(_, Record::License(license)) => licenses.push((license.license_id, license.titles)),
//!         ReadItem::Record(..) => {}
//!         ReadItem::Damage(damage) => eprintln!("{damage}"),
//!     }
//!     Ok(())
//! })?;
//! assert_eq!(licenses, [("L1".to_owned(), vec!["A Song".to_owned()])]);
//! # Ok(())
//! # }
//! ```
//!
//! # Overview
//!
//! In the order in which a program needs them:
//!
//! 1. [`Location`] opens or prepares the folder and lists its sets.
//! 2. [`BackupSet`] has the [`Generation`]s of a set, their [`GenerationState`], and the number of licenses in each.
//! 3. [`Manifest`] is the signed description of one generation. [`SetId`], [`GenerationId`], [`PackId`] and [`Digest`]
//!    are the identifiers.
//! 4. [`Reader`] merges generations and reports each [`Record`]. It continues after [`Damage`].
//! 5. [`SetWriter`] writes a new generation, compacts a set, and removes licenses from it.
//! 6. [`verify_location`] reads every byte and returns a [`LocationReport`].
//! 7. [`EpochKey`] wraps content keys for the end of a service.
//! 8. [`BackupError`] is the error of an operation. Damage inside a set is not an error.

mod codec;
mod compact;
mod continuation;
mod damage;
mod error;
mod file_reader;
mod frame;
mod ids;
mod license_count;
mod location;
mod manifest;
mod medium;
mod pack_writer;
mod prune;
mod reader;
mod readme;
mod record;
mod set;
mod storage;
mod sunset_keys;
mod texts;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use codec::{MAX_TITLE_CHARS, RecordError};
pub use compact::CompactionResult;
pub use continuation::ParentState;
pub use damage::{Damage, DamageKind, truncate_titles};
pub use error::BackupError;
pub use ids::{Digest, FOLDER, GenerationId, PackId, ParseIdError, SetId};
pub use license_count::LicenseCount;
pub use location::Location;
pub use manifest::{
    FORMAT_VERSION, ForgottenDocument, Frame, IssuerEntry, Manifest, ManifestError, PackEntry, PackRole,
};
pub use prune::{CommittedGeneration, READ_BACK_LIMIT, ReadBack};
pub use reader::{FrameContext, GenerationRole, ReadItem, Reader, UnreadableGeneration, VerifiedGeneration};
pub use record::{
    ContentKeyRecord, ContentsRecord, CounterRecord, EpochKeyRecord, InventoryRecord, LcpFactsRecord, LicenseRecord,
    LicenseSummary, MAX_RAW_FRAME, Record, StatementRecord, TitlesRecord, limit_titles,
};
pub use set::{BackupSet, Generation, GenerationFacts, GenerationState, PackFacts};
pub use storage::Access;
pub use sunset_keys::{EpochKey, WrapError};
pub use verify::{Depth, GenerationReport, LocationReport, SetReport, verify_location};
pub use writer::{DEFAULT_KEEP, ManifestFacts, SetWriter};
