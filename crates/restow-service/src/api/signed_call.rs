//! Requests signed by computers, and signed answers (§3).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use restow_core::jws;
use restow_core::keys::PublicKey;
use restow_core::protocol::signature::{SignatureClaim, SignatureHeaders, SignedHead};
use restow_core::protocol::{Answer, BASE, CLOCK_TOLERANCE, Call, EmptyAnswer, MAX_BODY, Membership, ProblemCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::app::{App, Shared};
use super::body::{LargeCallerSource, ReceivedBody, Transfer, linger, run_blocking_if_large};
use super::places::{LargeCaller, MemoryPermit, WorkSize};
use super::problem::{problem, problem_document};
use super::request::{check_id, check_idempotency_key, check_no_query, parse_json, request_digest, single_header};
use crate::error::Refusal;
use crate::http::response;
use crate::storage::{Caller, ComputerState};

/// Call with a holder in its body, and an optional signing key.
pub(super) trait SignedCall: Call + Send + 'static {
    /// True if the body contains the signing key, so that no head proves its signer.
    const HAS_EMBEDDED_KEY: bool = false;
    /// Maximum size of the body, in bytes.
    const MAX_BYTES: usize = MAX_BODY;

    /// Returns the holder.
    fn holder(&self) -> String;
    /// Returns the signing key, if the body contains it.
    fn embedded_key(&self) -> Option<PublicKey> {
        None
    }
    /// Returns the size of the work on this call, or `None` for a small call.
    fn work_size(&self) -> Option<WorkSize> {
        None
    }
    /// Checks the form and the limits of the body, except the holder.
    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Request with a verified signature.
pub(super) struct VerifiedCall<T> {
    pub(super) caller: Caller,
    pub(super) call: T,
    /// Memory permit for the request and its answer.
    pub(super) permit: MemoryPermit,
}

/// Reason why a call has no signed answer.
enum CallError {
    Refused(Refusal),
    /// Signed at a wrong time. The answer carries the correct time.
    Clock(Box<RequestHead>),
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl CallError {
    fn into_response<T: Call>(self, app: &App) -> Response {
        match self {
            Self::Refused(refusal) => problem(refusal),
            Self::Clock(head) => clock_problem::<T>(app, &head),
        }
    }
}

/// Result of a call: the state of its computer, and the body of the answer.
pub(super) type CallResult<A> = Result<(ComputerState, A), Refusal>;

/// Returns the route of a signed call, which signs its answer.
pub(super) fn route<T, A, W, F>(work: W) -> MethodRouter<Arc<App>>
where
    T: SignedCall,
    A: Serialize + DeserializeOwned + Send + 'static,
    W: FnOnce(Arc<App>, VerifiedCall<T>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = CallResult<A>> + Send,
{
    post(async move |State(app): Shared, request: Request| {
        let (parts, mut body) = request.into_parts();
        // Everything that the head proves is judged before the body is read.
        let head = match RequestHead::judge::<T>(&app, &parts) {
            Ok(head) => head,
            Err(error) => {
                linger(&app, &parts.headers, body);
                return error.into_response::<T>(&app);
            }
        };
        let caller = if T::HAS_EMBEDDED_KEY {
            LargeCallerSource::Known(LargeCaller::NewComputer)
        } else {
            LargeCallerSource::Computer(head.claim.computer.clone())
        };
        let mut transfer = Transfer::new(&app, &parts, caller);
        let received = match transfer.receive(&parts.headers, &mut body, T::MAX_BYTES).await {
            Ok(received) => received,
            Err(refusal) => {
                linger(&app, &parts.headers, body);
                return problem(refusal);
            }
        };
        let answer = async {
            let mut verified = verify::<T>(&app, &mut transfer, received, head).await?;
            if let Some(size) = verified.call.work_size()
                && !verified.permit.is_large()
            {
                verified.permit = transfer.memory(size).await?;
            }
            let (caller, permit) = (verified.caller.clone(), verified.permit.clone());
            let (state, body) = work(Arc::clone(&app), verified).await?;
            let signing_app = Arc::clone(&app);
            let sign = move || sign_answer(&signing_app, &caller, T::PATH, state, body);
            let document = run_blocking_if_large(&permit, sign).await?;
            Ok(jose(transfer.answer(document, permit).await?))
        };
        answer.await.unwrap_or_else(|error: CallError| error.into_response::<T>(&app))
    })
}

/// Head of a request: the headers that the signature covers or consists of.
struct RequestHead {
    request: String,
    claim: SignatureClaim,
    signature: SignatureHeaders,
}

impl RequestHead {
    /// Checks the form of a head, and its signature and time if the key is known.
    fn judge<T: SignedCall>(app: &App, parts: &Parts) -> Result<Self, CallError> {
        let head = Self::parse(app, parts)?;
        if T::HAS_EMBEDDED_KEY {
            return Ok(head);
        }
        let key = app.storage.computer_key(&head.claim.computer)?.ok_or_else(Refusal::unknown_computer)?;
        head.verify::<T>(app, &key)
    }

    /// Verifies the signature, then the time.
    fn verify<T: Call>(self, app: &App, key: &PublicKey) -> Result<Self, CallError> {
        let path = format!("{BASE}{}", T::PATH);
        let signed = SignedHead { path: &path, idempotency_key: &self.request, issuer: &app.keys.issuer };
        if !self.claim.verifies_head(&signed, &self.signature, key) {
            return Err(Refusal::bad_signature("The signature does not match the request.").into());
        }
        if self.claim.created.abs_diff(app.clock.now()) > CLOCK_TOLERANCE.unsigned_abs() {
            return Err(CallError::Clock(Box::new(self)));
        }
        Ok(self)
    }

    fn parse(app: &App, parts: &Parts) -> Result<Self, Refusal> {
        check_no_query(&parts.uri)?;
        let text = |name: &str| {
            single_header(&parts.headers, name)
                .map(str::to_owned)
                .ok_or_else(|| Refusal::bad_signature(format!("The request needs the header {name} once.")))
        };
        if text("restow-issuer")? != app.keys.issuer {
            let detail = format!("This service has the issuer {}.", app.keys.issuer);
            return Err(Refusal::new(ProblemCode::WrongIssuer, detail));
        }
        let idempotency_key = text("idempotency-key")?;
        check_idempotency_key(&idempotency_key)?;
        let signature = SignatureHeaders {
            content_digest: text("content-digest")?,
            signature_input: text("signature-input")?,
            signature: text("signature")?,
        };
        let claim = SignatureClaim::parse(&signature.signature_input).ok_or_else(|| {
            Refusal::bad_signature("The header Signature-Input does not have the form of this protocol.")
        })?;
        Ok(Self { request: idempotency_key, claim, signature })
    }
}

/// Checks the body against the head, and parses it.
async fn verify<T: SignedCall>(
    app: &Arc<App>,
    transfer: &mut Transfer<'_>,
    received: ReceivedBody,
    head: RequestHead,
) -> Result<VerifiedCall<T>, CallError> {
    if !T::HAS_EMBEDDED_KEY && !received.has_digest(&head.signature.content_digest) {
        return Err(wrong_digest().into());
    }
    let permit =
        if received.is_large() { transfer.memory(received.work_size()).await? } else { MemoryPermit::default() };
    let sha256 = received.sha256();
    let call: T = {
        let has_digest = received.has_digest(&head.signature.content_digest);
        run_blocking_if_large(&permit, move || {
            let call: T = parse_json(&received.into_bytes()?)?;
            check_id("holder", &call.holder())?;
            call.check()?;
            if has_digest { Ok(call) } else { Err(wrong_digest()) }
        })
        .await?
    };
    let head = match call.embedded_key() {
        Some(key) => head.verify::<T>(app, &key)?,
        None => head,
    };
    let digest = request_digest(&format!("{BASE}{}", T::PATH), &sha256);
    let (holder, computer) = (call.holder(), head.claim.computer);
    let caller = Caller { holder, computer, request: head.request, digest, now: app.clock.now() };
    Ok(VerifiedCall { caller, call, permit })
}

fn wrong_digest() -> Refusal {
    Refusal::bad_signature("The header Content-Digest does not match the body.")
}

fn build_answer<A>(app: &App, computer: &str, request: &str, path: &str, body: A) -> Answer<A> {
    Answer {
        issuer: app.keys.issuer.clone(),
        computer: computer.to_owned(),
        request: request.to_owned(),
        path: path.to_owned(),
        time: app.clock.now(),
        notices: Vec::new(),
        restore_epoch: 0,
        key_set_version: app.keys.key_set.set().version,
        body,
    }
}

fn sign_answer<A: Serialize + DeserializeOwned>(
    app: &App,
    caller: &Caller,
    path: &str,
    state: ComputerState,
    body: A,
) -> Result<String, Refusal> {
    let mut answer = build_answer(app, &caller.computer, &caller.request, path, body);
    answer.time = caller.now;
    answer.notices = state.notices;
    answer.restore_epoch = state.epoch;
    let document = sign(app, &answer)?;
    if document.len() > jws::MAX_LEN {
        return Err(Refusal::new(ProblemCode::TooLarge, "The change was made, but the answer is too large."));
    }
    Ok(document)
}

/// Signs a statement with the service key.
pub(super) fn sign<T: jws::Statement>(app: &App, statement: &T) -> Result<String, Refusal> {
    jws::sign(statement, &app.keys.service).map_err(|error| Refusal::internal(format!("signing: {error}")))
}

/// Signs a statement about the caller's membership in its holder.
pub(super) fn membership(app: &App, caller: &Caller, state: &ComputerState) -> Result<String, Refusal> {
    sign(
        app,
        &Membership {
            issuer: app.keys.issuer.clone(),
            holder: caller.holder.clone(),
            holder_key: state.holder_key,
            computer: caller.computer.clone(),
            computer_key: state.computer_key,
            confirmed: state.confirmed,
            time: caller.now,
        },
    )
}

fn clock_problem<T: Call>(app: &App, head: &RequestHead) -> Response {
    let refusal = Refusal::new(ProblemCode::Clock, "The time of the request differs too much from the time here.");
    let help = refusal.help();
    match sign(app, &build_answer(app, &head.claim.computer, &head.request, T::PATH, None::<EmptyAnswer>)) {
        Ok(signed) => {
            let mut document = refusal.code.problem(refusal.detail, help);
            document.answer = Some(signed);
            problem_document(refusal.code, &document)
        }
        Err(refusal) => problem(refusal),
    }
}

pub(super) fn jose(document: impl Into<Body>) -> Response {
    response(StatusCode::OK, "application/jose", document)
}
