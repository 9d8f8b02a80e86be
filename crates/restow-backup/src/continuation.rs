//! How a writer begins: what is there, what it continues, and the folders it needs (backup-format.md §2.4, step 0).

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use super::damage::{Damage, DamageKind};
use super::error::BackupError;
use super::ids::{GenerationId, PackId, SETS, SetId};
use super::manifest::{PackEntry, PackRole};
use super::set::BackupSet;
use super::storage::{EntryKind, Storage};
use super::writer::ParentState;

pub(super) type Continued = (Option<ParentState>, Vec<PackEntry>, HashSet<PackId>);

/// §2.4 step 0: all heads, the union of their packs in the order of reading, and which of these are not whole.
pub(super) fn continue_heads(existing: &BackupSet) -> Result<Continued, BackupError> {
    let mut ids = existing.heads();
    ids.sort_unstable();
    let Some(newest) = ids.last().map(|id| id.number) else { return Ok((None, Vec::new(), HashSet::new())) };
    let mut carried_packs: Vec<PackEntry> = Vec::new();
    let mut known = HashSet::new();
    let mut missing = HashSet::new();
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
            missing.insert(pack.id);
            complete &= manifest.lost.contains(&pack.id);
            let (set, generation, pack) = (existing.id(), *id, Some(pack.id));
            damage.push(Damage { pack, ..Damage::new(set, generation, kind) });
        }
        heads.push((*id, manifest));
    }
    let digest_of =
        |id: &GenerationId| existing.readable().find(|(found, _)| found == id).map(|(_, facts)| facts.sha256);
    let previous = ids.iter().filter_map(digest_of).collect();
    let base = ParentState { heads, complete, damage, history: existing.history(&ids), previous };
    Ok((Some(base), carried_packs, missing))
}

/// The folders of a set; those that were made go again when nothing was committed and they are empty.
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
            let to_error = |error| BackupError::from_write(storage.display(&folder), error);
            match storage.entry(&folder) {
                Ok(entry) if entry.kind == EntryKind::Folder => continue,
                // Also a link, which would lead what is written out of the location.
                Ok(_) => return Err(BackupError::NotAFolder(storage.display(&folder))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(BackupError::from_read(storage.display(&folder), error)),
            }
            match storage.create_folder(&folder) {
                Ok(()) => folders.created.push(folder.clone()),
                // Another computer made it just now.
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
            // Not empty when someone else put something there; then it is not ours to remove.
            let _ = self.storage.remove_folder(&folder);
        }
    }
}
