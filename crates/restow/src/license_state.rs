//! State of a license: usable now, or the reason why not.
//!
//! [`license_state`] is the only place that computes a state. Listings, `usage`, put-back, and the contents of a backup
//! call it, so that all of them agree.

use std::cell::OnceCell;
use std::collections::HashMap;

use restow_core::protocol::Outcome;
use restow_core::time::UnixTime;
use restow_lcp::Verifier;

use crate::error::Error;
use crate::home::{Home, trust_store};
use crate::license::{Kind, License, LicenseStatus, Right, SignatureCheck, UseCheck, Used};
use crate::store::{LicenseEntry, View};

/// State of a license.
///
/// If several states apply, the first of these is reported: invalid, revoked, ended by the provider, expired, refused,
/// pending, other computer, not yet valid, unknown, used up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum LicenseState {
    /// The license can be used.
    Usable,
    /// The service has not granted the license to this computer yet.
    Pending,
    /// The service or the provider refused the license.
    Refused(Outcome),
    /// The issuer revoked the license.
    Revoked,
    /// The signature of the document is not valid, so that readers refuse the license.
    ///
    /// Restow keeps, backs up and restores the document unchanged, and never counts the license as safe.
    Invalid,
    /// The license has expired.
    Expired,
    /// All uses of all rights are used up.
    UsedUp,
    /// The license starts later.
    NotYetValid,
    /// The document states a start or an end that cannot be read, so whether the license is valid is unknown.
    Unknown,
    /// The home was copied from another computer.
    OtherComputer,
}

impl LicenseState {
    /// Returns the fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Pending => "pending",
            Self::Refused(_) => "refused",
            Self::Revoked => "revoked",
            Self::Invalid => "invalid",
            // `left` in the same object distinguishes the two.
            Self::Expired | Self::UsedUp => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Unknown => "unknown",
            Self::OtherComputer => "other_computer",
        }
    }

    /// Returns true if the license has expired, is used up, or was revoked or refused. Not every refusal is final.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Refused(_) | Self::Revoked | Self::Expired | Self::UsedUp)
    }
}

/// Facts that decide the state of a license.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateFacts<'a> {
    pub(crate) license: &'a License,
    /// Stored status, or for a license in a backup the status that a restore would store.
    pub(crate) status: LicenseStatus,
    /// Result of the signature check. For a native license, see [`check_signature`].
    pub(crate) signature: &'a SignatureCheck,
    /// True if the issuer revoked the license.
    pub(crate) is_revoked: bool,
    /// False if the home was copied from another computer.
    pub(crate) is_on_its_computer: bool,
    /// Time of the decision.
    pub(crate) time: IssuerTime,
}

/// Time at an issuer, by the clock of this computer and the answers of the issuer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IssuerTime {
    local: UnixTime,
    signed: Option<UnixTime>,
}

impl IssuerTime {
    /// Returns the time at an issuer without signed answers.
    pub(crate) const fn local(local: UnixTime) -> Self {
        Self { local, signed: None }
    }

    /// Returns the time that ends a period: the later one, so that a clock set back ends nothing later.
    pub(crate) fn for_end(self) -> UnixTime {
        self.signed.map_or(self.local, |signed| self.local.max(signed))
    }

    /// Returns the time that starts a period: the signed one, so that a clock set ahead starts nothing earlier. No
    /// local clock can prove that time has passed since.
    pub(crate) fn for_start(self) -> UnixTime {
        self.signed.unwrap_or(self.local)
    }

    /// Returns true if a period has started by the clock of this computer.
    pub(crate) const fn has_started_locally(self, from: UnixTime) -> bool {
        self.local >= from
    }
}

/// Computes the state of a license for one right.
///
/// `used` returns the recorded uses of a right on all computers.
///
/// [`LicenseState`] has the order of the states.
///
/// # Errors
/// The error of `used`.
pub(crate) fn license_state<E>(
    facts: &StateFacts<'_>,
    right: &Right,
    used: impl Fn(&Right) -> Result<Used, E>,
) -> Result<LicenseState, E> {
    let license = facts.license;
    // No valid signature vouches for the dates and rights of the document.
    if matches!(facts.signature, SignatureCheck::Invalid(_)) {
        return Ok(LicenseState::Invalid);
    }
    if facts.is_revoked {
        return Ok(LicenseState::Revoked);
    }
    // A returned loan also has an end date in the past. The answer of the provider is more exact.
    if let LicenseStatus::Refused(outcome) = facts.status
        && license.identity.kind == Kind::Lcp
        && outcome != Outcome::Expired
    {
        return Ok(LicenseState::Refused(outcome));
    }
    let check = check_limits(license, right, facts.time, &used)?;
    if matches!(check, UseCheck::Expired(_)) {
        return Ok(LicenseState::Expired);
    }
    Ok(match facts.status {
        LicenseStatus::Refused(outcome) => LicenseState::Refused(outcome),
        LicenseStatus::Pending => LicenseState::Pending,
        LicenseStatus::Usable if !facts.is_on_its_computer && license.seed.is_some() => LicenseState::OtherComputer,
        LicenseStatus::Usable if matches!(check, UseCheck::NotYet(_)) => LicenseState::NotYetValid,
        LicenseStatus::Usable if license.has_unknown_period() => LicenseState::Unknown,
        LicenseStatus::Usable if check == UseCheck::UsedUp && is_used_up(license, facts.time.for_end(), &used)? => {
            LicenseState::UsedUp
        }
        LicenseStatus::Usable => LicenseState::Usable,
    })
}

/// Checks a right of a license against the dates of the license, the limits of the right, and the uses.
///
/// # Errors
/// The error of `used`, which is called for counted rights only.
pub(crate) fn check_limits<E>(
    license: &License,
    right: &Right,
    time: IssuerTime,
    used: impl Fn(&Right) -> Result<Used, E>,
) -> Result<UseCheck, E> {
    if let Some(since) = license.expires.filter(|until| time.for_end() >= *until) {
        return Ok(UseCheck::Expired(since));
    }
    if let Some(from) = license.not_before.filter(|from| time.for_start() < *from) {
        return Ok(UseCheck::NotYet(from));
    }
    if license.has_unknown_period() || license.has_unknown_amount(right) {
        return Ok(UseCheck::Unknown);
    }
    let Some(limits) = license.rights.get(right) else { return Ok(UseCheck::NotGranted) };
    // An LCP license denies a right by a limit of 0.
    if license.identity.kind == Kind::Lcp && limits.count == Some(0) {
        return Ok(UseCheck::NotGranted);
    }
    let used = if limits.is_counted() { used(right)? } else { Used::default() };
    Ok(match (limits.check(used, time.for_end()), limits.check(used, time.for_start())) {
        (UseCheck::Expired(since), _) => UseCheck::Expired(since),
        (_, UseCheck::NotYet(from)) => UseCheck::NotYet(from),
        (check, _) => check,
    })
}

/// Returns true if no right except `Backup` has uses left.
fn is_used_up<E>(license: &License, now: UnixTime, used: impl Fn(&Right) -> Result<Used, E>) -> Result<bool, E> {
    for (right, limits) in license.rights.iter().filter(|(right, _)| **right != Right::BACKUP) {
        if limits.check(used(right)?, now) != UseCheck::UsedUp {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Checks the signature of a license document.
///
/// A native license counts as verified, because Restow checks its signature at import and at each grant.
pub(crate) fn check_signature(verifier: &Verifier, license: &License) -> SignatureCheck {
    match license.identity.kind {
        Kind::Restow => SignatureCheck::Verified,
        Kind::Lcp => verifier.verify(&license.document).check,
    }
}

/// Computes the states of stored licenses.
///
/// The evaluator reads the trusted roots at most once, and only for an LCP license.
pub(crate) struct StateEvaluator<'a> {
    pub(crate) home: &'a Home,
    pub(crate) view: View<'a>,
    now: UnixTime,
    /// Time of each service from its signed answers, by issuer.
    signed_times: HashMap<String, UnixTime>,
    verifier: OnceCell<Verifier>,
    is_on_its_computer: OnceCell<bool>,
}

impl<'a> StateEvaluator<'a> {
    /// Prepares to compute states with the clock and the trusted roots of a home.
    ///
    /// # Errors
    /// [`Error::Store`] if the store fails.
    pub(crate) fn new(home: &'a Home, view: View<'a>) -> Result<Self, Error> {
        let services = view.services()?.into_iter();
        Ok(Self {
            home,
            view,
            now: home.clock().now(),
            signed_times: services.map(|service| (service.issuer().to_owned(), service.signed_time)).collect(),
            verifier: OnceCell::new(),
            is_on_its_computer: OnceCell::new(),
        })
    }

    /// Returns the time at an issuer.
    pub(crate) fn time_for(&self, issuer: &str) -> IssuerTime {
        let signed = self.signed_times.get(issuer).copied().filter(|signed| *signed > 0);
        IssuerTime { local: self.now, signed }
    }

    /// Checks the signature of a stored license.
    ///
    /// # Errors
    /// [`Error::Home`] if a trusted root cannot be read.
    pub(crate) fn signature(&self, license: &License) -> Result<SignatureCheck, Error> {
        if license.identity.kind == Kind::Restow {
            return Ok(SignatureCheck::Verified);
        }
        Ok(check_signature(self.verifier()?, license))
    }

    /// Computes the state of a stored license for one right. `license` is the license that `entry` holds.
    ///
    /// # Errors
    /// [`Error::Store`] if the store fails, [`Error::Home`] if the keys of the computer cannot be read.
    pub(crate) fn state(
        &self,
        entry: &LicenseEntry,
        license: &License,
        signature: &SignatureCheck,
        right: &Right,
    ) -> Result<LicenseState, Error> {
        let identity = &entry.identity;
        let facts = StateFacts {
            license,
            status: entry.status,
            signature,
            is_revoked: self.view.revoked(identity)?.is_some(),
            is_on_its_computer: license.seed.is_none() || self.is_on_its_computer()?,
            time: self.time_for(&identity.issuer),
        };
        license_state(&facts, right, |right| {
            Ok(self.view.used(&identity.issuer, &identity.license_id, right.as_str())?)
        })
    }

    /// Returns false if the home was copied from another computer.
    ///
    /// # Errors
    /// [`Error::Home`] if the keys of the computer cannot be read.
    pub(crate) fn is_on_its_computer(&self) -> Result<bool, Error> {
        if let Some(known) = self.is_on_its_computer.get() {
            return Ok(*known);
        }
        let is_on_its_computer = self.home.computer_to_read()?.is_on_its_machine();
        Ok(*self.is_on_its_computer.get_or_init(|| is_on_its_computer))
    }

    fn verifier(&self) -> Result<&Verifier, Error> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier);
        }
        let verifier = Verifier::new(trust_store::load(self.home)?);
        Ok(self.verifier.get_or_init(|| verifier))
    }
}
