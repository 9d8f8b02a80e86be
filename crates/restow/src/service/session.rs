//! A home's dealings with one service: what every answer means for the store.

use restow_core::encoding::b64;
use restow_core::jws;
use restow_core::keys::{PublicKey, SecretKey};

use super::Cancel;
use super::ServiceError;
use super::client::ServiceClient;
use super::client::fetch_newer_key_set;
use super::protocol::{
    Answer, Call, HolderProof, JoinProof, ListComputersRequest, Membership, ProblemCode, RegisterAnswer,
    RegisterRequest, RestoreKeyJoin, Revocations,
};
use crate::error::Error;
use crate::home::ComputerKeys;
use crate::home::Home;
use crate::license::{KeyUse, TrustedKeySet};
use crate::store::{Change, Registration, ServiceEntry, Store, TrustOrigin};

/// Larger epochs are no epochs: they count withdrawals.
const MAX_EPOCH: u64 = 1 << 53;

/// A fresh idempotency key: 128 random bits in 22 characters.
pub(crate) fn random_idempotency_key() -> Result<String, crate::home::HomeError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| crate::home::HomeError::Random)?;
    Ok(b64(&random))
}

/// This computer at one service, for one holder.
#[derive(Debug)]
pub struct Session {
    client: ServiceClient,
    registration: Registration,
    keys: SessionKeys,
}

struct SessionKeys(ComputerKeys);

impl std::fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKeys(…)")
    }
}

impl Session {
    /// Opens the session; no socket yet.
    ///
    /// # Errors
    /// When the service is not pinned, or this computer is not registered there for that holder.
    pub fn open(home: &Home, store: &Store, issuer: &str, holder: &str) -> Result<Self, Error> {
        let service = pinned(store, issuer)?;
        let registration = store
            .view()
            .registration(issuer, holder)?
            .ok_or_else(|| ServiceError::NotRegistered(service.key_set.set().name.clone()))?;
        let computer = home.computer()?;
        // A copied home is another computer, and must not pass for this one.
        computer.check_machine()?;
        let keys = computer.keys(issuer, registration.incarnation);
        let client = ServiceClient::new(&service.key_set, service.added, keys.signing.clone(), home.clock().clone())?;
        Ok(Self { client, registration, keys: SessionKeys(keys) })
    }

    /// The session for this home's own holder at an issuer, or for the only one it belongs to there.
    ///
    /// # Errors
    /// As [`open`](Self::open); also when the home belongs to several holders there, none of them its own.
    pub fn open_for_issuer(home: &Home, store: &Store, issuer: &str) -> Result<Self, Error> {
        let service = pinned(store, issuer)?;
        let registrations = store.view().registrations(Some(issuer))?;
        let own = home.holder()?;
        let is_own = |r: &&Registration| own.created_holder(issuer, &r.holder, service.holder_incarnation);
        let registration = registrations.iter().find(is_own).or(match registrations.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        let registration =
            registration.ok_or_else(|| ServiceError::NotRegistered(service.key_set.set().name.clone()))?;
        Self::open(home, store, issuer, &registration.holder)
    }

    /// Asks whether this computer was confirmed meanwhile, unless it is already known to be.
    ///
    /// # Errors
    /// When the store fails; not when the service cannot be asked.
    pub(crate) fn renew_membership(&self, store: &mut Store, cancel: &Cancel) -> Result<(), Error> {
        let Registration { issuer, holder, .. } = &self.registration;
        if store.view().registration(issuer, holder)?.is_none_or(|registration| registration.confirmed) {
            return Ok(());
        }
        // It will be asked again with the next contact.
        let Ok(answer) = self.call(&ListComputersRequest { holder: holder.clone() }, cancel) else { return Ok(()) };
        let change = store.change()?;
        self.record_answer(&change, &answer)?;
        self.record_membership(&change, &answer.body.membership)?;
        Ok(change.commit()?)
    }

    /// The registration the session uses.
    #[must_use]
    pub const fn registration(&self) -> &Registration {
        &self.registration
    }

    /// The client.
    #[must_use]
    pub const fn client(&self) -> &ServiceClient {
        &self.client
    }

    /// This computer's keys there.
    pub(crate) const fn keys(&self) -> &ComputerKeys {
        &self.keys.0
    }

    /// Calls the service under a fresh idempotency key.
    ///
    /// # Errors
    /// As [`ServiceClient::call`].
    pub fn call<C: Call>(&self, request: &C, cancel: &Cancel) -> Result<Answer<C::Answer>, Error> {
        Ok(self.client.call(request, &random_idempotency_key()?, cancel)?)
    }

    /// Notes what every answer carries besides its body: the time, notices, and the epoch of restore keys.
    ///
    /// # Errors
    /// When the store fails.
    pub fn record_answer<T>(&self, change: &Change<'_>, answer: &Answer<T>) -> Result<(), Error> {
        let Registration { issuer, holder, .. } = &self.registration;
        if let Some(newer) = self.client.renewed() {
            change.put_service(newer, TrustOrigin::Untrusted)?;
        }
        change.record_signed_time(issuer, answer.time)?;
        change.record_restore_epoch(issuer, holder, answer.restore_epoch.min(MAX_EPOCH))?;
        change.put_notices(issuer, &answer.notices)?;
        Ok(())
    }

    /// Verifies statements of what is revoked.
    ///
    /// # Errors
    /// When one is not signed by the service, or longer than a backup can hold.
    pub(crate) fn verify_revocations(&self, documents: &[String]) -> Result<Vec<(String, Revocations)>, ServiceError> {
        documents
            .iter()
            .map(|document| Ok((document.clone(), verify_revocations(self.client.key_set(), document)?)))
            .collect()
    }

    /// Keeps a membership the service sent, if it is about this registration.
    ///
    /// # Errors
    /// When it is not, or the store fails.
    pub fn record_membership(&self, change: &Change<'_>, document: &str) -> Result<(), Error> {
        let membership = verify_membership(self.client.key_set(), document)?;
        let Registration { issuer, holder, computer, .. } = &self.registration;
        if (&membership.issuer, &membership.holder, &membership.computer) != (issuer, holder, computer) {
            return Err(bad_answer(&self.client, "the membership is another's").into());
        }
        // As it is by now: this very answer may have told of another epoch.
        let known = change.view().registration(issuer, holder)?.unwrap_or_else(|| self.registration.clone());
        let renewed = Registration { membership: document.to_owned(), confirmed: membership.confirmed, ..known };
        change.put_registration(&renewed)?;
        Ok(())
    }
}

fn bad_answer(client: &ServiceClient, why: &str) -> ServiceError {
    ServiceError::BadAnswer { url: client.origin().to_string(), why: why.to_owned() }
}

fn pinned(store: &Store, issuer: &str) -> Result<ServiceEntry, Error> {
    let service = store.view().service(issuer)?.filter(ServiceEntry::is_pinned);
    Ok(service.ok_or_else(|| ServiceError::NotPinned(issuer.to_owned()))?)
}

/// A statement of revoked licenses, verified under its issuer's keys.
pub(crate) fn verify_revocations(key_set: &TrustedKeySet, document: &str) -> Result<Revocations, ServiceError> {
    if document.len() > restow_backup::MAX_STATEMENT {
        return Err(ServiceError::Refused(jws::JwsError::Form));
    }
    let statement = key_set.verify_statement::<Revocations>(document, KeyUse::Service, |statement| statement.time)?;
    if statement.issuer == key_set.set().issuer {
        Ok(statement)
    } else {
        Err(ServiceError::Refused(jws::JwsError::Payload("it names another issuer".into())))
    }
}

/// A membership, verified under its issuer's keys.
pub(crate) fn verify_membership(key_set: &TrustedKeySet, document: &str) -> Result<Membership, ServiceError> {
    let membership = key_set.verify_statement::<Membership>(document, KeyUse::Service, |membership| membership.time)?;
    let consistent =
        membership.issuer == key_set.set().issuer && membership.computer == membership.computer_key.thumbprint();
    if consistent {
        Ok(membership)
    } else {
        Err(ServiceError::Refused(jws::JwsError::Payload("it is not consistent".into())))
    }
}

/// A restore key found in a set, and the certificate that goes with it.
#[derive(Clone, Debug)]
pub(crate) struct RestoreKey {
    pub holder: String,
    pub key: SecretKey,
    pub certificate: String,
}

/// By what a computer joins a holder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JoinMethod<'a> {
    /// This home's own holder, whatever its ID is.
    Own,
    /// A holder this home's holder key belongs to.
    Holder(&'a str),
    /// A restore key found in a set.
    RestoreKey(&'a RestoreKey),
}

/// Registers this computer with a pinned service, for this home's own holder: the user's consent is the caller's business.
/// A computer that was released before takes its next identity there.
///
/// # Errors
/// When the service is not pinned, cannot be reached or refuses.
pub fn register(
    home: &Home,
    store: &mut Store,
    issuer: &str,
    name: &str,
    cancel: &Cancel,
) -> Result<Registration, Error> {
    register_by(home, store, issuer, name, JoinMethod::Own, cancel)
}

pub(crate) fn register_by(
    home: &Home,
    store: &mut Store,
    issuer: &str,
    name: &str,
    method: JoinMethod<'_>,
    cancel: &Cancel,
) -> Result<Registration, Error> {
    renew_key_set(store, issuer, cancel)?;
    let (mut new_computer, mut new_holder_key) = (false, false);
    loop {
        let service = pinned(store, issuer)?;
        let error = match try_register(home, &service, name, method, cancel) {
            Ok(result) => return store_registration(store, result),
            Err(error) => error,
        };
        let code = match &error {
            Error::Service(ServiceError::Problem { problem, .. }) => problem.code(),
            _ => None,
        };
        // A released computer does not come back, nor does a revoked holder key; the next one may, once in a call.
        let change = store.change()?;
        match (code, method) {
            (Some(ProblemCode::UnknownComputer), _) if !new_computer => {
                new_computer = true;
                change.next_incarnation(issuer)?;
                // What the released computer held is not here any more.
                for registration in change.view().registrations(Some(issuer))? {
                    change.record_withdrawn(issuer, &registration.holder)?;
                    change.remove_registration(issuer, &registration.holder)?;
                    change.release_keys(issuer, &registration.holder)?;
                }
            }
            (Some(ProblemCode::NotAllowed), JoinMethod::Own) if !new_holder_key => {
                new_holder_key = true;
                change.next_holder_key(issuer)?;
            }
            _ => return Err(error),
        }
        change.commit()?;
    }
}

/// Fetches the newest key set: it says which keys are not to be believed any more.
fn renew_key_set(store: &mut Store, issuer: &str, cancel: &Cancel) -> Result<(), Error> {
    let service = pinned(store, issuer)?;
    let Some(fetched) = fetch_newer_key_set(&service.key_set, service.added, cancel)? else { return Ok(()) };
    let change = store.change()?;
    change.put_service(&fetched, TrustOrigin::Untrusted)?;
    Ok(change.commit()?)
}

type JoinResult = (Registration, Answer<Registered>);

fn store_registration(store: &mut Store, (registration, answer): JoinResult) -> Result<Registration, Error> {
    let change = store.change()?;
    change.put_registration(&registration)?;
    change.put_chosen_name(&registration)?;
    change.record_signed_time(&registration.issuer, answer.time)?;
    change.put_notices(&registration.issuer, &answer.notices)?;
    change.commit()?;
    Ok(registration)
}

fn try_register(
    home: &Home,
    service: &ServiceEntry,
    name: &str,
    method: JoinMethod<'_>,
    cancel: &Cancel,
) -> Result<JoinResult, Error> {
    let issuer = service.issuer();
    let computer = home.computer()?;
    computer.check_machine()?;
    let keys = computer.keys(issuer, service.incarnation);
    let holder_key = home.holder()?.key(issuer, service.holder_incarnation);
    let request = random_idempotency_key()?;
    let computer_id = keys.computer_id();
    let (holder, restore_key) = match method {
        JoinMethod::Own => (None, None),
        JoinMethod::Holder(holder) => (Some(holder.to_owned()), None),
        JoinMethod::RestoreKey(key) => (Some(key.holder.clone()), Some(key)),
    };
    let body = RegisterRequest {
        holder,
        holder_key: holder_key.public(),
        computer_key: keys.signing.public(),
        encryption_key: PublicKey::from_bytes(*keys.opening.public().as_bytes()),
        name: display_name(name),
        holder_proof: jws::sign(
            &HolderProof { issuer: issuer.to_owned(), computer: computer_id.clone(), request: request.clone() },
            &holder_key,
        )
        .map_err(ServiceError::from)?,
        restore: restore_key
            .map(|key| restore_key_proof(key, issuer, &computer_id, holder_key.public(), &request))
            .transpose()?,
    };
    let client = ServiceClient::new(&service.key_set, service.added, keys.signing, home.clock().clone())?;
    let answer = client.call(&body, &request, cancel)?;
    let membership = verify_membership(&service.key_set, &answer.body.membership)?;
    let is_ours = membership.holder == answer.body.holder
        && membership.computer == computer_id
        && membership.holder_key == holder_key.public()
        && answer.body.computer == computer_id
        && body.holder.as_ref().is_none_or(|holder| *holder == membership.holder);
    if !is_ours {
        return Err(bad_answer(&client, "the membership is another's").into());
    }
    let registration = Registration::new(service, body.name, answer.body.clone(), answer.restore_epoch);
    Ok((registration, answer))
}

fn restore_key_proof(
    key: &RestoreKey,
    issuer: &str,
    computer: &str,
    holder_key: PublicKey,
    request: &str,
) -> Result<RestoreKeyJoin, ServiceError> {
    let proof = JoinProof {
        issuer: issuer.to_owned(),
        holder: key.holder.clone(),
        computer: computer.to_owned(),
        holder_key,
        request: request.to_owned(),
    };
    Ok(RestoreKeyJoin { certificate: key.certificate.clone(), proof: jws::sign(&proof, &key.key)? })
}

/// A name as services show it: printable, 1 to 100 characters.
fn display_name(name: &str) -> String {
    let printable: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    if printable.trim().is_empty() { "computer".to_owned() } else { printable }
}
