//! `restow can FILE|KEYID|LICENSE`

use std::path::Path;

use restow::license::{Kind, LicenseIdentity, Right, parse_as};
use restow::listing;
use restow::store::LicenseEntry;
use restow::usage::{AllowedUse, UseDenied};
use restow::{Error, Home, KeyId, UnixTime, usage};
use restow_media::{Format, Probe, System};
use serde_json::{Value, json};

use super::context::Context;
use super::target::{Target, licenses_by_id, print_file_kind};
use crate::args::Can;
use crate::command_error::CommandError;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{Tone, shell_word, time};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Can) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let right = Right::from_name(&args.action)
        .ok_or_else(|| Failure::new(CommandError::UsageRight).with("right", &args.action).exit(Exit::Usage))?;
    let home = context.home()?;
    let licenses = licenses_by_id(&home.store()?, &args.target)?;
    if !licenses.is_empty() {
        return check_licenses(context, &home, args, &right, licenses);
    }
    let target = Target::resolve(&args.target)?;
    let key_ids = match target {
        Target::Key(key_id) => vec![key_id],
        Target::File(probe) if !probe.key_ids.is_empty() => probe.key_ids,
        Target::File(probe) if probe.systems.contains(&System::Lcp) => {
            return check_publication(context, &home, args, &probe, &right);
        }
        Target::File(probe) => return Ok(print_without_key_id(context, &args.target, &probe, &right)),
    };
    // A use of a file counts once for each of its keys, but only if all licenses allow it.
    for key_id in &key_ids {
        if let Err(error) = usage::check_right(&home, key_id, &right) {
            return deny(context, &key_id_object(key_id), &right, error);
        }
    }
    for key_id in &key_ids {
        if args.count_one {
            let cancel = interrupt::cancel_token();
            match usage::open_content_key_online(&home, key_id, &right, &cancel) {
                // The key is wiped here: this command only counts the use.
                Ok(key) => drop(key),
                Err(error) => return deny(context, &key_id_object(key_id), &right, error),
            }
        }
        let (left, license) = match usage::check_right(&home, key_id, &right) {
            Ok(allowed) => (allowed.left, Some(allowed.license)),
            Err(Error::UseDenied(_)) if args.count_one => (Some(0), None),
            Err(error) => return deny(context, &key_id_object(key_id), &right, error),
        };
        let expires = license.as_ref().map(|license| expiry(&home, license, &right)).transpose()?.flatten();
        ui.print_object(
            "right",
            &json!({
                "key_id": key_id.to_string(), "action": right.as_str(), "allowed": true,
                "license_id": license.map(|license| license.license_id), "left": left, "used": args.count_one,
                "expires": expires.map(restow::rfc3339),
            }),
        );
        let (key, name) = (key_id.to_string(), right.as_str());
        match (args.count_one, left) {
            (false, None) => ui.print_styled(Tone::Good, "can-yes", values![key = key, right = name]),
            (false, Some(left)) => {
                ui.print_styled(Tone::Good, "can-yes-left", values![key = key, right = name, left = left])
            }
            (true, None) => ui.print("can-used", values![key = key, right = name]),
            (true, Some(left)) => ui.print("can-used-left", values![key = key, right = name, left = left]),
        }
        if let Some(until) = expires {
            ui.print("can-until", values![until = time(until)]);
        }
    }
    Ok(Exit::Done)
}

/// Prints the result for a file without a key ID. Only a file that is known to be unprotected needs no license.
fn print_without_key_id(context: &Context, path: &Path, probe: &Probe, right: &Right) -> Exit {
    let ui = &context.ui;
    let allowed = (probe.protected == Some(false)).then_some(true);
    ui.print_object("right", &json!({"protected": probe.protected, "action": right.as_str(), "allowed": allowed}));
    print_file_kind(ui, path, probe);
    let path = path.to_string_lossy();
    match (probe.protected, probe.format) {
        (Some(false), _) => ui.print("can-not-protected", values![]),
        (Some(true), _) => {
            let systems = probe.systems.iter().map(|system| system.as_str()).collect::<Vec<_>>().join(", ");
            ui.print("can-no-key-id", values![path = path.as_ref(), systems = systems]);
        }
        (None, Format::Unknown) => ui.print("can-other-kind", values![path = path.as_ref()]),
        (None, _) => ui.print("can-unknown", values![path = path.as_ref()]),
    }
    if allowed == Some(true) { Exit::Done } else { Exit::Failed }
}

/// Returns the time at which a right of a license ends, if it ends.
fn expiry(home: &Home, identity: &LicenseIdentity, right: &Right) -> Result<Option<UnixTime>, Failure> {
    let Some(entry) = home.store()?.view().license(identity)? else { return Ok(None) };
    let license = parse_as(identity.kind, &entry.document)?;
    Ok(license.expires.into_iter().chain(license.rights.get(right).and_then(|limits| limits.until)).min())
}

/// Checks a publication by its embedded license, or by the licenses known for it.
fn check_publication(
    context: &Context,
    home: &Home,
    args: &Can,
    probe: &Probe,
    right: &Right,
) -> Result<Exit, Failure> {
    let path = args.target.to_string_lossy();
    let object = json!({"path": path});
    match usage::check_publication_right(home, &args.target, probe, right) {
        Ok(allowed) => {
            let title = probe.title.as_ref().map_or(path.as_ref(), |title| title.text.as_str());
            print_allowed(context, home, args, (object, title), right, &allowed)
        }
        Err(error) => deny(context, &object, right, error),
    }
}

/// Checks the licenses with one ID and ignores all others.
fn check_licenses(
    context: &Context,
    home: &Home,
    args: &Can,
    right: &Right,
    licenses: Vec<LicenseEntry>,
) -> Result<Exit, Failure> {
    let id = licenses.first().map(|entry| entry.identity.license_id.clone()).unwrap_or_default();
    if args.count_one && licenses.iter().any(|entry| entry.identity.kind == Kind::Restow) {
        return Err(Failure::new(CommandError::UsageUseLicense).exit(Exit::Usage));
    }
    let store = home.store()?;
    let listed = licenses.first().map(|entry| listing::license_info(home, &store, entry)).transpose()?;
    let title = listed.and_then(|listed| listed.titles.into_iter().next()).unwrap_or_else(|| id.clone());
    match usage::check_right_by_licenses(home, &title, licenses, right) {
        Ok(allowed) => print_allowed(context, home, args, (json!({}), &title), right, &allowed),
        Err(error) => deny(context, &json!({"license_id": id}), right, error),
    }
}

/// Prints that a license allows the right.
fn print_allowed(
    context: &Context,
    home: &Home,
    args: &Can,
    (mut object, title): (Value, &str),
    right: &Right,
    allowed: &AllowedUse,
) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let is_counted_by_readers = allowed.license.kind == Kind::Lcp;
    let expires = expiry(home, &allowed.license, right)?;
    let answer = json!({
        "action": right.as_str(), "allowed": true, "license_id": allowed.license.license_id, "left": allowed.left,
        "used": false, "counted_by": allowed.left.filter(|_| is_counted_by_readers).map(|_| "readers"),
        "expires": expires.map(restow::rfc3339),
    });
    if let (Some(object), Value::Object(answer)) = (object.as_object_mut(), answer) {
        object.extend(answer);
    }
    ui.print_object("right", &object);
    ui.print_styled(Tone::Good, "can-read", values![title = title, right = right.as_str()]);
    match allowed.left {
        Some(count) if is_counted_by_readers => {
            let id = if *right == Right::PRINT { "amount-print" } else { "amount-copy" };
            ui.print("can-amount", values![amount = ui.text(id, values![count = count])]);
        }
        Some(left) => ui.print("can-left", values![left = left]),
        None => {}
    }
    if let Some(until) = expires {
        ui.print("can-until", values![until = time(until)]);
    }
    if args.count_one {
        ui.print_styled(Tone::Warning, "can-not-counted", values![]);
    }
    Ok(Exit::Done)
}

fn key_id_object(key_id: &KeyId) -> Value {
    json!({"key_id": key_id.to_string()})
}

fn deny(context: &Context, subject: &Value, right: &Right, error: Error) -> Result<Exit, Failure> {
    let mut object = json!({"action": right.as_str(), "allowed": false, "code": error.code()});
    if let (Some(object), Some(subject)) = (object.as_object_mut(), subject.as_object()) {
        object.extend(subject.clone());
        let date = match &error {
            Error::UseDenied(UseDenied::NotYetValid { from, .. }) => Some(("not_before", *from)),
            Error::UseDenied(UseDenied::Expired { since, .. }) => Some(("expires", *since)),
            _ => None,
        };
        object.extend(date.map(|(name, time)| (name.to_owned(), Value::from(restow::rfc3339(time)))));
    }
    context.ui.print_object("right", &object);
    if matches!(error, Error::UseDenied(UseDenied::NotGranted { .. })) && !right.is_standard() {
        context.ui.warn("can-unusual", values![right = right.as_str(), usual = Right::STANDARD_NAMES.join(", ")]);
    }
    let path = match &error {
        Error::UseDenied(UseDenied::NotImported { path, .. }) => Some(shell_word(&path.to_string_lossy())),
        _ => None,
    };
    let failure = Failure::from(error);
    Err(match path {
        Some(path) => failure.with("path", path),
        None => failure,
    })
}
