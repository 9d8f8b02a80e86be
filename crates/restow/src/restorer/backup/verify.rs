//! Verifying a location, and what damage means for the next backup of this computer.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use restow_backup::{self, BackupError, Damage, Depth, Digest, GenerationId, Location, PackId, SetId, verify_location};
use restow_core::message::Note;

use crate::error::Error;
use crate::home::Home;
use crate::location_status::rollback_warning;
use crate::restorer::restore::plan::location_name;
use crate::store::Change;

/// What [`verify`] found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Verified {
    /// What is damaged, what does not belong, what is left over.
    pub report: restow_backup::LocationReport,
    /// What becomes of damage to this computer's own set; `None` when that has none.
    pub mending: Option<Mending>,
    /// Said when less of this computer's own set is there than this computer wrote: a fault, whatever the bytes are.
    pub older: Option<Note>,
    /// Why the next backup could not be told, if so.
    pub not_noted: Option<Error>,
}

/// What becomes of damage to this computer's own set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Mending {
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
) -> Result<Verified, Error> {
    let location = Location::open(path)?;
    let report = verify_location(&location, Depth::Records, progress)?;
    let mut verified = Verified { report, mending: None, older: None, not_noted: None };
    let Some(home) = home else { return Ok(verified) };
    let own = SetId::from_key(&home.computer()?.set_key().public());
    match compared(home, &location, own) {
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
        let known = known(&location, *set)?;
        let is_known = |damage: &&Damage| match damage.pack {
            Some(pack) => known.lost.contains(&pack) || !known.listed.contains(&pack),
            None => known.newest.is_some_and(|newest| damage.generation.number < newest),
        };
        if !losses.iter().all(is_known) {
            unknown.insert(*set);
        }
    }
    let of_own = || if unknown.contains(&own) { Mending::NextBackup } else { Mending::Done };
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
fn compared(home: &Home, location: &Location, own: SetId) -> Result<Option<Note>, Error> {
    let note = home.store()?.view().backup(&location_name(location), &own.to_string())?;
    Ok(note.map(|note| rollback_warning(location, own, &note)).transpose()?.flatten())
}

/// Notes damage to this computer's own set in each backup that is in it, wherever the location was mounted then.
pub(crate) fn note_damage(change: &Change<'_>, location: &Location, own: SetId) -> Result<(), Error> {
    let set = location.set(own)?;
    let history = set.history(&set.heads());
    let name = location_name(location);
    let set_id = own.to_string();
    for note in change.view().backups()?.iter().filter(|note| note.set_id == set_id) {
        // Also one whose manifest cannot be read, by its name.
        let is_here = note.manifest.parse::<Digest>().is_ok_and(|digest| {
            let id = GenerationId::new(note.generation, &digest);
            history.contains(&digest) || set.generations().iter().any(|generation| generation.id == id)
        });
        if note.location == name || is_here {
            change.record_damage(note)?;
        }
    }
    Ok(())
}

/// What the newest generation of a set knows.
#[derive(Default)]
struct Known {
    newest: Option<u64>,
    listed: HashSet<PackId>,
    lost: HashSet<PackId>,
}

fn known(location: &Location, own: SetId) -> Result<Known, BackupError> {
    let set = location.set(own)?;
    let heads = set.heads();
    let mut known = Known { newest: heads.iter().map(|id| id.number).max(), ..Known::default() };
    for (_, facts) in set.readable().filter(|(id, _)| heads.contains(id)) {
        known.listed.extend(facts.packs.iter().map(|pack| pack.id));
        known.lost.extend(&facts.lost);
    }
    Ok(known)
}
