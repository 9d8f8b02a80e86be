//! Requests signed by computers, and signed answers (§3).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use restow_core::jws;
use restow_core::keys::PublicKey;
use restow_core::protocol::signature::{SignatureClaim, SignatureHeaders, SignedRequest};
use restow_core::protocol::{Answer, BASE, CLOCK_TOLERANCE, Call, EmptyAnswer, Membership, ProblemCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::app::{App, Shared};
use super::body::{MemoryPermit, read_body, response_body, run_blocking_if_large};
use super::problem::{problem, problem_document};
use super::request::{check_id, check_idempotency_key, check_no_query, parse_json, request_digest, single_header};
use crate::error::Refusal;
use crate::http::response;
use crate::storage::{Caller, ComputerState};

/// Call with a holder in its body, and an optional signing key.
pub(super) trait SignedCall: Call + Send + 'static {
    /// Returns the holder.
    fn holder(&self) -> String;
    /// Returns the signing key, if the body contains it.
    fn embedded_key(&self) -> Option<PublicKey> {
        None
    }
    /// Returns true if the answer to a small request may be large.
    fn is_large(&self) -> bool {
        false
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
    Clock(Box<Caller>),
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
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
        let answer = async {
            let headers = RequestHeaders::parse(&app, &request)?;
            let (parts, body) = request.into_parts();
            let (body, permit) = read_body(&app, &parts.headers, body).await?;
            let mut verified = verify::<T>(&app, body, permit, headers).await?;
            if verified.call.is_large() {
                verified.permit.acquire(&app).await?;
            }
            let (caller, permit) = (verified.caller.clone(), verified.permit.clone());
            let (state, body) = work(Arc::clone(&app), verified).await?;
            let signing_app = Arc::clone(&app);
            let sign = move || sign_answer(&signing_app, &caller, T::PATH, state, body);
            let document = run_blocking_if_large(&permit, sign).await?;
            Ok(jose(response_body(document, permit, app.read_time)))
        };
        answer.await.unwrap_or_else(|error| match error {
            CallError::Refused(refusal) => problem(refusal),
            CallError::Clock(caller) => clock_problem::<T>(&app, &caller),
        })
    })
}

/// Headers that the signature covers or consists of.
struct RequestHeaders {
    request: String,
    claim: SignatureClaim,
    signature: SignatureHeaders,
}

impl RequestHeaders {
    fn parse(app: &App, request: &Request) -> Result<Self, Refusal> {
        check_no_query(request)?;
        let text = |name: &str| {
            single_header(request.headers(), name)
                .map(str::to_owned)
                .ok_or_else(|| Refusal::bad_signature(format!("The header {name} must stand there once.")))
        };
        if text("restow-issuer")? != app.keys.issuer {
            return Err(Refusal::new(ProblemCode::WrongIssuer, format!("This is the service of {}.", app.keys.issuer)));
        }
        let idempotency_key = text("idempotency-key")?;
        check_idempotency_key(&idempotency_key)?;
        let signature = SignatureHeaders {
            content_digest: text("content-digest")?,
            signature_input: text("signature-input")?,
            signature: text("signature")?,
        };
        let claim = SignatureClaim::parse(&signature.signature_input)
            .ok_or_else(|| Refusal::bad_signature("Signature-Input has another form than this protocol's."))?;
        Ok(Self { request: idempotency_key, claim, signature })
    }
}

/// Parses and verifies a request before it reaches the writer.
async fn verify<T: SignedCall>(
    app: &Arc<App>,
    body: axum::body::Bytes,
    permit: MemoryPermit,
    headers: RequestHeaders,
) -> Result<VerifiedCall<T>, CallError> {
    let json = body.clone();
    let call: T = run_blocking_if_large(&permit, move || {
        let call: T = parse_json(&json)?;
        check_id("holder", &call.holder())?;
        call.check()?;
        Ok(call)
    })
    .await?;
    let holder = call.holder();
    let key = match call.embedded_key() {
        Some(key) => key,
        None => {
            let known = app.storage.computer_key(&holder, &headers.claim.computer)?;
            known.ok_or_else(Refusal::unknown_computer)?
        }
    };
    let now = app.clock.now();
    let issuer = app.keys.issuer.clone();
    let caller = run_blocking_if_large(&permit, move || {
        let path = format!("{BASE}{}", T::PATH);
        let signed = SignedRequest { path: &path, idempotency_key: &headers.request, issuer: &issuer, body: &body };
        if !headers.claim.verifies(&signed, &headers.signature, &key) {
            return Err(Refusal::bad_signature("The signature does not fit this request."));
        }
        let digest = request_digest(&path, &body);
        Ok((
            Caller { holder, computer: headers.claim.computer, request: headers.request, digest, now },
            headers.claim.created,
        ))
    })
    .await;
    let (caller, created) = caller?;
    if created.abs_diff(now) > CLOCK_TOLERANCE.unsigned_abs() {
        return Err(CallError::Clock(Box::new(caller)));
    }
    Ok(VerifiedCall { caller, call, permit })
}

fn build_answer<A>(app: &App, caller: &Caller, path: &str, body: A) -> Answer<A> {
    Answer {
        issuer: app.keys.issuer.clone(),
        computer: caller.computer.clone(),
        request: caller.request.clone(),
        path: path.to_owned(),
        time: caller.now,
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
    let mut answer = build_answer(app, caller, path, body);
    answer.notices = state.notices;
    answer.restore_epoch = state.epoch;
    let document = sign(app, &answer)?;
    if document.len() > jws::MAX_LEN {
        return Err(Refusal::new(ProblemCode::TooLarge, "The answer would be too large; what was asked for is done."));
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

fn clock_problem<T: Call>(app: &App, caller: &Caller) -> Response {
    let refusal = Refusal::new(ProblemCode::Clock, "The request was signed at a time too far from the service's.");
    let help = refusal.help();
    match sign(app, &build_answer(app, caller, T::PATH, None::<EmptyAnswer>)) {
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
