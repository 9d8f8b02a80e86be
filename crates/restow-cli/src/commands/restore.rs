//! `restow restore LOCATION`

use restow::backup::LicenseCount;
use restow::lcp_provider::parse_origin;
use restow::license::LicenseIdentity;
use restow::license_search::{LicenseSearch, MatchKind};
use restow::restorer::{Contents, RequiredService, Restore, RestorePlan, ServiceConsent};
use restow::service::{Origin, ServiceError};
use restow::store::TrustOrigin;
use restow::{FailureReason, Home, Hresult, NotRestored, NotRestoredReason, Report, Status};
use serde_json::json;

use super::computer::default_name;
use super::licenses::{NamedLicense, outcome_word};
use super::service::print_service;
use super::{
    CommandError, Context, Exit, Failure, args, exit_for_result, generations, interrupt, print_object, provider, values,
};
use crate::output::{StatusPrinter, Tone, Ui, confirmation_id, display_title, shell_word};

/// Maximum number of missing licenses that are listed for people.
const MAX_SHOWN: usize = 50;

pub(super) fn run(context: &Context, args: args::Restore) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let restore = args.selector.apply_to(Restore::from(&args.location)).adopt(args.adopt);
    let Some(only) = selected_ids(ui, &home, &restore, &args.only)? else { return Ok(Exit::Failed) };
    let restore = restore.only(only);
    if args.dry_run {
        print_plan(ui, &restore.plan(&home)?);
        return Ok(Exit::Done);
    }
    let print_status = || {
        let printer = StatusPrinter::new(ui);
        move |status: &Status| printer.print(status)
    };
    let mut manual_url = None;
    let run = match restore.plan(&home) {
        Ok(mut plan) => {
            let foreign_licenses = plan.needs_adopt.len() as u64;
            if foreign_licenses > 0 && ui.ask("restore-ask-adopt", values![count = foreign_licenses]) {
                // With --adopt, the restore may need other services.
                plan = plan.adopt(&home)?;
            }
            let services = plan.services.iter();
            manual_url =
                services.map(|service| manual_address(&home, service)).find_map(Result::transpose).transpose()?;
            let (services, providers) = ask_consent(ui, &home, &plan, &args)?;
            if let Some(name) = computer_name(&home, &args, &plan)? {
                plan = plan.computer_name(name);
            }
            let plan = plan.consent(services).ask_providers(providers).on_status(print_status());
            plan.cancelled_by(&interrupt::cancel_token()).start(&home)?
        }
        // The run itself reports a plan that failed.
        Err(_) => restore.on_status(print_status()).cancelled_by(&interrupt::cancel_token()).start(&home)?,
    };
    let report = run.wait();
    print_result(ui, &args, &report);
    if !ui.is_json() && report.summary.restored > 0 {
        for at in home.store()?.view().registrations(None)?.iter().filter(|at| !at.confirmed) {
            ui.print_styled(Tone::Warning, "restore-unconfirmed", values![computer = confirmation_id(&at.computer)]);
        }
    }
    if let Some(failure) = Failure::from_report(&report) {
        let failure = match manual_url {
            // Consent is not enough for such an address: the user must add the service manually.
            Some(url)
                if report.reason == Some(FailureReason::PrivateAddress)
                    || report.result == Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION =>
            {
                Failure::from(ServiceError::PrivateAddress { url }).hresult(report.result)
            }
            None if report.reason == Some(FailureReason::NoMatch)
                && !args.only.is_empty()
                && !args.selector.is_given() =>
            {
                let location = args.location.to_string_lossy();
                Failure::new(CommandError::RestoreNoneOf)
                    .hresult(report.result)
                    .with("license", args.only.join(", "))
                    .with("location", shell_word(&location))
            }
            _ => failure,
        };
        ui.print_failure(&failure);
    }
    // Zero licenses are a success for programs, but people would believe that their licenses are safe.
    if report.is_ok() && report.summary.restored + report.summary.already_here == 0 {
        let empty = Failure::new(CommandError::RestoreEmpty).with("path", args.location.display());
        return Err(empty.hresult(Hresult::NS_E_DRM_LICENSE_NOTACQUIRED));
    }
    Ok(exit_for_result(report.result))
}

/// Returns the IDs of the licenses that the user named by ID, prefix or title; `None` if the user declines. A text that
/// names no license of the backup stays as it is.
fn selected_ids(ui: &Ui, home: &Home, restore: &Restore, only: &[String]) -> Result<Option<Vec<String>>, Failure> {
    let mut searches: Vec<_> = only.iter().map(|text| LicenseSearch::new(text, None)).collect();
    // The restore itself reports a backup that cannot be read.
    let contents = if only.is_empty() { None } else { Contents::open(home, restore).ok() };
    if let Some(contents) = contents {
        contents.licenses::<Failure>(&mut |listed| {
            searches.iter_mut().for_each(|search| search.add(&listed.license.identity, &listed.titles));
            Ok(())
        })?;
    }
    let mut ids = Vec::new();
    for (text, search) in only.iter().zip(searches) {
        let found = search.finish();
        if found.kind.is_none() || found.kind == Some(MatchKind::Id) {
            if found.kind.is_none() && only.len() > 1 {
                ui.warn("restore-only-unknown", values![license = text.as_str()]);
            }
            ids.push(text.clone());
            continue;
        }
        let named = NamedLicense::only(found, text)?;
        if !named.confirm(ui, false)? {
            return Ok(None);
        }
        ids.push(named.identity.license_id);
    }
    Ok(Some(ids))
}

/// Returns the name for a registration of this computer: the user's, or else one that does not identify the
/// user.
fn computer_name(home: &Home, args: &args::Restore, plan: &RestorePlan) -> Result<Option<String>, Failure> {
    match (&args.name, plan.services.iter().find(|service| !service.registered)) {
        (Some(name), _) => Ok(Some(name.clone())),
        (None, Some(service)) => default_name(home, &service.issuer).map(Some),
        (None, None) => Ok(None),
    }
}

/// Returns the address of a service that the user must add manually, or `None` after that.
fn manual_address(home: &Home, service: &RequiredService) -> Result<Option<String>, Failure> {
    let is_private = Origin::from_url(&service.origin).is_ok_and(|origin| origin.is_private());
    let trusted = home.store()?.view().service(&service.issuer)?;
    let needs_manual_step = is_private && !trusted.is_some_and(|service| service.added == TrustOrigin::Manual);
    Ok(needs_manual_step.then(|| service.origin.clone()))
}

/// Shows each service that needs a registration and each provider of LCP licenses, and asks for consent.
/// `--register` is consent to all these services, `--ask-providers` to all these providers.
fn ask_consent(
    ui: &Ui,
    home: &Home,
    plan: &RestorePlan,
    args: &args::Restore,
) -> Result<(ServiceConsent, Vec<Origin>), Failure> {
    let register = args.register;
    let needed: Vec<&RequiredService> = plan.services.iter().filter(|service| !service.registered).collect();
    if !needed.is_empty() {
        ui.print("restore-services", values![count = needed.len() as u64]);
    }
    let mut agreed = Vec::new();
    for service in needed {
        print_service(ui, &service.name, &service.origin, &service.issuer, service.privacy_url.as_deref());
        ui.print("restore-service-licenses", values![count = service.licenses]);
        if let Some(url) = manual_address(home, service)? {
            ui.print_styled(Tone::Warning, "restore-service-by-hand", values![url = shell_word(&url)]);
            if !register {
                continue;
            }
        }
        if register || ui.ask("ask-register", values![service = service.name.as_str()]) {
            agreed.push(service.issuer.clone());
        }
    }
    let mut asked = Vec::new();
    let providers: Vec<_> = plan.providers.iter().filter(|provider| !provider.allowed).collect();
    if !providers.is_empty() {
        ui.print("restore-providers", values![count = providers.len() as u64]);
        provider::print_unknown_roots(ui, providers.iter().copied());
    }
    for provider in providers {
        provider::print_provider(ui, provider);
        if provider::confirm_provider(ui, provider, args.ask_providers) {
            asked.push(parse_origin(&provider.origin)?);
        } else if !ui.can_ask() && !provider.manual_only {
            ui.print("restore-provider-not-asked", values![]);
        }
    }
    Ok((ServiceConsent::Services(agreed), asked))
}

fn print_plan(ui: &Ui, plan: &RestorePlan) {
    let sets = plan.sets.iter().map(|set| {
        json!({
            "set": set.set, "generation": set.generation, "computer_name": set.computer_name,
            "created": restow::rfc3339(set.created), "licenses": set.licenses,
        })
    });
    let services = plan.services.iter().map(|service| {
        json!({
            "issuer": service.issuer, "name": service.name, "origin": service.origin,
            "privacy_url": service.privacy_url, "holder": service.holder, "pinned": service.pinned,
            "registered": service.registered, "licenses": service.licenses,
        })
    });
    let adopt: Vec<_> = plan.needs_adopt.iter().map(|identity: &LicenseIdentity| &identity.license_id).collect();
    print_object!(ui, "restore_plan", {"plan": {
        "sets": sets.collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(),
        "providers": plan.providers.iter().map(provider::provider_object).collect::<Vec<_>>(),
        "to_restore": plan.to_restore,
        "already_here": plan.already_here,
        "needs_adopt": adopt,
        "warnings": plan.warnings.iter().map(|warning| ui.message_with_help(warning)).collect::<Vec<_>>(),
    }});
    if ui.is_json() {
        return;
    }
    let mut table = generations::new_table(ui);
    for set in &plan.sets {
        let licenses = Some(LicenseCount::AtMost(set.licenses));
        let state = if set.is_certified { "generation-proven" } else { "generation-unproven" };
        let (id, computer, created) = (&set.set, &set.computer_name, Some(set.created));
        table.row(generations::cells(ui, id, computer, set.generation, created, licenses, state));
    }
    ui.print_table(&table);
    for service in &plan.services {
        print_service(ui, &service.name, &service.origin, &service.issuer, service.privacy_url.as_deref());
        let id = if service.registered { "restore-service-registered" } else { "restore-service-new" };
        ui.print(id, values![count = service.licenses]);
    }
    if !plan.providers.is_empty() {
        ui.print("restore-providers", values![count = plan.providers.len() as u64]);
        provider::print_unknown_roots(ui, &plan.providers);
    }
    plan.providers.iter().for_each(|provider| provider::print_provider(ui, provider));
    ui.print_warnings(&plan.warnings);
    if !plan.needs_adopt.is_empty() {
        ui.print_styled(Tone::Warning, "restore-needs-adopt", values![count = plan.needs_adopt.len() as u64]);
    }
    ui.print("restore-would", values![count = plan.to_restore, here = plan.already_here]);
    ui.print("nothing-changed", values![]);
}

fn print_result(ui: &Ui, args: &args::Restore, report: &Report) {
    if ui.is_json() {
        return;
    }
    ui.print_warnings(&report.warnings);
    let summary = &report.summary;
    let is_empty = summary.restored + summary.already_here == 0;
    if is_empty && report.is_ok() {
        return;
    }
    if report.is_ok() || summary.restored + summary.already_here > 0 {
        let tone = if report.is_ok() { Tone::Good } else { Tone::Plain };
        ui.print_styled(tone, "restore-done", values![count = summary.restored, here = summary.already_here]);
    }
    if summary.damaged > 0 {
        ui.print_styled(Tone::Warning, "restore-damaged", values![count = summary.damaged]);
    }
    let missing = summary.refused + summary.pending + summary.damaged;
    if missing > 0 {
        // The titles of damaged licenses are unknown.
        let (id, count) = match report.not_restored.is_empty() {
            true => ("restore-missing-unknown", 0),
            false => ("restore-missing", missing),
        };
        ui.print_styled(Tone::Warning, id, values![count = missing]);
        ui.print_list(report.not_restored.iter().take(MAX_SHOWN).map(|item| missing_line(ui, item)), count);
    }
    if !report.without_file.is_empty() {
        ui.print("restore-without-file", values![count = report.without_file.len() as u64]);
        ui.print_list(report.without_file.iter().take(MAX_SHOWN).map(|title| ui.list_item(title)), 0);
        ui.print("restore-next-books", values![]);
    }
    let location = args.location.to_string_lossy();
    // The error names the next step.
    let has_next_step = report.result == Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION
        || report.reason == Some(FailureReason::PrivateAddress);
    if summary.pending > 0 && !has_next_step {
        ui.print("restore-next-pending", values![location = shell_word(&location)]);
    } else if report.is_ok() {
        ui.print("restore-next", values![]);
    }
}

fn missing_line(ui: &Ui, item: &NotRestored) -> String {
    let title = display_title(ui, &item.titles, &item.identity.license_id);
    let why = match item.reason {
        NotRestoredReason::Refused(outcome) => outcome_word(ui, outcome),
        why => ui.text(&format!("why-{}", why.code()), values![]),
    };
    ui.text("restore-missing-item", values![title = title, why = why])
}
