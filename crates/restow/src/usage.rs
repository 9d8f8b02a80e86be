//! May I, and then: opening content keys and counting uses.

use std::time::Duration;

use restow_media::KeyId;
use zeroize::Zeroizing;

use crate::clock::UnixTime;
use crate::error::Error;
use crate::home::Home;
use crate::hresult::Hresult;
use crate::license::{self, Kind, License, LicenseIdentity, Right, UseCheck};
use crate::listing;
use crate::service::protocol::{Answer, Counter, ProblemCode, Report, Reported};
use crate::service::{Cancel, ServiceError, Session};
use crate::store::{CounterEntry, LicenseEntry, LicenseStatus, Store, View};

/// How long services are waited for because of one use, in all.
const WAITING: Duration = Duration::from_secs(5);
/// How many counters go into one report.
const REPORTED_AT_ONCE: usize = 1_000;

/// Why a right cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsageError {
    /// There is no license.
    #[error("there is no license for key ID {0} here")]
    NoLicense(KeyId),
    /// No license grants it.
    #[error("no license for key ID {key_id} allows {right}")]
    NotGranted {
        /// The key.
        key_id: KeyId,
        /// What was asked.
        right: Right,
    },
    /// All uses are used.
    #[error("all uses of {right} for key ID {key_id} are used up")]
    UsedUp {
        /// The key.
        key_id: KeyId,
        /// What was asked.
        right: Right,
    },
    /// Not valid yet.
    #[error("the license for key ID {key_id} is valid only from {}", crate::clock::rfc3339(*.from))]
    NotYet {
        /// The key.
        key_id: KeyId,
        /// Since when it will be.
        from: UnixTime,
    },
    /// Not valid any more.
    #[error("the license for key ID {key_id} expired {}", crate::clock::rfc3339(*.since))]
    Expired {
        /// The key.
        key_id: KeyId,
        /// Since when.
        since: UnixTime,
    },
    /// The issuer revoked it.
    #[error("the license for key ID {key_id} was revoked: {reason}")]
    Revoked {
        /// The key.
        key_id: KeyId,
        /// What the issuer said.
        reason: String,
    },
    /// Its service did not grant it to this computer yet, or refused.
    #[error("the license for key ID {key_id} is not granted to this computer ({})", .status.as_str())]
    NotHere {
        /// The key.
        key_id: KeyId,
        /// What became of it.
        status: LicenseStatus,
    },
    /// More uses would stay unreported than the license allows.
    #[error("{count} uses for key ID {key_id} were not reported yet, and the license allows no more")]
    ReportFirst {
        /// The key.
        key_id: KeyId,
        /// How many.
        count: u64,
    },
}

impl UsageError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoLicense(_) => "no-license",
            Self::NotGranted { .. } => "not-granted",
            Self::UsedUp { .. } => "used-up",
            Self::NotYet { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::NotHere { .. } => "not-here",
            Self::ReportFirst { .. } => "report-first",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::NoLicense(_) => Hresult::NS_E_DRM_LICENSE_NOTACQUIRED,
            Self::NotGranted { .. } | Self::UsedUp { .. } | Self::ReportFirst { .. } => Hresult::NS_E_DRM_NO_RIGHTS,
            Self::NotYet { .. } => Hresult::NS_E_DRM_LICENSE_NOTENABLED,
            Self::Expired { .. } => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            Self::Revoked { .. } => Hresult::NS_E_DRM_LICENSE_UNUSABLE,
            Self::NotHere { .. } => Hresult::NS_E_DRM_LICENSE_NOTACQUIRED,
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoLicense(_) => {
                "Get the license from where you got the file, or restore it: restow restore LOCATION."
            }
            Self::NotGranted { .. } | Self::UsedUp { .. } | Self::Expired { .. } | Self::Revoked { .. } => {
                "Ask the shop or library the file is from."
            }
            Self::NotYet { .. } => "Wait; if the date here is wrong, set the clock.",
            Self::NotHere { .. } => "Restore it: restow restore LOCATION.",
            Self::ReportFirst { .. } => "Connect to the network and try again.",
        }
    }
}

/// A right that can be used now.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Allowed {
    /// By which license.
    pub license: LicenseIdentity,
    /// Uses left, the next one included; `None` for any number.
    pub left: Option<u64>,
    /// Whether using it counts.
    pub counted: bool,
}

struct Candidate {
    license: License,
    left: Option<u64>,
    counted: bool,
}

/// The time by which an issuer's licenses are judged: local, or the latest it signed, whichever is later.
pub(crate) fn time_for(view: View<'_>, home: &Home, issuer: &str) -> Result<UnixTime, Error> {
    let signed = view.service(issuer)?.map_or(i64::MIN, |service| service.signed_time);
    Ok(home.clock().now().max(signed))
}

/// May the content of `key_id` be used so, now and here? Counts nothing.
///
/// # Errors
/// [`Error::Usage`] says why not; others, that it could not be found out.
pub fn can(home: &Home, key_id: &KeyId, right: &Right) -> Result<Allowed, Error> {
    home.computer()?.check_machine()?;
    let store = home.store()?;
    let found = choose(store.view(), home, key_id, right)?;
    Ok(Allowed { license: found.license.identity, left: found.left, counted: found.counted })
}

/// The license that is used: of those that allow it the one with the highest priority; of equal ones one that is not
/// counted, then the one that ends first.
fn choose(view: View<'_>, home: &Home, key_id: &KeyId, right: &Right) -> Result<Candidate, Error> {
    let mut best: Option<Candidate> = None;
    let mut denied: Option<UsageError> = None;
    let rank = |candidate: &Candidate| {
        let license = &candidate.license;
        (-i64::from(license.priority), candidate.counted, license.expires.unwrap_or(i64::MAX))
    };
    for entry in view.licenses_for(key_id)? {
        match judge(view, home, key_id, right, &entry)? {
            Ok(candidate) => {
                if best.as_ref().is_none_or(|known| rank(&candidate) < rank(known)) {
                    best = Some(candidate);
                }
            }
            Err(error) => denied = Some(denied.map_or(error.clone(), |known| more_telling(known, error))),
        }
    }
    best.ok_or_else(|| denied.unwrap_or_else(|| UsageError::NoLicense(key_id.clone())).into())
}

/// Of two reasons the one that tells the user more: what was had and is gone, before what never was.
fn more_telling(one: UsageError, other: UsageError) -> UsageError {
    const fn rank(error: &UsageError) -> u8 {
        match error {
            UsageError::UsedUp { .. } | UsageError::ReportFirst { .. } => 0,
            UsageError::Expired { .. } => 1,
            UsageError::NotYet { .. } => 2,
            UsageError::Revoked { .. } => 3,
            UsageError::NotHere { .. } => 4,
            UsageError::NotGranted { .. } => 5,
            UsageError::NoLicense(_) => 6,
        }
    }
    if rank(&other) < rank(&one) { other } else { one }
}

fn judge(
    view: View<'_>,
    home: &Home,
    key_id: &KeyId,
    right: &Right,
    entry: &LicenseEntry,
) -> Result<Result<Candidate, UsageError>, Error> {
    let key_id = || key_id.clone();
    if let Some((reason, _)) = view.revoked(&entry.identity)? {
        return Ok(Err(UsageError::Revoked { key_id: key_id(), reason }));
    }
    if entry.status != LicenseStatus::Usable {
        return Ok(Err(UsageError::NotHere { key_id: key_id(), status: entry.status }));
    }
    let (license, _) = listing::read(view, entry)?;
    let now = time_for(view, home, &entry.identity.issuer)?;
    if let Some(from) = license.not_before.filter(|from| now < *from) {
        return Ok(Err(UsageError::NotYet { key_id: key_id(), from }));
    }
    if let Some(since) = license.expires.filter(|until| now >= *until) {
        return Ok(Err(UsageError::Expired { key_id: key_id(), since }));
    }
    let Some(limits) = license.rights.get(right).copied() else {
        return Ok(Err(UsageError::NotGranted { key_id: key_id(), right: right.clone() }));
    };
    let used = view.used(&entry.identity.issuer, &entry.identity.license_id, right.as_str())?;
    Ok(match limits.check(used, now) {
        UseCheck::Allowed { left } => {
            let counted = limits.is_counted();
            if let Some(limit) = license.unreported.filter(|_| counted) {
                let count = own_unreported(view, home, entry, right)?;
                if count >= limit {
                    return Ok(Err(UsageError::ReportFirst { key_id: key_id(), count }));
                }
            }
            Ok(Candidate { license, left, counted })
        }
        UseCheck::NotGranted => Err(UsageError::NotGranted { key_id: key_id(), right: right.clone() }),
        UseCheck::UsedUp => Err(UsageError::UsedUp { key_id: key_id(), right: right.clone() }),
        UseCheck::NotYet(from) => Err(UsageError::NotYet { key_id: key_id(), from }),
        UseCheck::Expired(since) => Err(UsageError::Expired { key_id: key_id(), since }),
    })
}

fn own_unreported(view: View<'_>, home: &Home, entry: &LicenseEntry, right: &Right) -> Result<u64, Error> {
    let Some(own) = own_counter(view, home, entry, right)? else { return Ok(0) };
    Ok(own.counter.count.saturating_sub(own.reported))
}

fn own_counter(
    view: View<'_>,
    home: &Home,
    entry: &LicenseEntry,
    right: &Right,
) -> Result<Option<CounterEntry>, Error> {
    let issuer = &entry.identity.issuer;
    let Some(registration) = view.registration(issuer, entry.holder.as_deref().unwrap_or_default())? else {
        return Ok(None);
    };
    let key = home.computer()?.keys(issuer, registration.incarnation).signing.public();
    Ok(view.counter(issuer, &entry.identity.license_id, right.as_str(), &key)?)
}

/// Opens a content key for one use: rights are checked and a counted use is taken durably before the key is handed out.
/// The key is zeroized when dropped. Nothing is contacted: see [`open_content_key_online`].
///
/// # Errors
/// [`Error::Usage`] says why not; [`Error::Home`] on another machine than the home was made on.
pub fn open_content_key(home: &Home, key_id: &KeyId, right: &Right) -> Result<Zeroizing<[u8; 16]>, Error> {
    let computer = home.computer()?;
    computer.check_machine()?;
    let mut store = home.store()?;
    let change = store.change()?;
    let view = change.view();
    let found = choose(view, home, key_id, right)?;
    let identity = &found.license.identity;
    let missing = || UsageError::NotHere { key_id: key_id.clone(), status: LicenseStatus::Pending };
    if identity.kind != Kind::Restow {
        return Err(missing().into());
    }
    let seed = found.license.seed.unwrap_or_default();
    let key = view.content_key(&identity.issuer, key_id, seed, &computer.storage_key())?.ok_or_else(missing)?;
    if found.counted {
        let holder = found.license.holder.as_deref().unwrap_or_default();
        let registration = view.registration(&identity.issuer, holder)?.ok_or_else(missing)?;
        let signing = computer.keys(&identity.issuer, registration.incarnation).signing;
        let before = view.counter(&identity.issuer, &identity.license_id, right.as_str(), &signing.public())?;
        let (count, first_use, reported) = before.map_or((0, time_for(view, home, &identity.issuer)?, 0), |b| {
            (b.counter.count, b.counter.first_use, b.reported)
        });
        let count = count.saturating_add(1).min(Counter::MAX_COUNT);
        let taken = Counter::sign(&identity.issuer, &identity.license_id, right.as_str(), count, first_use, &signing);
        change.put_counter(&identity.issuer, &taken, reported)?;
        change.commit()?;
    }
    Ok(key)
}

/// As [`open_content_key`], but asks the license's service first what other computers have used, and reports this use at
/// once. When the service cannot be reached, the use is reported at the next contact.
///
/// Services are waited for at most five seconds in all, before and after the use, or [shorter](Cancel::within). One that cannot be
/// reached is tried once and not told afterwards.
///
/// # Errors
/// As [`open_content_key`]; not when the service cannot be reached.
pub fn open_content_key_online(
    home: &Home,
    key_id: &KeyId,
    right: &Right,
    cancel: &Cancel,
) -> Result<Zeroizing<[u8; 16]>, Error> {
    home.computer()?.check_machine()?;
    let mut counted = {
        let store = home.store()?;
        let entries = store.view().licenses_for(key_id)?;
        let mut counted = Vec::new();
        for entry in entries.into_iter().filter(|entry| entry.identity.kind == Kind::Restow) {
            let (license, _) = listing::read(store.view(), &entry)?;
            if license.rights.get(right).is_some_and(license::Limits::is_counted) {
                counted.push((license.identity, license.holder.unwrap_or_default()));
            }
        }
        counted
    };
    let cancel = cancel.within(WAITING);
    // Out of reach is no reason to refuse a use: the license says how many may stay unreported.
    let answers = |(identity, holder): &(LicenseIdentity, String)| {
        report(home, &identity.issuer, holder, std::slice::from_ref(&identity.license_id), &cancel).is_ok()
    };
    counted.retain(answers);
    let key = open_content_key(home, key_id, right)?;
    counted.retain(answers);
    Ok(key)
}

/// Reports uses to a service and learns what other computers have used of `licenses` and of those reported.
///
/// # Errors
/// When the service is not pinned, this computer not registered, or the service cannot be reached.
pub fn report(home: &Home, issuer: &str, holder: &str, licenses: &[String], cancel: &Cancel) -> Result<(), Error> {
    let mut store = home.store()?;
    let session = Session::open(home, &store, issuer, holder)?;
    let mut most = REPORTED_AT_ONCE;
    loop {
        let unreported = store.view().unreported(issuer, holder, most)?;
        let request = Report {
            holder: holder.to_owned(),
            counters: unreported.iter().map(|entry| entry.counter.clone()).collect(),
            licenses: licenses.to_vec(),
        };
        match session.call(&request, cancel) {
            Ok(answer) => note_reported(&mut store, &session, &answer, &unreported)?,
            Err(error) => match problem_of(&error) {
                // Counters of many computers can make an answer larger than it may be.
                Some(ProblemCode::TooLarge) if most > 1 => {
                    most /= 2;
                    continue;
                }
                Some(ProblemCode::UnknownComputer) => {
                    // Released by another computer: it holds nothing there any more.
                    let change = store.change()?;
                    change.note_withdrawn(issuer, holder)?;
                    change.remove_registration(issuer, holder)?;
                    change.release_keys(issuer, holder)?;
                    change.commit()?;
                    return Err(error);
                }
                _ => return Err(error),
            },
        }
        if unreported.len() < most {
            return session.renew_membership(&mut store, cancel);
        }
    }
}

fn problem_of(error: &Error) -> Option<ProblemCode> {
    match error {
        Error::Service(ServiceError::Problem { problem, .. }) => problem.code(),
        _ => None,
    }
}

fn note_reported(
    store: &mut Store,
    session: &Session,
    answer: &Answer<Reported>,
    sent: &[CounterEntry],
) -> Result<(), Error> {
    let issuer = &session.registration().issuer;
    let revocations = session.revocations(&answer.body.revocations)?;
    let revoked = !revocations.is_empty();
    let change = store.change()?;
    session.note(&change, answer)?;
    let sane = |counter: &&Counter| (1..=Counter::MAX_COUNT).contains(&counter.count);
    for counter in answer.body.counters.iter().filter(sane) {
        change.put_counter(issuer, counter, counter.count)?;
    }
    // What was sent and did not come back concerns licenses this computer never held there: it is not sent again.
    for entry in sent {
        change.put_counter(issuer, &entry.counter, entry.counter.count)?;
    }
    for (document, statement) in revocations {
        change.put_revocations(&document, &statement)?;
    }
    if revoked {
        change.drop_unused_keys()?;
    }
    Ok(change.commit()?)
}
