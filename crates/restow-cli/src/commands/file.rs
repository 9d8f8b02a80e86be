//! `restow file PATH`

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use restow::license::{self, Kind};
use restow::listing::{self, FileState};
use restow::{KeyId, usage};
use restow_media::{Format, Probe, System};
use serde_json::{Value, json};

use super::Context;
use super::licenses::{tell_refused_by_readers, usability_word};
use crate::args::OnePath;
use crate::failure::{Exit, Failure};
use crate::output::{LicenseObject, Tone, Ui, shell_word, titled, validity};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &OnePath) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut facts = restow::scan::describe(&args.path)?;
    let key_ids = texts(&facts, "key_ids").iter().filter_map(|text| text.parse().ok()).collect::<Vec<KeyId>>();
    let probe = super::can::probe(&args.path)?;
    let store = home.store()?;
    let entries = usage::licenses_of(store.view(), &probe)?;
    let licenses = entries.iter().map(|entry| listing::listed(&home, &store, entry)).collect::<Result<Vec<_>, _>>()?;
    let state = (probe.protected == Some(true)).then(|| FileState::of(&licenses));
    if ui.json() {
        if let Some(facts) = facts.as_object_mut() {
            let objects = licenses.iter().map(LicenseObject::listed).map(|object| json!(object)).collect();
            facts.insert("licenses".to_owned(), Value::Array(objects));
            facts.insert("state".to_owned(), json!(state.map(FileState::as_str)));
        }
        ui.object(&facts);
        return Ok(Exit::Done);
    }
    let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
    ui.say("file-format", values![path = text("path"), format = text("format")]);
    if !text("title").is_empty() {
        ui.say("file-title", values![title = text("title")]);
    }
    match facts.get("protected").and_then(Value::as_bool) {
        Some(true) => ui.say("file-is-protected", values![systems = texts(&facts, "systems").join(", ")]),
        Some(false) => ui.say("file-is-clear", values![]),
        None => ui.say("file-unknown", values![]),
    }
    for key_id in &key_ids {
        ui.say("file-key", values![key = key_id.to_string(), kid = key_id.wm_base64()]);
    }
    for url in texts(&facts, "license_urls") {
        ui.say("file-url", values![url = url]);
    }
    super::scan::warn(ui, &facts);
    for (listed, entry) in licenses.iter().zip(&entries) {
        let title = titled(ui, &listed.titles, &listed.license.identity.license_id);
        let id = listed.license.identity.license_id.as_str();
        let status = format!("{}{}", usability_word(ui, listed.usability), validity(ui, listed));
        ui.say("file-license", values![license = id, title = title, status = status]);
        tell_refused_by_readers(ui, &home, entry)?;
    }
    tell_kind(ui, &args.path, &probe);
    if licenses.is_empty() && probe.license_embedded {
        tell_not_imported(ui, &args.path);
    } else if licenses.is_empty() && probe.systems.contains(&System::Lcp) {
        ui.say("file-no-license-apart", values![]);
    } else if licenses.is_empty() && !key_ids.is_empty() {
        ui.say("file-no-license", values![]);
        if texts(&facts, "systems").iter().any(|system| ["wmdrm", "playready"].contains(&system.as_str())) {
            ui.say("file-bound", values![]);
        }
    }
    Ok(Exit::Done)
}

/// Says that the license inside a publication is not here, and whether importing it would help.
pub(super) fn tell_not_imported(ui: &Ui, path: &Path) {
    if usage::license_inside(path).is_some() {
        ui.say("file-not-imported", values![path = shell_word(&path.to_string_lossy())]);
    } else {
        ui.tell(Tone::Warning, "file-license-broken", values![]);
    }
}

/// Says of what is no file with content what it is, where an import knows it.
pub(super) fn tell_kind(ui: &Ui, path: &Path, probe: &Probe) {
    if probe.format != Format::Unknown {
        return;
    }
    let mut start = Vec::new();
    if File::open(path).and_then(|file| file.take(license::MAX_DOCUMENT).read_to_end(&mut start)).is_err() {
        return;
    }
    let path = shell_word(&path.to_string_lossy());
    if license::parse(&start).is_ok_and(|license| license.identity.kind == Kind::Lcp) {
        ui.say("file-is-license", values![path = path]);
    } else if start.starts_with(b"PK\x03\x04") {
        ui.say("file-is-archive", values![path = path]);
    }
}

fn texts(facts: &Value, name: &str) -> Vec<String> {
    let items = facts.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
