//! `restow put-back [DIR]`, `restow put-back FILE --license LICENSE`

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use restow::listing::LicenseState;
use restow::put_back::{
    Action, ConflictKind, DownloadOffer, LicenseRef, OnConflict, PutBackError, PutBackEvent, PutBackHandler,
    embed_license, put_back,
};
use restow::service::Cancel;
use restow::{Error, Home, Message};
use serde_json::{Value, json};

use super::licenses::{license_state_word, resolve_license};
use super::{Context, Exit, Failure, args, interrupt, print_object, values};
use crate::output::{Tone, Ui, display_title, shell_word, size};

/// Maximum number of licenses without a publication that are listed for people.
const MAX_SHOWN: usize = 50;

pub(super) fn run(context: &Context, args: &args::PutBack) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let cancel = Cancel::default();
    cancel_on_interrupt(&cancel);
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

/// Makes Ctrl-C stop between two files, or before a new file gets its name.
fn cancel_on_interrupt(cancel: &Cancel) {
    let cancel = cancel.clone();
    interrupt::set_handler(move || cancel.cancel());
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
    let entry = resolve_license(&store, license, args.issuer.as_deref())?;
    let titles = restow::listing::license_info(home, &store, &entry)?.titles;
    let identity = entry.identity;
    drop(store);
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
        cancel_on_interrupt(cancel);
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
    cancel_on_interrupt(cancel);
    yes
}

fn print_event(ui: &Ui, event: &PutBackEvent, missing: &mut Vec<String>) {
    if ui.is_json() {
        event_objects(ui, event).iter().for_each(|object| print_object!(ui, "put_back", object));
        return;
    }
    match event {
        PutBackEvent::Document { license, path, action } => {
            let path = path.to_string_lossy();
            let values = values![title = license_title(ui, license), path = path.as_ref(), file = shell_word(&path)];
            match action {
                Action::Written | Action::Refreshed => ui.print("put-back-document", values),
                Action::Conflict => ui.warn("put-back-disputed-document", values),
                _ => {}
            }
        }
        PutBackEvent::Publication { action: Action::AlreadyPresent, .. } => {}
        PutBackEvent::Publication { license, path, action } => {
            let path = path.to_string_lossy();
            let values = values![
                title = license_title(ui, license),
                path = path.as_ref(),
                file = shell_word(&path),
                license = license_argument(license),
            ];
            let tone = if *action == Action::Conflict { Tone::Warning } else { Tone::Plain };
            ui.print_styled(tone, message_id(*action), values);
        }
        PutBackEvent::Skipped { license: Some(license), path, reason, conflict: Some(_), .. } => {
            let path = path.to_string_lossy();
            let values = values![
                path = path.as_ref(),
                why = ui.clause(reason),
                title = license_title(ui, license),
                file = shell_word(&path),
                license = license_argument(license),
            ];
            ui.warn("put-back-left-by-hand", values);
        }
        PutBackEvent::Skipped { path, reason, .. } => {
            // A missing file cannot be kept: its folder does not accept files.
            let (id, path) = match path.parent() {
                Some(folder) if path.symlink_metadata().is_err() && folder.is_dir() => ("put-back-folder", folder),
                _ => ("put-back-left", path.as_path()),
            };
            let path = path.to_string_lossy();
            ui.warn(id, values![path = path.as_ref(), why = ui.message_with_help(reason)]);
        }
        PutBackEvent::PossibleMatch { licenses, path } => {
            let path = path.to_string_lossy();
            for license in licenses {
                let values = values![
                    path = path.as_ref(),
                    title = license_title(ui, license),
                    file = shell_word(&path),
                    license = license_argument(license),
                ];
                ui.print_styled(Tone::Warning, "put-back-perhaps", values);
            }
        }
        PutBackEvent::Missing { license, url, reason, .. } if missing.len() < MAX_SHOWN => {
            let title = license_title(ui, license);
            missing.push(match url {
                Some(url) => {
                    ui.text("put-back-missing-at", values![title = title, why = ui.clause(reason), url = url.as_str()])
                }
                None => ui.text("put-back-missing-item", values![title = title, why = ui.message_with_help(reason)]),
            });
        }
        PutBackEvent::NotUsable { license, state } => {
            let values = values![title = license_title(ui, license), why = license_state_word(ui, *state)];
            ui.print("put-back-not-usable", values);
        }
        _ => {}
    }
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

/// Returns the value of `--license`, with `--issuer` if another license has the same ID.
fn license_argument(license: &LicenseRef) -> String {
    let id = shell_word(&license.identity.license_id);
    if license.shares_id { format!("{id} --issuer {}", shell_word(&license.identity.issuer)) } else { id }
}

/// Returns the JSON objects of an event. A possible match has one object for each license.
fn event_objects(ui: &Ui, event: &PutBackEvent) -> Vec<Value> {
    let problem = |message: &Message| json!({"code": message.code, "message": ui.message(message)});
    let object = match event {
        PutBackEvent::Document { license, path, action } => {
            event_object("document", Some(license), Some(path), [("done", json!(action.as_str()))])
        }
        PutBackEvent::Publication { license, path, action } => {
            event_object("publication", Some(license), Some(path), [("done", json!(action.as_str()))])
        }
        PutBackEvent::Skipped { license, path, reason, failed, .. } => {
            let kind = if *failed { "failed" } else { "left" };
            event_object(kind, license.as_ref(), Some(path), [("why", problem(reason))])
        }
        PutBackEvent::PossibleMatch { licenses, path } => {
            return licenses.iter().map(|license| event_object("perhaps", Some(license), Some(path), [])).collect();
        }
        PutBackEvent::Missing { license, url, reason, .. } => {
            event_object("missing", Some(license), None, [("where", json!(url)), ("why", problem(reason))])
        }
        PutBackEvent::NotUsable { license, state: state @ LicenseState::Refused(outcome) } => {
            let members = [("outcome", json!(outcome.as_str())), ("status", json!(state.as_str()))];
            event_object("not_usable", Some(license), None, members)
        }
        PutBackEvent::NotUsable { license, state } => {
            event_object("not_usable", Some(license), None, [("status", json!(state.as_str()))])
        }
        _ => return Vec::new(),
    };
    vec![object]
}

/// Returns the JSON object of an event with its license, its path and other members.
fn event_object<const N: usize>(
    kind: &str,
    license: Option<&LicenseRef>,
    path: Option<&PathBuf>,
    members: [(&str, Value); N],
) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("put_back".to_owned(), kind.into());
    if let Some(license) = license {
        object.insert("license_id".to_owned(), license.identity.license_id.as_str().into());
        object.insert("issuer".to_owned(), license.identity.issuer.as_str().into());
        object.insert("titles".to_owned(), license.titles.clone().into());
    }
    if let Some(path) = path {
        object.insert("path".to_owned(), path.to_string_lossy().into());
    }
    object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    object.into()
}
