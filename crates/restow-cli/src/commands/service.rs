//! `restow service`

use restow::license::TrustedKeySet;
use restow::service::Origin;
use restow::service::acquire::{look_up_service, trust};
use restow::store::{ServiceEntry, Store};
use serde_json::{Value, json};

use super::Context;
use crate::args::{ServiceAction, ServiceAdd, ServiceRemove};
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{Tone, Ui, fingerprint};
use crate::texts::values;

pub(super) fn run(context: &Context, action: Option<ServiceAction>) -> Result<Exit, Failure> {
    match action.unwrap_or(ServiceAction::List) {
        ServiceAction::List => list(context),
        ServiceAction::Add(args) => add(context, &args),
        ServiceAction::Remove(args) => remove(context, &args),
    }
}

/// What a person is shown of a service before trusting it.
pub(super) struct Shown<'a> {
    pub(super) name: &'a str,
    pub(super) origin: &'a str,
    pub(super) issuer: &'a str,
    pub(super) privacy_url: Option<&'a str>,
}

/// Shows name, origin and fingerprint.
pub(super) fn show(ui: &Ui, service: &Shown<'_>) {
    ui.tell(Tone::Strong, "service-name", values![name = service.name]);
    ui.say("service-origin", values![origin = service.origin]);
    ui.say("service-fingerprint", values![fingerprint = fingerprint(service.issuer)]);
    if let Some(url) = service.privacy_url {
        ui.say("service-privacy", values![url = url]);
    }
}

/// Shows the service of a key set.
pub(super) fn show_key_set(ui: &Ui, key_set: &TrustedKeySet) {
    let set = key_set.set();
    let origin = origin(&set.service_url);
    let shown =
        Shown { name: &set.name, origin: &origin, issuer: &set.issuer, privacy_url: set.privacy_url.as_deref() };
    show(ui, &shown);
}

fn origin(url: &str) -> String {
    Origin::of(url).map_or_else(|_| url.to_owned(), |origin| origin.to_string())
}

fn object(store: &Store, key_set: &TrustedKeySet) -> Result<Value, Failure> {
    let set = key_set.set();
    let registrations = store.view().registrations(Some(&set.issuer))?;
    let registered: Vec<Value> = registrations
        .iter()
        .map(|at| json!({"holder": at.holder, "computer": at.computer, "confirmed": at.confirmed}))
        .collect();
    Ok(json!({
        "name": set.name,
        "origin": origin(&set.service_url),
        "issuer": set.issuer,
        "fingerprint": fingerprint(&set.issuer),
        "privacy_url": set.privacy_url,
        "registered": registered,
    }))
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut none = true;
    for service in store.view().services()?.iter().filter(|service| service.is_pinned()) {
        none = false;
        ui.object(&object(&store, &service.key_set)?);
        show_key_set(ui, &service.key_set);
        let registrations = store.view().registrations(Some(service.issuer()))?;
        let id = match registrations.iter().map(|registration| registration.confirmed).max() {
            None => "service-not-registered",
            Some(false) => "service-unconfirmed",
            Some(true) => "service-registered",
        };
        ui.say(id, values![]);
    }
    if none {
        ui.say("service-none", values![]);
    }
    Ok(Exit::Done)
}

fn add(context: &Context, args: &ServiceAdd) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let found = look_up_service(&args.url, &interrupt::token())?;
    let key_set = found.key_set();
    show_key_set(ui, key_set);
    let name = key_set.set().name.as_str();
    if !args.yes && !ui.ask("service-ask", values![name = name]) {
        return Err(Failure::own("no-consent-service").with("name", name));
    }
    trust(&home, &found)?;
    ui.object(&object(&home.store()?, key_set)?);
    ui.tell(Tone::Good, "service-added", values![name = name]);
    ui.say("service-next", values![]);
    Ok(Exit::Done)
}

fn remove(context: &Context, args: &ServiceRemove) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut store = home.store()?;
    let service = pinned(&store, Some(&args.service))?;
    let set = service.key_set.set();
    if !ui.agreed(args.yes, "service-remove-ask", values![name = set.name.as_str()])? {
        ui.say("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    let change = store.change()?;
    change.unpin_service(service.issuer())?;
    change.commit()?;
    ui.object(&json!({"removed": {"name": set.name, "issuer": set.issuer}}));
    ui.say("service-removed", values![name = set.name.as_str()]);
    Ok(Exit::Done)
}

/// The trusted service a user means: by name, address or the beginning of its fingerprint; without a word, the only one.
pub(super) fn pinned(store: &Store, meant: Option<&str>) -> Result<ServiceEntry, Failure> {
    let mut services: Vec<ServiceEntry> = store.view().services()?;
    services.retain(ServiceEntry::is_pinned);
    if let Some(meant) = meant {
        let squeezed: String = meant.chars().filter(|c| !c.is_whitespace()).collect();
        services.retain(|service| {
            let set = service.key_set.set();
            let by_address = Origin::of(meant).is_ok_and(|origin| Origin::of(&set.service_url).ok() == Some(origin));
            by_address || set.name == meant || (squeezed.len() >= 6 && set.issuer.starts_with(&squeezed))
        });
    }
    let several = services.len() > 1;
    match services.pop() {
        Some(_) if several => Err(Failure::own("which-service")),
        Some(service) => Ok(service),
        None if meant.is_some() => Err(Failure::own("no-such-service").with("name", meant.unwrap_or_default())),
        None => Err(Failure::own("no-service")),
    }
}
