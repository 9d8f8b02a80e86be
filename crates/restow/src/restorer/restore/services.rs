//! Requests to services before a restore writes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use restow_core::protocol::{Counter, MAX_LICENSES, Outcome, ProblemCode, RequestedLicense, RestoreRequest};
use restow_core::{encoding::hex, hresult::Hresult, message::Message};

use super::plan::{LocationInventory, ServiceRequest};
use super::{merge::MergedDocument, trust::Trust};
use crate::restorer::options::{Restore, ServiceConsent};
use crate::service::{
    JoinMethod, Origin, ServiceError, Session, end_released_registration, problem_code, random_idempotency_key,
    register_by,
};
use crate::status::{NotRestoredReason, Status};
use crate::store::{ServiceEntry, Store, TrustOrigin, View};
use crate::{error::Error, license::TrustedKeySet, restorer::run::RunContext, service::acquire::VerifiedGrant};

/// Outcome of the queries to one service.
#[derive(Default)]
pub(crate) struct ServiceOutcome {
    pub(crate) session: Option<Session>,
    pub(crate) grants: Vec<VerifiedGrant>,
    /// Reason for the licenses without an answer; `None` if every license has one.
    pub(crate) pending: Option<NotRestoredReason>,
    pub(crate) warning: Option<Message>,
}

impl ServiceOutcome {
    fn failed(reason: NotRestoredReason, warning: Message) -> Self {
        Self { pending: Some(reason), warning: Some(warning), ..Self::default() }
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
    store: &mut Store,
    inventory: &mut LocationInventory,
    trust: &Trust,
    run: &RunContext,
) -> Result<ServiceOutcomes, Error> {
    let mut outcomes = ServiceOutcomes::new();
    let machine_check = run.home.computer()?.check_machine();
    let keys: Vec<_> = inventory.requests.keys().cloned().collect();
    for (issuer, holder) in keys {
        let Some(key_set) = trust.key_sets.get(&issuer) else { continue };
        let query = ServiceQuery { restore, issuer: &issuer, holder: &holder, trust, run };
        let outcome = match &machine_check {
            Ok(()) => query.send(store, inventory, key_set)?,
            // Native licenses are restored on the machine of the home, or into a new home.
            Err(error) => ServiceOutcome::failed(NotRestoredReason::OtherMachine, error.into()),
        };
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

/// Returns the reason for the licenses that a service did not answer about.
fn classify(error: &ServiceError) -> NotRestoredReason {
    use ProblemCode::{
        LinkExpired, LinkUsed, LinkWithdrawn, NotAllowed, NotYours, ReleaseLimit, RestoreKeyWithdrawn,
        TooManyComputers, UnknownComputer,
    };
    match error {
        ServiceError::PrivateAddress { .. } => NotRestoredReason::PrivateAddress,
        ServiceError::NotRegistered(_) | ServiceError::NotPinned(_) | ServiceError::Address { .. } => {
            NotRestoredReason::NeedsIndividualization
        }
        ServiceError::Problem { problem, .. } => match problem.code() {
            Some(UnknownComputer) => NotRestoredReason::NeedsIndividualization,
            Some(RestoreKeyWithdrawn) => NotRestoredReason::RestoreKeyWithdrawn,
            Some(TooManyComputers) => NotRestoredReason::TooManyComputers,
            Some(NotYours) => NotRestoredReason::Refused(Outcome::NotYours),
            Some(NotAllowed | LinkUsed | LinkExpired | LinkWithdrawn | ReleaseLimit) => NotRestoredReason::NotAllowed,
            _ => NotRestoredReason::Unavailable,
        },
        _ => NotRestoredReason::Unavailable,
    }
}

/// Queries to one service for one holder.
struct ServiceQuery<'a> {
    restore: &'a Restore,
    issuer: &'a str,
    holder: &'a str,
    trust: &'a Trust,
    run: &'a RunContext,
}

impl ServiceQuery<'_> {
    /// Returns true if the user consents to a registration with the service.
    fn has_consent(&self) -> bool {
        match &self.restore.consent {
            ServiceConsent::None => false,
            // The consent covers the services that the sets name, and not requests that an earlier restore left
            // pending.
            ServiceConsent::AllServices => self.trust.named.contains(self.issuer),
            ServiceConsent::Services(issuers) => issuers.iter().any(|issuer| issuer == self.issuer),
        }
    }

    /// Asks the service if the user permits the contact, and reports the contact.
    fn send(
        &self,
        store: &mut Store,
        inventory: &mut LocationInventory,
        key_set: &TrustedKeySet,
    ) -> Result<ServiceOutcome, Error> {
        let service = key_set.set().name.clone();
        let is_pinned = store.view().service(self.issuer)?.as_ref().is_some_and(ServiceEntry::is_pinned);
        let is_registered = store.view().registration(self.issuer, self.holder)?.is_some();
        if !(is_pinned && is_registered || self.has_consent()) {
            let origin = Origin::from_url(&key_set.set().service_url)
                .map_or_else(|_| String::new(), |origin| origin.to_string());
            let issuer = self.issuer.to_owned();
            self.run.report(&Status::NeedsIndividualization { service, origin, issuer });
            let pending = Some(NotRestoredReason::NeedsIndividualization);
            return Ok(ServiceOutcome { pending, ..ServiceOutcome::default() });
        }
        let change = store.change()?;
        if !is_pinned {
            change.put_service(key_set, TrustOrigin::Consent)?;
        }
        if let Some(url) = private_origin(change.view(), self.issuer)? {
            // A set can name any private address. Only the user adds one, so the uncommitted consent is dropped.
            let warning = Message::from(&ServiceError::PrivateAddress { url });
            return Ok(ServiceOutcome::failed(NotRestoredReason::PrivateAddress, warning));
        }
        if is_pinned {
            drop(change);
        } else {
            change.commit()?;
        }
        self.run.report(&Status::Connecting { service: service.clone() });
        let mut outcome = ServiceOutcome::default();
        let result = self.register_and_request(store, inventory, &mut outcome);
        if let Some(url) = outcome.grants.iter().find_map(|grant| grant.limit_page.clone()) {
            let result = Hresult::NS_E_DRM_RESTORE_FRAUD;
            self.run.report(&Status::ErrorWithUrl { service: service.clone(), url, result });
        }
        self.run.report(&Status::Disconnecting { service });
        match result {
            Ok(()) => Ok(outcome),
            Err(Error::Service(ServiceError::Cancelled)) => Err(Error::Cancelled),
            Err(Error::Service(error)) => {
                let (pending, warning) = (Some(classify(&error)), Some(Message::from(&error)));
                Ok(ServiceOutcome { pending, warning, ..outcome })
            }
            Err(error) => Err(error),
        }
    }

    fn register_and_request(
        &self,
        store: &mut Store,
        inventory: &mut LocationInventory,
        outcome: &mut ServiceOutcome,
    ) -> Result<(), Error> {
        if store.view().registration(self.issuer, self.holder)?.is_none() {
            self.register(store)?;
        }
        let registration = store.view().registration(self.issuer, self.holder)?;
        match (self.request(store, inventory, outcome), registration) {
            (Err(error), Some(registration)) if end_released_registration(store, &registration, &error)? => {
                // The keys of a released computer in the store are void, so those licenses are requested too.
                inventory.requery_released(store.view(), self.restore, self.issuer, self.holder)?;
                if !self.has_consent() {
                    return Err(error);
                }
                self.register(store)?;
                self.request(store, inventory, outcome)?;
            }
            (result, _) => result?,
        }
        match &outcome.session {
            Some(session) => session.renew_membership(store, &self.run.cancel),
            None => Ok(()),
        }
    }

    /// Registers this computer by the holder key of the home, or by a restore key of the sets.
    fn register(&self, store: &mut Store) -> Result<(), Error> {
        let (home, cancel) = (&self.run.home, &self.run.cancel);
        let name = self.restore.run.computer_name.as_deref().unwrap_or("computer");
        let incarnation = store.view().service(self.issuer)?.map_or(0, |service| service.holder_incarnation);
        let is_own = home.holder()?.created_holder(self.issuer, self.holder, incarnation);
        let restore_keys = self.trust.restore_keys(self.issuer, self.holder).iter().map(JoinMethod::RestoreKey);
        let mut last_error = Error::from(ServiceError::NotRegistered(self.issuer.to_owned()));
        // A release by another computer revokes the holder key, and a restore key can still be valid. Another
        // generation, or the set of another computer, can have a valid restore key.
        for method in is_own.then_some(JoinMethod::Holder(self.holder)).into_iter().chain(restore_keys) {
            match register_by(home, store, self.issuer, name, method, cancel).map(drop) {
                Err(error)
                    if matches!(
                        problem_code(&error),
                        Some(ProblemCode::RestoreKeyWithdrawn | ProblemCode::NotAllowed | ProblemCode::BadSignature)
                    ) =>
                {
                    last_error = error;
                }
                result => return result,
            }
        }
        Err(last_error)
    }

    fn request(&self, store: &Store, inventory: &LocationInventory, outcome: &mut ServiceOutcome) -> Result<(), Error> {
        let key = (self.issuer.to_owned(), self.holder.to_owned());
        let Some(request) = inventory.requests.get(&key) else { return Ok(()) };
        let session = Session::open(&self.run.home, store, self.issuer, self.holder)?;
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
            match session.call(&request, &self.run.cancel) {
                Ok(answer) => grants.push(VerifiedGrant::new(session, answer)?),
                // Many counters can make the answer too large; then each half is requested on its own.
                Err(error) if problem_code(&error) == Some(ProblemCode::TooLarge) && chunk.len() > 1 => {
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
pub(crate) struct ServiceDecisions<'a> {
    /// SHA-256 of each granted document, in hexadecimal.
    pub(crate) granted: HashMap<(&'a str, &'a str), &'a str>,
    /// License IDs that the holder has no license of.
    pub(crate) not_yours: HashSet<(&'a str, &'a str)>,
}

impl<'a> ServiceDecisions<'a> {
    pub(crate) fn new(outcomes: &'a ServiceOutcomes) -> Self {
        let mut decisions = Self::default();
        for ((issuer, _), outcome) in outcomes {
            for answer in outcome.grants.iter().flat_map(|grant| &grant.answer.body.licenses) {
                let key = (issuer.as_str(), answer.license.as_str());
                match answer.outcome {
                    Outcome::Granted => drop(decisions.granted.insert(key, &answer.sha256)),
                    Outcome::NotYours => drop(decisions.not_yours.insert(key)),
                    _ => {}
                }
            }
        }
        decisions
    }
}
