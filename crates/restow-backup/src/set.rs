//! The set of one computer: its generations and their history (docs/backup-format.md §2).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use restow_core::time::UnixTime;

use super::damage::{Damage, DamageKind};
use super::error::BackupError;
use super::ids::{Digest, GenerationId, ManifestFile, PackId, SetId, parse_manifest_name, parse_pack_name};
use super::manifest::{MAX_MANIFEST_LEN, Manifest, ManifestError, PackRole};
use super::storage::{EntryKind, Storage, list_or_empty, read_file};

/// Maximum number of generations in a set (§7).
pub(crate) const MAX_GENERATIONS: usize = 10_000;

/// Set of one computer, as loaded at one time.
#[derive(Clone, Debug)]
pub struct BackupSet {
    pub(crate) storage: Arc<dyn Storage>,
    id: SetId,
    generations: Vec<Generation>,
    /// Existing packs and their lengths in bytes.
    pub(crate) packs: HashMap<PackId, u64>,
}

/// Generation of a set, readable or not.
#[derive(Clone, Debug)]
pub struct Generation {
    /// ID of the generation.
    pub id: GenerationId,
    /// State of its manifest.
    pub state: GenerationState,
    /// Damage of one of the two manifest files while the other is used.
    pub redundancy_damage: Option<DamageKind>,
}

/// State of a generation, determined from its manifest and the copy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GenerationState {
    /// The manifest or its copy is verified.
    Readable(Arc<GenerationFacts>),
    /// Neither file can be used. If both are damaged, the error is that of the manifest.
    Unreadable(ManifestError),
}

/// Contents of a verified manifest, without the frames.
#[derive(Clone, Debug)]
pub struct GenerationFacts {
    /// SHA-256 of the manifest file.
    pub sha256: Digest,
    /// SHA-256 of each manifest that this one continues.
    pub previous: Vec<Digest>,
    /// Creation time by the clock of the computer.
    pub created: UnixTime,
    /// Name of the computer, chosen by its owner.
    pub computer_name: String,
    /// Packs in reading order.
    pub packs: Vec<PackFacts>,
    /// Lost packs, as in [`Manifest::lost`].
    pub lost: Vec<PackId>,
}

/// Manifest entry of a pack, without the frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PackFacts {
    /// ID of the pack.
    pub id: PackId,
    /// Purpose of the pack.
    pub role: PackRole,
    /// Length of the file in bytes.
    pub len: u64,
    /// Number of records of type 1.
    pub licenses: u64,
}

impl GenerationState {
    /// Returns true if a newer Restow wrote the generation or the set is encrypted.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self, Self::Unreadable(error) if error.is_newer())
    }
}

impl Generation {
    /// Returns the contents of its manifest, or `None` if the generation is unreadable.
    #[must_use]
    pub fn facts(&self) -> Option<&GenerationFacts> {
        match &self.state {
            GenerationState::Readable(facts) => Some(facts),
            GenerationState::Unreadable(_) => None,
        }
    }
}

impl GenerationFacts {
    fn new(manifest: &Manifest, sha256: Digest) -> Self {
        let pack = |pack: &super::manifest::PackEntry| PackFacts {
            id: pack.id,
            role: pack.role,
            len: pack.len(),
            licenses: pack.licenses,
        };
        Self {
            sha256,
            previous: manifest.previous.clone(),
            created: manifest.created,
            computer_name: manifest.computer_name.clone(),
            packs: manifest.packs.iter().map(pack).collect(),
            lost: manifest.lost.clone(),
        }
    }
}

/// Reads and verifies one of the two manifest files of a generation. Returns `None` if the file does not exist.
pub(crate) fn load_manifest(
    storage: &dyn Storage,
    set: SetId,
    id: GenerationId,
    file: ManifestFile,
) -> Result<Option<(Manifest, Digest)>, ManifestError> {
    let path = match file {
        ManifestFile::Manifest => set.manifest_path(&id),
        ManifestFile::Copy => set.copy_path(&id),
    };
    let bytes = match read_file(storage, &path, MAX_MANIFEST_LEN) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ManifestError::Damaged(error.to_string())),
    };
    Ok(Some((Manifest::verify(&bytes, set, id)?, Digest::sha256(&bytes))))
}

impl BackupSet {
    /// Loads a set. A folder that does not exist is an empty set.
    pub(crate) fn load(storage: Arc<dyn Storage>, id: SetId) -> Result<Self, BackupError> {
        let folder = id.generations_path();
        let listed = list_or_empty(storage.as_ref(), &folder)?;
        let mut files_by_id: BTreeMap<GenerationId, (bool, bool)> = BTreeMap::new();
        for (generation, file) in listed.iter().filter_map(|entry| parse_manifest_name(&entry.name)) {
            let files = files_by_id.entry(generation).or_default();
            match file {
                ManifestFile::Manifest => files.0 = true,
                ManifestFile::Copy => files.1 = true,
            }
        }
        if files_by_id.len() > MAX_GENERATIONS {
            return Err(BackupError::LimitExceeded {
                path: storage.display(&folder),
                limit: "more than 10,000 generations",
            });
        }
        let packs = list_packs(storage.as_ref(), id)?;
        let mut generations = Vec::with_capacity(files_by_id.len());
        for (generation, (has_manifest, has_copy)) in files_by_id.into_iter().rev() {
            generations.push(load_generation(storage.as_ref(), id, generation, has_manifest, has_copy));
        }
        Ok(Self { storage, id, generations, packs })
    }

    /// Returns the ID of the set.
    #[must_use]
    pub const fn id(&self) -> SetId {
        self.id
    }

    /// Returns all generations, newest first.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// Returns the readable generations, newest first.
    pub fn readable(&self) -> impl Iterator<Item = (GenerationId, &GenerationFacts)> {
        self.generations.iter().filter_map(|generation| Some((generation.id, generation.facts()?)))
    }

    /// Returns the packs that the readable generations list.
    pub(crate) fn listed_packs(&self) -> HashSet<PackId> {
        self.readable().flat_map(|(_, facts)| &facts.packs).map(|pack| pack.id).collect()
    }

    /// Returns the readable generations that no other readable one continues, newest first (§2.3).
    #[must_use]
    pub fn heads(&self) -> Vec<GenerationId> {
        let continued: HashSet<Digest> =
            self.readable().flat_map(|(_, facts)| facts.previous.iter().copied()).collect();
        self.readable().filter(|(_, facts)| !continued.contains(&facts.sha256)).map(|(id, _)| id).collect()
    }

    /// Returns the SHA-256 of the given manifests and of all their ancestors. Ancestors of a removed manifest
    /// are unknown.
    #[must_use]
    pub fn history(&self, generations: &[GenerationId]) -> HashSet<Digest> {
        let by_digest: HashMap<Digest, &GenerationFacts> =
            self.readable().map(|(_, facts)| (facts.sha256, facts)).collect();
        let start = self.readable().filter(|(id, _)| generations.contains(id));
        let mut waiting: Vec<Digest> = start.map(|(_, facts)| facts.sha256).collect();
        let mut history = HashSet::new();
        while let Some(next) = waiting.pop() {
            if history.insert(next)
                && let Some(facts) = by_digest.get(&next)
            {
                waiting.extend(&facts.previous);
            }
        }
        history
    }

    /// Returns true if every pack of a generation exists with its full length, apart from lost packs. The
    /// contents are not verified.
    #[must_use]
    pub fn is_present(&self, facts: &GenerationFacts) -> bool {
        facts.packs.iter().all(|pack| self.packs.get(&pack.id) == Some(&pack.len) || facts.lost.contains(&pack.id))
    }

    /// Reads and verifies the manifest of a generation.
    ///
    /// # Errors
    /// [`BackupError::NoSuchGeneration`] if neither the manifest nor its copy is readable.
    pub fn manifest(&self, id: GenerationId) -> Result<Manifest, BackupError> {
        for file in [ManifestFile::Manifest, ManifestFile::Copy] {
            if let Ok(Some((manifest, _))) = load_manifest(self.storage.as_ref(), self.id, id, file) {
                return Ok(manifest);
            }
        }
        Err(self.no_such_generation(id.number))
    }

    /// Returns the error for a number that no readable generation has.
    pub(crate) fn no_such_generation(&self, number: u64) -> BackupError {
        let numbers: BTreeSet<u64> = self.readable().map(|(id, _)| id.number).collect();
        BackupError::NoSuchGeneration { set: self.id, number, readable: number_ranges(&numbers) }
    }

    /// Returns the damage of manifests and their copies.
    #[must_use]
    pub fn damage(&self) -> Vec<Damage> {
        let damage_of = |generation: &Generation| {
            let kind = match &generation.state {
                GenerationState::Unreadable(ManifestError::Damaged(reason)) => {
                    Some(DamageKind::Generation(reason.clone()))
                }
                _ => generation.redundancy_damage.clone(),
            };
            kind.map(|kind| Damage::new(self.id, generation.id, kind))
        };
        self.generations.iter().filter_map(damage_of).collect()
    }

    /// Returns an error if a newer Restow wrote one of the generations.
    pub(crate) fn newer_format_error(&self) -> Option<BackupError> {
        self.generations.iter().find_map(|generation| match generation.state {
            GenerationState::Unreadable(ManifestError::Newer { reader, flags }) => {
                Some(BackupError::NewerFormat { path: self.manifest_path(generation.id), reader, flags })
            }
            _ => None,
        })
    }

    /// Returns the generations with a damaged manifest and a damaged copy.
    pub fn damaged_generations(&self) -> impl Iterator<Item = GenerationId> {
        let damaged = |generation: &&Generation| {
            matches!(generation.state, GenerationState::Unreadable(ManifestError::Damaged(_)))
        };
        self.generations.iter().filter(damaged).map(|generation| generation.id)
    }

    pub(crate) fn manifest_path(&self, id: GenerationId) -> PathBuf {
        self.storage.display(&self.id.manifest_path(&id))
    }
}

fn load_generation(
    storage: &dyn Storage,
    set: SetId,
    id: GenerationId,
    has_manifest: bool,
    has_copy: bool,
) -> Generation {
    let readable = |(manifest, sha256): (Manifest, Digest)| {
        GenerationState::Readable(Arc::new(GenerationFacts::new(&manifest, sha256)))
    };
    let manifest = if has_manifest { load_manifest(storage, set, id, ManifestFile::Manifest) } else { Ok(None) };
    let (redundancy_damage, reason) = match manifest {
        Ok(Some(manifest)) => {
            let redundancy_damage = (!has_copy).then_some(DamageKind::CopyMissing);
            return Generation { id, state: readable(manifest), redundancy_damage };
        }
        Err(error @ ManifestError::Newer { .. }) => {
            return Generation { id, state: GenerationState::Unreadable(error), redundancy_damage: None };
        }
        Err(ManifestError::Damaged(reason)) => (DamageKind::Manifest(reason.clone()), reason),
        Ok(None) => (DamageKind::ManifestMissing, "it is missing".to_owned()),
    };
    let (state, redundancy_damage) = match load_manifest(storage, set, id, ManifestFile::Copy) {
        Ok(Some(copy)) => (readable(copy), Some(redundancy_damage)),
        Err(error @ ManifestError::Newer { .. }) => (GenerationState::Unreadable(error), Some(redundancy_damage)),
        Err(ManifestError::Damaged(_)) | Ok(None) => {
            (GenerationState::Unreadable(ManifestError::Damaged(reason)), None)
        }
    };
    Generation { id, state, redundancy_damage }
}

/// Returns the existing packs and their lengths in bytes.
fn list_packs(storage: &dyn Storage, set: SetId) -> Result<HashMap<PackId, u64>, BackupError> {
    let listed = list_or_empty(storage, &set.packs_path())?;
    let files = listed.iter().filter(|entry| entry.kind == EntryKind::File);
    Ok(files.filter_map(|entry| Some((parse_pack_name(&entry.name)?, entry.len))).collect())
}
/// Formats numbers as ranges, such as `1–3, 7`.
fn number_ranges(numbers: &BTreeSet<u64>) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(*number) => *end = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let texts = ranges.iter().map(|(start, end)| match start == end {
        true => start.to_string(),
        false => format!("{start}–{end}"),
    });
    if ranges.is_empty() { "–".to_owned() } else { texts.collect::<Vec<_>>().join(", ") }
}
