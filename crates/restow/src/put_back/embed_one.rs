//! A license put into a publication that somebody chose.

use std::path::Path;

use super::compare::{Comparison, DocumentComparer, compare_embedded};
use super::{Action, ConflictKind, PutBackError, discover, embed, rescan};
use crate::error::Error;
use crate::home::Home;
use crate::license::{self, Kind, LicenseIdentity, Right};
use crate::license_state::{LicenseState, StateEvaluator};
use crate::service::Cancel;

/// What becomes of a document inside that may not simply go: another license of the store, one that nobody can read, or one of which
/// nothing says that the document here is better.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OnConflict {
    /// It stays, and nothing is done.
    Keep,
    /// It goes, where it would stay for this reason, and no other.
    Replace(ConflictKind),
}

/// Puts a license into a publication that somebody chose. That it is for this license is not learned by it: it is somebody's word.
///
/// # Errors
/// When the license cannot be used or is of another kind; when the file is no publication, is not protected by LCP, cannot be
/// written, or has a license inside that would be lost, or that is to [stay](Another::Stays).
pub fn embed_license(
    home: &Home,
    file: &Path,
    identity: &LicenseIdentity,
    on_conflict: OnConflict,
    cancel: &Cancel,
) -> Result<Action, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let store = home.store()?;
    let comparer = DocumentComparer::new(home)?;
    if identity.kind != Kind::Lcp {
        return Err(PutBackError::OtherKind.into());
    }
    let entry = store.view().license(identity)?.ok_or(PutBackError::NotUsable)?;
    let license = license::parse_as(Kind::Lcp, &entry.document)?;
    let states = StateEvaluator::new(home, store.view())?;
    let state = states.state(&entry, &license, &states.signature(&license)?, &Right::PLAY)?;
    if !matches!(state, LicenseState::Usable | LicenseState::NotYetValid) {
        return Err(PutBackError::NotUsable.into());
    }
    let found = compare_embedded(file, &license, &comparer)?;
    let action = match &found {
        None => Action::Written,
        Some((Comparison::Same | Comparison::Equivalent, _)) => return Ok(Action::AlreadyPresent),
        Some((Comparison::Better, _)) => return Err(PutBackError::BetterPresent.into()),
        Some((Comparison::Worse, _)) => Action::Refreshed,
        Some((Comparison::Conflict, _)) if on_conflict == OnConflict::Replace(ConflictKind::UndecidedVersion) => {
            Action::Written
        }
        Some((Comparison::Conflict, _)) => return Err(PutBackError::from(ConflictKind::UndecidedVersion).into()),
        Some((Comparison::Foreign, document)) => match comparer.skip_reason(store.view(), document)? {
            PutBackError::Conflict(conflict) if on_conflict == OnConflict::Replace(conflict) => Action::Written,
            reason => return Err(reason.into()),
        },
    };
    let probe = restow_media::probe_path(file).map_err(restow_media::EmbedError::from).map_err(PutBackError::from)?;
    if let Some(damage) = discover::damage_error(&probe) {
        return Err(damage.into());
    }
    if discover::supports_license(probe.format) && !probe.systems.contains(&restow_media::System::Lcp) {
        return Err(PutBackError::NotProtected.into());
    }
    let known = store.view().identifiers_of(identity)?;
    embed::embed(file, &license.document, found.as_ref().map(|(_, there)| there.as_slice()), cancel)?;
    drop(store);
    rescan(home, file.to_owned())?;
    let mut store = home.store()?;
    let change = store.change()?;
    for identifier in change.view().identifiers_of(identity)?.iter().filter(|identifier| !known.contains(identifier)) {
        change.remove_publication(&identity.issuer, &identity.license_id, identifier)?;
    }
    // Nor is the one that had to go for it, by the same word.
    if let (Action::Written, Some((issuer, license)), Some(identifier)) =
        (action, probe.license_provider.zip(probe.license_id), probe.identifier)
        && (&issuer, &license) != (&identity.issuer, &identity.license_id)
    {
        change.remove_publication(&issuer, &license, &identifier)?;
    }
    change.commit()?;
    Ok(action)
}
