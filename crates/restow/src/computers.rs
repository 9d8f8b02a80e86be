//! The computers of a holder, as this computer sees and manages them.

use crate::error::Error;
use crate::home::Home;
use crate::service::protocol::{Call, ComputerInfo, Confirm, ListComputers, Refuse, Release, Released, Withdraw};
use crate::service::{Cancel, Session};
use crate::store::Registration;

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

/// Asks every service this computer is registered with, or one, which computers the holder has.
///
/// # Errors
/// When a service cannot be reached or refuses, or the store fails.
pub fn list(home: &Home, issuer: Option<&str>, cancel: &Cancel) -> Result<Vec<HolderComputers>, Error> {
    let mut store = home.store()?;
    let mut all = Vec::new();
    for registration in store.view().registrations(issuer)? {
        let session = Session::open(home, &store, &registration.issuer, &registration.holder)?;
        let answer = session.call(&ListComputers { holder: registration.holder.clone() }, cancel)?;
        let change = store.change()?;
        session.note_membership(&change, &answer.body.membership)?;
        session.note(&change, &answer)?;
        change.commit()?;
        let renewed = store.view().registration(&registration.issuer, &registration.holder)?;
        all.push(HolderComputers {
            service: session.client().key_set().set().name.clone(),
            registration: renewed.unwrap_or(registration),
            computers: answer.body.computers,
        });
    }
    Ok(all)
}

fn call<C: Call>(home: &Home, registration: &Registration, request: &C, cancel: &Cancel) -> Result<C::Answer, Error> {
    let mut store = home.store()?;
    let session = Session::open(home, &store, &registration.issuer, &registration.holder)?;
    let answer = session.call(request, cancel)?;
    let change = store.change()?;
    session.note(&change, &answer)?;
    change.commit()?;
    Ok(answer.body)
}

/// Releases a computer; releasing this one ends its registration here.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub fn release(home: &Home, registration: &Registration, computer: &str, cancel: &Cancel) -> Result<Released, Error> {
    let request = Release { holder: registration.holder.clone(), computer: computer.to_owned() };
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
    let request = Confirm { holder: registration.holder.clone(), computer: computer.to_owned() };
    call(home, registration, &request, cancel).map(|_| ())
}

/// Refuses an unconfirmed computer, or a waiting release.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub fn refuse(home: &Home, registration: &Registration, computer: &str, cancel: &Cancel) -> Result<(), Error> {
    let request = Refuse { holder: registration.holder.clone(), computer: computer.to_owned() };
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
    let request = Withdraw { holder: registration.holder.clone(), computer: computer.to_owned() };
    Ok(call(home, registration, &request, cancel)?.epoch)
}
