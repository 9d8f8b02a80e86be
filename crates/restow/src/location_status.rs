//! Known backup locations and their current status. A backup counts only while its location holds it.

use std::path::Path;

use restow_backup::{BackupError, BackupSet, Digest, GenerationId, Location, SetId};
use restow_core::message::Message;

use crate::error::Error;
use crate::store::{BackupRecord, View, WithdrawnKeys};
use crate::texts::TEXTS;

/// Status of a location. The check looks for packs, but does not read them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum LocationStatus {
    /// The location holds the data that was written or restored.
    Present,
    /// The location cannot be checked now, such as a drive that is not connected.
    Unreachable,
    /// The location has no backup.
    Missing,
    /// The newest state cannot be read, or packs are missing or too short.
    Damaged,
    /// The location has an older state than this computer wrote.
    Older,
}

impl LocationStatus {
    /// Returns the fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "holds",
            Self::Unreachable => "away",
            Self::Missing => "gone",
            Self::Damaged => "damaged",
            Self::Older => "older",
        }
    }

    /// Returns true if the recorded backup counts: the location holds it, or cannot be checked.
    #[must_use]
    pub const fn is_reliable(self) -> bool {
        matches!(self, Self::Present | Self::Unreachable)
    }
}

/// Location that this home backed up to.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct KnownLocation {
    /// Record of the last backup.
    pub backup: BackupRecord,
    /// Current status of the location.
    pub status: LocationStatus,
    /// True if the set holds a withdrawn restore key. Until the next backup, no other computer can register by it.
    pub has_withdrawn_key: bool,
}

/// Returns the locations that this home backed up to, the last backup first.
///
/// # Errors
/// [`Error::Store`] if the store fails.
pub fn known_locations(view: View<'_>) -> Result<Vec<KnownLocation>, Error> {
    let withdrawn = WithdrawnKeys::of(view)?;
    let known_location = |backup: BackupRecord| KnownLocation {
        status: status_of_backup(&backup),
        has_withdrawn_key: withdrawn.concerns_any(backup.change),
        backup,
    };
    Ok(view.backups()?.into_iter().map(known_location).collect())
}

/// Checks the set of this computer at a location.
pub(crate) fn status_of_backup(backup: &BackupRecord) -> LocationStatus {
    if backup.damaged {
        return LocationStatus::Damaged;
    }
    let Ok(id) = backup.set_id.parse() else { return LocationStatus::Missing };
    match Location::open(Path::new(&backup.location)).and_then(|location| location.set(id)) {
        Ok(set) if older_generation(&set, backup).is_some() => LocationStatus::Older,
        Ok(set) => status_of_set(&set),
        Err(error) => status_of_error(&error),
    }
}

/// Checks the sets at a location that licenses were restored from.
pub(crate) fn status_of_location(location: &str) -> LocationStatus {
    let sets = Location::open(Path::new(location)).and_then(|location| {
        let ids = location.sets()?;
        ids.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()
    });
    match sets {
        Ok(sets) => {
            let worst = sets.iter().map(status_of_set).filter(|status| *status != LocationStatus::Missing);
            worst.min_by_key(|status| *status == LocationStatus::Present).unwrap_or(LocationStatus::Missing)
        }
        Err(error) => status_of_error(&error),
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
    let manifest: Digest = backup.manifest.parse().ok()?;
    // The file name alone identifies a generation with an unreadable manifest.
    let written = GenerationId::new(backup.generation, &manifest);
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
