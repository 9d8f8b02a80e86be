//! Verification of a location, and the record of damage for the next backup of this computer.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use restow_backup::{self, Damage, Depth, Location, PackId, SetId, SetReport, verify_location};
use restow_core::message::Message;

use crate::restorer::location::{find_named_location, find_rollback, note_damage};
use crate::{error::Error, home::Home};

/// Result of [`verify`].
#[derive(Debug)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Damaged, foreign and unreferenced files.
    pub report: restow_backup::LocationReport,
    /// Repair of this computer's own set; `None` if that set is intact.
    pub repair: Option<RepairStatus>,
    /// Warning if the location has an older state of this computer's own set than this computer wrote. Intact packs
    /// do not change that fault.
    pub rollback: Option<Message>,
    /// Error that prevented the record of damage for the next backup.
    pub record_error: Option<Error>,
}

/// Repair of damage in this computer's own set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RepairStatus {
    /// The next backup to this location writes all licenses of the store again.
    NextBackup,
    /// A later backup has written all licenses again.
    Done,
}

/// Reads every byte of a location, and records damage in the home. Without damage of this computer's own set, the record
/// of the backup gets the time of this reading.
///
/// A location with recorded damage does not count as a backup, and the next backup of this computer repairs its own
/// set.
///
/// # Errors
/// [`Error::Backup`] if the location cannot be read, or if `progress` ends the verification. [`Error::Home`] if the
/// home cannot be read.
pub fn verify(
    home: Option<&Home>,
    path: &Path,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<VerifyReport, Error> {
    let location = Location::open(path)?;
    let report = verify_location(&location, Depth::Records, progress)?;
    let mut result = VerifyReport { report, repair: None, rollback: None, record_error: None };
    let Some(home) = home else { return Ok(result) };
    let own_set = SetId::from_key(&home.computer_to_read()?.set_key().public());
    let find_rollback = || find_rollback(home.store()?.view(), &location, own_set);
    match find_rollback() {
        Ok(rollback) => result.rollback = rollback,
        // A failure of the store must not hide the damage.
        Err(error) => result.record_error = Some(error),
    }
    let mut losses: HashMap<SetId, Vec<&Damage>> = HashMap::new();
    for damage in result.report.damage.iter().filter(|damage| damage.kind.is_loss()) {
        losses.entry(damage.set).or_default().push(damage);
    }
    let mut unknown = HashSet::new();
    for (set, losses) in &losses {
        let set_at_location = location.set(*set)?;
        let heads = set_at_location.heads();
        let newest = heads.iter().map(|id| id.number).max();
        let (mut listed, mut lost) = (HashSet::new(), HashSet::<PackId>::new());
        for (_, facts) in set_at_location.readable().filter(|(id, _)| heads.contains(id)) {
            listed.extend(facts.packs.iter().map(|pack| pack.id));
            lost.extend(&facts.lost);
        }
        let is_known = |damage: &&Damage| match damage.pack {
            Some(pack) => lost.contains(&pack) || !listed.contains(&pack),
            None => newest.is_some_and(|number| damage.generation.number < number),
        };
        if !losses.iter().all(is_known) {
            unknown.insert(*set);
        }
    }
    let status = || if unknown.contains(&own_set) { RepairStatus::NextBackup } else { RepairStatus::Done };
    result.repair = losses.contains_key(&own_set).then(status);
    let is_readable = |set: &SetReport| set.id == own_set && set.generations.iter().any(|known| known.is_intact);
    let own_is_read_back =
        !unknown.contains(&own_set) && result.rollback.is_none() && result.report.sets.iter().any(is_readable);
    let recorded = home.store().map_err(Error::from).and_then(|mut store| {
        store.update(|change| {
            if unknown.contains(&own_set) {
                note_damage(change, &location, own_set)?;
            }
            // The home has no records about a location without a name.
            let Some(found) = find_named_location(change.view(), &location)? else { return Ok(()) };
            if !unknown.is_empty() {
                change.forget_restores(&found.id)?;
                change.clear_read_back(&found.id)?;
            }
            if own_is_read_back {
                change.record_read_back(&found.id, &own_set.to_string(), home.clock().now())?;
            }
            found.record_visit(change, home, &location, unknown.is_empty())
        })
    });
    // Without damage, only the time of this verification is missing in the records.
    let is_needed = !unknown.is_empty() || own_is_read_back;
    result.record_error = result.record_error.or(recorded.err().filter(|_| is_needed));
    Ok(result)
}
