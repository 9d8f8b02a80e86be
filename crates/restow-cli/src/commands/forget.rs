//! `restow forget LICENSE`

use std::collections::BTreeSet;
use std::path::Path;

use restow::license::LicenseIdentity;
use restow::listing;
use restow::restorer::{Contents, forget_from as take_out};
use serde_json::json;

use super::Context;
use crate::args::Forget;
use crate::failure::{Exit, Failure};
use crate::output::titled;
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Forget) -> Result<Exit, Failure> {
    if let Some(location) = &args.from {
        return forget_from(context, args, location);
    }
    let (ui, home) = (&context.ui, context.home()?);
    let mut store = home.store()?;
    let mut entries = store.view().licenses_called(&args.license)?;
    if let Some(issuer) = &args.issuer {
        entries.retain(|entry| entry.identity.issuer.starts_with(issuer.as_str()));
    }
    let entry = match entries.as_slice() {
        [] => return Err(Failure::own("no-such-license").with("license", &args.license)),
        [entry] => entry,
        [..] => return Err(Failure::own("license-ambiguous").with("license", &args.license)),
    };
    let listed = listing::listed(&home, &store, entry)?;
    let title = titled(ui, &listed.titles, &args.license);
    // Taking the last copy away needs a person's word.
    if listed.backups.is_empty() && !args.yes && !ui.ask("forget-ask", values![title = title.as_str()]) {
        return Err(Failure::own("last-copy").with("title", title));
    }
    let change = store.change()?;
    change.remove_license(entry.row)?;
    change.commit()?;
    ui.object(&json!({"forgotten": {"license_id": args.license, "issuer": entry.identity.issuer}}));
    ui.say("forget-done", values![title = title]);
    for (location, _) in &listed.backups {
        ui.say("forget-still-in", values![location = location.as_str()]);
    }
    Ok(Exit::Done)
}

/// Takes a license out of this computer's set at a location, in all generations; the store keeps what it has.
fn forget_from(context: &Context, args: &Forget, location: &Path) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let contents = Contents::open(Some(&home), location).map_err(|error| Failure::at(error, location))?;
    let mut meant: BTreeSet<LicenseIdentity> = BTreeSet::new();
    contents.licenses::<Failure>(&mut |listed| {
        let identity = listed.license.identity;
        let issuer = args.issuer.as_deref().unwrap_or_default();
        if identity.license_id == args.license && identity.issuer.starts_with(issuer) {
            meant.insert(identity);
        }
        Ok(())
    })?;
    let identity = match (meant.pop_first(), meant.is_empty()) {
        (None, _) => return Err(Failure::own("no-such-license").with("license", &args.license)),
        (Some(identity), true) => identity,
        (Some(_), false) => return Err(Failure::own("license-ambiguous").with("license", &args.license)),
    };
    let place = location.to_string_lossy();
    if !args.yes && !ui.ask("forget-from-ask", values![license = args.license.as_str(), location = place.as_ref()]) {
        return Err(Failure::own("last-copy").with("title", &args.license));
    }
    let done = take_out(&home, location, &identity).map_err(|error| Failure::at(error, location))?;
    ui.object(&json!({"forgotten": {
        "license_id": identity.license_id, "issuer": identity.issuer, "location": place, "still_in_sets": done.still_in,
    }}));
    ui.say("forget-from-done", values![license = args.license.as_str(), location = place.as_ref()]);
    for set in &done.still_in {
        ui.say("forget-from-still-in", values![set = set.as_str()]);
    }
    Ok(Exit::Done)
}
