//! Status check of one license: fetch its status document, register this computer, fetch a newer license
//! document.

use std::time::Duration;

use restow_core::time::{UnixTime, rfc3339};
use restow_core::{encoding::sha256, origin::Origin, text::to_short_line};
use restow_lcp::{
    LcpDetails, MAX_HREF, MAX_STATUS, Profile, SignatureStrength, StatusDocument, StatusLink, Verifier, expand, resolve,
};

use super::client::{Method, ProviderClient, parse_origin, redact_query};
use super::{LICENSE_TYPE, STATUS_TYPE, device::Device};
use crate::error::{Error, ProviderError, RejectedLink, RejectedUpdate};
use crate::license::{self, DocumentError, Kind, LcpStatus, License, LicenseIdentity, MAX_DOCUMENT};
use crate::store::{Change, DocumentSource, LicenseStatus, StoreResult, View};
use crate::{home::Home, listing, net::Cancel};

/// Timeout of all providers together in one restore or refresh.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(1800);
/// Maximum number of licenses per restore.
pub(crate) const MAX_STATUS_CHECKS: usize = 10_000;
/// Accepted media types of a status document: the specified one, and others that servers state for it. A refusal is
/// a problem document (RFC 9457).
const ACCEPT_STATUS: &str = "application/vnd.readium.license.status.v1.0+json, application/problem+json, \
    application/json;q=0.9, */*;q=0.1";
/// Accepted media types of a license document.
const ACCEPT_LICENSE: &str = "application/vnd.readium.lcp.license.v1.0+json, application/problem+json, \
    application/json;q=0.9, */*;q=0.1";
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
        let status = status_link(&details).ok_or_else(no_link)?;
        let too_long = || {
            let license = to_short_line(&license.identity.license_id);
            ProviderError::LongLink { license, limit: MAX_HREF }
        };
        if !is_short(&status) {
            return Err(too_long());
        }
        if let Profile::Production(uri) | Profile::Other(uri) = &details.profile
            && !is_short(uri)
        {
            return Err(too_long());
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
    now: UnixTime,
    /// Memory that further answers may use, in bytes.
    pub(crate) memory_left: usize,
}

/// Status document with its bytes.
type StatusAnswer = (Vec<u8>, StatusDocument);

impl<'a> StatusChecker<'a> {
    /// Creates a checker that contacts the providers that the user allowed. Opens no socket.
    pub(crate) fn new(home: &Home, view: View<'_>, verifier: &'a Verifier, cancel: &Cancel) -> Result<Self, Error> {
        let client = ProviderClient::new(&view.providers()?, cancel);
        let device = Device::from_home(home, view)?;
        let mut checker = Self { client, verifier, device, now: 0, memory_left: MAX_MEMORY };
        checker.set_time(home.clock().now());
        Ok(checker)
    }

    /// Sets the time of the next check.
    pub(crate) const fn set_time(&mut self, now: UnixTime) {
        (self.now, self.client.now) = (now, now);
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
        let status = newest.1.status;
        // A provider can renew a loan that has expired. Every other end is final.
        let is_renewal = status == LcpStatus::Expired
            && matches!(action, CheckAction::Renew(_))
            && previous.links("renew").next().is_some();
        let failure = if status.outcome().is_some() && !is_renewal {
            let license = to_short_line(&query.identity.license_id);
            (action != CheckAction::Query).then_some(ProviderError::Ended { license, status })
        } else {
            // Only a valid license can be registered.
            if !registered
                && !is_renewal
                && self.device.is_some()
                && let Some(link) = previous.action("register")
            {
                let answer = uncancelled(self.follow_link(Method::Post, link, query, None))?;
                registered = answer.is_ok();
                match answer.and_then(|answer| answer) {
                    // A success needs no document.
                    Err(ProviderError::NoStatus { fault: DocumentError::Empty, .. }) => {}
                    // A shorter answer does not replace the status unless the answer ends the license.
                    Ok((_, answer)) if answer.links.is_empty() && answer.status.outcome().is_none() => {}
                    Ok(answer) => newest = answer,
                    Err(error) => warnings.push(error),
                }
            }
            uncancelled(self.perform(action, &previous, &mut newest, query))?.err()
        };
        let (bytes, document) = newest;
        let was_renewed = matches!(action, CheckAction::Renew(_)) && failure.is_none();
        let updated_license =
            uncancelled(self.fetch_updated_license(&document, query, was_renewed))?.unwrap_or_else(|error| {
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
            return Err(match (action, newest.1.page(rel, &query.status)) {
                (CheckAction::Renew(_), Some(url)) => ProviderError::RenewPage { license: license(), url },
                (CheckAction::Renew(_), None) => ProviderError::NoRenew { license: license() },
                (_, Some(url)) => ProviderError::ReturnPage { license: license(), url },
                (_, None) => ProviderError::NoReturn { license: license() },
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
            // The status shows the result of an answer without a document.
            Ok(Err(ProviderError::NoStatus { fault: DocumentError::Empty, .. })) => {
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
        let reply = self.client.send(method, &url, ACCEPT_STATUS, MAX_STATUS)?;
        Ok(parse_status(reply.body, &url, query))
    }

    fn fetch_status(&mut self, query: &LicenseQuery) -> Result<StatusAnswer, ProviderError> {
        let reply = self.client.send(Method::Get, &query.status, ACCEPT_STATUS, MAX_STATUS)?;
        parse_status(reply.body, &query.status, query)
    }

    /// Fetches the license document if the status names a newer one, or another one of the same date.
    fn fetch_updated_license(
        &mut self,
        document: &StatusDocument,
        query: &LicenseQuery,
        was_renewed: bool,
    ) -> Result<Option<License>, ProviderError> {
        if !was_renewed && !self.may_be_updated(document, query) {
            return Ok(None);
        }
        let is_newer = document.license_updated.is_some_and(|updated| updated > query.version);
        let link = match license_link(document, &query.profile) {
            Ok(link) => link,
            Err(why) if is_newer => {
                let license = to_short_line(&query.identity.license_id);
                return Err(ProviderError::NoLicenseLink { license, why });
            }
            Err(_) => return Ok(None),
        };
        let url = resolve(&query.status, &link.href);
        let max_body = usize::try_from(MAX_DOCUMENT).unwrap_or(usize::MAX);
        let reply = self.client.send(Method::Get, &url, ACCEPT_LICENSE, max_body)?;
        let rejected = |why| ProviderError::RejectedUpdate { url: redact_query(&url), why };
        if reply.body.len() > self.memory_left {
            return Err(rejected(RejectedUpdate::OutOfMemory));
        }
        let updated_license =
            license::parse_as(Kind::Lcp, &reply.body).map_err(|_| rejected(RejectedUpdate::NoLicense))?;
        if updated_license.identity != query.identity {
            return Err(rejected(RejectedUpdate::OtherLicense));
        }
        if sha256(&updated_license.document) == query.sha256 {
            return Ok(None);
        }
        if updated_license.version < query.version {
            return Err(rejected(RejectedUpdate::Older));
        }
        // The strength of the query is never `Invalid`.
        if self.verifier.strength(&updated_license.document) < query.strength {
            return Err(rejected(RejectedUpdate::WeakerSignature));
        }
        self.memory_left = self.memory_left.saturating_sub(updated_license.document.len());
        Ok(Some(updated_license))
    }

    /// Returns true if the status document shows that the provider may have another license document: by a later
    /// date, by a later renewal, or because the license has ended here and not at the provider.
    fn may_be_updated(&self, document: &StatusDocument, query: &LicenseQuery) -> bool {
        if let Some(updated) = document.license_updated
            && updated != query.version
        {
            return updated > query.version;
        }
        let version = query.version.div_euclid(1000);
        let mut renewals = document.events.iter().filter(|event| event.kind == "renew");
        let is_active = document.status.outcome().is_none();
        renewals.any(|event| event.at.is_some_and(|at| at > version))
            || (is_active && query.expires.is_some_and(|end| end <= self.now))
    }
}

/// Returns the address of the status document: of several links, the one of its media type, else the first one.
fn status_link(details: &LcpDetails) -> Option<String> {
    let links = || details.links.iter().filter(|link| link.has_rel("status"));
    let stated = links().find(|link| link.has_type(STATUS_TYPE));
    stated.or_else(|| links().next()).map(|link| link.href.clone())
}

/// Returns the link to the license document. The links of a status document can also lead to a document for another
/// system, or of another profile, which readers may not support.
fn license_link<'a>(document: &'a StatusDocument, profile: &Profile) -> Result<&'a StatusLink, RejectedLink> {
    let mut links: Vec<&StatusLink> = document.links("license").collect();
    let found = |text: &dyn Fn(&StatusLink) -> Option<&str>| {
        document.links("license").find_map(text).map(to_short_line).unwrap_or_default()
    };
    if links.is_empty() {
        return Err(RejectedLink::Missing);
    }
    // A link of the media type is preferred to one without any. Some servers state only JSON.
    let rank = |link: &StatusLink| match () {
        () if link.has_type(LICENSE_TYPE) => Some(0),
        () if link.media_type.as_deref().is_none_or(|own| own.trim().is_empty()) => Some(1),
        () if link.has_type("application/json") => Some(2),
        () => None,
    };
    links.retain(|link| rank(link).is_some());
    if links.is_empty() {
        return Err(RejectedLink::MediaType(found(&|link| link.media_type.as_deref())));
    }
    links.retain(|link| link.profile.as_deref().is_none_or(|uri| Profile::from_uri(uri) == *profile));
    links.sort_by_key(|link| (link.profile.is_none(), rank(link)));
    links.first().copied().ok_or_else(|| RejectedLink::Profile(found(&|link| link.profile.as_deref())))
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
            (previous.status == LcpStatus::Expired && current.status.outcome().is_none())
                || current.license_updated > Some(previous.license_updated.unwrap_or(query.version))
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
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(ProviderError::NoStatus { url: redact_query(url), fault: DocumentError::Empty });
    }
    let document =
        StatusDocument::parse(&body).map_err(|fault| ProviderError::NoStatus { url: redact_query(url), fault })?;
    if !document.is_about(&query.identity.license_id) {
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
    /// A document of the provider with the date of the stored one replaces it (License Status Document 1.0, section
    /// 3.2).
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
