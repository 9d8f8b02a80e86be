//! Steps after the commit (docs/backup-format.md §2.4, steps 3 and 4): naming the copy, repairs, and removal of
//! old files.
//!
//! No step makes the backup fail. An error becomes a warning, and a later backup repeats the step.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use restow_core::files::Overwrite;

use super::damage::{Damage, DamageKind};
use super::error::BackupError;
use super::frame::find_pack_damage;
use super::ids::{Digest, GenerationId, PackId, SETS, SetId, is_temporary, parse_pack_name};
use super::manifest::{MAX_MANIFEST_LEN, Manifest, PackEntry};
use super::readme::README_FILES;
use super::set::{BackupSet, Generation};
use super::storage::{EntryKind, FolderEntry, StagedFile, Storage, finish_file, read_file};

/// Minimum age of an unlisted file before removal, by the clock of the location.
const MIN_LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Length up to which a backup reads back the whole set instead of only its own files, in bytes.
pub const READ_BACK_LIMIT: u64 = 64 << 20;

/// Result of [`SetWriter::commit`](super::SetWriter::commit).
#[derive(Debug)]
#[non_exhaustive]
pub struct CommittedGeneration {
    /// ID of the generation.
    pub id: GenerationId,
    /// SHA-256 of its manifest.
    pub manifest_sha256: Digest,
    /// Number of records of type 1 in all its packs.
    pub licenses: u64,
    /// Number of listed packs.
    pub packs: usize,
    /// Number of damaged packs, manifests and copies that were replaced.
    pub repaired: usize,
    /// Old generations that were removed.
    pub removed: Vec<GenerationId>,
    /// Result of reading the generation back from the medium.
    pub read_back: ReadBack,
    /// True if the drive cannot sync, so that a power cut could still destroy the generation.
    pub cannot_sync: bool,
    /// Errors after the commit. They do not affect the new generation.
    pub warnings: Vec<BackupError>,
}

/// Result of reading a committed generation back from the medium, past the cache where the system allows that.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ReadBack {
    /// True if this run has read every byte that the generation lists, apart from lost packs. False beyond
    /// [`READ_BACK_LIMIT`](super::READ_BACK_LIMIT), where only the files of the run are read.
    pub is_whole: bool,
    /// Damage of the generation, apart from lost packs: one entry for each pack.
    pub damage: Vec<Damage>,
}

/// Steps after the commit of a generation.
pub(crate) struct Pruner<'a> {
    pub(crate) storage: &'a Arc<dyn Storage>,
    pub(crate) set: SetId,
    pub(crate) manifest: &'a Manifest,
    /// Number of intact generations to keep.
    pub(crate) keep: u32,
    /// True if all older generations are removed (§2.5).
    pub(crate) forgetting: bool,
    pub(crate) committed: &'a mut CommittedGeneration,
}

impl Pruner<'_> {
    /// Runs the steps. `copy` is the written copy of the manifest `file`, still without its name. `written` are the
    /// packs of this run, `intact` the other packs that this run has already read.
    pub(crate) fn run(
        &mut self,
        file: &[u8],
        copy: Box<dyn StagedFile>,
        written: &HashSet<PackId>,
        intact: HashSet<PackId>,
    ) {
        self.finish_file(copy, &self.set.generations_path(), &self.set.copy_path(&self.committed.id));
        for (name, text) in README_FILES {
            if !read_file(self.storage.as_ref(), name, 1 << 16).is_ok_and(|old| old == text.as_bytes()) {
                self.write_file("", name, text.as_bytes());
            }
        }
        self.apply_access();
        self.read_back_manifest(file);
        self.read_back_packs(file.len(), written, intact);
        match BackupSet::load(Arc::clone(self.storage), self.set) {
            Ok(set) => self.prune_set(&set),
            Err(error) => self.committed.warnings.push(error),
        }
    }

    /// Gives the files of this set the access mode of the storage. File systems without modes ignore that.
    fn apply_access(&self) {
        let (set, packs, generations) = (self.set.folder_path(), self.set.packs_path(), self.set.generations_path());
        // The upper folders are also those of other sets. The only set decides about them.
        let sets = self.storage.list(SETS).unwrap_or_default();
        let is_only_set = sets.iter().all(|entry| entry.name == self.set.to_string());
        let mut paths = if is_only_set { vec![String::new(), SETS.to_owned()] } else { Vec::new() };
        for folder in [packs, generations] {
            let names = self.storage.list(&folder).unwrap_or_default();
            paths.extend(names.iter().map(|entry| format!("{folder}/{}", entry.name)));
            paths.push(folder);
        }
        paths.push(set);
        paths.extend(README_FILES.iter().filter(|_| is_only_set).map(|(name, _)| (*name).to_owned()));
        for path in paths {
            let _ = self.storage.apply_access(&path);
        }
    }

    /// Reads the manifest and its copy back, and writes a damaged one again.
    fn read_back_manifest(&mut self, file: &[u8]) {
        let id = self.committed.id;
        let is_intact =
            |path: &str| read_file(self.storage.as_ref(), path, MAX_MANIFEST_LEN).is_ok_and(|found| found == file);
        let paths = [self.set.manifest_path(&id), self.set.copy_path(&id)];
        let damaged: Vec<&String> = paths.iter().filter(|path| !is_intact(path)).collect();
        let mut unreadable = 0_usize;
        for path in damaged {
            if self.write_file(&self.set.generations_path(), path, file)
                && read_file(self.storage.as_ref(), path, MAX_MANIFEST_LEN).is_ok_and(|found| found == file)
            {
                self.committed.repaired = self.committed.repaired.saturating_add(1);
            } else {
                unreadable = unreadable.saturating_add(1);
            }
        }
        if unreadable == paths.len() {
            let kind = DamageKind::Generation("it cannot be read back".to_owned());
            self.committed.read_back.damage.push(Damage::new(self.set, id, kind));
        }
    }

    /// Reads the packs back that this run has not read yet: all of a small set, else the written ones.
    fn read_back_packs(&mut self, manifest_len: usize, written: &HashSet<PackId>, mut intact: HashSet<PackId>) {
        let lost: HashSet<PackId> = self.manifest.lost.iter().copied().collect();
        let packs = || self.manifest.packs.iter().filter(|pack| !lost.contains(&pack.id));
        let len = packs().fold(manifest_len as u64, |sum, pack| sum.saturating_add(pack.len()));
        let is_small = len <= READ_BACK_LIMIT;
        for pack in packs().filter(|pack| !intact.contains(&pack.id)).collect::<Vec<_>>() {
            if !is_small && !written.contains(&pack.id) {
                continue;
            }
            // The commit has happened, so the read cannot be cancelled.
            match find_pack_damage(self.storage.as_ref(), self.set, pack, &|| false) {
                Ok(None) => drop(intact.insert(pack.id)),
                Ok(Some(kind)) => {
                    let damage = Damage::new(self.set, self.committed.id, kind);
                    self.committed.read_back.damage.push(Damage { pack: Some(pack.id), ..damage });
                }
                Err(error) => self.committed.warnings.push(error),
            }
        }
        self.committed.read_back.is_whole = packs().all(|pack| intact.contains(&pack.id));
    }

    fn warn(&mut self, path: &str, error: io::Error) {
        self.committed.warnings.push(BackupError::from_write(self.storage.display(path), error));
    }

    fn write_file(&mut self, folder: &str, path: &str, content: &[u8]) -> bool {
        let written = self.storage.create(folder).and_then(|mut file| file.write_all(content).map(|()| file));
        match written {
            Ok(file) => self.finish_file(file, folder, path),
            Err(error) => {
                self.warn(path, error);
                false
            }
        }
    }

    fn finish_file(&mut self, file: Box<dyn StagedFile>, folder: &str, path: &str) -> bool {
        let named = finish_file(file, path, Overwrite::Replace).and_then(|()| self.storage.sync_folder(Some(folder)));
        named.map_err(|error| self.warn(path, error)).is_ok()
    }

    fn prune_set(&mut self, set: &BackupSet) {
        let id = self.committed.id;
        for generation in set.generations().iter().filter(|generation| generation.id != id) {
            self.repair(generation);
        }
        let is_incomplete =
            |pack: &&PackEntry| set.packs.get(&pack.id) != Some(&pack.len()) && !self.manifest.lost.contains(&pack.id);
        // Another program can have removed a pack since it was read.
        let is_known = |pack: PackId, damage: &[Damage]| damage.iter().any(|known| known.pack == Some(pack));
        for pack in self.manifest.packs.iter().filter(is_incomplete) {
            let expected = pack.len();
            let kind = match set.packs.get(&pack.id) {
                Some(found) => DamageKind::PackLength { expected, found: *found },
                None => DamageKind::PackMissing,
            };
            if !is_known(pack.id, &self.committed.read_back.damage) {
                let damage = Damage { pack: Some(pack.id), ..Damage::new(self.set, id, kind) };
                self.committed.read_back.damage.push(damage);
            }
        }
        if !self.committed.read_back.damage.is_empty() {
            self.committed.read_back.is_whole = false;
            return;
        }
        if set.newer_format_error().is_some() || !self.remove_damaged(set) {
            return;
        }
        let mut remaining: BTreeSet<GenerationId> = set.readable().map(|(id, _)| id).collect();
        // Removal stops at the first failure: a gap in the chain would turn an older generation into a head.
        for id in self.superseded(set) {
            if !self.remove_generation(id) {
                return;
            }
            remaining.remove(&id);
            self.committed.removed.push(id);
        }
        self.remove_unreferenced(set, &remaining);
    }

    /// Removes damaged generations if they are older than the commit and readable generations list all packs.
    ///
    /// Returns false if a damaged generation remains. Its packs are unknown, so no further file may be removed.
    fn remove_damaged(&mut self, set: &BackupSet) -> bool {
        let damaged: Vec<GenerationId> = set.damaged_generations().collect();
        let listed = set.listed_packs();
        let is_removable = damaged.iter().all(|id| id.number < self.committed.id.number)
            && set.packs.keys().all(|pack| listed.contains(pack));
        for id in &damaged {
            if !is_removable || !self.remove_generation(*id) {
                return false;
            }
            self.committed.removed.push(*id);
        }
        true
    }

    /// Returns the removable generations, oldest first.
    fn superseded(&self, set: &BackupSet) -> Vec<GenerationId> {
        let history = set.history(&[self.committed.id]);
        let ancestors = set.readable().filter(|(_, facts)| history.contains(&facts.sha256));
        let ancestors = ancestors.filter(|(_, facts)| facts.sha256 != self.committed.manifest_sha256).map(|(id, _)| id);
        let mut removable: Vec<GenerationId> = if self.forgetting {
            ancestors.collect()
        } else {
            let intact = set.readable().filter(|(_, facts)| set.is_present(facts)).map(|(id, _)| id.number);
            let keep = usize::try_from(self.keep).unwrap_or(usize::MAX);
            let Some(oldest_kept) = intact.take(keep).nth(keep.saturating_sub(1)) else { return Vec::new() };
            ancestors.filter(|id| id.number < oldest_kept).collect()
        };
        removable.sort_unstable();
        removable
    }

    /// Removes the manifest and its copy durably. Returns true on success.
    fn remove_generation(&mut self, id: GenerationId) -> bool {
        for path in [self.set.manifest_path(&id), self.set.copy_path(&id)] {
            if !self.remove_file(&path) {
                return false;
            }
        }
        let generations = self.set.generations_path();
        let synced = self.storage.sync_folder(Some(&generations));
        synced.map_err(|error| self.warn(&generations, error)).is_ok()
    }

    /// Removes unlisted packs and temporary files that are too old to belong to a running backup.
    fn remove_unreferenced(&mut self, set: &BackupSet, remaining: &BTreeSet<GenerationId>) {
        let facts_of =
            |is_remaining: bool| set.readable().filter(move |(id, _)| remaining.contains(id) == is_remaining);
        let packs = |is_remaining| facts_of(is_remaining).flat_map(|(_, facts)| facts.packs.iter().map(|pack| pack.id));
        let listed: HashSet<PackId> = packs(true).collect();
        let removed: HashSet<PackId> = packs(false).collect();
        let Ok(newest) = self.storage.entry(&self.set.manifest_path(&self.committed.id)) else { return };
        let is_old = |entry: &FolderEntry| {
            newest.modified.duration_since(entry.modified).is_ok_and(|age| age > MIN_LEFTOVER_AGE)
        };
        let is_removable = |entry: &FolderEntry| {
            let is_unreferenced = |pack: PackId| {
                !listed.contains(&pack) && (is_old(entry) || (self.forgetting && removed.contains(&pack)))
            };
            entry.kind == EntryKind::File
                && (parse_pack_name(&entry.name).is_some_and(is_unreferenced)
                    || (is_temporary(&entry.name) && is_old(entry)))
        };
        let mut removable: Vec<String> = Vec::new();
        for folder in [String::new(), self.set.packs_path(), self.set.generations_path()] {
            for entry in self.storage.list(&folder).unwrap_or_default().iter().filter(|entry| is_removable(entry)) {
                removable.push(if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) });
            }
        }
        for path in removable {
            self.remove_file(&path);
        }
    }

    /// Removes a file. Returns true if the file is gone.
    fn remove_file(&mut self, path: &str) -> bool {
        match self.storage.remove(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                self.warn(path, error);
                false
            }
            Ok(()) | Err(_) => true,
        }
    }

    /// Restores a missing or damaged manifest from its copy, or the copy from the manifest.
    fn repair(&mut self, generation: &Generation) {
        let Some(facts) = generation.facts() else { return };
        let set = self.set;
        let (manifest, copy) = (set.manifest_path(&generation.id), set.copy_path(&generation.id));
        let read_intact = |path: &str| {
            read_file(self.storage.as_ref(), path, MAX_MANIFEST_LEN)
                .ok()
                .filter(|file| Digest::sha256(file) == facts.sha256)
        };
        let (file, to) = match (read_intact(&manifest), read_intact(&copy)) {
            (Some(file), None) => (file, copy),
            (None, Some(file)) => (file, manifest),
            _ => return,
        };
        if self.write_file(&set.generations_path(), &to, &file) {
            self.committed.repaired = self.committed.repaired.saturating_add(1);
        }
    }
}
