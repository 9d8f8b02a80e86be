//! `restow backup LOCATION`

use restow::restorer::{Backup, BackupPlan};
use restow::{Report, Status};
use serde_json::json;

use super::Context;
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
        show_plan(ui, &backup.plan(&home)?);
        return Ok(Exit::Done);
    }
    let reporter = Reporter::new(ui);
    let backup = backup.on_status(move |status: &Status| reporter.tell(status)).cancelled_by(&interrupt::token());
    let report = backup.start(&home)?.wait();
    show_end(ui, args, &report);
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
    ui.say("nothing-changed", values![]);
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
    ui.tell(Tone::Good, "backup-done", values);
    if summary.restricted > 0 {
        ui.tell(Tone::Warning, "backup-restricted", values![count = summary.restricted]);
    }
    // Whether it lets another computer in is not known then.
    let unsure = report.warnings.iter().any(|warning| warning.code == "not-registered-any-more");
    ui.say(if unsure { "backup-keep" } else { "backup-next" }, values![location = shell_word(&location)]);
}
