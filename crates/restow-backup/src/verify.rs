//! Looking at every byte (backup-format.md §1, §2): what is damaged, what does not belong, what is left over.

use std::collections::{HashMap, HashSet};
use std::io;
use std::ops::ControlFlow;

use restow_core::time::UnixTime;

use super::codec::RawRecords;
use super::damage::{Damage, DamageKind, Gone};
use super::error::BackupError;
use super::frame::{FrameDecoder, PackReader};
use super::ids::{GenerationId, ManifestFile, PackId, SETS, SetId, is_temporary, manifest_file, pack_file};
use super::location::Location;
use super::manifest::{Frame, Manifest, PackEntry};
use super::readme::TEXTS;
use super::record::{Record, TYPE_CONTENTS};
use super::set::{BackupSet, GenerationState, Loaded, load};
use super::storage::{EntryKind, Storage};

/// How many licenses that are gone a report names.
const NAMED: usize = 100_000;

/// How far [`verify_location`] looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Every byte of every file is as it was written.
    Bytes,
    /// As well, every frame decompresses and every record is well-formed.
    Records,
}

/// What [`verify_location`] found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Each set.
    pub sets: Vec<SetReport>,
    /// What is missing or damaged.
    pub damage: Vec<Damage>,
    /// Paths below `Restow/` that do not belong there.
    pub foreign: Vec<String>,
    /// Paths of what an interrupted backup left, which a later one removes.
    pub leftovers: Vec<String>,
    /// Bytes that were looked at.
    pub bytes: u64,
}

impl Report {
    /// Whether everything that was backed up can be read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.damage.iter().any(|damage| damage.what.is_loss())
    }

    /// Whether there is nothing to report at all, but leftovers.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.damage.is_empty() && self.foreign.is_empty()
    }
}

/// One set.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SetReport {
    /// Its ID.
    pub id: SetId,
    /// Its generations, newest first.
    pub generations: Vec<GenerationReport>,
    /// Packs that were looked at.
    pub packs: usize,
    /// Frames that were looked at.
    pub frames: u64,
}

/// One generation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GenerationReport {
    /// Its name.
    pub id: GenerationId,
    /// Whether it is a head.
    pub is_head: bool,
    /// Whether it was written by a newer Restow, and could not be looked into.
    pub is_newer: bool,
    /// When it was made, where that can be read.
    pub created: Option<UnixTime>,
    /// Records of type 1 in its packs, where that can be read.
    pub licenses: Option<u64>,
    /// Whether its manifest and all packs it lists are whole.
    pub is_whole: bool,
}

/// Looks at every byte of every file below `Restow/` but for the two texts. `progress` is told how many bytes are done,
/// and of how many, and can end it.
///
/// # Errors
/// When a folder cannot be read, or [`BackupError::Cancelled`].
pub fn verify_location(
    location: &Location,
    depth: Depth,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Report, BackupError> {
    let storage = location.storage().as_ref();
    let mut report = Report::default();
    let mut sets = Vec::new();
    for id in location.sets()? {
        sets.push(location.set(id)?);
    }
    let total = look_at_names(storage, &sets, &mut report)?;
    let decoder = FrameDecoder::new().map_err(|error| BackupError::read(location.path(), error))?;
    let mut verify = Verify { storage, depth, decoder, progress, total, unnamed: NAMED, report };
    for set in &sets {
        verify.set(set)?;
    }
    Ok(verify.report)
}

/// Sorts all names below `Restow/`; the bytes of what will be read.
fn look_at_names(storage: &dyn Storage, sets: &[BackupSet], report: &mut Report) -> Result<u64, BackupError> {
    let mut total = 0_u64;
    let mut folder = |path: &str, belongs: &mut dyn FnMut(&str, EntryKind) -> Name| {
        let listed = match storage.list(path) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(BackupError::read(storage.display(path), error)),
        };
        for entry in listed {
            let full = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
            match belongs(&entry.name, entry.kind) {
                Name::Listed => total = total.saturating_add(entry.len),
                Name::Other => {}
                Name::Leftover => report.leftovers.push(full),
                Name::Foreign => report.foreign.push(full),
            }
        }
        Ok(())
    };
    let temporary = |name: &str, kind| {
        if is_temporary(name) && kind == EntryKind::File { Name::Leftover } else { Name::Foreign }
    };
    folder("", &mut |name, kind| match kind {
        EntryKind::Folder if name == SETS => Name::Other,
        EntryKind::File if TEXTS.iter().any(|(text, _)| *text == name) => Name::Other,
        _ => temporary(name, kind),
    })?;
    folder(SETS, &mut |name, kind| match kind {
        EntryKind::Folder if name.parse::<SetId>().is_ok() => Name::Other,
        _ => Name::Foreign,
    })?;
    for set in sets {
        let id = set.id();
        folder(&id.folder(), &mut |name, kind| match kind {
            EntryKind::Folder if matches!(name, "packs" | "generations") => Name::Other,
            _ => Name::Foreign,
        })?;
        folder(&id.generations(), &mut |name, kind| match kind {
            EntryKind::File if manifest_file(name).is_some() => Name::Listed,
            _ => temporary(name, kind),
        })?;
        let listed: HashSet<PackId> =
            set.readable().flat_map(|(_, facts)| facts.packs.iter().map(|pack| pack.id)).collect();
        // Packs of generations that cannot be read are no leftovers.
        let all_known = set.readable().count() == set.generations().len();
        folder(&id.packs(), &mut |name, kind| match pack_file(name) {
            Some(pack) if kind == EntryKind::File && listed.contains(&pack) => Name::Listed,
            Some(_) if kind == EntryKind::File => {
                if all_known {
                    Name::Leftover
                } else {
                    Name::Other
                }
            }
            _ => temporary(name, kind),
        })?;
    }
    report.foreign.sort_unstable();
    report.leftovers.sort_unstable();
    Ok(total)
}

enum Name {
    Listed,
    Other,
    Leftover,
    Foreign,
}

struct Verify<'a> {
    storage: &'a dyn Storage,
    depth: Depth,
    decoder: FrameDecoder,
    progress: &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    total: u64,
    /// How many more licenses that are gone may be named.
    unnamed: usize,
    report: Report,
}

impl Verify<'_> {
    fn done(&mut self, bytes: u64) -> Result<(), BackupError> {
        self.report.bytes = self.report.bytes.saturating_add(bytes);
        match (self.progress)(self.report.bytes, self.total.max(self.report.bytes)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(BackupError::Cancelled),
        }
    }

    fn set(&mut self, set: &BackupSet) -> Result<(), BackupError> {
        let heads = set.heads();
        let mut packs: HashMap<PackId, bool> = HashMap::new();
        let mut frames = 0_u64;
        let mut generations = Vec::new();
        for generation in set.generations() {
            let mut seen = GenerationReport {
                id: generation.id,
                is_head: heads.contains(&generation.id),
                is_newer: matches!(generation.state, GenerationState::Newer { .. }),
                created: None,
                licenses: None,
                is_whole: false,
            };
            if let Some(manifest) = self.manifests(set.id(), generation.id)? {
                seen.created = Some(manifest.created);
                seen.licenses = Some(manifest.packs.iter().map(|pack| pack.licenses).sum());
                seen.is_whole = true;
                for pack in &manifest.packs {
                    let whole = match packs.get(&pack.id) {
                        Some(whole) => *whole,
                        None => {
                            frames = frames.saturating_add(pack.frames.len() as u64);
                            self.pack(set.id(), generation.id, pack)?
                        }
                    };
                    packs.insert(pack.id, whole);
                    seen.is_whole &= whole;
                }
            }
            generations.push(seen);
        }
        self.report.sets.push(SetReport { id: set.id(), generations, packs: packs.len(), frames });
        Ok(())
    }

    /// Reads manifest and copy, whatever the other is like.
    fn manifests(&mut self, set: SetId, id: GenerationId) -> Result<Option<Manifest>, BackupError> {
        for path in [set.manifest(&id), set.copy(&id)] {
            let len = self.storage.entry(&path).map_or(0, |entry| entry.len);
            self.done(len)?;
        }
        let manifest = load(self.storage, set, id, ManifestFile::Manifest);
        let copy = load(self.storage, set, id, ManifestFile::Copy);
        let (what, manifest) = match (manifest, copy) {
            (Loaded::Good(manifest, _), Loaded::Good(..)) => (None, Some(manifest)),
            (Loaded::Good(manifest, _), Loaded::Missing) => (Some(DamageKind::CopyMissing), Some(manifest)),
            (Loaded::Good(manifest, _), Loaded::Damaged(why)) => (Some(DamageKind::Copy(why)), Some(manifest)),
            (Loaded::Missing, Loaded::Good(manifest, _)) => (Some(DamageKind::ManifestMissing), Some(manifest)),
            (Loaded::Damaged(why), Loaded::Good(manifest, _)) => (Some(DamageKind::Manifest(why)), Some(manifest)),
            (Loaded::Newer { .. }, _) | (_, Loaded::Newer { .. }) => (None, None),
            (Loaded::Damaged(why), _) => (Some(DamageKind::Generation(why)), None),
            (Loaded::Missing, Loaded::Damaged(why)) => (Some(DamageKind::Generation(why)), None),
            (Loaded::Missing, Loaded::Missing) => (Some(DamageKind::Generation("it is gone".to_owned())), None),
        };
        if let Some(what) = what {
            self.report.damage.push(Damage::of(set, id, what));
        }
        Ok(manifest.map(|manifest| *manifest))
    }

    /// Reads a pack to its end; whether it is whole.
    fn pack(&mut self, set: SetId, generation: GenerationId, pack: &PackEntry) -> Result<bool, BackupError> {
        let before = self.report.damage.len();
        let found = |frame, what| {
            let pack = Some(pack.id);
            Damage { pack, frame, ..Damage::of(set, generation, what) }
        };
        let mut reader = match PackReader::open(self.storage, set, pack) {
            Ok((reader, length)) => {
                self.report.damage.extend(length.map(|what| found(None, what)));
                reader
            }
            Err(what) => {
                let lost = Damage { licenses_lost: Some(pack.licenses), ..found(None, what) };
                self.report.damage.push(lost);
                return Ok(false);
            }
        };
        let mut licenses = 0_u64;
        let mut gone = Gone::naming(self.unnamed);
        while let Some((index, frame, stored)) = reader.next() {
            let checked = match (stored, self.depth) {
                (Err(what), _) => Err(what),
                (Ok(_), Depth::Bytes) => Ok(0),
                (Ok(stored), Depth::Records) => look_into(&mut self.decoder, frame, stored, &mut gone),
            };
            match checked {
                Ok(in_frame) => licenses = licenses.saturating_add(in_frame),
                Err(what) => {
                    gone.frame(index);
                    self.report.damage.push(found(Some(index), what));
                }
            }
            self.done(frame.stored.into())?;
        }
        let expected = pack.licenses;
        let clean = self.report.damage.len() == before;
        if self.depth == Depth::Records {
            if clean && licenses != expected {
                self.report.damage.push(found(None, DamageKind::Count { expected, found: licenses }));
            }
            if let Some(last) = self.report.damage.get_mut(before..).and_then(<[Damage]>::last_mut) {
                let lost = expected.saturating_sub(licenses);
                last.licenses_lost = Some(lost);
                last.lost = gone.into_lost(lost);
                self.unnamed = self.unnamed.saturating_sub(last.lost.len());
            }
        }
        Ok(self.report.damage.len() == before)
    }
}

/// Decompresses and decodes a frame; the number of licenses in it.
fn look_into(decoder: &mut FrameDecoder, frame: &Frame, stored: &[u8], gone: &mut Gone) -> Result<u64, DamageKind> {
    let mut licenses = 0_u64;
    for record in RawRecords(decoder.decode(frame, stored)?) {
        let record = record.map_err(DamageKind::Record)?;
        if record.record_type == TYPE_CONTENTS {
            gone.contents(record.body).map_err(DamageKind::Record)?;
        } else if let Record::License(_) =
            Record::decode(record.record_type, record.body).map_err(DamageKind::Record)?
        {
            licenses = licenses.saturating_add(1);
        }
    }
    Ok(licenses)
}
