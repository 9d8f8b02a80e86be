//! `restow backups [LOCATION]`

use std::path::Path;

use restow::backup::{GenerationState, LicenseCount, Location};
use restow::location_status::known_locations;

use super::status::reachability_message;
use super::{Context, Exit, Failure, generations, interrupt, print_object, values};
use crate::output::{Table, Ui, short_id, time};

pub(super) fn run(context: &Context, location: Option<&Path>) -> Result<Exit, Failure> {
    match location {
        Some(location) => list_location(&context.ui, location),
        None => list_known(context),
    }
}

/// Lists the backups that this home made.
fn list_known(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let locations = known_locations(home.store()?.view())?;
    let columns = ["column-location", "column-set", "column-generation", "column-made", "column-reachable"];
    let mut table = Table::new(ui.texts(), &columns);
    for known in &locations {
        let note = &known.backup;
        let is_reachable = Path::new(&note.location).is_dir();
        print_object!(ui, "known_backup", {
            "location": note.location, "set": note.set_id, "generation": note.generation,
            "at": restow::rfc3339(note.at), "reachable": is_reachable, "standing": known.status.as_str(),
        });
        let reachability = ui.text(reachability_message(&locations, &note.location), values![]);
        let generation = note.generation.to_string();
        table.row([note.location.clone(), short_id(&note.set_id), generation, time(note.at), reachability]);
    }
    if locations.is_empty() {
        ui.print("backups-none", values![]);
    } else {
        ui.print_table(&table);
    }
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
