//! `restow files`

use restow::Error;
use restow::listing::{self, FileInfo, FileState};

use super::{Context, Exit, Failure, print_object, scan::print_embedded_licenses, values};
use crate::output::Ui;
use restow_core::text::sanitize;

/// Message IDs of the states in the first column.
const STATE_MESSAGES: [&str; 10] = [
    "file-state-none",
    "file-state-inside",
    "file-state-broken",
    "file-state-licensed",
    "file-state-backed-up",
    "file-state-restricted",
    "file-state-ended",
    "file-state-invalid",
    "file-clear",
    "file-not-known",
];

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut count = 0_u64;
    let width = STATE_MESSAGES.iter().map(|id| ui.text(id, values![]).chars().count()).max().unwrap_or_default();
    let result = listing::files(&home, &store, &mut |listed| {
        count += 1;
        print_file(ui, listed, width);
        // An error ends the listing after the reader closed the output.
        if ui.is_closed() { Err(Error::Cancelled) } else { Ok(()) }
    });
    if !ui.is_closed() {
        result?;
    }
    if count == 0 {
        ui.print("files-none", values![]);
    }
    if !ui.is_closed() {
        print_embedded_licenses(ui, &store.view().unlicensed_files(0)?);
    }
    Ok(Exit::Done)
}

fn print_file(ui: &Ui, listed: FileInfo, width: usize) {
    let FileInfo { file, licenses, state, .. } = listed;
    let facts = file.facts;
    if ui.is_json() {
        let ids: Vec<&str> = licenses.iter().map(|listed| listed.license.identity.license_id.as_str()).collect();
        print_object!(ui, "file", &facts, {"licenses": ids, "state": state.map(FileState::as_str)});
        return;
    }
    let word = match (licenses.is_empty(), file.has_embedded_license) {
        (true, true) => "file-state-inside",
        // The catalog has no identity for the embedded license.
        (true, false) if facts.license_embedded => "file-state-broken",
        _ => state_message(state, facts.protected),
    };
    let word = ui.text(word, values![]);
    let title = facts.title.as_deref().unwrap_or_default();
    ui.print_line(&format!("{word:width$}  {}  {}", sanitize(title), sanitize(&file.path)));
}

fn state_message(state: Option<FileState>, protected: Option<bool>) -> &'static str {
    match (state, protected) {
        (Some(FileState::Licensed), _) => "file-state-licensed",
        (Some(FileState::BackedUp), _) => "file-state-backed-up",
        (Some(FileState::Restricted), _) => "file-state-restricted",
        (Some(FileState::Ended), _) => "file-state-ended",
        (Some(FileState::Invalid), _) => "file-state-invalid",
        (Some(_), _) => "file-state-none",
        (None, Some(_)) => "file-clear",
        (None, None) => "file-not-known",
    }
}
