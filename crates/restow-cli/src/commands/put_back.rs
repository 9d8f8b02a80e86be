//! `restow put-back [DIR]`, `restow put-back FILE --license LICENSE`

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;

use restow::listing::LicenseState;
use restow::put_back::{
    Action, ConflictKind, DownloadOffer, LicenseRef, OnConflict, PutBackError, PutBackEvent, PutBackHandler,
    embed_license, preview_put_back, put_back,
};
use restow::service::Cancel;
use restow::{Error, Home, Message};
use restow_core::texts::FluentValue;
use serde_json::{Value, json};

use super::licenses::{NamedLicense, license_state_word};
use super::{Context, Exit, Failure, args, interrupt, print_object, values};
use crate::output::{Reply, Tone, Ui, display_title, shell_word, size};

/// Maximum number of licenses without a publication that are listed for people.
const MAX_SHOWN: usize = 50;

/// Maximum number of changes that are listed before the question.
const MAX_SHOWN_CHANGES: usize = 20;

pub(super) fn run(context: &Context, args: &args::PutBack) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    // Ctrl-C stops between two files, or before a new file gets its name.
    let cancel = interrupt::cancel_token();
    if let (Some(license), Some(file)) = (&args.license, &args.path) {
        return embed_one(ui, &home, file, license, args, &cancel);
    }
    let (mut missing, mut not_fetched) = (Vec::new(), 0);
    let agreed = RefCell::new(HashSet::new());
    let (mut consent, mut unanswered) = (DownloadConsent::default(), None);
    let on_event = &mut |event: &PutBackEvent| {
        // A publication that the user did not request is no failure.
        if let PutBackEvent::Missing { license, declined, .. } = event {
            let is_requested = args.fetch || agreed.borrow().contains(&license.identity);
            not_fetched += u64::from(is_requested && !declined);
        }
        print_event(ui, event, args.dry_run, &mut missing);
    };
    let summary = if args.dry_run {
        preview_put_back(&home, args.path.as_deref(), on_event, &cancel)
    } else {
        let handler = &mut PutBackHandler {
            confirm: &mut |offer| {
                let is_agreed = consent.ask(ui, offer, args.fetch, &cancel);
                if is_agreed {
                    agreed.borrow_mut().insert(offer.license.identity.clone());
                }
                is_agreed
            },
            confirm_changes: &mut |changes| match confirm_changes(ui, changes, args.yes) {
                Ok(is_agreed) => {
                    interrupt::cancel_on_interrupt(&cancel);
                    is_agreed
                }
                Err(failure) => {
                    unanswered = Some(failure);
                    false
                }
            },
            on_event,
            cancel: &cancel,
        };
        put_back(&home, args.path.as_deref(), handler)
    };
    let summary = match (summary, &args.path, unanswered) {
        (Ok(summary), ..) => summary,
        (Err(Error::PutBack(PutBackError::NotAgreed)), _, Some(failure)) => return Err(failure),
        (Err(Error::PutBack(PutBackError::NotAgreed)), ..) => {
            ui.print("nothing-changed", values![]);
            return Ok(Exit::Failed);
        }
        (Err(error @ Error::PutBack(PutBackError::NotAFolder)), Some(path), _) => {
            return Err(Failure::from(error).at(path.display()).exit(Exit::Usage));
        }
        (Err(error), ..) => return Err(error.into()),
    };
    let failed = summary.failed.saturating_add(not_fetched);
    let mut counts = json!({
        "documents": summary.documents, "publications": summary.publications, "fetched": summary.downloaded,
        "already_there": summary.already_present, "disputed": summary.conflicts, "missing": summary.missing,
        "elsewhere": summary.outside_folder, "failed": failed,
    });
    if let Some(counts) = counts.as_object_mut().filter(|_| summary.kept > 0) {
        counts.insert("kept".to_owned(), summary.kept.into());
    }
    let mode = if args.dry_run { json!({"dry_run": true}) } else { json!({}) };
    print_object!(ui, "put_back_summary", &mode, {"summary": counts});
    if summary.missing > 0 {
        ui.print_styled(Tone::Warning, "put-back-missing", values![count = summary.missing]);
        ui.print_list(missing.iter().map(|line: &String| ui.list_item(line)), summary.missing);
    }
    let changed = summary.documents + summary.publications + summary.downloaded;
    let counts = values![count = changed, here = summary.already_present];
    let is_complete = failed == 0 && summary.kept == 0;
    let id = if args.dry_run { "put-back-would" } else { "put-back-done" };
    ui.print_styled(if is_complete { Tone::Good } else { Tone::Plain }, id, counts);
    if summary.outside_folder > 0 {
        ui.print("put-back-elsewhere", values![count = summary.outside_folder]);
    }
    if summary.kept > 0 {
        ui.warn("put-back-kept", values![count = summary.kept]);
    }
    if failed > 0 {
        ui.warn("put-back-failed", values![count = failed]);
    }
    Ok(if is_complete { Exit::Done } else { Exit::Failed })
}

/// Lists the changes on a terminal, and asks about all of them at once.
fn confirm_changes(ui: &Ui, changes: &[PutBackEvent], yes: bool) -> Result<bool, Failure> {
    if !yes && ui.can_ask() {
        let lines = changes.iter().take(MAX_SHOWN_CHANGES).filter_map(|change| planned_line(ui, change));
        ui.print_list(lines.map(|line| ui.list_item(&line)), changes.len() as u64);
    }
    let books = changes.iter().filter(|change| matches!(change, PutBackEvent::Publication { .. })).count() as u64;
    let documents = (changes.len() as u64).saturating_sub(books);
    ui.confirm_or_yes(yes, "put-back-changes-ask", values![books = books, documents = documents])
}

/// Returns the line about a change that has not been made.
fn planned_line(ui: &Ui, change: &PutBackEvent) -> Option<String> {
    let (id, license, path) = match change {
        PutBackEvent::Document { license, path, action: Action::Written, .. } => {
            ("put-back-would-document", license, path)
        }
        PutBackEvent::Publication { license, path, action: Action::Written, .. } => {
            ("put-back-would-publication", license, path)
        }
        PutBackEvent::Document { license, path, action: Action::Refreshed, .. }
        | PutBackEvent::Publication { license, path, action: Action::Refreshed, .. } => {
            ("put-back-would-refresh", license, path)
        }
        _ => return None,
    };
    Some(ui.text(id, &event_values(ui, license, &path.to_string_lossy(), String::new())))
}

/// Consent of the user to downloads.
#[derive(Default)]
struct DownloadConsent {
    /// Hosts from which the user agreed to all downloads.
    hosts: HashSet<String>,
    /// True if the user declined all further downloads.
    declined: bool,
}

impl DownloadConsent {
    /// Asks about a download, unless an earlier answer or `--fetch` covers it.
    fn ask(&mut self, ui: &Ui, offer: &DownloadOffer, fetch: bool, cancel: &Cancel) -> bool {
        if offer.is_auto_approved() && (fetch || self.hosts.contains(&offer.host)) {
            return true;
        }
        if self.declined {
            return false;
        }
        let title = license_title(ui, &offer.license);
        let length = offer.length.map_or_else(|| ui.text("put-back-size-unknown", values![]), size);
        let values = values![title = title, host = offer.host.as_str(), size = length];
        let id = if offer.checked { "put-back-ask" } else { "put-back-ask-unchecked" };
        let reply = ui.ask_each(id, values);
        interrupt::cancel_on_interrupt(cancel);
        self.declined = reply == Reply::None;
        if reply == Reply::All {
            self.hosts.insert(offer.host.clone());
        }
        matches!(reply, Reply::Yes | Reply::All)
    }
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
    let embedded = result.map_err(|error| {
        let is_about_file = matches!(error, Error::PutBack(_));
        let failure = Failure::from(error);
        if is_about_file { failure.at(file.display()) } else { failure }
    })?;
    let action = embedded.action;
    let license = json!({"license_id": identity.license_id, "issuer": identity.issuer, "titles": titles});
    print_object!(ui, "put_back", &with_warnings(ui, license, &embedded.warnings), {
        "put_back": "publication", "path": path, "done": action.as_str(),
    });
    let id = if action == Action::Written { "put-back-by-hand" } else { message_id(action) };
    ui.print(id, values![title = title, path = path.as_ref()]);
    print_file_warnings(ui, &path, &embedded.warnings);
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

/// Prints an event. The lines of the first missing publications are collected.
fn print_event(ui: &Ui, event: &PutBackEvent, dry_run: bool, missing: &mut Vec<String>) {
    // A preview names the action that would be taken.
    let done = if dry_run && event.is_change() { "planned" } else { "done" };
    match event {
        PutBackEvent::Document { license, path, action, warnings } => {
            let path = path.to_string_lossy();
            print_object!(ui, "put_back", &with_warnings(ui, license_members(license), warnings), {
                "put_back": "document", "path": path, done: action.as_str(),
            });
            match action {
                _ if dry_run && event.is_change() => print_planned(ui, event),
                Action::Written | Action::Refreshed => {
                    ui.print("put-back-document", &event_values(ui, license, &path, String::new()));
                }
                Action::Conflict => {
                    ui.warn("put-back-disputed-document", &event_values(ui, license, &path, String::new()));
                }
                Action::BetterPresent => {
                    ui.print("put-back-better-document", &event_values(ui, license, &path, String::new()));
                }
                _ => {}
            }
            print_file_warnings(ui, &path, warnings);
        }
        PutBackEvent::Publication { license, path, action, warnings } => {
            let path = path.to_string_lossy();
            print_object!(ui, "put_back", &with_warnings(ui, license_members(license), warnings), {
                "put_back": "publication", "path": path, done: action.as_str(),
            });
            if dry_run && event.is_change() {
                print_planned(ui, event);
            } else if *action != Action::AlreadyPresent {
                let tone = if *action == Action::Conflict { Tone::Warning } else { Tone::Plain };
                ui.print_styled(tone, message_id(*action), &event_values(ui, license, &path, String::new()));
            }
            print_file_warnings(ui, &path, warnings);
        }
        PutBackEvent::Offer(offer) => {
            print_object!(ui, "put_back", &license_members(&offer.license), {
                "put_back": "offer", "where": offer.url, "length": offer.length, "checked": offer.checked,
            });
            let length = offer.length.map_or_else(|| ui.text("put-back-size-unknown", values![]), size);
            let title = license_title(ui, &offer.license);
            ui.print("put-back-would-fetch", values![title = title, host = offer.host.as_str(), size = length]);
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
            }
            if let [license] = licenses.as_slice() {
                let values = event_values(ui, license, &path, String::new());
                ui.print_styled(Tone::Warning, "put-back-perhaps", &values);
                return;
            }
            let count = licenses.len() as u64;
            ui.print_styled(Tone::Warning, "put-back-perhaps-several", values![path = path.as_ref(), count = count]);
            let lines = licenses.iter().take(MAX_SHOWN).map(|license| {
                ui.list_item(&ui.text("put-back-perhaps-item", &event_values(ui, license, &path, String::new())))
            });
            ui.print_list(lines, count);
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

fn print_planned(ui: &Ui, event: &PutBackEvent) {
    if let Some(line) = planned_line(ui, event).filter(|_| !ui.is_json()) {
        ui.print_line(&line);
    }
}

/// Warns about a changed file.
fn print_file_warnings(ui: &Ui, path: &str, warnings: &[Message]) {
    for warning in warnings {
        ui.warn("put-back-uncertain", values![path = path, why = ui.message_with_help(warning)]);
    }
}

/// Adds the uncertainties about a file to an object, if there are some.
fn with_warnings(ui: &Ui, mut members: Value, warnings: &[Message]) -> Value {
    if let Some(object) = members.as_object_mut().filter(|_| !warnings.is_empty()) {
        object.insert("warnings".to_owned(), warnings.iter().map(|warning| problem(ui, warning)).collect());
    }
    members
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
fn event_values<'a>(ui: &Ui, license: &LicenseRef, path: &str, why: String) -> [(&'a str, FluentValue<'a>); 6] {
    let identity = &license.identity;
    let id = shell_word(&identity.license_id);
    let argument = if license.shares_id { format!("{id} --issuer {}", shell_word(&identity.issuer)) } else { id };
    let (title, file) = (license_title(ui, license), shell_word(path));
    let plain_id = identity.license_id.clone();
    [("title", title), ("path", path.to_owned()), ("file", file), ("license", argument), ("why", why), ("id", plain_id)]
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
