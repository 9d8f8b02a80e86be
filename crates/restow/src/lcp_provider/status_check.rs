//! Status check of one license: fetch its status document, register this computer, fetch a newer license
//! document.

use std::time::Duration;

use restow_core::time::{UnixTime, rfc3339};
use restow_core::{encoding::sha256, origin::Origin, text::to_short_line};
use restow_lcp::{
    LcpDetails, MAX_HREF, MAX_STATUS, Profile, SignatureStrength, StatusDocument, StatusLink, Verifier, expand, resolve,
};

use super::client::{Method, ProviderClient, parse_origin, redact_query};
use super::{STATUS_TYPE, device::Device};
use crate::error::{Error, ProviderError, RejectedUpdate};
use crate::license::{self, Kind, LcpStatus, License, LicenseIdentity, MAX_DOCUMENT};
use crate::store::{Change, DocumentSource, LicenseStatus, StoreResult, View};
use crate::{home::Home, listing, net::Cancel};

/// Timeout of all providers together in one restore or refresh.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(1800);
/// Maximum number of licenses per restore.
pub(crate) const MAX_STATUS_CHECKS: usize = 10_000;
/// Media type of a license document.
const LICENSE_TYPE: &str = "application/vnd.readium.lcp.license.v1.0+json";
/// Maximum memory for the answers of one run, in bytes.
pub(crate) const MAX_MEMORY: usize = 64 << 20;

/// License to check, with its stored facts.
#[derive(Clone, Debug)]
pub(crate) struct LicenseQuery {
    pub(crate) identity: LicenseIdentity,
    /// Time of the last update of the document, in Unix milliseconds.
    pub(crate) version: i64,
    /// End of the license.
    pub(crate) expires: Option<UnixTime>,
    pub(crate) profile: Profile,
    /// Address of the status document.
    pub(crate) status: String,
    /// Origin of the provider.
    pub(crate) origin: Origin,
    /// Signature strength of the document.
    pub(crate) strength: SignatureStrength,
    /// SHA-256 of the document.
    sha256: [u8; 32],
    /// Name of the signer.
    pub(crate) signer: Option<String>,
    /// True if this computer is registered for the license.
    pub(crate) registered: bool,
}

impl LicenseQuery {
    /// Prepares the check of a license. Returns `None` if `accepts` rejects the origin.
    ///
    /// The document names the provider, so a document without a valid signature is rejected. The signature is
    /// verified only for an accepted origin, because verification takes time.
    pub(crate) fn new(
        license: &License,
        verifier: &Verifier,
        accepts: &dyn Fn(&Origin) -> bool,
    ) -> Result<Option<Self>, ProviderError> {
        let no_link = || ProviderError::NoStatusLink { license: to_short_line(&license.identity.license_id) };
        if license.identity.kind != Kind::Lcp {
            return Err(no_link());
        }
        let details = LcpDetails::read(&license.document).map_err(|_| no_link())?;
        // Many queries are in memory at the same time, so their texts are short.
        let is_short = |text: &str| text.len() <= MAX_HREF;
        let status = details.link("status").filter(|link| is_short(&link.href)).ok_or_else(no_link)?.href.clone();
        if let Profile::Production(uri) | Profile::Other(uri) = &details.profile
            && !is_short(uri)
        {
            return Err(no_link());
        }
        let origin = parse_origin(&status)?;
        if !accepts(&origin) {
            return Ok(None);
        }
        let verification = verifier.verify(&license.document);
        let strength = verification.check.strength();
        if strength == SignatureStrength::Invalid {
            return Err(ProviderError::NotSigned { license: to_short_line(&license.identity.license_id) });
        }
        Ok(Some(Self {
            identity: license.identity.clone(),
            version: license.version,
            expires: license.expires,
            profile: details.profile,
            status,
            origin,
            strength,
            sha256: sha256(&license.document),
            signer: verification.signer.map(|signer| signer.name),
            registered: false,
        }))
    }

    /// Prepares the check of a stored license, as [`new`](Self::new).
    pub(crate) fn from_store(
        view: View<'_>,
        verifier: &Verifier,
        identity: &LicenseIdentity,
        accepts: &dyn Fn(&Origin) -> bool,
    ) -> Result<Option<Self>, Error> {
        let no_link = || ProviderError::NoStatusLink { license: to_short_line(&identity.license_id) };
        let entry = view.license(identity)?.ok_or_else(no_link)?;
        let (license, _) = listing::license_or_placeholder(view, &entry)?;
        let Some(mut query) = Self::new(&license, verifier, accepts)? else { return Ok(None) };
        query.registered = view.lcp_status(identity)?.is_some_and(|known| known.registered);
        Ok(Some(query))
    }

    /// Returns true if the stored document has a stronger signature. The links of this document are then not
    /// followed.
    pub(crate) fn is_outranked(&self, view: View<'_>, verifier: &Verifier) -> Result<bool, Error> {
        is_outranked((self.strength, self.sha256), view, verifier, &self.identity)
    }
}

/// Request to a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CheckAction {
    /// Query the status, and register this computer.
    Query,
    /// Renew the loan until a date, or for as long as the provider allows.
    Renew(Option<UnixTime>),
    /// Return the loan.
    Return,
}

/// Result of the check of one license.
#[derive(Debug)]
pub(crate) struct StatusCheck {
    pub(crate) identity: LicenseIdentity,
    pub(crate) status: LcpStatus,
    /// Time of the status.
    pub(crate) at: UnixTime,
    /// Bytes of the status document.
    pub(crate) bytes: Vec<u8>,
    /// Newer license document, if there is one.
    pub(crate) updated_license: Option<License>,
    /// True if this computer is now registered.
    pub(crate) registered: bool,
    /// Failures that do not stop the check.
    pub(crate) warnings: Vec<ProviderError>,
    /// Reason that the requested action was not done.
    pub(crate) failure: Option<ProviderError>,
    /// Signature strength and SHA-256 of the document that named the provider.
    source: (SignatureStrength, [u8; 32]),
}

/// Checker with the state that several checks share.
pub(crate) struct StatusChecker<'a> {
    client: ProviderClient,
    verifier: &'a Verifier,
    device: Option<Device>,
    pub(crate) now: UnixTime,
    /// Memory that further answers may use, in bytes.
    pub(crate) memory_left: usize,
}

/// Status document with its bytes.
type StatusAnswer = (Vec<u8>, StatusDocument);

impl<'a> StatusChecker<'a> {
    /// Creates a checker that contacts the providers that the user allowed. Opens no socket.
    pub(crate) fn new(home: &Home, view: View<'_>, verifier: &'a Verifier, cancel: &Cancel) -> Result<Self, Error> {
        let client = ProviderClient::new(&view.providers()?, cancel);
        let (device, now) = (Device::from_home(home, view)?, home.clock().now());
        Ok(Self { client, verifier, device, now, memory_left: MAX_MEMORY })
    }

    /// Checks one license. Also returns the parsed status document, which needs far more memory than its bytes.
    ///
    /// An error means that the check returned no status.
    pub(crate) fn check(
        &mut self,
        query: &LicenseQuery,
        action: CheckAction,
    ) -> Result<(StatusCheck, StatusDocument), ProviderError> {
        let mut newest = self.fetch_status(query)?;
        // The answer to an action may have fewer members than the status, so changes are measured against this
        // document.
        let previous = newest.1.clone();
        let mut warnings = Vec::new();
        let mut registered = query.registered;
        let failure = if newest.1.status.outcome().is_some() {
            let license = to_short_line(&query.identity.license_id);
            let status = newest.1.status;
            (action != CheckAction::Query).then_some(ProviderError::Ended { license, status })
        } else {
            let registers = action != CheckAction::Return && !registered;
            if registers
                && self.device.is_some()
                && let Some(link) = previous.action("register")
            {
                let answer = uncancelled(self.follow_link(Method::Post, link, query, None))?;
                registered = answer.is_ok();
                match answer.and_then(|answer| answer) {
                    // A shorter answer does not replace the status unless the answer ends the license.
                    Ok((_, answer)) if answer.links.is_empty() && answer.status.outcome().is_none() => {}
                    Ok(answer) => newest = answer,
                    Err(error) => warnings.push(error),
                }
            }
            uncancelled(self.perform(action, &previous, &mut newest, query))?.err()
        };
        let (bytes, document) = newest;
        let updated_license = uncancelled(self.fetch_updated_license(&document, query))?.unwrap_or_else(|error| {
            warnings.push(error);
            None
        });
        self.memory_left = self.memory_left.saturating_sub(bytes.len());
        let seconds = |millis: Option<i64>| millis.map(|millis| millis.div_euclid(1000));
        // The clock of the provider may be ahead. The status covers every document that existed when the
        // provider answered.
        let updated_version = updated_license.as_ref().map(|updated_license| updated_license.version);
        let times = [document.license_updated, document.status_updated, updated_version];
        let check = StatusCheck {
            identity: query.identity.clone(),
            status: self.effective_status(&document, query, updated_license.as_ref()),
            at: times.into_iter().filter_map(seconds).fold(self.now, i64::max),
            bytes,
            updated_license,
            registered,
            warnings,
            failure,
            source: (query.strength, query.sha256),
        };
        Ok((check, document))
    }

    /// Returns the status of the document. For dates, an up-to-date license takes precedence (§3.2).
    fn effective_status(
        &self,
        document: &StatusDocument,
        query: &LicenseQuery,
        updated_license: Option<&License>,
    ) -> LcpStatus {
        let (version, expires) = updated_license.map_or((query.version, query.expires), |updated_license| {
            (updated_license.version, updated_license.expires)
        });
        let up_to_date = document.license_updated.is_some_and(|updated| updated <= version);
        let continues = expires.is_none_or(|end| end > self.now);
        match document.status {
            LcpStatus::Expired if up_to_date && continues => LcpStatus::Active,
            status => status,
        }
    }

    /// Performs the requested action. In every case `newest` is the newest status document.
    fn perform(
        &mut self,
        action: CheckAction,
        previous: &StatusDocument,
        newest: &mut StatusAnswer,
        query: &LicenseQuery,
    ) -> Result<(), ProviderError> {
        let license = || to_short_line(&query.identity.license_id);
        let (rel, until) = match action {
            CheckAction::Query => return Ok(()),
            CheckAction::Renew(until) => ("renew", until),
            CheckAction::Return => ("return", None),
        };
        let Some(link) = newest.1.action(rel).cloned() else {
            return Err(match (action, newest.1.renew_page(&query.status)) {
                (CheckAction::Renew(_), Some(url)) => ProviderError::RenewPage { license: license(), url },
                (CheckAction::Renew(_), None) => ProviderError::NoRenew { license: license() },
                _ => ProviderError::NoReturn { license: license() },
            });
        };
        let failure_reason = match self.follow_link(Method::Put, &link, query, until) {
            Ok(Ok(answer)) => {
                *newest = answer;
                if is_done(action, query, previous, &newest.1) {
                    return self.refetch_if_no_links(newest, query);
                }
                ProviderError::NotDone { license: license() }
            }
            Ok(Err(error)) => error,
            Err(error @ (ProviderError::Unreachable { .. } | ProviderError::BadAnswer { .. })) => error,
            Err(error) => return Err(error),
        };
        // The action may have been done although the answer failed. The status shows the result.
        let Ok(after) = uncancelled(self.fetch_status(query))? else { return Err(failure_reason) };
        *newest = after;
        if is_done(action, query, previous, &newest.1) { Ok(()) } else { Err(failure_reason) }
    }

    /// Fetches the status again when an answer has no links: the status names the address of the new license
    /// document.
    fn refetch_if_no_links(&mut self, newest: &mut StatusAnswer, query: &LicenseQuery) -> Result<(), ProviderError> {
        let continues = newest.1.status.outcome().is_none();
        if continues
            && newest.1.links.is_empty()
            && let Ok(after) = uncancelled(self.fetch_status(query))?
            && !after.1.links.is_empty()
        {
            *newest = after;
        }
        Ok(())
    }

    /// Follows a link that performs an action. The outer error means that the action was not done; the inner
    /// error means that the answer is not usable.
    fn follow_link(
        &mut self,
        method: Method,
        link: &StatusLink,
        query: &LicenseQuery,
        until: Option<UnixTime>,
    ) -> Result<Result<StatusAnswer, ProviderError>, ProviderError> {
        let device = self.device.as_ref().map(|device| device.identify_to(&query.origin));
        let until = until.map(rfc3339);
        let mut values = Vec::new();
        if let Some((id, name)) = &device {
            values.extend([("id", id.as_str()), ("name", name.as_str())]);
        }
        values.extend(until.as_deref().map(|until| ("end", until)));
        let url = expand(&link.href, &values)
            .map_err(|why| ProviderError::Template { url: to_short_line(&link.href), why })?;
        let url = resolve(&query.status, &url);
        let reply = self.client.send(method, &url, STATUS_TYPE, MAX_STATUS)?;
        Ok(parse_status(reply.body, &url, query))
    }

    fn fetch_status(&mut self, query: &LicenseQuery) -> Result<StatusAnswer, ProviderError> {
        let reply = self.client.send(Method::Get, &query.status, STATUS_TYPE, MAX_STATUS)?;
        parse_status(reply.body, &query.status, query)
    }

    /// Fetches the license document if the status names a newer one.
    fn fetch_updated_license(
        &mut self,
        document: &StatusDocument,
        query: &LicenseQuery,
    ) -> Result<Option<License>, ProviderError> {
        if document.license_updated.is_none_or(|updated| updated <= query.version) {
            return Ok(None);
        }
        // Readers may not support a profile that the current license does not have.
        let same_profile =
            |link: &&StatusLink| link.profile.as_deref().is_some_and(|uri| Profile::from_uri(uri) == query.profile);
        let without_profile = || document.links("license").find(|link| link.profile.is_none());
        let Some(link) = document.links("license").find(same_profile).or_else(without_profile) else { return Ok(None) };
        let url = resolve(&query.status, &link.href);
        let max_body = usize::try_from(MAX_DOCUMENT).unwrap_or(usize::MAX);
        let reply = self.client.send(Method::Get, &url, LICENSE_TYPE, max_body)?;
        let rejected = |why| ProviderError::RejectedUpdate { url: redact_query(&url), why };
        if reply.body.len() > self.memory_left {
            return Err(rejected(RejectedUpdate::OutOfMemory));
        }
        let updated_license =
            license::parse_as(Kind::Lcp, &reply.body).map_err(|_| rejected(RejectedUpdate::NoLicense))?;
        if updated_license.identity != query.identity {
            return Err(rejected(RejectedUpdate::OtherLicense));
        }
        // The strength of the query is never `Invalid`.
        if self.verifier.strength(&updated_license.document) < query.strength {
            return Err(rejected(RejectedUpdate::WeakerSignature));
        }
        self.memory_left = self.memory_left.saturating_sub(updated_license.document.len());
        Ok(Some(updated_license))
    }
}

/// Returns true if the provider performed the action. A return ends the license. A renewal changes the date of
/// the license, or adds an event where the provider states no date.
fn is_done(action: CheckAction, query: &LicenseQuery, previous: &StatusDocument, current: &StatusDocument) -> bool {
    let renewal = |document: &StatusDocument| document.events.iter().rfind(|event| event.kind == "renew").cloned();
    match action {
        CheckAction::Query => true,
        CheckAction::Return => current.status.outcome().is_some(),
        CheckAction::Renew(_) => {
            let latest = renewal(current);
            current.license_updated > Some(previous.license_updated.unwrap_or(query.version))
                || (latest.is_some() && latest != renewal(previous))
        }
    }
}

/// Returns a cancellation as the outer error, because a cancellation ends the check.
fn uncancelled<T>(result: Result<T, ProviderError>) -> Result<Result<T, ProviderError>, ProviderError> {
    match result {
        Err(ProviderError::Cancelled) => Err(ProviderError::Cancelled),
        result => Ok(result),
    }
}

fn parse_status(body: Vec<u8>, url: &str, query: &LicenseQuery) -> Result<StatusAnswer, ProviderError> {
    let document =
        StatusDocument::parse(&body).map_err(|fault| ProviderError::NoStatus { url: redact_query(url), fault })?;
    if document.license_id != query.identity.license_id {
        return Err(ProviderError::OtherLicense { url: redact_query(url) });
    }
    Ok((body, document))
}

/// Returns true if the stored document has a stronger signature than the document with this strength and SHA-256.
fn is_outranked(
    (strength, sha256): (SignatureStrength, [u8; 32]),
    view: View<'_>,
    verifier: &Verifier,
    identity: &LicenseIdentity,
) -> Result<bool, Error> {
    if strength == SignatureStrength::Verified {
        return Ok(false);
    }
    let stored = view.license(identity)?.filter(|entry| entry.sha256 != sha256);
    Ok(stored.is_some_and(|entry| verifier.strength(&entry.document) > strength))
}

impl StatusCheck {
    /// Stores the status. A provider that only a weaker document names has no effect.
    pub(crate) fn store_status(&self, change: &Change<'_>, verifier: &Verifier) -> Result<(), Error> {
        if is_outranked(self.source, change.view(), verifier, &self.identity)? {
            return Ok(());
        }
        change.put_lcp_status(&self.identity, self.status, self.at, &self.bytes)?;
        if self.registered {
            change.set_registered(&self.identity)?;
        }
        Ok(())
    }

    /// Stores the newer document if its signature is not weaker than that of the stored one.
    ///
    /// Of one date, the present answer of the provider replaces the stored document (License Status Document 1.0,
    /// section 3.2).
    pub(crate) fn store_updated_license(&self, change: &Change<'_>, verifier: &Verifier) -> Result<StoreResult, Error> {
        let Some(updated_license) = &self.updated_license else { return Ok(StoreResult::AlreadyStored) };
        let strength = |document: &[u8]| verifier.strength(document);
        let stored = change.put_license_if_better(
            updated_license,
            LicenseStatus::Usable,
            DocumentSource::Provider,
            &strength,
        )?;
        Ok(stored.result)
    }
}
