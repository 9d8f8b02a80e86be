//! Asking a provider about one license: how it stands, what its document is now, and that this computer has it.

use std::time::Duration;

use restow_core::encoding::sha256;
use restow_core::origin::Origin;
use restow_core::text::quoted;
use restow_core::time::{UnixTime, rfc3339};
use restow_lcp::{LcpDetails, MAX_HREF, MAX_STATUS, Profile, StatusDocument, StatusLink, Verifier, expand, resolve};

use super::STATUS_TYPE;
use super::client::{Method, ProviderClient, parse_origin, redact_query};
use super::device::Device;
use crate::error::{Error, ProviderError, RejectedUpdate};
use crate::license::{self, Kind, License, LicenseIdentity, MAX_DOCUMENT, SignatureCheck, Standing};
use crate::store::{Change, LicenseStatus, View};

/// All providers together are waited for so long, at most, by a restore or a refresh: nothing else is done meanwhile.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(1800);
/// So many licenses are asked about at once, at most.
pub(crate) const MAX_STATUS_CHECKS: usize = 10_000;
/// The media type of a license document.
const LICENSE_TYPE: &str = "application/vnd.readium.lcp.license.v1.0+json";
/// What the answers of one run may take in memory.
pub(crate) const MAX_MEMORY: usize = 64 << 20;

/// A license to be asked about, as it is known here.
#[derive(Clone, Debug)]
pub(crate) struct LicenseQuery {
    pub(crate) identity: LicenseIdentity,
    /// When its document was updated: Unix milliseconds.
    pub(crate) version: i64,
    /// When it ends.
    pub(crate) expires: Option<UnixTime>,
    pub(crate) profile: Profile,
    /// Where its status is.
    pub(crate) status: String,
    /// Where its provider is.
    pub(crate) origin: Origin,
    /// What its signature is worth.
    pub(crate) rank: u8,
    /// SHA-256 of its document.
    sha256: [u8; 32],
    /// Who signed it.
    pub(crate) signer: Option<String>,
    /// Whether this computer is registered for it.
    pub(crate) registered: bool,
}

impl LicenseQuery {
    /// The license, if its provider can be asked: by whom, that its document says; and what nobody signed says nothing. Signatures
    /// are only looked at where the provider's origin is accepts.
    pub(crate) fn new(
        license: &License,
        verifier: &Verifier,
        accepts: &dyn Fn(&Origin) -> bool,
    ) -> Result<Option<Self>, ProviderError> {
        let no_link = || ProviderError::NoStatusLink { license: quoted(&license.identity.license_id) };
        if license.identity.kind != Kind::Lcp {
            return Err(no_link());
        }
        let details = LcpDetails::read(&license.document).map_err(|_| no_link())?;
        // Of many licenses all this is remembered at once.
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
        if let SignatureCheck::Invalid(_) = verification.check {
            return Err(ProviderError::NotSigned { license: quoted(&license.identity.license_id) });
        }
        Ok(Some(Self {
            identity: license.identity.clone(),
            version: license.version,
            expires: license.expires,
            profile: details.profile,
            status,
            origin,
            rank: verification.check.rank(),
            sha256: sha256(&license.document),
            signer: verification.signer.map(|signer| signer.name),
            registered: false,
        }))
    }

    /// Whether the document that is here is worth more, and so this one leads to nobody.
    pub(crate) fn is_outranked(&self, view: View<'_>, verifier: &Verifier) -> Result<bool, Error> {
        is_outranked((self.rank, self.sha256), view, verifier, &self.identity)
    }
}

/// What a provider is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CheckAction {
    /// How the license stands; this computer is registered for it.
    Query,
    /// A longer loan, until a date or for as long as the provider gives.
    Renew(Option<UnixTime>),
    /// The end of the loan.
    Return,
}

/// What came of asking about one license.
#[derive(Debug)]
pub(crate) struct StatusCheck {
    pub(crate) identity: LicenseIdentity,
    pub(crate) standing: LcpStatus,
    /// As of when.
    pub(crate) at: UnixTime,
    /// The status document.
    pub(crate) bytes: Vec<u8>,
    /// The license document, where there is a newer one.
    pub(crate) updated_license: Option<License>,
    /// This computer is registered now.
    pub(crate) registered: bool,
    /// What did not work, and stops nothing.
    pub(crate) warnings: Vec<ProviderError>,
    /// Why nothing came of the action.
    pub(crate) failure: Option<ProviderError>,
    /// The document that said whom to ask: what its signature is worth, and its SHA-256.
    source: (u8, [u8; 32]),
}

/// Whom to ask, and how.
pub(crate) struct StatusChecker<'a> {
    pub(crate) client: &'a mut ProviderClient,
    pub(crate) verifier: &'a Verifier,
    pub(crate) device: Option<&'a Device>,
    pub(crate) now: UnixTime,
    /// How much may still be kept in memory.
    pub(crate) memory_left: usize,
}

impl StatusChecker<'_> {
    /// Asks about one license, and gives what the status document says, too: it takes much more memory_left than its bytes. An error means
    /// that nothing was learned of the license.
    pub(crate) fn check(
        &mut self,
        query: &LicenseQuery,
        action: CheckAction,
    ) -> Result<(StatusCheck, StatusDocument), ProviderError> {
        let mut newest = self.fetch_status(Method::Get, &query.status, query)?;
        // What an action answers may say less than the status does: by this is told what changed.
        let previous = newest.1.clone();
        let mut warnings = Vec::new();
        let mut failure = None;
        let mut registered = query.registered;
        if newest.1.standing.outcome().is_some() {
            let license = quoted(&query.identity.license_id);
            let standing = newest.1.standing;
            failure = (action != CheckAction::Query).then_some(ProviderError::Ended { license, standing });
        } else {
            let registers = action != CheckAction::Return && !registered;
            if registers && let (Some(device), Some(link)) = (self.device, newest.1.action("register")) {
                match self.follow_link(Method::Post, link, query, Some(device), None) {
                    Ok(answer) => {
                        registered = true;
                        // What it says more than previous is taken where it can be read, and says no less.
                        match answer {
                            Ok((_, answer)) if answer.links.is_empty() && answer.standing.outcome().is_none() => {}
                            Ok(answer) => newest = answer,
                            Err(error) => warnings.push(error),
                        }
                    }
                    Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
                    Err(error) => warnings.push(error),
                }
            }
            match self.perform(action, &previous, &mut newest, query) {
                Ok(()) => {}
                Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
                Err(error) => failure = Some(error),
            }
        }
        let (bytes, document) = newest;
        let updated_license = match self.fetch_updated_license(&document, query) {
            Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
            Err(error) => {
                warnings.push(error);
                None
            }
            Ok(updated_license) => updated_license,
        };
        self.memory_left = self.memory_left.saturating_sub(bytes.len());
        let seconds = |millis: Option<i64>| millis.map(|millis| millis.div_euclid(1000));
        // The provider's clock may be ahead of this one: what it said means every document it had then.
        let times = [
            document.license_updated,
            document.status_updated,
            updated_license.as_ref().map(|updated_license| updated_license.version),
        ];
        let check = StatusCheck {
            identity: query.identity.clone(),
            standing: self.effective_status(&document, query, updated_license.as_ref()),
            at: times.into_iter().filter_map(seconds).fold(self.now, i64::max),
            bytes,
            updated_license,
            registered,
            warnings,
            failure,
            source: (query.rank, query.sha256),
        };
        Ok((check, document))
    }

    /// What the document says; but of dates, an up-to-date license has the last word (§3.2).
    fn effective_status(
        &self,
        document: &StatusDocument,
        query: &LicenseQuery,
        updated_license: Option<&License>,
    ) -> Standing {
        let (version, expires) = updated_license.map_or((query.version, query.expires), |updated_license| {
            (updated_license.version, updated_license.expires)
        });
        let up_to_date = document.license_updated.is_some_and(|updated| updated <= version);
        let continues = expires.is_none_or(|end| end > self.now);
        match document.standing {
            Standing::Expired if up_to_date && continues => Standing::Active,
            standing => standing,
        }
    }

    /// Does what the provider is asked for. Whatever comes of it, the newest document it gave is kept.
    fn perform(
        &mut self,
        action: CheckAction,
        previous: &StatusDocument,
        newest: &mut (Vec<u8>, StatusDocument),
        query: &LicenseQuery,
    ) -> Result<(), ProviderError> {
        let license = || quoted(&query.identity.license_id);
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
        let failure_reason = match self.follow_link(Method::Put, &link, query, self.device, until) {
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
        // It may have been done all the same: then the status says so.
        match self.fetch_status(Method::Get, &query.status, query) {
            Ok(after) => *newest = after,
            Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
            Err(_) => return Err(failure_reason),
        }
        if is_done(action, query, previous, &newest.1) { Ok(()) } else { Err(failure_reason) }
    }

    /// An answer without links does not say where the new document of a license that goes on is; the status does.
    fn refetch_if_no_links(
        &mut self,
        newest: &mut (Vec<u8>, StatusDocument),
        query: &LicenseQuery,
    ) -> Result<(), ProviderError> {
        let continues = newest.1.standing.outcome().is_none();
        if continues && newest.1.links.is_empty() {
            match self.fetch_status(Method::Get, &query.status, query) {
                Ok(after) if !after.1.links.is_empty() => *newest = after,
                Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
                _ => {}
            }
        }
        Ok(())
    }

    /// Follows a link that does something. The outer error means that it was not done, the inner one that the answer is of no use.
    fn follow_link(
        &mut self,
        method: Method,
        link: &StatusLink,
        query: &LicenseQuery,
        device: Option<&Device>,
        until: Option<UnixTime>,
    ) -> Result<Result<(Vec<u8>, StatusDocument), ProviderError>, ProviderError> {
        let device = device.map(|device| device.identify_to(&query.origin));
        let until = until.map(rfc3339);
        let mut values = Vec::new();
        if let Some((id, name)) = &device {
            values.extend([("id", id.as_str()), ("name", name.as_str())]);
        }
        values.extend(until.as_deref().map(|until| ("end", until)));
        let url =
            expand(&link.href, &values).map_err(|why| ProviderError::Template { url: quoted(&link.href), why })?;
        let url = resolve(&query.status, &url);
        let reply = self.client.send(method, &url, STATUS_TYPE, MAX_STATUS)?;
        Ok(parse_status(reply.body, &url, query))
    }

    fn fetch_status(
        &mut self,
        method: Method,
        url: &str,
        query: &LicenseQuery,
    ) -> Result<(Vec<u8>, StatusDocument), ProviderError> {
        let reply = self.client.send(method, url, STATUS_TYPE, MAX_STATUS)?;
        parse_status(reply.body, url, query)
    }

    /// The license document, if there is a newer one.
    fn fetch_updated_license(
        &mut self,
        document: &StatusDocument,
        query: &LicenseQuery,
    ) -> Result<Option<License>, ProviderError> {
        if document.license_updated.is_none_or(|updated| updated <= query.version) {
            return Ok(None);
        }
        // Of a profile that the license here does not have, it is not known whether its readers know it.
        let same_profile =
            |link: &&StatusLink| link.profile.as_deref().is_some_and(|uri| Profile::of(uri) == query.profile);
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
        let check = self.verifier.verify(&updated_license.document).check;
        if matches!(check, SignatureCheck::Invalid(_)) || check.rank() < query.rank {
            return Err(rejected(RejectedUpdate::WeakerSignature));
        }
        self.memory_left = self.memory_left.saturating_sub(updated_license.document.len());
        Ok(Some(updated_license))
    }
}

/// Whether the provider did it, by what it said previous and says now: a return ends the license; a renewal changes it, and of
/// providers that do not date it the events tell.
fn is_done(action: CheckAction, query: &LicenseQuery, previous: &StatusDocument, current: &StatusDocument) -> bool {
    let renewal = |document: &StatusDocument| document.events.iter().rfind(|event| event.kind == "renew").cloned();
    match action {
        CheckAction::Query => true,
        CheckAction::Return => current.standing.outcome().is_some(),
        CheckAction::Renew(_) => {
            let latest = renewal(current);
            current.license_updated > Some(previous.license_updated.unwrap_or(query.version))
                || (latest.is_some() && latest != renewal(previous))
        }
    }
}

fn parse_status(body: Vec<u8>, url: &str, query: &LicenseQuery) -> Result<(Vec<u8>, StatusDocument), ProviderError> {
    let document =
        StatusDocument::parse(&body).map_err(|fault| ProviderError::NoStatus { url: redact_query(url), fault })?;
    if document.license_id != query.identity.license_id {
        return Err(ProviderError::OtherLicense { url: redact_query(url) });
    }
    Ok((body, document))
}

/// Whether the signature of a document, of this rank and SHA-256, is worth less than that of the one that is here.
fn is_outranked(
    (rank, sha256): (u8, [u8; 32]),
    view: View<'_>,
    verifier: &Verifier,
    identity: &LicenseIdentity,
) -> Result<bool, Error> {
    if rank >= SignatureCheck::Verified.rank() {
        return Ok(false);
    }
    let stored = view.license(identity)?.filter(|entry| entry.sha256 != sha256);
    Ok(stored.is_some_and(|entry| verifier.verify(&entry.document).check.rank() > rank))
}

impl StatusCheck {
    /// Keeps how the license stands. Who was asked only because a document said so that is worth less than the one here has no say.
    pub(crate) fn store_status(&self, change: &Change<'_>, verifier: &Verifier) -> Result<(), Error> {
        if is_outranked(self.source, change.view(), verifier, &self.identity)? {
            return Ok(());
        }
        change.put_lcp_status(&self.identity, self.standing, self.at, &self.bytes)?;
        if self.registered {
            change.set_registered(&self.identity)?;
        }
        Ok(())
    }

    /// Keeps the newer document, if there is one and it is still worth no less than what is here.
    pub(crate) fn store_updated_license(&self, change: &Change<'_>, verifier: &Verifier) -> Result<(), Error> {
        let Some(updated_license) = &self.updated_license else { return Ok(()) };
        let strength = |document: &[u8]| verifier.strength(document);
        change.put_license_if_better(updated_license, LicenseStatus::Usable, &strength)?;
        Ok(())
    }
}
