//! The locations this home remembers, as they are now: a backup counts only while it is there.

use std::path::Path;

use restow_backup::{BackupError, BackupSet, Digest, GenerationId, Location, SetId};
use restow_core::message::Note;

use crate::error::Error;
use crate::store::Withdrawn;
use crate::store::{BackupNote, View};

/// What a look at a location shows. Packs are looked for, and not read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Standing {
    /// What was backed up or restored there is there.
    Holds,
    /// It cannot be looked at now, as a drive that is not connected: nobody knows.
    Away,
    /// There is no backup any more.
    Gone,
    /// The newest state cannot be read, or packs are missing or short.
    Damaged,
    /// An older state is there than this computer wrote.
    Older,
}

impl Standing {
    /// The fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Away => "away",
            Self::Gone => "gone",
            Self::Damaged => "damaged",
            Self::Older => "older",
        }
    }

    /// Whether what is remembered of the location counts: it is there, or nobody can know.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Holds | Self::Away)
    }
}

/// A location this home backed up to.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Remembered {
    /// The last backup there.
    pub note: BackupNote,
    /// What is there now.
    pub standing: Standing,
    /// Whether restore keys in it were withdrawn since: it lets no other computer in until the next backup.
    pub withdrawn: bool,
}

/// The locations this home backed up to, the last backup first.
///
/// # Errors
/// When the store fails.
pub fn remembered(view: View<'_>) -> Result<Vec<Remembered>, Error> {
    let withdrawn = Withdrawn::of(view)?;
    let look = |note: BackupNote| Remembered {
        standing: standing(&note),
        withdrawn: withdrawn.concerns_any(note.change),
        note,
    };
    Ok(view.backups()?.into_iter().map(look).collect())
}

/// What became of this computer's own set at a location.
pub(crate) fn standing(note: &BackupNote) -> Standing {
    if note.damaged {
        return Standing::Damaged;
    }
    match Location::open(Path::new(&note.location)).map(|location| (note.set_id.parse(), location)) {
        Ok((Ok(set), location)) => match location.set(set) {
            Ok(set) if is_older(&set, note).is_some() => Standing::Older,
            Ok(set) => state(&set),
            Err(BackupError::NoSuchSet(_)) => Standing::Gone,
            Err(_) => Standing::Away,
        },
        Ok((Err(_), _)) | Err(BackupError::NoBackup(_)) => Standing::Gone,
        Err(_) => Standing::Away,
    }
}

/// What became of the sets at a location something was restored from.
pub(crate) fn standing_of_all(location: &str) -> Standing {
    let sets = Location::open(Path::new(location)).and_then(|location| {
        let ids = location.sets()?;
        ids.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()
    });
    match sets {
        Ok(sets) => {
            let worst = sets.iter().map(state).filter(|standing| *standing != Standing::Gone);
            worst.min_by_key(|standing| *standing == Standing::Holds).unwrap_or(Standing::Gone)
        }
        Err(BackupError::NoBackup(_)) => Standing::Gone,
        Err(_) => Standing::Away,
    }
}

fn state(set: &BackupSet) -> Standing {
    let heads = set.heads();
    let Some(newest) = heads.iter().map(|id| id.number).max() else {
        return if set.generations().is_empty() { Standing::Gone } else { Standing::Damaged };
    };
    // One of a newer Restow continues what is there.
    let unread = set.damaged_generations().any(|id| id.number >= newest);
    let present = set.readable().filter(|(id, _)| heads.contains(id)).all(|(_, facts)| set.is_present(facts));
    if present && !unread { Standing::Holds } else { Standing::Damaged }
}

/// The newest generation that is there, when that is an older state than this computer wrote: what it wrote is neither
/// there nor continued by anything, and nothing later is there either.
pub(crate) fn is_older(set: &BackupSet, note: &BackupNote) -> Option<u64> {
    let newest = set.generations().first()?.id.number;
    let manifest: Digest = note.manifest.parse().ok()?;
    let written = GenerationId::new(note.generation, &manifest);
    let is_there = set.generations().iter().any(|generation| generation.id == written);
    let known = is_there || set.history(&set.heads()).contains(&manifest);
    (newest <= note.generation && !known).then_some(newest)
}

/// What is said when less is at a location than this computer wrote there.
pub(crate) fn older_state(location: &Location, own: SetId, note: &BackupNote) -> Result<Option<Note>, BackupError> {
    let wrote = note.generation;
    let place = format!("this computer wrote generation {wrote} to this place");
    let gone = || {
        let text =
            format!("set {own}: nothing of it is there, and {place}: files were deleted, or this is another drive");
        Note::new("set-gone", text).with("set", own).with("wrote", wrote)
    };
    let older = |found: u64| {
        let text = format!(
            "set {own}: generation {found} is the newest there, and {place}: an older copy was put back, files were \
             deleted, or this is another drive"
        );
        Note::new("older-state", text).with("set", own).with("wrote", wrote).with("found", found)
    };
    match location.set(own) {
        Ok(set) if set.generations().is_empty() => Ok(Some(gone())),
        Ok(set) => Ok(is_older(&set, note).map(older)),
        Err(BackupError::NoSuchSet(_)) => Ok(Some(gone())),
        Err(error) => Err(error),
    }
}
