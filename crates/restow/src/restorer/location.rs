//! Records of this home about a location: the name of the location, and noted damage.

use restow_backup::{BackupError, BackupSet, FOLDER, Location, SetId};
use restow_core::message::Message;

use crate::error::{Error, RestorerError};
use crate::location_status::{contains_backup, rollback_warning};
use crate::store::{Change, View};

/// Returns the name of a location in the backup records: the absolute path of the folder that contains `Restow`.
///
/// The name is the same whether the user named that folder or the folder `Restow` itself.
///
/// # Errors
/// [`RestorerError::LocationName`] for a name that is not UTF-8. Records cannot hold such a name, so that a later run
/// would not find the location again.
pub(crate) fn location_name(location: &Location) -> Result<String, RestorerError> {
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
    // The home has no records about a location without a name.
    let Ok(name) = location_name(location) else { return Ok(None) };
    let Some(record) = view.backup(&name, &own_set.to_string())? else { return Ok(None) };
    Ok(rollback_warning(location, own_set, &record)?)
}

/// Notes damage of this computer's own set in the record of each backup that the set contains.
///
/// The mount point of the location can have changed since, so the records of all locations are compared.
pub(crate) fn note_damage(change: &Change<'_>, location: &Location, own_set: SetId) -> Result<(), Error> {
    let set = location.set(own_set)?;
    let name = location_name(location).ok();
    let set_id = own_set.to_string();
    for record in change.view().backups()?.iter().filter(|record| record.set_id == set_id) {
        if Some(&record.location) == name.as_ref() || contains_backup(&set, record) == Some(true) {
            change.record_damage(record)?;
        }
    }
    Ok(())
}
