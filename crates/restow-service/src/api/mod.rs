//! The HTTP API: routes, problems, and what requests of computers and operators share.

mod admin;
mod calls;
mod grant;
mod signed;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use restow::Clock;
use restow::service::protocol::{BASE, MAX_BODY, Problem, ProblemCode};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use crate::error::Refusal;
use crate::folder::{Keys, Profile};
use crate::storage::Storage;
use crate::{log, pages};

/// Bodies up to here are read and worked on at once; larger ones wait their turn, on their own threads.
const SMALL: usize = 64 << 10;
/// So many larger bodies are in memory at the same time.
const LARGE_AT_ONCE: usize = 16;

/// Everything a request needs.
pub(crate) struct App {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) keys: Keys,
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) read_time: Duration,
    large: Semaphore,
}

impl App {
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        keys: Keys,
        profile: Profile,
        clock: Arc<dyn Clock>,
        read_time: Duration,
    ) -> Self {
        Self { storage, keys, profile, clock, read_time, large: Semaphore::new(LARGE_AT_ONCE) }
    }
}

type Shared = State<Arc<App>>;

/// All paths.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/restow/v1/key-set", get(key_set))
        .route("/restow/v1/health", get(health))
        .route("/restow/v1/limit/{token}", get(limit_page))
        .route("/restow/v1/link/{code}", get(link_page))
        .route("/restow/v1/register", post(calls::register))
        .route("/restow/v1/acquire", post(calls::acquire))
        .route("/restow/v1/restore", post(calls::restore))
        .route("/restow/v1/counters", post(calls::counters))
        .route("/restow/v1/computers", post(calls::computers))
        .route("/restow/v1/computers/release", post(calls::release))
        .route("/restow/v1/computers/confirm", post(calls::confirm))
        .route("/restow/v1/computers/refuse", post(calls::refuse))
        .route("/restow/v1/restore-keys/withdraw", post(calls::withdraw))
        .route("/restow/v1/admin/issue", post(admin::issue))
        .route("/restow/v1/admin/revoke", post(admin::revoke))
        .route("/restow/v1/admin/release", post(admin::release))
        .route("/restow/v1/admin/confirm", post(admin::confirm))
        .route("/restow/v1/admin/withdraw", post(admin::withdraw))
        .route("/restow/v1/admin/limit", post(admin::limit))
        .route("/restow/v1/admin/list", post(admin::list))
        .fallback(async || other_problem(StatusCode::NOT_FOUND, "not-found", "There is nothing at this path"))
        .method_not_allowed_fallback(async || {
            other_problem(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This path takes another method")
        })
        .with_state(app)
}

async fn key_set(State(app): Shared) -> Response {
    jose(app.keys.key_set.document().to_owned())
}

async fn health(State(app): Shared) -> Response {
    match app.storage.health().await {
        Ok(()) => response(StatusCode::OK, "application/json", r#"{"status":"ok"}"#),
        Err(refusal) => problem(refusal),
    }
}

async fn limit_page(State(app): Shared, Path(token): Path<String>) -> Response {
    if !pages::is_token(&token) {
        return pages::not_found(&app.profile);
    }
    match app.storage.limit_page(&token, app.clock.now()).await {
        Ok(Some(page)) => pages::limit(&app.profile, &page),
        Ok(None) => pages::not_found(&app.profile),
        Err(refusal) => problem(refusal),
    }
}

async fn link_page(State(app): Shared, Path(code): Path<String>) -> Response {
    if pages::is_token(&code) {
        pages::link(&app.profile, &app.keys.issuer, &code)
    } else {
        pages::not_found(&app.profile)
    }
}

/// A link with a one-time code.
fn link(app: &App, code: &str) -> String {
    format!("{}{BASE}link/{code}#{}", app.profile.url, app.keys.issuer)
}

/// A response that nobody keeps.
pub(crate) fn response(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn jose(document: String) -> Response {
    response(StatusCode::OK, "application/jose", document)
}

/// The outside of a refusal; its inside goes to the log.
fn problem(refusal: Refusal) -> Response {
    if let Some(inside) = &refusal.inside {
        log::problem(&format!("{}: {inside}", refusal.code.as_str()));
    }
    let help = refusal.help();
    problem_document(refusal.code, &refusal.code.problem(refusal.detail, help))
}

fn problem_document(code: ProblemCode, document: &Problem) -> Response {
    let status = StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = serde_json::to_vec(document).unwrap_or_default();
    let mut response = response(status, "application/problem+json", json);
    if code == ProblemCode::Busy {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if matches!(code, ProblemCode::TooLarge) {
        // The rest of the body is not read.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A problem that computers have no code for.
fn other_problem(status: StatusCode, code: &str, title: &str) -> Response {
    let document = Problem {
        problem_type: format!("urn:restow:problem:{code}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: String::new(),
        help: "See the documentation of the protocol.".to_owned(),
        answer: None,
    };
    let json = serde_json::to_vec(&document).unwrap_or_default();
    response(status, "application/problem+json", json)
}

/// A body that was read within its limits, and the right to have it in memory.
struct Taken<'a> {
    body: Bytes,
    _place: Option<tokio::sync::SemaphorePermit<'a>>,
}

/// Reads a body of at most [`MAX_BODY`].
async fn take_body<'a>(app: &'a App, headers: &HeaderMap, body: Body) -> Result<Taken<'a>, Refusal> {
    let too_large = || Refusal::new(ProblemCode::TooLarge, format!("A request has at most {MAX_BODY} bytes."));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    let place = if announced.is_some_and(|length| length <= SMALL) {
        None
    } else {
        // Whoever does not come in by then comes again.
        let wait = tokio::time::timeout(app.read_time, app.large.acquire()).await;
        Some(wait.map_err(|_| Refusal::busy())?.map_err(|_| Refusal::busy())?)
    };
    let read = tokio::time::timeout(app.read_time, axum::body::to_bytes(body, MAX_BODY)).await;
    let body = read.map_err(|_| Refusal::malformed("The body did not come in time."))?.map_err(|error| {
        let limit = std::error::Error::source(&error).is_some_and(|source| source.to_string().contains("limit"));
        if limit { too_large() } else { Refusal::malformed("The body broke off.") }
    })?;
    Ok(Taken { body, _place: place })
}

/// Does work that takes long when there is much of it: on this thread, or beside.
async fn heavy<T: Send + 'static>(
    size: usize,
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    if size <= SMALL {
        return work();
    }
    let task = tokio::task::spawn_blocking(work);
    task.await.unwrap_or_else(|error| Err(Refusal::internal(format!("work beside: {error}"))))
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::malformed(format!("The body: {error}.")))
}

/// A header that stands there once.
fn header_of<'a>(request: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = request.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

fn no_query(request: &Request) -> Result<(), Refusal> {
    if request.uri().query().is_some() { Err(Refusal::malformed("A query string is not taken.")) } else { Ok(()) }
}

/// IDs are text of 1 to 255 bytes.
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn check_id(what: &str, text: &str) -> Result<(), Refusal> {
    if is_id(text) { Ok(()) } else { Err(Refusal::malformed(format!("`{what}` must have 1 to 255 printable bytes."))) }
}
