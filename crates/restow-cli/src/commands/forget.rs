//! `restow forget LICENSE`

use std::path::Path;

use restow::license::LicenseIdentity;
use restow::license_search::LicenseSearch;
use restow::restorer::{Contents, Restore, backup_holds, forget_from as take_out, other_sets, own_set};
use restow::{Home, listing};

use super::{CommandError, Context, Exit, Failure, licenses::NamedLicense, print_object, values};
use crate::args::{Forget, LicenseSelector};
use crate::output::{display_title, short_id};

pub(super) fn run(context: &Context, args: &Forget) -> Result<Exit, Failure> {
    if let Some(location) = &args.from {
        return forget_in_backup(context, args, location);
    }
    let (ui, home) = (&context.ui, context.home()?);
    let mut store = home.store()?;
    let named = NamedLicense::find(&store, &args.selector)?;
    let license = named.identity.license_id.as_str();
    let missing = || Failure::new(CommandError::NoSuchLicense).with("license", license);
    let entry = &store.view().license(&named.identity)?.ok_or_else(missing)?;
    let listed = listing::license_info(&home, &store, entry)?;
    let title = display_title(ui, &listed.titles, license);
    let (unseen, reachable): (Vec<_>, Vec<_>) =
        listed.backups.iter().partition(|(location, _)| listed.unreachable.contains(location));
    let mut holding = Vec::new();
    for (location, _) in reachable {
        if backup_holds(&home, Path::new(location), &entry.identity, &entry.sha256)? {
            holding.push(location);
        }
    }
    if !named.confirm(ui, args.yes)? {
        return Ok(Exit::Failed);
    }
    // Only the user may delete the last copy. The contents of a disconnected drive are unknown.
    if holding.is_empty() && !args.yes {
        let (location, at) = unseen.first().map(|(location, at)| (location.as_str(), ui.time(*at))).unwrap_or_default();
        let (question, error) = match unseen.as_slice() {
            [] => ("forget-ask", CommandError::LastCopy),
            [..] => ("forget-ask-unseen", CommandError::LastCopyUnseen),
        };
        if !ui.ask(question, values![title = title.as_str(), location = location, at = at.as_str()]) {
            let exit = if ui.can_ask() { Exit::Failed } else { Exit::Usage };
            let failure = Failure::new(error).exit(exit).with("title", title);
            return Err(if unseen.is_empty() { failure } else { failure.with("location", location).with("at", at) });
        }
    }
    let change = store.change()?;
    change.remove_license(entry.row)?;
    change.commit()?;
    print_object!(ui, "forgotten_license", {
        "forgotten": {"license_id": license, "issuer": entry.identity.issuer},
    });
    ui.print("forget-done", values![title = title]);
    for location in holding {
        ui.print("forget-still-in", values![location = location.as_str()]);
    }
    for (location, at) in unseen {
        ui.print("forget-unseen", values![location = location.as_str(), at = ui.time(*at)]);
    }
    Ok(Exit::Done)
}

/// Removes a license from all generations of this computer's set at a location. The store keeps its copy.
fn forget_in_backup(context: &Context, args: &Forget, location: &Path) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let LicenseSelector { license, issuer } = &args.selector;
    // Only the set of this computer can be changed, so that nothing is asked about the sets of others.
    let contents = Contents::open(&home, &Restore::from(location).set(own_set(&home, location)?))?;
    let mut search = LicenseSearch::new(license, issuer.as_deref());
    contents.licenses::<Failure>(&mut |listed| {
        search.add(&listed.license.identity, &listed.titles);
        Ok(())
    })?;
    let NamedLicense { identity, titles, .. } = NamedLicense::only(search.finish(), license)?;
    let location_text = location.to_string_lossy();
    let title = display_title(ui, &titles, &identity.license_id);
    let remaining = remaining_backups(context, &home, &identity, location)?;
    let question = values![title = title.as_str(), location = location_text.as_ref(), where = remaining];
    if !ui.confirm_or_yes(args.yes, "forget-from-ask", question)? {
        ui.print("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    let result = take_out(&home, location, &identity)?;
    print_object!(ui, "forgotten_license", {"forgotten": {
        "license_id": identity.license_id, "issuer": identity.issuer, "location": location_text,
        "still_in_sets": result.remaining_sets,
    }});
    let id = if result.records > 0 { "forget-from-done" } else { "nothing-changed" };
    ui.print(id, values![title = title, location = location_text.as_ref()]);
    for set in &result.remaining_sets {
        ui.print("forget-from-still-in", values![set = set.as_str()]);
    }
    Ok(if result.records > 0 { Exit::Done } else { Exit::Failed })
}

/// Returns a sentence that names the other copies of a license.
fn remaining_backups(
    context: &Context,
    home: &Home,
    identity: &LicenseIdentity,
    location: &Path,
) -> Result<String, Failure> {
    let ui = &context.ui;
    let store = home.store()?;
    let listed =
        store.view().license(identity)?.map(|entry| listing::license_info(home, &store, &entry)).transpose()?;
    let backups = listed.iter().flat_map(|listed| &listed.backups).map(|(other, _)| other.clone());
    let sets = other_sets(home, location, identity)?;
    let sets = sets.iter().map(|set| ui.text("forget-from-set", values![set = short_id(set)]));
    let mut elsewhere = backups.filter(|other| !is_same_location(Path::new(other), location)).chain(sets);
    Ok(match (listed.is_some(), elsewhere.next()) {
        (true, None) => ui.text("forget-from-kept", values![]),
        (true, Some(other)) => ui.text("forget-from-kept-twice", values![other = other]),
        (false, Some(other)) => ui.text("forget-from-elsewhere", values![other = other]),
        (false, None) => ui.text("forget-from-last", values![]),
    })
}

/// Returns true if two paths name one location. The second path may name the folder `Restow` inside.
fn is_same_location(recorded: &Path, location: &Path) -> bool {
    let resolve = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (recorded, location) = (resolve(recorded), resolve(location));
    location == recorded || location == recorded.join("Restow")
}
