//! `restow files`

use restow::Error;
use restow::listing::{self, FileState, ListedFile};
use restow::restorer::RestorerError;
use serde_json::{Value, json};

use super::Context;
use super::scan::tell_inside;
use crate::failure::{Exit, Failure};
use crate::output::{Ui, clean};
use crate::texts::values;

/// The words for what a file is, which make the first column.
const WORDS: [&str; 9] = [
    "file-state-none",
    "file-state-inside",
    "file-state-broken",
    "file-state-licensed",
    "file-state-backed-up",
    "file-state-restricted",
    "file-state-ended",
    "file-clear",
    "file-not-known",
];

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut count = 0_u64;
    let wide = WORDS.iter().map(|id| ui.text(id, values![]).chars().count()).max().unwrap_or_default();
    let walked = listing::files(&home, &store, &mut |listed| {
        count += 1;
        show(ui, listed, wide);
        // Any error ends the walk when nobody reads on.
        if ui.is_closed() { Err(Error::from(RestorerError::Cancelled)) } else { Ok(()) }
    });
    if !ui.is_closed() {
        walked?;
    }
    if count == 0 {
        ui.say("files-none", values![]);
    }
    if !ui.is_closed() {
        tell_inside(ui, &store.view().without_license(0)?);
    }
    Ok(Exit::Done)
}

fn show(ui: &Ui, listed: ListedFile, wide: usize) {
    let ListedFile { file, licenses, state, .. } = listed;
    let mut facts = file.facts;
    if ui.json() {
        if let Some(facts) = facts.as_object_mut() {
            let ids: Vec<&str> = licenses.iter().map(|listed| listed.license.identity.license_id.as_str()).collect();
            facts.insert("licenses".to_owned(), json!(ids));
            facts.insert("state".to_owned(), json!(state.map(FileState::as_str)));
        }
        ui.object(&facts);
        return;
    }
    let embedded = facts.get("license_embedded") == Some(&Value::Bool(true));
    let word = match (licenses.is_empty(), file.license_inside) {
        (true, true) => "file-state-inside",
        // One that says not whose it is.
        (true, false) if embedded => "file-state-broken",
        _ => word(state, &facts),
    };
    let word = ui.text(word, values![]);
    let title = facts.get("title").and_then(Value::as_str).unwrap_or_default();
    ui.line(&format!("{word:wide$}  {}  {}", clean(title), clean(&file.path)));
}

fn word(state: Option<FileState>, facts: &Value) -> &'static str {
    match (state, facts.get("protected").and_then(Value::as_bool)) {
        (Some(FileState::Licensed), _) => "file-state-licensed",
        (Some(FileState::BackedUp), _) => "file-state-backed-up",
        (Some(FileState::Restricted), _) => "file-state-restricted",
        (Some(FileState::Ended), _) => "file-state-ended",
        (Some(_), _) => "file-state-none",
        (None, Some(_)) => "file-clear",
        (None, None) => "file-not-known",
    }
}
