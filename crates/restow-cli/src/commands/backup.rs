//! `restow backup LOCATION`

use restow::restorer::{Backup, BackupPlan};
use restow::{Home, Report, Status};
use serde_json::json;

use super::scan::print_embedded_licenses;
use super::{Context, Exit, Failure, args, exit_for_result, interrupt, print_object, values};
use crate::output::{StatusPrinter, Tone, Ui, restricted_line, shell_word};

pub(super) fn run(context: &Context, args: &args::Backup) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut backup = Backup::to(&args.location);
    if let Some(name) = &args.name {
        backup = backup.computer_name(name);
    }
    if let Some(generations) = args.keep {
        backup = backup.keep(generations);
    }
    if args.dry_run {
        let plan = backup.plan(&home)?;
        print_plan(ui, &plan);
        print_not_backed_up(ui, &home, plan.licenses, plan.restricted.len() as u64)?;
        ui.print("nothing-changed", values![]);
        return Ok(Exit::Done);
    }
    let printer = StatusPrinter::new(ui);
    let backup =
        backup.on_status(move |status: &Status| printer.print(status)).cancelled_by(&interrupt::cancel_token());
    let report = backup.start(&home)?.wait();
    print_result(ui, args, &report);
    if report.is_ok() {
        print_not_backed_up(ui, &home, report.summary.backed_up, report.summary.restricted)?;
    }
    if let Some(failure) = Failure::from_report(&report) {
        ui.print_failure(&failure);
    }
    Ok(exit_for_result(report.result))
}

fn print_plan(ui: &Ui, plan: &BackupPlan) {
    let restricted = plan.restricted.iter().map(|license| {
        json!({"license_id": license.identity.license_id, "titles": license.titles, "reason": license.reason.as_str()})
    });
    print_object!(ui, "backup_plan", {"plan": {
        "location": plan.location.to_string_lossy(),
        "set": plan.set,
        "continues": plan.continues,
        "licenses": plan.licenses,
        "new_or_changed": plan.new_or_changed,
        "restricted": restricted.collect::<Vec<_>>(),
    }});
    ui.print("backup-would", values![count = plan.licenses, new = plan.new_or_changed]);
    match plan.continues {
        Some(generation) => ui.print("backup-would-continue", values![generation = generation]),
        None => ui.print("backup-would-begin", values![]),
    }
    if !ui.is_json() && !plan.restricted.is_empty() {
        ui.print("restricted-heading", values![]);
        for license in &plan.restricted {
            ui.print_line(&restricted_line(ui, license));
        }
    }
}

/// Prints which licenses the backup does not contain.
fn print_not_backed_up(ui: &Ui, home: &Home, backed_up: u64, restricted: u64) -> Result<(), Failure> {
    if ui.is_json() {
        return Ok(());
    }
    if backed_up == 0 {
        let id = if restricted == 0 { "backup-nothing" } else { "backup-nothing-allowed" };
        ui.print_styled(Tone::Warning, id, values![]);
    }
    print_embedded_licenses(ui, &home.store()?.view().unlicensed_files(0)?);
    Ok(())
}

fn print_result(ui: &Ui, args: &args::Backup, report: &Report) {
    ui.print_warnings(&report.warnings);
    if !report.is_ok() {
        return;
    }
    let summary = &report.summary;
    let location = args.location.to_string_lossy();
    let values = values![
        count = summary.backed_up,
        location = location.as_ref(),
        generation = report.generation.unwrap_or_default(),
    ];
    let tone = if summary.backed_up > 0 { Tone::Good } else { Tone::Plain };
    ui.print_styled(tone, "backup-done", values);
    if summary.restricted > 0 {
        ui.print_styled(Tone::Warning, "backup-restricted", values![count = summary.restricted]);
    }
    if summary.backed_up == 0 {
        return;
    }
    // Without a registration, the restore key may not let another computer in.
    let is_unconfirmed_computer = !report.unregistered.is_empty();
    ui.print(
        if is_unconfirmed_computer { "backup-keep" } else { "backup-next" },
        values![location = shell_word(&location)],
    );
}
