//! Asking a provider about one license: how it stands, what its document is now, and that this computer has it.

use std::time::Duration;

use restow_core::encoding::sha256;
use restow_core::text::quoted;
use restow_core::time::{UnixTime, rfc3339};
use restow_lcp::expand;
use restow_lcp::resolve;
use restow_lcp::{LcpDetails, Profile, Verifier};
use restow_lcp::{MAX_HREF, MAX_STATUS, StatusDocument, StatusLink};

use super::STATUS_TYPE;
use super::client::{Client, Method, origin, shown};
use super::device::Device;
use crate::error::Error;
use crate::error::{ProviderError, RejectedUpdate};
use crate::license::{self, Kind, License, LicenseIdentity, MAX_DOCUMENT, SignatureCheck, Standing};
use crate::service::Origin;
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
    /// are only looked at where the provider's origin is wanted.
    pub(crate) fn of(
        license: &License,
        verifier: &Verifier,
        wanted: &dyn Fn(&Origin) -> bool,
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
        let origin = origin(&status)?;
        if !wanted(&origin) {
            return Ok(None);
        }
        let verdict = verifier.verify(&license.document);
        if let SignatureCheck::Invalid(_) = verdict.check {
            return Err(ProviderError::NotSigned { license: quoted(&license.identity.license_id) });
        }
        Ok(Some(Self {
            identity: license.identity.clone(),
            version: license.version,
            expires: license.expires,
            profile: details.profile,
            status,
            origin,
            rank: verdict.check.rank(),
            sha256: sha256(&license.document),
            signer: verdict.signer.map(|signer| signer.name),
            registered: false,
        }))
    }

    /// Whether the document that is here is worth more, and so this one leads to nobody.
    pub(crate) fn is_outranked(&self, view: View<'_>, verifier: &Verifier) -> Result<bool, Error> {
        is_worth_less((self.rank, self.sha256), view, verifier, &self.identity)
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
    pub(crate) fresh: Option<License>,
    /// This computer is registered now.
    pub(crate) registered: bool,
    /// What did not work, and stops nothing.
    pub(crate) warnings: Vec<ProviderError>,
    /// Why nothing came of the purpose.
    pub(crate) failure: Option<ProviderError>,
    /// The document that said whom to ask: what its signature is worth, and its SHA-256.
    said_by: (u8, [u8; 32]),
}

/// Whom to ask, and how.
pub(crate) struct StatusChecker<'a> {
    pub(crate) client: &'a mut Client,
    pub(crate) verifier: &'a Verifier,
    pub(crate) device: Option<&'a Device>,
    pub(crate) now: UnixTime,
    /// How much may still be kept in memory.
    pub(crate) room: usize,
}

impl StatusChecker<'_> {
    /// Asks about one license, and gives what the status document says, too: it takes much more room than its bytes. An error means
    /// that nothing was learned of the license.
    pub(crate) fn visit(
        &mut self,
        subject: &LicenseQuery,
        purpose: CheckAction,
    ) -> Result<(StatusCheck, StatusDocument), ProviderError> {
        let mut newest = self.status(Method::Get, &subject.status, subject)?;
        // What an action answers may say less than the status does: by this is told what changed.
        let before = newest.1.clone();
        let mut warnings = Vec::new();
        let mut failure = None;
        let mut registered = subject.registered;
        if newest.1.standing.outcome().is_some() {
            let license = quoted(&subject.identity.license_id);
            let standing = newest.1.standing;
            failure = (purpose != CheckAction::Query).then_some(ProviderError::Ended { license, standing });
        } else {
            let opens = purpose != CheckAction::Return && !registered;
            if opens && let (Some(device), Some(link)) = (self.device, newest.1.action("register")) {
                match self.act(Method::Post, link, subject, Some(device), None) {
                    Ok(answer) => {
                        registered = true;
                        // What it says more than before is taken where it can be read, and says no less.
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
            match self.fulfil(purpose, &before, &mut newest, subject) {
                Ok(()) => {}
                Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
                Err(error) => failure = Some(error),
            }
        }
        let (bytes, document) = newest;
        let fresh = match self.fresh(&document, subject) {
            Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
            Err(error) => {
                warnings.push(error);
                None
            }
            Ok(fresh) => fresh,
        };
        self.room = self.room.saturating_sub(bytes.len());
        let seconds = |millis: Option<i64>| millis.map(|millis| millis.div_euclid(1000));
        // The provider's clock may be ahead of this one: what it said means every document it had then.
        let named = [document.license_updated, document.status_updated, fresh.as_ref().map(|fresh| fresh.version)];
        let visit = StatusCheck {
            identity: subject.identity.clone(),
            standing: self.standing(&document, subject, fresh.as_ref()),
            at: named.into_iter().filter_map(seconds).fold(self.now, i64::max),
            bytes,
            fresh,
            registered,
            warnings,
            failure,
            said_by: (subject.rank, subject.sha256),
        };
        Ok((visit, document))
    }

    /// What the document says; but of dates, an up-to-date license has the last word (§3.2).
    fn standing(&self, document: &StatusDocument, subject: &LicenseQuery, fresh: Option<&License>) -> Standing {
        let (version, expires) =
            fresh.map_or((subject.version, subject.expires), |fresh| (fresh.version, fresh.expires));
        let up_to_date = document.license_updated.is_some_and(|updated| updated <= version);
        let goes_on = expires.is_none_or(|end| end > self.now);
        match document.standing {
            LcpStatus::Expired if up_to_date && goes_on => LcpStatus::Active,
            standing => standing,
        }
    }

    /// Does what the provider is asked for. Whatever comes of it, the newest document it gave is kept.
    fn fulfil(
        &mut self,
        purpose: CheckAction,
        before: &StatusDocument,
        newest: &mut (Vec<u8>, StatusDocument),
        subject: &LicenseQuery,
    ) -> Result<(), ProviderError> {
        let license = || quoted(&subject.identity.license_id);
        let (rel, until) = match purpose {
            CheckAction::Query => return Ok(()),
            CheckAction::Renew(until) => ("renew", until),
            CheckAction::Return => ("return", None),
        };
        let Some(link) = newest.1.action(rel).cloned() else {
            return Err(match (purpose, newest.1.renew_page(&subject.status)) {
                (CheckAction::Renew(_), Some(url)) => ProviderError::RenewPage { license: license(), url },
                (CheckAction::Renew(_), None) => ProviderError::NoRenew { license: license() },
                _ => ProviderError::NoReturn { license: license() },
            });
        };
        let undone = match self.act(Method::Put, &link, subject, self.device, until) {
            Ok(Ok(answer)) => {
                *newest = answer;
                if is_done(purpose, subject, before, &newest.1) {
                    return self.say_more(newest, subject);
                }
                ProviderError::NotDone { license: license() }
            }
            Ok(Err(error)) => error,
            Err(error @ (ProviderError::Unreachable { .. } | ProviderError::BadAnswer { .. })) => error,
            Err(error) => return Err(error),
        };
        // It may have been done all the same: then the status says so.
        match self.status(Method::Get, &subject.status, subject) {
            Ok(after) => *newest = after,
            Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
            Err(_) => return Err(undone),
        }
        if is_done(purpose, subject, before, &newest.1) { Ok(()) } else { Err(undone) }
    }

    /// An answer without links does not say where the new document of a license that goes on is; the status does.
    fn say_more(
        &mut self,
        newest: &mut (Vec<u8>, StatusDocument),
        subject: &LicenseQuery,
    ) -> Result<(), ProviderError> {
        let goes_on = newest.1.standing.outcome().is_none();
        if goes_on && newest.1.links.is_empty() {
            match self.status(Method::Get, &subject.status, subject) {
                Ok(after) if !after.1.links.is_empty() => *newest = after,
                Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
                _ => {}
            }
        }
        Ok(())
    }

    /// Follows a link that does something. The outer error means that it was not done, the inner one that the answer is of no use.
    fn act(
        &mut self,
        method: Method,
        link: &StatusLink,
        subject: &LicenseQuery,
        device: Option<&Device>,
        until: Option<UnixTime>,
    ) -> Result<Result<(Vec<u8>, StatusDocument), ProviderError>, ProviderError> {
        let device = device.map(|device| device.at(&subject.origin));
        let until = until.map(rfc3339);
        let mut values = Vec::new();
        if let Some((id, name)) = &device {
            values.extend([("id", id.as_str()), ("name", name.as_str())]);
        }
        values.extend(until.as_deref().map(|until| ("end", until)));
        let url =
            expand(&link.href, &values).map_err(|why| ProviderError::Template { url: quoted(&link.href), why })?;
        let url = resolve(&subject.status, &url);
        let reply = self.client.send(method, &url, STATUS_TYPE, MAX_STATUS)?;
        Ok(read(reply.body, &url, subject))
    }

    fn status(
        &mut self,
        method: Method,
        url: &str,
        subject: &LicenseQuery,
    ) -> Result<(Vec<u8>, StatusDocument), ProviderError> {
        let reply = self.client.send(method, url, STATUS_TYPE, MAX_STATUS)?;
        read(reply.body, url, subject)
    }

    /// The license document, if there is a newer one.
    fn fresh(&mut self, document: &StatusDocument, subject: &LicenseQuery) -> Result<Option<License>, ProviderError> {
        if document.license_updated.is_none_or(|updated| updated <= subject.version) {
            return Ok(None);
        }
        // Of a profile that the license here does not have, it is not known whether its readers know it.
        let same =
            |link: &&StatusLink| link.profile.as_deref().is_some_and(|uri| Profile::from_uri(uri) == subject.profile);
        let any = || document.links("license").find(|link| link.profile.is_none());
        let Some(link) = document.links("license").find(same).or_else(any) else { return Ok(None) };
        let url = resolve(&subject.status, &link.href);
        let most = usize::try_from(MAX_DOCUMENT).unwrap_or(usize::MAX);
        let reply = self.client.send(Method::Get, &url, LICENSE_TYPE, most)?;
        let not = |why| ProviderError::RejectedUpdate { url: shown(&url), why };
        if reply.body.len() > self.room {
            return Err(not(RejectedUpdate::OutOfMemory));
        }
        let fresh = license::parse_as(Kind::Lcp, &reply.body).map_err(|_| not(RejectedUpdate::NoLicense))?;
        if fresh.identity != subject.identity {
            return Err(not(RejectedUpdate::OtherLicense));
        }
        let check = self.verifier.verify(&fresh.document).check;
        if matches!(check, SignatureCheck::Invalid(_)) || check.rank() < subject.rank {
            return Err(not(RejectedUpdate::WeakerSignature));
        }
        self.room = self.room.saturating_sub(fresh.document.len());
        Ok(Some(fresh))
    }
}

/// Whether the provider did it, by what it said before and says now: a return ends the license; a renewal changes it, and of
/// providers that do not date it the events tell.
fn is_done(purpose: CheckAction, subject: &LicenseQuery, before: &StatusDocument, now: &StatusDocument) -> bool {
    let renewal = |document: &StatusDocument| document.events.iter().rfind(|event| event.kind == "renew").cloned();
    match purpose {
        CheckAction::Query => true,
        CheckAction::Return => now.standing.outcome().is_some(),
        CheckAction::Renew(_) => {
            let latest = renewal(now);
            now.license_updated > Some(before.license_updated.unwrap_or(subject.version))
                || (latest.is_some() && latest != renewal(before))
        }
    }
}

fn read(body: Vec<u8>, url: &str, subject: &LicenseQuery) -> Result<(Vec<u8>, StatusDocument), ProviderError> {
    let document = StatusDocument::parse(&body).map_err(|fault| ProviderError::NoStatus { url: shown(url), fault })?;
    if document.license_id != subject.identity.license_id {
        return Err(ProviderError::OtherLicense { url: shown(url) });
    }
    Ok((body, document))
}

/// Whether the signature of a document, of this rank and SHA-256, is worth less than that of the one that is here.
fn is_worth_less(
    (rank, sha256): (u8, [u8; 32]),
    view: View<'_>,
    verifier: &Verifier,
    identity: &LicenseIdentity,
) -> Result<bool, Error> {
    if rank >= SignatureCheck::Verified.rank() {
        return Ok(false);
    }
    let another = view.license(identity)?.filter(|here| here.sha256 != sha256);
    Ok(another.is_some_and(|here| verifier.verify(&here.document).check.rank() > rank))
}

impl StatusCheck {
    /// Keeps how the license stands. Who was asked only because a document said so that is worth less than the one here has no say.
    pub(crate) fn store_status(&self, change: &Change<'_>, verifier: &Verifier) -> Result<(), Error> {
        if is_worth_less(self.said_by, change.view(), verifier, &self.identity)? {
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
        let Some(fresh) = &self.fresh else { return Ok(()) };
        let strength = |document: &[u8]| verifier.strength(document);
        change.put_license_if_better(fresh, LicenseStatus::Usable, &strength)?;
        Ok(())
    }
}
