//! `restow export [LOCATION] DIR`

use std::path::Path;

use restow::export::{ExportEvent, from_backup, from_store};
use restow::listing::LicenseInfo;
use restow::restorer::Restore;

use super::{CommandError, Context, Exit, Failure, args, interrupt, print_object, values};
use crate::output::{LicenseObject, Tone, Ui, restricted_text, shell_word};
use restow_core::text::sanitize;

pub(super) fn run(context: &Context, args: &args::Export) -> Result<Exit, Failure> {
    let (ui, cancel) = (&context.ui, interrupt::cancel_token());
    if args.location.is_none() && args.selector.is_given() {
        let missing = Failure::new(CommandError::UsageMissing).with("argument", ui.text("value-location", values![]));
        return Err(missing.with("command", "restow export").exit(Exit::Usage));
    }
    if is_in_backup(&args.folder) {
        let folder = args.folder.to_string_lossy();
        return Err(Failure::new(CommandError::ExportIntoBackup).with("path", shell_word(&folder)).exit(Exit::Usage));
    }
    let mut restricted = 0_u64;
    let mut on_event = |exported: &ExportEvent<'_>| match exported {
        ExportEvent::File { license, file, written } => print_exported(ui, license, file, *written),
        ExportEvent::Restricted(license) => {
            print_object!(ui, "missing_license", license);
            if !ui.is_json() {
                if restricted == 0 {
                    ui.print_styled(Tone::Warning, "restricted-heading", values![]);
                }
                let key_id = license.key_ids.first().and_then(|id| id.parse().ok());
                ui.print_line(&restricted_text(
                    ui,
                    &license.titles,
                    key_id.as_ref(),
                    &license.license_id,
                    license.reason,
                ));
            }
            restricted += 1;
        }
        _ => {}
    };
    let (summary, damage) = match &args.location {
        None => (from_store(&context.home()?, &args.folder, &cancel, &mut on_event)?, 0),
        Some(location) => {
            let restore = args.selector.apply_to(Restore::from(location));
            let contents = context.contents(&restore)?;
            ui.print_warnings(contents.warnings());
            (from_backup(&contents, &args.folder, &cancel, &mut on_event)?, contents.warnings().len() as u64)
        }
    };
    if summary.written + summary.already_there + restricted + damage == 0 {
        return Err(Failure::new(CommandError::ExportEmpty));
    }
    let folder = args.folder.to_string_lossy();
    let counts = values![count = summary.written, here = summary.already_there, folder = shell_word(&folder)];
    ui.print_styled(Tone::Good, "export-done", counts);
    if damage > 0 {
        ui.warn("show-damage", values![count = damage]);
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

/// Returns true if a folder is a backup location, or is in the folder `Restow` of a location. As the only argument it
/// is the source, not the destination, and files would not belong there.
fn is_in_backup(folder: &Path) -> bool {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let folder = folder.canonicalize().unwrap_or(folder);
    let is_backup = |folder: &Path| folder.join("sets").is_dir();
    let mut ancestors = folder.ancestors().filter(|ancestor| ancestor.ends_with("Restow"));
    is_backup(&folder) || is_backup(&folder.join("Restow")) || ancestors.any(is_backup)
}

fn print_exported(ui: &Ui, listed: &LicenseInfo, file: &str, written: bool) {
    print_object!(ui, "license", &LicenseObject::new(ui, listed), {"file": file, "written": written});
    if written && !ui.is_json() {
        ui.print_line(&format!("  {}", sanitize(file)));
    }
}
