//! `restow show LOCATION`

use restow::backup::InventoryRecord;
use restow::license::Restriction;
use restow::listing::{LicenseInfo, LicenseState};
use restow::restorer::Restore;

use super::{CommandError, Context, Exit, Failure, args, licenses::license_state_word, print_object, values};
use crate::output::{LicenseObject, Tone, Ui, display_title, restricted_text, shell_word, validity};

/// Error after the reader closed the output.
struct OutputClosed;

pub(super) fn run(context: &Context, args: &args::Show) -> Result<Exit, Failure> {
    let (ui, path) = (&context.ui, args.location.as_path());
    let restore = args.selector.apply_to(Restore::from(path));
    let contents = context.contents(&restore)?;
    ui.print_warnings(contents.warnings());
    let mut count = 0_u64;
    let result = contents.licenses(&mut |listed| {
        count += 1;
        print_license(ui, &listed);
        if ui.is_closed() { Err(OutputClosed) } else { Ok(()) }
    });
    if result.is_err() {
        return Ok(Exit::Done);
    }
    let mut is_first = true;
    let _ = contents.missing(&mut |record| {
        if std::mem::take(&mut is_first) {
            ui.blank_line();
            ui.print_styled(Tone::Warning, "restricted-heading", values![]);
        }
        print_missing(ui, record);
        if ui.is_closed() { Err(OutputClosed) } else { Ok(()) }
    });
    if count == 0 && is_first && !contents.warnings().is_empty() {
        return Err(Failure::new(CommandError::ShowNothing).with("path", shell_word(&path.to_string_lossy())));
    }
    ui.print("show-done", values![count = count]);
    if !contents.warnings().is_empty() {
        ui.warn("show-damage", values![count = contents.warnings().len() as u64]);
    }
    Ok(Exit::Done)
}

fn print_license(ui: &Ui, listed: &LicenseInfo) {
    if ui.is_json() {
        print_object!(ui, "license", &LicenseObject::new(ui, listed));
    } else {
        let license = listed.license.identity.license_id.as_str();
        // A set does not know the service's answer. The restore asks the service.
        let word = match listed.state {
            LicenseState::Pending => ui.text("show-asks-service", values![]),
            other => license_state_word(ui, other),
        };
        let status = format!("{word}{}", validity(ui, listed));
        ui.print(
            "show-license",
            values![title = display_title(ui, &listed.titles, license), license = license, status = status],
        );
    }
}

fn print_missing(ui: &Ui, record: &InventoryRecord) {
    let reason = Restriction::from_number(record.reason).map_or("", Restriction::as_str);
    print_object!(ui, "missing_license", {
        "missing": true,
        "license_id": record.license_id,
        "key_ids": record.key_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "titles": record.titles,
        "reason": reason,
        "where": record.source_url,
    });
    if !ui.is_json() {
        ui.print_line(&restricted_text(ui, &record.titles, record.key_ids.first(), &record.license_id, reason));
        if !record.source_url.is_empty() {
            ui.print("missing-where", values![url = record.source_url.as_str()]);
        }
    }
}
