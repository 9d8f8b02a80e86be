//! Session of a home with one service: calls, and the effect of each answer on the store.

use restow_core::keys::{PublicKey, SecretKey};
use restow_core::{encoding::b64, jws};

use super::client::{ServiceClient, fetch_newer_key_set};
use super::protocol::{
    Answer, Call, HolderProof, JoinProof, ListComputersRequest, Membership, Notice, NoticeCode, ProblemCode,
    RegisterAnswer, RegisterRequest, RestoreKeyJoin, Revocations,
};
use super::{AcquisitionLink, Cancel, ServiceError};
use crate::error::Error;
use crate::home::{ComputerKeys, Home, HomeError};
use crate::license::{KeyUse, TrustedKeySet};
use crate::store::{Change, Registration, ServiceEntry, Store, TrustOrigin};

/// Largest valid epoch. Epochs count withdrawals, so a larger number is an error of the service.
const MAX_EPOCH: u64 = 1 << 53;

/// Returns a new idempotency key: 128 random bits as 22 characters.
pub(crate) fn random_idempotency_key() -> Result<String, HomeError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| HomeError::Random)?;
    Ok(b64(&random))
}

/// Returns the code of a problem that a service reported.
pub(crate) fn problem_code(error: &Error) -> Option<ProblemCode> {
    match error {
        Error::Service(ServiceError::Problem { problem, .. }) => problem.code(),
        _ => None,
    }
}

/// Session of this computer with one service, for one holder.
pub struct Session {
    client: ServiceClient,
    registration: Registration,
    /// Keys of this computer at the service.
    pub(super) keys: ComputerKeys,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("registration", &self.registration).finish_non_exhaustive()
    }
}

impl Session {
    /// Opens the session. Opens no socket.
    ///
    /// # Errors
    /// [`ServiceError::NotPinned`] when the service is not trusted; [`ServiceError::NotRegistered`] when this
    /// computer is not registered there for `holder`.
    pub fn open(home: &Home, store: &Store, issuer: &str, holder: &str) -> Result<Self, Error> {
        let service = pinned(store, issuer)?;
        let registration = store
            .view()
            .registration(issuer, holder)?
            .ok_or_else(|| ServiceError::NotRegistered(service.key_set.set().name.clone()))?;
        let computer = home.computer()?;
        // A copied home is another computer and must not act as this one.
        computer.check_machine()?;
        let keys = computer.keys(issuer, registration.incarnation);
        let client = ServiceClient::new(&service.key_set, service.added, keys.signing.clone(), home.clock().clone())?;
        Ok(Self { client, registration, keys })
    }

    /// Opens the session for the holder of this home at an issuer, or for the only holder registered there.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open). [`ServiceError::NotRegistered`] also when several holders are
    /// registered and none of them is the holder of this home.
    pub fn open_for_issuer(home: &Home, store: &Store, issuer: &str) -> Result<Self, Error> {
        let service = pinned(store, issuer)?;
        let registrations = store.view().registrations(Some(issuer))?;
        let own = home.holder()?;
        let is_own = |r: &&Registration| own.created_holder(issuer, &r.holder, service.holder_incarnation);
        match (registrations.iter().find(is_own), registrations.as_slice()) {
            (Some(registration), _) | (None, [registration]) => Self::open(home, store, issuer, &registration.holder),
            _ => Err(ServiceError::NotRegistered(service.key_set.set().name.clone()).into()),
        }
    }

    /// Asks for a new membership if this computer is not yet known to be confirmed.
    ///
    /// # Errors
    /// When the store fails. A service that does not answer is no error.
    pub(crate) fn renew_membership(&self, store: &mut Store, cancel: &Cancel) -> Result<(), Error> {
        let Registration { issuer, holder, .. } = &self.registration;
        if store.view().registration(issuer, holder)?.is_none_or(|registration| registration.confirmed) {
            return Ok(());
        }
        // The next contact repeats this question.
        let Ok(answer) = self.call(&ListComputersRequest { holder: holder.clone() }, cancel) else { return Ok(()) };
        store.update(|change| {
            self.record_answer(change, &answer)?;
            self.record_membership(change, &answer.body.membership)
        })
    }

    /// Returns the registration of this session.
    #[must_use]
    pub const fn registration(&self) -> &Registration {
        &self.registration
    }

    /// Returns the client.
    #[must_use]
    pub const fn client(&self) -> &ServiceClient {
        &self.client
    }

    /// Calls the service with a new idempotency key.
    ///
    /// # Errors
    /// The errors of [`ServiceClient::call`].
    pub fn call<C: Call>(&self, request: &C, cancel: &Cancel) -> Result<Answer<C::Answer>, Error> {
        Ok(self.client.call(request, &random_idempotency_key()?, cancel)?)
    }

    /// Stores the parts of an answer that are independent of its body: key set, time, notices and epoch of the
    /// restore keys.
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

    /// Verifies revocation statements.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the service did not sign one of them, or when one is too long for a
    /// backup.
    pub(crate) fn verify_revocations(&self, documents: &[String]) -> Result<Vec<(String, Revocations)>, ServiceError> {
        documents
            .iter()
            .map(|document| Ok((document.clone(), verify_revocations(self.client.key_set(), document)?)))
            .collect()
    }

    /// Stores a membership from the service if it belongs to this registration.
    ///
    /// # Errors
    /// [`ServiceError::BadAnswer`] when it belongs to another registration; a store error when the store fails.
    pub fn record_membership(&self, change: &Change<'_>, document: &str) -> Result<(), Error> {
        let membership = verify_membership(self.client.key_set(), document)?;
        let Registration { issuer, holder, computer, .. } = &self.registration;
        if (&membership.issuer, &membership.holder, &membership.computer) != (issuer, holder, computer) {
            return Err(self.client.bad_answer("the membership is another's").into());
        }
        // The same answer may have changed the epoch, so the registration is read again.
        let known = change.view().registration(issuer, holder)?.unwrap_or_else(|| self.registration.clone());
        let renewed = Registration { membership: document.to_owned(), confirmed: membership.confirmed, ..known };
        change.put_registration(&renewed)?;
        Ok(())
    }
}

fn pinned(store: &Store, issuer: &str) -> Result<ServiceEntry, Error> {
    let service = store.view().service(issuer)?.filter(ServiceEntry::is_pinned);
    Ok(service.ok_or_else(|| ServiceError::NotPinned(issuer.to_owned()))?)
}

/// Verifies a revocation statement under the keys of its issuer.
pub(crate) fn verify_revocations(key_set: &TrustedKeySet, document: &str) -> Result<Revocations, ServiceError> {
    if document.len() as u64 > restow_core::protocol::MAX_STATEMENT {
        return Err(ServiceError::Refused(jws::JwsError::Form));
    }
    let statement = key_set.verify_statement::<Revocations>(document, KeyUse::Service, |statement| statement.time)?;
    if statement.issuer != key_set.set().issuer {
        return Err(ServiceError::Refused(jws::JwsError::Payload("it names another issuer".into())));
    }
    Ok(statement)
}

/// Verifies a membership under the keys of its issuer.
pub(crate) fn verify_membership(key_set: &TrustedKeySet, document: &str) -> Result<Membership, ServiceError> {
    let membership = key_set.verify_statement::<Membership>(document, KeyUse::Service, |membership| membership.time)?;
    if membership.issuer != key_set.set().issuer || membership.computer != membership.computer_key.thumbprint() {
        return Err(ServiceError::Refused(jws::JwsError::Payload("it is not consistent".into())));
    }
    Ok(membership)
}

/// Restore key found in a set, with its certificate.
#[derive(Clone, Debug)]
pub(crate) struct RestoreKey {
    pub holder: String,
    pub key: SecretKey,
    pub certificate: String,
}

/// Ends a registration if the service answered that this computer is released or unknown. A notice then says when it was
/// released. Returns true if the registration ended.
pub(crate) fn end_released_registration(
    store: &mut Store,
    registration: &Registration,
    error: &Error,
) -> Result<bool, Error> {
    if problem_code(error) != Some(ProblemCode::UnknownComputer) {
        return Ok(false);
    }
    let Registration { issuer, holder, computer, name, .. } = registration;
    store.update(|change| {
        change.remove_released_registration(issuer, holder)?;
        if let Error::Service(ServiceError::Problem { problem, .. }) = error
            && let Some(at) = problem.released_at
        {
            let (code, computer, name) = (NoticeCode::ThisComputerReleased, computer.clone(), name.clone());
            change.put_notices(issuer, &[Notice { code, computer, name, at }])?;
        }
        Ok(true)
    })
}

/// Proof by which a computer joins a holder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JoinMethod<'a> {
    /// The holder of this home, with any ID.
    Own,
    /// The holder of this home, which redeems the link with this code next.
    OwnWithLink(&'a str),
    /// A holder that the holder key of this home belongs to.
    Holder(&'a str),
    /// A restore key found in a set.
    RestoreKey(&'a RestoreKey),
}

/// Registers this computer with a trusted service for the holder of this home. The caller is responsible for
/// the user's consent.
///
/// A computer that was released before registers under its next identity.
///
/// # Errors
/// When the service is not trusted, cannot be reached or refuses.
pub fn register(
    home: &Home,
    store: &mut Store,
    issuer: &str,
    name: &str,
    cancel: &Cancel,
) -> Result<Registration, Error> {
    register_by(home, store, issuer, name, JoinMethod::Own, cancel)
}

/// Registers this computer as [`register`], to redeem a link of the service next.
///
/// The service refuses a link that this holder cannot redeem before it creates a holder.
///
/// # Errors
/// As [`register`], and when the link cannot be redeemed.
pub fn register_for_link(
    home: &Home,
    store: &mut Store,
    link: &AcquisitionLink,
    name: &str,
    cancel: &Cancel,
) -> Result<Registration, Error> {
    register_by(home, store, &link.issuer, name, JoinMethod::OwnWithLink(&link.code), cancel)
}

pub(crate) fn register_by(
    home: &Home,
    store: &mut Store,
    issuer: &str,
    name: &str,
    method: JoinMethod<'_>,
    cancel: &Cancel,
) -> Result<Registration, Error> {
    let service = pinned(store, issuer)?;
    // The newest key set names the keys that are no longer valid.
    if let Some(newer) = fetch_newer_key_set(&service.key_set, service.added, cancel)? {
        store.update(|change| change.put_service(&newer, TrustOrigin::Untrusted))?;
    }
    let (mut new_computer, mut new_holder_key) = (false, false);
    loop {
        let service = pinned(store, issuer)?;
        let error = match try_register(home, &service, name, method, cancel) {
            Ok((registration, answer)) => {
                store.update(|change| {
                    change.put_registration(&registration)?;
                    change.put_chosen_name(&registration)?;
                    change.record_signed_time(issuer, answer.time)?;
                    change.put_notices(issuer, &answer.notices)
                })?;
                return Ok(registration);
            }
            Err(error) => error,
        };
        // A released computer ID and a revoked holder key are final. Each call may try the next of each once.
        let change = store.change()?;
        match (problem_code(&error), method) {
            (Some(ProblemCode::UnknownComputer), _) if !new_computer => {
                new_computer = true;
                change.next_incarnation(issuer)?;
                // The licenses of the released computer are no longer held here.
                for registration in change.view().registrations(Some(issuer))? {
                    change.remove_released_registration(issuer, &registration.holder)?;
                }
            }
            (Some(ProblemCode::NotAllowed), JoinMethod::Own | JoinMethod::OwnWithLink(_)) if !new_holder_key => {
                new_holder_key = true;
                change.next_holder_key(issuer)?;
            }
            _ => return Err(error),
        }
        change.commit()?;
    }
}

fn try_register(
    home: &Home,
    service: &ServiceEntry,
    name: &str,
    method: JoinMethod<'_>,
    cancel: &Cancel,
) -> Result<(Registration, Answer<RegisterAnswer>), Error> {
    let issuer = service.issuer();
    let computer = home.computer()?;
    computer.check_machine()?;
    let keys = computer.keys(issuer, service.incarnation);
    let holder_key = home.holder()?.key(issuer, service.holder_incarnation);
    let request = random_idempotency_key()?;
    let computer_id = keys.computer_id();
    let (holder, restore_key) = match method {
        JoinMethod::Own | JoinMethod::OwnWithLink(_) => (None, None),
        JoinMethod::Holder(holder) => (Some(holder.to_owned()), None),
        JoinMethod::RestoreKey(key) => (Some(key.holder.clone()), Some(key)),
    };
    let join = |key: &RestoreKey| {
        let proof = JoinProof {
            issuer: issuer.to_owned(),
            holder: key.holder.clone(),
            computer: computer_id.clone(),
            holder_key: holder_key.public(),
            request: request.clone(),
        };
        let proof = jws::sign(&proof, &key.key).map_err(ServiceError::from)?;
        Ok::<_, Error>(RestoreKeyJoin { certificate: key.certificate.clone(), proof })
    };
    let restore = restore_key.map(join).transpose()?;
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
        restore,
        link: match method {
            JoinMethod::OwnWithLink(code) => Some(code.to_owned()),
            JoinMethod::Own | JoinMethod::Holder(_) | JoinMethod::RestoreKey(_) => None,
        },
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
        return Err(client.bad_answer("the membership is another's").into());
    }
    let registration = Registration::new(service, body.name, answer.body.clone(), answer.restore_epoch);
    Ok((registration, answer))
}

/// Returns a name as services show it: printable, 1 to 100 characters.
fn display_name(name: &str) -> String {
    let printable: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    if printable.trim().is_empty() { "computer".to_owned() } else { printable }
}
