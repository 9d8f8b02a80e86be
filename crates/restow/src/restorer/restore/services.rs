//! Asking the services: who grants what, before anything is written.

use std::collections::{BTreeMap, HashMap, HashSet};

use restow_core::encoding::hex;
use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::protocol::{Counter, MAX_LICENSES, Outcome, ProblemCode, RequestedLicense, RestoreRequest};

use crate::error::Error;
use crate::home::Home;
use crate::net::Cancel;
use crate::restorer::options::{Consent, Restore};
use crate::restorer::restore::plan::{LocationInventory, PendingLicense, ServiceRequest};
use crate::restorer::restore::trust::Trust;
use crate::restorer::run::StatusReporter;
use crate::service::acquire::VerifiedGrant;
use crate::service::{Joining, Origin, ServiceError, Session, join, new_idempotency_key};
use crate::status::{Status, WhyNot};
use crate::store::{AddedBy, ServiceEntry, Store, View};

/// Why some licenses stay pending or were refused as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PendingReason {
    /// The home was copied: native licenses are restored on its own machine, or into a new home.
    OtherMachine,
    /// Refused: the service does not let this computer in.
    Refused(NotRestoredReason),
    /// The service is at an address that only the user may add.
    PrivateAddress,
    /// The user did not consent to register, or nothing in the sets lets this computer in.
    NeedsIndividualization,
    /// Out of reach, or its answers were of no use.
    Unavailable,
}

/// What one service answered.
#[derive(Default)]
pub(crate) struct ServiceOutcome {
    pub session: Option<Session>,
    pub grants: Vec<VerifiedGrant>,
    /// Why licenses stayed without an answer.
    pub open: Option<PendingReason>,
    pub warning: Option<Note>,
}

pub(crate) type ServiceOutcomes = BTreeMap<(String, String), ServiceOutcome>;

/// Asks every service that is needed, telling as it goes.
pub(crate) fn query_services(
    restore: &Restore,
    home: &Home,
    store: &mut Store,
    survey: &mut LocationInventory,
    trust: &Trust,
    reporter: &StatusReporter,
    cancel: &Cancel,
) -> Result<ServiceOutcomes, Error> {
    let mut answers = ServiceOutcomes::new();
    let on_its_machine = home.computer()?.check_machine();
    let keys: Vec<_> = survey.needed.keys().cloned().collect();
    for (issuer, holder) in keys {
        let mut asking = ServiceOutcome::default();
        let Some(key_set) = trust.key_set(&issuer) else { continue };
        if let Err(error) = &on_its_machine {
            asking.open = Some(PendingReason::OtherMachine);
            asking.warning = Some(Note::from(error).in_words(format!("{error}. {}", error.help())));
            answers.insert((issuer, holder), asking);
            continue;
        }
        let name = key_set.set().name.clone();
        let pinned = store.view().service(&issuer)?.as_ref().is_some_and(ServiceEntry::is_pinned);
        let registered = store.view().registration(&issuer, &holder)?.is_some();
        let consented = match &restore.consent {
            Consent::None => false,
            // The consent is to the services the sets name, not to what an earlier restore left open.
            Consent::AllServices => trust.is_named(&issuer),
            Consent::Services(issuers) => issuers.contains(&issuer),
        };
        if !(pinned && registered || consented) {
            let origin =
                Origin::of(&key_set.set().service_url).map_or_else(|_| String::new(), |origin| origin.to_string());
            reporter.report(&Status::NeedsIndividualization { service: name, origin, issuer: issuer.clone() });
            asking.open = Some(PendingReason::NeedsIndividualization);
            answers.insert((issuer, holder), asking);
            continue;
        }
        let change = store.change()?;
        if !pinned {
            change.put_service(key_set, AddedBy::Consent)?;
        }
        if let Some(origin) = private_origin(change.view(), &issuer)? {
            // No consent helps here: none is asked for, and none is kept.
            let error = ServiceError::PrivateAddress { url: origin };
            asking.open = Some(PendingReason::PrivateAddress);
            asking.warning = Some(Note::from(&error).in_words(error.sentences()));
            answers.insert((issuer, holder), asking);
            continue;
        }
        if pinned {
            drop(change);
        } else {
            change.commit()?;
        }
        reporter.report(&Status::Connecting { service: name.clone() });
        let one = ServiceQuery { restore, home, issuer: &issuer, holder: &holder, trust, consented, cancel };
        let result = one.query_services(store, survey, &mut asking);
        if let Some(url) = asking.grants.iter().find_map(VerifiedGrant::page) {
            reporter.report(&Status::ErrorWithUrl {
                service: name.clone(),
                url,
                result: Hresult::NS_E_DRM_RESTORE_FRAUD,
            });
        }
        reporter.report(&Status::Disconnecting { service: name });
        match result {
            Ok(()) => {}
            Err(Error::Service(ServiceError::Cancelled)) => return Err(Error::Cancelled),
            Err(Error::Service(error)) => {
                asking.open = Some(classify(&error));
                asking.warning = Some(Note::from(&error).in_words(error.sentences()));
            }
            Err(error) => return Err(error),
        }
        answers.insert((issuer, holder), asking);
    }
    Ok(answers)
}

/// The address of a service that is never connected to, since it is private and nobody added it by hand.
fn private_origin(view: View<'_>, issuer: &str) -> Result<Option<String>, Error> {
    let service = view.service(issuer)?.filter(|service| service.added != AddedBy::Hand);
    let origin = service.and_then(|service| Origin::from_url(&service.key_set.set().service_url).ok());
    Ok(origin.filter(Origin::is_private).map(|origin| origin.to_string()))
}

fn classify(error: &ServiceError) -> PendingReason {
    use ProblemCode::{
        LinkUsed, NotAllowed, NotYours, ReleaseLimit, RestoreKeyWithdrawn, TooManyComputers, UnknownComputer,
    };
    match error {
        ServiceError::PrivateAddress { .. } => PendingReason::PrivateAddress,
        ServiceError::NotRegistered(_) | ServiceError::NotPinned(_) | ServiceError::Address { .. } => {
            PendingReason::NeedsIndividualization
        }
        ServiceError::Problem { problem, .. } => match problem.code() {
            Some(UnknownComputer) => PendingReason::NeedsIndividualization,
            Some(RestoreKeyWithdrawn) => PendingReason::Refused(WhyNot::RestoreKeyWithdrawn),
            Some(TooManyComputers) => PendingReason::Refused(WhyNot::TooManyComputers),
            Some(NotYours) => PendingReason::Refused(WhyNot::Refused(Outcome::NotYours)),
            Some(NotAllowed | LinkUsed | ReleaseLimit) => PendingReason::Refused(WhyNot::NotAllowed),
            _ => PendingReason::Unavailable,
        },
        _ => PendingReason::Unavailable,
    }
}

/// Asking one service for one holder.
struct ServiceQuery<'a> {
    restore: &'a Restore,
    home: &'a Home,
    issuer: &'a str,
    holder: &'a str,
    trust: &'a Trust,
    consented: bool,
    cancel: &'a Cancel,
}

impl ServiceQuery<'_> {
    fn query_services(
        &self,
        store: &mut Store,
        survey: &mut LocationInventory,
        asking: &mut ServiceOutcome,
    ) -> Result<(), Error> {
        if store.view().registration(self.issuer, self.holder)?.is_none() {
            self.register(store)?;
        }
        match self.contact(store, survey, asking) {
            Err(Error::Service(ServiceError::Problem { problem, name }))
                if problem.code() == Some(ProblemCode::UnknownComputer) =>
            {
                // Released by another computer: what it had is not here any more, and is asked for anew.
                let change = store.change()?;
                change.record_withdrawn(self.issuer, self.holder)?;
                change.remove_registration(self.issuer, self.holder)?;
                change.release_keys(self.issuer, self.holder)?;
                change.commit()?;
                survey.requery_released(store.view(), self.restore, self.issuer, self.holder)?;
                if !self.consented {
                    return Err(ServiceError::Problem { problem, name }.into());
                }
                self.register(store)?;
                self.contact(store, survey, asking)?;
            }
            result => result?,
        }
        if let Some(session) = &asking.session {
            session.renew_membership(store, self.cancel)?;
        }
        Ok(())
    }

    fn register(&self, store: &mut Store) -> Result<(), Error> {
        let name = self.restore.run.computer_name.as_deref().unwrap_or("computer");
        let incarnation = store.view().service(self.issuer)?.map_or(0, |service| service.holder_incarnation);
        let mut join = |joining| join(self.home, store, self.issuer, name, joining, self.cancel);
        let goes_on = |error: &Error| match error {
            Error::Service(ServiceError::Problem { problem, .. }) => matches!(
                problem.code(),
                Some(ProblemCode::RestoreKeyWithdrawn | ProblemCode::NotAllowed | ProblemCode::BadSignature)
            ),
            _ => false,
        };
        let mut last = Error::from(ServiceError::NotRegistered(self.issuer.to_owned()));
        if self.home.holder()?.created_holder(self.issuer, self.holder, incarnation) {
            match join(Joining::Holder(self.holder)) {
                Ok(_) => return Ok(()),
                // Its holder key was revoked, as after a release by another computer: the set may still let it in.
                Err(error) if goes_on(&error) => last = error,
                Err(error) => return Err(error),
            }
        }
        for key in self.trust.restore_keys(self.issuer, self.holder) {
            match join(Joining::RestoreKey(key)) {
                Ok(_) => return Ok(()),
                // Another generation, or another computer's set, may have one that lets this computer in.
                Err(error) if goes_on(&error) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn contact(&self, store: &Store, survey: &LocationInventory, asking: &mut ServiceOutcome) -> Result<(), Error> {
        let Some(here) = survey.needed.get(&(self.issuer.to_owned(), self.holder.to_owned())) else { return Ok(()) };
        let session = Session::open(self.home, store, self.issuer, self.holder)?;
        let result = self.ask_in_chunks(store, here, &session, &mut asking.grants);
        // What was granted before a later part failed is kept, and the session is needed to note it.
        asking.session = Some(session);
        result
    }

    fn ask_in_chunks(
        &self,
        store: &Store,
        here: &ServiceRequest,
        session: &Session,
        grants: &mut Vec<VerifiedGrant>,
    ) -> Result<(), Error> {
        let mut counters: HashMap<&str, Vec<&Counter>> = HashMap::new();
        for counter in &here.counters {
            counters.entry(&counter.license).or_default().push(counter);
        }
        let unreported = store.view().unreported(self.issuer, self.holder, MAX_LICENSES)?;
        for entry in &unreported {
            counters.entry(&entry.counter.license).or_default().push(&entry.counter);
        }
        let run = new_idempotency_key()?;
        // What is only claimed comes last and in requests of its own: it keeps nothing proven from an answer.
        let (claimed, proven): (Vec<_>, Vec<_>) = here.licenses.iter().partition(|(_, needed)| needed.claimed);
        // Half the limit, so that counters of several computers fit beside their licenses.
        let chunks = proven.chunks(MAX_LICENSES / 2).chain(claimed.chunks(MAX_LICENSES / 2));
        let mut open: Vec<&[(&String, &PendingLicense)]> = chunks.collect();
        open.reverse();
        while let Some(chunk) = open.pop() {
            let request = RestoreRequest {
                holder: self.holder.to_owned(),
                run: run.clone(),
                licenses: chunk
                    .iter()
                    .map(|(license, needed)| RequestedLicense {
                        license: (*license).clone(),
                        sha256: hex(&needed.sha256),
                    })
                    .collect(),
                counters: chunk
                    .iter()
                    .flat_map(|(license, _)| counters.get(license.as_str()).into_iter().flatten())
                    .take(MAX_LICENSES)
                    .map(|counter| (*counter).clone())
                    .collect(),
                key_set_version: session.client().key_set().set().version,
            };
            match session.call(&request, self.cancel) {
                Ok(answer) => grants.push(VerifiedGrant::new(session, answer)?),
                // Many counters can make an answer larger than it may be: then in halves.
                Err(Error::Service(ServiceError::Problem { problem, .. }))
                    if problem.code() == Some(ProblemCode::TooLarge) && chunk.len() > 1 =>
                {
                    let (first, second) = chunk.split_at(chunk.len() / 2);
                    open.extend([second, first]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What the services said, by issuer and license ID.
#[derive(Default)]
pub(crate) struct ServiceDecisions {
    /// Of what is granted the SHA-256 of the document, in hex.
    pub granted: HashMap<(String, String), String>,
    /// What the holder has no license of.
    pub not_yours: HashSet<(String, String)>,
}

impl ServiceDecisions {
    pub(crate) fn of(answers: &ServiceOutcomes) -> Self {
        let mut answered = Self::default();
        for ((issuer, _), asking) in answers {
            for one in asking.grants.iter().flat_map(|grant| grant.answered()) {
                let key = (issuer.clone(), one.license.clone());
                match one.outcome {
                    Outcome::Granted => {
                        answered.granted.insert(key, one.sha256.clone());
                    }
                    Outcome::NotYours => {
                        answered.not_yours.insert(key);
                    }
                    _ => {}
                }
            }
        }
        answered
    }
}
