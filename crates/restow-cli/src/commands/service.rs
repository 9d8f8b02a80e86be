//! `restow service`

use restow::license::TrustedKeySet;
use restow::service::Origin;
use restow::service::acquire::{look_up_service, trust};
use restow::store::{ServiceEntry, Store};
use serde_json::{Value, json};

use super::{CommandError, Context, Exit, Failure, interrupt, only_match, print_object, values};
use crate::args::{ServiceAction, ServiceAdd, ServiceRemove};
use crate::output::{Tone, Ui, fingerprint};

pub(super) fn run(context: &Context, action: Option<ServiceAction>) -> Result<Exit, Failure> {
    match action.unwrap_or(ServiceAction::List) {
        ServiceAction::List => list(context),
        ServiceAction::Add(args) => add(context, &args),
        ServiceAction::Remove(args) => remove(context, &args),
    }
}

/// Prints the facts about a service that the user sees before trusting it.
pub(super) fn print_service(ui: &Ui, name: &str, origin: &str, issuer: &str, privacy_url: Option<&str>) {
    ui.print_styled(Tone::Strong, "service-name", values![name = name]);
    ui.print("service-origin", values![origin = origin]);
    ui.print("service-fingerprint", values![fingerprint = fingerprint(issuer)]);
    if let Some(url) = privacy_url {
        ui.print("service-privacy", values![url = url]);
    }
}

/// Prints the service of a key set.
pub(super) fn print_key_set(ui: &Ui, key_set: &TrustedKeySet) {
    let set = key_set.set();
    print_service(ui, &set.name, &display_origin(&set.service_url), &set.issuer, set.privacy_url.as_deref());
}

fn display_origin(url: &str) -> String {
    Origin::from_url(url).map_or_else(|_| url.to_owned(), |origin| origin.to_string())
}

fn service_object(store: &Store, key_set: &TrustedKeySet) -> Result<Value, Failure> {
    let set = key_set.set();
    let registrations = store.view().registrations(Some(&set.issuer))?;
    let registered: Vec<Value> = registrations
        .iter()
        .map(|at| json!({"holder": at.holder, "computer": at.computer, "confirmed": at.confirmed}))
        .collect();
    Ok(json!({
        "name": set.name,
        "origin": display_origin(&set.service_url),
        "issuer": set.issuer,
        "fingerprint": fingerprint(&set.issuer),
        "privacy_url": set.privacy_url,
        "registered": registered,
    }))
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut is_empty = true;
    for service in store.view().services()?.iter().filter(|service| service.is_pinned()) {
        is_empty = false;
        print_object!(ui, "service", &service_object(&store, &service.key_set)?);
        print_key_set(ui, &service.key_set);
        let registrations = store.view().registrations(Some(service.issuer()))?;
        let id = match registrations.iter().map(|registration| registration.confirmed).max() {
            None => "service-not-registered",
            Some(false) => "service-unconfirmed",
            Some(true) => "service-registered",
        };
        ui.print(id, values![]);
    }
    if is_empty {
        ui.print("service-none", values![]);
    }
    Ok(Exit::Done)
}

fn add(context: &Context, args: &ServiceAdd) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let candidate = look_up_service(&args.url, &interrupt::cancel_token())?;
    let key_set = candidate.key_set();
    print_key_set(ui, key_set);
    let name = key_set.set().name.as_str();
    if !args.yes && !ui.ask("service-ask", values![name = name]) {
        return Err(Failure::new(CommandError::NoConsentService).with("name", name));
    }
    trust(&home, &candidate)?;
    print_object!(ui, "service", &service_object(&home.store()?, key_set)?);
    ui.print_styled(Tone::Good, "service-added", values![name = name]);
    ui.print("service-next", values![]);
    Ok(Exit::Done)
}

fn remove(context: &Context, args: &ServiceRemove) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut store = home.store()?;
    let service = find_pinned(&store, Some(&args.service))?;
    let set = service.key_set.set();
    if !ui.confirm_or_yes(args.yes, "service-remove-ask", values![name = set.name.as_str()])? {
        ui.print("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    let change = store.change()?;
    change.unpin_service(service.issuer())?;
    change.commit()?;
    print_object!(ui, "removed_service", {"removed": {"name": set.name, "issuer": set.issuer}});
    ui.print("service-removed", values![name = set.name.as_str()]);
    Ok(Exit::Done)
}

/// Finds a trusted service by its name, its address or a prefix of its fingerprint. Without an argument,
/// returns the only trusted service.
pub(super) fn find_pinned(store: &Store, name_or_id: Option<&str>) -> Result<ServiceEntry, Failure> {
    let mut services: Vec<ServiceEntry> = store.view().services()?;
    services.retain(ServiceEntry::is_pinned);
    if let Some(name_or_id) = name_or_id {
        let fingerprint_prefix: String = name_or_id.chars().filter(|c| !c.is_whitespace()).collect();
        services.retain(|service| {
            let set = service.key_set.set();
            let by_address = Origin::from_url(name_or_id)
                .is_ok_and(|origin| Origin::from_url(&set.service_url).ok() == Some(origin));
            by_address
                || set.name == name_or_id
                || (fingerprint_prefix.len() >= 6 && set.issuer.starts_with(&fingerprint_prefix))
        });
    }
    let none = if name_or_id.is_some() { CommandError::NoSuchService } else { CommandError::NoService };
    only_match(services, ("name", name_or_id.unwrap_or_default()), none, CommandError::WhichService)
}
