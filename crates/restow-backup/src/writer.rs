//! Writing of a generation. Files are written under temporary names, synced and renamed, and one rename commits
//! (docs/backup-format.md §2.4).

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write as _};
use std::sync::Arc;

use restow_core::files::Overwrite;
use restow_core::keys::{SecretKey, Seed};
use restow_core::license::Kind;
use restow_core::time::UnixTime;

use super::codec::RawRecords;
use super::continuation::{Continuation, ParentState, SetFolders, continue_heads};
use super::error::BackupError;
use super::frame::{each_frame, is_pack_intact};
use super::ids::{Digest, GenerationId, MAX_GENERATION_NUMBER, PackId, SETS, SetId};
use super::location::{Location, MAX_SETS};
use super::manifest::{FORMAT_VERSION, ForgottenDocument, IssuerEntry, Manifest, PackEntry, PackRole};
use super::medium::Medium;
use super::pack_writer::{FULL_PACK_LEN, PackWriter};
use super::prune::{CommittedGeneration, Pruner, ReadBack};
use super::record::Record;
use super::set::{BackupSet, Generation, MAX_GENERATIONS};
use super::storage::{EntryKind, StagedFile, Storage, finish_file};

/// Default number of intact generations to keep.
pub const DEFAULT_KEEP: u32 = 10;
const MIN_KEEP: u32 = 2;
/// Maximum number of small packs before a writer compacts (§2).
const MAX_SMALL_PACKS: usize = 32;

/// Fields of the manifest that the caller supplies.
#[derive(Debug, Default)]
pub struct ManifestFacts {
    /// Creation time by the clock of the computer.
    pub created: UnixTime,
    /// Name of the computer, chosen by its owner.
    pub computer_name: String,
    /// Name and version of the writer.
    pub software: String,
    /// One entry per issuer and holder of a listed license, including those of [`ParentState::heads`] (§4).
    pub issuers: Vec<IssuerEntry>,
    /// Random seed, new for each generation (§5).
    pub restore_seed: Option<Seed>,
    /// Removed documents: new ones, and those of [`ParentState::heads`] that are still removed (§2.5).
    pub forgotten: Vec<ForgottenDocument>,
    /// True if all records of the store were pushed. False if only changes were.
    pub full: bool,
}

/// Writer of one generation. Dropping the writer before [`commit`](Self::commit) removes all its files.
#[derive(Debug)]
pub struct SetWriter {
    medium: Medium,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) set: SetId,
    key: SecretKey,
    keep: u32,
    number: u64,
    parent: Option<ParentState>,
    pub(super) carried_packs: Vec<PackEntry>,
    pub(super) missing_packs: HashSet<PackId>,
    /// Carried-over packs that this run has read and found intact.
    intact_packs: HashSet<PackId>,
    pub(super) pack_writer: PackWriter,
    pub(super) forgetting: bool,
    committed: bool,
    // This field is dropped last, after the packs in the folders are removed.
    folders: SetFolders,
}

impl SetWriter {
    /// Starts the next generation of the set of this key, and creates the folders. At least two intact
    /// generations are kept, even if `keep` is less.
    ///
    /// # Errors
    /// [`BackupError::NewerFormat`] if a newer Restow wrote a manifest of the set,
    /// [`BackupError::LimitExceeded`], or an error of reading or writing the location.
    pub fn begin(location: &Location, set_key: &SecretKey, keep: u32) -> Result<Self, BackupError> {
        let medium = Medium::new(location.storage());
        let storage: Arc<dyn Storage> = Arc::new(medium.clone());
        let set = SetId::from_key(&set_key.public());
        let sets = location.sets()?;
        if sets.len() >= MAX_SETS && !sets.contains(&set) {
            return Err(BackupError::LimitExceeded { path: storage.display(SETS), limit: "10,000 sets" });
        }
        let folders = SetFolders::create(&storage, set)?;
        let existing = BackupSet::load(Arc::clone(&storage), set)?;
        if let Some(newer) = existing.newer_format_error() {
            return Err(newer);
        }
        let limit_error = |limit| BackupError::LimitExceeded { path: storage.display(&set.generations_path()), limit };
        if existing.generations().len() >= MAX_GENERATIONS {
            return Err(limit_error("10,000 generations"));
        }
        let number = existing.generations().first().map_or(1, |newest| newest.id.number.saturating_add(1));
        if number > MAX_GENERATION_NUMBER {
            return Err(limit_error("a generation of the last possible number"));
        }
        let Continuation { parent, carried_packs, missing_packs } = continue_heads(&existing)?;
        let pack_writer = PackWriter::start(Arc::clone(&storage), set, existing.listed_packs())?;
        Ok(Self {
            medium,
            storage,
            set,
            key: set_key.clone(),
            keep: keep.max(MIN_KEEP),
            number,
            parent,
            carried_packs,
            missing_packs,
            intact_packs: HashSet::new(),
            pack_writer,
            forgetting: false,
            committed: false,
            folders,
        })
    }

    /// Returns the ID of the set.
    #[must_use]
    pub const fn set(&self) -> SetId {
        self.set
    }

    /// Returns the number of the new generation.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Selects a number above `number`, which an earlier generation used that no longer exists.
    ///
    /// # Errors
    /// [`BackupError::LimitExceeded`] if no number is left.
    pub fn reserve_number_above(&mut self, number: u64) -> Result<(), BackupError> {
        self.number = self.number.max(number.saturating_add(1));
        if self.number > MAX_GENERATION_NUMBER {
            let path = self.storage.display(&self.set.generations_path());
            return Err(BackupError::LimitExceeded { path, limit: "a generation of the last possible number" });
        }
        Ok(())
    }

    /// Returns the state that the new generation continues, or `None` if the set has no readable generation.
    #[must_use]
    pub const fn parent(&self) -> Option<&ParentState> {
        self.parent.as_ref()
    }

    /// Returns true if the set has too many small packs. Then call [`compact`](Self::compact) first and push
    /// all records of the store.
    #[must_use]
    pub fn needs_compaction(&self) -> bool {
        let lost = self.lost_packs_of_heads();
        let is_intact = |pack: &PackEntry| !self.missing_packs.contains(&pack.id) && !lost.contains(&pack.id);
        let is_small = |pack: &&PackEntry| pack.len() < FULL_PACK_LEN / 2 && is_intact(pack);
        self.carried_packs.iter().filter(is_small).count() > MAX_SMALL_PACKS
    }

    /// Returns the length of all carried-over packs in bytes.
    #[must_use]
    pub fn carried_len(&self) -> u64 {
        self.carried_packs.iter().fold(0, |sum: u64, pack| sum.saturating_add(pack.len()))
    }

    /// Reads all carried-over packs from the medium. Returns false if a pack is damaged that the heads do not list as lost.
    ///
    /// After false, push all records of the store and set [`ManifestFacts::full`]. The new manifest then lists
    /// the pack as lost.
    ///
    /// # Errors
    /// [`BackupError::Cancelled`].
    pub fn check_carried(&mut self, cancel: &dyn Fn() -> bool) -> Result<bool, BackupError> {
        let head_lost = self.lost_packs_of_heads();
        let mut all_reported = true;
        for pack in &self.carried_packs {
            if is_pack_intact(self.storage.as_ref(), self.set, pack, cancel)? {
                self.intact_packs.insert(pack.id);
            } else {
                all_reported &= head_lost.contains(&pack.id);
                self.missing_packs.insert(pack.id);
            }
        }
        Ok(all_reported)
    }

    /// Returns the packs that the heads list as lost.
    pub(super) fn lost_packs_of_heads(&self) -> HashSet<PackId> {
        let heads = self.parent.iter().flat_map(|parent| &parent.heads);
        heads.flat_map(|(_, head)| &head.lost).copied().collect()
    }

    /// Adds a record to the backup. Sealed epoch keys are written twice, in different frames.
    ///
    /// # Errors
    /// [`BackupError::Record`] if the record breaks a limit. The record is skipped, and more records can be
    /// pushed. After any other error, drop the writer.
    pub fn push(&mut self, record: &Record) -> Result<(), BackupError> {
        self.pack_writer.push(PackRole::Licenses, record)
    }

    /// Adds a record to the inventory of licenses that are not in the set.
    ///
    /// # Errors
    /// As for [`push`](Self::push).
    pub fn push_inventory(&mut self, record: &Record) -> Result<(), BackupError> {
        self.pack_writer.push(PackRole::Inventory, record)
    }

    /// Commits the generation, reads it back and removes old files (§2.4, steps 1 to 5).
    ///
    /// # Errors
    /// [`BackupError::Cancelled`], or an error before the rename of the manifest. Then the location is
    /// unchanged. Later errors are in [`CommittedGeneration::warnings`].
    pub fn commit(
        mut self,
        facts: ManifestFacts,
        cancel: &dyn Fn() -> bool,
    ) -> Result<CommittedGeneration, BackupError> {
        self.pack_writer.finish(cancel)?;
        let packs_folder = self.set.packs_path();
        let written_to = |path: &str, error| BackupError::from_write(self.storage.display(path), error);
        self.storage.sync_folder(Some(&packs_folder)).map_err(|error| written_to(&packs_folder, error))?;
        let manifest = self.build_manifest(facts, cancel)?;
        let limit_error = |error: super::manifest::ManifestError| BackupError::Write {
            path: self.storage.display(&self.set.generations_path()),
            source: io::Error::other(error),
        };
        let file = manifest.sign(&self.key).map_err(limit_error)?;
        let sha256 = Digest::sha256(&file);
        let id = GenerationId::new(self.number, &sha256);
        if cancel() {
            return Err(BackupError::Cancelled);
        }
        let mut committed = CommittedGeneration {
            id,
            manifest_sha256: sha256,
            licenses: manifest.licenses(),
            packs: manifest.packs.len(),
            repaired: self.pack_writer.written.iter().filter(|written| written.repaired).count(),
            removed: Vec::new(),
            read_back: ReadBack::default(),
            cannot_sync: false,
            warnings: Vec::new(),
        };
        let copy = self.commit_manifest(&file, &self.set.manifest_path(&id), cancel, &mut committed.warnings)?;
        self.committed = true;
        let mut pruner = Pruner {
            storage: &self.storage,
            set: self.set,
            manifest: &manifest,
            keep: self.keep,
            forgetting: self.forgetting,
            committed: &mut committed,
        };
        let written: HashSet<PackId> = self.pack_writer.written.iter().map(|written| written.pack.id).collect();
        let intact = std::mem::take(&mut self.intact_packs).difference(&written).copied().collect();
        pruner.run(&file, copy, &written, intact);
        committed.cannot_sync = self.medium.cannot_sync();
        Ok(committed)
    }

    /// Commits the manifest: after an error, no file has its name. Returns the copy, which only needs its name.
    ///
    /// The copy is written first, so that the medium has space for both.
    fn commit_manifest(
        &self,
        file: &[u8],
        path: &str,
        cancel: &dyn Fn() -> bool,
        warnings: &mut Vec<BackupError>,
    ) -> Result<Box<dyn StagedFile>, BackupError> {
        let to_error = |error| BackupError::from_write(self.storage.display(path), error);
        let folder = self.set.generations_path();
        let write_staged = || {
            let mut staged = self.storage.create(&folder)?;
            staged.write_all(file)?;
            staged.sync()?;
            Ok(staged)
        };
        let (staged, copy) = (write_staged().map_err(to_error)?, write_staged().map_err(to_error)?);
        if cancel() {
            return Err(BackupError::Cancelled);
        }
        if let Err(error) = finish_file(staged, path, Overwrite::Refuse) {
            // The name is the digest of the content, so an existing file of this length is this manifest.
            match self.storage.entry(path) {
                Ok(entry) if entry.kind == EntryKind::File && entry.len == file.len() as u64 => {
                    warnings.push(to_error(error));
                }
                _ => return Err(to_error(error)),
            }
        }
        if let Err(error) = self.storage.sync_folder(Some(&folder)) {
            warnings.push(BackupError::from_write(self.storage.display(&folder), error));
        }
        Ok(copy)
    }

    fn build_manifest(&mut self, facts: ManifestFacts, cancel: &dyn Fn() -> bool) -> Result<Manifest, BackupError> {
        let mut new: Vec<&PackEntry> = Vec::new();
        for role in [PackRole::Licenses, PackRole::Inventory] {
            for written in self.pack_writer.written.iter().filter(|written| written.pack.role == role) {
                if new.iter().all(|pack| pack.id != written.pack.id) {
                    new.push(&written.pack);
                }
            }
        }
        let names: HashSet<PackId> = new.iter().map(|pack| pack.id).collect();
        // A new pack with the same bytes replaces the carried-over entry.
        let old: Vec<PackEntry> = self.carried_packs.iter().filter(|pack| !names.contains(&pack.id)).cloned().collect();
        let counts = self.count_records(&old, cancel)?;
        let head_lost = self.lost_packs_of_heads();
        let is_lost =
            |pack: &&PackEntry| head_lost.contains(&pack.id) || (facts.full && self.missing_packs.contains(&pack.id));
        let lost = old.iter().filter(is_lost).map(|pack| pack.id).collect();
        Ok(Manifest {
            format: FORMAT_VERSION,
            set: self.set,
            generation: self.number,
            previous: self.parent.iter().flat_map(|parent| &parent.previous).copied().collect(),
            created: facts.created,
            computer_name: facts.computer_name,
            software: facts.software,
            counts,
            packs: old.iter().chain(new).cloned().collect(),
            issuers: facts.issuers,
            restore_seed: facts.restore_seed,
            forgotten: facts.forgotten,
            lost,
        })
    }

    /// Counts the licenses in all packs, also by kind, and the records of the inventory.
    fn count_records(
        &self,
        old: &[PackEntry],
        cancel: &dyn Fn() -> bool,
    ) -> Result<BTreeMap<String, u64>, BackupError> {
        let mut counts = BTreeMap::new();
        let mut add = |name: String, n: u64| {
            let count: &mut u64 = counts.entry(name).or_default();
            *count = count.saturating_add(n);
        };
        let written = self.pack_writer.written.iter().map(|written| &written.pack);
        add("licenses".to_owned(), old.iter().chain(written).map(|pack| pack.licenses).sum());
        add("missing".to_owned(), self.pack_writer.inventory_records);
        for (kind, n) in &self.pack_writer.license_counts {
            add(kind_name(*kind), *n);
        }
        match self.parent.as_ref().map(|parent| parent.heads.as_slice()) {
            // The usual case is one head with all its packs carried over.
            Some([(_, head)]) if head.packs.iter().filter(|pack| pack.role == PackRole::Licenses).eq(old) => {
                let kinds = head.counts.iter().filter(|(name, _)| !matches!(name.as_str(), "licenses" | "missing"));
                kinds.for_each(|(name, n)| add(name.clone(), *n));
            }
            _ => {
                for pack in old {
                    each_frame(self.storage.as_ref(), self.set, pack, cancel, |raw| {
                        let kinds = RawRecords(raw.unwrap_or_default()).flatten();
                        kinds.filter_map(|record| record.license_kind()).for_each(|kind| add(kind_name(kind), 1));
                        Ok(true)
                    })?;
                }
            }
        }
        Ok(counts)
    }
}

impl Drop for SetWriter {
    fn drop(&mut self) {
        if self.committed {
            self.folders.created.clear();
            return;
        }
        self.pack_writer.abort();
        let created: Vec<PackId> =
            self.pack_writer.written.iter().filter(|written| written.created).map(|written| written.pack.id).collect();
        if created.is_empty() {
            return;
        }
        // A copy of this home may have committed the same packs meanwhile. Listed packs stay. If a newer
        // generation is unreadable, all packs stay, and a later backup removes them.
        let Ok(current) = BackupSet::load(Arc::clone(&self.storage), self.set) else { return };
        let is_unknown = |generation: &Generation| generation.facts().is_none() && generation.id.number >= self.number;
        if current.generations().iter().any(is_unknown) {
            return;
        }
        let listed = current.listed_packs();
        for pack in created.iter().filter(|pack| !listed.contains(pack)) {
            let _ = self.storage.remove(&self.set.pack_path(pack));
        }
    }
}

/// Returns the name of a kind of license in `counts`.
fn kind_name(kind: u8) -> String {
    match (Kind::from_number(kind), kind) {
        (Some(kind), _) => kind.as_str().to_owned(),
        (None, 3) => "wmdrm".to_owned(),
        (None, 4) => "xmr".to_owned(),
        (None, other) => format!("kind-{other}"),
    }
}
