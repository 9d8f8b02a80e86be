//! Writing a generation: staged, synced, named, and committed by one rename (backup-format.md §2.4).

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write as _};
use std::sync::Arc;

use restow_core::files::Existing;
use restow_core::keys::{SecretKey, Seed};
use restow_core::license::Kind;
use restow_core::time::UnixTime;

use super::codec::RawRecords;
use super::continuation::{SetFolders, continue_heads};
use super::damage::Damage;
use super::error::BackupError;
use super::frame::{FrameDecoder, PackReader, is_pack_intact};
use super::ids::{Digest, GenerationId, MAX_GENERATION_NUMBER, PackId, SETS, SetId};
use super::location::{Location, MAX_SETS};
use super::manifest::{FORMAT_VERSION, ForgottenDocument, IssuerEntry, Manifest, PackEntry, PackRole};
use super::pack_writer::{FULL_PACK_LEN, PackWriter};
use super::prune::{self, PruneResult};
use super::record::Record;
use super::set::{BackupSet, Generation, MAX_GENERATIONS};
use super::storage::{EntryKind, StagedFile, Storage};

/// How many whole generations are kept unless the user says otherwise.
pub const DEFAULT_KEEP: u32 = 10;
const MIN_KEEP: u32 = 2;
/// Beyond how many packs that are not full a writer compacts (§2).
const MAX_SMALL_PACKS: usize = 32;

/// What a new generation continues.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ParentState {
    /// The heads, in the order of merging. More than one when copies of a home wrote the same set.
    pub heads: Vec<(GenerationId, Manifest)>,
    /// Whether a generation that adds only what is new is enough. It is not when a listed pack is missing or short, or
    /// a newer generation than the heads cannot be read: then everything the store has must be pushed
    /// ([`ManifestFacts::full`]).
    pub complete: bool,
    /// Listed packs that are missing or not of their whole length, and what is wrong with manifests.
    pub damage: Vec<Damage>,
    pub(super) history: HashSet<Digest>,
    pub(super) previous: Vec<Digest>,
}

impl ParentState {
    /// Whether the new generation continues the one whose manifest has this SHA-256, so that what was pushed to that
    /// need not be pushed again.
    #[must_use]
    pub fn continues(&self, manifest: &Digest) -> bool {
        self.history.contains(manifest)
    }
}

/// What the caller says in the manifest.
#[derive(Debug, Default)]
pub struct ManifestFacts {
    /// By the computer's clock.
    pub created: UnixTime,
    /// The name its owner chose.
    pub computer_name: String,
    /// Writer and version.
    pub software: String,
    /// One entry for each issuer and holder of a listed license, those of [`ParentState::heads`] included (§4).
    pub issuers: Vec<IssuerEntry>,
    /// Fresh in each generation (§5).
    pub restore_seed: Option<Seed>,
    /// Those of [`ParentState::heads`] that still hold, and new ones (§2.5).
    pub forgotten: Vec<ForgottenDocument>,
    /// Whether everything the store has was pushed, not only what is new.
    pub full: bool,
}

/// A generation that was committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct CommittedGeneration {
    /// Its name.
    pub id: GenerationId,
    /// SHA-256 of its manifest.
    pub manifest_sha256: Digest,
    /// Records of type 1 in all its packs.
    pub licenses: u64,
    /// The packs it lists.
    pub packs: usize,
    /// Bytes of the packs that were written.
    pub bytes_written: u64,
    /// Damaged packs, manifests and copies that are whole again.
    pub repaired: usize,
    /// Old generations that went.
    pub removed: Vec<GenerationId>,
    /// What went wrong after the commit; the generation stands all the same.
    pub warnings: Vec<BackupError>,
}

/// A generation being written. Dropped before it is committed, it takes away all it wrote.
#[derive(Debug)]
pub struct SetWriter {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) set: SetId,
    key: SecretKey,
    keep: u32,
    number: u64,
    parent: Option<ParentState>,
    pub(super) carried_packs: Vec<PackEntry>,
    missing_packs: HashSet<PackId>,
    pub(super) pack_writer: PackWriter,
    pub(super) forgetting: bool,
    committed: bool,
    // Last, so that the folders go when they are empty again.
    folders: SetFolders,
}

impl std::fmt::Debug for PackWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackWriter")
    }
}

impl SetWriter {
    /// Looks at the set of this key and begins its next generation. `keep` is how many whole generations stay, at
    /// least 2.
    ///
    /// # Errors
    /// When the location cannot be used, or a manifest of the set was written by a newer Restow.
    pub fn begin(location: &Location, set_key: &SecretKey, keep: u32) -> Result<Self, BackupError> {
        let storage = Arc::clone(location.storage());
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
        let listed = existing.readable().flat_map(|(_, facts)| facts.packs.iter().map(|pack| pack.id)).collect();
        let (parent, carried_packs, missing_packs) = continue_heads(&existing)?;
        let pack_writer = PackWriter::start(Arc::clone(&storage), set, listed)?;
        let keep = keep.max(MIN_KEEP);
        let key = set_key.clone();
        let (forgetting, committed) = (false, false);
        Ok(Self {
            storage,
            set,
            key,
            keep,
            number,
            parent,
            carried_packs,
            missing_packs,
            pack_writer,
            forgetting,
            committed,
            folders,
        })
    }

    /// The set.
    #[must_use]
    pub const fn set(&self) -> SetId {
        self.set
    }

    /// The number the generation will have.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Takes a number above one that was given before, by a generation that is not there any more.
    ///
    /// # Errors
    /// When there is none.
    pub fn reserve_number_above(&mut self, number: u64) -> Result<(), BackupError> {
        self.number = self.number.max(number.saturating_add(1));
        if self.number > MAX_GENERATION_NUMBER {
            let path = self.storage.display(&self.set.generations_path());
            return Err(BackupError::LimitExceeded { path, limit: "a generation of the last possible number" });
        }
        Ok(())
    }

    /// What it continues; `None` in a set without a readable generation.
    #[must_use]
    pub const fn parent(&self) -> Option<&ParentState> {
        self.parent.as_ref()
    }

    /// Whether there are so many small packs that this generation should be compacted: then call
    /// [`compact`](Self::compact) first and push everything the store has.
    #[must_use]
    pub fn needs_compaction(&self) -> bool {
        let lost = self.lost_packs_of_heads();
        let is_intact = |pack: &PackEntry| !self.missing_packs.contains(&pack.id) && !lost.contains(&pack.id);
        let is_small = |pack: &&PackEntry| pack.len() < FULL_PACK_LEN / 2 && is_intact(pack);
        self.carried_packs.iter().filter(is_small).count() > MAX_SMALL_PACKS
    }

    /// Reads all carried-over packs; `false` when one of them is damaged that the heads do not call lost. Then
    /// everything the store has must be pushed ([`ManifestFacts::full`]), and this generation calls it lost.
    ///
    /// # Errors
    /// [`BackupError::Cancelled`].
    pub fn check_carried(&mut self, cancel: &dyn Fn() -> bool) -> Result<bool, BackupError> {
        let head_lost = self.lost_packs_of_heads();
        let mut all_reported = true;
        for pack in &self.carried_packs {
            if !is_pack_intact(self.storage.as_ref(), self.set, pack, cancel)? {
                all_reported &= head_lost.contains(&pack.id);
                self.missing_packs.insert(pack.id);
            }
        }
        Ok(all_reported)
    }

    /// What the heads call lost.
    fn lost_packs_of_heads(&self) -> HashSet<PackId> {
        let heads = self.parent.iter().flat_map(|base| &base.heads);
        heads.flat_map(|(_, head)| &head.lost).copied().collect()
    }

    /// Adds a record to what is backed up. Sealed epoch keys are written twice, in different frames, by this.
    ///
    /// # Errors
    /// [`BackupError::Record`] when it breaks a limit: then it is left out, and others can still be pushed. Any other
    /// error ends the run.
    pub fn push(&mut self, record: &Record) -> Result<(), BackupError> {
        self.pack_writer.push(PackRole::Licenses, record)
    }

    /// Adds a record to the inventory of what is not in the set.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_inventory(&mut self, record: &Record) -> Result<(), BackupError> {
        self.pack_writer.push(PackRole::Inventory, record)
    }

    /// Commits the generation, and then tidies up: §2.4 steps 1 to 4.
    ///
    /// # Errors
    /// Before the manifest has its name: what went wrong, or [`BackupError::Cancelled`], and everything is as it was.
    /// After it, nothing: see [`CommittedGeneration::warnings`].
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
        let mut warnings = Vec::new();
        let copy = self.commit_manifest(&file, &self.set.manifest_path(&id), cancel, &mut warnings)?;
        self.committed = true;
        let PruneResult { removed, repaired } = prune::after_commit(
            &self.storage,
            &prune::CommitContext {
                set: self.set,
                id,
                sha256,
                manifest: &manifest,
                keep: self.keep,
                forgetting: self.forgetting,
            },
            copy,
            &mut warnings,
        );
        let new = self.pack_writer.written.iter().filter(|written| written.created || written.repaired);
        Ok(CommittedGeneration {
            id,
            manifest_sha256: sha256,
            licenses: manifest.licenses(),
            packs: manifest.packs.len(),
            bytes_written: new.map(|written| written.pack.len()).sum(),
            repaired: repaired
                .saturating_add(self.pack_writer.written.iter().filter(|written| written.repaired).count()),
            removed,
            warnings,
        })
    }

    /// The commit itself: an error means that the manifest does not have its name. The copy is written before, so that
    /// there is room for it; what is returned only needs its name.
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
        if let Err(error) = staged.finish(path, Existing::Refuse) {
            // The name is the content's digest: if it is there, in whole length, it is this file, however it came.
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
        // What was written again in the same bytes counts as written current.
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
            previous: self.previous(),
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

    fn previous(&self) -> Vec<Digest> {
        self.parent.iter().flat_map(|base| &base.previous).copied().collect()
    }

    /// Licenses in all packs, by kind, and missing ones.
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
            // The usual case: one head, all of which is carried_packs over.
            Some([(_, head)]) if head.packs.iter().filter(|pack| pack.role == PackRole::Licenses).eq(old) => {
                let kinds = head.counts.iter().filter(|(name, _)| !matches!(name.as_str(), "licenses" | "missing"));
                kinds.for_each(|(name, n)| add(name.clone(), *n));
            }
            _ => {
                for pack in old {
                    self.count_kinds(pack, cancel, &mut |kind| add(kind_name(kind), 1))?;
                }
            }
        }
        Ok(counts)
    }

    fn count_kinds(
        &self,
        pack: &PackEntry,
        cancel: &dyn Fn() -> bool,
        count: &mut dyn FnMut(u8),
    ) -> Result<(), BackupError> {
        let (Ok((mut reader, _)), Ok(mut decoder)) =
            (PackReader::open(self.storage.as_ref(), self.set, pack), FrameDecoder::new())
        else {
            return Ok(());
        };
        while let Some((_, frame, stored)) = reader.next() {
            if cancel() {
                return Err(BackupError::Cancelled);
            }
            if let Ok(raw) = stored.and_then(|stored| decoder.decode(frame, stored)) {
                RawRecords(raw).flatten().filter_map(|record| record.license_kind()).for_each(&mut *count);
            }
        }
        Ok(())
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
        // A copy of this home may have committed the same packs meanwhile: what anybody lists stays, and where that
        // cannot be known, everything does; a later backup removes it.
        let Ok(current) = BackupSet::load(Arc::clone(&self.storage), self.set) else { return };
        let is_unknown = |generation: &Generation| generation.facts().is_none() && generation.id.number >= self.number;
        if current.generations().iter().any(is_unknown) {
            return;
        }
        let listed: HashSet<PackId> =
            current.readable().flat_map(|(_, facts)| facts.packs.iter().map(|pack| pack.id)).collect();
        for pack in created.iter().filter(|pack| !listed.contains(pack)) {
            let _ = self.storage.remove(&self.set.pack_path(pack));
        }
    }
}

/// The name in `counts` of a kind of license.
fn kind_name(kind: u8) -> String {
    match (Kind::from_number(kind), kind) {
        (Some(kind), _) => kind.as_str().to_owned(),
        (None, 3) => "wmdrm".to_owned(),
        (None, 4) => "xmr".to_owned(),
        (None, other) => format!("kind-{other}"),
    }
}
