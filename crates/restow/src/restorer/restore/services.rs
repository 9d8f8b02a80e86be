//! Requests to services before a restore writes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use restow_core::encoding::hex;
use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::protocol::{Counter, MAX_LICENSES, Outcome, ProblemCode, RequestedLicense, RestoreRequest};

use crate::error::Error;
use crate::home::Home;
use crate::net::Cancel;
use crate::restorer::options::{Consent, Restore};
use crate::restorer::restore::merge::MergedDocument;
use crate::restorer::restore::plan::{LocationInventory, ServiceRequest};
use crate::restorer::restore::trust::Trust;
use crate::restorer::run::StatusReporter;
use crate::service::acquire::VerifiedGrant;
use crate::service::{JoinMethod, Origin, ServiceError, Session, random_idempotency_key, register_by};
use crate::status::{NotRestoredReason, Status};
use crate::store::{ServiceEntry, Store, TrustOrigin, View};

/// Reason for pending or refused licenses that applies to a whole service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PendingReason {
    /// The home is a copy from another machine. Native licenses are restored on that machine, or into a new home.
    OtherMachine,
    /// The service refuses this computer.
    Refused(NotRestoredReason),
    /// The service is at a private address, which only the user can add.
    PrivateAddress,
    /// The user did not consent to a registration, or the sets have no key for one.
    NeedsIndividualization,
    /// The service is unreachable, or its answers are invalid.
    Unavailable,
}

/// Outcome of the queries to one service.
#[derive(Default)]
pub(crate) struct ServiceOutcome {
    pub(crate) session: Option<Session>,
    pub(crate) grants: Vec<VerifiedGrant>,
    /// Reason for the licenses without an answer; `None` if every license has one.
    pub(crate) pending: Option<PendingReason>,
    pub(crate) warning: Option<Message>,
}

impl ServiceOutcome {
    fn fail(&mut self, reason: PendingReason, warning: Message) {
        self.pending = Some(reason);
        self.warning = Some(warning);
    }
}

/// Outcomes by issuer and holder.
pub(crate) type ServiceOutcomes = BTreeMap<(String, String), ServiceOutcome>;

/// Asks every service with a request, and reports each contact.
///
/// # Errors
/// [`Error::Cancelled`], [`Error::Store`], [`Error::Home`]. Errors of services are part of the outcomes.
pub(crate) fn query_services(
    restore: &Restore,
    home: &Home,
    store: &mut Store,
    inventory: &mut LocationInventory,
    trust: &Trust,
    reporter: &StatusReporter,
    cancel: &Cancel,
) -> Result<ServiceOutcomes, Error> {
    let mut outcomes = ServiceOutcomes::new();
    let machine_check = home.computer()?.check_machine();
    let keys: Vec<_> = inventory.requests.keys().cloned().collect();
    for (issuer, holder) in keys {
        let mut outcome = ServiceOutcome::default();
        let Some(key_set) = trust.key_set(&issuer) else { continue };
        if let Err(error) = &machine_check {
            outcome.fail(PendingReason::OtherMachine, error.into());
            outcomes.insert((issuer, holder), outcome);
            continue;
        }
        let name = key_set.set().name.clone();
        let is_pinned = store.view().service(&issuer)?.as_ref().is_some_and(ServiceEntry::is_pinned);
        let is_registered = store.view().registration(&issuer, &holder)?.is_some();
        let has_consent = match &restore.consent {
            Consent::None => false,
            // The consent covers the services that the sets name, and not requests that an earlier restore left
            // pending.
            Consent::AllServices => trust.names_origin(&issuer),
            Consent::Services(issuers) => issuers.contains(&issuer),
        };
        if !(is_pinned && is_registered || has_consent) {
            let origin = Origin::from_url(&key_set.set().service_url)
                .map_or_else(|_| String::new(), |origin| origin.to_string());
            reporter.report(&Status::NeedsIndividualization { service: name, origin, issuer: issuer.clone() });
            outcome.pending = Some(PendingReason::NeedsIndividualization);
            outcomes.insert((issuer, holder), outcome);
            continue;
        }
        let change = store.change()?;
        if !is_pinned {
            change.put_service(key_set, TrustOrigin::Consent)?;
        }
        if let Some(origin) = private_origin(change.view(), &issuer)? {
            // A set can name any private address. Only the user adds one, so the uncommitted consent is dropped.
            let error = ServiceError::PrivateAddress { url: origin };
            outcome.fail(PendingReason::PrivateAddress, Message::from(&error));
            outcomes.insert((issuer, holder), outcome);
            continue;
        }
        if is_pinned {
            drop(change);
        } else {
            change.commit()?;
        }
        reporter.report(&Status::Connecting { service: name.clone() });
        let query = ServiceQuery { restore, home, issuer: &issuer, holder: &holder, trust, has_consent, cancel };
        let result = query.run(store, inventory, &mut outcome);
        if let Some(url) = outcome.grants.iter().find_map(VerifiedGrant::limit_page) {
            let result = Hresult::NS_E_DRM_RESTORE_FRAUD;
            reporter.report(&Status::ErrorWithUrl { service: name.clone(), url, result });
        }
        reporter.report(&Status::Disconnecting { service: name });
        match result {
            Ok(()) => {}
            Err(Error::Service(ServiceError::Cancelled)) => return Err(Error::Cancelled),
            Err(Error::Service(error)) => {
                outcome.fail(classify(&error), Message::from(&error));
            }
            Err(error) => return Err(error),
        }
        outcomes.insert((issuer, holder), outcome);
    }
    Ok(outcomes)
}

/// Returns the address of a service that is private and that the user has not added.
fn private_origin(view: View<'_>, issuer: &str) -> Result<Option<String>, Error> {
    let service = view.service(issuer)?.filter(|service| service.added != TrustOrigin::Manual);
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
            Some(RestoreKeyWithdrawn) => PendingReason::Refused(NotRestoredReason::RestoreKeyWithdrawn),
            Some(TooManyComputers) => PendingReason::Refused(NotRestoredReason::TooManyComputers),
            Some(NotYours) => PendingReason::Refused(NotRestoredReason::Refused(Outcome::NotYours)),
            Some(NotAllowed | LinkUsed | ReleaseLimit) => PendingReason::Refused(NotRestoredReason::NotAllowed),
            _ => PendingReason::Unavailable,
        },
        _ => PendingReason::Unavailable,
    }
}

/// Queries to one service for one holder.
struct ServiceQuery<'a> {
    restore: &'a Restore,
    home: &'a Home,
    issuer: &'a str,
    holder: &'a str,
    trust: &'a Trust,
    has_consent: bool,
    cancel: &'a Cancel,
}

impl ServiceQuery<'_> {
    fn run(
        &self,
        store: &mut Store,
        inventory: &mut LocationInventory,
        outcome: &mut ServiceOutcome,
    ) -> Result<(), Error> {
        if store.view().registration(self.issuer, self.holder)?.is_none() {
            self.register(store)?;
        }
        match self.request(store, inventory, outcome) {
            Err(Error::Service(ServiceError::Problem { problem, name }))
                if problem.code() == Some(ProblemCode::UnknownComputer) =>
            {
                // Another computer released this one. The keys in the store are void, so those licenses are requested
                // too.
                let change = store.change()?;
                change.remove_released_registration(self.issuer, self.holder)?;
                change.commit()?;
                inventory.requery_released(store.view(), self.restore, self.issuer, self.holder)?;
                if !self.has_consent {
                    return Err(ServiceError::Problem { problem, name }.into());
                }
                self.register(store)?;
                self.request(store, inventory, outcome)?;
            }
            result => result?,
        }
        if let Some(session) = &outcome.session {
            session.renew_membership(store, self.cancel)?;
        }
        Ok(())
    }

    /// Registers this computer by the holder key of the home, or by a restore key of the sets.
    fn register(&self, store: &mut Store) -> Result<(), Error> {
        let name = self.restore.run.computer_name.as_deref().unwrap_or("computer");
        let incarnation = store.view().service(self.issuer)?.map_or(0, |service| service.holder_incarnation);
        let mut join = |method| register_by(self.home, store, self.issuer, name, method, self.cancel);
        let can_try_next_key = |error: &Error| match error {
            Error::Service(ServiceError::Problem { problem, .. }) => matches!(
                problem.code(),
                Some(ProblemCode::RestoreKeyWithdrawn | ProblemCode::NotAllowed | ProblemCode::BadSignature)
            ),
            _ => false,
        };
        let mut last_error = Error::from(ServiceError::NotRegistered(self.issuer.to_owned()));
        if self.home.holder()?.created_holder(self.issuer, self.holder, incarnation) {
            match join(JoinMethod::Holder(self.holder)) {
                Ok(_) => return Ok(()),
                // A release by another computer revokes the holder key, and a restore key can still be valid.
                Err(error) if can_try_next_key(&error) => last_error = error,
                Err(error) => return Err(error),
            }
        }
        for key in self.trust.restore_keys(self.issuer, self.holder) {
            match join(JoinMethod::RestoreKey(key)) {
                Ok(_) => return Ok(()),
                // Another generation, or the set of another computer, can have a valid key.
                Err(error) if can_try_next_key(&error) => last_error = error,
                Err(error) => return Err(error),
            }
        }
        Err(last_error)
    }

    fn request(&self, store: &Store, inventory: &LocationInventory, outcome: &mut ServiceOutcome) -> Result<(), Error> {
        let key = (self.issuer.to_owned(), self.holder.to_owned());
        let Some(request) = inventory.requests.get(&key) else { return Ok(()) };
        let session = Session::open(self.home, store, self.issuer, self.holder)?;
        let result = self.request_in_chunks(store, request, &session, &mut outcome.grants);
        // Grants before a failure are kept, and the session records them.
        outcome.session = Some(session);
        result
    }

    fn request_in_chunks(
        &self,
        store: &Store,
        request: &ServiceRequest,
        session: &Session,
        grants: &mut Vec<VerifiedGrant>,
    ) -> Result<(), Error> {
        let mut counters: HashMap<&str, Vec<&Counter>> = HashMap::new();
        for counter in &request.counters {
            counters.entry(&counter.license).or_default().push(counter);
        }
        let unreported = store.view().unreported(self.issuer, self.holder, MAX_LICENSES)?;
        for entry in &unreported {
            counters.entry(&entry.counter.license).or_default().push(&entry.counter);
        }
        let run = random_idempotency_key()?;
        // Unproven licenses follow in requests of their own, so that they cannot prevent an answer about proven ones.
        let (proven, unproven): (Vec<_>, Vec<_>) =
            request.licenses.iter().partition(|(_, document)| document.is_proven);
        // Half the limit leaves space for the counters of several computers.
        let chunks = proven.chunks(MAX_LICENSES / 2).chain(unproven.chunks(MAX_LICENSES / 2));
        let mut waiting: Vec<&[(&Arc<str>, &Arc<MergedDocument>)]> = chunks.collect();
        waiting.reverse();
        while let Some(chunk) = waiting.pop() {
            let request = RestoreRequest {
                holder: self.holder.to_owned(),
                run: run.clone(),
                licenses: chunk
                    .iter()
                    .map(|(license, document)| RequestedLicense {
                        license: license.to_string(),
                        sha256: hex(&document.sha256),
                    })
                    .collect(),
                counters: chunk
                    .iter()
                    .flat_map(|(license, _)| counters.get(&***license).into_iter().flatten())
                    .take(MAX_LICENSES)
                    .map(|counter| (*counter).clone())
                    .collect(),
                key_set_version: session.client().key_set().set().version,
            };
            match session.call(&request, self.cancel) {
                Ok(answer) => grants.push(VerifiedGrant::new(session, answer)?),
                // Many counters can make the answer too large; then each half is requested on its own.
                Err(Error::Service(ServiceError::Problem { problem, .. }))
                    if problem.code() == Some(ProblemCode::TooLarge) && chunk.len() > 1 =>
                {
                    let (first, second) = chunk.split_at(chunk.len() / 2);
                    waiting.extend([second, first]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Decisions of the services, by issuer and license ID.
#[derive(Default)]
pub(crate) struct ServiceDecisions {
    /// SHA-256 of each granted document, in hexadecimal.
    pub(crate) granted: HashMap<(String, String), String>,
    /// License IDs that the holder has no license of.
    pub(crate) not_yours: HashSet<(String, String)>,
}

impl ServiceDecisions {
    pub(crate) fn new(outcomes: &ServiceOutcomes) -> Self {
        let mut decisions = Self::default();
        for ((issuer, _), outcome) in outcomes {
            for answer in outcome.grants.iter().flat_map(|grant| grant.licenses()) {
                let key = (issuer.clone(), answer.license.clone());
                match answer.outcome {
                    Outcome::Granted => {
                        decisions.granted.insert(key, answer.sha256.clone());
                    }
                    Outcome::NotYours => {
                        decisions.not_yours.insert(key);
                    }
                    _ => {}
                }
            }
        }
        decisions
    }
}
