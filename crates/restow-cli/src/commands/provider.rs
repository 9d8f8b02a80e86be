//! `restow provider`, and the question for consent to contact a provider.

use restow::Home;
use restow::lcp_provider::{ProviderError, RequiredProvider, allow, disallow, required_providers};
use restow::license::LicenseIdentity;
use restow::store::TrustOrigin;
use serde_json::{Value, json};

use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::ProviderAction;
use crate::output::{Tone, Ui, shell_word};

pub(super) fn run(context: &Context, action: Option<ProviderAction>) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    match action.unwrap_or(ProviderAction::List) {
        ProviderAction::List => list(ui, &home),
        ProviderAction::Allow { url } => {
            let origin = allow(&home, &url, TrustOrigin::Manual)?;
            print_object!(ui, "provider", {"origin": origin, "added": TrustOrigin::Manual.as_str()});
            ui.print_styled(Tone::Good, "provider-allowed", values![origin = origin.as_str()]);
            if required_providers(&home, None)?.iter().any(|provider| provider.origin == origin) {
                ui.print("provider-next", values![]);
            } else {
                ui.warn("provider-unused", values![origin = origin.as_str()]);
            }
            Ok(Exit::Done)
        }
        ProviderAction::Remove { url } => {
            if !disallow(&home, &url)? {
                return Err(Failure::new(CommandError::NoSuchProvider).with("url", url));
            }
            print_object!(ui, "removed_provider", {"removed": {"url": url}});
            ui.print("provider-removed", values![url = url]);
            Ok(Exit::Done)
        }
    }
}

fn list(ui: &Ui, home: &Home) -> Result<Exit, Failure> {
    let providers = home.store()?.view().providers()?;
    for provider in &providers {
        let (added, at) = (provider.added.as_str(), provider.at);
        print_object!(ui, "provider", {"origin": provider.origin, "added": added, "at": restow::rfc3339(at)});
        let id = if provider.added == TrustOrigin::Manual { "provider-by-hand" } else { "provider-by-consent" };
        ui.print(id, values![origin = provider.origin.as_str(), at = ui.time(at)]);
    }
    if providers.is_empty() {
        ui.print("provider-none", values![]);
    }
    Ok(Exit::Done)
}

/// Returns the JSON object of a provider that a command would contact.
pub(super) fn provider_object(provider: &RequiredProvider) -> Value {
    json!({
        "origin": provider.origin, "name": provider.name, "vouched_for": provider.is_verified,
        "allowed": provider.allowed, "by_hand": provider.manual_only, "licenses": provider.licenses,
    })
}

/// Prints a provider that a command would contact.
pub(super) fn print_provider(ui: &Ui, provider: &RequiredProvider) {
    let name = provider.name.as_deref().unwrap_or(&provider.origin);
    ui.print_styled(Tone::Strong, "service-name", values![name = name]);
    ui.print("service-origin", values![origin = provider.origin.as_str()]);
    let id = if provider.allowed { "provider-licenses-allowed" } else { "provider-licenses" };
    ui.print(id, values![count = provider.licenses]);
    if provider.manual_only {
        ui.print_styled(Tone::Warning, "provider-only-by-hand", values![url = shell_word(&provider.origin)]);
    }
}

/// Prints how many of these providers have a root that is not trusted yet. The user compares their addresses.
pub(super) fn print_unknown_roots<'a>(ui: &Ui, providers: impl IntoIterator<Item = &'a RequiredProvider>) {
    let count = providers.into_iter().filter(|provider| !provider.is_verified).count() as u64;
    if count > 0 {
        ui.print_styled(Tone::Warning, "provider-unknown-root", values![count = count]);
    }
}

/// Returns true if the user allows contact with a provider. [`print_provider`] must run first.
pub(super) fn confirm_provider(ui: &Ui, provider: &RequiredProvider, yes: bool) -> bool {
    !provider.manual_only && (yes || ui.ask("provider-ask", values![origin = provider.origin.as_str()]))
}

/// Asks for consent to contact each provider of these licenses that is not allowed yet. Returns the excluded
/// providers. If `is_needed` is set, an exclusion is a failure.
pub(super) fn ask_consent(
    ui: &Ui,
    home: &Home,
    licenses: Option<&[LicenseIdentity]>,
    is_needed: bool,
    yes: bool,
) -> Result<Vec<RequiredProvider>, Failure> {
    let (mut agreed, mut excluded) = (Vec::new(), Vec::new());
    let mut required = required_providers(home, licenses)?;
    required.retain(|provider| !provider.allowed || provider.manual_only);
    print_unknown_roots(ui, &required);
    for provider in required {
        print_provider(ui, &provider);
        let question = values![origin = provider.origin.as_str()];
        // A license that the user named needs an answer. With all licenses, some providers may be excluded.
        let allowed = match licenses {
            Some(_) if !provider.manual_only => ui.confirm_or_yes(yes, "provider-ask", question)?,
            _ => confirm_provider(ui, &provider, yes),
        };
        if allowed {
            agreed.push(provider.origin);
        } else if is_needed {
            let url = provider.origin.clone();
            let private = provider.manual_only.then_some(ProviderError::PrivateAddress { url });
            return Err(private.unwrap_or(ProviderError::NotAllowed { origin: provider.origin }).into());
        } else {
            excluded.push(provider);
        }
    }
    // Consent is stored after the last question, so that an interrupt at a later question stores none.
    for origin in agreed {
        allow(home, &origin, TrustOrigin::Consent)?;
    }
    Ok(excluded)
}
