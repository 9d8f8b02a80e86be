//! `restow why FILE|KEYID|LICENSE`

use std::collections::BTreeMap;
use std::path::Path;

use restow::license::lcp::{Signer, Verification, Verifier};
use restow::license::{Kind, Right, SignatureCheck};
use restow::listing::{self, LicenseInfo};
use restow::scan::FileFacts;
use restow::store::{LicenseEntry, Store};
use restow::{trust_store, usage};
use restow_media::{Format, Probe, System};
use serde_json::{Value, json};

use super::licenses::{license_state_word, signature_problem};
use super::loans::print_last_status;
use super::target::{Target, licenses_by_name, print_bound, print_file_kind, print_not_imported, print_protection};
use super::{Context, Exit, Failure, print_object, values};
use crate::output::{LicenseObject, Tone, Ui, amounts, display_title, validity};

/// Facts about one license and their sources.
struct LicenseFacts {
    listed: LicenseInfo,
    /// Connection between the target and the license, such as `key_id`.
    found_by: &'static str,
    /// Result of the signature check; `None` for other kinds than LCP.
    verdict: Option<Verification>,
    /// Reason that the issuer gave for a revocation.
    revoked: Option<String>,
    /// Counted rights and the number of their uses.
    used: Vec<(Right, u64)>,
}

pub(super) fn run(context: &Context, target: &Path) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let view = store.view();
    let entries_by_id = licenses_by_name(&store, target)?;
    let by_license = !entries_by_id.is_empty();
    let (entries, probed) = if by_license {
        (entries_by_id, None)
    } else {
        match Target::resolve(target)? {
            Target::Key(key_id) => {
                print_object!(ui, "key_id", {"key_id": key_id.to_string()});
                (view.licenses_for(&key_id)?, None)
            }
            Target::File(probe) => {
                let facts = restow::scan::describe(target)?;
                print_file(ui, &facts, &probe);
                (usage::licenses_of(view, &probe)?, Some(probe))
            }
        }
    };
    let verifier = Verifier::new(trust_store::load(&home)?);
    let mut needs_blank_line = false;
    for entry in &entries {
        let listed = listing::license_info(&home, &store, entry)?;
        let found_by = match &probed {
            Some(probe) if entry.identity.kind == Kind::Lcp && is_embedded(probe, entry) => "embedded",
            Some(_) if entry.identity.kind == Kind::Lcp => "identifier",
            _ if by_license => "license_id",
            _ => "key_id",
        };
        let facts = collect_facts(&store, &verifier, listed, found_by)?;
        print_license(ui, &facts);
        // An empty line separates the licenses.
        if probed.is_some() || std::mem::replace(&mut needs_blank_line, true) {
            ui.blank_line();
        }
        print_facts(ui, &facts);
    }
    if entries.is_empty() {
        print_no_license(ui, target, probed.as_deref());
    }
    Ok(Exit::Done)
}

fn is_embedded(probe: &Probe, entry: &LicenseEntry) -> bool {
    let probed = probe.license_provider.as_ref().zip(probe.license_id.as_ref());
    probed == Some((&entry.identity.issuer, &entry.identity.license_id))
}

fn collect_facts(
    store: &Store,
    verifier: &Verifier,
    listed: LicenseInfo,
    found_by: &'static str,
) -> Result<LicenseFacts, Failure> {
    let (view, identity) = (store.view(), &listed.license.identity);
    let verdict = (identity.kind == Kind::Lcp).then(|| verifier.verify(&listed.license.document));
    let mut used = Vec::new();
    let counted = listed.license.rights.iter().filter(|(_, limits)| limits.is_counted());
    for (right, _) in counted.filter(|_| identity.kind == Kind::Restow) {
        used.push((right.clone(), view.used(&identity.issuer, &identity.license_id, right.as_str())?.count));
    }
    let revoked = view.revoked(identity)?.map(|(reason, _)| reason);
    Ok(LicenseFacts { verdict, revoked, used, found_by, listed })
}

/// Prints the facts in the file itself.
fn print_file(ui: &Ui, facts: &FileFacts, probe: &Probe) {
    ui.print("file-format", values![path = facts.path.as_str(), format = facts.format.as_str()]);
    print_protection(ui, probe);
    for url in facts.license_urls.iter().flatten() {
        ui.print("file-url", values![url = url.as_str()]);
    }
    if let Some(license) = &probe.license_id {
        let provider = probe.license_provider.as_deref().unwrap_or_default();
        ui.print("facts-inside", values![license = license.as_str(), provider = provider]);
    }
    if let Some(identifier) = &probe.identifier {
        ui.print("facts-identifier", values![identifier = identifier.as_str()]);
    }
    super::scan::print_warnings(ui, facts);
    print_object!(ui, "file", facts, {
        "license_id": probe.license_id, "license_provider": probe.license_provider, "identifier": probe.identifier,
    });
}

fn print_no_license(ui: &Ui, target: &Path, probe: Option<&Probe>) {
    match probe {
        Some(probe) if probe.protected == Some(false) => {}
        Some(probe) if probe.format == Format::Unknown => print_file_kind(ui, target, probe),
        Some(probe) if probe.license_embedded => {
            print_not_imported(ui, target);
        }
        Some(probe) if probe.systems.contains(&System::Lcp) => ui.print("file-no-license-apart", values![]),
        Some(probe) if probe.format.is_voucher() || print_bound(ui, probe) => {}
        Some(probe) if probe.protected.is_none() && probe.key_ids.is_empty() => {}
        _ => ui.print("file-no-license", values![]),
    }
}

fn print_license(ui: &Ui, facts: &LicenseFacts) {
    let check = facts.verdict.as_ref().map(|verdict| &verdict.check);
    let problem = check.and_then(|check| signature_problem(ui, check));
    let signer = facts.verdict.as_ref().and_then(|verdict| verdict.signer.as_ref());
    print_object!(ui, "license", &LicenseObject::new(ui, &facts.listed).with_signature(check, problem), {
        "found_by": facts.found_by,
        "signer": signer.map(signer_object),
        "revoked_because": facts.revoked,
        "used": facts.used.iter().map(|(right, count)| (right.as_str(), count)).collect::<BTreeMap<_, _>>(),
    });
}

fn signer_object(signer: &Signer) -> Value {
    json!({
        "name": signer.name, "issuer": signer.issuer, "from": restow::rfc3339(signer.from),
        "until": restow::rfc3339(signer.until),
    })
}

fn print_facts(ui: &Ui, facts: &LicenseFacts) {
    let (listed, identity) = (&facts.listed, &facts.listed.license.identity);
    let title = display_title(ui, &listed.titles, &identity.license_id);
    let values = values![license = identity.license_id.as_str(), title = title, issuer = identity.issuer.as_str()];
    ui.print_styled(Tone::Strong, "facts-license", values);
    ui.print(&format!("facts-by-{}", facts.found_by.replace('_', "-")), values![]);
    if let Some(why) = &listed.unreadable {
        ui.print_styled(Tone::Warning, "facts-unreadable", values![why = why.as_str()]);
    }
    ui.print(
        "facts-now",
        values![status = format!("{}{}", license_state_word(ui, listed.state), validity(ui, listed))],
    );
    for warning in &listed.license.warnings {
        ui.print_styled(Tone::Warning, "facts-warning", values![text = ui.message_with_help(&warning.into())]);
    }
    if !amounts(ui, listed).is_empty() {
        ui.print("facts-readers-count", values![]);
    }
    for (right, count) in &facts.used {
        ui.print("facts-used", values![right = right.as_str(), count = *count]);
    }
    if let Some(verdict) = &facts.verdict {
        print_verdict(ui, verdict);
    }
    print_last_status(ui, listed);
    if let Some(reason) = &facts.revoked {
        ui.print("facts-revoked", values![reason = reason.as_str()]);
    }
    match listed.license.backup_right.restriction() {
        None => ui.print("facts-backup-allowed", values![]),
        Some(reason) => {
            let reason = ui.text(&format!("reason-{}", reason.as_str()), values![]);
            ui.print("facts-backup-denied", values![reason = reason]);
        }
    }
    for (location, at) in &listed.backups {
        ui.print("facts-in-backup", values![location = location.as_str(), at = ui.time(*at)]);
    }
    if listed.backups.is_empty() {
        ui.print("facts-in-no-backup", values![]);
    }
}

fn print_verdict(ui: &Ui, verdict: &Verification) {
    match &verdict.check {
        SignatureCheck::Verified => ui.print("facts-signature-verified", values![]),
        SignatureCheck::UnknownRoot => ui.print("facts-signature-unknown-root", values![]),
        SignatureCheck::Invalid(why) => {
            ui.print_styled(Tone::Warning, "facts-signature-invalid", values![why = ui.clause(&why.into())]);
        }
        _ => {}
    }
    if let Some(signer) = &verdict.signer {
        let values = values![
            name = signer.name.as_str(),
            issuer = signer.issuer.as_str(),
            from = ui.time(signer.from),
            until = ui.time(signer.until)
        ];
        ui.print("facts-signer", values);
    }
}
