//! `restow scan PATH…`

use std::collections::BTreeMap;

use restow::scan::{FileFacts, ScanEvent, ScanSummary, WarningFacts, scan};
use restow::store::UnlicensedFiles;
use restow::{Hresult, Message};

use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::Scan;
use crate::output::{Progress, Tone, Ui, shell_word};

/// Maximum number of files without a license that are listed for people.
const MAX_SHOWN: usize = 20;

/// Maximum number of warnings of one kind that are shown for people.
const MAX_WARNINGS: u64 = 3;

pub(super) fn run(context: &Context, args: &Scan) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let progress = Progress::new(ui);
    let mut warnings = WarningCounts::default();
    let mut on_event = |event: &ScanEvent| match event {
        ScanEvent::File(facts) => {
            progress.increment();
            print_object!(ui, "file", facts);
            progress.suspend(|| warnings.print(ui, facts, args.verbose));
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
    warnings.print_rest(ui);
    print_summary(ui, args, &summary);
    if !ui.is_json() {
        // Earlier scans of other folders are not part of this summary.
        let absolute: Result<Vec<_>, _> = args.paths.iter().map(std::path::absolute).collect();
        let without = home.store()?.view().unlicensed_files_in(&absolute.unwrap_or_default(), MAX_SHOWN)?;
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
    if summary.unreadable > 0 && summary.files + summary.documents + summary.other == 0 {
        return Err(Failure::new(CommandError::NothingScanned).hresult(Hresult::E_ACCESSDENIED));
    }
    Ok(Exit::Done)
}

fn print_summary(ui: &Ui, args: &Scan, summary: &ScanSummary) {
    print_object!(ui, "scan_summary", {
        "files": summary.files, "protected": summary.protected, "unknown": summary.unknown,
        "vouchers": summary.vouchers, "license_documents": summary.documents, "malformed": summary.malformed,
        "unreadable": summary.unreadable, "removed": summary.removed,
        "not_examined": summary.other_kinds.iter().map(|(kind, n)| (kind.as_str(), n)).collect::<BTreeMap<_, _>>(),
    });
    ui.print("scan-done", values![files = summary.files, protected = summary.protected]);
    if summary.unknown > 0 {
        ui.print_styled(Tone::Warning, "scan-unknown", values![count = summary.unknown]);
    }
    if !summary.other_kinds.is_empty() {
        let kinds: Vec<String> =
            summary.other_kinds.iter().map(|(kind, count)| kind_count(ui, kind.as_str(), *count)).collect();
        ui.print("scan-not-examined", values![kinds = kinds.join(", ")]);
    }
    if summary.vouchers > 0 {
        ui.print_styled(Tone::Warning, "scan-vouchers", values![count = summary.vouchers]);
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
    if summary.documents > 0 {
        let paths: Vec<String> = args.paths.iter().map(|path| shell_word(&path.to_string_lossy())).collect();
        let values = values![count = summary.documents, path = paths.join(" ")];
        ui.print_styled(Tone::Warning, "scan-documents", values);
    }
}

/// Returns the number of files of a kind as a text.
pub(super) fn kind_count(ui: &Ui, kind: &str, count: u64) -> String {
    ui.text(&format!("kind-{kind}"), values![count = count])
}

/// First file and number of warnings of each kind, by code.
#[derive(Default)]
struct WarningCounts(BTreeMap<String, (String, u64)>);

impl WarningCounts {
    /// Prints the warnings about a file, unless enough of their kind were printed.
    fn print(&mut self, ui: &Ui, facts: &FileFacts, is_verbose: bool) {
        for (at, english) in facts.warnings.iter().enumerate() {
            let note = facts.warning_notes.get(at);
            let code = note.map_or_else(|| english.clone(), |note| note.code.clone());
            let (_, count) = self.0.entry(code).or_insert_with(|| (facts.path.clone(), 0));
            if is_verbose || *count < MAX_WARNINGS {
                print_warning(ui, facts, note, english);
            }
            *count += u64::from(!is_verbose);
        }
    }

    /// Prints the number of warnings of each kind that were not printed.
    fn print_rest(&self, ui: &Ui) {
        for (path, count) in self.0.values() {
            let more = count.saturating_sub(MAX_WARNINGS);
            if more > 0 {
                ui.warn("scan-warnings-more", values![count = more, path = path.as_str()]);
            }
        }
    }
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
        print_warning(ui, facts, facts.warning_notes.get(at), english);
    }
}

fn print_warning(ui: &Ui, facts: &FileFacts, note: Option<&WarningFacts>, english: &str) {
    let why = note.and_then(|warning| render_warning(ui, warning)).unwrap_or_else(|| english.to_owned());
    ui.warn("scan-warning", values![path = facts.path.as_str(), why = why]);
}

fn render_warning(ui: &Ui, warning: &WarningFacts) -> Option<String> {
    let values: Vec<_> = warning.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Message::find_text(&restow_media::TEXTS, ui.texts().language(), &warning.code, &values)
}
