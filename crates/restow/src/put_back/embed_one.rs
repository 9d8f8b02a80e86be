//! A license put into a publication that somebody chose.

use std::path::Path;

use super::compare::{There, Worth, inside};
use super::{Done, PutBackError, discover, embed, look_again};
use crate::error::Error;
use crate::home::Home;
use crate::license::{self, Kind, LicenseIdentity, Right};
use crate::license_state::{LicenseState, StateEvaluator};
use crate::service::Cancel;

/// What becomes of a document inside that may not simply go: another license of the store, one that nobody can read, or one of which
/// nothing says that the document here is better.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Another {
    /// It stays, and nothing is done.
    Stays,
    /// It goes, where it would stay for the reason of this [code](PutBackError::code), and no other.
    Goes(&'static str),
}

/// Puts a license into a publication that somebody chose. That it is for this license is not learned by it: it is somebody's word.
///
/// # Errors
/// When the license cannot be used or is of another kind; when the file is no publication, is not protected by LCP, cannot be
/// written, or has a license inside that would be lost, or that is to [stay](Another::Stays).
pub fn put_into(
    home: &Home,
    file: &Path,
    identity: &LicenseIdentity,
    another: Another,
    cancel: &Cancel,
) -> Result<Done, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let store = home.store()?;
    let worth = Worth::of_home(home)?;
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
    let found = inside(file, &license, &worth)?;
    let done = match &found {
        None => Done::Written,
        Some((There::Same | There::AsGood, _)) => return Ok(Done::AlreadyThere),
        Some((There::More, _)) => return Err(PutBackError::BetterThere.into()),
        Some((There::Less, _)) => Done::Refreshed,
        Some((There::Disputed, _)) if another == Another::Goes(PutBackError::Disputed.code()) => Done::Written,
        Some((There::Disputed, _)) => return Err(PutBackError::Disputed.into()),
        Some((There::Other, document)) => match worth.why_left(store.view(), document)? {
            why @ (PutBackError::HasLicense | PutBackError::BrokenInside | PutBackError::Disputed)
                if another == Another::Goes(why.code()) =>
            {
                Done::Written
            }
            why => return Err(why.into()),
        },
    };
    let probe = restow_media::probe_path(file).map_err(restow_media::EmbedError::from).map_err(PutBackError::from)?;
    if let Some(damage) = discover::damage(&probe) {
        return Err(damage.into());
    }
    if discover::holds_license(probe.format) && !probe.systems.contains(&restow_media::System::Lcp) {
        return Err(PutBackError::NotProtected.into());
    }
    let known = store.view().identifiers_of(identity)?;
    embed::embed(file, &license.document, found.as_ref().map(|(_, there)| there.as_slice()), cancel)?;
    drop(store);
    look_again(home, file.to_owned())?;
    let mut store = home.store()?;
    let change = store.change()?;
    for identifier in change.view().identifiers_of(identity)?.iter().filter(|identifier| !known.contains(identifier)) {
        change.remove_publication(&identity.issuer, &identity.license_id, identifier)?;
    }
    // Nor is the one that had to go for it, by the same word.
    if let (Done::Written, Some((issuer, license)), Some(identifier)) =
        (done, probe.license_provider.zip(probe.license_id), probe.identifier)
        && (&issuer, &license) != (&identity.issuer, &identity.license_id)
    {
        change.remove_publication(&issuer, &license, &identifier)?;
    }
    change.commit()?;
    Ok(done)
}
