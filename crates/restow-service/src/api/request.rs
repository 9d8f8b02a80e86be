//! Checks of the form of requests.

use axum::http::{HeaderMap, Uri};
use restow_core::protocol::signature::is_idempotency_key;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::error::Refusal;

pub(super) fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::malformed(format!("The body: {error}.")))
}

/// Returns a header that occurs exactly once.
pub(super) fn single_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

pub(super) fn check_no_query(uri: &Uri) -> Result<(), Refusal> {
    if uri.query().is_some() { Err(Refusal::malformed("The path must have no query string.")) } else { Ok(()) }
}

pub(super) fn check_idempotency_key(key: &str) -> Result<(), Refusal> {
    let malformed = || Refusal::malformed("The idempotency key must have 22 to 64 characters of A–Z a–z 0–9 - _.");
    if is_idempotency_key(key) { Ok(()) } else { Err(malformed()) }
}

/// Returns the digest that tells a retry from another request with the same idempotency key.
pub(super) fn request_digest(path: &str, body_sha256: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(path).chain_update([0]).chain_update(body_sha256).finalize().into()
}

/// Returns true for a valid ID: 1 to 255 bytes without control characters.
pub(super) fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

pub(super) fn check_id(name: &str, text: &str) -> Result<(), Refusal> {
    if is_id(text) { Ok(()) } else { Err(Refusal::malformed(format!("`{name}` must have 1 to 255 printable bytes."))) }
}
