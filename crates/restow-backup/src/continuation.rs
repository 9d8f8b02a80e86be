//! Continuation of a set: its heads, the packs to carry over, and the folders to create (docs/backup-format.md
//! §2.4, step 0).

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use super::damage::{Damage, DamageKind};
use super::error::BackupError;
use super::ids::{Digest, GenerationId, PackId, SETS, SetId};
use super::manifest::{Manifest, PackEntry, PackRole};
use super::set::BackupSet;
use super::storage::{EntryKind, Storage};

/// State of the set that a new generation continues.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ParentState {
    /// Heads in the order of merging. Copies of a home that write the same set cause more than one.
    pub heads: Vec<(GenerationId, Manifest)>,
    /// True if the new generation may contain changes only.
    ///
    /// False if a listed pack is missing or short, or if a generation newer than the heads is unreadable. Then
    /// push all records of the store and set [`ManifestFacts::full`](super::ManifestFacts::full).
    pub complete: bool,
    /// Missing or short packs, and damage of manifests.
    pub damage: Vec<Damage>,
    pub(super) history: HashSet<Digest>,
    pub(super) previous: Vec<Digest>,
}

impl ParentState {
    /// Returns true if the manifest with this SHA-256 is an ancestor of the new generation. Its records need
    /// not be pushed again.
    #[must_use]
    pub fn continues(&self, manifest: &Digest) -> bool {
        self.history.contains(manifest)
    }
}

/// Continuation of a set by a new generation.
#[derive(Default)]
pub(super) struct Continuation {
    /// `None` if the set has no readable generation.
    pub(super) parent: Option<ParentState>,
    /// License packs of all heads, in reading order.
    pub(super) carried_packs: Vec<PackEntry>,
    /// Carried-over packs that are missing or short.
    pub(super) missing_packs: HashSet<PackId>,
}

/// Returns the heads, the union of their license packs in reading order, and the packs that are missing or
/// short.
pub(super) fn continue_heads(existing: &BackupSet) -> Result<Continuation, BackupError> {
    let mut ids = existing.heads();
    ids.sort_unstable();
    let Some(newest) = ids.last().map(|id| id.number) else { return Ok(Continuation::default()) };
    let mut carried_packs: Vec<PackEntry> = Vec::new();
    let mut known = HashSet::new();
    let mut missing_packs = HashSet::new();
    let mut damage = existing.damage();
    let mut complete = existing.damaged_generations().all(|id| id.number < newest);
    let mut heads = Vec::new();
    for id in &ids {
        let manifest = existing.manifest(*id)?;
        for pack in manifest.packs.iter().filter(|pack| pack.role == PackRole::Licenses) {
            if !known.insert(pack.id) {
                continue;
            }
            carried_packs.push(pack.clone());
            let expected = pack.len();
            let kind = match existing.packs.get(&pack.id) {
                Some(len) if *len == expected => continue,
                Some(len) => DamageKind::PackLength { expected, found: *len },
                None => DamageKind::PackMissing,
            };
            missing_packs.insert(pack.id);
            complete &= manifest.lost.contains(&pack.id);
            let (set, generation, pack) = (existing.id(), *id, Some(pack.id));
            damage.push(Damage { pack, ..Damage::new(set, generation, kind) });
        }
        heads.push((*id, manifest));
    }
    let digest_of =
        |id: &GenerationId| existing.readable().find(|(found, _)| found == id).map(|(_, facts)| facts.sha256);
    let previous = ids.iter().filter_map(digest_of).collect();
    let parent = ParentState { heads, complete, damage, history: existing.history(&ids), previous };
    Ok(Continuation { parent: Some(parent), carried_packs, missing_packs })
}

/// Folders of a set. Folders that this run created are removed on drop if they are empty and no commit
/// happened.
#[derive(Debug)]
pub(super) struct SetFolders {
    storage: Arc<dyn Storage>,
    pub(super) created: Vec<String>,
}

impl SetFolders {
    pub(super) fn create(storage: &Arc<dyn Storage>, set: SetId) -> Result<Self, BackupError> {
        let mut folders = Self { storage: Arc::clone(storage), created: Vec::new() };
        let set_folder = set.folder_path();
        let folder_paths = [
            (None, String::new()),
            (Some(String::new()), SETS.to_owned()),
            (Some(SETS.to_owned()), set_folder.clone()),
            (Some(set_folder.clone()), set.packs_path()),
            (Some(set_folder), set.generations_path()),
        ];
        for (parent, folder) in folder_paths {
            // A folder that does not exist yet means nothing to the user: name the one that is to contain it.
            let in_folder = match storage.display(&folder).parent() {
                Some(named) if folder.is_empty() => named.to_path_buf(),
                _ => storage.display(&folder),
            };
            let to_error = |error| BackupError::from_write(&in_folder, error);
            match storage.entry(&folder) {
                Ok(entry) if entry.kind == EntryKind::Folder => continue,
                // This includes a link, because writes through a link would leave the location.
                Ok(entry) => return Err(entry.kind.folder_error(storage.display(&folder))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(BackupError::from_read(&in_folder, error)),
            }
            match storage.create_folder(&folder) {
                Ok(()) => folders.created.push(folder.clone()),
                // Another computer may create the same folder at the same time.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(to_error(error)),
            }
            storage.sync_folder(parent.as_deref()).map_err(to_error)?;
        }
        Ok(folders)
    }
}

impl Drop for SetFolders {
    fn drop(&mut self) {
        while let Some(folder) = self.created.pop() {
            // This fails if another program has put a file into the folder, which then has to stay.
            let _ = self.storage.remove_folder(&folder);
        }
    }
}
