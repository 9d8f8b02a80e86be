//! One computer's set: its generations, file of them are heads, and what they continue (backup-format.md §2).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use restow_core::time::UnixTime;

use super::damage::{Damage, DamageKind};
use super::error::BackupError;
use super::ids::{Digest, GenerationId, ManifestFile, PackId, SetId, parse_manifest_name, parse_pack_name};
use super::manifest::{MAX_MANIFEST_LEN, Manifest, ManifestError, PackRole};
use super::storage::{EntryKind, Storage, read_file};

/// The most generations of a set (§7).
pub(crate) const MAX_GENERATIONS: usize = 10_000;

/// One computer's set, as it was when it was looked at.
#[derive(Clone, Debug)]
pub struct BackupSet {
    pub(crate) storage: Arc<dyn Storage>,
    id: SetId,
    generations: Vec<Generation>,
    /// The packs that are there, and their lengths.
    pub(crate) packs: HashMap<PackId, u64>,
}

/// One generation, readable or not.
#[derive(Clone, Debug)]
pub struct Generation {
    /// Its name.
    pub id: GenerationId,
    /// Whether it can be read.
    pub state: GenerationState,
    /// What is wrong with its `.manifest` when the `.copy` stands in, or that it has no copy.
    pub redundancy_damage: Option<DamageKind>,
}

/// Whether a generation can be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GenerationState {
    /// Its manifest, or the copy of it, verifies.
    Readable(Arc<GenerationFacts>),
    /// Neither the manifest nor its copy can be used. The error is that of the manifest where both are damaged.
    Unreadable(ManifestError),
}

/// What a verified manifest says, without its frames.
#[derive(Clone, Debug)]
pub struct GenerationFacts {
    /// SHA-256 of the manifest file.
    pub sha256: Digest,
    /// The manifests it continues.
    pub previous: Vec<Digest>,
    /// By the computer's clock.
    pub created: UnixTime,
    /// The name its owner chose.
    pub computer_name: String,
    /// Writer and version.
    pub software: String,
    /// As in [`Manifest::counts`].
    pub counts: BTreeMap<String, u64>,
    /// Its packs.
    pub packs: Vec<PackFacts>,
    /// As in [`Manifest::lost`].
    pub lost: Vec<PackId>,
}

/// A pack, without its frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PackFacts {
    /// Its name.
    pub id: PackId,
    /// What it is for.
    pub role: PackRole,
    /// The length of its file in bytes.
    pub len: u64,
    /// How many records of type 1 it has.
    pub licenses: u64,
}

impl GenerationState {
    /// Returns true if a newer Restow wrote the generation, or if the generation is encrypted.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self, Self::Unreadable(error) if error.is_newer())
    }
}

impl Generation {
    /// What its manifest says, if it can be read.
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
            software: manifest.software.clone(),
            counts: manifest.counts.clone(),
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
    /// Looks at a set's folder; one that is not there is an empty set.
    pub(crate) fn load(storage: Arc<dyn Storage>, id: SetId) -> Result<Self, BackupError> {
        let folder = id.generations_path();
        let listed = match storage.list(&folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(BackupError::from_read(storage.display(&folder), error)),
        };
        let mut names: BTreeMap<GenerationId, (bool, bool)> = BTreeMap::new();
        for (name, file) in listed.iter().filter_map(|entry| parse_manifest_name(&entry.name)) {
            let files = names.entry(name).or_default();
            match file {
                ManifestFile::Manifest => files.0 = true,
                ManifestFile::Copy => files.1 = true,
            }
        }
        if names.len() > MAX_GENERATIONS {
            return Err(BackupError::LimitExceeded {
                path: storage.display(&folder),
                limit: "more than 10,000 generations",
            });
        }
        let packs = list_packs(storage.as_ref(), id)?;
        let mut generations = Vec::with_capacity(names.len());
        for (name, (has_manifest, has_copy)) in names.into_iter().rev() {
            generations.push(load_generation(storage.as_ref(), id, name, has_manifest, has_copy));
        }
        Ok(Self { storage, id, generations, packs })
    }

    /// Its ID.
    #[must_use]
    pub const fn id(&self) -> SetId {
        self.id
    }

    /// All generations, newest first.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The generations that can be read, newest first.
    pub fn readable(&self) -> impl Iterator<Item = (GenerationId, &GenerationFacts)> {
        self.generations.iter().filter_map(|generation| Some((generation.id, generation.facts()?)))
    }

    /// The readable generations that no other readable one continues, newest first (§2.3).
    #[must_use]
    pub fn heads(&self) -> Vec<GenerationId> {
        let continued: HashSet<Digest> =
            self.readable().flat_map(|(_, facts)| facts.previous.iter().copied()).collect();
        self.readable().filter(|(_, facts)| !continued.contains(&facts.sha256)).map(|(id, _)| id).collect()
    }

    /// Every manifest the given ones continue, directly or not, by its SHA-256; they themselves included. One that is
    /// gone is named, but what it continued is not known any more.
    #[must_use]
    pub fn history(&self, generations: &[GenerationId]) -> HashSet<Digest> {
        let by_digest: HashMap<Digest, &GenerationFacts> =
            self.readable().map(|(_, facts)| (facts.sha256, facts)).collect();
        let start = self.readable().filter(|(id, _)| generations.contains(id));
        let mut waiting: Vec<Digest> = start.map(|(_, facts)| facts.sha256).collect();
        let mut seen = HashSet::new();
        while let Some(next) = waiting.pop() {
            if seen.insert(next)
                && let Some(facts) = by_digest.get(&next)
            {
                waiting.extend(&facts.previous);
            }
        }
        seen
    }

    /// Whether every pack of a generation is there in its whole length, but for those it calls lost. What is in them
    /// is not looked at.
    #[must_use]
    pub fn is_present(&self, facts: &GenerationFacts) -> bool {
        facts.packs.iter().all(|pack| self.packs.get(&pack.id) == Some(&pack.len) || facts.lost.contains(&pack.id))
    }

    /// The whole manifest of a generation, verified again.
    ///
    /// # Errors
    /// When it cannot be read (any more).
    pub fn manifest(&self, id: GenerationId) -> Result<Manifest, BackupError> {
        for file in [ManifestFile::Manifest, ManifestFile::Copy] {
            if let Ok(Some((manifest, _))) = load_manifest(self.storage.as_ref(), self.id, id, file) {
                return Ok(manifest);
            }
        }
        Err(BackupError::NoSuchGeneration { set: self.id, number: id.number })
    }

    /// What is wrong with manifests and copies.
    #[must_use]
    pub fn damage(&self) -> Vec<Damage> {
        let damage_of = |generation: &Generation| {
            let what = match &generation.state {
                GenerationState::Unreadable(ManifestError::Damaged(reason)) => {
                    Some(DamageKind::Generation(reason.clone()))
                }
                _ => generation.redundancy_damage.clone(),
            };
            what.map(|what| Damage::new(self.id, generation.id, what))
        };
        self.generations.iter().filter_map(damage_of).collect()
    }

    /// The first generation, if any, that was written by a newer Restow.
    pub(crate) fn newer_format_error(&self) -> Option<BackupError> {
        self.generations.iter().find_map(|generation| match generation.state {
            GenerationState::Unreadable(ManifestError::Newer { reader, flags }) => {
                Some(BackupError::NewerFormat { path: self.manifest_path(generation.id), reader, flags })
            }
            _ => None,
        })
    }

    /// The generations whose manifest and copy are damaged.
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

/// The packs that are there, and their lengths.
pub(crate) fn list_packs(storage: &dyn Storage, set: SetId) -> Result<HashMap<PackId, u64>, BackupError> {
    let folder = set.packs_path();
    let listed = match storage.list(&folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(BackupError::from_read(storage.display(&folder), error)),
    };
    let files = listed.iter().filter(|entry| entry.kind == EntryKind::File);
    Ok(files.filter_map(|entry| Some((parse_pack_name(&entry.name)?, entry.len))).collect())
}
