//! Choice of the license for a use.

use restow_core::keys::SecretKey;
use restow_media::KeyId;

use crate::error::{ContentRef, Error, UseDenied};
use crate::home::{Computer, Home};
use crate::license::{self, Kind, License, LicenseIdentity, Right, SignatureCheck, UseCheck};
use crate::license_state::{LicenseState, StateEvaluator, check_limits};
use crate::listing;
use crate::store::{CounterEntry, LicenseEntry, LicenseStatus, View};

/// Right that can be used now.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct AllowedUse {
    /// License that grants the right.
    pub license: LicenseIdentity,
    /// Remaining uses, the next one included; `None` for any number.
    pub left: Option<u64>,
    /// True if a use is counted.
    pub counted: bool,
}

pub(super) fn choose_license_for_key(
    view: View<'_>,
    home: &Home,
    key_id: &KeyId,
    right: &Right,
) -> Result<(License, AllowedUse), Error> {
    choose_license(view, home, &ContentRef::Key(key_id.clone()), view.licenses_for(key_id)?, right)
}

/// Chooses the license for a use. Among the licenses that allow the right, the highest priority is chosen, then a
/// license that is not counted, then the license that ends first.
pub(super) fn choose_license(
    view: View<'_>,
    home: &Home,
    content: &ContentRef,
    entries: Vec<LicenseEntry>,
    right: &Right,
) -> Result<(License, AllowedUse), Error> {
    let mut best: Option<(License, AllowedUse)> = None;
    let mut denied: Option<UseDenied> = None;
    let rank = |(license, allowed): &(License, AllowedUse)| {
        (-i64::from(license.priority), allowed.counted, license.expires.unwrap_or(i64::MAX))
    };
    let states = StateEvaluator::new(home, view)?;
    for entry in entries {
        match evaluate_license(&states, content, right, &entry)? {
            Ok(candidate) => {
                if best.as_ref().is_none_or(|known| rank(&candidate) < rank(known)) {
                    best = Some(candidate);
                }
            }
            Err(error) => denied = Some(denied.map_or(error.clone(), |known| prefer_reason(known, error))),
        }
    }
    best.ok_or_else(|| denied.unwrap_or_else(|| UseDenied::NoLicense(content.clone())).into())
}

/// Returns the reason that helps the user more. A right that was lost is reported before a right that never existed.
fn prefer_reason(first: UseDenied, second: UseDenied) -> UseDenied {
    const fn rank(error: &UseDenied) -> u8 {
        match error {
            UseDenied::UsedUp { .. } | UseDenied::ReportRequired { .. } => 0,
            UseDenied::Expired { .. } => 1,
            UseDenied::NotYetValid { .. } => 2,
            UseDenied::Revoked { .. } | UseDenied::EndedByProvider { .. } | UseDenied::InvalidSignature { .. } => 3,
            UseDenied::NotGrantedHere { .. }
            | UseDenied::Unknown { .. }
            | UseDenied::NotImported { .. }
            | UseDenied::EmbeddedDamaged(_) => 4,
            UseDenied::NotGranted { .. } => 5,
            UseDenied::NoLicense(_) => 6,
        }
    }
    if rank(&second) < rank(&first) { second } else { first }
}

fn evaluate_license(
    states: &StateEvaluator<'_>,
    content: &ContentRef,
    right: &Right,
    entry: &LicenseEntry,
) -> Result<Result<(License, AllowedUse), UseDenied>, Error> {
    let (home, view) = (states.home, states.view);
    let content = || content.clone();
    let (license, _) = listing::license_or_placeholder(view, entry)?;
    let signature = states.signature(&license)?;
    let state = states.state(entry, &license, &signature, right)?;
    match (state, signature) {
        (LicenseState::Invalid, SignatureCheck::Invalid(why)) => {
            return Ok(Err(UseDenied::InvalidSignature { content: content(), why }));
        }
        (LicenseState::Revoked, _) => {
            let reason = view.revoked(&entry.identity)?.map(|(reason, _)| reason).unwrap_or_default();
            return Ok(Err(UseDenied::Revoked { content: content(), reason }));
        }
        (LicenseState::OtherComputer, _) => home.computer_to_read()?.check_machine()?,
        _ => {}
    }
    // An LCP license needs no grant. Only its provider refuses the license.
    match entry.status {
        LicenseStatus::Usable => {}
        LicenseStatus::Refused(outcome) if entry.identity.kind == Kind::Lcp => {
            return Ok(Err(UseDenied::EndedByProvider { content: content(), outcome }));
        }
        status => return Ok(Err(UseDenied::NotGrantedHere { content: content(), status })),
    }
    let used = |right: &Right| view.used(&entry.identity.issuer, &entry.identity.license_id, right.as_str());
    let time = states.time_for(&entry.identity.issuer);
    Ok(match check_limits(&license, right, time, used)? {
        UseCheck::Allowed { left } => {
            let counted = license.rights.get(right).is_some_and(license::Limits::is_counted);
            if let Some(limit) = license.unreported.filter(|_| counted) {
                let own = own_counter(view, &home.computer_to_read()?, &license, right)?.and_then(|(_, own)| own);
                let count = own.map_or(0, |own| own.counter.count.saturating_sub(own.reported));
                if count >= limit {
                    return Ok(Err(UseDenied::ReportRequired { content: content(), count }));
                }
            }
            let allowed = AllowedUse { license: entry.identity.clone(), left, counted };
            Ok((license, allowed))
        }
        UseCheck::NotGranted => Err(UseDenied::NotGranted { content: content(), right: right.clone() }),
        UseCheck::UsedUp => Err(UseDenied::UsedUp { content: content(), right: right.clone() }),
        UseCheck::NotYet(from) => {
            let needs_service = time.has_started_locally(from);
            Err(UseDenied::NotYetValid { content: content(), from, needs_service })
        }
        UseCheck::Expired(since) => Err(UseDenied::Expired { content: content(), since }),
        UseCheck::Unknown => Err(UseDenied::Unknown { content: content(), right: right.clone() }),
    })
}

/// Returns the key that signs the counters of this computer for a license, and the counter of a right; `None` if this
/// computer is not registered for the holder.
pub(super) fn own_counter(
    view: View<'_>,
    computer: &Computer,
    license: &License,
    right: &Right,
) -> Result<Option<(SecretKey, Option<CounterEntry>)>, Error> {
    let LicenseIdentity { issuer, license_id, .. } = &license.identity;
    let registration = view.registration(issuer, license.holder.as_deref().unwrap_or_default())?;
    let Some(registration) = registration else { return Ok(None) };
    let signing = computer.keys(issuer, registration.incarnation).signing;
    let counter = view.counter(issuer, license_id, right.as_str(), &signing.public())?;
    Ok(Some((signing, counter)))
}
