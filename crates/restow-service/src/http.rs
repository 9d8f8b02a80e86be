//! Responses and path tokens that the API and the pages share.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

/// Address of a client for limits, an extension of its requests. `None` if no proxies are trusted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

/// Returns true if the text has the form of a page token or link code: 22 characters of base64url for 16 bytes.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == 22 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Builds a response that must not be cached.
pub(crate) fn response(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_has_one_form() {
        assert!(is_token("abcdefghijklmnopqrst-_"));
        for bad in ["", "abcdefghijklmnopqrst-", "abcdefghijklmnopqrst-_x", "abcdefghijklmnopqrst.."] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
