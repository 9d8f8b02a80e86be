//! Location and set of a backup, checked before anything is written.

use restow_backup::{BackupError, BackupSet, Location, PackRole, SetId};

use crate::error::{Error, RestorerError};
use crate::home::Home;
use crate::restorer::location::{FoundLocation, find_location, find_set};
use crate::restorer::options::{Backup, ExistingSet, MissingSet};
use crate::store::{BackupRecord, LicenseFilter, View};

/// Location that a backup may write to.
pub(super) struct BackupTarget {
    pub(super) location: Location,
    /// ID of the location in the records of the home.
    pub(super) name: String,
    pub(super) found: FoundLocation,
    pub(super) set: SetId,
    /// Set of this computer, if it has generations.
    pub(super) existing: Option<BackupSet>,
    /// Last backup to this location.
    pub(super) record: Option<BackupRecord>,
}

impl BackupTarget {
    /// Opens the location and checks the options of the backup.
    ///
    /// # Errors
    /// [`Error::Backup`] if the location cannot be read; [`RestorerError::BackupExists`],
    /// [`RestorerError::BackupGone`], [`RestorerError::NothingToBackUp`] or [`RestorerError::LocationName`].
    pub(super) fn open(backup: &Backup, home: &Home, view: View<'_>) -> Result<Self, Error> {
        let set = SetId::from_key(&home.computer_to_read()?.set_key().public());
        let location = Location::create_with_access(&backup.run.location, backup.access)?;
        let found = find_location(view, &location)?;
        let name = found.id.clone();
        let existing = find_set(&location, set)?.filter(|set| !set.generations().is_empty());
        if existing.is_some() && backup.existing == ExistingSet::Refuse {
            return Err(RestorerError::BackupExists.into());
        }
        let record = view.backup(&name, &set.to_string())?;
        if let Some(record) = record.as_ref().filter(|_| existing.is_none() && backup.missing == MissingSet::Refuse) {
            let BackupRecord { path: location, generation, at, .. } = record.clone();
            return Err(RestorerError::BackupGone { location, generation, at }.into());
        }
        let target = Self { location, name, found, set, existing, record };
        if !backup.writes_empty && view.count_licenses(LicenseFilter::All)? == 0 && !target.has_licenses() {
            return Err(match target.is_unreadable() {
                true => BackupError::AllDamaged(target.location.path()).into(),
                false => RestorerError::NothingToBackUp.into(),
            });
        }
        Ok(target)
    }

    /// Returns true if the set lists licenses.
    fn has_licenses(&self) -> bool {
        let Some(set) = &self.existing else { return false };
        let heads = set.heads();
        let packs = set.readable().filter(|(id, _)| heads.contains(id)).flat_map(|(_, facts)| &facts.packs);
        packs.filter(|pack| pack.role == PackRole::Licenses).any(|pack| pack.licenses > 0)
    }

    /// Returns true if the set has generations, and none of them can be read.
    pub(super) fn is_unreadable(&self) -> bool {
        self.existing.as_ref().is_some_and(|set| set.heads().is_empty())
    }
}
