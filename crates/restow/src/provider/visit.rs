//! Asking a provider about one license: how it stands, what its document is now, and that this computer has it.

use super::STATUS_TYPE;
use super::client::{Client, Method, origin, shown};
use super::device::Device;
use super::document::{MAX_HREF, MAX_STATUS, StatusDocument, StatusLink};
use super::error::{NotTaken, ProviderError};
use super::template::expand;
use crate::clock::{UnixTime, rfc3339};
use crate::error::{Error, quoted};
use crate::http::resolve;
use crate::license::lcp::{LcpDetails, Profile, Verifier};
use crate::license::{self, Kind, License, LicenseIdentity, MAX_DOCUMENT, SignatureCheck, Standing};
use crate::service::Origin;
use crate::service::protocol::Outcome;
use crate::store::{Change, LicenseStatus, Stored};

/// So many licenses are asked about at once, at most.
pub(crate) const MOST: usize = 10_000;
/// The media type of a license document.
const LICENSE_TYPE: &str = "application/vnd.readium.lcp.license.v1.0+json";
/// What the answers of one run may take in memory.
pub(crate) const ROOM: usize = 64 << 20;

/// A license to be asked about, as it is known here.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
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
    /// Who signed it.
    pub(crate) signer: Option<String>,
    /// Whether this computer is registered for it.
    pub(crate) registered: bool,
}

impl Subject {
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
            signer: verdict.signer.map(|signer| signer.name),
            registered: false,
        }))
    }
}

/// What a provider is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// How the license stands; this computer is registered for it.
    Look,
    /// A longer loan, until a date or for as long as the provider gives.
    Renew(Option<UnixTime>),
    /// The end of the loan.
    Return,
}

/// What came of asking about one license.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) identity: LicenseIdentity,
    pub(crate) standing: Standing,
    /// As of when.
    pub(crate) at: UnixTime,
    /// The status document, and what it says.
    pub(crate) bytes: Vec<u8>,
    pub(crate) document: StatusDocument,
    /// The license document, where there is a newer one.
    pub(crate) fresh: Option<License>,
    /// This computer is registered now.
    pub(crate) registered: bool,
    /// What did not work, and stops nothing.
    pub(crate) warnings: Vec<ProviderError>,
    /// Why nothing came of the purpose.
    pub(crate) failure: Option<ProviderError>,
}

/// Whom to ask, and how.
pub(crate) struct Visitor<'a> {
    pub(crate) client: &'a mut Client,
    pub(crate) verifier: &'a Verifier,
    pub(crate) device: Option<&'a Device>,
    pub(crate) now: UnixTime,
    /// How much may still be kept in memory.
    pub(crate) room: usize,
}

impl Visitor<'_> {
    /// Asks about one license. An error means that nothing was learned of it.
    pub(crate) fn visit(&mut self, subject: &Subject, purpose: Purpose) -> Result<Visit, ProviderError> {
        let (mut bytes, mut document) = self.status(Method::Get, &subject.status, subject)?;
        let mut warnings = Vec::new();
        let mut failure = None;
        let mut registered = subject.registered;
        if Outcome::of_standing(document.standing).is_some() {
            let license = quoted(&subject.identity.license_id);
            failure =
                (purpose != Purpose::Look).then_some(ProviderError::Ended { license, standing: document.standing });
        } else {
            let opens = purpose != Purpose::Return && !registered;
            if opens && let (Some(device), Some(link)) = (self.device, document.action("register")) {
                match self.act(Method::Post, link, subject, Some(device), None) {
                    Ok(answer) => {
                        registered = true;
                        // It says the same as before; what it says more is taken where it can be read.
                        match answer {
                            Ok(answer) => (bytes, document) = answer,
                            Err(error) => warnings.push(error),
                        }
                    }
                    Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
                    Err(error) => warnings.push(error),
                }
            }
            match self.fulfil(purpose, &document, subject) {
                Ok(None) => {}
                Ok(Some(answer)) => (bytes, document) = answer,
                Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
                Err(error) => failure = Some(error),
            }
        }
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
        let named = seconds(document.license_updated).into_iter().chain(seconds(document.status_updated));
        Ok(Visit {
            identity: subject.identity.clone(),
            standing: self.standing(&document, subject, fresh.as_ref()),
            at: named.fold(self.now, i64::max),
            bytes,
            document,
            fresh,
            registered,
            warnings,
            failure,
        })
    }

    /// What the document says; but of dates, an up-to-date license has the last word (§3.2).
    fn standing(&self, document: &StatusDocument, subject: &Subject, fresh: Option<&License>) -> Standing {
        let (version, expires) =
            fresh.map_or((subject.version, subject.expires), |fresh| (fresh.version, fresh.expires));
        let up_to_date = document.license_updated.is_some_and(|updated| updated <= version);
        let goes_on = expires.is_none_or(|end| end > self.now);
        match document.standing {
            Standing::Expired if up_to_date && goes_on => Standing::Active,
            standing => standing,
        }
    }

    fn fulfil(
        &mut self,
        purpose: Purpose,
        document: &StatusDocument,
        subject: &Subject,
    ) -> Result<Option<(Vec<u8>, StatusDocument)>, ProviderError> {
        let license = || quoted(&subject.identity.license_id);
        let (rel, until) = match purpose {
            Purpose::Look => return Ok(None),
            Purpose::Renew(until) => ("renew", until),
            Purpose::Return => ("return", None),
        };
        let Some(link) = document.action(rel) else {
            return Err(match (purpose, document.renew_page(&subject.status)) {
                (Purpose::Renew(_), Some(url)) => ProviderError::RenewPage { license: license(), url },
                (Purpose::Renew(_), None) => ProviderError::NoRenew { license: license() },
                _ => ProviderError::NoReturn { license: license() },
            });
        };
        let unheard = match self.act(Method::Put, link, subject, self.device, until) {
            Ok(Ok(answer)) => return Ok(Some(answer)),
            Ok(Err(error)) => error,
            Err(error @ (ProviderError::Unreachable { .. } | ProviderError::BadAnswer { .. })) => error,
            Err(error) => return Err(error),
        };
        // It may have been done all the same: then the status says so.
        let (bytes, after) = match self.status(Method::Get, &subject.status, subject) {
            Ok(after) => after,
            Err(ProviderError::Cancelled) => return Err(ProviderError::Cancelled),
            Err(_) => return Err(unheard),
        };
        let is_done = match purpose {
            Purpose::Return => Outcome::of_standing(after.standing).is_some(),
            _ => after.license_updated > document.license_updated,
        };
        if is_done { Ok(Some((bytes, after))) } else { Err(unheard) }
    }

    /// Follows a link that does something. The outer error means that it was not done, the inner one that the answer is of no use.
    fn act(
        &mut self,
        method: Method,
        link: &StatusLink,
        subject: &Subject,
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
        subject: &Subject,
    ) -> Result<(Vec<u8>, StatusDocument), ProviderError> {
        let reply = self.client.send(method, url, STATUS_TYPE, MAX_STATUS)?;
        read(reply.body, url, subject)
    }

    /// The license document, if there is a newer one.
    fn fresh(&mut self, document: &StatusDocument, subject: &Subject) -> Result<Option<License>, ProviderError> {
        if document.license_updated.is_none_or(|updated| updated <= subject.version) {
            return Ok(None);
        }
        // Of a profile that the license here does not have, it is not known whether its readers know it.
        let fits = |link: &&StatusLink| link.profile.as_deref().is_none_or(|uri| Profile::of(uri) == subject.profile);
        let Some(link) = document.links("license").find(fits) else { return Ok(None) };
        let url = resolve(&subject.status, &link.href);
        let most = usize::try_from(MAX_DOCUMENT).unwrap_or(usize::MAX);
        let reply = self.client.send(Method::Get, &url, LICENSE_TYPE, most)?;
        let not = |why| ProviderError::NotTaken { url: shown(&url), why };
        if reply.body.len() > self.room {
            return Err(not(NotTaken::TooMany));
        }
        let fresh = license::parse_as(Kind::Lcp, &reply.body).map_err(|_| not(NotTaken::NoLicense))?;
        if fresh.identity != subject.identity {
            return Err(not(NotTaken::Other));
        }
        let check = self.verifier.verify(&fresh.document).check;
        if matches!(check, SignatureCheck::Invalid(_)) || check.rank() < subject.rank {
            return Err(not(NotTaken::WorthLess));
        }
        self.room = self.room.saturating_sub(fresh.document.len());
        Ok(Some(fresh))
    }
}

fn read(body: Vec<u8>, url: &str, subject: &Subject) -> Result<(Vec<u8>, StatusDocument), ProviderError> {
    let document = StatusDocument::parse(&body).map_err(|fault| ProviderError::NoStatus { url: shown(url), fault })?;
    if document.license_id != subject.identity.license_id {
        return Err(ProviderError::OtherLicense { url: shown(url) });
    }
    Ok((body, document))
}

impl Visit {
    /// Keeps how the license stands.
    pub(crate) fn keep_standing(&self, change: &Change<'_>) -> Result<(), Error> {
        change.put_standing(&self.identity, self.standing, self.at, &self.bytes)?;
        if self.registered {
            change.set_registered(&self.identity)?;
        }
        Ok(())
    }

    /// Keeps the newer document, if there is one and it is still worth no less than what is here.
    pub(crate) fn keep_fresh(
        &self,
        change: &Change<'_>,
        verifier: &Verifier,
    ) -> Result<Option<(Stored, LicenseStatus)>, Error> {
        let Some(fresh) = &self.fresh else { return Ok(None) };
        let worth = |known: &[u8]| verifier.compare(&fresh.document, known);
        Ok(Some(change.put_license_judged(fresh, LicenseStatus::Usable, &worth)?))
    }
}
