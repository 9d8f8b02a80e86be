//! `restow forget LICENSE`

use std::collections::BTreeMap;
use std::path::Path;

use restow::license::LicenseIdentity;
use restow::restorer::{Contents, Restore, forget_from as take_out, is_held, other_sets};
use restow::{Home, listing};
use serde_json::json;

use super::Context;
use super::licenses::meant;
use crate::args::Forget;
use crate::failure::{Exit, Failure};
use crate::output::{short_id, time, titled};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Forget) -> Result<Exit, Failure> {
    if let Some(location) = &args.from {
        return forget_from(context, args, location);
    }
    let (ui, home) = (&context.ui, context.home()?);
    let mut store = home.store()?;
    let entry = &meant(&store, &args.license, args.issuer.as_deref())?;
    let listed = listing::listed(&home, &store, entry)?;
    let title = titled(ui, &listed.titles, &args.license);
    let (unseen, seen): (Vec<_>, Vec<_>) =
        listed.backups.iter().partition(|(location, _)| listed.unseen.contains(location));
    let mut holding = Vec::new();
    for (location, _) in seen {
        if is_held(&home, Path::new(location), &entry.identity, &entry.sha256)? {
            holding.push(location);
        }
    }
    // Taking the last copy away needs a person's word, and nobody knows what is on a drive that is not there.
    if holding.is_empty() && !args.yes {
        let (location, at) = unseen.first().map(|(location, at)| (location.as_str(), time(*at))).unwrap_or_default();
        let (question, failure) = match unseen.as_slice() {
            [] => ("forget-ask", "last-copy"),
            [..] => ("forget-ask-unseen", "last-copy-unseen"),
        };
        if !ui.ask(question, values![title = title.as_str(), location = location, at = at.as_str()]) {
            let exit = if ui.can_ask() { Exit::Failed } else { Exit::Usage };
            return Err(Failure::own(failure)
                .exit(exit)
                .with("title", title)
                .with("location", location)
                .with("at", at));
        }
    }
    let change = store.change()?;
    change.remove_license(entry.row)?;
    change.commit()?;
    ui.object(&json!({"forgotten": {"license_id": args.license, "issuer": entry.identity.issuer}}));
    ui.say("forget-done", values![title = title]);
    for location in holding {
        ui.say("forget-still-in", values![location = location.as_str()]);
    }
    for (location, at) in unseen {
        ui.say("forget-unseen", values![location = location.as_str(), at = time(*at)]);
    }
    Ok(Exit::Done)
}

/// Takes a license out of this computer's set at a location, in all generations; the store keeps what it has.
fn forget_from(context: &Context, args: &Forget, location: &Path) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let contents = Contents::open(&home, &Restore::from(location)).map_err(|error| Failure::at(error, location))?;
    let mut meant: BTreeMap<LicenseIdentity, Vec<String>> = BTreeMap::new();
    contents.licenses::<Failure>(&mut |listed| {
        let identity = listed.license.identity;
        let issuer = args.issuer.as_deref().unwrap_or_default();
        if identity.license_id == args.license && identity.issuer.starts_with(issuer) {
            meant.insert(identity, listed.titles);
        }
        Ok(())
    })?;
    let (identity, titles) = match (meant.pop_first(), meant.is_empty()) {
        (None, _) => return Err(Failure::own("no-such-license").with("license", &args.license)),
        (Some(found), true) => found,
        (Some(_), false) => return Err(Failure::own("license-ambiguous").with("license", &args.license)),
    };
    let place = location.to_string_lossy();
    let title = titled(ui, &titles, &args.license);
    let left = what_is_left(context, &home, &identity, location)?;
    let question = values![title = title.as_str(), location = place.as_ref(), where = left];
    if !ui.agreed(args.yes, "forget-from-ask", question)? {
        ui.say("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    let done = take_out(&home, location, &identity).map_err(|error| Failure::at(error, location))?;
    ui.object(&json!({"forgotten": {
        "license_id": identity.license_id, "issuer": identity.issuer, "location": place, "still_in_sets": done.still_in,
    }}));
    let id = if done.records > 0 { "forget-from-done" } else { "nothing-changed" };
    ui.say(id, values![title = title, location = place.as_ref()]);
    for set in &done.still_in {
        ui.say("forget-from-still-in", values![set = set.as_str()]);
    }
    Ok(if done.records > 0 { Exit::Done } else { Exit::Failed })
}

/// Where the license is besides this computer's set at the location, in a sentence.
fn what_is_left(
    context: &Context,
    home: &Home,
    identity: &LicenseIdentity,
    location: &Path,
) -> Result<String, Failure> {
    let ui = &context.ui;
    let store = home.store()?;
    let here = store.view().license(identity)?.map(|entry| listing::listed(home, &store, &entry)).transpose()?;
    let backups = here.iter().flat_map(|listed| &listed.backups).map(|(other, _)| other.clone());
    let sets = other_sets(home, location, identity).map_err(|error| Failure::at(error, location))?;
    let sets = sets.iter().map(|set| ui.text("forget-from-set", values![set = short_id(set)]));
    let mut others = backups.filter(|other| !is_same(Path::new(other), location)).chain(sets);
    Ok(match (here.is_some(), others.next()) {
        (true, None) => ui.text("forget-from-kept", values![]),
        (true, Some(other)) => ui.text("forget-from-kept-twice", values![other = other]),
        (false, Some(other)) => ui.text("forget-from-elsewhere", values![other = other]),
        (false, None) => ui.text("forget-from-last", values![]),
    })
}

/// Whether a location is the one that is noted: it may be named by the folder in it, too.
fn is_same(noted: &Path, location: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (noted, location) = (whole(noted), whole(location));
    location == noted || location == noted.join("Restow")
}
