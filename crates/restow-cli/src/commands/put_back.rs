//! `restow put-back [DIR]`, `restow put-back FILE --license LICENSE`

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;

use restow::listing::LicenseState;
use restow::put_back::{
    Action, ConflictKind, DownloadOffer, LicenseRef, OnConflict, PutBackError, PutBackEvent, PutBackHandler,
    embed_license, put_back,
};
use restow::service::Cancel;
use restow::{Error, Home, Message};
use restow_core::texts::FluentValue;
use serde_json::{Value, json};

use super::licenses::{NamedLicense, license_state_word};
use super::{Context, Exit, Failure, args, interrupt, print_object, values};
use crate::output::{Tone, Ui, display_title, shell_word, size};

/// Maximum number of licenses without a publication that are listed for people.
const MAX_SHOWN: usize = 50;

pub(super) fn run(context: &Context, args: &args::PutBack) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    // Ctrl-C stops between two files, or before a new file gets its name.
    let cancel = interrupt::cancel_token();
    if let (Some(license), Some(file)) = (&args.license, &args.path) {
        return embed_one(ui, &home, file, license, args, &cancel);
    }
    let (mut missing, mut not_fetched) = (Vec::new(), 0);
    let agreed = RefCell::new(HashSet::new());
    let summary = put_back(
        &home,
        args.path.as_deref(),
        &mut PutBackHandler {
            confirm: &mut |offer| {
                let is_agreed = confirm_download(ui, offer, args.fetch, &cancel);
                if is_agreed {
                    agreed.borrow_mut().insert(offer.license.identity.clone());
                }
                is_agreed
            },
            on_event: &mut |event| {
                // A publication that the user did not request is no failure.
                if let PutBackEvent::Missing { license, declined, .. } = event {
                    let is_requested = args.fetch || agreed.borrow().contains(&license.identity);
                    not_fetched += u64::from(is_requested && !declined);
                }
                print_event(ui, event, &mut missing);
            },
            cancel: &cancel,
        },
    );
    let summary = summary.map_err(|error| match (error, &args.path) {
        (error @ Error::PutBack(PutBackError::NotAFolder), Some(path)) => {
            Failure::from(error).at(path.display()).exit(Exit::Usage)
        }
        (error, _) => error.into(),
    })?;
    let failed = summary.failed.saturating_add(not_fetched);
    print_object!(ui, "put_back_summary", {"summary": {
        "documents": summary.documents, "publications": summary.publications, "fetched": summary.downloaded,
        "already_there": summary.already_present, "disputed": summary.conflicts, "missing": summary.missing,
        "elsewhere": summary.outside_folder, "failed": failed,
    }});
    if summary.missing > 0 {
        ui.print_styled(Tone::Warning, "put-back-missing", values![count = summary.missing]);
        ui.print_list(missing.iter().map(|line: &String| ui.list_item(line)), summary.missing);
    }
    let changed = summary.documents + summary.publications + summary.downloaded;
    let counts = values![count = changed, here = summary.already_present];
    ui.print_styled(if failed > 0 { Tone::Plain } else { Tone::Good }, "put-back-done", counts);
    if summary.outside_folder > 0 {
        ui.print("put-back-elsewhere", values![count = summary.outside_folder]);
    }
    if failed > 0 {
        ui.warn("put-back-failed", values![count = failed]);
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

fn embed_one(
    ui: &Ui,
    home: &Home,
    file: &Path,
    license: &str,
    args: &args::PutBack,
    cancel: &Cancel,
) -> Result<Exit, Failure> {
    let store = home.store()?;
    let selector = args::LicenseSelector { license: license.to_owned(), issuer: args.issuer.clone() };
    let named = NamedLicense::find(&store, &selector)?;
    drop(store);
    if !named.confirm(ui, args.yes)? {
        return Ok(Exit::Failed);
    }
    let NamedLicense { identity, titles, .. } = named;
    let title = display_title(ui, &titles, &identity.license_id);
    let path = file.to_string_lossy();
    let mut on_conflict = OnConflict::Keep;
    let mut result = embed_license(home, file, &identity, on_conflict, cancel);
    // A file that changed while the user answered is another question.
    while let Err(Error::PutBack(PutBackError::Conflict(conflict))) = &result
        && on_conflict != OnConflict::Replace(*conflict)
    {
        let conflict = *conflict;
        if !ui.confirm_or_yes(args.yes, question_id(conflict), values![title = title.as_str(), path = path.as_ref()])? {
            ui.print("nothing-changed", values![]);
            return Ok(Exit::Failed);
        }
        interrupt::cancel_on_interrupt(cancel);
        on_conflict = OnConflict::Replace(conflict);
        result = embed_license(home, file, &identity, on_conflict, cancel);
    }
    let action = result.map_err(|error| {
        let is_about_file = matches!(error, Error::PutBack(_));
        let failure = Failure::from(error);
        if is_about_file { failure.at(file.display()) } else { failure }
    })?;
    print_object!(ui, "put_back", {
        "put_back": "publication", "license_id": identity.license_id, "issuer": identity.issuer, "titles": titles,
        "path": path, "done": action.as_str(),
    });
    let id = if action == Action::Written { "put-back-by-hand" } else { message_id(action) };
    ui.print(id, values![title = title, path = path.as_ref()]);
    Ok(Exit::Done)
}

/// Returns the question to ask before an embedded license is replaced.
const fn question_id(conflict: ConflictKind) -> &'static str {
    match conflict {
        ConflictKind::UnreadableLicense => "put-back-replace-broken-ask",
        ConflictKind::UndecidedVersion => "put-back-replace-disputed-ask",
        _ => "put-back-replace-ask",
    }
}

fn confirm_download(ui: &Ui, offer: &DownloadOffer, fetch: bool, cancel: &Cancel) -> bool {
    if fetch && offer.is_auto_approved() {
        return true;
    }
    let title = license_title(ui, &offer.license);
    let length = offer.length.map_or_else(|| ui.text("put-back-size-unknown", values![]), size);
    let id = if offer.checked { "put-back-ask" } else { "put-back-ask-unchecked" };
    let yes = ui.ask(id, values![title = title, host = offer.host.as_str(), size = length]);
    interrupt::cancel_on_interrupt(cancel);
    yes
}

/// Prints an event. The lines of the first missing publications are collected.
fn print_event(ui: &Ui, event: &PutBackEvent, missing: &mut Vec<String>) {
    match event {
        PutBackEvent::Document { license, path, action } => {
            let path = path.to_string_lossy();
            print_object!(ui, "put_back", &license_members(license), {
                "put_back": "document", "path": path, "done": action.as_str(),
            });
            match action {
                Action::Written | Action::Refreshed => {
                    ui.print("put-back-document", &event_values(ui, license, &path, String::new()));
                }
                Action::Conflict => {
                    ui.warn("put-back-disputed-document", &event_values(ui, license, &path, String::new()));
                }
                _ => {}
            }
        }
        PutBackEvent::Publication { license, path, action } => {
            let path = path.to_string_lossy();
            print_object!(ui, "put_back", &license_members(license), {
                "put_back": "publication", "path": path, "done": action.as_str(),
            });
            if *action != Action::AlreadyPresent {
                let tone = if *action == Action::Conflict { Tone::Warning } else { Tone::Plain };
                ui.print_styled(tone, message_id(*action), &event_values(ui, license, &path, String::new()));
            }
        }
        PutBackEvent::Skipped { license, path, reason, failed, conflict, .. } => {
            print_object!(ui, "put_back", &license.as_ref().map(license_members), {
                "put_back": if *failed { "failed" } else { "left" }, "path": path.to_string_lossy(),
                "why": problem(ui, reason),
            });
            if let (Some(license), Some(_)) = (license, conflict) {
                let values = event_values(ui, license, &path.to_string_lossy(), ui.clause(reason));
                ui.warn("put-back-left-by-hand", &values);
                return;
            }
            // A missing file cannot be kept: its folder does not accept files.
            let (id, path) = match path.parent() {
                Some(folder) if path.symlink_metadata().is_err() && folder.is_dir() => ("put-back-folder", folder),
                _ => ("put-back-left", path.as_path()),
            };
            ui.warn(id, values![path = path.to_string_lossy(), why = ui.message_with_help(reason)]);
        }
        PutBackEvent::PossibleMatch { licenses, path } => {
            let path = path.to_string_lossy();
            for license in licenses {
                print_object!(ui, "put_back", &license_members(license), {"put_back": "perhaps", "path": path});
                let values = event_values(ui, license, &path, String::new());
                ui.print_styled(Tone::Warning, "put-back-perhaps", &values);
            }
        }
        PutBackEvent::Missing { license, url, reason, .. } => {
            print_object!(ui, "put_back", &license_members(license), {
                "put_back": "missing", "where": url, "why": problem(ui, reason),
            });
            if missing.len() < MAX_SHOWN {
                let title = license_title(ui, license);
                missing.push(match url {
                    Some(url) => {
                        let why = ui.clause(reason);
                        ui.text("put-back-missing-at", values![title = title, why = why, url = url.as_str()])
                    }
                    None => {
                        ui.text("put-back-missing-item", values![title = title, why = ui.message_with_help(reason)])
                    }
                });
            }
        }
        PutBackEvent::NotUsable { license, state } => {
            let mut object = license_members(license);
            if let (Some(object), LicenseState::Refused(outcome)) = (object.as_object_mut(), state) {
                object.insert("outcome".to_owned(), outcome.as_str().into());
            }
            print_object!(ui, "put_back", &object, {"put_back": "not_usable", "status": state.as_str()});
            let values = values![title = license_title(ui, license), why = license_state_word(ui, *state)];
            ui.print("put-back-not-usable", values);
        }
        _ => {}
    }
}

/// Returns the members of an event that name its license.
fn license_members(license: &LicenseRef) -> Value {
    let identity = &license.identity;
    json!({"license_id": identity.license_id, "issuer": identity.issuer, "titles": license.titles})
}

/// Returns the JSON object of the reason for an event.
fn problem(ui: &Ui, reason: &Message) -> Value {
    json!({"code": reason.code, "message": ui.message(reason)})
}

/// Returns the values of the text of an event. `license` is the value of `--license`, with `--issuer` if another
/// license has the same ID.
fn event_values<'a>(ui: &Ui, license: &LicenseRef, path: &str, why: String) -> [(&'a str, FluentValue<'a>); 5] {
    let identity = &license.identity;
    let id = shell_word(&identity.license_id);
    let argument = if license.shares_id { format!("{id} --issuer {}", shell_word(&identity.issuer)) } else { id };
    let (title, file) = (license_title(ui, license), shell_word(path));
    [("title", title), ("path", path.to_owned()), ("file", file), ("license", argument), ("why", why)]
        .map(|(name, value)| (name, value.into()))
}

const fn message_id(action: Action) -> &'static str {
    match action {
        Action::Refreshed => "put-back-refreshed",
        Action::BetterPresent => "put-back-better",
        Action::Conflict => "put-back-disputed",
        Action::Downloaded => "put-back-fetched",
        Action::AlreadyPresent => "put-back-already",
        _ => "put-back-publication",
    }
}

fn license_title(ui: &Ui, license: &LicenseRef) -> String {
    display_title(ui, &license.titles, &license.identity.license_id)
}
