//! Acquires licenses from a service: by a one-time link, or by key ID for protected files.

use std::collections::{HashMap, HashSet};

use restow_core::KeyId;
use restow_core::encoding::{hex, sha256};
use restow_core::origin::{AcquisitionLink, Origin};
use restow_core::protocol::{
    AcquireRequest, Answer, Counter, Grant, GrantContext, GrantEntry, GrantedKey, MAX_LICENSES, Outcome,
};

use crate::license::{self, Kind, LicenseIdentity, TrustedKeySet};
use crate::service::{
    ServiceError, ServiceLookup, Session, end_released_registration, fetch_key_set, random_idempotency_key,
};
use crate::store::{Change, LicenseStatus, ServiceEntry, TrustOrigin};
use crate::{error::Error, home::Home, net::Cancel};

/// Result of an acquisition.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Acquisition {
    /// IDs of the licenses that are now usable.
    pub granted: Vec<String>,
    /// IDs of the licenses that the service refused, with the reason.
    pub refused: Vec<(String, Outcome)>,
    /// Page of the service that explains a reached limit.
    pub url: Option<String>,
}

/// Trusts the service that a link names and returns its key set.
///
/// The link carries the thumbprint of the root, so following the link is the user's consent to this service.
/// This function does not send the code of the link. For a service that is already trusted, the address in the
/// link has no effect: the service may have moved, and the code is sent only to its known address.
///
/// # Errors
/// [`ServiceError::OtherIssuer`] when the address belongs to another issuer than the link names; other
/// [`ServiceError`]s when the service cannot be reached or its key set names another address.
pub fn trust_link_service(home: &Home, link: &AcquisitionLink, cancel: &Cancel) -> Result<TrustedKeySet, Error> {
    let mut store = home.store_to_change()?;
    if let Some(known) = store.view().service(&link.issuer)?.filter(ServiceEntry::is_pinned) {
        return Ok(known.key_set);
    }
    let url = link.origin.to_string();
    // A known service has this address under another fingerprint, so the link is refused without a request.
    for known in store.view().services()?.into_iter().filter(ServiceEntry::is_pinned) {
        if Origin::from_url(&known.key_set.set().service_url).is_ok_and(|origin| origin == link.origin) {
            let (expected, found) = (link.issuer.clone(), known.issuer().to_owned());
            return Err(ServiceError::OtherIssuer { url, expected, found }.into());
        }
    }
    let found = fetch_key_set(&url, TrustOrigin::Consent, cancel)?;
    let key_set = found.key_set();
    if key_set.set().issuer != link.issuer {
        let (expected, found) = (link.issuer.clone(), key_set.set().issuer.clone());
        return Err(ServiceError::OtherIssuer { url, expected, found }.into());
    }
    store.update(|change| change.put_service(key_set, found.added()))?;
    Ok(key_set.clone())
}

/// Follows a one-time link: trusts its service as [`trust_link_service`], registers this computer by `register`
/// if necessary, and redeems the link.
///
/// `register` is responsible for the user's consent: it may ask the user, and may fail. It should call
/// [`register_for_link`](super::register_for_link). `cancel` returns a token before each contact.
///
/// # Errors
/// The errors of [`trust_link_service`], `register` and [`acquire_link`].
pub fn follow_link<E: From<Error>>(
    home: &Home,
    link: &AcquisitionLink,
    cancel: impl Fn() -> Cancel,
    register: impl FnOnce(&TrustedKeySet) -> Result<(), E>,
) -> Result<Acquisition, E> {
    let key_set = trust_link_service(home, link, &cancel())?;
    if !is_registered(home, &link.issuer)? {
        register(&key_set)?;
    }
    Ok(acquire_link(home, link, &cancel())?)
}

/// Returns true if this computer is registered with the service.
///
/// # Errors
/// When the store fails.
pub fn is_registered(home: &Home, issuer: &str) -> Result<bool, Error> {
    Ok(!home.store()?.view().registrations(Some(issuer))?.is_empty())
}

/// Redeems a one-time link. This computer must be registered with the service of the link.
///
/// # Errors
/// When the service is not trusted, when this computer is not registered there, or when the service refuses.
pub fn acquire_link(home: &Home, link: &AcquisitionLink, cancel: &Cancel) -> Result<Acquisition, Error> {
    acquire(home, &link.issuer, Some(link.code.clone()), &[], cancel)
}

/// Acquires the licenses that the holder of this home has at one service for these key IDs.
///
/// # Errors
/// The errors of [`acquire_link`].
pub fn acquire_keys(home: &Home, issuer: &str, key_ids: &[KeyId], cancel: &Cancel) -> Result<Acquisition, Error> {
    acquire(home, issuer, None, key_ids, cancel)
}

fn acquire(
    home: &Home,
    issuer: &str,
    code: Option<String>,
    key_ids: &[KeyId],
    cancel: &Cancel,
) -> Result<Acquisition, Error> {
    let mut store = home.store_to_change()?;
    let session = Session::open_for_issuer(home, &store, issuer)?;
    let run = random_idempotency_key()?;
    let mut acquired = Acquisition::default();
    let mut reported = HashSet::new();
    // A link needs one request. For key IDs, each answer has a limited size, and licenses new to this computer
    // come first. The requests therefore repeat until an answer brings no new license.
    let chunks: Vec<&[KeyId]> = if code.is_some() { vec![&[]] } else { key_ids.chunks(MAX_LICENSES).collect() };
    for chunk in chunks {
        loop {
            let request = AcquireRequest {
                holder: session.registration().holder.clone(),
                code: code.clone(),
                key_ids: chunk.iter().map(ToString::to_string).collect(),
                run: run.clone(),
                key_set_version: session.client().key_set().set().version,
            };
            let answer = match session.call(&request, cancel) {
                Ok(answer) => answer,
                Err(error) => {
                    end_released_registration(&mut store, session.registration(), &error)?;
                    return Err(error);
                }
            };
            let grant = VerifiedGrant::new(&session, answer)?;
            let mut new_licenses = 0;
            let on_license = |granted: &GrantEntry| {
                if reported.insert(granted.license.clone()) {
                    new_licenses += 1;
                    match granted.outcome {
                        Outcome::Granted => acquired.granted.push(granted.license.clone()),
                        outcome => acquired.refused.push((granted.license.clone(), outcome)),
                    }
                }
            };
            let storage_key = home.computer()?.storage_key();
            store.update(|change| grant.apply(&session, change, &storage_key, on_license))?;
            acquired.url = acquired.url.or(grant.limit_page);
            if code.is_some() || new_licenses == 0 {
                break;
            }
        }
    }
    store.update(|change| change.drop_unused_keys())?;
    session.renew_membership(&mut store, cancel)?;
    Ok(acquired)
}

/// Grant that answers the request of this computer. Its documents and statements are verified.
pub(crate) struct VerifiedGrant {
    pub(crate) answer: Answer<Grant>,
    documents: Vec<license::License>,
    revocations: Vec<(String, restow_core::protocol::Revocations)>,
    keys: Vec<GrantedKey>,
    key_set: Option<TrustedKeySet>,
    /// Page that explains a limit, if the page belongs to the origin of the service.
    pub(crate) limit_page: Option<String>,
}

impl VerifiedGrant {
    pub(crate) fn new(session: &Session, answer: Answer<Grant>) -> Result<Self, ServiceError> {
        let client = session.client();
        let grant = &answer.body;
        let verify = |document| TrustedKeySet::verify(document, &answer.issuer);
        let key_set = grant.key_set.as_deref().map(verify).transpose()?;
        let digests: HashMap<&str, &str> =
            grant.licenses.iter().map(|granted| (granted.license.as_str(), granted.sha256.as_str())).collect();
        let mut documents = Vec::with_capacity(grant.documents.len());
        for document in &grant.documents {
            // The signature of the grant covers this digest, so no signature per license is checked.
            let license = license::parse_as(Kind::Restow, document.as_bytes()).map_err(|e| client.bad_answer(e))?;
            let is_ours = license.identity.issuer == answer.issuer
                && license.holder.as_ref() == Some(&session.registration().holder);
            if !is_ours {
                return Err(client.bad_answer("it sent a license of another issuer or holder"));
            }
            if digests.get(license.identity.license_id.as_str()) != Some(&hex(&sha256(document.as_bytes())).as_str()) {
                return Err(client.bad_answer("it sent a document its grant does not name"));
            }
            documents.push(license);
        }
        let revocations = session.verify_revocations(&grant.revocations)?;
        let limit_page = grant.url.clone().filter(|url| client.origin().has_page(url));
        let is_valid_count = |counter: &Counter| (1..=Counter::MAX_COUNT).contains(&counter.count);
        if !grant.licenses.iter().flat_map(|granted| &granted.counters).all(is_valid_count) {
            return Err(client.bad_answer("it sent a count that cannot be"));
        }
        let registration = session.registration();
        let context = GrantContext {
            issuer: &registration.issuer,
            holder: &registration.holder,
            computer: &registration.computer,
            request: &answer.request,
        };
        let keys = match &grant.keys {
            Some(sealed) => context.open(sealed, &session.keys.opening).map_err(|e| client.bad_answer(e))?,
            None => Vec::new(),
        };
        Ok(Self { documents, revocations, keys, limit_page, key_set, answer })
    }

    /// Writes the content of the grant to the store and passes the final outcome of each license to
    /// `on_license`.
    ///
    /// The store must already have the documents. A license counts as granted only if its document in the store
    /// is the document that the service granted.
    pub(crate) fn apply(
        &self,
        session: &Session,
        change: &Change<'_>,
        storage_key: &[u8; 32],
        mut on_license: impl FnMut(&GrantEntry),
    ) -> Result<(), Error> {
        let issuer = &session.registration().issuer;
        session.record_answer(change, &self.answer)?;
        if let Some(key_set) = &self.key_set {
            change.put_service(key_set, TrustOrigin::Untrusted)?;
        }
        let outcomes: HashMap<&str, Outcome> =
            self.answer.body.licenses.iter().map(|granted| (granted.license.as_str(), granted.outcome)).collect();
        for document in &self.documents {
            let status = match outcomes.get(document.identity.license_id.as_str()) {
                Some(Outcome::Granted) => LicenseStatus::Usable,
                Some(refusal) => LicenseStatus::Refused(*refusal),
                None => LicenseStatus::Pending,
            };
            change.put_license(document, status)?;
        }
        for granted in &self.answer.body.licenses {
            let identity =
                LicenseIdentity { kind: Kind::Restow, issuer: issuer.clone(), license_id: granted.license.clone() };
            let mut outcome = granted.outcome;
            if let Some(entry) = change.view().license(&identity)? {
                let is_same_document = hex(&entry.sha256) == granted.sha256;
                match outcome {
                    Outcome::Granted if is_same_document => change.set_status(entry.row, LicenseStatus::Usable)?,
                    // The stored document differs from the issued one: the document was forged, or was damaged
                    // before its digest was signed.
                    Outcome::Granted => outcome = Outcome::NotYours,
                    Outcome::Limit | Outcome::DailyLimit if entry.status == LicenseStatus::Usable => {}
                    refusal => change.set_status(entry.row, LicenseStatus::Refused(refusal))?,
                }
            }
            for counter in &granted.counters {
                change.put_counter(issuer, counter, counter.count)?;
            }
            on_license(&GrantEntry { outcome, ..granted.clone() });
        }
        for (document, statement) in &self.revocations {
            change.put_revocations(document, statement)?;
        }
        for key in &self.keys {
            change.put_content_key(issuer, &key.key_id, key.seed, &key.key, storage_key)?;
        }
        Ok(())
    }
}

/// Looks up a service by its address, so that the user can see its name, origin and fingerprint before
/// [`trust`].
///
/// A service that moved is found at its new address if that address is public. The user must type a private
/// address.
///
/// # Errors
/// [`ServiceError`] when the service cannot be reached or the address has no License Management Service.
pub fn look_up_service(url: &str, cancel: &Cancel) -> Result<ServiceLookup, Error> {
    Ok(fetch_key_set(url, TrustOrigin::Manual, cancel)?)
}

/// Trusts a service that the user has seen and accepted.
///
/// # Errors
/// When the store fails.
pub fn trust(home: &Home, found: &ServiceLookup) -> Result<(), Error> {
    Ok(home.store()?.update(|change| change.put_service(found.key_set(), found.added()).map(drop))?)
}
