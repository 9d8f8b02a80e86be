//! `restow file PATH`

use restow::listing::{self, Listed};
use restow::{Home, KeyId};
use serde_json::{Value, json};

use super::Context;
use super::licenses::usability_word;
use crate::args::OnePath;
use crate::failure::{Exit, Failure};
use crate::output::{LicenseObject, titled, validity};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &OnePath) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut facts = restow::scan::describe(&args.path)?;
    let key_ids = texts(&facts, "key_ids").iter().filter_map(|text| text.parse().ok()).collect::<Vec<KeyId>>();
    let licenses = licenses(&home, &key_ids)?;
    if ui.json() {
        if let Some(facts) = facts.as_object_mut() {
            let objects = licenses.iter().map(LicenseObject::listed).map(|object| json!(object)).collect();
            facts.insert("licenses".to_owned(), Value::Array(objects));
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
    for listed in &licenses {
        let title = titled(ui, &listed.titles, &listed.license.identity.license_id);
        let id = listed.license.identity.license_id.as_str();
        let status = format!("{}{}", usability_word(ui, listed.usability), validity(ui, listed));
        ui.say("file-license", values![license = id, title = title, status = status]);
    }
    if licenses.is_empty() && !key_ids.is_empty() {
        ui.say("file-no-license", values![]);
        if texts(&facts, "systems").iter().any(|system| ["wmdrm", "playready"].contains(&system.as_str())) {
            ui.say("file-bound", values![]);
        }
    }
    Ok(Exit::Done)
}

fn texts(facts: &Value, name: &str) -> Vec<String> {
    let items = facts.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The licenses for key IDs, each once.
fn licenses(home: &Home, key_ids: &[KeyId]) -> Result<Vec<Listed>, Failure> {
    let store = home.store()?;
    let mut rows = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for key_id in key_ids {
        for entry in store.view().licenses_for(key_id)? {
            if rows.insert(entry.row) {
                found.push(listing::listed(home, &store, &entry)?);
            }
        }
    }
    Ok(found)
}
