//! Calls of computers (§5).

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use restow_core::KeyId;
use restow_core::hpke::HpkePublicKey;
use restow_core::jws::{self, Unverified};
use restow_core::keys::PublicKey;
use restow_core::protocol::signature::is_idempotency_key;
use restow_core::protocol::{
    AcquireRequest, ConfirmRequest, EmptyAnswer, Grant, HolderProof, JoinProof, ListComputersAnswer,
    ListComputersRequest, MAX_LICENSES, ProblemCode, RefuseRequest, RegisterAnswer, RegisterRequest, ReleaseAnswer,
    ReleaseRequest, ReportAnswer, ReportRequest, RestoreCertificate, RestoreRequest, WithdrawAnswer, WithdrawRequest,
};
use sha2::{Digest as _, Sha256};

use super::app::App;
use super::body::{INLINE_LICENSE_LIMIT, await_storage, run_blocking_if_large};
use super::grant;
use super::places::{MEDIUM_LICENSES, MemoryPermit, WorkSize};
use super::request::check_id;
use super::signed_call::{CallResult, SignedCall, VerifiedCall, membership};
use crate::error::Refusal;
use crate::http::is_token;
use crate::log;
use crate::storage::{
    Caller, JoinCertificate, PlacementRequest, PlacementTarget, RefusedCall, Registration, UsageState,
};

impl SignedCall for RegisterRequest {
    const HAS_EMBEDDED_KEY: bool = true;
    /// Anyone may register, and these bodies have a few KiB.
    const MAX_BYTES: usize = 64 << 10;

    fn holder(&self) -> String {
        self.holder.clone().unwrap_or_else(|| self.holder_key.thumbprint())
    }

    fn embedded_key(&self) -> Option<PublicKey> {
        Some(self.computer_key)
    }

    fn check(&self) -> Result<(), Refusal> {
        let characters = self.name.chars().count();
        if !(1..=100).contains(&characters) || self.name.chars().any(char::is_control) || self.name.trim().is_empty() {
            return Err(Refusal::malformed("`name` must have 1 to 100 printable characters."));
        }
        if self.restore.is_some() && self.holder.is_none() {
            return Err(Refusal::malformed("`restore` requires `holder`."));
        }
        Ok(())
    }
}

fn check_run_id(run: &str) -> Result<(), Refusal> {
    if is_idempotency_key(run) {
        Ok(())
    } else {
        Err(Refusal::malformed("`run` must have 22 to 64 characters of A–Z a–z 0–9 - _."))
    }
}

fn check_count(name: &str, number: usize) -> Result<(), Refusal> {
    let too_many = || Refusal::malformed(format!("`{name}` has more than {MAX_LICENSES} entries."));
    if number <= MAX_LICENSES { Ok(()) } else { Err(too_many()) }
}

fn work_size(entries: usize) -> Option<WorkSize> {
    let size = if entries <= MEDIUM_LICENSES { WorkSize::Medium } else { WorkSize::Large };
    (entries > INLINE_LICENSE_LIMIT).then_some(size)
}

impl SignedCall for AcquireRequest {
    fn holder(&self) -> String {
        self.holder.clone()
    }

    fn check(&self) -> Result<(), Refusal> {
        check_run_id(&self.run)?;
        check_count("key_ids", self.key_ids.len())?;
        if self.code.is_some() == self.key_ids.is_empty() {
            Ok(())
        } else {
            Err(Refusal::malformed("The request must have either `code` or `key_ids`."))
        }
    }

    /// One link or one key ID may give many licenses.
    fn work_size(&self) -> Option<WorkSize> {
        Some(WorkSize::Large)
    }
}

impl SignedCall for RestoreRequest {
    fn holder(&self) -> String {
        self.holder.clone()
    }

    fn check(&self) -> Result<(), Refusal> {
        check_run_id(&self.run)?;
        check_count("counters", self.counters.len())?;
        check_count("licenses", self.licenses.len())?;
        self.licenses.iter().try_for_each(|requested| check_id("license", &requested.license))
    }

    fn work_size(&self) -> Option<WorkSize> {
        work_size(self.licenses.len() + self.counters.len())
    }
}

impl SignedCall for ReportRequest {
    fn holder(&self) -> String {
        self.holder.clone()
    }

    fn check(&self) -> Result<(), Refusal> {
        check_count("counters", self.counters.len())?;
        check_count("licenses", self.licenses.len())?;
        let licenses = self.licenses.iter().chain(self.counters.iter().map(|counter| &counter.license));
        licenses.into_iter().try_for_each(|license| check_id("license", license))
    }

    fn work_size(&self) -> Option<WorkSize> {
        work_size(self.licenses.len() + self.counters.len())
    }
}

impl SignedCall for ListComputersRequest {
    fn holder(&self) -> String {
        self.holder.clone()
    }
}

macro_rules! impl_computer_calls {
    ($($call:ty),*) => {$(
        impl SignedCall for $call {
            fn holder(&self) -> String {
                self.holder.clone()
            }

            fn check(&self) -> Result<(), Refusal> {
                        check_id("computer", &self.computer)
            }
        }
    )*};
}
impl_computer_calls!(ReleaseRequest, ConfirmRequest, RefuseRequest, WithdrawRequest);

pub(super) async fn register(app: Arc<App>, verified: VerifiedCall<RegisterRequest>) -> CallResult<RegisterAnswer> {
    let VerifiedCall { caller, call, .. } = verified;
    let join = verify_proofs(&app, &caller, &call)?;
    // An unusable key is refused here and not at the first grant.
    if HpkePublicKey::from_bytes(*call.encryption_key.as_bytes()).seal(b"", b"", b"").is_err() {
        return Err(Refusal::malformed("`encryption_key` is not a valid X25519 key."));
    }
    let registration = Registration {
        computer_key: call.computer_key,
        holder_key: call.holder_key,
        encryption_key: call.encryption_key,
        may_create_holder: call.holder.is_none(),
        name: call.name,
        join,
        link: call.link.as_deref().map(link_digest).transpose()?,
    };
    let registered = app.storage.register(caller.clone(), registration).await;
    let state = audit_refusal(&app, &caller, registered).await?;
    let registered = RegisterAnswer {
        confirmed: state.confirmed,
        membership: membership(&app, &caller, &state)?,
        computer: caller.computer,
        holder: caller.holder,
    };
    Ok((state, registered))
}

/// Verifies the proofs that do not need the holder's row.
fn verify_proofs(app: &App, caller: &Caller, call: &RegisterRequest) -> Result<Option<JoinCertificate>, Refusal> {
    let unproven = |name: &str| Refusal::bad_signature(format!("`{name}` is not a valid proof."));
    let issuer = &app.keys.issuer;
    let proof: HolderProof = jws::verify(&call.holder_proof, &call.holder_key).map_err(|_| unproven("holder_proof"))?;
    if proof.issuer != *issuer || proof.computer != caller.computer || proof.request != caller.request {
        return Err(unproven("holder_proof"));
    }
    let Some(restore) = &call.restore else { return Ok(None) };
    let certificate = Unverified::<RestoreCertificate>::parse(&restore.certificate);
    let certificate = certificate.map_err(|_| unproven("certificate"))?;
    let certifier = certificate.claims().map_err(|_| unproven("certificate"))?.computer;
    let key = app.storage.computer_key(&certifier)?.ok_or_else(|| unproven("certificate"))?;
    let certificate = certificate.verify(&key).map_err(|_| unproven("certificate"))?;
    if certificate.issuer != *issuer || certificate.holder != caller.holder {
        return Err(unproven("certificate"));
    }
    let proof: JoinProof = jws::verify(&restore.proof, &certificate.restore_key).map_err(|_| unproven("proof"))?;
    let matches = proof.issuer == *issuer
        && proof.holder == caller.holder
        && proof.computer == caller.computer
        && proof.holder_key == call.holder_key
        && proof.request == caller.request;
    if !matches {
        return Err(unproven("proof"));
    }
    Ok(Some(JoinCertificate { computer: certifier, epoch: certificate.epoch }))
}

pub(super) async fn acquire(app: Arc<App>, verified: VerifiedCall<AcquireRequest>) -> CallResult<Grant> {
    let VerifiedCall { caller, call, permit } = verified;
    let target = match call.code {
        Some(code) => {
            let target = offer_target(&app, &caller, &code, &permit).await;
            audit_refusal(&app, &caller, target).await?
        }
        None => PlacementTarget::Keys(
            call.key_ids
                .iter()
                .map(|text| text.parse::<KeyId>().map(|id| id.to_bytes()))
                .collect::<Result<_, _>>()
                .map_err(|error| Refusal::malformed(error.to_string()))?,
        ),
    };
    let placement = PlacementRequest { target, run: call.run, counters: Vec::new() };
    let granted = place_and_grant(Arc::clone(&app), caller.clone(), placement, call.key_set_version, permit).await;
    audit_refusal(&app, &caller, granted).await
}

/// Returns the hash of a link code, under which the storage has its offer.
pub(super) fn hash_link_code(code: &str) -> [u8; 32] {
    Sha256::digest(code.as_bytes()).into()
}

/// Returns the hash of a link code that a computer sent.
fn link_digest(code: &str) -> Result<[u8; 32], Refusal> {
    if is_token(code) { Ok(hash_link_code(code)) } else { Err(Refusal::unknown_link()) }
}

/// Records a refused link or restore key in the audit log. The caller receives its refusal in any case.
async fn audit_refusal<T>(app: &App, caller: &Caller, result: Result<T, Refusal>) -> Result<T, Refusal> {
    if let Err(refusal) = &result
        && let ProblemCode::LinkUsed
        | ProblemCode::LinkExpired
        | ProblemCode::LinkWithdrawn
        | ProblemCode::RestoreKeyWithdrawn = refusal.code
    {
        let refused = RefusedCall {
            reason: refusal.code.as_str(),
            holder: Some(caller.holder.clone()),
            computer: Some(caller.computer.clone()),
            license: None,
            times: 1,
        };
        if let Err(error) = app.storage.record_refusal(refused, caller.now).await {
            log::report(&format!("a refusal is not in the audit log: {}", error.detail));
        }
    }
    result
}

/// Returns the licenses of a link. It signs documents for this holder unless the offer is redeemed.
async fn offer_target(
    app: &Arc<App>,
    caller: &Caller,
    code: &str,
    permit: &MemoryPermit,
) -> Result<PlacementTarget, Refusal> {
    let code = link_digest(code)?;
    let offer = app.storage.offer(code).await?.ok_or_else(Refusal::unknown_link)?;
    let documents = if offer.link.check(&caller.holder, caller.now)? {
        Vec::new()
    } else {
        app.storage.check_acquire(caller)?;
        let (app, holder, now) = (Arc::clone(app), caller.holder.clone(), caller.now);
        run_blocking_if_large(permit, move || grant::sign_documents(&app, &holder, now, &offer.licenses)).await?
    };
    Ok(PlacementTarget::Offer { code, documents })
}

pub(super) async fn restore(app: Arc<App>, verified: VerifiedCall<RestoreRequest>) -> CallResult<Grant> {
    let VerifiedCall { caller, call, permit } = verified;
    let mut requested = BTreeMap::new();
    for entry in call.licenses {
        let digest = HEXLOWER.decode(entry.sha256.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        let digest: [u8; 32] =
            digest.ok_or_else(|| Refusal::malformed("`sha256` must have 64 lower-case hex digits."))?;
        requested.insert(entry.license, digest);
    }
    let issuer = app.keys.issuer.clone();
    let counters = run_blocking_if_large(&permit, move || Ok(grant::verify_counters(&issuer, call.counters))).await?;
    let placement = PlacementRequest { target: PlacementTarget::Licenses(requested), run: call.run, counters };
    place_and_grant(app, caller, placement, call.key_set_version, permit).await
}

async fn place_and_grant(
    app: Arc<App>,
    caller: Caller,
    placement: PlacementRequest,
    key_set_version: u64,
    permit: MemoryPermit,
) -> CallResult<Grant> {
    let (state, result) = await_storage(&permit, app.storage.place(caller.clone(), placement)).await?;
    run_blocking_if_large(&permit, move || {
        let grant = grant::grant(&app, &caller, &state, result, key_set_version)?;
        Ok((state, grant))
    })
    .await
}

pub(super) async fn counters(app: Arc<App>, verified: VerifiedCall<ReportRequest>) -> CallResult<ReportAnswer> {
    let VerifiedCall { caller, call, permit } = verified;
    let issuer = app.keys.issuer.clone();
    // Counters with invalid signatures are dropped, but their licenses are still reported.
    let mut licenses = call.licenses;
    licenses.extend(call.counters.iter().map(|counter| counter.license.clone()));
    let counters = run_blocking_if_large(&permit, move || Ok(grant::verify_counters(&issuer, call.counters))).await?;
    let (state, usage) = await_storage(&permit, app.storage.report(caller.clone(), counters, licenses)).await?;
    let UsageState { counters, revoked } = usage;
    let signing_app = Arc::clone(&app);
    let revocations =
        run_blocking_if_large(&permit, move || grant::revocations(&signing_app, &caller, revoked)).await?;
    Ok((state, ReportAnswer { counters, revocations }))
}

pub(super) async fn computers(
    app: Arc<App>,
    verified: VerifiedCall<ListComputersRequest>,
) -> CallResult<ListComputersAnswer> {
    let caller = verified.caller;
    let (state, computers) = app.storage.computers(caller.clone()).await?;
    let membership = membership(&app, &caller, &state)?;
    Ok((state, ListComputersAnswer { computers, membership }))
}

pub(super) async fn release(app: Arc<App>, verified: VerifiedCall<ReleaseRequest>) -> CallResult<ReleaseAnswer> {
    app.storage.release(verified.caller, verified.call.computer).await
}

pub(super) async fn confirm(app: Arc<App>, verified: VerifiedCall<ConfirmRequest>) -> CallResult<EmptyAnswer> {
    app.storage.confirm(verified.caller, verified.call.computer).await
}

pub(super) async fn refuse(app: Arc<App>, verified: VerifiedCall<RefuseRequest>) -> CallResult<EmptyAnswer> {
    app.storage.refuse(verified.caller, verified.call.computer).await
}

pub(super) async fn withdraw(app: Arc<App>, verified: VerifiedCall<WithdrawRequest>) -> CallResult<WithdrawAnswer> {
    app.storage.withdraw(verified.caller, verified.call.computer).await
}
