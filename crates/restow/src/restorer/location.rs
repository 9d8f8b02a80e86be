//! Records of this home about a location: its identity, visits, and noted damage.

use std::collections::HashMap;
use std::path::Path;

use restow_backup::{BackupError, BackupSet, FOLDER, Location, SetId};
use restow_core::message::Message;

use crate::disk::DiskRelation;
use crate::error::{Error, RestorerError};
use crate::home::Home;
use crate::location_status::{contains_backup, contains_generation, rollback_warning};
use crate::store::{Change, LocationRecord, LocationSet, View};

/// Maximum number of sets of a location in the records.
const MAX_SETS: usize = 64;

/// Location and its place in the records of this home.
#[derive(Clone)]
pub(crate) struct FoundLocation {
    /// ID in the records.
    pub(crate) id: String,
    /// Absolute path of the folder that contains `Restow`.
    pub(crate) path: String,
    /// True if the location holds a generation that the records have for this ID.
    pub(crate) is_recognized: bool,
}

/// Finds a location in the records of this home.
///
/// A drive can be mounted at another path than before, and two drives in turn at one path. A location is therefore
/// recognized by a recorded generation of one of its sets. A recorded location that still holds its generations at its
/// own path is another location: one is a copy of the other. Without a recognized generation, the last location at the
/// same path counts.
///
/// # Errors
/// [`RestorerError::LocationName`] for a name that is not UTF-8.
pub(crate) fn find_location(view: View<'_>, location: &Location) -> Result<FoundLocation, Error> {
    let path = location_name(location)?;
    let known = view.locations()?;
    let backups = view.backups()?;
    let mut here = LocationSets::new(location);
    let mut best: Option<((bool, u64), &str)> = None;
    for record in &known {
        let own = backups.iter().filter(|backup| backup.location == record.id);
        let own = own.map(|backup| (backup.set_id.as_str(), backup.generation, backup.manifest.as_str()));
        let others = record.sets.iter().map(|set| (set.set_id.as_str(), set.generation, set.manifest.as_str()));
        let recorded: Vec<_> = own.chain(others).collect();
        let held = recorded.iter().filter(|generation| here.contain(generation));
        let Some(newest) = held.map(|(_, generation, _)| *generation).max() else { continue };
        let is_at_path = record.path == path;
        if !is_at_path && is_elsewhere(Path::new(&record.path), location, &recorded) {
            continue;
        }
        if best.is_none_or(|(rank, _)| rank < (is_at_path, newest)) {
            best = Some(((is_at_path, newest), &record.id));
        }
    }
    if let Some((_, id)) = best {
        return Ok(FoundLocation { id: id.to_owned(), path, is_recognized: true });
    }
    let generation = |record: &LocationRecord| {
        backups.iter().filter(|backup| backup.location == record.id).map(|backup| backup.generation).max()
    };
    let at_path = known.iter().filter(|record| record.path == path);
    let id = match at_path.max_by_key(|record| (record.seen, generation(record))) {
        Some(record) => record.id.clone(),
        None => unused_id(&known, &path),
    };
    Ok(FoundLocation { id, path, is_recognized: false })
}

/// Finds a location as [`find_location`] does; `None` for a name that is not UTF-8, about which the home has no records.
pub(crate) fn find_named_location(view: View<'_>, location: &Location) -> Result<Option<FoundLocation>, Error> {
    match find_location(view, location) {
        Err(Error::Restorer(RestorerError::LocationName(_))) => Ok(None),
        found => found.map(Some),
    }
}

impl FoundLocation {
    /// Gives the location an ID of its own: another location was at its path before.
    pub(crate) fn separate(&mut self, view: View<'_>) -> Result<(), Error> {
        self.id = unused_id(&view.locations()?, &self.path);
        Ok(())
    }

    /// Records the present state of the location: its path, its disk and its sets. Returns the relation of the disk.
    ///
    /// `is_read_back` is true if every byte that a restore needs was read without damage. A location without a backup
    /// or restore of this home is not recorded.
    pub(crate) fn record_visit(
        &self,
        change: &Change<'_>,
        home: &Home,
        location: &Location,
        is_read_back: bool,
    ) -> Result<(), Error> {
        if !change.view().is_location_used(&self.id)? {
            return Ok(());
        }
        let now = home.clock().now();
        let mut sets = Vec::new();
        for id in location.sets()?.into_iter().take(MAX_SETS) {
            let Ok(set) = location.set(id) else { continue };
            let newest = set.readable().next();
            sets.extend(newest.map(|(generation, facts)| LocationSet {
                set_id: id.to_string(),
                generation: generation.number,
                manifest: facts.sha256.to_string(),
                computer_name: facts.computer_name.clone(),
                created: facts.created,
            }));
        }
        let record = LocationRecord {
            id: self.id.clone(),
            path: self.path.clone(),
            seen: Some(now),
            read_back: is_read_back.then_some(now),
            disk: Some(disk_of(home, location)),
            sets,
        };
        Ok(change.put_location(&record)?)
    }
}

/// Returns the relation of the disk of a location to the disk of the home.
pub(crate) fn disk_of(home: &Home, location: &Location) -> DiskRelation {
    let root = location.path();
    let folder = if root.is_dir() { root.as_path() } else { root.parent().unwrap_or(&root) };
    home.disk_relation(folder)
}

/// Sets of a location, loaded when they are needed.
struct LocationSets<'a> {
    location: &'a Location,
    loaded: HashMap<SetId, Option<BackupSet>>,
}

impl<'a> LocationSets<'a> {
    fn new(location: &'a Location) -> Self {
        Self { location, loaded: HashMap::new() }
    }

    /// Returns true if the location holds a generation: the ID of the set, the number, and the digest of the manifest.
    fn contain(&mut self, (set, generation, manifest): &(&str, u64, &str)) -> bool {
        let Ok(id) = set.parse() else { return false };
        let location = self.location;
        let set = self.loaded.entry(id).or_insert_with(|| location.set(id).ok());
        set.as_ref().is_some_and(|set| contains_generation(set, *generation, manifest) == Some(true))
    }
}

/// Returns true if the folder at a recorded path is another one than `location` and holds a recorded generation.
fn is_elsewhere(path: &Path, location: &Location, recorded: &[(&str, u64, &str)]) -> bool {
    let Ok(other) = Location::open(path) else { return false };
    if is_same_folder(&other.path(), &location.path()) {
        return false;
    }
    let mut sets = LocationSets::new(&other);
    recorded.iter().any(|generation| sets.contain(generation))
}

/// Returns true if both paths lead to one folder, such as a drive that is mounted twice.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let id = |path: &Path| path.metadata().ok().map(|facts| (facts.dev(), facts.ino()));
        id(one).is_some_and(|one| id(other) == Some(one))
    }
    #[cfg(not(unix))]
    {
        one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
    }
}

fn unused_id(known: &[LocationRecord], path: &str) -> String {
    let is_used = |id: &String| known.iter().any(|record| record.id == *id);
    let numbered = (2_u32..).map(|number| format!("{path} ({number})"));
    std::iter::once(path.to_owned()).chain(numbered).find(|id| !is_used(id)).unwrap_or_default()
}

/// Returns the path of a location in the records: the absolute path of the folder that contains `Restow`.
///
/// The path is the same whether the user named that folder or the folder `Restow` itself.
///
/// # Errors
/// [`RestorerError::LocationName`] for a name that is not UTF-8. Records cannot hold such a name, so that a later run
/// would not find the location again.
fn location_name(location: &Location) -> Result<String, RestorerError> {
    let root = location.path();
    let parent = root.parent().filter(|_| root.file_name().is_some_and(|name| name == FOLDER));
    let path = parent.unwrap_or(&root);
    let absolute = path.canonicalize().or_else(|_| std::path::absolute(path));
    let absolute = absolute.unwrap_or_else(|_| path.to_path_buf());
    absolute.into_os_string().into_string().map_err(|name| RestorerError::LocationName(name.into()))
}

/// Returns a set at a location; `None` if the location does not have the set.
pub(crate) fn find_set(location: &Location, id: SetId) -> Result<Option<BackupSet>, BackupError> {
    match location.set(id) {
        Err(BackupError::NoSuchSet(_)) => Ok(None),
        set => set.map(Some),
    }
}

/// Returns a warning if the location has an older state of this computer's own set than this computer wrote.
pub(crate) fn find_rollback(view: View<'_>, location: &Location, own_set: SetId) -> Result<Option<Message>, Error> {
    let Some(found) = find_named_location(view, location)? else { return Ok(None) };
    let Some(record) = view.backup(&found.id, &own_set.to_string())? else { return Ok(None) };
    Ok(rollback_warning(location, own_set, &record)?)
}

/// Notes damage of this computer's own set in the record of each backup that the set contains.
///
/// A copy of the location can have the damage, too, so the records of all locations are compared.
pub(crate) fn note_damage(change: &Change<'_>, location: &Location, own_set: SetId) -> Result<(), Error> {
    let set = location.set(own_set)?;
    let found = find_named_location(change.view(), location)?;
    let set_id = own_set.to_string();
    for record in change.view().backups()?.iter().filter(|record| record.set_id == set_id) {
        let is_here = found.as_ref().is_some_and(|found| found.id == record.location);
        if is_here || contains_backup(&set, record) == Some(true) {
            change.record_damage(record)?;
        }
    }
    Ok(())
}
