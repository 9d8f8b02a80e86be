//! `restow backups [LOCATION]`

use std::path::Path;

use restow::UnixTime;
use restow::backup::{GenerationState, LicenseCount, Location};
use restow::location_status::{KnownLocation, known_locations};
use restow::safety::RiskReason;
use serde_json::json;

use super::status::{disk_name, location_state};
use super::{CommandError, Context, Exit, Failure, args, generations, interrupt, print_object, values};
use crate::output::{Table, Tone, Ui, short_id};

pub(super) fn run(context: &Context, args: &args::Backups) -> Result<Exit, Failure> {
    match (&args.remove, &args.location) {
        (Some(location), _) => remove(context, location, args.yes),
        (None, Some(location)) => list_location(&context.ui, location),
        (None, None) => list_known(context),
    }
}

/// Set at a known location, as the records have it.
struct KnownSet<'a> {
    set: &'a str,
    computer_name: &'a str,
    generation: u64,
    at: UnixTime,
    is_own: bool,
}

/// Returns the sets at a known location, the set of this computer first.
fn sets_of(known: &KnownLocation) -> Vec<KnownSet<'_>> {
    let own = known.backup.as_ref();
    let name_of = |set_id: &str| known.location.sets.iter().find(|set| set.set_id == set_id);
    let own_set = own.map(|backup| KnownSet {
        set: &backup.set_id,
        computer_name: name_of(&backup.set_id).map_or("", |set| &set.computer_name),
        generation: backup.generation,
        at: backup.at,
        is_own: true,
    });
    let others = known.location.sets.iter().filter(|set| own.is_none_or(|own| own.set_id != set.set_id));
    let others = others.map(|set| KnownSet {
        set: &set.set_id,
        computer_name: &set.computer_name,
        generation: set.generation,
        at: set.created,
        is_own: false,
    });
    own_set.into_iter().chain(others).collect()
}

/// Lists the backups that this home made or restored from.
fn list_known(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let locations = known_locations(&home, &home.store()?)?;
    let columns = [
        "column-location",
        "column-computer",
        "column-generation",
        "column-made",
        "column-disk",
        "column-checked",
        "column-reachable",
    ];
    let mut table = Table::new(ui.texts(), &columns);
    for known in &locations {
        let path = &known.location.path;
        for set in sets_of(known) {
            print_object!(ui, "known_backup", {
                "location": path, "set": set.set, "computer_name": set.computer_name, "own": set.is_own,
                "generation": set.generation, "at": restow::rfc3339(set.at),
                "reachable": Path::new(path).is_dir(), "standing": known.status.as_str(),
                "disk": disk_name(known), "last_seen": known.location.seen.map(restow::rfc3339),
                "last_read_back": known.read_back().map(restow::rfc3339),
                "risk": known.risk.map(RiskReason::as_str),
            });
            let name = match set.is_own {
                true => ui.text("computer-this-name", values![name = set.computer_name]),
                false => set.computer_name.to_owned(),
            };
            table.row([
                path.clone(),
                name,
                set.generation.to_string(),
                ui.time(set.at),
                ui.text(&format!("disk-{}", disk_name(known)), values![]),
                known.read_back().map_or_else(|| ui.text("word-never", values![]), |at| ui.time(at)),
                location_state(ui, known),
            ]);
        }
    }
    if locations.is_empty() {
        ui.print("backups-none", values![]);
    } else {
        ui.print_table(&table);
    }
    Ok(Exit::Done)
}

/// Removes a location from the records. Its files stay.
fn remove(context: &Context, path: &Path, yes: bool) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut store = home.store()?;
    let mut known = known_locations(&home, &store)?;
    known.retain(|known| known.is_at(path));
    if known.is_empty() {
        return Err(Failure::new(CommandError::NoSuchBackup).with("location", path.display()));
    }
    if !ui.is_json() {
        for known in &known {
            for set in sets_of(known) {
                let at = ui.time(set.at);
                let values = values![
                    location = known.location.path.as_str(),
                    generation = set.generation,
                    at = at,
                    set = short_id(set.set)
                ];
                ui.print("backups-remove-one", values);
            }
        }
    }
    if !ui.confirm_or_yes(yes, "backups-remove-ask", values![count = known.len() as u64])? {
        ui.print("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    store.update(|change| known.iter().try_for_each(|known| change.forget_location(&known.location.id)))?;
    for known in &known {
        let sets: Vec<_> = sets_of(known).iter().map(|set| json!(set.set)).collect();
        print_object!(ui, "removed_backup", {"removed": {"location": known.location.path, "sets": sets}});
    }
    ui.print_styled(Tone::Good, "backups-removed", values![]);
    Ok(Exit::Done)
}

/// Maximum number of bytes of a set that are read to count its licenses. For a larger set, an upper bound is
/// shown.
const MAX_COUNTED_BYTES: u64 = 64 << 20;

/// Lists the generations at a location.
fn list_location(ui: &Ui, path: &Path) -> Result<Exit, Failure> {
    let location = Location::open(path)?;
    let mut table = generations::new_table(ui);
    for id in location.sets()? {
        let set = location.set(id)?;
        let heads = set.heads();
        let cancel = interrupt::cancel_token();
        let counts = set.count_licenses(MAX_COUNTED_BYTES, &|| cancel.is_cancelled())?;
        for generation in set.generations() {
            let facts = generation.facts();
            let licenses = counts.get(&generation.id).copied();
            let state = match generation.state {
                GenerationState::Readable(_) if heads.contains(&generation.id) => "generation-newest",
                GenerationState::Readable(_) => "generation-older",
                ref state if state.is_newer() => "generation-newer",
                _ => "generation-damaged",
            };
            print_object!(ui, "generation", {
                "location": path.to_string_lossy(),
                "set": id.to_string(),
                "generation": generation.id.number,
                "computer_name": facts.map(|facts| &facts.computer_name),
                "created": facts.map(|facts| restow::rfc3339(facts.created)),
                "licenses": licenses.and_then(|licenses| match licenses {
                    LicenseCount::Exact(count) | LicenseCount::AtMost(count) => Some(count),
                    _ => None,
                }),
                "licenses_counted": matches!(licenses, Some(LicenseCount::Exact(_))),
                "readable": facts.is_some(),
                "newest": heads.contains(&generation.id),
            });
            let (computer, created) = facts.map(|facts| (facts.computer_name.as_str(), facts.created)).unzip();
            let (set, computer) = (id.to_string(), computer.unwrap_or_default());
            table.row(generations::cells(ui, &set, computer, generation.id.number, created, licenses, state));
        }
    }
    ui.print_table(&table);
    Ok(Exit::Done)
}
