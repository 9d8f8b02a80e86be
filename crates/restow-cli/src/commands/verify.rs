//! `restow verify LOCATION`

use std::ops::ControlFlow;
use std::path::Path;

use restow::Home;
use restow::backup::LocationReport;
use restow::restorer::{RepairStatus, verify};
use serde_json::json;

use super::{CommandError, Context, Exit, Failure, interrupt, print_object, values};
use crate::output::{Progress, Tone, Ui, display_title, shell_word, short_id, size};

/// Maximum number of licenses per damaged part that are listed for people.
const MAX_SHOWN: usize = 20;

pub(super) fn run(context: &Context, path: &Path) -> Result<Exit, Failure> {
    let ui = &context.ui;
    // A missing home trusts no service. The command does not create it.
    let home = context.existing_home()?;
    let (progress, cancel) = (Progress::new(ui), interrupt::cancel_token());
    let verified = verify(home.as_ref(), path, &mut |done, total| {
        progress.set_position(done, total);
        if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    let verified = verified?;
    let report = &verified.report;
    print_report(ui, report);
    print_origins(ui, home.as_ref(), path)?;
    match verified.repair {
        Some(RepairStatus::NextBackup) if verified.record_error.is_none() => {
            print_object!(ui, "repair", {"mending": "next_backup"});
            ui.print("verify-next-backup", values![location = shell_word(&path.to_string_lossy())]);
        }
        Some(RepairStatus::Done) => {
            print_object!(ui, "repair", {"mending": "done"});
            ui.print("verify-mended", values![]);
        }
        _ => {}
    }
    if let Some(error) = verified.record_error {
        ui.print_warnings(&[(&error).into()]);
    }
    if let Some(older) = &verified.rollback {
        let text = ui.message_with_help(older);
        print_object!(ui, "rollback", {"older": {"code": older.code, "message": text}});
        if !ui.is_json() {
            ui.print_styled(Tone::Bad, "verify-damage", values![text = text]);
        }
        if report.damage.is_empty() {
            return Err(Failure::new(CommandError::OlderState).with("location", path.display()));
        }
    }
    if report.damage.is_empty() {
        ui.print_styled(Tone::Good, "verify-whole", values![]);
        return Ok(Exit::Done);
    }
    // With one damaged set, the repaired set is this computer's own. Other sets need a repair by the user.
    let is_one_set = report.damage.windows(2).all(|two| matches!(two, [a, b] if a.set == b.set));
    let is_known = verified.repair == Some(RepairStatus::Done)
        && is_one_set
        && verified.rollback.is_none()
        && report.damage.iter().all(|damage| damage.kind.is_loss());
    let error = if is_known { CommandError::DamagedKnown } else { CommandError::Damaged };
    let failure = Failure::new(error).with("location", path.display()).with("count", report.damage.len());
    Err(failure.hresult(restow::Hresult::NS_E_DRM_BACKUP_CORRUPT))
}

fn print_report(ui: &Ui, report: &LocationReport) {
    for damage in &report.damage {
        print_object!(ui, "damage", {"damage": {
            "code": damage.kind.code(),
            "set": damage.set.to_string(),
            "generation": damage.generation.number,
            "pack": damage.pack.map(|pack| pack.to_string()),
            "frame": damage.frame,
            "licenses_lost": damage.licenses_lost,
            "lost": damage.lost_licenses.iter().map(|lost| json!({"license_id": lost.license_id, "titles": lost.titles}))
                .collect::<Vec<_>>(),
            "message": ui.message(&damage.into()),
        }});
        if !ui.is_json() {
            ui.print_styled(Tone::Bad, "verify-damage", values![text = ui.message(&damage.into())]);
            let lost = damage.lost_licenses.iter().take(MAX_SHOWN);
            let titles = lost.map(|lost| ui.list_item(&display_title(ui, &lost.titles, &lost.license_id)));
            ui.print_list(titles, damage.lost_licenses.len() as u64);
        }
    }
    for path in &report.foreign {
        print_object!(ui, "foreign_file", {"foreign": path});
        ui.print_styled(Tone::Warning, "verify-foreign", values![path = path.as_str()]);
    }
    for path in &report.leftovers {
        print_object!(ui, "leftover_file", {"leftover": path});
    }
    let generations = report.sets.iter().map(|set| set.generations.len() as u64).sum::<u64>();
    print_object!(ui, "verify_summary", {"verified": {
        "sets": report.sets.len(),
        "generations": generations,
        "bytes": report.bytes,
        "damage": report.damage.len(),
        "foreign": report.foreign.len(),
        "leftovers": report.leftovers.len(),
        "whole": report.is_intact(),
    }});
    if !report.leftovers.is_empty() {
        ui.print("verify-leftovers", values![count = report.leftovers.len() as u64]);
    }
    let sets = report.sets.len() as u64;
    ui.print("verify-looked", values![sets = sets, generations = generations, size = size(report.bytes)]);
}

/// Prints for each set if a trusted service certifies it.
fn print_origins(ui: &Ui, home: Option<&Home>, path: &Path) -> Result<(), Failure> {
    let sets = match restow::restorer::list_sets(home, path) {
        Ok(sets) => sets,
        // The damage of an unreadable location is printed already.
        Err(restow::Error::Backup(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for set_info in sets {
        let (set, name, proven) = (set_info.set.as_str(), set_info.computer_name.as_str(), set_info.is_certified);
        print_object!(ui, "origin", {"origin": {"set": set, "computer_name": name, "proven": proven}});
        let id = if proven { "verify-origin-proven" } else { "verify-origin-unproven" };
        ui.print(id, values![set = short_id(set), name = name]);
    }
    Ok(())
}
