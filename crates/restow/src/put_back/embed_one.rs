//! Embeds a license in a publication that the user names.

use std::path::Path;

use restow_core::message::Message;
use restow_lcp::Verifier;
use restow_media::{EmbedError, Probe, System, Warning};

use super::compare::{Comparison, compare_embedded, skip_reason};
use super::report::Action;
use super::{discover, embed};
use crate::error::{ConflictKind, Error, PutBackError};
use crate::home::{Home, trust_store};
use crate::license::{self, Kind, License, LicenseIdentity, Right};
use crate::license_state::{LicenseState, StateEvaluator};
use crate::store::{Store, View};
use crate::texts::TEXTS;
use crate::{scan, service::Cancel};

/// Answer to a conflict between a license and the license embedded in a publication.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OnConflict {
    /// Keeps the embedded license and returns [`PutBackError::Conflict`].
    Keep,
    /// Replaces the embedded license if the conflict is of this kind. Keeps it for a conflict of another kind.
    Replace(ConflictKind),
}

/// Result of [`embed_license`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct EmbeddedLicense {
    /// Result for the publication.
    pub action: Action,
    /// Uncertainties about the changed file: see [`PutBackWarning`](super::PutBackWarning).
    pub warnings: Vec<Message>,
}

/// Embeds a license in a publication that the user names.
///
/// The catalog does not learn from this choice that the publication belongs to the license.
///
/// # Errors
/// - [`PutBackError::NotUsable`], [`PutBackError::InvalidLicense`] or [`PutBackError::OtherKind`] if the license cannot
///   be embedded.
/// - [`PutBackError::Conflict`] if the publication has another document, and `on_conflict` does not allow this
///   conflict.
/// - [`PutBackError::OtherLicense`] or [`PutBackError::BetterPresent`] if a license would be lost.
/// - [`PutBackError::NotProtected`] or [`PutBackError::Publication`] if the file cannot hold a license.
/// - Errors of reading, of writing and of the store, [`Error::Busy`] and [`Error::Cancelled`].
pub fn embed_license(
    home: &Home,
    file: &Path,
    identity: &LicenseIdentity,
    on_conflict: OnConflict,
    cancel: &Cancel,
) -> Result<EmbeddedLicense, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let license = read_usable_license(home, store.view(), identity)?;
    let embedded = compare_embedded(file, &license, &verifier)?;
    let action = match &embedded {
        None => Action::Written,
        Some((Comparison::Same, _)) => {
            return Ok(EmbeddedLicense { action: Action::AlreadyPresent, warnings: Vec::new() });
        }
        Some((Comparison::Better, _)) => return Err(PutBackError::BetterPresent.into()),
        Some((Comparison::Worse, _)) => Action::Refreshed,
        Some((Comparison::Undecided, _)) => resolve(ConflictKind::UndecidedVersion.into(), on_conflict)?,
        Some((Comparison::Foreign, document)) => resolve(skip_reason(&verifier, store.view(), document)?, on_conflict)?,
    };
    let probe = probe_protected(file)?;
    let known_identifiers = store.view().identifiers_of(identity)?;
    let expected = embedded.as_ref().map(|(_, document)| document.as_slice());
    let mut warnings = embed::embed(file, &license.document, expected, cancel)?;
    drop(store);
    // The publication is changed. A failure of the catalog is no failure of that, and the next scan repairs it.
    let learn = || {
        scan::rescan(home, file)?;
        forget_choice(&mut home.store()?, identity, &known_identifiers, &probe, action)
    };
    warnings.extend(learn().err().map(|error| Message::new(&TEXTS, "put-not-scanned").with_cause(&error)));
    Ok(EmbeddedLicense { action, warnings })
}

fn read_usable_license(home: &Home, view: View<'_>, identity: &LicenseIdentity) -> Result<License, Error> {
    if identity.kind != Kind::Lcp {
        return Err(PutBackError::OtherKind.into());
    }
    let entry = view.license(identity)?.ok_or(PutBackError::NotUsable)?;
    let license = license::parse_as(Kind::Lcp, &entry.document)?;
    let states = StateEvaluator::new(home, view)?;
    let state = states.state(&entry, &license, &states.signature(&license)?, &Right::PLAY)?;
    match state {
        LicenseState::Usable | LicenseState::NotYetValid | LicenseState::Unknown => Ok(license),
        LicenseState::Invalid => Err(PutBackError::InvalidLicense.into()),
        _ => Err(PutBackError::NotUsable.into()),
    }
}

/// Applies the answer of the user to the reason against replacing the embedded license.
fn resolve(reason: PutBackError, on_conflict: OnConflict) -> Result<Action, PutBackError> {
    match reason {
        PutBackError::Conflict(conflict) if on_conflict == OnConflict::Replace(conflict) => Ok(Action::Written),
        reason => Err(reason),
    }
}

/// Probes a publication and checks that the file is intact and LCP protects it.
fn probe_protected(file: &Path) -> Result<Probe, Error> {
    let probe = restow_media::probe_path(file).map_err(EmbedError::from).map_err(PutBackError::from)?;
    if let Some(damage) = discover::damage_error(&probe) {
        return Err(damage.into());
    }
    if probe.warnings.contains(&Warning::EncryptionMissing) {
        return Err(PutBackError::EncryptionLost.into());
    }
    // Embedding reports formats that cannot hold a license.
    if discover::supports_license(probe.format) && !probe.systems.contains(&System::Lcp) {
        return Err(PutBackError::NotProtected.into());
    }
    Ok(probe)
}

/// Removes the identifiers that the scan learned from the choice of the user.
///
/// A wrong choice would else connect the publication with the license for all later runs. A replaced license loses its
/// connection too, because the user declared it wrong. `before` describes the publication before the change.
fn forget_choice(
    store: &mut Store,
    identity: &LicenseIdentity,
    known_identifiers: &[String],
    before: &Probe,
    action: Action,
) -> Result<(), Error> {
    let change = store.change()?;
    let identifiers = change.view().identifiers_of(identity)?;
    for identifier in identifiers.iter().filter(|identifier| !known_identifiers.contains(identifier)) {
        change.remove_publication(&identity.issuer, &identity.license_id, identifier)?;
    }
    if let (Action::Written, Some(provider), Some(license_id), Some(identifier)) =
        (action, &before.license_provider, &before.license_id, &before.identifier)
        && (provider, license_id) != (&identity.issuer, &identity.license_id)
    {
        change.remove_publication(provider, license_id, identifier)?;
    }
    Ok(change.commit()?)
}
