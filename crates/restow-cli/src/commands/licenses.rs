//! `restow licenses`

use restow::Home;
use restow::license::lcp::{Verdict, Verifier};
use restow::license::{Kind, SignatureCheck};
use restow::listing::{self, Listed, Usability};
use restow::restorer::RestorerError;
use restow::service::protocol::Outcome;
use restow::store::{LicenseEntry, StandingEntry, Store};
use restow::trust_store;
use serde_json::{Value, json};

use super::Context;
use crate::args::Licenses;
use crate::failure::{Exit, Failure};
use crate::output::{LicenseObject, ProviderSaid, Style, Tone, Ui, User, clean, time, titled, validity};
use crate::texts::values;

/// The word for what can be done with a license.
pub(super) fn usability_word(ui: &Ui, usability: Usability) -> String {
    match usability {
        Usability::Refused(outcome) => outcome_word(ui, outcome),
        Usability::UsedUp => ui.text("usability-used_up", values![]),
        other => ui.text(&format!("usability-{}", other.as_str()), values![]),
    }
}

/// The word for a service's answer.
pub(super) fn outcome_word(ui: &Ui, outcome: Outcome) -> String {
    ui.text(&format!("outcome-{}", outcome.as_str()), values![])
}

/// So much of a license ID must be typed at least.
const BEGINNING: usize = 6;

/// How many licenses are looked at that begin alike.
const ALIKE: u32 = 100;

/// The licenses of an ID, or whose IDs begin so: to look at. What changes something takes whole IDs.
pub(super) fn called(store: &Store, license: &str) -> Result<Vec<LicenseEntry>, Failure> {
    let entries = store.view().licenses_called(license)?;
    if !entries.is_empty() || license.len() < BEGINNING {
        return Ok(entries);
    }
    Ok(store.view().licenses_beginning(license, ALIKE)?)
}

/// The license a user means by its ID, and by its issuer, or the beginning of that, where several use the ID.
pub(super) fn meant(store: &Store, license: &str, issuer: Option<&str>) -> Result<LicenseEntry, Failure> {
    let mut entries = store.view().licenses_called(license)?;
    let whole = |entry: &LicenseEntry| issuer == Some(entry.identity.issuer.as_str());
    let is_whole = entries.iter().any(whole);
    entries.retain(|entry| match issuer {
        Some(_) if is_whole => whole(entry),
        Some(beginning) => entry.identity.issuer.starts_with(beginning),
        None => true,
    });
    match (entries.pop(), entries.is_empty()) {
        (None, _) => Err(Failure::own("no-such-license").with("license", license)),
        (Some(entry), true) => Ok(entry),
        (Some(_), false) => Err(Failure::own("license-ambiguous").with("license", license)),
    }
}

/// Why a signature proves nothing, for programs.
pub(super) fn signature_problem(ui: &Ui, signature: &SignatureCheck) -> Option<Value> {
    match signature {
        SignatureCheck::Invalid(why) => Some(json!({"code": why.code(), "message": ui.note(&why.into())})),
        _ => None,
    }
}

/// Why a signature proves nothing, for people.
pub(super) fn tell_invalid(ui: &Ui, signature: &SignatureCheck, title: &str) {
    if let SignatureCheck::Invalid(why) = signature {
        ui.warn("signature-invalid", values![title = title, why = ui.note(&why.into())]);
    }
}

/// Says of one LCP license of this home that readers will refuse it, if its signature is not valid.
pub(super) fn tell_refused_by_readers(ui: &Ui, home: &Home, license: &LicenseEntry) -> Result<(), Failure> {
    if ui.json() || license.identity.kind != Kind::Lcp {
        return Ok(());
    }
    if let SignatureCheck::Invalid(why) = Verifier::new(trust_store::load(home)?).verify(&license.document).check {
        let values = values![license = license.identity.license_id.as_str(), why = ui.note(&(&why).into())];
        ui.tell(Tone::Warning, "signature-not-valid", values);
    }
    Ok(())
}

/// How many licenses no root vouches for.
pub(super) fn tell_unknown(ui: &Ui, count: u64) {
    if count > 0 {
        ui.say("signature-unknown-root", values![count = count]);
    }
}

/// What a provider said of a license, for people: an addition to a sentence.
fn standing_note(ui: &Ui, said: &StandingEntry, license: &[u8]) -> String {
    let status = ui.text(&format!("standing-{}", said.standing.as_str()), values![]);
    let id = if ProviderSaid::of(said, license).can_be_renewed() { "licenses-renewable" } else { "licenses-said" };
    ui.text(id, values![status = status, at = time(said.at)])
}

/// Judges signatures, where they are asked for.
struct Check {
    verifier: Verifier,
    unknown: u64,
    invalid: u64,
}

impl Check {
    /// Of kinds whose documents are accepted by their signature once and for all, nothing more is said.
    fn look(&mut self, listed: &Listed) -> Option<Verdict> {
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

/// What a signature is worth: an addition to a line.
fn verdict_note(ui: &Ui, verdict: &Verdict) -> String {
    let signer = verdict.signer.as_ref();
    match &verdict.check {
        SignatureCheck::Verified => {
            let issuer = signer.map(|signer| signer.issuer.as_str()).unwrap_or_default();
            ui.text("licenses-signature-valid", values![issuer = issuer])
        }
        SignatureCheck::UnknownRoot => ui.text("licenses-signature-unknown", values![]),
        SignatureCheck::Invalid(why) => ui.text("licenses-signature-invalid", values![why = ui.note(&why.into())]),
        _ => String::new(),
    }
}

pub(super) fn run(context: &Context, args: &Licenses) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut check = match args.check {
        true => Some(Check { verifier: Verifier::new(trust_store::load(&home)?), unknown: 0, invalid: 0 }),
        false => None,
    };
    let mut columns = None;
    let mut count = 0_u64;
    let walked = listing::licenses(&home, &store, &mut |listed| {
        count += 1;
        let verdict = check.as_mut().and_then(|check| check.look(&listed));
        let signature = verdict.as_ref().map(|verdict| &verdict.check);
        if ui.json() {
            let problem = signature.and_then(|signature| signature_problem(ui, signature));
            let user = args.user.then(|| User::of(&listed.license)).flatten();
            ui.object(&LicenseObject::listed(&listed).checked(signature, problem).issued_to(user));
        } else {
            columns.get_or_insert_with(|| Columns::begin(ui)).line(ui, &listed, verdict.as_ref());
            if let Some(user) = args.user.then(|| User::of(&listed.license)).flatten() {
                ui.say("licenses-user", values![user = user.line()]);
            }
        }
        // Any error ends the walk when nobody reads on.
        if ui.is_closed() { Err(RestorerError::Cancelled.into()) } else { Ok(()) }
    });
    if !ui.is_closed() {
        walked?;
    }
    if count == 0 {
        ui.say("licenses-none", values![]);
    }
    let Some(check) = check else { return Ok(Exit::Done) };
    tell_unknown(ui, check.unknown);
    Ok(if check.invalid > 0 { Exit::Failed } else { Exit::Done })
}

/// Columns whose widths are known before the first license is: a long list begins at once.
struct Columns {
    widths: [usize; 3],
}

impl Columns {
    fn begin(ui: &Ui) -> Self {
        let headings = ["column-state", "column-left", "column-backup"].map(|id| ui.text(id, values![]));
        let states = ["usable", "pending", "revoked", "expired", "used_up", "not_yet_valid", "other_computer"]
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
        ui.line(&Style::stdout().paint(Tone::Faint, &heading));
        Self { widths }
    }

    fn line(&self, ui: &Ui, listed: &Listed, verdict: Option<&Verdict>) {
        let [state, left, backup] = self.widths;
        let word = usability_word(ui, listed.usability);
        let uses = listed.left.map(|left| left.to_string()).unwrap_or_default();
        let newest = listed.backups.iter().map(|(_, at)| *at).max();
        let backed_up = match (newest, listed.license.backup_right.restriction()) {
            (Some(at), _) => restow::rfc3339(at).chars().take(10).collect(),
            (None, Some(_)) => ui.text("backup-never", values![]),
            (None, None) => ui.text("backup-no", values![]),
        };
        let id = clean(&listed.license.identity.license_id);
        let title = titled(ui, &listed.titles, "");
        if let Some(why) = &listed.unreadable {
            ui.warn("licenses-unreadable", values![title = titled(ui, &listed.titles, &id), why = why.as_str()]);
        }
        let valid = validity(ui, listed);
        let said = listed.standing.as_ref().map(|said| standing_note(ui, said, &listed.license.document));
        let said = said.unwrap_or_default();
        let signed = verdict.map(|verdict| verdict_note(ui, verdict)).unwrap_or_default();
        ui.line(&format!("{word:state$}  {uses:>left$}  {backed_up:backup$}  {title}  {id}{valid}{said}{signed}"));
    }
}
