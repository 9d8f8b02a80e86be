//! Asking the services: who grants what, before anything is written.

use std::collections::{BTreeMap, HashMap};

use super::options::{Consent, Restore};
use super::run::Teller;
use super::survey::{Needed, NeededHere, Survey};
use super::trust::Trust;
use crate::acquire::VerifiedGrant;
use crate::encoding::hex;
use crate::error::Error;
use crate::home::Home;
use crate::hresult::Hresult;
use crate::service::protocol::{Asked, Counter, MAX_LICENSES, Outcome, ProblemCode, Restore as RestoreRequest};
use crate::service::{Cancel, Joining, ServiceError, Session, join, new_idempotency_key};
use crate::status::Status;
use crate::store::{AddedBy, Registration, ServiceEntry, Store};

/// Why some licenses stay pending or were refused as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Open {
    /// Refused: the service says the holder or computer may not.
    Refused,
    /// The user did not consent to register.
    NeedsIndividualization,
    /// Out of reach, or its answers were of no use.
    Unavailable,
}

/// What one service answered.
pub(super) struct Asking {
    pub session: Option<Session>,
    pub grants: Vec<VerifiedGrant>,
    /// Why licenses stayed without an answer.
    pub open: Option<Open>,
    pub warning: Option<String>,
}

pub(super) type Answers = BTreeMap<(String, String), Asking>;

/// Asks every service that is needed, telling as it goes.
pub(super) fn ask(
    restore: &Restore,
    home: &Home,
    store: &mut Store,
    survey: &Survey,
    trust: &Trust,
    teller: &Teller,
    cancel: &Cancel,
) -> Result<Answers, Error> {
    let mut answers = Answers::new();
    for ((issuer, holder), here) in &survey.needed {
        let known = store.view().service(issuer)?;
        let Some(key_set) = trust.key_set(issuer) else { continue };
        let name = key_set.set().name.clone();
        let pinned = known.as_ref().is_some_and(ServiceEntry::is_pinned);
        let registration = store.view().registration(issuer, holder)?;
        let consented = match &restore.consent {
            Consent::None => false,
            Consent::AllServices => true,
            Consent::Services(issuers) => issuers.contains(issuer),
        };
        if (!pinned || registration.is_none()) && !consented {
            teller.tell(&Status::NeedsIndividualization { service: name });
            let open = Some(Open::NeedsIndividualization);
            answers.insert(
                (issuer.clone(), holder.clone()),
                Asking { session: None, grants: Vec::new(), open, warning: None },
            );
            continue;
        }
        if !pinned {
            let change = store.change()?;
            change.put_service(key_set, AddedBy::Consent)?;
            change.commit()?;
        }
        teller.tell(&Status::Connecting { service: name.clone() });
        let mut asking = Asking { session: None, grants: Vec::new(), open: None, warning: None };
        let result = ask_one(restore, home, store, (issuer, holder), here, trust, registration, &mut asking, cancel);
        let url = asking.grants.iter().find_map(VerifiedGrant::page);
        if let Some(url) = url {
            teller.tell(&Status::ErrorWithUrl { service: name.clone(), url, result: Hresult::NS_E_DRM_RESTORE_FRAUD });
        }
        teller.tell(&Status::Disconnecting { service: name });
        match result {
            Ok(()) => {}
            Err(Error::Service(ServiceError::Cancelled)) => return Err(super::error::RestorerError::Cancelled.into()),
            Err(Error::Service(error)) => {
                asking.open = Some(classify(&error));
                asking.warning = Some(format!("{error}. {}", error.help()));
            }
            Err(error) => return Err(error),
        }
        answers.insert((issuer.clone(), holder.clone()), asking);
    }
    Ok(answers)
}

fn classify(error: &ServiceError) -> Open {
    match error {
        ServiceError::Problem { problem, .. } if problem.code() == Some(ProblemCode::UnknownComputer) => {
            Open::NeedsIndividualization
        }
        ServiceError::NotRegistered(_) | ServiceError::NotPinned(_) | ServiceError::Address { .. } => {
            Open::NeedsIndividualization
        }
        error if error.is_temporary() => Open::Unavailable,
        ServiceError::OtherIssuer { .. } => Open::Unavailable,
        _ => Open::Refused,
    }
}

#[expect(clippy::too_many_arguments, reason = "one step of `ask`, apart for its error path only")]
fn ask_one(
    restore: &Restore,
    home: &Home,
    store: &mut Store,
    (issuer, holder): (&str, &str),
    here: &NeededHere,
    trust: &Trust,
    registration: Option<Registration>,
    asking: &mut Asking,
    cancel: &Cancel,
) -> Result<(), Error> {
    if registration.is_none() {
        register(restore, home, store, (issuer, holder), trust, cancel)?;
    }
    match contact(home, store, issuer, holder, here, asking, cancel) {
        Err(Error::Service(ServiceError::Problem { problem, .. }))
            if problem.code() == Some(ProblemCode::UnknownComputer) && restore.consent != Consent::None =>
        {
            // Released meanwhile: with the user's consent it becomes another computer there.
            register(restore, home, store, (issuer, holder), trust, cancel)?;
            contact(home, store, issuer, holder, here, asking, cancel)
        }
        result => result,
    }
}

fn register(
    restore: &Restore,
    home: &Home,
    store: &mut Store,
    (issuer, holder): (&str, &str),
    trust: &Trust,
    cancel: &Cancel,
) -> Result<(), Error> {
    let name = restore.computer_name.as_deref().unwrap_or("computer");
    let incarnation = store.view().service(issuer)?.map_or(0, |service| service.holder_incarnation);
    if home.holder()?.began(issuer, holder, incarnation) {
        match join(home, store, issuer, name, Joining::Holder(holder), cancel) {
            Ok(_) => return Ok(()),
            // Its holder key was revoked, as after a release by another computer: the set may still let it in.
            Err(Error::Service(ServiceError::Problem { problem, .. }))
                if problem.code() == Some(ProblemCode::NotAllowed) => {}
            Err(error) => return Err(error),
        }
    }
    let mut last = Error::from(ServiceError::NotRegistered(issuer.to_owned()));
    for key in trust.restore_keys(issuer, holder) {
        match join(home, store, issuer, name, Joining::RestoreKey(key), cancel) {
            Ok(_) => return Ok(()),
            // Another generation may have a key of the current epoch.
            Err(Error::Service(ServiceError::Problem { problem, name }))
                if problem.code() == Some(ProblemCode::RestoreKeyWithdrawn) =>
            {
                last = ServiceError::Problem { problem, name }.into();
            }
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn contact(
    home: &Home,
    store: &Store,
    issuer: &str,
    holder: &str,
    here: &NeededHere,
    asking: &mut Asking,
    cancel: &Cancel,
) -> Result<(), Error> {
    let session = Session::open(home, store, issuer, holder)?;
    let result = ask_in_chunks(store, issuer, holder, here, &session, &mut asking.grants, cancel);
    // What was granted before a later part failed is kept, and the session is needed to open it.
    asking.session = Some(session);
    result
}

fn ask_in_chunks(
    store: &Store,
    issuer: &str,
    holder: &str,
    here: &NeededHere,
    session: &Session,
    grants: &mut Vec<VerifiedGrant>,
    cancel: &Cancel,
) -> Result<(), Error> {
    let mut counters: HashMap<&str, Vec<&Counter>> = HashMap::new();
    for counter in &here.counters {
        counters.entry(&counter.license).or_default().push(counter);
    }
    let unreported = store.view().unreported(issuer, MAX_LICENSES)?;
    for entry in &unreported {
        counters.entry(&entry.counter.license).or_default().push(&entry.counter);
    }
    let run = new_idempotency_key()?;
    let all: Vec<_> = here.licenses.iter().collect();
    // Half the limit, so that counters of several computers fit beside their licenses.
    let mut open: Vec<&[(&String, &Needed)]> = all.chunks(MAX_LICENSES / 2).rev().collect();
    while let Some(chunk) = open.pop() {
        let request = RestoreRequest {
            holder: holder.to_owned(),
            run: run.clone(),
            licenses: chunk
                .iter()
                .map(|(license, needed)| Asked { license: (*license).clone(), sha256: hex(&needed.sha256) })
                .collect(),
            counters: chunk
                .iter()
                .flat_map(|(license, _)| counters.get(license.as_str()).into_iter().flatten())
                .take(MAX_LICENSES)
                .map(|counter| (*counter).clone())
                .collect(),
            key_set_version: session.client().key_set().set().version,
        };
        match session.call(&request, cancel) {
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

/// The result code of a refusal, for END.
pub(super) const fn refusal_result(outcome: Outcome) -> Hresult {
    match outcome {
        Outcome::Granted => Hresult::S_OK,
        Outcome::Limit | Outcome::DailyLimit | Outcome::NotYours => Hresult::NS_E_DRM_RESTORE_FRAUD,
        Outcome::Expired => Hresult::NS_E_DRM_LICENSE_EXPIRED,
        _ => Hresult::NS_E_DRM_LICENSE_UNUSABLE,
    }
}
