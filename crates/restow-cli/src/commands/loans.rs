//! `restow renew`, `restow return`, `restow refresh`

use restow::lcp_provider::{ProviderError, RefreshEvent, RefreshedLicense, StatusDocument};
use restow::license::{Kind, LcpStatus, LicenseIdentity, parse_as};
use restow::listing::{self, LicenseInfo};
use restow::store::Store;
use restow::usage::{self, ServiceRefresh};
use restow::{Home, Message, UnixTime, lcp_provider};
use serde_json::json;

use super::licenses::NamedLicense;
use super::provider::{ask_consent, provider_object};
use super::{Context, Exit, Failure, interrupt, print_object, values};
use crate::args::{LicenseSelector, Refresh, Renew, Return};
use crate::output::{LcpStatusObject, Tone, Ui, display_title, shell_word};

/// Maximum number of licenses without a request that are named with the reason.
const MAX_SKIPPED_NAMED: u64 = 10;

pub(super) fn renew(context: &Context, args: &Renew) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let named = NamedLicense::find(&store, &args.selector)?;
    if !named.confirm(ui, args.yes)? {
        return Ok(Exit::Failed);
    }
    let license = named.identity;
    let entry = store.view().license(&license)?;
    drop(store);
    let before = entry.map(|entry| parse_as(license.kind, &entry.document)).transpose()?.and_then(|it| it.expires);
    lcp_provider::check_renewal_end(&home, args.until)?;
    ask_consent(ui, &home, Some(std::slice::from_ref(&license)), true, args.yes)?;
    let answered = lcp_provider::renew(&home, &license, args.until, &interrupt::cancel_token())?;
    let exit = print_answer(ui, &home, &answered, "loan-renewed")?;
    if let Some(before) = before.filter(|before| answered.expires.is_some_and(|until| until < *before)) {
        ui.print_styled(Tone::Warning, "loan-shorter", values![until = ui.time(before)]);
    }
    Ok(exit)
}

pub(super) fn return_loan(context: &Context, args: &Return) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let NamedLicense { identity: license, titles, .. } = NamedLicense::find(&home.store()?, &args.selector)?;
    let title = display_title(ui, &titles, &license.license_id);
    if !ui.confirm_or_yes(args.yes, "return-ask", values![title = title, license = license.license_id.as_str()])? {
        ui.print("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    ask_consent(ui, &home, Some(std::slice::from_ref(&license)), true, args.yes)?;
    let answered = lcp_provider::return_loan(&home, &license, &interrupt::cancel_token())?;
    print_answer(ui, &home, &answered, "loan-returned")
}

pub(super) fn refresh(context: &Context, args: &Refresh) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut identities = Vec::new();
    for license in &args.licenses {
        let selector = LicenseSelector { license: license.clone(), issuer: args.issuer.clone() };
        let named = NamedLicense::find(&store, &selector)?;
        if !named.confirm(ui, args.yes)? {
            return Ok(Exit::Failed);
        }
        identities.push(named.identity);
    }
    drop(store);
    let is_unrestricted = identities.is_empty();
    // All questions are asked before the first request is sent.
    let lcp_licenses: Vec<LicenseIdentity> =
        identities.iter().filter(|identity| identity.kind == Kind::Lcp).cloned().collect();
    let selection = (!is_unrestricted).then_some(lcp_licenses.as_slice());
    let excluded = ask_consent(ui, &home, selection, args.licenses.len() == 1, args.yes)?;
    let (mut exit, mut count) = (Exit::Done, 0_u64);
    usage::refresh(&home, (!identities.is_empty()).then_some(&identities), &interrupt::cancel_token(), &mut |asked| {
        count += asked.licenses;
        if asked.failure.is_some() {
            exit = Exit::Failed;
        }
        print_service_answer(ui, asked);
    })?;
    if lcp_licenses.is_empty() && !is_unrestricted {
        return Ok(exit);
    }
    for provider in &excluded {
        print_object!(ui, "skipped_provider", {"not_asked": provider_object(provider)});
        ui.print("provider-not-asked", values![url = shell_word(&provider.origin)]);
    }
    let (mut failure, mut skipped) = (None, 0_u64);
    lcp_provider::refresh(&home, selection, &interrupt::cancel_token(), &mut |refreshed| {
        count += u64::from(!matches!(refreshed, RefreshEvent::Skipped { .. }));
        let printed = match refreshed {
            RefreshEvent::Answered(answered) => print_answer(ui, &home, answered, "loan-stands"),
            RefreshEvent::Failed { identity, error } => {
                exit = Exit::Failed;
                print_unanswered(ui, &home, identity, error)
            }
            // For a license that the user named, a skipped request is a failure.
            RefreshEvent::Skipped { identity, error } if !is_unrestricted => {
                count += 1;
                exit = Exit::Failed;
                print_unanswered(ui, &home, identity, error)
            }
            RefreshEvent::Skipped { identity, error } => {
                // Most purchased licenses have no status link and need none.
                if !matches!(error, ProviderError::NoStatusLink { .. }) {
                    skipped += 1;
                    if skipped <= MAX_SKIPPED_NAMED {
                        ui.warn("run-warning", values![text = ui.message(&Message::from(error))]);
                    }
                }
                print_object!(ui, "skipped_loan", {
                    "license_id": identity.license_id, "issuer": identity.issuer,
                    "passed_over": {"code": error.code(), "message": ui.message(&Message::from(error))},
                });
                Ok(Exit::Done)
            }
            _ => Ok(Exit::Done),
        };
        if let Err(error) = printed {
            failure.get_or_insert(error);
        }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if skipped > 0 {
        ui.print("refresh-passed-over", values![count = skipped]);
    }
    match (count, excluded.is_empty()) {
        (0, true) if skipped > 0 => {}
        (0, true) => ui.print("refresh-none", values![]),
        (0, false) => exit = Exit::Failed,
        _ => {}
    }
    Ok(exit)
}

/// Prints the answer of a service about native licenses.
fn print_service_answer(ui: &Ui, asked: &ServiceRefresh) {
    let failure = asked.failure.as_ref().map(Message::from);
    let revoked: Vec<&str> = asked.revoked.iter().map(|license| license.license_id.as_str()).collect();
    print_object!(ui, "service_state", {
        "service": asked.service, "issuer": asked.issuer, "licenses": asked.licenses, "revoked": revoked,
        "error": failure.as_ref().map(|note| json!({"code": note.code, "message": ui.message(note)})),
    });
    let service = asked.service.as_str();
    match &failure {
        Some(note) => {
            ui.print_styled(Tone::Warning, "service-not-answered", values![service = service, why = ui.clause(note)])
        }
        None if revoked.is_empty() => {
            ui.print_styled(Tone::Good, "service-all-good", values![service = service, count = asked.licenses]);
        }
        None => {
            ui.print_styled(Tone::Warning, "service-revoked", values![service = service, count = revoked.len() as u64])
        }
    }
}

fn license_title(ui: &Ui, home: &Home, store: &Store, license: &LicenseIdentity) -> Result<String, Failure> {
    let entry = store.view().license(license)?;
    let listed = entry.map(|entry| listing::license_info(home, store, &entry)).transpose()?;
    Ok(display_title(ui, listed.as_ref().map_or(&[], |listed| &listed.titles), &license.license_id))
}

/// Prints the current status of a license.
fn print_answer(ui: &Ui, home: &Home, answered: &RefreshedLicense, message_id: &str) -> Result<Exit, Failure> {
    print_object!(ui, "loan", {
        "license_id": answered.identity.license_id, "issuer": answered.identity.issuer,
        "status": answered.status.as_str(), "message": answered.message,
        "until": answered.expires.map(restow::rfc3339), "renewable": answered.renewable,
        "renewable_until": answered.renewable_until.map(restow::rfc3339), "renew_page": answered.renew_page,
        "return_page": answered.return_page, "returnable": answered.returnable, "refreshed": answered.refreshed, "registered": answered.registered,
        "warnings": answered.warnings.iter().map(|warning| ui.message_with_help(warning)).collect::<Vec<_>>(),
    });
    if ui.is_json() {
        return Ok(Exit::Done);
    }
    let title = license_title(ui, home, &home.store()?, &answered.identity)?;
    let status = ui.text(&format!("standing-{}", answered.status.as_str()), values![]);
    let is_active = matches!(answered.status, LcpStatus::Ready | LcpStatus::Active);
    let tone = if is_active { Tone::Good } else { Tone::Plain };
    ui.print_styled(tone, message_id, values![title = title, status = status]);
    if !answered.message.is_empty() {
        ui.print("loan-message", values![message = answered.message.as_str()]);
    }
    let has_ended = answered.expires.is_some_and(|until| until <= home.clock().now());
    match answered.expires {
        Some(until) if has_ended => ui.print("loan-ended", values![until = ui.time(until)]),
        Some(until) if is_active => ui.print("loan-until", values![until = ui.time(until)]),
        _ => {}
    }
    // A provider can renew a loan that has expired.
    if is_active || answered.status == LcpStatus::Expired {
        let offered = OfferedActions {
            renewable: answered.renewable,
            longest: answered.renewable_until,
            renew_page: answered.renew_page.clone(),
            returnable: is_active && answered.returnable && answered.expires.is_some(),
            return_page: answered.return_page.clone().filter(|_| is_active),
        };
        offered.print(ui, &answered.identity.license_id);
    }
    if answered.refreshed {
        ui.print("loan-refreshed", values![]);
    }
    ui.print_warnings(&answered.warnings);
    Ok(Exit::Done)
}

/// Actions that a provider offers for a loan.
struct OfferedActions {
    renewable: bool,
    /// Latest possible end after renewals.
    longest: Option<UnixTime>,
    renew_page: Option<String>,
    returnable: bool,
    return_page: Option<String>,
}

impl OfferedActions {
    fn print(&self, ui: &Ui, license: &str) {
        let license = shell_word(license);
        let license = license.as_str();
        match (self.longest, &self.renew_page) {
            (Some(longest), _) if self.renewable => {
                ui.print("loan-renewable-until", values![until = ui.time(longest), license = license]);
            }
            (None, _) if self.renewable => ui.print("loan-renewable", values![license = license]),
            (_, Some(page)) => ui.print("loan-renew-page", values![url = page.as_str()]),
            _ => {}
        }
        match &self.return_page {
            _ if self.returnable => ui.print("loan-returnable", values![license = license]),
            Some(page) => ui.print("loan-return-page", values![url = page.as_str()]),
            None => {}
        }
    }
}

/// Prints the last status from the provider of a license.
pub(super) fn print_last_status(ui: &Ui, listed: &LicenseInfo) {
    let Some(entry) = &listed.lcp_status else { return };
    let status = ui.text(&format!("standing-{}", entry.status.as_str()), values![]);
    ui.print("facts-provider-said", values![status = status, at = ui.time(entry.at)]);
    // A backup has the status without the status document.
    let document = entry.document.as_ref().and_then(|bytes| StatusDocument::parse(bytes).ok());
    let is_active = matches!(entry.status, LcpStatus::Ready | LcpStatus::Active);
    if let Some(document) = document.filter(|_| is_active || entry.status == LcpStatus::Expired) {
        let object = LcpStatusObject::new(entry, &listed.license.document);
        let offered = OfferedActions {
            renewable: object.renewable,
            longest: document.potential_end,
            renew_page: object.renew_page,
            returnable: is_active && object.returnable && listed.expires().is_some(),
            return_page: object.return_page.filter(|_| is_active),
        };
        offered.print(ui, &listed.license.identity.license_id);
    }
}

fn print_unanswered(ui: &Ui, home: &Home, license: &LicenseIdentity, error: &ProviderError) -> Result<Exit, Failure> {
    let note = &Message::from(error);
    let mut problem = json!({"code": note.code, "message": ui.message(note)});
    if let (Some(answer), Some(members)) = (error.problem(), problem.as_object_mut()) {
        members.insert("http_status".into(), answer.status.into());
        members.insert("reason".into(), answer.text.as_str().into());
    }
    print_object!(ui, "loan_error", {
        "license_id": license.license_id, "issuer": license.issuer, "error": problem,
    });
    if !ui.is_json() {
        let title = license_title(ui, home, &home.store()?, license)?;
        ui.print_styled(Tone::Warning, "loan-not-answered", values![title = title, why = ui.message_with_help(note)]);
    }
    Ok(Exit::Failed)
}
