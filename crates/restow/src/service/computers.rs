//! Computers of a holder: list, confirm, refuse and release them.

use restow_core::protocol::{
    Call, ComputerInfo, ConfirmRequest, ListComputersRequest, RefuseRequest, ReleaseAnswer, ReleaseRequest,
    WithdrawRequest,
};

use crate::service::{ServiceError, Session, end_released_registration};
use crate::store::{Registration, Store};
use crate::{error::Error, home::Home, net::Cancel};

/// Computers of one holder at one service.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct HolderComputers {
    /// Name of the service.
    pub service: String,
    /// Current registration of this computer there.
    pub registration: Registration,
    /// Computers that are not released.
    pub computers: Vec<ComputerInfo>,
}

/// Last known registration at a service that did not answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnreachableService {
    /// Name of the service.
    pub service: String,
    /// Last known registration of this computer there.
    pub registration: Registration,
    /// Reason for the missing answer.
    pub error: Error,
}

/// Answers of the services where this computer is registered.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Computers {
    /// Services that answered, one entry per holder.
    pub holders: Vec<HolderComputers>,
    /// Services that did not answer.
    pub unreachable: Vec<UnreachableService>,
}

/// Lists the computers of the holder at each service where this computer is registered, or at one service. A
/// service that does not answer does not stop the others.
///
/// # Errors
/// [`ServiceError::Cancelled`] when the caller cancels; a store error when the store fails.
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
    let answer = match session.call(&ListComputersRequest { holder: registration.holder.clone() }, cancel) {
        Ok(answer) => answer,
        Err(error) => {
            if store.check_writable().is_ok() {
                end_released_registration(store, registration, &error)?;
            }
            return Err(error);
        }
    };
    // The list also helps on a computer whose home cannot be written.
    if store.check_writable().is_ok() {
        store.update(|change| {
            session.record_membership(change, &answer.body.membership)?;
            session.record_answer(change, &answer)
        })?;
    }
    let renewed = store.view().registration(&registration.issuer, &registration.holder)?;
    Ok(HolderComputers {
        service: session.client().key_set().set().name.clone(),
        registration: renewed.unwrap_or_else(|| registration.clone()),
        computers: answer.body.computers,
    })
}

fn call<C: Call>(home: &Home, registration: &Registration, request: &C, cancel: &Cancel) -> Result<C::Answer, Error> {
    let mut store = home.store_to_change()?;
    let session = Session::open(home, &store, &registration.issuer, &registration.holder)?;
    let answer = match session.call(request, cancel) {
        Ok(answer) => answer,
        Err(error) => {
            end_released_registration(&mut store, registration, &error)?;
            return Err(error);
        }
    };
    store.update(|change| session.record_answer(change, &answer))?;
    Ok(answer.body)
}

/// Releases a computer. Releasing this computer ends its registration in this home.
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
        home.store()?.update(|change| change.remove_registration(&registration.issuer, &registration.holder))?;
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

/// Refuses an unconfirmed computer or a pending release.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub fn refuse(home: &Home, registration: &Registration, computer: &str, cancel: &Cancel) -> Result<(), Error> {
    let request = RefuseRequest { holder: registration.holder.clone(), computer: computer.to_owned() };
    call(home, registration, &request, cancel).map(|_| ())
}

/// Withdraws every restore key that a computer has certified. The next backup of that computer contains a new
/// one. Returns the new epoch.
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
