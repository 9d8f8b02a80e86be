//! The calls of computers (§5).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use data_encoding::HEXLOWER;
use restow_core::KeyId;
use restow_core::hpke::SealingKey;
use restow_core::jws::{self, Unverified};
use restow_core::keys::PublicKey;
use restow_core::protocol::signature::is_idempotency_key;
use restow_core::protocol::{
    Acquire, Computers, Confirm, Done, HolderProof, JoinProof, ListComputers, MAX_LICENSES, ProblemCode, Refuse,
    Register, Registered, Release, Report, Reported, Restore, RestoreCertificate, Withdraw,
};
use sha2::{Digest as _, Sha256};

use super::body::{FEW, Place};
use super::signed::{Accepted, SignedCall, membership, serve};
use super::{App, Shared, check_id, grant, heavy, queued};
use crate::error::Refusal;
use crate::pages::is_token;
use crate::storage::{Caller, Join, Known, Order, Registration, Wanted};

impl SignedCall for Register {
    fn holder(&self) -> String {
        self.holder.clone().unwrap_or_else(|| self.holder_key.thumbprint())
    }

    fn brings_key(&self) -> Option<PublicKey> {
        Some(self.computer_key)
    }

    fn check(&self) -> Result<(), Refusal> {
        check_id("holder", &self.holder())?;
        let characters = self.name.chars().count();
        if !(1..=100).contains(&characters) || self.name.chars().any(char::is_control) || self.name.trim().is_empty() {
            return Err(Refusal::malformed("`name` must have 1 to 100 printable characters."));
        }
        if self.restore.is_some() && self.holder.is_none() {
            return Err(Refusal::malformed("`restore` needs the holder that is joined."));
        }
        Ok(())
    }
}

fn check_run(run: &str) -> Result<(), Refusal> {
    if is_idempotency_key(run) { Ok(()) } else { Err(Refusal::malformed("`run` must be as an idempotency key.")) }
}

fn check_number(what: &str, number: usize) -> Result<(), Refusal> {
    if number <= MAX_LICENSES {
        Ok(())
    } else {
        Err(Refusal::malformed(format!("`{what}` has more than {MAX_LICENSES} entries.")))
    }
}

impl SignedCall for Acquire {
    fn holder(&self) -> String {
        self.holder.clone()
    }

    fn check(&self) -> Result<(), Refusal> {
        check_id("holder", &self.holder)?;
        check_run(&self.run)?;
        check_number("key_ids", self.key_ids.len())?;
        if self.code.is_some() == self.key_ids.is_empty() {
            Ok(())
        } else {
            Err(Refusal::malformed("Either `code` or `key_ids` must be given."))
        }
    }

    /// Behind one link, or one key ID, there may be many licenses.
    fn is_large(&self) -> bool {
        true
    }
}

impl SignedCall for Restore {
    fn holder(&self) -> String {
        self.holder.clone()
    }

    fn check(&self) -> Result<(), Refusal> {
        check_id("holder", &self.holder)?;
        check_run(&self.run)?;
        check_number("counters", self.counters.len())?;
        check_number("licenses", self.licenses.len())?;
        self.licenses.iter().try_for_each(|asked| check_id("license", &asked.license))
    }

    fn is_large(&self) -> bool {
        self.licenses.len() > FEW
    }
}

impl SignedCall for Report {
    fn holder(&self) -> String {
        self.holder.clone()
    }

    fn check(&self) -> Result<(), Refusal> {
        check_id("holder", &self.holder)?;
        check_number("counters", self.counters.len())?;
        check_number("licenses", self.licenses.len())?;
        let licenses = self.licenses.iter().chain(self.counters.iter().map(|counter| &counter.license));
        licenses.into_iter().try_for_each(|license| check_id("license", license))
    }

    fn is_large(&self) -> bool {
        self.licenses.len() + self.counters.len() > FEW
    }
}

impl SignedCall for ListComputers {
    fn holder(&self) -> String {
        self.holder.clone()
    }

    fn check(&self) -> Result<(), Refusal> {
        check_id("holder", &self.holder)
    }
}

macro_rules! about_a_computer {
    ($($call:ty),*) => {$(
        impl SignedCall for $call {
            fn holder(&self) -> String {
                self.holder.clone()
            }

            fn check(&self) -> Result<(), Refusal> {
                check_id("holder", &self.holder)?;
                check_id("computer", &self.computer)
            }
        }
    )*};
}
about_a_computer!(Release, Confirm, Refuse, Withdraw);

pub(super) async fn register(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Register>| {
        let Accepted { caller, call, .. } = accepted;
        let join = proofs(&app, &caller, &call).await?;
        // Found out now rather than when the first license is granted.
        if SealingKey::from_bytes(*call.encryption_key.as_bytes()).seal(b"", b"", b"").is_err() {
            return Err(Refusal::malformed("`encryption_key` is no usable X25519 key."));
        }
        let registration = Registration {
            computer_key: call.computer_key,
            holder_key: call.holder_key,
            encryption_key: call.encryption_key,
            may_begin: call.holder.is_none(),
            name: call.name,
            join,
        };
        let standing = app.storage.register(caller.clone(), registration).await?;
        let registered = Registered {
            confirmed: standing.confirmed,
            membership: membership(&app, &caller, &standing)?,
            computer: caller.computer,
            holder: caller.holder,
        };
        Ok((standing, registered))
    })
    .await
}

/// Verifies what can be verified without taking the holder's row.
async fn proofs(app: &App, caller: &Caller, call: &Register) -> Result<Option<Join>, Refusal> {
    let wrong = |what: &str| Refusal::bad_signature(format!("`{what}` does not prove what it must."));
    let issuer = &app.keys.issuer;
    let proof: HolderProof = jws::verify(&call.holder_proof, &call.holder_key).map_err(|_| wrong("holder_proof"))?;
    if proof.issuer != *issuer || proof.computer != caller.computer || proof.request != caller.request {
        return Err(wrong("holder_proof"));
    }
    let Some(restore) = &call.restore else { return Ok(None) };
    let certificate = Unverified::<RestoreCertificate>::parse(&restore.certificate);
    let certificate = certificate.map_err(|_| wrong("certificate"))?;
    let certifier = certificate.claims().map_err(|_| wrong("certificate"))?.computer;
    let key = app.storage.computer_key(&caller.holder, &certifier).await?.ok_or_else(|| wrong("certificate"))?;
    let certificate = certificate.verify(&key).map_err(|_| wrong("certificate"))?;
    if certificate.issuer != *issuer || certificate.holder != caller.holder {
        return Err(wrong("certificate"));
    }
    let proof: JoinProof = jws::verify(&restore.proof, &certificate.restore_key).map_err(|_| wrong("proof"))?;
    let fits = proof.issuer == *issuer
        && proof.holder == caller.holder
        && proof.computer == caller.computer
        && proof.holder_key == call.holder_key
        && proof.request == caller.request;
    if !fits {
        return Err(wrong("proof"));
    }
    Ok(Some(Join { computer: certifier, epoch: certificate.epoch }))
}

pub(super) async fn acquire(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Acquire>| {
        let Accepted { caller, call, place } = accepted;
        let what = match call.code {
            Some(code) => offer(&app, &caller, &code, &place).await?,
            None => Wanted::Keys(
                call.key_ids
                    .iter()
                    .map(|text| text.parse::<KeyId>().map(|id| id.to_bytes()))
                    .collect::<Result<_, _>>()
                    .map_err(|error| Refusal::malformed(error.to_string()))?,
            ),
        };
        let order = Order { what, run: call.run, counters: Vec::new() };
        grant_order(app, caller, order, call.key_set_version, place).await
    })
    .await
}

/// The licenses behind a link, signed for this holder unless somebody has them.
async fn offer(app: &Arc<App>, caller: &Caller, code: &str, place: &Place) -> Result<Wanted, Refusal> {
    let unknown = || Refusal::not_yours("There is no such link, or it is for another holder.");
    if !is_token(code) {
        return Err(unknown());
    }
    let code: [u8; 32] = Sha256::digest(code.as_bytes()).into();
    let offer = app.storage.offer(code).await?.ok_or_else(unknown)?;
    if offer.bound_to.is_some_and(|bound| bound != caller.holder) {
        return Err(unknown());
    }
    let documents = match offer.redeemed_by {
        Some(holder) if holder != caller.holder => {
            return Err(Refusal::new(ProblemCode::LinkUsed, "This link was redeemed by someone else."));
        }
        Some(_) => Vec::new(),
        None => {
            app.storage.may_acquire(caller).await?;
            let (app, holder, now) = (Arc::clone(app), caller.holder.clone(), caller.now);
            heavy(place, move || grant::documents(&app, &holder, now, &offer.licenses)).await?
        }
    };
    Ok(Wanted::Offer { code, documents })
}

pub(super) async fn restore(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Restore>| {
        let Accepted { caller, call, place } = accepted;
        let mut asked = BTreeMap::new();
        for entry in call.licenses {
            let digest = HEXLOWER.decode(entry.sha256.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
            let digest: [u8; 32] =
                digest.ok_or_else(|| Refusal::malformed("`sha256` must have 64 lower-case hex digits."))?;
            asked.insert(entry.license, digest);
        }
        let issuer = app.keys.issuer.clone();
        let counters = heavy(&place, move || Ok(grant::verified(&issuer, call.counters))).await?;
        let order = Order { what: Wanted::Licenses(asked), run: call.run, counters };
        grant_order(app, caller, order, call.key_set_version, place).await
    })
    .await
}

async fn grant_order(
    app: Arc<App>,
    caller: Caller,
    order: Order,
    key_set_version: u64,
    place: Place,
) -> Result<(crate::storage::Standing, restow_core::protocol::Grant), Refusal> {
    let (standing, placed) = queued(&place, app.storage.place(caller.clone(), order)).await?;
    heavy(&place, move || {
        let grant = grant::grant(&app, &caller, &standing, placed, key_set_version)?;
        Ok((standing, grant))
    })
    .await
}

pub(super) async fn counters(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Report>| {
        let Accepted { caller, call, place } = accepted;
        let issuer = app.keys.issuer.clone();
        // Those that do not verify are not kept, but their licenses are named all the same.
        let mut licenses = call.licenses;
        licenses.extend(call.counters.iter().map(|counter| counter.license.clone()));
        let counters = heavy(&place, move || Ok(grant::verified(&issuer, call.counters))).await?;
        let (standing, known) = queued(&place, app.storage.report(caller.clone(), counters, licenses)).await?;
        let Known { counters, revoked } = known;
        let about = Arc::clone(&app);
        let revocations = heavy(&place, move || grant::revocations(&about, &caller, revoked)).await?;
        Ok((standing, Reported { counters, revocations }))
    })
    .await
}

pub(super) async fn computers(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<ListComputers>| {
        let caller = accepted.caller;
        let (standing, computers) = app.storage.computers(caller.clone()).await?;
        let membership = membership(&app, &caller, &standing)?;
        Ok((standing, Computers { computers, membership }))
    })
    .await
}

pub(super) async fn release(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Release>| {
        app.storage.release(accepted.caller, accepted.call.computer).await
    })
    .await
}

pub(super) async fn confirm(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Confirm>| {
        Ok((app.storage.confirm(accepted.caller, accepted.call.computer).await?, Done {}))
    })
    .await
}

pub(super) async fn refuse(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Refuse>| {
        Ok((app.storage.refuse(accepted.caller, accepted.call.computer).await?, Done {}))
    })
    .await
}

pub(super) async fn withdraw(State(app): Shared, request: Request) -> Response {
    serve(app, request, async |app: Arc<App>, accepted: Accepted<Withdraw>| {
        app.storage.withdraw(accepted.caller, accepted.call.computer).await
    })
    .await
}
