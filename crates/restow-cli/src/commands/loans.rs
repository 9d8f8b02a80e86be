//! `restow renew`, `restow return`, `restow refresh`

use restow::lcp_provider::{Answered, ProviderError, Refreshed, StatusDocument};
use restow::license::{Kind, LicenseIdentity, Standing, parse_as};
use restow::listing::{self, Listed};
use restow::store::Store;
use restow::usage::{self, ServiceAsked};
use restow::{Home, Note, UnixTime, lcp_provider};
use serde_json::{Value, json};

use super::Context;
use super::licenses::meant;
use super::provider::{consent, object as object_of};
use crate::args::{Refresh, Renew, Return};
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{ProviderSaid, Tone, Ui, shell_word, time, titled};
use crate::texts::values;

pub(super) fn renew(context: &Context, args: &Renew) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let entry = meant(&home.store()?, &args.license, args.issuer.as_deref())?;
    let before = parse_as(entry.identity.kind, &entry.document)?.expires;
    let license = entry.identity;
    lcp_provider::check_end(&home, args.until)?;
    consent(ui, &home, Some(std::slice::from_ref(&license)), true, args.yes)?;
    let answered = lcp_provider::renew(&home, &license, args.until, &interrupt::token())?;
    let exit = tell(ui, &home, &answered, "loan-renewed")?;
    if let Some(before) = before.filter(|before| answered.until.is_some_and(|until| until < *before)) {
        ui.tell(Tone::Warning, "loan-shorter", values![until = time(before)]);
    }
    Ok(exit)
}

pub(super) fn give_back(context: &Context, args: &Return) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let license = meant(&store, &args.license, args.issuer.as_deref())?.identity;
    let title = title(ui, &home, &store, &license)?;
    drop(store);
    if !ui.agreed(args.yes, "return-ask", values![title = title, license = license.license_id.as_str()])? {
        ui.say("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    consent(ui, &home, Some(std::slice::from_ref(&license)), true, args.yes)?;
    let answered = lcp_provider::give_back(&home, &license, &interrupt::token())?;
    tell(ui, &home, &answered, "loan-returned")
}

pub(super) fn refresh(context: &Context, args: &Refresh) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut named = Vec::new();
    for license in &args.licenses {
        named.push(meant(&store, license, args.issuer.as_deref())?.identity);
    }
    drop(store);
    let all = named.is_empty();
    // All questions come first: nobody is asked anything before the last one was answered.
    let of_providers: Vec<LicenseIdentity> =
        named.iter().filter(|identity| identity.kind == Kind::Lcp).cloned().collect();
    let by_name = (!all).then_some(of_providers.as_slice());
    let not_asked = consent(ui, &home, by_name, args.licenses.len() == 1, args.yes)?;
    let (mut exit, mut count) = (Exit::Done, 0_u64);
    usage::refresh(&home, (!named.is_empty()).then_some(&named), &interrupt::token(), &mut |asked| {
        count += asked.licenses;
        if asked.failure.is_some() {
            exit = Exit::Failed;
        }
        tell_service(ui, asked);
    })?;
    if of_providers.is_empty() && !all {
        return Ok(exit);
    }
    for provider in &not_asked {
        ui.object(&json!({"not_asked": object_of(provider)}));
        ui.say("provider-not-asked", values![url = shell_word(&provider.origin)]);
    }
    let (mut failure, mut passed_over) = (None, 0_u64);
    lcp_provider::refresh(&home, by_name, &interrupt::token(), &mut |refreshed| {
        count += u64::from(!matches!(refreshed, Refreshed::PassedOver { .. }));
        let told = match refreshed {
            Refreshed::Answered(answered) => tell(ui, &home, answered, "loan-stands"),
            Refreshed::Failed { identity, error } => {
                exit = Exit::Failed;
                not_answered(ui, &home, identity, &Note::from(error))
            }
            // What was named was to be asked about.
            Refreshed::PassedOver { identity, error } if !all => {
                count += 1;
                exit = Exit::Failed;
                not_answered(ui, &home, identity, &Note::from(error))
            }
            Refreshed::PassedOver { identity, error } => {
                // Most that were bought name no place, and need none.
                passed_over += u64::from(!matches!(error, ProviderError::NoStatusLink { .. }));
                ui.object(&json!({
                    "license_id": identity.license_id, "issuer": identity.issuer,
                    "passed_over": {"code": error.code(), "message": ui.note(&Note::from(error))},
                }));
                Ok(Exit::Done)
            }
            _ => Ok(Exit::Done),
        };
        if let Err(error) = told {
            failure.get_or_insert(error);
        }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if passed_over > 0 {
        ui.say("refresh-passed-over", values![count = passed_over]);
    }
    match (count, not_asked.is_empty()) {
        (0, true) if passed_over > 0 => {}
        (0, true) => ui.say("refresh-none", values![]),
        (0, false) => exit = Exit::Failed,
        _ => {}
    }
    Ok(exit)
}

/// Says what a service answered about native licenses.
fn tell_service(ui: &Ui, asked: &ServiceAsked) {
    let failure = asked.failure.as_ref().map(Note::from);
    let revoked: Vec<&str> = asked.revoked.iter().map(|license| license.license_id.as_str()).collect();
    ui.object(&json!({
        "service": asked.service, "issuer": asked.issuer, "licenses": asked.licenses, "revoked": revoked,
        "error": failure.as_ref().map(|note| json!({"code": note.code, "message": ui.note(note)})),
    }));
    let service = asked.service.as_str();
    match &failure {
        Some(note) => ui.tell(Tone::Warning, "service-not-answered", values![service = service, why = ui.note(note)]),
        None if revoked.is_empty() => {
            ui.tell(Tone::Good, "service-all-good", values![service = service, count = asked.licenses]);
        }
        None => ui.tell(Tone::Warning, "service-revoked", values![service = service, count = revoked.len() as u64]),
    }
}

fn title(ui: &Ui, home: &Home, store: &Store, license: &LicenseIdentity) -> Result<String, Failure> {
    let entry = store.view().license(license)?;
    let listed = entry.map(|entry| listing::listed(home, store, &entry)).transpose()?;
    Ok(titled(ui, listed.as_ref().map_or(&[], |listed| &listed.titles), &license.license_id))
}

fn object(ui: &Ui, answered: &Answered) -> Value {
    json!({
        "license_id": answered.identity.license_id, "issuer": answered.identity.issuer,
        "status": answered.standing.as_str(), "message": answered.message,
        "until": answered.until.map(restow::rfc3339), "renewable": answered.renewable,
        "renewable_until": answered.longest.map(restow::rfc3339), "renew_page": answered.renew_page,
        "returnable": answered.returnable, "refreshed": answered.refreshed, "registered": answered.registered,
        "warnings": answered.warnings.iter().map(|note| ui.note(note)).collect::<Vec<_>>(),
    })
}

/// Says how a license stands now.
fn tell(ui: &Ui, home: &Home, answered: &Answered, done: &str) -> Result<Exit, Failure> {
    ui.object(&object(ui, answered));
    if ui.json() {
        return Ok(Exit::Done);
    }
    let title = title(ui, home, &home.store()?, &answered.identity)?;
    let status = ui.text(&format!("standing-{}", answered.standing.as_str()), values![]);
    let goes_on = matches!(answered.standing, Standing::Ready | Standing::Active);
    let tone = if goes_on { Tone::Good } else { Tone::Plain };
    ui.tell(tone, done, values![title = title, status = status]);
    if !answered.message.is_empty() {
        ui.say("loan-message", values![message = answered.message.as_str()]);
    }
    let is_over = answered.until.is_some_and(|until| until <= home.clock().now());
    match answered.until {
        Some(until) if is_over => ui.say("loan-ended", values![until = time(until)]),
        Some(until) if goes_on => ui.say("loan-until", values![until = time(until)]),
        _ => {}
    }
    if goes_on {
        offer(
            ui,
            &answered.identity.license_id,
            &Offers {
                renewable: answered.renewable,
                longest: answered.longest,
                page: answered.renew_page.as_deref(),
                returnable: answered.returnable && answered.until.is_some(),
            },
        );
    }
    if answered.refreshed {
        ui.say("loan-refreshed", values![]);
    }
    ui.notes(&answered.warnings);
    Ok(Exit::Done)
}

/// What a provider lets be done with a loan.
struct Offers<'a> {
    renewable: bool,
    longest: Option<UnixTime>,
    page: Option<&'a str>,
    returnable: bool,
}

/// Says how a loan goes on.
fn offer(ui: &Ui, license: &str, offers: &Offers<'_>) {
    let license = shell_word(license);
    let license = license.as_str();
    match (offers.longest, offers.page) {
        (Some(longest), _) if offers.renewable => {
            ui.say("loan-renewable-until", values![until = time(longest), license = license]);
        }
        (None, _) if offers.renewable => ui.say("loan-renewable", values![license = license]),
        (_, Some(page)) => ui.say("loan-renew-page", values![url = page]),
        _ => {}
    }
    if offers.returnable {
        ui.say("loan-returnable", values![license = license]);
    }
}

/// Says what the provider of a license said of it last.
pub(super) fn tell_last(ui: &Ui, listed: &Listed) {
    let Some(said) = &listed.standing else { return };
    let status = ui.text(&format!("standing-{}", said.standing.as_str()), values![]);
    ui.say("facts-provider-said", values![status = status, at = time(said.at)]);
    // A backup tells how it stands, and no more.
    let document = said.document.as_ref().and_then(|bytes| StatusDocument::parse(bytes).ok());
    let goes_on = matches!(said.standing, Standing::Ready | Standing::Active);
    if let Some(document) = document.filter(|_| goes_on) {
        let page = ProviderSaid::of(said, &listed.license.document).renew_page;
        let offers = Offers {
            renewable: document.action("renew").is_some(),
            longest: document.potential_end,
            page: page.as_deref(),
            returnable: document.action("return").is_some() && listed.expires().is_some(),
        };
        offer(ui, &listed.license.identity.license_id, &offers);
    }
}

fn not_answered(ui: &Ui, home: &Home, license: &LicenseIdentity, note: &Note) -> Result<Exit, Failure> {
    ui.object(&json!({
        "license_id": license.license_id, "issuer": license.issuer,
        "error": {"code": note.code, "message": ui.note(note)},
    }));
    if !ui.json() {
        let title = title(ui, home, &home.store()?, license)?;
        ui.tell(Tone::Warning, "loan-not-answered", values![title = title, why = ui.advice(note)]);
    }
    Ok(Exit::Failed)
}
