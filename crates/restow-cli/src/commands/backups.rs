//! `restow backups [LOCATION]`

use std::path::Path;

use restow::backup::{GenerationState, Licenses, Location};
use restow::location_status::remembered;
use serde_json::json;

use super::Context;
use super::generations::{self, Row};
use super::status::reachable;
use crate::args::Backups;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{Align, Table, Ui, short_id, time};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Backups) -> Result<Exit, Failure> {
    match &args.location {
        Some(location) => at(&context.ui, location),
        None => known(context),
    }
}

/// The backups this home made.
fn known(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let places = remembered(home.store()?.view())?;
    let columns = [
        (Align::Left, "column-location"),
        (Align::Left, "column-set"),
        (Align::Right, "column-generation"),
        (Align::Left, "column-made"),
        (Align::Left, "column-reachable"),
    ];
    let mut table = Table::new(columns.map(|(align, id)| (align, ui.text(id, values![]))));
    for place in &places {
        let note = &place.note;
        let is_reachable = Path::new(&note.location).is_dir();
        ui.object(&json!({
            "location": note.location, "set": note.set_id, "generation": note.generation,
            "at": restow::rfc3339(note.at), "reachable": is_reachable, "standing": place.standing.as_str(),
        }));
        let here = ui.text(reachable(&places, &note.location), values![]);
        let generation = note.generation.to_string();
        table.row([note.location.clone(), short_id(&note.set_id), generation, time(note.at), here]);
    }
    if places.is_empty() {
        ui.say("backups-none", values![]);
    } else {
        ui.table(&table);
    }
    Ok(Exit::Done)
}

/// So many bytes of a set are read for counting its licenses; of a larger one it is said how many there are at most.
const READ: u64 = 64 << 20;

/// What is at a location.
fn at(ui: &Ui, path: &Path) -> Result<Exit, Failure> {
    let location = Location::open(path).map_err(|error| Failure::at(error, path))?;
    let mut table = generations::table(ui);
    for id in location.sets().map_err(|error| Failure::at(error, path))? {
        let set = location.set(id).map_err(|error| Failure::at(error, path))?;
        let heads = set.heads();
        let cancel = interrupt::token();
        let counts = set.count_licenses(READ, &|| cancel.is_cancelled()).map_err(|error| Failure::at(error, path))?;
        for generation in set.generations() {
            let facts = generation.facts();
            let licenses = counts.get(&generation.id).copied();
            let state = match generation.state {
                GenerationState::Readable(_) if heads.contains(&generation.id) => "generation-newest",
                GenerationState::Readable(_) => "generation-older",
                GenerationState::Newer { .. } => "generation-newer",
                _ => "generation-damaged",
            };
            ui.object(&json!({
                "location": path.to_string_lossy(),
                "set": id.to_string(),
                "generation": generation.id.number,
                "computer_name": facts.map(|facts| &facts.computer_name),
                "created": facts.map(|facts| restow::rfc3339(facts.created)),
                "licenses": licenses.and_then(|licenses| match licenses {
                    Licenses::Exactly(count) | Licenses::AtMost(count) => Some(count),
                    _ => None,
                }),
                "licenses_counted": matches!(licenses, Some(Licenses::Exactly(_))),
                "readable": facts.is_some(),
                "newest": heads.contains(&generation.id),
            }));
            let row = Row {
                set: &id.to_string(),
                computer: facts.map_or("", |facts| &facts.computer_name),
                generation: generation.id.number,
                created: facts.map(|facts| facts.created),
                licenses,
                state,
            };
            generations::add(ui, &mut table, &row);
        }
    }
    ui.table(&table);
    Ok(Exit::Done)
}
