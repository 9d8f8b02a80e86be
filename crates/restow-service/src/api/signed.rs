//! Requests that computers sign, and the answers signed for them (§3).

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use restow_core::jws;
use restow_core::keys::PublicKey;
use restow_core::protocol::signature::{Claim, SignatureHeaders, Signed, is_idempotency_key};
use restow_core::protocol::{Answer, BASE, CLOCK_TOLERANCE, Call, Done, Membership, ProblemCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::body::{Place, answer as answer_body, take};
use super::{App, header_of, heavy, jose, no_query, parse_json, problem, problem_document};
use crate::error::Refusal;
use crate::storage::{Caller, Standing};

/// A call whose body says which holder it is about, and perhaps with which key it is signed.
pub(super) trait SignedCall: Call + Send + 'static {
    /// The holder.
    fn holder(&self) -> String;
    /// The signing key, if the body itself brings it.
    fn brings_key(&self) -> Option<PublicKey> {
        None
    }
    /// Whether its answer may be large although it is not.
    fn is_large(&self) -> bool {
        false
    }
    /// Limits of the form.
    fn check(&self) -> Result<(), Refusal>;
}

/// A request whose signature was verified.
pub(super) struct Accepted<T> {
    pub(super) caller: Caller,
    pub(super) call: T,
    /// What it, and its answer, may have in memory.
    pub(super) place: Place,
}

enum Rejected {
    Refused(Refusal),
    /// With the right time, signed.
    Clock(Box<Caller>),
}

impl From<Refusal> for Rejected {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Takes a signed request, does its work, signs the answer.
pub(super) async fn serve<T, A, W, F>(app: Arc<App>, request: Request, work: W) -> Response
where
    T: SignedCall,
    A: Serialize + DeserializeOwned + Send + 'static,
    W: FnOnce(Arc<App>, Accepted<T>) -> F,
    F: Future<Output = Result<(Standing, A), Refusal>>,
{
    let headers = match Headers::read(&app, &request) {
        Ok(headers) => headers,
        Err(refusal) => return problem(refusal),
    };
    let (parts, body) = request.into_parts();
    let (body, place) = match take(&app, &parts.headers, body).await {
        Ok(taken) => taken,
        Err(refusal) => return problem(refusal),
    };
    let accepted = match accept::<T>(&app, body, place, headers).await {
        Ok(accepted) => accepted,
        Err(Rejected::Refused(refusal)) => return problem(refusal),
        Err(Rejected::Clock(caller)) => return clock_problem::<T>(&app, &caller),
    };
    let (caller, mut place) = (accepted.caller.clone(), accepted.place.clone());
    if accepted.call.is_large()
        && let Err(refusal) = place.enlarge(&app).await
    {
        return problem(refusal);
    }
    let accepted = Accepted { place: place.clone(), ..accepted };
    let answered = match work(Arc::clone(&app), accepted).await {
        Ok((standing, body)) => {
            let app = Arc::clone(&app);
            heavy(&place, move || sign_answer(&app, &caller, T::PATH, standing, body)).await
        }
        Err(refusal) => Err(refusal),
    };
    answered.map_or_else(problem, |document| jose(answer_body(document, place, app.read_time)))
}

/// The headers a signature covers or consists of.
struct Headers {
    request: String,
    claim: Claim,
    signature: SignatureHeaders,
}

impl Headers {
    fn read(app: &App, request: &Request) -> Result<Self, Refusal> {
        no_query(request)?;
        let text = |name: &str| {
            header_of(request.headers(), name)
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
        let claim = Claim::parse(&signature.signature_input)
            .ok_or_else(|| Refusal::bad_signature("Signature-Input has another form than this protocol's."))?;
        Ok(Self { request: idempotency_key, claim, signature })
    }
}

/// Parses and verifies, before anything waits for the writer.
async fn accept<T: SignedCall>(
    app: &Arc<App>,
    body: axum::body::Bytes,
    place: Place,
    headers: Headers,
) -> Result<Accepted<T>, Rejected> {
    let parsed = body.clone();
    let call: T = heavy(&place, move || {
        let call: T = parse_json(&parsed)?;
        call.check()?;
        Ok(call)
    })
    .await?;
    let holder = call.holder();
    let key = match call.brings_key() {
        Some(key) => key,
        None => {
            let known = app.storage.computer_key(&holder, &headers.claim.computer).await?;
            known.ok_or_else(Refusal::unknown_computer)?
        }
    };
    let now = app.clock.now();
    let issuer = app.keys.issuer.clone();
    let caller = heavy(&place, move || {
        let path = format!("{BASE}{}", T::PATH);
        let signed = Signed { path: &path, idempotency_key: &headers.request, issuer: &issuer, body: &body };
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
        return Err(Rejected::Clock(Box::new(caller)));
    }
    Ok(Accepted { caller, call, place })
}

fn answer<A>(app: &App, caller: &Caller, path: &str, body: A) -> Answer<A> {
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
    standing: Standing,
    body: A,
) -> Result<String, Refusal> {
    let mut answer = answer(app, caller, path, body);
    answer.notices = standing.notices;
    answer.restore_epoch = standing.epoch;
    let document = sign(app, &answer)?;
    if document.len() > jws::MAX_LEN {
        return Err(Refusal::new(ProblemCode::TooLarge, "The answer would be too large; what was asked for is done."));
    }
    Ok(document)
}

/// Signs with the service's key.
pub(super) fn sign<T: jws::Statement>(app: &App, statement: &T) -> Result<String, Refusal> {
    jws::sign(statement, &app.keys.service).map_err(|error| Refusal::internal(format!("signing: {error}")))
}

/// What the service says of the caller's belonging to its holder.
pub(super) fn membership(app: &App, caller: &Caller, standing: &Standing) -> Result<String, Refusal> {
    sign(
        app,
        &Membership {
            issuer: app.keys.issuer.clone(),
            holder: caller.holder.clone(),
            holder_key: standing.holder_key,
            computer: caller.computer.clone(),
            computer_key: standing.computer_key,
            confirmed: standing.confirmed,
            time: caller.now,
        },
    )
}

fn clock_problem<T: Call>(app: &App, caller: &Caller) -> Response {
    let refusal = Refusal::new(ProblemCode::Clock, "The request was signed at a time too far from the service's.");
    let help = refusal.help();
    match sign(app, &answer(app, caller, T::PATH, None::<Done>)) {
        Ok(signed) => {
            let mut document = refusal.code.problem(refusal.detail, help);
            document.answer = Some(signed);
            problem_document(refusal.code, &document)
        }
        Err(refusal) => problem(refusal),
    }
}
