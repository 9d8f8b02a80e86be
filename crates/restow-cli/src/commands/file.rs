//! `restow file PATH`

use std::path::Path;

use restow::listing::{self, FileState};
use restow::usage;
use restow_media::System;

use super::licenses::{license_state_word, print_reader_refusal};
use super::target::{print_bound, print_file_kind, print_not_imported, print_protection, probe_file};
use super::{Context, Exit, Failure, print_object, values};
use crate::output::{LicenseObject, display_title, validity};

pub(super) fn run(context: &Context, path: &Path) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let facts = restow::scan::describe(path)?;
    let probe = probe_file(path)?;
    let store = home.store()?;
    let entries = usage::licenses_of(store.view(), &probe)?;
    let licenses =
        entries.iter().map(|entry| listing::license_info(&home, &store, entry)).collect::<Result<Vec<_>, _>>()?;
    let is_broken = licenses.is_empty() && probe.license_embedded && usage::embedded_license(path).is_none();
    let state = match is_broken {
        true => Some(FileState::Invalid),
        false => (probe.protected == Some(true)).then(|| FileState::from_licenses(&licenses)),
    };
    if ui.is_json() {
        let licenses: Vec<_> = licenses.iter().map(|listed| LicenseObject::new(ui, listed)).collect();
        print_object!(ui, "file", &facts, {"licenses": licenses, "state": state.map(FileState::as_str)});
        return Ok(Exit::Done);
    }
    ui.print("file-format", values![path = facts.path.as_str(), format = facts.format.as_str()]);
    if let Some(title) = facts.title.as_deref().filter(|title| !title.is_empty()) {
        ui.print("file-title", values![title = title]);
    }
    print_protection(ui, &probe);
    for url in facts.license_urls.iter().flatten() {
        ui.print("file-url", values![url = url.as_str()]);
    }
    super::scan::print_warnings(ui, &facts);
    for (listed, entry) in licenses.iter().zip(&entries) {
        let title = display_title(ui, &listed.titles, &listed.license.identity.license_id);
        let id = listed.license.identity.license_id.as_str();
        let status = format!("{}{}", license_state_word(ui, listed.state), validity(ui, listed));
        ui.print("file-license", values![license = id, title = title, status = status]);
        print_reader_refusal(ui, &home, entry)?;
    }
    print_file_kind(ui, path, &probe);
    if licenses.is_empty() && probe.license_embedded {
        print_not_imported(ui, path);
    } else if licenses.is_empty() && probe.systems.contains(&System::Lcp) {
        ui.print("file-no-license-apart", values![]);
    } else if licenses.is_empty() && !print_bound(ui, &probe) && !probe.key_ids.is_empty() {
        ui.print("file-no-license", values![]);
    }
    Ok(Exit::Done)
}
