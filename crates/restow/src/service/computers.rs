//! The computers of a holder, as this computer sees and manages them.

use restow_core::protocol::{
    Call, ComputerInfo, ConfirmRequest, ListComputersRequest, RefuseRequest, ReleaseAnswer, ReleaseRequest,
    WithdrawRequest,
};

use crate::error::Error;
use crate::home::Home;
use crate::net::Cancel;
use crate::service::{ServiceError, Session};
use crate::store::{Registration, Store};

/// The computers at one service, for one holder.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct HolderComputers {
    /// The service's name.
    pub service: String,
    /// This computer's registration there, as of now.
    pub registration: Registration,
    /// All that are not released.
    pub computers: Vec<ComputerInfo>,
}

/// What is known of this computer where its service did not answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnreachableService {
    /// The service's name.
    pub service: String,
    /// This computer's registration there, as it was last known.
    pub registration: Registration,
    /// Why.
    pub error: Error,
}

/// What the services this computer is registered with say.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Computers {
    /// Where the service answered.
    pub holders: Vec<HolderComputers>,
    /// Where it did not.
    pub unreachable: Vec<UnreachableService>,
}

/// Asks every service this computer is registered with, or one, which computers the holder has. One that does not
/// answer keeps nothing else back.
///
/// # Errors
/// When the caller cancelled, or the store fails.
pub fn list(home: &Home, issuer: Option<&str>, cancel: &Cancel) -> Result<Computers, Error> {
    let mut store = home.store()?;
    let mut found = Computers::default();
    for registration in store.view().registrations(issuer)? {
        match list_of_holder(home, &mut store, &registration, cancel) {
            Ok(answered) => found.holders.push(answered),
            Err(error @ (Error::Service(ServiceError::Cancelled) | Error::Store(_))) => return Err(error),
            Err(error) => {
                let service = store.view().service(&registration.issuer)?;
                let service = service.map(|service| service.key_set.set().name.clone()).unwrap_or_default();
                found.unreachable.push(UnreachableService { service, registration, error });
            }
        }
    }
    Ok(found)
}

fn list_of_holder(
    home: &Home,
    store: &mut Store,
    registration: &Registration,
    cancel: &Cancel,
) -> Result<HolderComputers, Error> {
    let session = Session::open(home, store, &registration.issuer, &registration.holder)?;
    let answer = session.call(&ListComputersRequest { holder: registration.holder.clone() }, cancel)?;
    let change = store.change()?;
    session.record_membership(&change, &answer.body.membership)?;
    session.record_answer(&change, &answer)?;
    change.commit()?;
    let renewed = store.view().registration(&registration.issuer, &registration.holder)?;
    Ok(HolderComputers {
        service: session.client().key_set().set().name.clone(),
        registration: renewed.unwrap_or_else(|| registration.clone()),
        computers: answer.body.computers,
    })
}

fn call<C: Call>(home: &Home, registration: &Registration, request: &C, cancel: &Cancel) -> Result<C::Answer, Error> {
    let mut store = home.store()?;
    let session = Session::open(home, &store, &registration.issuer, &registration.holder)?;
    let answer = session.call(request, cancel)?;
    let change = store.change()?;
    session.record_answer(&change, &answer)?;
    change.commit()?;
    Ok(answer.body)
}

/// Releases a computer; releasing this one ends its registration here.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub fn release(
    home: &Home,
    registration: &Registration,
    computer: &str,
    cancel: &Cancel,
) -> Result<ReleaseAnswer, Error> {
    let request = ReleaseRequest { holder: registration.holder.clone(), computer: computer.to_owned() };
    let released = call(home, registration, &request, cancel)?;
    if released.released && computer == registration.computer {
        let mut store = home.store()?;
        let change = store.change()?;
        change.remove_registration(&registration.issuer, &registration.holder)?;
        change.release_keys(&registration.issuer, &registration.holder)?;
        change.commit()?;
    }
    Ok(released)
}

/// Confirms a computer.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub fn confirm(home: &Home, registration: &Registration, computer: &str, cancel: &Cancel) -> Result<(), Error> {
    let request = ConfirmRequest { holder: registration.holder.clone(), computer: computer.to_owned() };
    call(home, registration, &request, cancel).map(|_| ())
}

/// Refuses an unconfirmed computer, or a waiting release.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub fn refuse(home: &Home, registration: &Registration, computer: &str, cancel: &Cancel) -> Result<(), Error> {
    let request = RefuseRequest { holder: registration.holder.clone(), computer: computer.to_owned() };
    call(home, registration, &request, cancel).map(|_| ())
}

/// Withdraws all restore keys a computer certified so far; the next backup of that computer carries a new one.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub fn withdraw_restore_keys(
    home: &Home,
    registration: &Registration,
    computer: &str,
    cancel: &Cancel,
) -> Result<u64, Error> {
    let request = WithdrawRequest { holder: registration.holder.clone(), computer: computer.to_owned() };
    Ok(call(home, registration, &request, cancel)?.epoch)
}
