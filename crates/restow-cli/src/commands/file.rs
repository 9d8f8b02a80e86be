//! `restow file PATH`

use restow::listing::{self, FileState};
use restow::{KeyId, usage};
use restow_media::System;
use serde_json::{Value, json};

use super::context::Context;
use super::licenses::{license_state_word, print_reader_refusal};
use super::target::{print_file_kind, print_not_imported, probe_file};
use crate::args::OnePath;
use crate::failure::{Exit, Failure};
use crate::output::{LicenseObject, display_title, validity};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &OnePath) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut facts = restow::scan::describe(&args.path)?;
    let key_ids = text_list(&facts, "key_ids").iter().filter_map(|text| text.parse().ok()).collect::<Vec<KeyId>>();
    let probe = probe_file(&args.path)?;
    let store = home.store()?;
    let entries = usage::licenses_of(store.view(), &probe)?;
    let licenses =
        entries.iter().map(|entry| listing::license_info(&home, &store, entry)).collect::<Result<Vec<_>, _>>()?;
    let state = (probe.protected == Some(true)).then(|| FileState::from_licenses(&licenses));
    if ui.is_json() {
        if let Some(facts) = facts.as_object_mut() {
            let objects = licenses.iter().map(LicenseObject::new).map(|object| json!(object)).collect();
            facts.insert("licenses".to_owned(), Value::Array(objects));
            facts.insert("state".to_owned(), json!(state.map(FileState::as_str)));
        }
        ui.print_object("file", &facts);
        return Ok(Exit::Done);
    }
    let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
    ui.print("file-format", values![path = text("path"), format = text("format")]);
    if !text("title").is_empty() {
        ui.print("file-title", values![title = text("title")]);
    }
    match facts.get("protected").and_then(Value::as_bool) {
        Some(true) => ui.print("file-is-protected", values![systems = text_list(&facts, "systems").join(", ")]),
        Some(false) => ui.print("file-is-clear", values![]),
        None => ui.print("file-unknown", values![]),
    }
    for key_id in &key_ids {
        ui.print("file-key", values![key = key_id.to_string(), kid = key_id.wm_base64()]);
    }
    for url in text_list(&facts, "license_urls") {
        ui.print("file-url", values![url = url]);
    }
    super::scan::print_warnings(ui, &facts);
    for (listed, entry) in licenses.iter().zip(&entries) {
        let title = display_title(ui, &listed.titles, &listed.license.identity.license_id);
        let id = listed.license.identity.license_id.as_str();
        let status = format!("{}{}", license_state_word(ui, listed.state), validity(ui, listed));
        ui.print("file-license", values![license = id, title = title, status = status]);
        print_reader_refusal(ui, &home, entry)?;
    }
    print_file_kind(ui, &args.path, &probe);
    if licenses.is_empty() && probe.license_embedded {
        print_not_imported(ui, &args.path);
    } else if licenses.is_empty() && probe.systems.contains(&System::Lcp) {
        ui.print("file-no-license-apart", values![]);
    } else if licenses.is_empty() && !key_ids.is_empty() {
        ui.print("file-no-license", values![]);
        if text_list(&facts, "systems").iter().any(|system| ["wmdrm", "playready"].contains(&system.as_str())) {
            ui.print("file-bound", values![]);
        }
    }
    Ok(Exit::Done)
}

fn text_list(facts: &Value, name: &str) -> Vec<String> {
    let items = facts.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
