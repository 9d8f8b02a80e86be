//! `restow acquire LINK|FILE|KEYID…`

use std::path::Path;

use restow::license::{Kind, LicenseIdentity, TrustedKeySet};
use restow::service::AcquisitionLink;
use restow::service::acquire::{Acquisition, acquire_keys, follow_link, is_registered};
use restow::store::ServiceEntry;
use restow::{Home, KeyId, listing};
use restow_media::System;

use super::licenses::outcome_word;
use super::service::print_key_set;
use super::target::Target;
use super::{CommandError, Context, Exit, Failure, args, computer, interrupt, print_object, values};
use crate::output::{Tone, Ui, display_title};

pub(super) fn run(context: &Context, args: &args::Acquire) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let (links, files): (Vec<&String>, Vec<&String>) = args.sources.iter().partition(|source| is_link(source));
    let mut granted = 0;
    for link in links {
        let link = AcquisitionLink::parse(link)?;
        let acquired = follow_link(&home, &link, interrupt::cancel_token, |key_set| {
            register_with_consent(ui, &home, key_set, args, Some(&link))
        })?;
        granted += print_acquired(ui, &home, &link.issuer, &acquired)?;
    }
    if !files.is_empty() {
        let key_ids = resolve_key_ids(&files)?;
        let services: Vec<ServiceEntry> =
            home.store()?.view().services()?.into_iter().filter(ServiceEntry::is_pinned).collect();
        if services.is_empty() {
            return Err(Failure::new(CommandError::NoService));
        }
        let mut any_asked = false;
        for service in &services {
            // One service is enough for the question. Other services are asked if this computer is registered
            // there, or with consent.
            let is_registered = is_registered(&home, service.issuer())?;
            let has_consent = is_registered || args.register || services.len() == 1;
            if !has_consent && !ui.can_ask() {
                continue;
            }
            if !is_registered {
                register_with_consent(ui, &home, &service.key_set, args, None)?;
            }
            let acquired = acquire_keys(&home, service.issuer(), &key_ids, &interrupt::cancel_token())?;
            granted += print_acquired(ui, &home, service.issuer(), &acquired)?;
            any_asked = true;
        }
        if !any_asked {
            return Err(Failure::new(CommandError::WhichService));
        }
    }
    if granted == 0 {
        return Err(Failure::new(CommandError::NothingAcquired).hresult(restow::Hresult::NS_E_DRM_LICENSE_NOTACQUIRED));
    }
    ui.print_styled(Tone::Good, "acquire-done", values![count = granted]);
    ui.print("acquire-next", values![]);
    Ok(Exit::Done)
}

/// Returns true if the source is a link. Every other source is a path or a key ID.
fn is_link(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

fn resolve_key_ids(sources: &[&String]) -> Result<Vec<KeyId>, Failure> {
    let mut key_ids = Vec::new();
    for source in sources {
        let path = Path::new(source.as_str());
        if !path.exists() && source.parse::<KeyId>().is_err() {
            return Err(Failure::new(CommandError::AcquireWhat).with("source", source));
        }
        let resolved = match Target::resolve(path)? {
            Target::Key(key_id) => vec![key_id],
            Target::File(probe) if probe.key_ids.is_empty() && probe.systems.contains(&System::Lcp) => {
                return Err(Failure::new(CommandError::AcquireLcp).with("path", path.display()));
            }
            Target::File(probe) => probe.key_ids,
        };
        if resolved.is_empty() {
            return Err(Failure::new(CommandError::NoKeyId).with("path", path.display()));
        }
        key_ids.extend(resolved);
    }
    key_ids.sort_unstable();
    key_ids.dedup();
    Ok(key_ids)
}

/// Registers this computer with a service after the user's consent.
fn register_with_consent(
    ui: &Ui,
    home: &Home,
    key_set: &TrustedKeySet,
    args: &args::Acquire,
    link: Option<&AcquisitionLink>,
) -> Result<(), Failure> {
    let set = key_set.set();
    print_key_set(ui, key_set);
    if !args.register && !ui.ask("ask-register", values![service = set.name.as_str()]) {
        let failure = Failure::new(CommandError::NoConsentRegister).with("service", &set.name);
        return Err(failure.hresult(restow::Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION));
    }
    computer::register_with(ui, home, &set.issuer, args.name.as_deref(), link)?;
    Ok(())
}

/// Prints the answer of a service and returns the number of granted licenses.
fn print_acquired(ui: &Ui, home: &Home, issuer: &str, acquired: &Acquisition) -> Result<u64, Failure> {
    let granted = acquired.granted.iter().map(|id| (id, restow::service::protocol::Outcome::Granted));
    let refused = acquired.refused.iter().map(|(id, outcome)| (id, *outcome));
    for (id, outcome) in granted.chain(refused) {
        let titles = license_titles(home, issuer, id)?;
        print_object!(ui, "acquired_license", {
            "license_id": id, "issuer": issuer, "titles": titles, "outcome": outcome.as_str(),
        });
        let title = display_title(ui, &titles, id);
        ui.print("acquire-item", values![title = title, outcome = outcome_word(ui, outcome)]);
    }
    if let Some(url) = &acquired.url {
        print_object!(ui, "limit_page", {"url": url});
        ui.print_styled(Tone::Warning, "acquire-page", values![url = url.as_str()]);
    }
    Ok(acquired.granted.len() as u64)
}

fn license_titles(home: &Home, issuer: &str, license_id: &str) -> Result<Vec<String>, Failure> {
    let store = home.store()?;
    let identity = LicenseIdentity { kind: Kind::Restow, issuer: issuer.to_owned(), license_id: license_id.to_owned() };
    match store.view().license(&identity)? {
        Some(entry) => Ok(listing::license_info(home, &store, &entry)?.titles),
        None => Ok(Vec::new()),
    }
}
