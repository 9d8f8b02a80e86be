//! Calls of operators (§6).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use data_encoding::HEXLOWER;
use restow_core::protocol::admin::{
    ComputerRequest, IssueAnswer, IssueRequest, LimitRequest, ListRequest, OperatorReleaseRequest, RevokeRequest,
};
use restow_core::protocol::signature::is_idempotency_key;
use restow_core::protocol::{BASE, MAX_LICENSES, Terms};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::app::{App, Shared};
use super::body::{MemoryPermit, read_body, response_body, run_blocking_if_large};
use super::grant;
use super::problem::{API_KEY, other_problem, problem};
use super::request::{check_id, check_no_query, parse_json, single_header};
use crate::error::Refusal;
use crate::http::response;
use crate::storage::{NewOffer, OperatorCall};
use crate::terms::{MAX_LIMIT, TermsError, check_not_expired, check_terms};

/// Holder in documents that are signed only as a test.
const PLACEHOLDER_HOLDER: &str = "0000000000000000000000000000000000000000000";

/// Kind of an operator call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CallKind {
    /// Change with a small answer. It needs no memory permit.
    SmallChange,
    /// Change that may produce large data from a small request.
    LargeChange,
    /// Query with a possibly large answer.
    ReadOnly,
}

/// Handles an operator's request and answers in plain JSON.
async fn serve<T, A, W, F>(app: Arc<App>, request: Request, kind: CallKind, work: W) -> Response
where
    T: DeserializeOwned + Send + 'static,
    A: Serialize,
    W: FnOnce(Arc<App>, OperatorCall, T, MemoryPermit) -> F,
    F: Future<Output = Result<A, Refusal>>,
{
    if !is_authorized(&app, &request) {
        let mut response = other_problem(StatusCode::UNAUTHORIZED, API_KEY, "The API key is missing or wrong");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    let answer = async {
        check_no_query(&request)?;
        let key = single_header(request.headers(), "idempotency-key").unwrap_or_default().to_owned();
        if kind != CallKind::ReadOnly && !is_idempotency_key(&key) {
            return Err(Refusal::malformed("The idempotency key must have 22 to 64 characters of A–Z a–z 0–9 - _."));
        }
        let (parts, body) = request.into_parts();
        let (body, mut permit) = read_body(&app, &parts.headers, body).await?;
        if kind != CallKind::SmallChange {
            permit.acquire(&app).await?;
        }
        let digest = Sha256::new().chain_update(parts.uri.path()).chain_update([0]).chain_update(&body);
        let operator = OperatorCall { request: key, digest: digest.finalize().into(), now: app.clock.now() };
        let call = run_blocking_if_large(&permit, move || parse_json(&body)).await?;
        let answer = work(Arc::clone(&app), operator, call, permit.clone()).await?;
        let json = serde_json::to_string(&answer).map_err(|error| Refusal::internal(error.to_string()))?;
        Ok(response_body(json, permit, app.read_time))
    };
    match answer.await {
        Ok(json) => response(StatusCode::OK, "application/json", json),
        Err(refusal) => problem(refusal),
    }
}

fn is_authorized(app: &App, request: &Request) -> bool {
    let credentials = single_header(request.headers(), "authorization").and_then(|value| value.strip_prefix("Bearer "));
    // Digests have one length and reveal nothing about the given key.
    let digest: [u8; 32] = Sha256::digest(credentials.unwrap_or_default().trim().as_bytes()).into();
    digest.ct_eq(&app.keys.api_key_digest).into()
}

pub(super) async fn issue(State(app): Shared, request: Request) -> Response {
    serve(
        app,
        request,
        CallKind::LargeChange,
        async |app: Arc<App>, operator: OperatorCall, call: IssueRequest, permit: MemoryPermit| {
            if let Some(holder) = &call.holder {
                check_id("holder", holder)?;
            }
            if !(1..=MAX_LICENSES).contains(&call.licenses.len()) {
                return Err(Refusal::malformed(format!("`licenses` must have 1 to {MAX_LICENSES} entries.")));
            }
            let (signing_app, now) = (Arc::clone(&app), operator.now);
            // Signing each license once proves that the terms can be signed.
            let licenses = run_blocking_if_large(&permit, move || {
                let check = |(n, mut terms): (usize, Terms)| {
                    let refusal = |error: TermsError| Refusal::malformed(format!("`licenses[{n}]`: {error}."));
                    check_terms(&mut terms).map_err(refusal)?;
                    check_not_expired(&terms, now).map_err(refusal)?;
                    Ok::<_, Refusal>((new_id()?, terms))
                };
                let licenses: Vec<(String, Terms)> =
                    call.licenses.into_iter().enumerate().map(check).collect::<Result<_, _>>()?;
                grant::sign_documents(&signing_app, PLACEHOLDER_HOLDER, now, &licenses)?;
                Ok(licenses)
            })
            .await?;
            let offer = new_id()?;
            let code = link_code(&app, &offer);
            let offer_request =
                NewOffer { offer, code: Sha256::digest(code.as_bytes()).into(), bound_to: call.holder, licenses };
            let issued = app.storage.issue(operator, offer_request).await?;
            // A retry returns the first offer, so the code must be derived from that offer.
            Ok(IssueAnswer {
                link: link_url(&app, &link_code(&app, &issued.offer)),
                offer: issued.offer,
                licenses: issued.licenses,
            })
        },
    )
    .await
}

/// Derives the code of an offer's link. Storage keeps only its digest.
fn link_code(app: &App, offer: &str) -> String {
    app.keys.secret.token("link code", &[offer])
}

/// Returns the URL of a link.
fn link_url(app: &App, code: &str) -> String {
    format!("{}{BASE}link/{code}#{}", app.profile.url, app.keys.issuer)
}

fn new_id() -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(HEXLOWER.encode(&bytes))
}

pub(super) async fn revoke(State(app): Shared, request: Request) -> Response {
    serve(
        app,
        request,
        CallKind::SmallChange,
        async |app: Arc<App>, operator: OperatorCall, call: RevokeRequest, _: MemoryPermit| {
            check_id("license", &call.license)?;
            if call.reason.chars().count() > 200 || call.reason.chars().any(char::is_control) {
                return Err(Refusal::malformed("`reason` has at most 200 printable characters."));
            }
            app.storage.revoke(operator, call).await
        },
    )
    .await
}

pub(super) async fn release(State(app): Shared, request: Request) -> Response {
    serve(
        app,
        request,
        CallKind::SmallChange,
        async |app: Arc<App>, operator: OperatorCall, call: OperatorReleaseRequest, _: MemoryPermit| {
            check_id("holder", &call.holder)?;
            check_id("computer", &call.computer)?;
            app.storage.operator_release(operator, call).await
        },
    )
    .await
}

pub(super) async fn confirm(State(app): Shared, request: Request) -> Response {
    serve(
        app,
        request,
        CallKind::SmallChange,
        async |app: Arc<App>, operator: OperatorCall, call: ComputerRequest, _: MemoryPermit| {
            check_id("holder", &call.holder)?;
            check_id("computer", &call.computer)?;
            app.storage.operator_confirm(operator, call).await
        },
    )
    .await
}

pub(super) async fn withdraw(State(app): Shared, request: Request) -> Response {
    serve(
        app,
        request,
        CallKind::SmallChange,
        async |app: Arc<App>, operator: OperatorCall, call: ComputerRequest, _: MemoryPermit| {
            check_id("holder", &call.holder)?;
            check_id("computer", &call.computer)?;
            app.storage.operator_withdraw(operator, call).await
        },
    )
    .await
}

pub(super) async fn limit(State(app): Shared, request: Request) -> Response {
    serve(
        app,
        request,
        CallKind::SmallChange,
        async |app: Arc<App>, operator: OperatorCall, call: LimitRequest, _: MemoryPermit| {
            check_id("license", &call.license)?;
            if call.limit > MAX_LIMIT {
                return Err(Refusal::malformed(format!("`limit` is at most {MAX_LIMIT}.")));
            }
            app.storage.limit(operator, call).await
        },
    )
    .await
}

pub(super) async fn list(State(app): Shared, request: Request) -> Response {
    serve(
        app,
        request,
        CallKind::ReadOnly,
        async |app: Arc<App>, _: OperatorCall, call: ListRequest, _: MemoryPermit| {
            if call.after.as_ref().is_some_and(|after| after.len() > 1_000) {
                return Err(Refusal::malformed("`after` is the `id` of a row."));
            }
            app.storage.list(call).await
        },
    )
    .await
}
