//! Problem documents.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use restow_core::protocol::{Problem, ProblemCode};

use crate::error::Refusal;
use crate::http::response;
use crate::log;

/// Value of `Retry-After` in the answer of a busy service, in seconds.
const RETRY_SECONDS: &str = "2";
/// Problem codes outside the protocol of computers.
pub(super) const API_KEY: &str = "api-key";
pub(super) const NOT_FOUND: &str = "not-found";
pub(super) const METHOD_NOT_ALLOWED: &str = "method-not-allowed";

/// Builds the problem document of a refusal, and logs its internal detail.
pub(super) fn problem(refusal: Refusal) -> Response {
    if let Some(log_detail) = &refusal.log_detail {
        log::report(&format!("{}: {log_detail}", refusal.code.as_str()));
    }
    let help = refusal.help();
    let mut document = refusal.code.problem(refusal.detail, help);
    document.released_at = refusal.released_at;
    problem_document(refusal.code, &document)
}

/// Builds the answer of a service without a free connection.
pub(crate) fn busy_response() -> Response {
    problem(Refusal::busy())
}

pub(super) fn problem_document(code: ProblemCode, document: &Problem) -> Response {
    let mut response = problem_response(document);
    if code == ProblemCode::Busy {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
    }
    if matches!(code, ProblemCode::TooLarge | ProblemCode::Busy) {
        // The rest of the body is not read.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Builds a problem document with a code outside the protocol of computers.
pub(super) fn other_problem(status: StatusCode, code: &str, title: &str) -> Response {
    let document = Problem {
        problem_type: format!("urn:restow:problem:{code}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: String::new(),
        help: "See the description of the protocol at /restow/v1/openapi.json.".to_owned(),
        released_at: None,
        answer: None,
    };
    problem_response(&document)
}

fn problem_response(document: &Problem) -> Response {
    let status = StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response(status, "application/problem+json", serde_json::to_vec(document).unwrap_or_default())
}
