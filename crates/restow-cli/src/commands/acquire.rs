//! `restow acquire LINK|FILE|KEYID…`

use std::path::Path;

use restow::license::{Kind, LicenseIdentity, TrustedKeySet};
use restow::service::AcquisitionLink;
use restow::service::acquire::{Acquired, acquire_keys, follow_link, is_registered};
use restow::store::ServiceEntry;
use restow::{Home, KeyId, listing};
use restow_media::System;
use serde_json::json;

use super::can::Target;
use super::licenses::outcome_word;
use super::service::show_key_set;
use super::{Context, computer};
use crate::args;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{Tone, Ui, titled};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &args::Acquire) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let (links, files): (Vec<&String>, Vec<&String>) = args.sources.iter().partition(|source| is_link(source));
    let mut all = Total::default();
    for link in links {
        let link = AcquisitionLink::parse(link)?;
        let acquired = follow_link(&home, &link, interrupt::token, |key_set| register(ui, &home, key_set, args))?;
        all.show(ui, &home, &link.issuer, &acquired)?;
    }
    if !files.is_empty() {
        let key_ids = key_ids(&files)?;
        let services: Vec<ServiceEntry> =
            home.store()?.view().services()?.into_iter().filter(ServiceEntry::is_pinned).collect();
        if services.is_empty() {
            return Err(Failure::own("no-service"));
        }
        let mut asked = false;
        for service in &services {
            // One service is enough to ask: others are asked where this computer is registered, or with consent.
            let is_registered = is_registered(&home, service.issuer())?;
            let consents = is_registered || args.register || services.len() == 1;
            if !consents && !ui.can_ask() {
                continue;
            }
            if !is_registered {
                register(ui, &home, &service.key_set, args)?;
            }
            let acquired = acquire_keys(&home, service.issuer(), &key_ids, &interrupt::token())?;
            all.show(ui, &home, service.issuer(), &acquired)?;
            asked = true;
        }
        if !asked {
            return Err(Failure::own("which-service"));
        }
    }
    if all.granted == 0 {
        return Err(Failure::own("nothing-acquired").hresult(restow::Hresult::NS_E_DRM_LICENSE_NOTACQUIRED));
    }
    ui.tell(Tone::Good, "acquire-done", values![count = all.granted]);
    ui.say("acquire-next", values![]);
    Ok(Exit::Done)
}

/// Only what begins as a web address does is a link; all else is a path or a key ID.
fn is_link(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

fn key_ids(sources: &[&String]) -> Result<Vec<KeyId>, Failure> {
    let mut key_ids = Vec::new();
    for source in sources {
        let path = Path::new(source.as_str());
        if !path.exists() && source.parse::<KeyId>().is_err() {
            return Err(Failure::own("acquire-what").with("source", source));
        }
        let found = match Target::of(path)? {
            Target::Key(key_id) => vec![key_id],
            Target::File(probe) if probe.key_ids.is_empty() && probe.systems.contains(&System::Lcp) => {
                return Err(Failure::own("acquire-lcp").with("path", path.display()));
            }
            Target::File(probe) => probe.key_ids,
        };
        if found.is_empty() {
            return Err(Failure::own("no-key-id").with("path", path.display()));
        }
        key_ids.extend(found);
    }
    key_ids.sort_unstable();
    key_ids.dedup();
    Ok(key_ids)
}

/// Registers this computer with a service, with the user's consent.
fn register(ui: &Ui, home: &Home, key_set: &TrustedKeySet, args: &args::Acquire) -> Result<(), Failure> {
    let set = key_set.set();
    show_key_set(ui, key_set);
    if !args.register && !ui.ask("ask-register", values![service = set.name.as_str()]) {
        let failure = Failure::own("no-consent-register").with("service", &set.name);
        return Err(failure.hresult(restow::Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION));
    }
    computer::register_with(ui, home, &set.issuer, args.name.as_deref())?;
    Ok(())
}

#[derive(Default)]
struct Total {
    granted: u64,
}

impl Total {
    fn show(&mut self, ui: &Ui, home: &Home, issuer: &str, acquired: &Acquired) -> Result<(), Failure> {
        let granted = acquired.granted.iter().map(|id| (id, restow::service::protocol::Outcome::Granted));
        let refused = acquired.refused.iter().map(|(id, outcome)| (id, *outcome));
        for (id, outcome) in granted.chain(refused) {
            let titles = titles(home, issuer, id)?;
            ui.object(&json!({"license_id": id, "issuer": issuer, "titles": titles, "outcome": outcome.as_str()}));
            let title = titled(ui, &titles, id);
            ui.say("acquire-item", values![title = title, outcome = outcome_word(ui, outcome)]);
        }
        if let Some(url) = &acquired.url {
            ui.object(&json!({"url": url}));
            ui.tell(Tone::Warning, "acquire-page", values![url = url.as_str()]);
        }
        self.granted += acquired.granted.len() as u64;
        Ok(())
    }
}

fn titles(home: &Home, issuer: &str, license_id: &str) -> Result<Vec<String>, Failure> {
    let store = home.store()?;
    let identity = LicenseIdentity { kind: Kind::Restow, issuer: issuer.to_owned(), license_id: license_id.to_owned() };
    match store.view().license(&identity)? {
        Some(entry) => Ok(listing::listed(home, &store, &entry)?.titles),
        None => Ok(Vec::new()),
    }
}
