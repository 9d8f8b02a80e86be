//! Asking the providers of LCP licenses: how the licenses of the sets stand, before anything is written. They need it not to be
//! restored: without consent nobody is asked, and whatever goes wrong is a warning.

use std::collections::BTreeMap;
use std::time::Duration;

use restow_core::message::Note;
use restow_lcp::Verifier;

use crate::error::Error;
use crate::home::Home;
use crate::lcp_provider::{
    ALTOGETHER, Client, Device, MOST, Needs, ProviderError, ProviderNeeded, Purpose, ROOM, Subject, Visit, Visitor,
    is_named, said,
};
use crate::license::{Kind, License, LicenseIdentity};
use crate::listing;
use crate::net::Cancel;
use crate::restorer::options::{Consent, Restore};
use crate::restorer::run::StatusReporter;
use crate::service::Origin;
use crate::status::Status;
use crate::store::{AddedBy, ProviderEntry, Store, View};

/// One provider is asked for so long, at most.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(300);
/// So many providers are asked by one restore, at most: libraries have few.
const MAX_PROVIDERS: usize = 100;
/// So many warnings come of one provider, at most, and so many providers are named that only the user can allow.
const MAX_WARNINGS_PER_PROVIDER: usize = 10;

/// The licenses of the sets whose providers are to be asked.
pub(crate) struct LcpStatusQueries<'a> {
    verifier: &'a Verifier,
    allowed: Vec<ProviderEntry>,
    /// Whom the user allows with this restore; all are only looked at where it is planned.
    consent: ConsentScope<'a>,
    subjects: BTreeMap<LicenseIdentity, Subject>,
    /// How many signatures were no good: anybody can write a set of them, and each takes its time.
    forged: usize,
    /// Documents that were not looked at any more.
    more: u64,
}

enum ConsentScope<'a> {
    All,
    These(&'a [String]),
}

impl<'a> LcpStatusQueries<'a> {
    /// For a restore with this consent.
    pub(crate) fn for_run(restore: &'a Restore, view: View<'_>, verifier: &'a Verifier) -> Result<Self, Error> {
        let consent = match &restore.consent {
            Consent::None => ConsentScope::These(&[]),
            Consent::Services(these) => ConsentScope::These(these),
            Consent::AllServices => ConsentScope::All,
        };
        Ok(Self { verifier, allowed: view.providers()?, consent, subjects: BTreeMap::new(), forged: 0, more: 0 })
    }

    /// For showing whom a restore would ask.
    pub(crate) fn for_plan(view: View<'_>, verifier: &'a Verifier) -> Result<Self, Error> {
        Ok(Self {
            verifier,
            allowed: view.providers()?,
            consent: ConsentScope::All,
            subjects: BTreeMap::new(),
            forged: 0,
            more: 0,
        })
    }

    /// Whether anybody could be asked at all.
    pub(crate) fn can_query_any(&self) -> bool {
        let named = match self.consent {
            ConsentScope::All => true,
            ConsentScope::These(these) => these.iter().any(|name| Origin::read(name).is_ok()),
        };
        named || self.allowed.iter().any(|entry| entry.added != AddedBy::Nobody)
    }

    fn known(&self, origin: &Origin) -> Option<&ProviderEntry> {
        let origin = origin.to_string();
        self.allowed.iter().find(|entry| entry.origin == origin && entry.added != AddedBy::Nobody)
    }

    fn consents(&self, origin: &Origin) -> bool {
        match self.consent {
            ConsentScope::All => true,
            ConsentScope::These(these) => is_named(these, origin),
        }
    }

    /// Whether a document can name a place that says how its license stands: it is cheaper to look than to read.
    pub(crate) fn may_have_status_link(document: &[u8]) -> bool {
        const REL: &[u8] = b"status";
        document.windows(REL.len()).any(|part| part == REL) || document.contains(&b'\\')
    }

    /// Sees a license of a set. Of several documents of one license, and of the one that is here, the best says whom to ask.
    pub(crate) fn see(&mut self, view: View<'_>, license: &License) -> Result<(), Error> {
        let identity = &license.identity;
        if identity.kind != Kind::Lcp {
            return Ok(());
        }
        let is_full = self.subjects.len() >= MOST && !self.subjects.contains_key(identity);
        if is_full || self.forged >= MOST {
            self.more = self.more.saturating_add(1);
            return Ok(());
        }
        if !self.subjects.contains_key(identity)
            && let Some(entry) = view.license(identity)?
        {
            let (here, _) = listing::license_or_placeholder(view, &entry)?;
            self.take(view, &here)?;
        }
        self.take(view, license)
    }

    fn take(&mut self, view: View<'_>, license: &License) -> Result<(), Error> {
        let wanted = |origin: &Origin| self.known(origin).is_some() || self.consents(origin);
        let mut subject = match Subject::of(license, self.verifier, &wanted) {
            Ok(Some(subject)) => subject,
            Err(ProviderError::NotSigned { .. }) => {
                self.forged = self.forged.saturating_add(1);
                return Ok(());
            }
            Ok(None) | Err(_) => return Ok(()),
        };
        // One whose own provider is not asked may be here.
        if subject.is_worth_less(view, self.verifier)? {
            return Ok(());
        }
        let rank = |subject: &Subject| (subject.rank, subject.version);
        if self.subjects.get(&subject.identity).is_none_or(|known| rank(known) < rank(&subject)) {
            subject.registered = view.lcp_status(&subject.identity)?.is_some_and(|known| known.registered);
            self.subjects.insert(subject.identity.clone(), subject);
        }
        Ok(())
    }

    /// The providers, for showing them to the user.
    pub(crate) fn providers(&self) -> Vec<ProviderNeeded> {
        let mut needs = Needs::default();
        self.subjects.values().for_each(|subject| needs.add(subject, &self.allowed));
        needs.into_providers()
    }
}

/// What the providers said.
#[derive(Default)]
pub(crate) struct LcpStatusResults {
    pub visits: Vec<Visit>,
    pub warnings: Vec<Note>,
}

/// Asks the providers, telling as it goes.
pub(crate) fn ask_providers(
    home: &Home,
    store: &mut Store,
    lent: LcpStatusQueries<'_>,
    reporter: &StatusReporter,
    cancel: &Cancel,
) -> Result<LcpStatusResults, Error> {
    let mut by_provider: BTreeMap<String, (Origin, Vec<&Subject>)> = BTreeMap::new();
    for subject in lent.subjects.values() {
        let of = by_provider.entry(subject.origin.to_string());
        of.or_insert_with(|| (subject.origin.clone(), Vec::new())).1.push(subject);
    }
    let mut said_by_all = LcpStatusResults::default();
    let (mut room, mut more, mut asked, mut private) = (ROOM, lent.more, 0_usize, 0_usize);
    let altogether = cancel.within(ALTOGETHER);
    for (name, (origin, subjects)) in by_provider {
        let known = lent.known(&origin);
        if origin.is_private() && known.is_none_or(|known| known.added != AddedBy::Hand) {
            // No consent helps here, and none is kept.
            if private >= MAX_WARNINGS_PER_PROVIDER {
                more = more.saturating_add(subjects.len() as u64);
            } else {
                said_by_all.warnings.push(said(&ProviderError::PrivateAddress { url: name }));
            }
            private = private.saturating_add(1);
            continue;
        }
        if asked >= MAX_PROVIDERS || altogether.is_cancelled() {
            more = more.saturating_add(subjects.len() as u64);
            continue;
        }
        asked = asked.saturating_add(1);
        if known.is_none() {
            let change = store.change()?;
            change.put_provider(&name, AddedBy::Consent, home.clock().now())?;
            change.commit()?;
        }
        let allowed = store.view().providers()?;
        let device = Device::of(home, store.view())?;
        let until = altogether.within(PROVIDER_TIMEOUT);
        let service = origin.host().to_owned();
        reporter.report(&Status::Connecting { service: service.clone() });
        let mut client = Client::new(&allowed, &until);
        let mut visitor = Visitor {
            client: &mut client,
            verifier: lent.verifier,
            device: device.as_ref(),
            now: home.clock().now(),
            room,
        };
        ask_one(&mut visitor, &origin, &subjects, &mut said_by_all);
        room = visitor.room;
        reporter.report(&Status::Disconnecting { service });
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
    }
    if more > 0 {
        let text = format!("{more} licenses were not asked about: there were too many; ask later: restow refresh.");
        said_by_all.warnings.push(Note::new("provider-too-many", text).with("count", more));
    }
    Ok(said_by_all)
}

fn ask_one(visitor: &mut Visitor<'_>, origin: &Origin, subjects: &[&Subject], all: &mut LcpStatusResults) {
    let most = all.warnings.len().saturating_add(MAX_WARNINGS_PER_PROVIDER);
    let mut warn = |error: &ProviderError| {
        let warning = said(error);
        if all.warnings.len() < most && !all.warnings.contains(&warning) {
            all.warnings.push(warning);
        }
    };
    for (asked, subject) in subjects.iter().enumerate() {
        let is_full = visitor.room == 0;
        let visit = if is_full { Err(ProviderError::Cancelled) } else { visitor.visit(subject, Purpose::Look) };
        match visit {
            Ok((mut visit, _)) => {
                std::mem::take(&mut visit.warnings).iter().for_each(&mut warn);
                all.visits.push(visit);
            }
            Err(ProviderError::Cancelled) => {
                let left = subjects.len().saturating_sub(asked);
                let text =
                    format!("{origin}: there was no time to ask about {left} licenses; ask later: restow refresh.");
                all.warnings.push(Note::new("provider-no-time", text).with("origin", origin).with("count", left));
                return;
            }
            Err(ProviderError::GivenUp { origin: at }) if at == origin.to_string() => {
                let left = subjects.len().saturating_sub(asked);
                let text = format!(
                    "{origin}: it did not answer, or was busy, so {left} licenses were not asked about; ask later: restow refresh."
                );
                all.warnings.push(Note::new("provider-left-alone", text).with("origin", origin).with("count", left));
                return;
            }
            Err(error) => warn(&error),
        }
    }
}
