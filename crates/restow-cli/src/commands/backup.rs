//! `restow backup LOCATION`

use restow::license::LicenseIdentity;
use restow::restorer::{Access, Backup, BackupPlan, MissingSet};
use restow::{Home, NamedLicenses, Report, Status};
use serde_json::json;

use super::licenses::NamedLicense;
use super::scan::print_embedded_licenses;
use super::{Context, Exit, Failure, args, exit_for_result, interrupt, print_object, values};
use crate::output::{StatusPrinter, Tone, Ui, display_title, named_licenses, restricted_line, shell_word};

/// Maximum number of licenses in each list for people.
const MAX_SHOWN: usize = 20;

pub(super) fn run(context: &Context, args: &args::Backup) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut backup = Backup::to(&args.location).include(included_licenses(&home, args)?);
    if let Some(name) = &args.name {
        backup = backup.computer_name(name);
    }
    if let Some(generations) = args.keep {
        backup = backup.keep(generations);
    }
    if args.new {
        backup = backup.missing(MissingSet::BeginNew);
    }
    if args.shared {
        backup = backup.access(Access::AllUsers);
    }
    if args.dry_run {
        let plan = backup.plan(&home).inspect_err(|error| {
            if error.code() == "backup-nothing" {
                print_not_backed_up(ui, &home, 0, 0);
            }
        })?;
        print_plan(ui, args, &plan);
        print_not_backed_up(ui, &home, plan.licenses, plan.restricted.len() as u64);
        ui.print("nothing-changed", values![]);
        return Ok(Exit::Done);
    }
    let start = |backup: Backup| {
        let printer = StatusPrinter::new(ui);
        let backup = backup.on_status(move |status: &Status| printer.print(status));
        backup.cancelled_by(&interrupt::cancel_token()).start(&home)
    };
    let mut report = start(backup.clone())?.wait();
    if let Some(gone) = report.error.as_ref().filter(|error| error.code == "backup-gone" && ui.can_ask()) {
        if !ui.ask("backup-gone-ask", values![text = ui.message(gone)]) {
            ui.print("nothing-changed", values![]);
            return Ok(Exit::Failed);
        }
        report = start(backup.missing(MissingSet::BeginNew))?.wait();
    }
    print_result(ui, args, &report);
    if report.generation.is_some() || report.code() == Some("backup-nothing") {
        print_not_backed_up(ui, &home, report.summary.backed_up, report.summary.restricted);
    }
    if let Some(failure) = Failure::from_report(&report) {
        ui.print_failure(&failure);
    }
    Ok(exit_for_result(report.result))
}

/// Returns the licenses that the user takes into the backup again.
fn included_licenses(home: &Home, args: &args::Backup) -> Result<Vec<LicenseIdentity>, Failure> {
    let mut licenses = Vec::new();
    for license in &args.include {
        let selector = args::LicenseSelector { license: license.clone(), issuer: None };
        licenses.push(NamedLicense::find(&home.store()?, &selector)?.identity);
    }
    Ok(licenses)
}

fn print_plan(ui: &Ui, args: &args::Backup, plan: &BackupPlan) {
    let restricted = plan.restricted.iter().map(|license| {
        json!({"license_id": license.identity.license_id, "titles": license.titles, "reason": license.reason.as_str()})
    });
    print_object!(ui, "backup_plan", {"plan": {
        "location": plan.location.to_string_lossy(),
        "set": plan.set,
        "continues": plan.continues,
        "licenses": plan.licenses,
        "carried": plan.carried,
        "new_or_changed": plan.new_or_changed,
        "restricted": restricted.collect::<Vec<_>>(),
        "left_out": named_licenses(&plan.left_out),
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
    print_left_out(ui, args, &plan.left_out);
    print_carried(ui, &args.location.to_string_lossy(), plan.carried);
}

/// Prints which licenses the backup does not contain. The backup is complete, so a failure here is only a warning.
fn print_not_backed_up(ui: &Ui, home: &Home, backed_up: u64, restricted: u64) {
    if ui.is_json() {
        return;
    }
    if backed_up == 0 && restricted > 0 {
        ui.print_styled(Tone::Warning, "backup-nothing-allowed", values![]);
    }
    let unlicensed = home.store().and_then(|store| store.view().unlicensed_files(0));
    match unlicensed {
        Ok(unlicensed) => drop(print_embedded_licenses(ui, &unlicensed)),
        Err(error) => ui.print_warnings(&[(&error).into()]),
    }
}

fn print_result(ui: &Ui, args: &args::Backup, report: &Report) {
    ui.print_warnings(&report.warnings);
    // Without a generation the error is the whole result.
    let Some(generation) = report.generation else { return };
    let summary = &report.summary;
    let location = args.location.to_string_lossy();
    let values = values![count = summary.backed_up, location = location.as_ref(), generation = generation];
    let tone = if report.is_ok() && summary.backed_up > 0 { Tone::Good } else { Tone::Plain };
    ui.print_styled(tone, "backup-done", values);
    print_named(ui, "backup-rewritten", &report.rewritten);
    print_named(ui, "backup-unreadable", &report.unreadable);
    if summary.damaged > 0 {
        ui.print_styled(Tone::Bad, "backup-lost", values![count = summary.damaged]);
        let lost = report.not_restored.iter().take(MAX_SHOWN);
        ui.print_list(lost.map(|lost| list_line(ui, &lost.identity, &lost.titles)), 0);
        let unnamed = summary.damaged.saturating_sub(report.not_restored.len().min(MAX_SHOWN) as u64);
        if unnamed > 0 {
            ui.print("backup-lost-unnamed", values![count = unnamed]);
        }
    }
    print_left_out(ui, args, &report.left_out);
    print_carried(ui, &location, summary.carried);
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

/// Prints a heading and the titles of licenses.
fn print_named(ui: &Ui, heading: &str, licenses: &NamedLicenses) {
    if licenses.count > 0 {
        ui.print_styled(Tone::Warning, heading, values![count = licenses.count]);
        let lines =
            licenses.first.iter().take(MAX_SHOWN).map(|license| list_line(ui, &license.identity, &license.titles));
        ui.print_list(lines, licenses.count);
    }
}

fn list_line(ui: &Ui, identity: &LicenseIdentity, titles: &[String]) -> String {
    ui.list_item(&display_title(ui, titles, &identity.license_id))
}

/// Prints the licenses that the user removed from the set, and how to take them in again.
fn print_left_out(ui: &Ui, args: &args::Backup, left_out: &NamedLicenses) {
    print_named(ui, "backup-left-out", left_out);
    if let Some(license) = left_out.first.first() {
        let (location, license) = (args.location.to_string_lossy(), license.identity.license_id.as_str());
        ui.print("backup-include", values![location = shell_word(&location), license = shell_word(license)]);
    }
}

/// Prints how many licenses only the set has.
fn print_carried(ui: &Ui, location: &str, carried: u64) {
    if carried > 0 {
        ui.print_styled(Tone::Warning, "backup-carried", values![count = carried, location = shell_word(location)]);
    }
}
