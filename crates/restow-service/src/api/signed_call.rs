//! Requests signed by computers, and signed answers (§3).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use restow_core::jws;
use restow_core::keys::PublicKey;
use restow_core::protocol::signature::{SignatureClaim, SignatureHeaders, SignedRequest, is_idempotency_key};
use restow_core::protocol::{Answer, BASE, CLOCK_TOLERANCE, Call, EmptyAnswer, Membership, ProblemCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::app::App;
use super::body::{MemoryPermit, read_body, response_body, run_blocking_if_large};
use super::problem::{problem, problem_document};
use super::request::{check_no_query, parse_json, single_header};
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
    /// Checks the form and the limits of the body.
    fn check(&self) -> Result<(), Refusal>;
}

/// Request with a verified signature.
pub(super) struct VerifiedCall<T> {
    pub(super) caller: Caller,
    pub(super) call: T,
    /// Memory permit for the request and its answer.
    pub(super) permit: MemoryPermit,
}

enum VerifyError {
    Refused(Refusal),
    /// Signed at a wrong time. The answer carries the correct time.
    Clock(Box<Caller>),
}

impl From<Refusal> for VerifyError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Handles a signed request and signs the answer.
pub(super) async fn serve<T, A, W, F>(app: Arc<App>, request: Request, work: W) -> Response
where
    T: SignedCall,
    A: Serialize + DeserializeOwned + Send + 'static,
    W: FnOnce(Arc<App>, VerifiedCall<T>) -> F,
    F: Future<Output = Result<(ComputerState, A), Refusal>>,
{
    let headers = match RequestHeaders::parse(&app, &request) {
        Ok(headers) => headers,
        Err(refusal) => return problem(refusal),
    };
    let (parts, body) = request.into_parts();
    let (body, permit) = match read_body(&app, &parts.headers, body).await {
        Ok(input) => input,
        Err(refusal) => return problem(refusal),
    };
    let verified = match verify::<T>(&app, body, permit, headers).await {
        Ok(verified) => verified,
        Err(VerifyError::Refused(refusal)) => return problem(refusal),
        Err(VerifyError::Clock(caller)) => return clock_problem::<T>(&app, &caller),
    };
    let (caller, mut permit) = (verified.caller.clone(), verified.permit.clone());
    if verified.call.is_large()
        && let Err(refusal) = permit.acquire(&app).await
    {
        return problem(refusal);
    }
    let verified = VerifiedCall { permit: permit.clone(), ..verified };
    let result = match work(Arc::clone(&app), verified).await {
        Ok((state, body)) => {
            let app = Arc::clone(&app);
            run_blocking_if_large(&permit, move || sign_answer(&app, &caller, T::PATH, state, body)).await
        }
        Err(refusal) => Err(refusal),
    };
    result.map_or_else(problem, |document| jose(response_body(document, permit, app.read_time)))
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
        if !is_idempotency_key(&idempotency_key) {
            return Err(Refusal::malformed("The idempotency key must have 22 to 64 characters of A–Z a–z 0–9 - _."));
        }
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
) -> Result<VerifiedCall<T>, VerifyError> {
    let json = body.clone();
    let call: T = run_blocking_if_large(&permit, move || {
        let call: T = parse_json(&json)?;
        call.check()?;
        Ok(call)
    })
    .await?;
    let holder = call.holder();
    let key = match call.embedded_key() {
        Some(key) => key,
        None => {
            let known = app.storage.computer_key(&holder, &headers.claim.computer).await?;
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
        let digest = Sha256::new().chain_update(path.as_bytes()).chain_update([0]).chain_update(&body).finalize();
        Ok((
            Caller { holder, computer: headers.claim.computer, request: headers.request, digest: digest.into(), now },
            headers.claim.created,
        ))
    })
    .await;
    let (caller, created) = caller?;
    if created.abs_diff(now) > CLOCK_TOLERANCE.unsigned_abs() {
        return Err(VerifyError::Clock(Box::new(caller)));
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
