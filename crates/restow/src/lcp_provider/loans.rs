//! Operations on loans: refresh the status, renew, return; and the providers to contact for them.

use std::collections::BTreeMap;

use restow_core::origin::{AddressFault, Origin};
use restow_core::{message::Message, text::to_short_line, time::UnixTime};
use restow_lcp::{SignatureStrength, StatusDocument, Verifier};

use super::status_check::{CheckAction, LicenseQuery, MAX_MEMORY, StatusCheck, StatusChecker, TOTAL_TIMEOUT};
use crate::error::{Error, ProviderError};
use crate::home::{Home, OperationLock, trust_store};
use crate::license::{Kind, LcpStatus, LicenseIdentity};
use crate::net::Cancel;
use crate::store::{LicenseFilter, ProviderEntry, Store, StoreResult, TrustOrigin};

/// Provider to contact. Show it to the user before the contact.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RequiredProvider {
    /// Scheme, host and port: the unit of the user's permission.
    pub origin: String,
    /// Provider name from the certificate of its licenses, if the certificate has one.
    pub name: Option<String>,
    /// True if a trusted root certifies the signer of all these licenses. Otherwise the name is unverified.
    pub is_verified: bool,
    /// True if the user has allowed contact.
    pub allowed: bool,
    /// True if only the user can allow contact, by typing the address: the address is private.
    pub manual_only: bool,
    /// Number of licenses to check.
    pub licenses: u64,
}

/// Collects the providers to contact for a list of licenses.
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
            manual_only: query.origin.is_private() && known != Some(TrustOrigin::Manual),
            licenses: 0,
        });
        entry.is_verified &= query.strength == SignatureStrength::Verified;
        entry.licenses = entry.licenses.saturating_add(1);
    }

    pub(crate) fn into_vec(self) -> Vec<RequiredProvider> {
        self.0.into_values().collect()
    }
}

/// Parses the end of a loan: RFC 3339, or a date, which means the end of that day in UTC.
#[must_use]
pub fn parse_loan_end(text: &str) -> Option<UnixTime> {
    restow_core::time::parse_end(text)
}

/// Status of a license after an answer of its provider.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RefreshedLicense {
    /// License.
    pub identity: LicenseIdentity,
    /// Status from the provider.
    pub status: LcpStatus,
    /// Message from the provider to the user. May be empty.
    pub message: String,
    /// End of the license. `None` if unlimited.
    pub expires: Option<UnixTime>,
    /// Latest possible end after renewals. `None` if the provider does not name it.
    pub renewable_until: Option<UnixTime>,
    /// True if [`renew`] is offered.
    pub renewable: bool,
    /// Page on which a person can renew the loan.
    pub renew_page: Option<String>,
    /// Page on which a person can return the loan.
    pub return_page: Option<String>,
    /// True if [`return_loan`] is offered.
    pub returnable: bool,
    /// True if a newer document of the license was stored.
    pub refreshed: bool,
    /// True if this computer is registered for the license.
    pub registered: bool,
    /// Failures that did not stop the refresh.
    pub warnings: Vec<Message>,
}

/// Event reported for each license of a refresh.
#[derive(Debug)]
#[non_exhaustive]
pub enum RefreshEvent {
    /// The provider answered.
    Answered(RefreshedLicense),
    /// The license has no provider to contact.
    Skipped {
        /// License.
        identity: LicenseIdentity,
        /// Reason.
        error: ProviderError,
    },
    /// The provider did not answer, or its answer was not usable. The store is unchanged.
    Failed {
        /// License.
        identity: LicenseIdentity,
        /// Reason.
        error: ProviderError,
    },
}

/// Returns the origin of an address. A host name without a scheme means `https`. Such a name has a dot: a single word is
/// more likely a mistake than a host of the local network.
///
/// # Errors
/// [`ProviderError::Address`] when the address is not valid for a provider.
pub fn parse_origin(url: &str) -> Result<Origin, ProviderError> {
    if url.contains("://") {
        return super::client::parse_origin(url);
    }
    let origin = super::client::parse_origin(&format!("https://{url}"))?;
    if !origin.host().contains(['.', ':']) && !origin.is_loopback() {
        return Err(ProviderError::Address { url: to_short_line(url), why: AddressFault::Host });
    }
    Ok(origin)
}

/// Allows contact with the provider at an address and returns its origin. Opens no socket.
///
/// # Errors
/// [`ProviderError::Address`] when the address is not valid for a provider; a store error when the store fails.
pub fn allow(home: &Home, url: &str, added: TrustOrigin) -> Result<String, Error> {
    let origin = parse_origin(url)?.to_string();
    home.store()?.update(|change| change.put_provider(&origin, added, home.clock().now()))?;
    Ok(origin)
}

/// Ends the permission to contact a provider. Stored answers of the provider stay. Returns false if contact was
/// not allowed.
///
/// # Errors
/// The errors of [`allow`].
pub fn disallow(home: &Home, url: &str) -> Result<bool, Error> {
    let origin = parse_origin(url)?.to_string();
    Ok(home.store()?.update(|change| change.remove_provider(&origin))?)
}

/// Lists the providers to contact about these licenses, or about all licenses. Opens no socket.
///
/// Licenses without a usable status link add no provider.
///
/// # Errors
/// When the store fails.
pub fn required_providers(home: &Home, licenses: Option<&[LicenseIdentity]>) -> Result<Vec<RequiredProvider>, Error> {
    let store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let allowed = store.view().providers()?;
    let mut providers = ProviderList::default();
    for identity in resolve_licenses(&store, licenses)? {
        match LicenseQuery::from_store(store.view(), &verifier, &identity, &|_| true) {
            Ok(Some(query)) => providers.add(&query, &allowed),
            Ok(None) | Err(Error::Provider(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(providers.into_vec())
}

/// Returns these licenses, or all LCP licenses.
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

/// Queries the allowed providers about these licenses, or about all their licenses. Each answer is stored at
/// once.
///
/// Failures with single licenses are events.
///
/// # Errors
/// [`ProviderError::Cancelled`] when the caller cancels; an error when another operation uses the home or the
/// store fails.
pub fn refresh(
    home: &Home,
    licenses: Option<&[LicenseIdentity]>,
    cancel: &Cancel,
    on_event: &mut dyn FnMut(&RefreshEvent),
) -> Result<(), Error> {
    let _lock = lock_home(home)?;
    let mut store = home.store_to_change()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let allowed = store.view().providers()?;
    let mut checker = StatusChecker::new(home, store.view(), &verifier, &cancel.with_timeout(TOTAL_TIMEOUT))?;
    let is_allowed = |origin: &Origin| {
        let origin = origin.to_string();
        allowed.iter().any(|entry| entry.origin == origin)
    };
    for identity in resolve_licenses(&store, licenses)? {
        let accepts = |origin: &Origin| licenses.is_some() || is_allowed(origin);
        let query = match LicenseQuery::from_store(store.view(), &verifier, &identity, &accepts) {
            Ok(Some(query)) => query,
            Ok(None) => continue,
            Err(Error::Provider(error)) => {
                on_event(&RefreshEvent::Skipped { identity, error });
                continue;
            }
            Err(error) => return Err(error),
        };
        checker.set_time(home.clock().now());
        checker.memory_left = MAX_MEMORY;
        let event = match checker.check(&query, CheckAction::Query) {
            Ok((check, document)) => {
                RefreshEvent::Answered(store_check(&mut store, &verifier, &query, &check, &document)?)
            }
            Err(ProviderError::Cancelled) if cancel.is_cancelled() => return Err(ProviderError::Cancelled.into()),
            Err(ProviderError::Cancelled) => {
                let license = to_short_line(&query.identity.license_id);
                RefreshEvent::Failed { identity: query.identity, error: ProviderError::OutOfTime { license } }
            }
            Err(error) => RefreshEvent::Failed { identity: query.identity, error },
        };
        on_event(&event);
    }
    Ok(())
}

/// Renews a loan until a date, or for as long as the provider allows.
///
/// # Errors
/// [`ProviderError::RenewPast`] when the date has passed. [`ProviderError::NotAllowed`] or
/// [`ProviderError::Unreachable`] when the provider cannot be contacted. [`ProviderError::NoRenew`] or
/// [`ProviderError::RenewPage`] when the provider does not offer renewal here. [`ProviderError::Problem`] or
/// [`ProviderError::NotDone`] when the provider does not renew. Another error when another operation uses the
/// home.
pub fn renew(
    home: &Home,
    license: &LicenseIdentity,
    until: Option<UnixTime>,
    cancel: &Cancel,
) -> Result<RefreshedLicense, Error> {
    check_renewal_end(home, until)?;
    request_action(home, license, CheckAction::Renew(until), cancel)
}

/// Checks that the requested end of a loan is in the future. Opens no socket.
///
/// # Errors
/// [`ProviderError::RenewPast`] when the time has passed.
pub fn check_renewal_end(home: &Home, until: Option<UnixTime>) -> Result<(), Error> {
    match until.filter(|until| *until <= home.clock().now()) {
        Some(until) => Err(ProviderError::RenewPast { until }.into()),
        None => Ok(()),
    }
}

/// Returns a loan before its end. The license stays in the store, as refused.
///
/// # Errors
/// [`ProviderError::NotAllowed`] or [`ProviderError::Unreachable`] when the provider cannot be contacted.
/// [`ProviderError::NoReturn`] or [`ProviderError::ReturnPage`] when the provider does not offer returns here. [`ProviderError::Problem`] or
/// [`ProviderError::NotDone`] when the provider does not take the loan back. Another error when another
/// operation uses the home.
pub fn return_loan(home: &Home, license: &LicenseIdentity, cancel: &Cancel) -> Result<RefreshedLicense, Error> {
    request_action(home, license, CheckAction::Return, cancel)
}

/// Locks the home. A restore that queries the same provider at the same time could otherwise overwrite the
/// newer answer with the older one.
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
    let mut store = home.store_to_change()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let no_link = || ProviderError::NoStatusLink { license: to_short_line(&license.license_id) };
    let query = LicenseQuery::from_store(store.view(), &verifier, license, &|_| true)?.ok_or_else(no_link)?;
    let mut checker = StatusChecker::new(home, store.view(), &verifier, &cancel.with_timeout(TOTAL_TIMEOUT))?;
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
    let stored = store.update(|change| {
        check.store_status(change, verifier)?;
        // A license that was removed during the call must not return.
        match change.view().license(&query.identity)? {
            Some(_) => check.store_updated_license(change, verifier),
            None => Ok(StoreResult::AlreadyStored),
        }
    })?;
    let updated = check.updated_license.as_ref().filter(|_| stored.was_written());
    Ok(RefreshedLicense {
        identity: check.identity.clone(),
        status: check.status,
        message: document.message.clone(),
        expires: updated.map_or(query.expires, |updated| updated.expires),
        renewable_until: document.potential_end,
        renewable: document.action("renew").is_some(),
        renew_page: document.page("renew", &query.status),
        return_page: document.page("return", &query.status),
        returnable: document.action("return").is_some(),
        refreshed: updated.is_some(),
        registered: check.registered,
        warnings: check.warnings.iter().map(Message::from).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_without_scheme_means_https() {
        assert_eq!(parse_origin("library.example").unwrap().to_string(), "https://library.example");
        assert_eq!(parse_origin("library.example:8443/x").unwrap().to_string(), "https://library.example:8443");
        assert_eq!(parse_origin("http://127.0.0.1:80").unwrap().to_string(), "http://127.0.0.1");
        assert!(parse_origin("http://library.example").is_err() && parse_origin("").is_err());
    }

    #[test]
    fn date_means_end_of_day() {
        assert_eq!(parse_loan_end("2026-12-01"), Some(1_796_169_599));
        assert_eq!(parse_loan_end("2026-12-01T12:00:00+02:00"), Some(1_796_119_200));
        for none in ["", "tomorrow", "2026-13-01", "2026-12-01T12:00:00", "12"] {
            assert_eq!(parse_loan_end(none), None, "{none}");
        }
    }
}
