//! The HTTP API: routes, problems, and what requests of computers and operators share.

mod admin;
mod body;
mod calls;
mod grant;
mod signed;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use restow_core::Clock;
use restow_core::protocol::{BASE, Problem, ProblemCode};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use self::body::Place;
use crate::error::Refusal;
use crate::folder::{Keys, Profile};
use crate::log;
use crate::pages::{self, Language};
use crate::storage::{Pending, Storage};

/// Everything a request needs.
pub(crate) struct App {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) keys: Keys,
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) read_time: Duration,
    large: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        keys: Keys,
        profile: Profile,
        clock: Arc<dyn Clock>,
        read_time: Duration,
    ) -> Self {
        Self { storage, keys, profile, clock, read_time, large: Arc::new(Semaphore::new(body::LARGE_AT_ONCE)) }
    }
}

type Shared = State<Arc<App>>;

/// Codes of problems that computers have none for.
const API_KEY: &str = "api-key";
const NOT_FOUND: &str = "not-found";
const METHOD_NOT_ALLOWED: &str = "method-not-allowed";

/// The API's description (OpenAPI 3.1); a test compares it with [`routes`], and others with what is sent.
const OPENAPI: &str = include_str!("../../openapi.json");

/// All paths, as `openapi.json` names them.
fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 21] {
    [
        ("/restow/v1/key-set", get(key_set)),
        ("/restow/v1/health", get(health)),
        ("/restow/v1/openapi.json", get(openapi)),
        ("/restow/v1/limit/{token}", get(limit_page)),
        ("/restow/v1/link/{code}", get(link_page)),
        ("/restow/v1/register", post(calls::register)),
        ("/restow/v1/acquire", post(calls::acquire)),
        ("/restow/v1/restore", post(calls::restore)),
        ("/restow/v1/counters", post(calls::counters)),
        ("/restow/v1/computers", post(calls::computers)),
        ("/restow/v1/computers/release", post(calls::release)),
        ("/restow/v1/computers/confirm", post(calls::confirm)),
        ("/restow/v1/computers/refuse", post(calls::refuse)),
        ("/restow/v1/restore-keys/withdraw", post(calls::withdraw)),
        ("/restow/v1/admin/issue", post(admin::issue)),
        ("/restow/v1/admin/revoke", post(admin::revoke)),
        ("/restow/v1/admin/release", post(admin::release)),
        ("/restow/v1/admin/confirm", post(admin::confirm)),
        ("/restow/v1/admin/withdraw", post(admin::withdraw)),
        ("/restow/v1/admin/limit", post(admin::limit)),
        ("/restow/v1/admin/list", post(admin::list)),
    ]
}

/// Answers at [`routes`]; elsewhere with a problem.
pub(crate) fn router(app: Arc<App>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .fallback(async || other_problem(StatusCode::NOT_FOUND, NOT_FOUND, "There is nothing at this path"))
        .method_not_allowed_fallback(async || {
            other_problem(StatusCode::METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED, "This path takes another method")
        })
        .with_state(app)
}

async fn key_set(State(app): Shared) -> Response {
    jose(app.keys.key_set.document().to_owned())
}

async fn openapi() -> Response {
    response(StatusCode::OK, "application/json", OPENAPI)
}

async fn health(State(app): Shared) -> Response {
    match app.storage.health().await {
        Ok(()) => response(StatusCode::OK, "application/json", r#"{"status":"ok"}"#),
        Err(refusal) => problem(refusal),
    }
}

/// What stands in the path, if it can be a page's token or a link's code.
type Named = Result<Path<String>, PathRejection>;

fn token(named: Named) -> Option<String> {
    named.ok().map(|Path(text)| text).filter(|text| pages::is_token(text))
}

async fn limit_page(State(app): Shared, named: Named, headers: HeaderMap) -> Response {
    let language = Language::of(&headers);
    let Some(token) = token(named) else { return pages::not_found(&app.profile, language) };
    match app.storage.limit_page(&token, app.clock.now()).await {
        Ok(Some(page)) => pages::limit(&app.profile, language, &page),
        Ok(None) => pages::not_found(&app.profile, language),
        Err(refusal) => problem(refusal),
    }
}

async fn link_page(State(app): Shared, named: Named, headers: HeaderMap) -> Response {
    let language = Language::of(&headers);
    match token(named) {
        Some(code) => pages::link(&app.profile, language, &app.keys.issuer, &code),
        None => pages::not_found(&app.profile, language),
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

fn jose(document: impl Into<Body>) -> Response {
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
    if matches!(code, ProblemCode::TooLarge | ProblemCode::Busy) {
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

/// Does work that takes long when there is much of it: on this thread, or beside. What it holds in memory keeps its
/// place until the work has ended, also when nobody waits for it any more.
async fn heavy<T: Send + 'static>(
    place: &Place,
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    if !place.is_large() {
        return work();
    }
    let place = place.clone();
    let task = tokio::task::spawn_blocking(move || {
        let _place = place;
        work()
    });
    task.await.unwrap_or_else(|error| Err(Refusal::internal(format!("work beside: {error}"))))
}

/// Waits for storage. What waits in its queue keeps its place, also when nobody waits for the answer any more.
async fn queued<T: Send + 'static>(place: &Place, pending: Pending<T>) -> Result<T, Refusal> {
    if !place.is_large() {
        return pending.await;
    }
    let place = place.clone();
    let task = tokio::spawn(async move {
        let _place = place;
        pending.await
    });
    task.await.unwrap_or_else(|error| Err(Refusal::internal(format!("waiting for storage: {error}"))))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_description_has_all_paths_and_no_others() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let described: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let routed: BTreeSet<&str> = routes().into_iter().map(|(path, _)| path).collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn the_description_has_all_problems() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
        let described: BTreeSet<&str> = types.iter().map(|name| name.as_str().unwrap()).collect();
        let known = ProblemCode::all().map(|code| format!("urn:restow:problem:{}", code.as_str()));
        let others = [API_KEY, NOT_FOUND, METHOD_NOT_ALLOWED].map(|code| format!("urn:restow:problem:{code}"));
        let known: BTreeSet<String> = known.chain(others).collect();
        assert_eq!(described, known.iter().map(String::as_str).collect());
    }
}
