//! After the commit (backup-format.md §2.4 steps 3 and 4): the name of the copy, repairs, and what may go.
//!
//! Nothing here can fail the run: what goes wrong becomes a warning, and a later backup tries again.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use restow_core::files::Existing;

use super::error::BackupError;
use super::ids::{Digest, GenerationId, PackId, SetId, is_temporary, pack_file};
use super::manifest::{MAX_FILE, Manifest};
use super::readme::TEXTS;
use super::set::{BackupSet, Generation};
use super::storage::{Entry, EntryKind, Storage, Unfinished, read_whole};

/// How old a file that nobody lists must be, by the location's own clock, before it is removed.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The generation that was committed.
pub(crate) struct Commit<'a> {
    pub(crate) set: SetId,
    pub(crate) id: GenerationId,
    pub(crate) sha256: Digest,
    pub(crate) manifest: &'a Manifest,
    pub(crate) keep: u32,
    pub(crate) forgetting: bool,
}

/// What was done.
#[derive(Default)]
pub(crate) struct Tidied {
    pub(crate) removed: Vec<GenerationId>,
    pub(crate) repaired: usize,
}

/// `copy` is the copy of the manifest, which only needs its name.
pub(crate) fn after_commit(
    storage: &Arc<dyn Storage>,
    commit: &Commit<'_>,
    copy: Box<dyn Unfinished>,
    warnings: &mut Vec<BackupError>,
) -> Tidied {
    let mut tidy = Tidy { storage: storage.as_ref(), commit, warnings, done: Tidied::default() };
    tidy.name(copy, &commit.set.generations(), &commit.set.copy(&commit.id));
    for (name, text) in TEXTS {
        if !read_whole(storage.as_ref(), name, 1 << 16).is_ok_and(|old| old == text.as_bytes()) {
            tidy.write("", name, text.as_bytes());
        }
    }
    match BackupSet::load(Arc::clone(storage), commit.set) {
        Ok(set) => tidy.set(&set),
        Err(error) => tidy.warnings.push(error),
    }
    tidy.done
}

struct Tidy<'a> {
    storage: &'a dyn Storage,
    commit: &'a Commit<'a>,
    warnings: &'a mut Vec<BackupError>,
    done: Tidied,
}

impl Tidy<'_> {
    fn warn(&mut self, path: &str, error: io::Error) {
        self.warnings.push(BackupError::write(self.storage.display(path), error));
    }

    fn write(&mut self, folder: &str, path: &str, content: &[u8]) -> bool {
        let written = self.storage.create(folder).and_then(|mut file| file.write_all(content).map(|()| file));
        match written {
            Ok(file) => self.name(file, folder, path),
            Err(error) => {
                self.warn(path, error);
                false
            }
        }
    }

    fn name(&mut self, file: Box<dyn Unfinished>, folder: &str, path: &str) -> bool {
        let named = file.finish(path, Existing::Replace).and_then(|()| self.storage.sync_folder(Some(folder)));
        named.map_err(|error| self.warn(path, error)).is_ok()
    }

    fn set(&mut self, set: &BackupSet) {
        let commit = self.commit;
        for generation in set.generations().iter().filter(|generation| generation.id != commit.id) {
            self.repair(generation);
        }
        let gone = commit
            .manifest
            .packs
            .iter()
            .find(|pack| set.packs.get(&pack.id) != Some(&pack.len()) && !commit.manifest.lost.contains(&pack.id));
        let was_missing = |pack: &PackId| !set.packs.contains_key(pack);
        if let Some(pack) = gone {
            if was_missing(&pack.id) {
                self.warn(&commit.set.pack(&pack.id), io::ErrorKind::NotFound.into());
            }
            return;
        }
        if set.newer().is_some() || !self.drop_damaged(set) {
            return;
        }
        let mut remaining: BTreeSet<GenerationId> = set.readable().map(|(id, _)| id).collect();
        // Oldest first, and never past one that stays: with a gap in the chain, an older generation would be a head.
        for id in self.superseded(set) {
            if !self.remove_generation(id) {
                return;
            }
            remaining.remove(&id);
            self.done.removed.push(id);
        }
        self.sweep(set, &remaining);
    }

    /// Removes generations that nobody can read, once nothing depends on them: when they are older than the one that was
    /// committed, and every pack is listed by another. `false` when one stays, or could not be removed: what it listed is
    /// not known, and nothing else may go.
    fn drop_damaged(&mut self, set: &BackupSet) -> bool {
        let damaged: Vec<GenerationId> = set.damaged().collect();
        let listed: HashSet<PackId> =
            set.readable().flat_map(|(_, facts)| facts.packs.iter().map(|pack| pack.id)).collect();
        let of_no_use = damaged.iter().all(|id| id.number < self.commit.id.number)
            && set.packs.keys().all(|pack| listed.contains(pack));
        for id in &damaged {
            if !of_no_use || !self.remove_generation(*id) {
                return false;
            }
            self.done.removed.push(*id);
        }
        true
    }

    /// The generations that may go, oldest first.
    fn superseded(&self, set: &BackupSet) -> Vec<GenerationId> {
        let history = set.history(&[self.commit.id]);
        let ancestors = set.readable().filter(|(_, facts)| history.contains(&facts.sha256));
        let ancestors = ancestors.filter(|(_, facts)| facts.sha256 != self.commit.sha256).map(|(id, _)| id);
        let mut going: Vec<GenerationId> = if self.commit.forgetting {
            ancestors.collect()
        } else {
            let whole = set.readable().filter(|(_, facts)| set.is_present(facts)).map(|(id, _)| id.number);
            let keep = usize::try_from(self.commit.keep).unwrap_or(usize::MAX);
            let Some(oldest_kept) = whole.take(keep).nth(keep.saturating_sub(1)) else { return Vec::new() };
            ancestors.filter(|id| id.number < oldest_kept).collect()
        };
        going.sort_unstable();
        going
    }

    /// Removes a generation for good; whether that worked.
    fn remove_generation(&mut self, id: GenerationId) -> bool {
        for path in [self.commit.set.manifest(&id), self.commit.set.copy(&id)] {
            match self.storage.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    self.warn(&path, error);
                    return false;
                }
                Ok(()) | Err(_) => {}
            }
        }
        let generations = self.commit.set.generations();
        let synced = self.storage.sync_folder(Some(&generations));
        synced.map_err(|error| self.warn(&generations, error)).is_ok()
    }

    /// Packs that nobody lists, and unfinished files, once they are old enough to belong to no running backup.
    fn sweep(&mut self, set: &BackupSet, remaining: &BTreeSet<GenerationId>) {
        let facts_of = |wanted: bool| set.readable().filter(move |(id, _)| remaining.contains(id) == wanted);
        let packs = |wanted| facts_of(wanted).flat_map(|(_, facts)| facts.packs.iter().map(|pack| pack.id));
        let listed: HashSet<PackId> = packs(true).collect();
        let went: HashSet<PackId> = packs(false).collect();
        let Ok(now) = self.storage.entry(&self.commit.set.manifest(&self.commit.id)) else { return };
        let is_old = |entry: &Entry| now.modified.duration_since(entry.modified).is_ok_and(|age| age > LEFTOVER_AGE);
        let goes = |entry: &Entry| {
            let unlisted = |pack: PackId| {
                !listed.contains(&pack) && (is_old(entry) || (self.commit.forgetting && went.contains(&pack)))
            };
            entry.kind == EntryKind::File
                && (pack_file(&entry.name).is_some_and(unlisted) || (is_temporary(&entry.name) && is_old(entry)))
        };
        let mut going: Vec<String> = Vec::new();
        for folder in [String::new(), self.commit.set.packs(), self.commit.set.generations()] {
            for entry in self.storage.list(&folder).unwrap_or_default().iter().filter(|entry| goes(entry)) {
                going.push(if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) });
            }
        }
        for path in going {
            match self.storage.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => self.warn(&path, error),
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// Puts a missing or damaged manifest or copy back from the other of the two.
    fn repair(&mut self, generation: &Generation) {
        let Some(facts) = generation.facts() else { return };
        let set = self.commit.set;
        let (manifest, copy) = (set.manifest(&generation.id), set.copy(&generation.id));
        let whole =
            |path: &str| read_whole(self.storage, path, MAX_FILE).ok().filter(|file| Digest::of(file) == facts.sha256);
        let (file, to) = match (whole(&manifest), whole(&copy)) {
            (Some(file), None) => (file, copy),
            (None, Some(file)) => (file, manifest),
            _ => return,
        };
        if self.write(&set.generations(), &to, &file) {
            self.done.repaired = self.done.repaired.saturating_add(1);
        }
    }
}
