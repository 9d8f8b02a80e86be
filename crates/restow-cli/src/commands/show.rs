//! `restow show LOCATION`

use restow::backup::MissingRecord;
use restow::license::Restriction;
use restow::listing::{Listed, Usability};
use restow::restorer::Restore;
use serde_json::json;

use super::Context;
use super::licenses::usability_word;
use crate::args;
use crate::failure::{Exit, Failure};
use crate::output::{LicenseObject, Tone, Ui, restricted_text, titled, validity};
use crate::texts::values;

/// Nobody reads any more.
struct Closed;

pub(super) fn run(context: &Context, args: &args::Show) -> Result<Exit, Failure> {
    let (ui, path) = (&context.ui, args.location.as_path());
    let restore = args.which.of(Restore::from(path));
    let contents = context.contents(&restore, path)?;
    ui.notes(contents.warnings());
    let mut count = 0_u64;
    let shown = contents.licenses(&mut |listed| {
        count += 1;
        show(ui, &listed);
        if ui.is_closed() { Err(Closed) } else { Ok(()) }
    });
    if shown.is_err() {
        return Ok(Exit::Done);
    }
    let mut first = true;
    let _ = contents.missing(&mut |record| {
        if std::mem::take(&mut first) {
            ui.gap();
            ui.tell(Tone::Warning, "restricted-heading", values![]);
        }
        show_missing(ui, record);
        if ui.is_closed() { Err(Closed) } else { Ok(()) }
    });
    ui.say("show-done", values![count = count]);
    if !contents.warnings().is_empty() {
        ui.warn("show-damage", values![count = contents.warnings().len() as u64]);
    }
    Ok(Exit::Done)
}

fn show(ui: &Ui, listed: &Listed) {
    if ui.json() {
        ui.object(&LicenseObject::listed(listed));
    } else {
        let license = listed.license.identity.license_id.as_str();
        // A set cannot say that a service grants a license: whoever restores it asks.
        let word = match listed.usability {
            Usability::Pending => ui.text("show-asks-service", values![]),
            other => usability_word(ui, other),
        };
        let status = format!("{word}{}", validity(ui, listed));
        ui.say(
            "show-license",
            values![title = titled(ui, &listed.titles, license), license = license, status = status],
        );
    }
}

fn show_missing(ui: &Ui, record: &MissingRecord) {
    let reason = Restriction::from_number(record.reason).map_or("", Restriction::as_str);
    ui.object(&json!({
        "missing": true,
        "license_id": record.license_id,
        "key_ids": record.key_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "titles": record.titles,
        "reason": reason,
        "where": record.where_from,
    }));
    if !ui.json() {
        ui.line(&restricted_text(ui, &record.titles, record.key_ids.first(), &record.license_id, reason));
        if !record.where_from.is_empty() {
            ui.say("missing-where", values![url = record.where_from.as_str()]);
        }
    }
}
