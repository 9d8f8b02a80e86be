//! `restow can FILE|KEYID`

use std::path::Path;

use restow::license::{LicenseIdentity, Right, parse_as};
use restow::usage::UsageError;
use restow::{Error, Home, Hresult, KeyId, UnixTime, usage};
use restow_media::{Format, Probe};
use serde_json::{Value, json};

use super::Context;
use crate::args::Can;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{Tone, time};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Can) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let right = Right::named(&args.action)
        .ok_or_else(|| Failure::own("usage-right").with("right", &args.action).exit(Exit::Usage))?;
    let (home, (key_ids, probe)) = (context.home()?, key_ids(&args.target)?);
    if let Some(probe) = probe.filter(|_| key_ids.is_empty()) {
        return Ok(without_key_id(context, &args.target, &probe, &right));
    }
    // A use of a file counts one on each of its keys, but only if all of them allow it.
    for key_id in &key_ids {
        if let Err(error) = usage::can(&home, key_id, &right) {
            return denied(context, key_id, &right, error);
        }
    }
    for key_id in &key_ids {
        if args.count_one {
            let cancel = interrupt::token();
            match usage::open_content_key_online(&home, key_id, &right, &cancel) {
                // The key is wiped here: this command only counts.
                Ok(key) => drop(key),
                Err(error) => return denied(context, key_id, &right, error),
            }
        }
        let (left, license) = match usage::can(&home, key_id, &right) {
            Ok(allowed) => (allowed.left, Some(allowed.license)),
            Err(Error::Usage(_)) if args.count_one => (Some(0), None),
            Err(error) => return denied(context, key_id, &right, error),
        };
        let expires = license.as_ref().map(|license| expiry(&home, license, &right)).transpose()?.flatten();
        ui.object(&json!({
            "key_id": key_id.to_string(), "action": right.as_str(), "allowed": true,
            "license_id": license.map(|license| license.license_id), "left": left, "used": args.count_one,
            "expires": expires.map(restow::rfc3339),
        }));
        let (key, name) = (key_id.to_string(), right.as_str());
        match (args.count_one, left) {
            (false, None) => ui.tell(Tone::Good, "can-yes", values![key = key, right = name]),
            (false, Some(left)) => ui.tell(Tone::Good, "can-yes-left", values![key = key, right = name, left = left]),
            (true, None) => ui.say("can-used", values![key = key, right = name]),
            (true, Some(left)) => ui.say("can-used-left", values![key = key, right = name, left = left]),
        }
        if let Some(until) = expires {
            ui.say("can-until", values![until = time(until)]);
        }
    }
    Ok(Exit::Done)
}

/// What there is to say of a file that names no key ID. Only one that is known to be clear needs no license.
fn without_key_id(context: &Context, path: &Path, probe: &Probe, right: &Right) -> Exit {
    let ui = &context.ui;
    let allowed = (probe.protected == Some(false)).then_some(true);
    ui.object(&json!({"protected": probe.protected, "action": right.as_str(), "allowed": allowed}));
    let path = path.to_string_lossy();
    match (probe.protected, probe.format) {
        (Some(false), _) => ui.say("can-not-protected", values![]),
        (Some(true), _) => {
            let systems = probe.systems.iter().map(|system| system.as_str()).collect::<Vec<_>>().join(", ");
            ui.say("can-no-key-id", values![path = path.as_ref(), systems = systems]);
        }
        (None, Format::Unknown) => ui.say("can-other-kind", values![path = path.as_ref()]),
        (None, _) => ui.say("can-unknown", values![path = path.as_ref()]),
    }
    if allowed == Some(true) { Exit::Done } else { Exit::Failed }
}

/// Until when a license gives a right.
fn expiry(home: &Home, identity: &LicenseIdentity, right: &Right) -> Result<Option<UnixTime>, Failure> {
    let Some(entry) = home.store()?.view().license(identity)? else { return Ok(None) };
    let license = parse_as(identity.kind, &entry.document)?;
    Ok(license.expires.into_iter().chain(license.rights.get(right).and_then(|limits| limits.until)).min())
}

fn denied(context: &Context, key_id: &KeyId, right: &Right, error: Error) -> Result<Exit, Failure> {
    let mut object = json!({"key_id": key_id.to_string(), "action": right.as_str(), "allowed": false});
    if let Some(object) = object.as_object_mut() {
        object.insert("code".into(), Value::from(error.code()));
        let date = match &error {
            Error::Usage(UsageError::NotYet { from, .. }) => Some(("not_before", *from)),
            Error::Usage(UsageError::Expired { since, .. }) => Some(("expires", *since)),
            _ => None,
        };
        object.extend(date.map(|(name, time)| (name.to_owned(), Value::from(restow::rfc3339(time)))));
    }
    context.ui.object(&object);
    Err(error.into())
}

/// The key IDs of a file and what else its header says, or the key ID that is named. What exists as a file is a file.
pub(super) fn key_ids(target: &Path) -> Result<(Vec<KeyId>, Option<Probe>), Failure> {
    let named = target.to_str().and_then(|text| text.parse::<KeyId>().ok());
    match named {
        Some(key_id) if !target.exists() => Ok((vec![key_id], None)),
        _ => {
            let probe = restow_media::probe_path(target).map_err(|error| unreadable(target, &error))?;
            Ok((probe.key_ids.clone(), Some(probe)))
        }
    }
}

/// A file that cannot be looked at.
pub(super) fn unreadable(path: &Path, error: &restow_media::ProbeError) -> Failure {
    let why = std::io::Error::new(error.kind(), error.to_string());
    Failure::own("unreadable").with("path", path.display()).because(&why).hresult(Hresult::NS_E_INVALID_NAME)
}
