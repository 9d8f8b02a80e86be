//! `restow licenses`

use restow::Home;
use restow::license::lcp::{Verification, Verifier};
use restow::license::{Kind, License, LicenseIdentity, SignatureCheck};
use restow::license_search::{FoundLicenses, MatchKind, search_store};
use restow::listing::{self, LicenseInfo, LicenseState};
use restow::service::protocol::Outcome;
use restow::store::{LcpStatusEntry, LicenseEntry, Store};
use restow::trust_store;
use serde_json::{Value, json};

use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::{LicenseSelector, Licenses};
use crate::output::{LcpStatusObject, LicenseObject, Style, Tone, Ui, UserObject, display_title, validity};
use restow_core::text::sanitize;

/// Returns the word for the state of a license.
pub(super) fn license_state_word(ui: &Ui, state: LicenseState) -> String {
    match state {
        LicenseState::Refused(outcome) => outcome_word(ui, outcome),
        LicenseState::UsedUp => ui.text("usability-used_up", values![]),
        other => ui.text(&format!("usability-{}", other.as_str()), values![]),
    }
}

/// Returns the word for the outcome of a request to a service.
pub(super) fn outcome_word(ui: &Ui, outcome: Outcome) -> String {
    ui.message(&outcome.into())
}

/// License that the user named.
pub(super) struct NamedLicense {
    pub(super) identity: LicenseIdentity,
    pub(super) titles: Vec<String>,
    /// True if the user gave the license ID, and false for a prefix or a title.
    is_exact: bool,
}

impl NamedLicense {
    /// Returns the only license that a search found.
    pub(super) fn only(found: FoundLicenses, text: &str) -> Result<Self, Failure> {
        let FoundLicenses { kind, mut licenses, count, .. } = found;
        if count > 1 {
            let failure = Failure::new(CommandError::LicenseAmbiguous).with("license", text).with("count", count);
            return Err(Failure { candidates: licenses.into(), ..failure });
        }
        let (identity, titles) =
            licenses.pop().ok_or_else(|| Failure::new(CommandError::NoSuchLicense).with("license", text))?;
        Ok(Self { identity, titles, is_exact: kind == Some(MatchKind::Id) })
    }

    /// Finds the only license in the store that the user named by its ID, a prefix of the ID, or its title. The
    /// issuer, or its prefix, selects one of several licenses.
    pub(super) fn find(store: &Store, selector: &LicenseSelector) -> Result<Self, Failure> {
        let LicenseSelector { license, issuer } = selector;
        Self::only(search_store(store.view(), license, issuer.as_deref())?, license)
    }

    /// Returns true if this is the license that the user meant. Asks unless the user gave the license ID.
    pub(super) fn confirm(&self, ui: &Ui, yes: bool) -> Result<bool, Failure> {
        if self.is_exact {
            return Ok(true);
        }
        let license = self.identity.license_id.as_str();
        let title = display_title(ui, &self.titles, license);
        let is_confirmed = ui.confirm_or_yes(yes, "license-found-ask", values![title = title, license = license])?;
        if !is_confirmed {
            ui.print("nothing-changed", values![]);
        }
        Ok(is_confirmed)
    }
}

/// Returns the JSON object for the problem of an invalid signature.
pub(super) fn signature_problem(ui: &Ui, signature: &SignatureCheck) -> Option<Value> {
    match signature {
        SignatureCheck::Invalid(why) => Some(json!({"code": why.code(), "message": ui.message(&why.into())})),
        _ => None,
    }
}

/// Warns about an invalid signature.
pub(super) fn warn_invalid_signature(ui: &Ui, signature: &SignatureCheck, title: &str) {
    if let SignatureCheck::Invalid(why) = signature {
        ui.warn("signature-invalid", values![title = title, why = ui.clause(&why.into())]);
    }
}

/// Warns about facts that the document of a license states in an unexpected form.
pub(super) fn warn_about_document(ui: &Ui, license: &License, title: &str) {
    for warning in &license.warnings {
        ui.warn("license-warning", values![title = title, text = ui.message(&warning.into())]);
    }
}

/// Prints that readers will refuse an LCP license with an invalid signature.
pub(super) fn print_reader_refusal(ui: &Ui, home: &Home, license: &LicenseEntry) -> Result<(), Failure> {
    if ui.is_json() || license.identity.kind != Kind::Lcp {
        return Ok(());
    }
    if let SignatureCheck::Invalid(why) = Verifier::new(trust_store::load(home)?).verify(&license.document).check {
        let values = values![license = license.identity.license_id.as_str(), why = ui.clause(&(&why).into())];
        ui.print_styled(Tone::Warning, "signature-not-valid", values);
    }
    Ok(())
}

/// Prints the number of licenses with an unknown root.
pub(super) fn print_unknown_root_count(ui: &Ui, count: u64) {
    if count > 0 {
        ui.print("signature-unknown-root", values![count = count]);
    }
}

/// Returns the last status from the provider, to be appended to a line.
fn lcp_status_note(ui: &Ui, entry: &LcpStatusEntry, license: &[u8]) -> String {
    let status = ui.text(&format!("standing-{}", entry.status.as_str()), values![]);
    let id = if LcpStatusObject::new(entry, license).is_renewable() { "licenses-renewable" } else { "licenses-said" };
    ui.text(id, values![status = status, at = ui.time(entry.at)])
}

/// Signature checks of a listing, with their counts.
struct SignatureCounter {
    verifier: Verifier,
    unknown: u64,
    invalid: u64,
}

impl SignatureCounter {
    /// Checks the signature of an LCP license. Documents of other kinds were verified when they were stored.
    fn check_signature(&mut self, listed: &LicenseInfo) -> Option<Verification> {
        if listed.license.identity.kind != Kind::Lcp {
            return None;
        }
        let verdict = self.verifier.verify(&listed.license.document);
        match verdict.check {
            SignatureCheck::UnknownRoot => self.unknown += 1,
            SignatureCheck::Invalid(_) => self.invalid += 1,
            _ => {}
        }
        Some(verdict)
    }
}

/// Returns the result of a signature check, to be appended to a line.
fn signature_note(ui: &Ui, verdict: &Verification) -> String {
    let signer = verdict.signer.as_ref();
    match &verdict.check {
        SignatureCheck::Verified => {
            let issuer = signer.map(|signer| signer.issuer.as_str()).unwrap_or_default();
            ui.text("licenses-signature-valid", values![issuer = issuer])
        }
        SignatureCheck::UnknownRoot => ui.text("licenses-signature-unknown", values![]),
        SignatureCheck::Invalid(why) => ui.text("licenses-signature-invalid", values![why = ui.clause(&why.into())]),
        _ => String::new(),
    }
}

pub(super) fn run(context: &Context, args: &Licenses) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut counter = match args.check {
        true => Some(SignatureCounter { verifier: Verifier::new(trust_store::load(&home)?), unknown: 0, invalid: 0 }),
        false => None,
    };
    let mut columns = None;
    let mut count = 0_u64;
    let result = listing::licenses(&home, &store, &mut |listed| {
        count += 1;
        let verdict = counter.as_mut().and_then(|counter| counter.check_signature(&listed));
        let check = verdict.as_ref().map(|verdict| &verdict.check);
        if ui.is_json() {
            let problem = check.and_then(|check| signature_problem(ui, check));
            let user = args.user.then(|| UserObject::from_license(&listed.license)).flatten();
            print_object!(
                ui,
                "license",
                &LicenseObject::new(ui, &listed).with_signature(check, problem).with_user(user)
            );
        } else {
            columns.get_or_insert_with(|| Columns::print_heading(ui)).print_row(ui, &listed, verdict.as_ref());
            if let Some(user) = args.user.then(|| UserObject::from_license(&listed.license)).flatten() {
                ui.print("licenses-user", values![user = user.line()]);
            }
        }
        // An error ends the listing after the reader closed the output.
        if ui.is_closed() { Err(restow::Error::Cancelled) } else { Ok(()) }
    });
    if !ui.is_closed() {
        result?;
    }
    if count == 0 {
        ui.print("licenses-none", values![]);
    }
    let Some(counter) = counter else { return Ok(Exit::Done) };
    print_unknown_root_count(ui, counter.unknown);
    Ok(if counter.invalid > 0 { Exit::Failed } else { Exit::Done })
}

/// Column widths. They are known before the first license, so that a long list starts at once.
struct Columns {
    widths: [usize; 3],
}

impl Columns {
    fn print_heading(ui: &Ui) -> Self {
        let headings = ["column-state", "column-left", "column-backup"].map(|id| ui.text(id, values![]));
        let states = [
            "usable",
            "pending",
            "revoked",
            "invalid",
            "expired",
            "used_up",
            "not_yet_valid",
            "unknown",
            "other_computer",
        ]
        .map(|name| ui.text(&format!("usability-{name}"), values![]));
        let refusals =
            [Outcome::Limit, Outcome::DailyLimit, Outcome::NotYours].map(|outcome| outcome_word(ui, outcome));
        let backups = ["backup-no", "backup-never"].map(|id| ui.text(id, values![]));
        let width = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or_default();
        let widths = [
            width(&states).max(width(&refusals)).max(width(&headings[..1])),
            width(&headings[1..2]).max(6),
            width(&backups).max(width(&headings[2..])).max("2000-01-01".len()),
        ];
        let [state, left, backup] = widths;
        let title = ui.text("column-title", values![]);
        let [state_word, left_word, backup_word] = &headings;
        let heading = format!("{state_word:state$}  {left_word:>left$}  {backup_word:backup$}  {title}");
        ui.print_line(&Style::stdout().paint(Tone::Faint, &heading));
        Self { widths }
    }

    fn print_row(&self, ui: &Ui, listed: &LicenseInfo, verdict: Option<&Verification>) {
        let [state, left, backup] = self.widths;
        let word = license_state_word(ui, listed.state);
        let uses = listed.left.map(|left| left.to_string()).unwrap_or_default();
        let newest = listed.backups.iter().map(|(_, at)| *at).max();
        let backed_up = match (newest, listed.license.backup_right.restriction()) {
            (Some(at), _) => ui.day(at),
            (None, Some(_)) => ui.text("backup-never", values![]),
            (None, None) => ui.text("backup-no", values![]),
        };
        let id = sanitize(&listed.license.identity.license_id);
        let title = display_title(ui, &listed.titles, "");
        if let Some(why) = &listed.unreadable {
            ui.warn("licenses-unreadable", values![title = display_title(ui, &listed.titles, &id), why = why.as_str()]);
        }
        let valid = validity(ui, listed);
        let status = listed.lcp_status.as_ref().map(|entry| lcp_status_note(ui, entry, &listed.license.document));
        let status = status.unwrap_or_default();
        let signature = verdict.map(|verdict| signature_note(ui, verdict)).unwrap_or_default();
        ui.print_line(&format!(
            "{word:state$}  {uses:>left$}  {backed_up:backup$}  {title}  {id}{valid}{status}{signature}"
        ));
        warn_about_document(ui, &listed.license, &display_title(ui, &listed.titles, &id));
    }
}
