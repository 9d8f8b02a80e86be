//! The HTTP API: routes and public resources.

mod admin;
mod app;
mod body;
mod calls;
mod grant;
mod places;
mod problem;
mod request;
mod signed_call;
mod spool;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get};

pub(crate) use self::admin::is_operator;
pub(crate) use self::app::App;
use self::app::Shared;
pub(crate) use self::problem::busy_response;
use self::problem::{METHOD_NOT_ALLOWED, NOT_FOUND, other_problem, problem};
use self::signed_call::jose;
use crate::http::{is_token, response};
use crate::pages::{Pages, wants_page};

/// OpenAPI 3.1 description of the API. Tests compare it with [`routes`] and with real requests and answers.
const OPENAPI: &str = include_str!("../../openapi.json");

/// Returns all routes, as in `openapi.json`.
fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 22] {
    use admin::CallKind::{LargeChange, ReadOnly, SmallChange};
    [
        ("/restow/v1/key-set", get(key_set)),
        ("/restow/v1/health", get(health)),
        ("/restow/v1/openapi.json", get(openapi)),
        ("/restow/v1/limit/{token}", get(limit_page)),
        ("/restow/v1/link/{code}", get(link_page)),
        ("/restow/v1/register", signed_call::route(calls::register)),
        ("/restow/v1/acquire", signed_call::route(calls::acquire)),
        ("/restow/v1/restore", signed_call::route(calls::restore)),
        ("/restow/v1/counters", signed_call::route(calls::counters)),
        ("/restow/v1/computers", signed_call::route(calls::computers)),
        ("/restow/v1/computers/release", signed_call::route(calls::release)),
        ("/restow/v1/computers/confirm", signed_call::route(calls::confirm)),
        ("/restow/v1/computers/refuse", signed_call::route(calls::refuse)),
        ("/restow/v1/restore-keys/withdraw", signed_call::route(calls::withdraw)),
        ("/restow/v1/admin/issue", admin::route(LargeChange, admin::issue)),
        ("/restow/v1/admin/withdraw-link", admin::route(SmallChange, admin::withdraw_link)),
        ("/restow/v1/admin/revoke", admin::route(SmallChange, admin::revoke)),
        ("/restow/v1/admin/release", admin::route(SmallChange, admin::release)),
        ("/restow/v1/admin/confirm", admin::route(SmallChange, admin::confirm)),
        ("/restow/v1/admin/withdraw", admin::route(SmallChange, admin::withdraw)),
        ("/restow/v1/admin/limit", admin::route(SmallChange, admin::limit)),
        ("/restow/v1/admin/list", admin::route(ReadOnly, admin::list)),
    ]
}

/// Builds the router: the routes and the page of the service. Other paths and methods receive a page or a problem document.
pub(crate) fn router(app: Arc<App>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .route("/", get(home_page))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
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

/// Token or code in a path.
type TokenPath = Result<Path<String>, PathRejection>;

fn token(path: TokenPath) -> Option<String> {
    path.ok().map(|Path(text)| text).filter(|text| is_token(text))
}

async fn home_page(State(app): Shared, headers: HeaderMap) -> Response {
    Pages::new(&app.profile, &headers).home(&app.keys.issuer)
}

async fn limit_page(State(app): Shared, path: TokenPath, headers: HeaderMap) -> Response {
    let pages = Pages::new(&app.profile, &headers);
    let Some(token) = token(path) else { return pages.not_found() };
    match app.storage.limit_page(&token, app.clock.now()) {
        Ok(Some(page)) => pages.limit(&page),
        Ok(None) => pages.not_found(),
        Err(refusal) => problem(refusal),
    }
}

async fn link_page(State(app): Shared, path: TokenPath, headers: HeaderMap) -> Response {
    let pages = Pages::new(&app.profile, &headers);
    let Some(code) = token(path) else { return pages.not_found() };
    match app.storage.link_state(&calls::hash_link_code(&code), app.clock.now()) {
        Ok(Some(state)) => pages.link(&app.keys.issuer, &code, &state),
        Ok(None) => pages.not_found(),
        Err(refusal) => problem(refusal),
    }
}

/// Answers a path that does not exist.
async fn unknown_path(State(app): Shared, headers: HeaderMap) -> Response {
    if wants_page(&headers) {
        return Pages::new(&app.profile, &headers).not_found();
    }
    other_problem(StatusCode::NOT_FOUND, NOT_FOUND, "This path does not exist")
}

/// Answers a method that a path does not take.
async fn unknown_method(State(app): Shared, headers: HeaderMap) -> Response {
    if wants_page(&headers) {
        return Pages::new(&app.profile, &headers).method_not_allowed();
    }
    other_problem(StatusCode::METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED, "This path requires another method")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use restow_core::protocol::ProblemCode;

    use super::problem::API_KEY;
    use super::*;

    #[test]
    fn openapi_lists_exactly_all_routes() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let described: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let routed: BTreeSet<&str> = routes().into_iter().map(|(path, _)| path).collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn openapi_lists_all_problem_types() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
        let described: BTreeSet<&str> = types.iter().map(|name| name.as_str().unwrap()).collect();
        let known = ProblemCode::ALL.into_iter().map(|code| format!("urn:restow:problem:{}", code.as_str()));
        let others = [API_KEY, NOT_FOUND, METHOD_NOT_ALLOWED].map(|code| format!("urn:restow:problem:{code}"));
        let known: BTreeSet<String> = known.chain(others).collect();
        assert_eq!(described, known.iter().map(String::as_str).collect());
    }
}
