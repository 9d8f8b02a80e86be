//! What a person does with loans: ask how they stand, renew them, give them back; and whom to ask at all.

use std::collections::BTreeMap;

use restow_core::message::Note;
use restow_core::text::quoted;
use restow_core::time::UnixTime;
use restow_lcp::StatusDocument;
use restow_lcp::Verifier;

use super::client::Client;
use super::device::Device;
use super::status_check::{CheckAction, LicenseQuery, MAX_MEMORY, StatusCheck, StatusChecker, TOTAL_TIMEOUT};
use crate::error::Error;
use crate::error::ProviderError;
use crate::home::trust_store;
use crate::home::{Home, OperationLock};
use crate::license::{Kind, LcpStatus, LicenseIdentity, SignatureCheck};
use crate::listing;
use crate::service::{Cancel, Origin};
use crate::store::{LicenseFilter, ProviderEntry, Store, TrustOrigin};

/// A provider that would be asked: shown to the user before it is contacted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RequiredProvider {
    /// Scheme, host and port: what the user allows.
    pub origin: String,
    /// The provider, as the certificate of its licenses calls it.
    pub name: Option<String>,
    /// Whether a trusted root vouches for all of these licenses; else nobody known here says whose certificate it is.
    pub vouched_for: bool,
    /// Whether the user allowed contact before.
    pub allowed: bool,
    /// Whether only the user can allow it, by typing the address: it is not of the public internet.
    pub by_hand: bool,
    /// About how many licenses it would be asked.
    pub licenses: u64,
}

/// Gathers the providers that would be asked about licenses.
#[derive(Default)]
pub(crate) struct ProviderList(BTreeMap<String, RequiredProvider>);

impl ProviderList {
    pub(crate) fn add(&mut self, subject: &LicenseQuery, allowed: &[ProviderEntry]) {
        let origin = subject.origin.to_string();
        let known = allowed.iter().find(|entry| entry.origin == origin).map(|entry| entry.added);
        let entry = self.0.entry(origin.clone()).or_insert_with(|| RequiredProvider {
            origin,
            name: subject.signer.clone(),
            vouched_for: true,
            allowed: known.is_some_and(|added| added != TrustOrigin::Untrusted),
            by_hand: subject.origin.is_private() && known != Some(TrustOrigin::Manual),
            licenses: 0,
        });
        entry.vouched_for &= subject.rank == SignatureCheck::Verified.rank();
        entry.licenses = entry.licenses.saturating_add(1);
    }

    pub(crate) fn into_vec(self) -> Vec<RequiredProvider> {
        self.0.into_values().collect()
    }
}

/// A date a loan is to go on until: RFC 3339, or a day, whose end in UTC is meant.
#[must_use]
pub fn end_of_loan(text: &str) -> Option<UnixTime> {
    let day = text.parse::<jiff::civil::Date>().ok().filter(|_| !text.contains(['T', 't', ' ']));
    match day {
        Some(day) => {
            day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|end| end.timestamp().as_second())
        }
        None => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
    }
}

/// What a provider said of a license.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RefreshedLicense {
    /// The license.
    pub identity: LicenseIdentity,
    /// How it stands.
    pub standing: LcpStatus,
    /// What the provider wants the user to know; may be empty.
    pub message: String,
    /// Until when it is good, if that is limited.
    pub until: Option<UnixTime>,
    /// Until when it can be renewed at most, where the provider says so.
    pub longest: Option<UnixTime>,
    /// Whether it can be renewed from here.
    pub renewable: bool,
    /// The page where it can be renewed.
    pub renew_page: Option<String>,
    /// Whether it can be returned from here.
    pub returnable: bool,
    /// Whether a newer document of the license came.
    pub refreshed: bool,
    /// Whether this computer is registered for it.
    pub registered: bool,
    /// What did not work, and stopped nothing.
    pub warnings: Vec<Note>,
}

impl RefreshedLicense {
    fn of(visit: &StatusCheck, document: &StatusDocument, subject: &LicenseQuery) -> Self {
        Self {
            identity: visit.identity.clone(),
            standing: visit.standing,
            message: document.message.clone(),
            until: visit.fresh.as_ref().map_or(subject.expires, |fresh| fresh.expires),
            longest: document.potential_end,
            renewable: document.action("renew").is_some(),
            renew_page: document.renew_page(&subject.status),
            returnable: document.action("return").is_some(),
            refreshed: visit.fresh.is_some(),
            registered: visit.registered,
            warnings: visit.warnings.iter().map(said).collect(),
        }
    }
}

/// What came of asking about one license.
#[derive(Debug)]
#[non_exhaustive]
pub enum RefreshEvent {
    /// Its provider answered.
    Answered(RefreshedLicense),
    /// It is one that cannot be asked about.
    Skipped {
        /// The license.
        identity: LicenseIdentity,
        /// Why.
        error: ProviderError,
    },
    /// It did not, or not usably: what is here stays as it is.
    Failed {
        /// The license.
        identity: LicenseIdentity,
        /// Why.
        error: ProviderError,
    },
}

/// An error as a note that also says what to do.
pub(crate) fn said(error: &ProviderError) -> Note {
    Note::from(error).in_words(error.sentences())
}

/// The origin of an address; a name alone is one of `https`.
fn meant_origin(url: &str) -> Result<String, ProviderError> {
    let address = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
    Ok(super::client::origin(&address)?.to_string())
}

/// Allows contact with the provider at an address. No socket is opened. Returns its origin.
///
/// # Errors
/// [`ProviderError::Address`] when it is none a provider can have; others when the store fails.
pub fn allow(home: &Home, url: &str, added: TrustOrigin) -> Result<String, Error> {
    let origin = meant_origin(url)?;
    let mut store = home.store()?;
    let change = store.change()?;
    change.put_provider(&origin, added, home.clock().now())?;
    change.commit()?;
    Ok(origin)
}

/// Allows contact with a provider no more; what it said stays. False when it was not allowed.
///
/// # Errors
/// As [`allow`].
pub fn disallow(home: &Home, url: &str) -> Result<bool, Error> {
    let origin = meant_origin(url)?;
    let mut store = home.store()?;
    let change = store.change()?;
    let was_allowed = change.remove_provider(&origin)?;
    change.commit()?;
    Ok(was_allowed)
}

/// The providers that would be asked about these licenses, or about all. No socket is opened.
///
/// # Errors
/// When the store fails. Licenses that cannot be asked about need nobody.
pub fn needed(home: &Home, licenses: Option<&[LicenseIdentity]>) -> Result<Vec<RequiredProvider>, Error> {
    let store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let allowed = store.view().providers()?;
    let mut needs = ProviderList::default();
    for identity in meant(&store, licenses)? {
        match subject(&store, &verifier, &identity, &|_| true) {
            Ok(Some(subject)) => needs.add(&subject, &allowed),
            Ok(None) | Err(Error::Provider(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(needs.into_vec())
}

/// These licenses, or all that have a provider.
fn meant(store: &Store, licenses: Option<&[LicenseIdentity]>) -> Result<Vec<LicenseIdentity>, Error> {
    if let Some(licenses) = licenses {
        return Ok(licenses.to_vec());
    }
    let mut all = Vec::new();
    store.view().each_license(LicenseFilter::All, |entry| {
        if entry.identity.kind == Kind::Lcp {
            all.push(entry.identity);
        }
        Ok::<_, Error>(())
    })?;
    Ok(all)
}

/// A license as what is asked about; `None` where its provider is not wanted.
fn subject(
    store: &Store,
    verifier: &Verifier,
    identity: &LicenseIdentity,
    wanted: &dyn Fn(&Origin) -> bool,
) -> Result<Option<LicenseQuery>, Error> {
    let view = store.view();
    let unknown = || ProviderError::NoStatusLink { license: quoted(&identity.license_id) };
    let entry = view.license(identity)?.ok_or_else(unknown)?;
    let (license, _) = listing::license_or_placeholder(view, &entry)?;
    let Some(mut subject) = LicenseQuery::of(&license, verifier, wanted)? else { return Ok(None) };
    subject.registered = view.lcp_status(identity)?.is_some_and(|known| known.registered);
    Ok(Some(subject))
}

/// Asks the providers that are allowed about these licenses, or about all that are theirs. What one says of a license is kept
/// at once.
///
/// # Errors
/// When the store fails, another operation uses the home, or the caller cancels. What goes wrong with one license is shown to `visit`.
pub fn refresh(
    home: &Home,
    licenses: Option<&[LicenseIdentity]>,
    cancel: &Cancel,
    visit: &mut dyn FnMut(&RefreshEvent),
) -> Result<(), Error> {
    let _lock = locked(home)?;
    let mut store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let allowed = store.view().providers()?;
    let device = Device::of(home, store.view())?;
    let in_time = cancel.within(TOTAL_TIMEOUT);
    let mut client = Client::new(&allowed, &in_time);
    let is_allowed = |origin: &Origin| {
        let origin = origin.to_string();
        allowed.iter().any(|entry| entry.origin == origin)
    };
    for identity in meant(&store, licenses)? {
        let wanted = |origin: &Origin| licenses.is_some() || is_allowed(origin);
        let subject = match subject(&store, &verifier, &identity, &wanted) {
            Ok(Some(subject)) => subject,
            Ok(None) => continue,
            Err(Error::Provider(error)) => {
                visit(&RefreshEvent::Skipped { identity, error });
                continue;
            }
            Err(error) => return Err(error),
        };
        let now = home.clock().now();
        let mut visitor =
            StatusChecker { client: &mut client, verifier: &verifier, device: device.as_ref(), now, room: MAX_MEMORY };
        let refreshed = match visitor.visit(&subject, CheckAction::Query) {
            Ok((came, document)) => RefreshEvent::Answered(keep(&mut store, &verifier, &subject, &came, &document)?),
            Err(ProviderError::Cancelled) if cancel.is_cancelled() => return Err(ProviderError::Cancelled.into()),
            Err(ProviderError::Cancelled) => {
                let license = quoted(&subject.identity.license_id);
                RefreshEvent::Failed { identity: subject.identity, error: ProviderError::OutOfTime { license } }
            }
            Err(error) => RefreshEvent::Failed { identity: subject.identity, error },
        };
        visit(&refreshed);
    }
    Ok(())
}

/// Renews a loan until a date, or for as long as its provider gives.
///
/// # Errors
/// When the date is over, another operation uses the home, or its provider is not allowed or out of reach, does not offer it, offers it
/// on a page only, refuses, or does nothing.
pub fn renew(
    home: &Home,
    license: &LicenseIdentity,
    until: Option<UnixTime>,
    cancel: &Cancel,
) -> Result<RefreshedLicense, Error> {
    check_end(home, until)?;
    act(home, license, CheckAction::Renew(until), cancel)
}

/// Whether a loan can be renewed until then: nobody needs to be asked about a time that is over.
///
/// # Errors
/// When it is.
pub fn check_end(home: &Home, until: Option<UnixTime>) -> Result<(), Error> {
    match until.filter(|until| *until <= home.clock().now()) {
        Some(until) => Err(ProviderError::RenewPast { until }.into()),
        None => Ok(()),
    }
}

/// Gives a loan back before its time is over. The license stays here, and is refused.
///
/// # Errors
/// When another operation uses the home, or its provider is not allowed or out of reach, does not offer it, refuses, or does nothing.
pub fn return_loan(home: &Home, license: &LicenseIdentity, cancel: &Cancel) -> Result<RefreshedLicense, Error> {
    act(home, license, CheckAction::Return, cancel)
}

/// One operation at a time: what a provider says while a restore waits for it, too, would be overwritten by what it said before.
fn locked(home: &Home) -> Result<OperationLock, Error> {
    home.lock_operation()?.ok_or(Error::Busy)
}

fn act(
    home: &Home,
    license: &LicenseIdentity,
    purpose: CheckAction,
    cancel: &Cancel,
) -> Result<RefreshedLicense, Error> {
    let _lock = locked(home)?;
    let mut store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let allowed = store.view().providers()?;
    let device = Device::of(home, store.view())?;
    let no_link = || ProviderError::NoStatusLink { license: quoted(&license.license_id) };
    let subject = subject(&store, &verifier, license, &|_| true)?.ok_or_else(no_link)?;
    let in_time = cancel.within(TOTAL_TIMEOUT);
    let mut client = Client::new(&allowed, &in_time);
    let now = home.clock().now();
    let mut visitor =
        StatusChecker { client: &mut client, verifier: &verifier, device: device.as_ref(), now, room: MAX_MEMORY };
    let (visit, document) = visitor.visit(&subject, purpose)?;
    let answered = keep(&mut store, &verifier, &subject, &visit, &document)?;
    match visit.failure {
        Some(error) => Err(error.into()),
        None => Ok(answered),
    }
}

fn keep(
    store: &mut Store,
    verifier: &Verifier,
    subject: &LicenseQuery,
    visit: &StatusCheck,
    document: &StatusDocument,
) -> Result<RefreshedLicense, Error> {
    let change = store.change()?;
    visit.store_status(&change, verifier)?;
    // One that was forgotten meanwhile does not come back.
    if change.view().license(&subject.identity)?.is_some() {
        visit.store_updated_license(&change, verifier)?;
    }
    change.commit()?;
    Ok(RefreshedLicense::of(visit, document, subject))
}

/// Whether the user's consent to a restore names this provider.
pub(crate) fn names_origin(named: &[String], origin: &Origin) -> bool {
    named.iter().any(|name| Origin::read(name).is_ok_and(|one| one == *origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_one_of_https() {
        assert_eq!(meant_origin("library.example").unwrap(), "https://library.example");
        assert_eq!(meant_origin("library.example:8443/x").unwrap(), "https://library.example:8443");
        assert_eq!(meant_origin("http://127.0.0.1:80").unwrap(), "http://127.0.0.1");
        assert!(meant_origin("http://library.example").is_err() && meant_origin("").is_err());
    }

    #[test]
    fn a_day_means_its_end() {
        assert_eq!(end_of_loan("2026-12-01"), Some(1_796_169_599));
        assert_eq!(end_of_loan("2026-12-01T12:00:00+02:00"), Some(1_796_119_200));
        for none in ["", "tomorrow", "2026-13-01", "2026-12-01T12:00:00", "12"] {
            assert_eq!(end_of_loan(none), None, "{none}");
        }
    }
}
