//! `restow backup LOCATION`

use restow::restorer::{Backup, BackupPlan};
use restow::{Home, Report, Status};
use serde_json::json;

use super::Context;
use super::scan::tell_inside;
use crate::args;
use crate::failure::{Exit, Failure, exit_of};
use crate::interrupt;
use crate::output::{Reporter, Tone, Ui, restricted_line, shell_word};
use crate::texts::values;

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
        show_plan(ui, &plan);
        tell_missing(ui, &home, plan.licenses, plan.restricted.len() as u64)?;
        ui.say("nothing-changed", values![]);
        return Ok(Exit::Done);
    }
    let reporter = Reporter::new(ui);
    let backup = backup.on_status(move |status: &Status| reporter.tell(status)).cancelled_by(&interrupt::token());
    let report = backup.start(&home)?.wait();
    show_end(ui, args, &report);
    if report.is_ok() {
        tell_missing(ui, &home, report.summary.backed_up, report.summary.restricted)?;
    }
    if let Some(failure) = Failure::of_report(&report) {
        ui.failure(&failure.with("path", args.location.display()));
    }
    Ok(exit_of(report.result))
}

fn show_plan(ui: &Ui, plan: &BackupPlan) {
    let restricted = plan.restricted.iter().map(|license| {
        json!({"license_id": license.identity.license_id, "titles": license.titles, "reason": license.reason.as_str()})
    });
    ui.object(&json!({"plan": {
        "location": plan.location.to_string_lossy(),
        "set": plan.set,
        "continues": plan.continues,
        "licenses": plan.licenses,
        "new_or_changed": plan.new_or_changed,
        "restricted": restricted.collect::<Vec<_>>(),
    }}));
    ui.say("backup-would", values![count = plan.licenses, new = plan.new_or_changed]);
    match plan.continues {
        Some(generation) => ui.say("backup-would-continue", values![generation = generation]),
        None => ui.say("backup-would-begin", values![]),
    }
    if !ui.json() && !plan.restricted.is_empty() {
        ui.say("restricted-heading", values![]);
        for license in &plan.restricted {
            ui.line(&restricted_line(ui, license));
        }
    }
}

/// Says what nobody should believe to be in a backup.
fn tell_missing(ui: &Ui, home: &Home, backed_up: u64, restricted: u64) -> Result<(), Failure> {
    if ui.json() {
        return Ok(());
    }
    if backed_up == 0 {
        let id = if restricted == 0 { "backup-nothing" } else { "backup-nothing-allowed" };
        ui.tell(Tone::Warning, id, values![]);
    }
    tell_inside(ui, &home.store()?.view().without_license(0)?);
    Ok(())
}

fn show_end(ui: &Ui, args: &args::Backup, report: &Report) {
    ui.notes(&report.warnings);
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
    ui.tell(tone, "backup-done", values);
    if summary.restricted > 0 {
        ui.tell(Tone::Warning, "backup-restricted", values![count = summary.restricted]);
    }
    if summary.backed_up == 0 {
        return;
    }
    // Whether it lets another computer in is not known then.
    let unsure = report.warnings.iter().any(|warning| warning.code == "not-registered-any-more");
    ui.say(if unsure { "backup-keep" } else { "backup-next" }, values![location = shell_word(&location)]);
}
