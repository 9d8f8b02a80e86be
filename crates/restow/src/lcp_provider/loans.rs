//! What a person does with loans: ask how they stand, renew them, give them back; and whom to ask at all.

use std::collections::BTreeMap;

use restow_core::message::Note;
use restow_core::origin::Origin;
use restow_core::text::quoted;
use restow_core::time::UnixTime;
use restow_lcp::{StatusDocument, Verifier};

use super::client::ProviderClient;
use super::device::Device;
use super::status_check::{CheckAction, LicenseQuery, MAX_MEMORY, StatusCheck, StatusChecker, TOTAL_TIMEOUT};
use crate::error::{Error, ProviderError, RestorerError};
use crate::home::{Home, OperationLock, trust_store};
use crate::license::{Kind, LicenseIdentity, SignatureCheck, Standing};
use crate::listing;
use crate::net::Cancel;
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
    pub is_verified: bool,
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
    pub(crate) fn add(&mut self, query: &LicenseQuery, allowed: &[ProviderEntry]) {
        let origin = query.origin.to_string();
        let known = allowed.iter().find(|entry| entry.origin == origin).map(|entry| entry.added);
        let entry = self.0.entry(origin.clone()).or_insert_with(|| RequiredProvider {
            origin,
            name: query.signer.clone(),
            is_verified: true,
            allowed: known.is_some_and(|added| added != TrustOrigin::Untrusted),
            by_hand: query.origin.is_private() && known != Some(TrustOrigin::Manual),
            licenses: 0,
        });
        entry.is_verified &= query.rank == SignatureCheck::Verified.rank();
        entry.licenses = entry.licenses.saturating_add(1);
    }

    pub(crate) fn into_vec(self) -> Vec<RequiredProvider> {
        self.0.into_values().collect()
    }
}

/// A date a loan is to go on until: RFC 3339, or a day, whose end in UTC is resolve_licenses.
#[must_use]
pub fn end_of_loan(text: &str) -> Option<UnixTime> {
    let date = text.parse::<jiff::civil::Date>().ok().filter(|_| !text.contains(['T', 't', ' ']));
    match date {
        Some(day) => {
            day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|end| end.timestamp().as_second())
        }
        None => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
    }
}

/// What a provider message_with_help of a license.
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
    pub expires: Option<UnixTime>,
    /// Until when it can be renewed at most, where the provider says so.
    pub renewable_until: Option<UnixTime>,
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
    fn new(check: &StatusCheck, document: &StatusDocument, query: &LicenseQuery) -> Self {
        Self {
            identity: check.identity.clone(),
            standing: check.standing,
            message: document.message.clone(),
            expires: check.updated_license.as_ref().map_or(query.expires, |updated| updated.expires),
            renewable_until: document.potential_end,
            renewable: document.action("renew").is_some(),
            renew_page: document.renew_page(&query.status),
            returnable: document.action("return").is_some(),
            refreshed: check.updated_license.is_some(),
            registered: check.registered,
            warnings: check.warnings.iter().map(message_with_help).collect(),
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
pub(crate) fn message_with_help(error: &ProviderError) -> Note {
    Note::from(error).in_words(error.sentences())
}

/// The origin of an address; a name alone is one of `https`.
fn parse_origin(url: &str) -> Result<String, ProviderError> {
    let address = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
    Ok(super::client::parse_origin(&address)?.to_string())
}

/// Allows contact with the provider at an address. No socket is opened. Returns its origin.
///
/// # Errors
/// [`ProviderError::Address`] when it is none a provider can have; others when the store fails.
pub fn allow(home: &Home, url: &str, added: TrustOrigin) -> Result<String, Error> {
    let origin = parse_origin(url)?;
    let mut store = home.store()?;
    let change = store.change()?;
    change.put_provider(&origin, added, home.clock().now())?;
    change.commit()?;
    Ok(origin)
}

/// Allows contact with a provider no more; what it message_with_help stays. False when it was not allowed.
///
/// # Errors
/// As [`allow`].
pub fn disallow(home: &Home, url: &str) -> Result<bool, Error> {
    let origin = parse_origin(url)?;
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
    let mut providers = ProviderList::default();
    for identity in resolve_licenses(&store, licenses)? {
        match license_query(&store, &verifier, &identity, &|_| true) {
            Ok(Some(query)) => providers.add(&query, &allowed),
            Ok(None) | Err(Error::Provider(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(providers.into_vec())
}

/// These licenses, or all that have a provider.
fn resolve_licenses(store: &Store, licenses: Option<&[LicenseIdentity]>) -> Result<Vec<LicenseIdentity>, Error> {
    if let Some(licenses) = licenses {
        return Ok(licenses.to_vec());
    }
    let mut identities = Vec::new();
    store.view().each_license(LicenseFilter::All, |entry| {
        if entry.identity.kind == Kind::Lcp {
            identities.push(entry.identity);
        }
        Ok::<_, Error>(())
    })?;
    Ok(identities)
}

/// A license as what is asked about; `None` where its provider is not accepts.
fn license_query(
    store: &Store,
    verifier: &Verifier,
    identity: &LicenseIdentity,
    accepts: &dyn Fn(&Origin) -> bool,
) -> Result<Option<LicenseQuery>, Error> {
    let view = store.view();
    let no_link = || ProviderError::NoStatusLink { license: quoted(&identity.license_id) };
    let entry = view.license(identity)?.ok_or_else(no_link)?;
    let (license, _) = listing::license_or_placeholder(view, &entry)?;
    let Some(mut query) = LicenseQuery::new(&license, verifier, accepts)? else { return Ok(None) };
    query.registered = view.lcp_status(identity)?.is_some_and(|known| known.registered);
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
    on_event: &mut dyn FnMut(&RefreshEvent),
) -> Result<(), Error> {
    let _lock = lock_home(home)?;
    let mut store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let allowed = store.view().providers()?;
    let device = Device::from_home(home, store.view())?;
    let deadline = cancel.with_timeout(TOTAL_TIMEOUT);
    let mut client = ProviderClient::new(&allowed, &deadline);
    let is_allowed = |origin: &Origin| {
        let origin = origin.to_string();
        allowed.iter().any(|entry| entry.origin == origin)
    };
    for identity in resolve_licenses(&store, licenses)? {
        let accepts = |origin: &Origin| licenses.is_some() || is_allowed(origin);
        let query = match license_query(&store, &verifier, &identity, &accepts) {
            Ok(Some(query)) => query,
            Ok(None) => continue,
            Err(Error::Provider(error)) => {
                on_event(&RefreshEvent::Skipped { identity, error });
                continue;
            }
            Err(error) => return Err(error),
        };
        let now = home.clock().now();
        let mut checker = StatusChecker {
            client: &mut client,
            verifier: &verifier,
            device: device.as_ref(),
            now,
            memory_left: MAX_MEMORY,
        };
        let event = match checker.check(&query, CheckAction::Query) {
            Ok((check, document)) => {
                RefreshEvent::Answered(store_check(&mut store, &verifier, &query, &check, &document)?)
            }
            Err(ProviderError::Cancelled) if cancel.is_cancelled() => return Err(ProviderError::Cancelled.into()),
            Err(ProviderError::Cancelled) => {
                let license = quoted(&query.identity.license_id);
                RefreshEvent::Failed { identity: query.identity, error: ProviderError::OutOfTime { license } }
            }
            Err(error) => RefreshEvent::Failed { identity: query.identity, error },
        };
        on_event(&event);
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
    request_action(home, license, CheckAction::Renew(until), cancel)
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
    request_action(home, license, CheckAction::Return, cancel)
}

/// One operation at a time: what a provider says while a restore waits for it, too, would be overwritten by what it said before.
fn lock_home(home: &Home) -> Result<OperationLock, Error> {
    home.lock_operation()?.ok_or(Error::Busy)
}

fn request_action(
    home: &Home,
    license: &LicenseIdentity,
    action: CheckAction,
    cancel: &Cancel,
) -> Result<RefreshedLicense, Error> {
    let _lock = lock_home(home)?;
    let mut store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let allowed = store.view().providers()?;
    let device = Device::from_home(home, store.view())?;
    let no_link = || ProviderError::NoStatusLink { license: quoted(&license.license_id) };
    let query = license_query(&store, &verifier, license, &|_| true)?.ok_or_else(no_link)?;
    let deadline = cancel.with_timeout(TOTAL_TIMEOUT);
    let mut client = ProviderClient::new(&allowed, &deadline);
    let now = home.clock().now();
    let mut checker = StatusChecker {
        client: &mut client,
        verifier: &verifier,
        device: device.as_ref(),
        now,
        memory_left: MAX_MEMORY,
    };
    let (check, document) = checker.check(&query, action)?;
    let answered = store_check(&mut store, &verifier, &query, &check, &document)?;
    match check.failure {
        Some(error) => Err(error.into()),
        None => Ok(answered),
    }
}

fn store_check(
    store: &mut Store,
    verifier: &Verifier,
    query: &LicenseQuery,
    check: &StatusCheck,
    document: &StatusDocument,
) -> Result<RefreshedLicense, Error> {
    let change = store.change()?;
    check.store_status(&change, verifier)?;
    // One that was forgotten meanwhile does not come back.
    if change.view().license(&query.identity)?.is_some() {
        check.store_updated_license(&change, verifier)?;
    }
    change.commit()?;
    Ok(RefreshedLicense::new(check, document, query))
}

/// Whether the user's consent to a restore names this provider.
pub(crate) fn names_origin(names: &[String], origin: &Origin) -> bool {
    names.iter().any(|name| Origin::read(name).is_ok_and(|parsed| parsed == *origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_one_of_https() {
        assert_eq!(parse_origin("library.example").unwrap(), "https://library.example");
        assert_eq!(parse_origin("library.example:8443/x").unwrap(), "https://library.example:8443");
        assert_eq!(parse_origin("http://127.0.0.1:80").unwrap(), "http://127.0.0.1");
        assert!(parse_origin("http://library.example").is_err() && parse_origin("").is_err());
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
