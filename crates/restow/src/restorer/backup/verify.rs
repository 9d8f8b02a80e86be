//! Verifying a location, and what damage means for the next backup of this computer.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use restow_backup::{self, BackupError, Damage, Depth, Location, PackId, SetId, verify_location};
use restow_core::message::Note;

use crate::error::Error;
use crate::home::Home;
use crate::location_status::older_state;
use crate::restorer::location::{location_name, note_damage};

/// What [`verify`] found.
#[derive(Debug)]
#[non_exhaustive]
pub struct VerifyReport {
    /// What is damaged, what does not belong, what is left over.
    pub report: restow_backup::LocationReport,
    /// What becomes of damage to this computer's own set; `None` when that has none.
    pub mending: Option<RepairStatus>,
    /// Said when less of this computer's own set is there than this computer wrote: a fault, whatever the bytes are.
    pub older: Option<Note>,
    /// Why the next backup could not be told, if so.
    pub not_noted: Option<Error>,
}

/// What becomes of damage to this computer's own set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RepairStatus {
    /// The next backup to this location writes everything again that this computer still has.
    NextBackup,
    /// A backup has done so since.
    Done,
}

/// Looks at every byte of a location. Damage is noted in the home, so that nobody counts upon what is damaged, and the
/// next backup of this computer writes the licenses of its own set again.
///
/// # Errors
/// When the location or the home cannot be read, or [`BackupError::Cancelled`].
pub fn verify(
    home: Option<&Home>,
    path: &Path,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<VerifyReport, Error> {
    let location = Location::open(path)?;
    let report = verify_location(&location, Depth::Records, progress)?;
    let mut verified = VerifyReport { report, mending: None, older: None, not_noted: None };
    let Some(home) = home else { return Ok(verified) };
    let own = SetId::of(&home.computer()?.set_key().public());
    match rollback_warning(home, &location, own) {
        Ok(older) => verified.older = older,
        // A store that cannot be read keeps no damage back.
        Err(error) => verified.not_noted = Some(error),
    }
    let mut losses: HashMap<SetId, Vec<&Damage>> = HashMap::new();
    for damage in verified.report.damage.iter().filter(|damage| damage.kind.is_loss()) {
        losses.entry(damage.set).or_default().push(damage);
    }
    let mut unknown = HashSet::new();
    for (set, losses) in &losses {
        let known = newest_state(&location, *set)?;
        let is_known = |damage: &&Damage| match damage.pack {
            Some(pack) => known.lost.contains(&pack) || !known.listed.contains(&pack),
            None => known.newest.is_some_and(|newest| damage.generation.number < newest),
        };
        if !losses.iter().all(is_known) {
            unknown.insert(*set);
        }
    }
    let of_own = || if unknown.contains(&own) { RepairStatus::NextBackup } else { RepairStatus::Done };
    verified.mending = losses.contains_key(&own).then(of_own);
    if unknown.is_empty() {
        return Ok(verified);
    }
    let noted = home.store().map_err(Error::from).and_then(|mut store| {
        let change = store.change()?;
        if unknown.contains(&own) {
            note_damage(&change, &location, own)?;
        }
        change.forget_restores(&location_name(&location))?;
        Ok(change.commit()?)
    });
    verified.not_noted = verified.not_noted.or(noted.err());
    Ok(verified)
}

/// What is said when less is there than this computer wrote.
fn rollback_warning(home: &Home, location: &Location, own: SetId) -> Result<Option<Note>, Error> {
    let note = home.store()?.view().backup(&location_name(location), &own.to_string())?;
    Ok(note.map(|note| rollback_warning(location, own, &note)).transpose()?.flatten())
}

/// What the newest generation of a set knows.
#[derive(Default)]
struct NewestState {
    newest: Option<u64>,
    listed: HashSet<PackId>,
    lost: HashSet<PackId>,
}

fn newest_state(location: &Location, own: SetId) -> Result<NewestState, BackupError> {
    let set = location.set(own)?;
    let heads = set.heads();
    let mut known = NewestState { newest: heads.iter().map(|id| id.number).max(), ..NewestState::default() };
    for (_, facts) in set.readable().filter(|(id, _)| heads.contains(id)) {
        known.listed.extend(facts.packs.iter().map(|pack| pack.id));
        known.lost.extend(&facts.lost);
    }
    Ok(known)
}
