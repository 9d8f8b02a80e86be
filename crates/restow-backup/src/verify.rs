//! Verification of every byte of a location (docs/backup-format.md §1, §2).

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::codec::RawRecords;
use super::damage::{Damage, DamageKind, LossTracker};
use super::error::BackupError;
use super::frame::{FrameDecoder, PackReader};
use super::ids::{GenerationId, ManifestFile, PackId, SETS, SetId, is_temporary, parse_manifest_name, parse_pack_name};
use super::location::Location;
use super::manifest::{Frame, Manifest, ManifestError, PackEntry};
use super::readme::README_FILES;
use super::record::{Record, TYPE_CONTENTS};
use super::set::{BackupSet, load_manifest};
use super::storage::{EntryKind, Storage, list_or_empty};

/// Maximum number of lost licenses in a report.
const MAX_NAMED_LOSSES: usize = 100_000;

/// Depth of [`verify_location`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Verifies the hashes and signatures of all files.
    Bytes,
    /// Also decompresses every frame and decodes every record.
    Records,
}

/// Result of [`verify_location`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LocationReport {
    /// Reports of all sets.
    pub sets: Vec<SetReport>,
    /// Missing and damaged parts.
    pub damage: Vec<Damage>,
    /// Paths below `Restow/` that do not belong to a backup.
    pub foreign: Vec<String>,
    /// Paths that an interrupted backup left behind. A later backup removes them.
    pub leftovers: Vec<String>,
    /// Number of bytes that were read.
    pub bytes: u64,
}

impl LocationReport {
    /// Returns true if all backed-up data is readable.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        !self.damage.iter().any(|damage| damage.kind.is_loss())
    }

    /// Returns true if the report has no damage and no foreign files. Leftovers are allowed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.damage.is_empty() && self.foreign.is_empty()
    }
}

/// Report of one set.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SetReport {
    /// ID of the set.
    pub id: SetId,
    /// Generations, newest first.
    pub generations: Vec<GenerationReport>,
}

/// Report of one generation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GenerationReport {
    /// ID of the generation.
    pub id: GenerationId,
    /// True if a newer Restow wrote the generation, so that its packs are unknown.
    pub is_newer: bool,
    /// True if one of its manifest files and all its packs are intact.
    pub is_intact: bool,
}

/// Reads and verifies every file below `Restow/` except the two explanatory files. The reads go past the cache of the
/// system, where the system allows that.
///
/// `progress` receives the number of bytes so far and in total, and can end the verification.
///
/// # Errors
/// An error of reading a folder, [`BackupError::LimitExceeded`], or [`BackupError::Cancelled`].
pub fn verify_location(
    location: &Location,
    depth: Depth,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<LocationReport, BackupError> {
    let location = &location.uncached();
    let storage = location.storage().as_ref();
    let mut report = LocationReport::default();
    let mut sets = Vec::new();
    for id in location.sets()? {
        sets.push(location.set(id)?);
    }
    let total = classify_entries(storage, &sets, &mut report)?;
    let decoder = FrameDecoder::new().map_err(|error| BackupError::from_read(location.path(), error))?;
    let mut verifier =
        LocationVerifier { storage, depth, decoder, progress, total, names_left: MAX_NAMED_LOSSES, report };
    for set in &sets {
        verifier.verify_set(set)?;
    }
    Ok(verifier.report)
}

/// Classifies all entries below `Restow/`. Returns the number of bytes to read.
fn classify_entries(
    storage: &dyn Storage,
    sets: &[BackupSet],
    report: &mut LocationReport,
) -> Result<u64, BackupError> {
    let mut total = 0_u64;
    let mut folder = |path: &str, classify: &mut dyn FnMut(&str, EntryKind) -> EntryClass| {
        for entry in list_or_empty(storage, path)? {
            let full = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
            match classify(&entry.name, entry.kind) {
                EntryClass::Listed => total = total.saturating_add(entry.len),
                EntryClass::Other => {}
                EntryClass::Leftover => report.leftovers.push(full),
                EntryClass::Foreign => report.foreign.push(full),
            }
        }
        Ok::<_, BackupError>(())
    };
    let temporary = |name: &str, kind| {
        if is_temporary(name) && kind == EntryKind::File { EntryClass::Leftover } else { EntryClass::Foreign }
    };
    folder("", &mut |name, kind| match kind {
        EntryKind::Folder if name == SETS => EntryClass::Other,
        EntryKind::File if README_FILES.iter().any(|(text, _)| *text == name) => EntryClass::Other,
        _ => temporary(name, kind),
    })?;
    folder(SETS, &mut |name, kind| match kind {
        EntryKind::Folder if name.parse::<SetId>().is_ok() => EntryClass::Other,
        _ => EntryClass::Foreign,
    })?;
    for set in sets {
        let id = set.id();
        folder(&id.folder_path(), &mut |name, kind| match kind {
            EntryKind::Folder if matches!(name, "packs" | "generations") => EntryClass::Other,
            _ => EntryClass::Foreign,
        })?;
        folder(&id.generations_path(), &mut |name, kind| match kind {
            EntryKind::File if parse_manifest_name(name).is_some() => EntryClass::Listed,
            _ => temporary(name, kind),
        })?;
        let listed = set.listed_packs();
        // A pack of an unreadable generation is not a leftover.
        let all_known = set.readable().count() == set.generations().len();
        folder(&id.packs_path(), &mut |name, kind| match parse_pack_name(name) {
            Some(pack) if kind == EntryKind::File && listed.contains(&pack) => EntryClass::Listed,
            Some(_) if kind == EntryKind::File && all_known => EntryClass::Leftover,
            Some(_) if kind == EntryKind::File => EntryClass::Other,
            _ => temporary(name, kind),
        })?;
    }
    report.foreign.sort_unstable();
    report.leftovers.sort_unstable();
    Ok(total)
}

enum EntryClass {
    Listed,
    Other,
    Leftover,
    Foreign,
}

struct LocationVerifier<'a> {
    storage: &'a dyn Storage,
    depth: Depth,
    decoder: FrameDecoder,
    progress: &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    total: u64,
    /// Number of lost licenses that may still be listed.
    names_left: usize,
    report: LocationReport,
}

impl LocationVerifier<'_> {
    fn advance(&mut self, bytes: u64) -> Result<(), BackupError> {
        self.report.bytes = self.report.bytes.saturating_add(bytes);
        match (self.progress)(self.report.bytes, self.total.max(self.report.bytes)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(BackupError::Cancelled),
        }
    }

    fn verify_set(&mut self, set: &BackupSet) -> Result<(), BackupError> {
        let mut packs: HashMap<PackId, bool> = HashMap::new();
        let mut generations = Vec::new();
        for generation in set.generations() {
            let mut generation_report =
                GenerationReport { id: generation.id, is_newer: generation.state.is_newer(), is_intact: false };
            if let Some(manifest) = self.verify_manifests(set.id(), generation.id)? {
                generation_report.is_intact = true;
                for pack in &manifest.packs {
                    let intact = match packs.get(&pack.id) {
                        Some(intact) => *intact,
                        None => self.verify_pack(set.id(), generation.id, pack)?,
                    };
                    packs.insert(pack.id, intact);
                    generation_report.is_intact &= intact;
                }
            }
            generations.push(generation_report);
        }
        self.report.sets.push(SetReport { id: set.id(), generations });
        Ok(())
    }

    /// Reads the manifest and its copy, and reports the damage of either.
    fn verify_manifests(&mut self, set: SetId, id: GenerationId) -> Result<Option<Manifest>, BackupError> {
        for path in [set.manifest_path(&id), set.copy_path(&id)] {
            let len = self.storage.entry(&path).map_or(0, |entry| entry.len);
            self.advance(len)?;
        }
        let manifest = load_manifest(self.storage, set, id, ManifestFile::Manifest);
        let copy = load_manifest(self.storage, set, id, ManifestFile::Copy);
        let (kind, manifest) = match (manifest, copy) {
            (Ok(Some((manifest, _))), Ok(Some(_))) => (None, Some(manifest)),
            (Ok(Some((manifest, _))), Ok(None)) => (Some(DamageKind::CopyMissing), Some(manifest)),
            (Ok(Some((manifest, _))), Err(ManifestError::Damaged(reason))) => {
                (Some(DamageKind::Copy(reason)), Some(manifest))
            }
            (Ok(None), Ok(Some((copy, _)))) => (Some(DamageKind::ManifestMissing), Some(copy)),
            (Err(ManifestError::Damaged(reason)), Ok(Some((copy, _)))) => {
                (Some(DamageKind::Manifest(reason)), Some(copy))
            }
            (Err(ManifestError::Newer { .. }), _) | (_, Err(ManifestError::Newer { .. })) => (None, None),
            (Err(ManifestError::Damaged(reason)), _) | (Ok(None), Err(ManifestError::Damaged(reason))) => {
                (Some(DamageKind::Generation(reason)), None)
            }
            (Ok(None), Ok(None)) => (Some(DamageKind::Generation("it is gone".to_owned())), None),
        };
        self.report.damage.extend(kind.map(|kind| Damage::new(set, id, kind)));
        Ok(manifest)
    }

    /// Reads a pack to its end. Returns true if the pack is intact.
    fn verify_pack(&mut self, set: SetId, generation: GenerationId, pack: &PackEntry) -> Result<bool, BackupError> {
        let before = self.report.damage.len();
        let damage_at = |frame, kind| {
            let pack = Some(pack.id);
            Damage { pack, frame, ..Damage::new(set, generation, kind) }
        };
        let mut reader = match PackReader::open(self.storage, set, pack) {
            Ok((reader, length)) => {
                self.report.damage.extend(length.map(|kind| damage_at(None, kind)));
                reader
            }
            Err(kind) => {
                let lost = Damage { licenses_lost: Some(pack.licenses), ..damage_at(None, kind) };
                self.report.damage.push(lost);
                return Ok(false);
            }
        };
        let mut licenses = 0_u64;
        let mut losses = LossTracker::with_limit(self.names_left);
        while let Some((index, frame, stored)) = reader.next() {
            let checked = match (stored, self.depth) {
                (Err(kind), _) => Err(kind),
                (Ok(_), Depth::Bytes) => Ok(0),
                (Ok(stored), Depth::Records) => verify_frame(&mut self.decoder, frame, stored, &mut losses),
            };
            match checked {
                Ok(in_frame) => licenses = licenses.saturating_add(in_frame),
                Err(kind) => {
                    losses.add_frame(index);
                    self.report.damage.push(damage_at(Some(index), kind));
                }
            }
            self.advance(frame.stored.into())?;
        }
        let expected = pack.licenses;
        let is_clean = self.report.damage.len() == before;
        if self.depth == Depth::Records {
            if is_clean && licenses != expected {
                self.report.damage.push(damage_at(None, DamageKind::Count { expected, found: licenses }));
            }
            if let Some(last) = self.report.damage.get_mut(before..).and_then(<[Damage]>::last_mut) {
                let lost = expected.saturating_sub(licenses);
                last.licenses_lost = Some(lost);
                last.lost_licenses = losses.into_lost_licenses(lost);
                self.names_left = self.names_left.saturating_sub(last.lost_licenses.len());
            }
        }
        Ok(self.report.damage.len() == before)
    }
}

/// Decompresses and decodes a frame. Returns the number of license records.
fn verify_frame(
    decoder: &mut FrameDecoder,
    frame: &Frame,
    stored: &[u8],
    losses: &mut LossTracker,
) -> Result<u64, DamageKind> {
    let mut licenses = 0_u64;
    for record in RawRecords(decoder.decode(frame, stored)?) {
        let record = record.map_err(DamageKind::Record)?;
        if record.record_type == TYPE_CONTENTS {
            losses.add_contents(record.body).map_err(DamageKind::Record)?;
        } else if let Record::License(_) =
            Record::decode(record.record_type, record.body).map_err(DamageKind::Record)?
        {
            licenses = licenses.saturating_add(1);
        }
    }
    Ok(licenses)
}
