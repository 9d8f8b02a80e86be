//! Use of rights: checking a right, opening a content key, and counting the use.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use restow_core::protocol::{Answer, Counter, MAX_LICENSES, ProblemCode, ReportAnswer, ReportRequest};
use restow_core::time::UnixTime;
use restow_media::{KeyId, Probe, ProbeError, System};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::home::Home;
use crate::license::{self, Kind, License, LicenseIdentity, Right, SignatureCheck, UseCheck};
use crate::license_state::{LicenseState, StateEvaluator, check_limits};
use crate::listing;
use crate::service::{Cancel, ServiceError, Session};
use crate::store::{CounterEntry, LicenseEntry, LicenseFilter, LicenseStatus, Registration, ServiceEntry, Store, View};

pub use crate::error::{ContentRef, UseDenied};

/// Maximum time to wait for services during one use.
const ONLINE_USE_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum number of counters in one report.
const MAX_REPORT_COUNTERS: usize = 1_000;

/// Right that can be used now.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Allowed {
    /// License that grants the right.
    pub license: LicenseIdentity,
    /// Remaining uses, the next one included; `None` for any number.
    pub left: Option<u64>,
    /// True if a use is counted.
    pub counted: bool,
}

impl From<UsableLicense> for Allowed {
    fn from(found: UsableLicense) -> Self {
        Self { license: found.license.identity, left: found.left, counted: found.counted }
    }
}

struct UsableLicense {
    license: License,
    left: Option<u64>,
    counted: bool,
}

/// Returns the time that counts for an issuer: the local time, or the latest time that the issuer signed if later.
pub(crate) fn time_for(view: View<'_>, home: &Home, issuer: &str) -> Result<UnixTime, Error> {
    let signed = view.service(issuer)?.map_or(i64::MIN, |service| service.signed_time);
    Ok(home.clock().now().max(signed))
}

/// Checks if a right to the content of a key ID can be used now. Counts no use.
///
/// # Errors
/// [`Error::UseDenied`] with the reason if the right is denied. Other errors if the check fails.
pub fn check_right(home: &Home, key_id: &KeyId, right: &Right) -> Result<Allowed, Error> {
    home.computer()?.check_machine()?;
    let store = home.store()?;
    Ok(choose_license_for_key(store.view(), home, key_id, right)?.into())
}

/// Checks if a right to a publication can be used now, by its embedded license or else by the licenses for its
/// identifier.
///
/// `probe` is the probe of the file at `path`. Readers count printed pages and copied text, so that this check
/// cannot.
///
/// # Errors
/// [`Error::UseDenied`] with the reason if the right is denied. Other errors if the check fails.
pub fn check_publication_right(home: &Home, path: &Path, probe: &Probe, right: &Right) -> Result<Allowed, Error> {
    let store = home.store()?;
    let entries = licenses_of(store.view(), probe)?;
    let file_name = || path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let content = ContentRef::Title(probe.title.as_ref().map_or_else(file_name, |title| title.text.clone()));
    if entries.is_empty() && probe.license_embedded {
        let is_readable = embedded_license(path).is_some();
        let error = if is_readable {
            UseDenied::NotImported { content, path: path.to_owned() }
        } else {
            UseDenied::EmbeddedDamaged(content)
        };
        return Err(error.into());
    }
    Ok(choose_license(store.view(), home, &content, entries, right)?.into())
}

/// Checks if a right to `title` can be used now by one of these licenses. Counts no use.
///
/// # Errors
/// [`Error::UseDenied`] with the reason if the right is denied. Other errors if the check fails.
pub fn check_right_by_licenses(
    home: &Home,
    title: &str,
    licenses: Vec<LicenseEntry>,
    right: &Right,
) -> Result<Allowed, Error> {
    if licenses.iter().any(|entry| entry.identity.kind == Kind::Restow) {
        home.computer()?.check_machine()?;
    }
    let store = home.store()?;
    Ok(choose_license(store.view(), home, &ContentRef::Title(title.to_owned()), licenses, right)?.into())
}

/// Returns the embedded license of a publication, if it can be read.
#[must_use]
pub fn embedded_license(path: &Path) -> Option<License> {
    license::parse(&embedded_document(path).ok()??).ok()
}

/// Returns the embedded document of a publication at the place of its license.
pub(crate) fn embedded_document(path: &Path) -> Result<Option<Vec<u8>>, ProbeError> {
    let mut file = File::open(path).map_err(ProbeError::Open)?;
    // Each read follows a seek, so that a buffer would only read more.
    restow_media::embedded_license(&mut file)
}

/// Returns the stored licenses for a probed file without duplicates: by key ID, and for publications by license ID or
/// identifier.
///
/// # Errors
/// [`Error::Store`] if the store fails.
pub fn licenses_of(view: View<'_>, probe: &Probe) -> Result<Vec<LicenseEntry>, Error> {
    let embedded = probe.license_provider.as_deref().zip(probe.license_id.as_deref());
    // A publication opens only with its embedded license, even if that license has no ID.
    let identifier = probe.identifier.as_deref().filter(|_| !probe.license_embedded);
    let mut found = match probe.systems.contains(&System::Lcp) {
        true => view.licenses_of_publication(embedded, identifier)?,
        false => Vec::new(),
    };
    for key_id in &probe.key_ids {
        found.extend(view.licenses_for(key_id)?);
    }
    found.sort_by_key(|entry| entry.row);
    found.dedup_by_key(|entry| entry.row);
    Ok(found)
}

fn choose_license_for_key(view: View<'_>, home: &Home, key_id: &KeyId, right: &Right) -> Result<UsableLicense, Error> {
    choose_license(view, home, &ContentRef::Key(key_id.clone()), view.licenses_for(key_id)?, right)
}

/// Chooses the license for a use. Among the licenses that allow the right, the highest priority is chosen, then a
/// license that is not counted, then the license that ends first.
fn choose_license(
    view: View<'_>,
    home: &Home,
    content: &ContentRef,
    entries: Vec<LicenseEntry>,
    right: &Right,
) -> Result<UsableLicense, Error> {
    let mut best: Option<UsableLicense> = None;
    let mut denied: Option<UseDenied> = None;
    let rank = |candidate: &UsableLicense| {
        let license = &candidate.license;
        (-i64::from(license.priority), candidate.counted, license.expires.unwrap_or(i64::MAX))
    };
    let states = StateEvaluator::new(home, view)?;
    for entry in entries {
        match evaluate_license(&states, view, home, content, right, &entry)? {
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
            UseDenied::NotGrantedHere { .. } | UseDenied::NotImported { .. } | UseDenied::EmbeddedDamaged(_) => 4,
            UseDenied::NotGranted { .. } => 5,
            UseDenied::NoLicense(_) => 6,
        }
    }
    if rank(&second) < rank(&first) { second } else { first }
}

fn evaluate_license(
    states: &StateEvaluator<'_>,
    view: View<'_>,
    home: &Home,
    content: &ContentRef,
    right: &Right,
    entry: &LicenseEntry,
) -> Result<Result<UsableLicense, UseDenied>, Error> {
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
        (LicenseState::OtherComputer, _) => home.computer()?.check_machine()?,
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
    let now = states.time_for(&entry.identity.issuer);
    Ok(match check_limits(&license, right, now, used)? {
        UseCheck::Allowed { left } => {
            let counted = license.rights.get(right).is_some_and(license::Limits::is_counted);
            if let Some(limit) = license.unreported.filter(|_| counted) {
                let count = own_unreported(view, home, entry, right)?;
                if count >= limit {
                    return Ok(Err(UseDenied::ReportRequired { content: content(), count }));
                }
            }
            Ok(UsableLicense { license, left, counted })
        }
        UseCheck::NotGranted => Err(UseDenied::NotGranted { content: content(), right: right.clone() }),
        UseCheck::UsedUp => Err(UseDenied::UsedUp { content: content(), right: right.clone() }),
        UseCheck::NotYet(from) => Err(UseDenied::NotYetValid { content: content(), from }),
        UseCheck::Expired(since) => Err(UseDenied::Expired { content: content(), since }),
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

/// Opens a content key for one use. A counted use is stored durably before the key is returned. The key is zeroized
/// when dropped.
///
/// No service is contacted: see [`open_content_key_online`].
///
/// # Errors
/// [`Error::UseDenied`] if the right is denied. [`Error::Home`] if the home was copied from another computer.
pub fn open_content_key(home: &Home, key_id: &KeyId, right: &Right) -> Result<Zeroizing<[u8; 16]>, Error> {
    let computer = home.computer()?;
    computer.check_machine()?;
    let mut store = home.store()?;
    let change = store.change()?;
    let view = change.view();
    let found = choose_license_for_key(view, home, key_id, right)?;
    let identity = &found.license.identity;
    let missing =
        || UseDenied::NotGrantedHere { content: ContentRef::Key(key_id.clone()), status: LicenseStatus::Pending };
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

/// Opens a content key like [`open_content_key`], but asks the service for the uses of other computers first, and
/// reports this use afterwards. An unreachable service gets the report at the next contact.
///
/// The waiting time for services is five seconds at most, or [shorter](Cancel::within). An unreachable service is
/// tried once.
///
/// # Errors
/// The errors of [`open_content_key`]. An unreachable service is not an error.
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
            let (license, _) = listing::license_or_placeholder(store.view(), &entry)?;
            if license.rights.get(right).is_some_and(license::Limits::is_counted) {
                counted.push((license.identity, license.holder.unwrap_or_default()));
            }
        }
        counted
    };
    let cancel = cancel.within(ONLINE_USE_TIMEOUT);
    // An unreachable service does not deny a use. The license limits the number of unreported uses.
    let reports = |(identity, holder): &(LicenseIdentity, String)| {
        report_uses(home, &identity.issuer, holder, std::slice::from_ref(&identity.license_id), &cancel).is_ok()
    };
    counted.retain(reports);
    let key = open_content_key(home, key_id, right)?;
    counted.retain(reports);
    Ok(key)
}

/// Reports uses to a service, and stores the uses of other computers of `licenses` and of the reported licenses.
///
/// # Errors
/// [`Error::Service`] if the service is not trusted or unreachable, or this computer is not registered.
pub fn report_uses(home: &Home, issuer: &str, holder: &str, licenses: &[String], cancel: &Cancel) -> Result<(), Error> {
    let mut store = home.store()?;
    let session = Session::open(home, &store, issuer, holder)?;
    let mut limit = MAX_REPORT_COUNTERS;
    loop {
        let unreported = store.view().unreported(issuer, holder, limit)?;
        let request = ReportRequest {
            holder: holder.to_owned(),
            counters: unreported.iter().map(|entry| entry.counter.clone()).collect(),
            licenses: licenses.to_vec(),
        };
        match session.call(&request, cancel) {
            Ok(answer) => record_reported(&mut store, &session, &answer, &unreported)?,
            Err(error) => match problem_code(&error) {
                // Counters of many computers can exceed the size limit of an answer.
                Some(ProblemCode::TooLarge) if limit > 1 => {
                    limit /= 2;
                    continue;
                }
                Some(ProblemCode::UnknownComputer) => {
                    // Another computer released this one, so that the service grants it nothing.
                    let change = store.change()?;
                    change.record_withdrawn(issuer, holder)?;
                    change.remove_registration(issuer, holder)?;
                    change.release_keys(issuer, holder)?;
                    change.commit()?;
                    return Err(error);
                }
                _ => return Err(error),
            },
        }
        if unreported.len() < limit {
            return session.renew_membership(&mut store, cancel);
        }
    }
}

/// Result of a refresh at one service for one holder.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceRefresh {
    /// Name of the service.
    pub service: String,
    /// Thumbprint of the root key.
    pub issuer: String,
    /// Number of licenses in the request.
    pub licenses: u64,
    /// Licenses that are newly revoked.
    pub revoked: Vec<LicenseIdentity>,
    /// Reason why some licenses were not refreshed.
    pub failure: Option<Error>,
}

/// Refreshes the revocations of these licenses, or of all, at the services where this computer is registered. The
/// call also reports unreported uses.
///
/// # Errors
/// [`Error::Store`] if the store fails, [`Error::Service`] if the caller cancels. Other failures of a service go to
/// `visit`.
pub fn refresh(
    home: &Home,
    licenses: Option<&[LicenseIdentity]>,
    cancel: &Cancel,
    visit: &mut dyn FnMut(&ServiceRefresh),
) -> Result<(), Error> {
    let registrations = home.store()?.view().registrations(None)?;
    for Registration { issuer, holder, .. } in registrations {
        let store = home.store()?;
        let Some(service) = store.view().service(&issuer)?.filter(ServiceEntry::is_pinned) else { continue };
        let mut held = Vec::new();
        store.view().each_license(LicenseFilter::All, |entry| {
            let is_requested = licenses.is_none_or(|licenses| licenses.contains(&entry.identity));
            let is_held = entry.identity.issuer == issuer && entry.holder.as_ref() == Some(&holder);
            if is_requested && is_held && store.view().revoked(&entry.identity)?.is_none() {
                held.push(entry.identity.license_id);
            }
            Ok::<_, Error>(())
        })?;
        if held.is_empty() {
            continue;
        }
        drop(store);
        let reported =
            held.chunks(MAX_LICENSES / 2).try_for_each(|some| report_uses(home, &issuer, &holder, some, cancel));
        let failure = match reported {
            Err(error @ Error::Service(ServiceError::Cancelled)) => return Err(error),
            other => other.err(),
        };
        let store = home.store()?;
        let mut revoked = Vec::new();
        for license_id in &held {
            let identity =
                LicenseIdentity { kind: Kind::Restow, issuer: issuer.clone(), license_id: license_id.clone() };
            if store.view().revoked(&identity)?.is_some() {
                revoked.push(identity);
            }
        }
        let service = service.key_set.set().name.clone();
        visit(&ServiceRefresh { service, issuer, licenses: held.len() as u64, revoked, failure });
    }
    Ok(())
}

fn problem_code(error: &Error) -> Option<ProblemCode> {
    match error {
        Error::Service(ServiceError::Problem { problem, .. }) => problem.code(),
        _ => None,
    }
}

fn record_reported(
    store: &mut Store,
    session: &Session,
    answer: &Answer<ReportAnswer>,
    sent: &[CounterEntry],
) -> Result<(), Error> {
    let issuer = &session.registration().issuer;
    let revocations = session.revocations(&answer.body.revocations)?;
    let revoked = !revocations.is_empty();
    let change = store.change()?;
    session.note(&change, answer)?;
    let is_valid = |counter: &&Counter| (1..=Counter::MAX_COUNT).contains(&counter.count);
    for counter in answer.body.counters.iter().filter(is_valid) {
        change.put_counter(issuer, counter, counter.count)?;
    }
    // A counter without an answer belongs to a license that this computer never held there. It is not sent again.
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

#[cfg(test)]
mod tests {
    use restow_core::hresult::Hresult;
    use restow_core::protocol::Outcome;

    use super::*;

    #[test]
    fn what_has_expired_is_called_so() {
        let ended = |outcome| {
            let error = UseDenied::EndedByProvider { content: ContentRef::Title("A Book".into()), outcome };
            (error.to_string(), error.hresult())
        };
        let (text, result) = ended(Outcome::Expired);
        assert_eq!(text, "the license for “A Book” is good no more: it has expired");
        assert_eq!(result, Hresult::NS_E_DRM_LICENSE_EXPIRED);
        let (text, result) = ended(Outcome::Returned);
        assert_eq!(text, "the license for “A Book” is good no more: it was returned");
        assert_eq!(result, Hresult::NS_E_DRM_LICENSE_UNUSABLE);
    }
}
