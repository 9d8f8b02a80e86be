//! `restow import PATH…`

use std::collections::HashSet;
use std::path::PathBuf;

use restow::import::{ImportEvent, import};
use restow::license::SignatureCheck;
use restow::store::StoreResult;
use serde_json::json;

use super::licenses::{print_unknown_root_count, signature_problem, warn_about_document, warn_invalid_signature};
use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::Paths;
use crate::output::{display_title, license_warnings, unknown_members};

pub(super) fn run(context: &Context, args: &Paths) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let (mut unknown, mut is_named_file_refused) = (HashSet::new(), false);
    let mut on_event = |item: &ImportEvent| match item {
        ImportEvent::License { path, license, stored, signature } => {
            if *signature == SignatureCheck::UnknownRoot {
                unknown.insert(license.identity.clone());
            }
            let path = path.to_string_lossy();
            let (word, id) = match stored {
                StoreResult::New => ("new", "import-new"),
                StoreResult::Updated => ("newer", "import-newer"),
                StoreResult::Extended => ("longer", "import-longer"),
                StoreResult::LongerStored => ("longer_here", "import-longer-here"),
                StoreResult::AlreadyStored | StoreResult::StrongerStored => ("already_here", "import-already-here"),
            };
            print_object!(ui, "imported_license", {
                "path": path,
                "license_id": license.identity.license_id,
                "kind": license.identity.kind.as_str(),
                "title": license.title,
                "stored": word,
                "signature": signature.as_str(),
                "signature_problem": signature_problem(ui, signature),
                "unknown": unknown_members(license), "warnings": license_warnings(ui, license),
            });
            if !ui.is_json() {
                let title: Vec<String> = license.title.iter().cloned().collect();
                let title = display_title(ui, &title, &license.identity.license_id);
                warn_invalid_signature(ui, signature, &title);
                let line = ui.text(id, values![path = path.as_ref(), title = title.as_str()]);
                ui.print_line(&line);
                warn_about_document(ui, license, &title);
            }
        }
        ImportEvent::Refused { path, error } => {
            let is_inside =
                |named: &PathBuf| path.to_string_lossy().starts_with(&format!("{}!/", named.to_string_lossy()));
            is_named_file_refused |= args.paths.iter().any(|named| named == path || is_inside(named));
            let path = path.to_string_lossy();
            let note = error.into();
            let refused = json!({"code": error.code(), "message": ui.message(&note)});
            print_object!(ui, "refused_file", {"path": path, "refused": refused});
            // The line names the path already.
            let note = match error {
                restow::Error::File { source, .. } => source.into(),
                _ => note,
            };
            ui.warn("import-refused", values![path = path.as_ref(), why = ui.message_with_help(&note)]);
        }
        _ => {}
    };
    let summary = import(&home, &args.paths, &mut on_event)?;
    let counts = values![imported = summary.imported, here = summary.already_here, refused = summary.refused];
    ui.print("import-done", counts);
    print_unknown_root_count(ui, unknown.len() as u64);
    if summary.imported + summary.already_here == 0 {
        return Err(Failure::new(CommandError::NothingImported).with("count", summary.refused));
    }
    if summary.imported > 0 {
        ui.print("import-next", values![]);
    }
    Ok(if is_named_file_refused { Exit::Failed } else { Exit::Done })
}
