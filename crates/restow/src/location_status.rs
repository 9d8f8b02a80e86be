//! Known backup locations and their current status. A backup counts only while its location holds it.

use std::path::{Path, PathBuf};

use restow_backup::{BackupError, BackupSet, Digest, FOLDER, GenerationId, Location, SetId};
use restow_core::message::Message;
use restow_core::time::UnixTime;

use crate::error::Error;
use crate::home::Home;
use crate::safety::{LocationFacts, RiskReason, StaleLimit};
use crate::store::{BackupRecord, LocationRecord, LocationSet, Store, WithdrawnKeys};
use crate::texts::TEXTS;

pub use crate::location_condition::LocationStatus;

/// Location that this home backed up to or restored from.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct KnownLocation {
    /// Record of the location. If the location is reachable, its time and disk are the present ones.
    pub location: LocationRecord,
    /// Record of the last backup of this home; `None` if this home only restored from the location.
    pub backup: Option<BackupRecord>,
    /// Current status of the location.
    pub status: LocationStatus,
    /// True if the set holds a withdrawn restore key. Until the next backup, no other computer can register by it.
    pub has_withdrawn_key: bool,
    /// Reason why the location makes no license safe; `None` if its licenses are safe.
    pub risk: Option<RiskReason>,
}

impl KnownLocation {
    /// Returns true if the location has this path, which may be its folder `Restow`. A path that does not exist now is
    /// compared with the last known path.
    #[must_use]
    pub fn is_at(&self, path: &Path) -> bool {
        let absolute = path.canonicalize().or_else(|_| std::path::absolute(path));
        let absolute = absolute.unwrap_or_else(|_| path.to_owned());
        let known = Path::new(&self.location.path);
        absolute == known || absolute == known.join(FOLDER)
    }

    /// Returns the time when this home last read the backup whole.
    #[must_use]
    pub fn read_back(&self) -> Option<UnixTime> {
        match &self.backup {
            Some(backup) => backup.read_back,
            None => self.location.read_back,
        }
    }
}

/// Returns the locations that this home used, the last backup first, and records which of them are reachable now.
///
/// A store that cannot be written keeps the earlier records.
///
/// # Errors
/// [`Error::Store`] if the store fails, [`Error::Home`] if the settings of the home are malformed.
pub fn known_locations(home: &Home, store: &Store) -> Result<Vec<KnownLocation>, Error> {
    let view = store.view();
    let withdrawn = WithdrawnKeys::of(view)?;
    let limit = StaleLimit::new(home.clock().now(), home.stale_after_days()?);
    let backups = view.backups()?;
    let mut known = Vec::new();
    for mut location in view.locations()? {
        let backup = backups.iter().find(|backup| backup.location == location.id).cloned();
        if backup.is_none() && !view.is_location_used(&location.id)? {
            continue;
        }
        let status = match &backup {
            Some(backup) => status_of_backup(backup, &backups),
            None => status_of_location(&location),
        };
        if status == LocationStatus::Present {
            let (seen, disk) = (home.clock().now(), home.disk_relation(&restow_folder(Path::new(&location.path))));
            // The records are a help for the time when the location is away, and no reason to fail.
            let _ = store.touch_location(&location.id, &location.path, seen, disk);
            (location.seen, location.disk) = (Some(seen), Some(disk));
        }
        let read_back = backup.as_ref().map_or(location.read_back, |backup| backup.read_back);
        let facts = LocationFacts { status, disk: location.disk, seen: location.seen, read_back };
        let has_withdrawn_key = backup.as_ref().is_some_and(|backup| withdrawn.concerns_any(backup.change));
        known.push(KnownLocation { risk: facts.risk(limit), location, backup, status, has_withdrawn_key });
    }
    known.sort_by_key(|known| std::cmp::Reverse(known.backup.as_ref().map(|backup| backup.at)));
    Ok(known)
}

/// Returns the folder `Restow` of a location, which can be a mount point of its own.
fn restow_folder(path: &Path) -> PathBuf {
    let folder = path.join(FOLDER);
    if folder.is_dir() { folder } else { path.to_owned() }
}

/// Checks the set of this computer at a location. `all` has all backups of this home.
pub(crate) fn status_of_backup(backup: &BackupRecord, all: &[BackupRecord]) -> LocationStatus {
    if backup.damaged {
        return LocationStatus::Damaged;
    }
    let Ok(id) = backup.set_id.parse() else { return LocationStatus::Missing };
    match Location::open(Path::new(&backup.path)).and_then(|location| location.set(id)) {
        Ok(set) if is_other_drive(&set, backup, all) => LocationStatus::Replaced,
        Ok(set) if older_generation(&set, backup).is_some() => LocationStatus::Older,
        Ok(set) => status_of_set(&set),
        Err(error) => status_of_error(&error),
    }
}

/// Returns true if a set at the path of a backup is the one of another record: two drives are used at one path in turn.
fn is_other_drive(set: &BackupSet, backup: &BackupRecord, all: &[BackupRecord]) -> bool {
    let at_path = all.iter().filter(|other| other.path == backup.path && other.location != backup.location);
    contains_backup(set, backup) == Some(false)
        && at_path.into_iter().any(|other| contains_backup(set, other) == Some(true))
}

/// Checks the sets at a location that licenses were restored from.
pub(crate) fn status_of_location(record: &LocationRecord) -> LocationStatus {
    let sets = Location::open(Path::new(&record.path)).and_then(|location| {
        let ids = location.sets()?;
        ids.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()
    });
    let sets = match sets {
        Ok(sets) => sets,
        Err(error) => return status_of_error(&error),
    };
    let is_there = |recorded: &LocationSet| {
        let set = sets.iter().find(|set| set.id().to_string() == recorded.set_id);
        set.is_some_and(|set| contains_generation(set, recorded.generation, &recorded.manifest) == Some(true))
    };
    let worst = sets.iter().map(status_of_set).filter(|status| *status != LocationStatus::Missing);
    match worst.min_by_key(|status| *status == LocationStatus::Present) {
        Some(LocationStatus::Present) if !record.sets.iter().all(is_there) => LocationStatus::Replaced,
        status => status.unwrap_or(LocationStatus::Missing),
    }
}

const fn status_of_error(error: &BackupError) -> LocationStatus {
    match error {
        BackupError::NoBackup(_) | BackupError::NoSuchSet(_) | BackupError::SymbolicLink(_) => LocationStatus::Missing,
        _ => LocationStatus::Unreachable,
    }
}

fn status_of_set(set: &BackupSet) -> LocationStatus {
    let heads = set.heads();
    let Some(newest) = heads.iter().map(|id| id.number).max() else {
        return if set.generations().is_empty() { LocationStatus::Missing } else { LocationStatus::Damaged };
    };
    // A damaged generation with a higher number continues the readable state.
    let unread = set.damaged_generations().any(|id| id.number >= newest);
    let present = set.readable().filter(|(id, _)| heads.contains(id)).all(|(_, facts)| set.is_present(facts));
    if present && !unread { LocationStatus::Present } else { LocationStatus::Damaged }
}

/// Returns the newest generation of a set if the set is older than the last backup: no generation is, or continues,
/// the one that this computer wrote.
pub(crate) fn older_generation(set: &BackupSet, backup: &BackupRecord) -> Option<u64> {
    let newest = set.generations().first()?.id.number;
    let is_known = contains_backup(set, backup)?;
    (newest <= backup.generation && !is_known).then_some(newest)
}

/// Returns true if a generation of a set is, or continues, a backup; `None` if the digest in the record is malformed.
pub(crate) fn contains_backup(set: &BackupSet, backup: &BackupRecord) -> Option<bool> {
    contains_generation(set, backup.generation, &backup.manifest)
}

/// Returns true if a generation of a set is, or continues, the generation with this number and digest; `None` if the
/// digest is malformed.
pub(crate) fn contains_generation(set: &BackupSet, number: u64, manifest: &str) -> Option<bool> {
    let manifest: Digest = manifest.parse().ok()?;
    // The file name alone identifies a generation with an unreadable manifest.
    let written = GenerationId::new(number, &manifest);
    let is_there = set.generations().iter().any(|generation| generation.id == written);
    Some(is_there || set.history(&set.heads()).contains(&manifest))
}

/// Returns a warning if a set is older than the last backup.
pub(crate) fn older_state_warning(set: &BackupSet, backup: &BackupRecord) -> Option<Message> {
    let found = older_generation(set, backup)?;
    let message = Message::new(&TEXTS, "older-state").with("set", set.id()).with("wrote", backup.generation);
    Some(message.with("found", found))
}

/// Returns a warning if a location holds less than this computer wrote there.
///
/// # Errors
/// [`BackupError`] if the location cannot be read.
pub(crate) fn rollback_warning(
    location: &Location,
    own: SetId,
    backup: &BackupRecord,
) -> Result<Option<Message>, BackupError> {
    match location.set(own) {
        Ok(set) if !set.generations().is_empty() => Ok(older_state_warning(&set, backup)),
        Ok(_) | Err(BackupError::NoSuchSet(_)) => {
            Ok(Some(Message::new(&TEXTS, "set-gone").with("set", own).with("wrote", backup.generation)))
        }
        Err(error) => Err(error),
    }
}
