//! `restow scan PATH…`

use restow::scan::{FileFacts, ScanEvent, WarningFacts, scan};
use restow::store::UnlicensedFiles;
use restow::{Hresult, Message};

use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::Paths;
use crate::output::{Progress, Tone, Ui, shell_word};

/// Maximum number of files without a license that are listed for people.
const MAX_SHOWN: usize = 20;

pub(super) fn run(context: &Context, args: &Paths) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let progress = Progress::new(ui);
    let mut on_event = |event: &ScanEvent| match event {
        ScanEvent::File(facts) => {
            progress.increment();
            print_object!(ui, "file", facts);
            progress.suspend(|| print_warnings(ui, facts));
        }
        ScanEvent::Unreadable { path, reason } => {
            let (path, why) = (path.to_string_lossy(), ui.clause(reason));
            print_object!(ui, "unreadable_file", {"path": path, "unreadable": why});
            progress.suspend(|| ui.warn("scan-unreadable", values![path = path.as_ref(), why = why]));
        }
        _ => {}
    };
    let summary = scan(&home, &args.paths, &mut on_event);
    progress.finish();
    let summary = summary?;
    ui.print("scan-done", values![files = summary.files, protected = summary.protected]);
    if summary.other > 0 {
        ui.print("scan-other", values![count = summary.other]);
    }
    if summary.malformed > 0 {
        ui.print_styled(Tone::Warning, "scan-malformed", values![count = summary.malformed]);
    }
    if summary.unreadable > 0 {
        ui.print_styled(Tone::Warning, "scan-unreadable-count", values![count = summary.unreadable]);
    }
    if summary.removed > 0 {
        ui.print("scan-removed", values![count = summary.removed]);
    }
    if !ui.is_json() {
        let without = home.store()?.view().unlicensed_files(MAX_SHOWN)?;
        if print_embedded_licenses(ui, &without) {
            ui.print_list(without.embedded_names.iter().map(|name| ui.list_item(name)), without.embedded);
        }
        if without.count > 0 {
            ui.print_styled(Tone::Warning, "scan-without-license", values![count = without.count]);
            ui.print_list(without.names.iter().map(|name| ui.list_item(name)), without.count);
        }
    }
    if summary.protected > 0 {
        ui.print("scan-next", values![]);
    }
    if summary.unreadable > 0 && summary.files + summary.other == 0 {
        return Err(Failure::new(CommandError::NothingScanned).hresult(Hresult::E_ACCESSDENIED));
    }
    Ok(Exit::Done)
}

/// Prints how to import the embedded licenses that are not in the store. Returns true if there are any.
pub(super) fn print_embedded_licenses(ui: &Ui, without: &UnlicensedFiles) -> bool {
    if without.embedded_locations.is_empty() {
        return false;
    }
    let paths: Vec<String> =
        without.embedded_locations.iter().map(|path| shell_word(&path.to_string_lossy())).collect();
    ui.print_styled(Tone::Warning, "license-inside", values![count = without.embedded, path = paths.join(" ")]);
    true
}

/// Prints the warnings about a file. An older catalog has only the English texts.
pub(super) fn print_warnings(ui: &Ui, facts: &FileFacts) {
    for (at, english) in facts.warnings.iter().enumerate() {
        let why = facts.warning_notes.get(at).and_then(|warning| render_warning(ui, warning));
        let why = why.unwrap_or_else(|| english.clone());
        ui.warn("scan-warning", values![path = facts.path.as_str(), why = why]);
    }
}

fn render_warning(ui: &Ui, warning: &WarningFacts) -> Option<String> {
    let values: Vec<_> = warning.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Message::find_text(&restow_media::TEXTS, ui.texts().language(), &warning.code, &values)
}
