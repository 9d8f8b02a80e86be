//! `restow forget LICENSE`

use restow::listing;
use serde_json::json;

use super::Context;
use crate::args::Forget;
use crate::failure::{Exit, Failure};
use crate::output::titled;
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Forget) -> Result<Exit, Failure> {
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
