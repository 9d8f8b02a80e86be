//! Calls of operators (§6).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::routing::{MethodRouter, post};
use data_encoding::HEXLOWER;
use restow_core::protocol::admin::{
    ChangeAnswer, ComputerRequest, IssueAnswer, IssueRequest, LimitRequest, ListAnswer, ListRequest,
    OperatorReleaseRequest, RevokeRequest, WithdrawLinkRequest,
};
use restow_core::protocol::{BASE, MAX_BODY, MAX_LICENSES, Terms};
use restow_core::text::is_unsafe_for_display;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::app::{App, Shared};
use super::body::{LargeCallerSource, Transfer, linger, run_blocking_if_large};
use super::grant;
use super::places::{LargeCaller, MemoryPermit, WorkSize};
use super::problem::{API_KEY, other_problem, problem};
use super::request::{check_id, check_idempotency_key, check_no_query, parse_json, request_digest, single_header};
use crate::error::Refusal;
use crate::http::response;
use crate::log;
use crate::rules::DAY;
use crate::settings::MAX_LINK_DAYS;
use crate::storage::{NewOffer, OperatorCall, RefusedCall};
use crate::terms::{MAX_LIMIT, TermsError, check_not_expired, check_terms};

/// Holder in documents that are signed only as a test.
const PLACEHOLDER_HOLDER: &str = "0000000000000000000000000000000000000000000";

/// Kind of an operator call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CallKind {
    /// Change with a small answer. It needs no memory permit.
    SmallChange,
    /// Change that may produce large data from a small request.
    LargeChange,
    /// Query with a possibly large answer.
    ReadOnly,
}

/// Returns the route of an operator's call, which answers in plain JSON.
pub(super) fn route<T, A, W, F>(kind: CallKind, work: W) -> MethodRouter<Arc<App>>
where
    T: DeserializeOwned + Send + 'static,
    A: Serialize + Send,
    W: FnOnce(Arc<App>, OperatorCall, T, MemoryPermit) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<A, Refusal>> + Send,
{
    post(async move |State(app): Shared, request: Request| {
        let (parts, mut body) = request.into_parts();
        if !is_operator(&app, &parts.headers) {
            record_wrong_key(&app);
            linger(&app, &parts.headers, body);
            let mut response = other_problem(StatusCode::UNAUTHORIZED, API_KEY, "The API key is missing or wrong");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return response;
        }
        let mut transfer = Transfer::new(&app, &parts, LargeCallerSource::Known(LargeCaller::Operator));
        let received = async {
            check_no_query(&parts.uri)?;
            let key = single_header(&parts.headers, "idempotency-key").unwrap_or_default().to_owned();
            if kind != CallKind::ReadOnly {
                check_idempotency_key(&key)?;
            }
            Ok((key, transfer.receive(&parts.headers, &mut body, MAX_BODY).await?))
        };
        let (key, received) = match received.await {
            Ok(received) => received,
            Err(refusal) => {
                linger(&app, &parts.headers, body);
                return problem(refusal);
            }
        };
        let answer = async {
            let needs_memory = kind != CallKind::SmallChange || received.is_large();
            let permit = if needs_memory { transfer.memory(WorkSize::Large).await? } else { MemoryPermit::default() };
            let digest = request_digest(parts.uri.path(), &received.sha256());
            let operator = OperatorCall { request: key, digest, now: app.clock.now() };
            let call = run_blocking_if_large(&permit, move || parse_json(&received.into_bytes()?)).await?;
            let answer = work(Arc::clone(&app), operator, call, permit.clone()).await?;
            let json = serde_json::to_string(&answer).map_err(|error| Refusal::internal(error.to_string()))?;
            drop(answer);
            Ok(response(StatusCode::OK, "application/json", transfer.answer(json, permit).await?))
        };
        answer.await.unwrap_or_else(problem)
    })
}

/// Records wrong API keys in the audit log. A stranger cannot cause more than one write a minute.
fn record_wrong_key(app: &Arc<App>) {
    let now = app.clock.now();
    let Some(times) = app.wrong_keys.add(now) else { return };
    let refused = RefusedCall { reason: API_KEY, holder: None, computer: None, license: None, times };
    let recorded = app.storage.record_refusal(refused, now);
    tokio::spawn(async move {
        if let Err(error) = recorded.await {
            log::report(&format!("a wrong API key is not in the audit log: {}", error.detail));
        }
    });
}

/// Returns true if the headers carry the API key.
pub(crate) fn is_operator(app: &App, headers: &HeaderMap) -> bool {
    let value = single_header(headers, "authorization").unwrap_or_default();
    // The name of a scheme has no case (RFC 9110, 11.1).
    let credentials = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let key = credentials.map_or("", |(_, key)| key.trim());
    // Digests have one length and reveal nothing about the given key.
    let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    digest.ct_eq(&app.keys.api_key_digest).into()
}

pub(super) async fn issue(
    app: Arc<App>,
    operator: OperatorCall,
    call: IssueRequest,
    permit: MemoryPermit,
) -> Result<IssueAnswer, Refusal> {
    if let Some(holder) = &call.holder {
        check_id("holder", holder)?;
    }
    check_label("reference", call.reference.as_deref(), 100)?;
    check_label("note", call.note.as_deref(), 1_000)?;
    let link_days = call.link_days.unwrap_or(app.link_days);
    if !(1..=MAX_LINK_DAYS).contains(&link_days) {
        return Err(Refusal::malformed(format!("`link_days` must be 1 to {MAX_LINK_DAYS}.")));
    }
    let expires = operator.now.saturating_add(i64::from(link_days) * DAY);
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
    let offer_request = NewOffer {
        offer,
        code: Sha256::digest(code.as_bytes()).into(),
        bound_to: call.holder,
        reference: call.reference,
        note: call.note,
        expires,
        licenses,
    };
    let issued = app.storage.operate(operator, move |operation| operation.issue(&offer_request)).await?;
    // A retry returns the first offer, so the code must be derived from that offer.
    Ok(IssueAnswer {
        link: link_url(&app, &link_code(&app, &issued.offer)),
        offer: issued.offer,
        link_expires: issued.expires,
        licenses: issued.licenses,
    })
}

/// Checks a text of the operator that lists show.
fn check_label(name: &str, text: Option<&str>, max_chars: usize) -> Result<(), Refusal> {
    let is_label = |text: &str| {
        !text.trim().is_empty() && text.chars().count() <= max_chars && !text.contains(is_unsafe_for_display)
    };
    if text.is_none_or(is_label) {
        Ok(())
    } else {
        Err(Refusal::malformed(format!("`{name}` must have 1 to {max_chars} printable characters.")))
    }
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

/// Result of a change by an operator.
type Changed = Result<ChangeAnswer, Refusal>;

pub(super) async fn withdraw_link(
    app: Arc<App>,
    operator: OperatorCall,
    call: WithdrawLinkRequest,
    _: MemoryPermit,
) -> Changed {
    check_id("offer", &call.offer)?;
    app.storage.operate(operator, move |operation| operation.withdraw_link(&call.offer)).await
}

pub(super) async fn revoke(app: Arc<App>, operator: OperatorCall, call: RevokeRequest, _: MemoryPermit) -> Changed {
    check_id("license", &call.license)?;
    if call.reason.chars().count() > 200 || call.reason.chars().any(char::is_control) {
        return Err(Refusal::malformed("`reason` must have at most 200 printable characters."));
    }
    app.storage.operate(operator, move |operation| operation.revoke(&call)).await
}

pub(super) async fn release(
    app: Arc<App>,
    operator: OperatorCall,
    call: OperatorReleaseRequest,
    _: MemoryPermit,
) -> Changed {
    check_id("holder", &call.holder)?;
    check_id("computer", &call.computer)?;
    app.storage.operate(operator, move |operation| operation.release(&call)).await
}

pub(super) async fn confirm(app: Arc<App>, operator: OperatorCall, call: ComputerRequest, _: MemoryPermit) -> Changed {
    check_id("holder", &call.holder)?;
    check_id("computer", &call.computer)?;
    app.storage.operate(operator, move |operation| operation.confirm(&call)).await
}

pub(super) async fn withdraw(app: Arc<App>, operator: OperatorCall, call: ComputerRequest, _: MemoryPermit) -> Changed {
    check_id("holder", &call.holder)?;
    check_id("computer", &call.computer)?;
    app.storage.operate(operator, move |operation| operation.withdraw(&call)).await
}

pub(super) async fn limit(app: Arc<App>, operator: OperatorCall, call: LimitRequest, _: MemoryPermit) -> Changed {
    check_id("license", &call.license)?;
    if call.limit > MAX_LIMIT {
        return Err(Refusal::malformed(format!("`limit` must be at most {MAX_LIMIT}.")));
    }
    app.storage.operate(operator, move |operation| operation.limit(&call)).await
}

pub(super) async fn list(
    app: Arc<App>,
    _: OperatorCall,
    call: ListRequest,
    _: MemoryPermit,
) -> Result<ListAnswer, Refusal> {
    if call.after.as_ref().is_some_and(|after| after.len() > 1_000) {
        return Err(Refusal::malformed("`after` must be the `id` of a row."));
    }
    if call.search.as_ref().is_some_and(|search| !(1..=100).contains(&search.chars().count())) {
        return Err(Refusal::malformed("`search` must have 1 to 100 characters."));
    }
    app.storage.list(call).await
}
