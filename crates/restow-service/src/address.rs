//! The public origin of a service and its default listening address.

use std::net::{Ipv4Addr, SocketAddr};

use crate::error::ServiceError;

/// Parses the public origin of a service and returns it without a trailing slash.
///
/// Plain `http` is accepted for loopback hosts only.
pub(crate) fn parse_origin(url: &str) -> Result<String, ServiceError> {
    let invalid = |reason: &str| Err(ServiceError::Setting { name: "url", reason: format!("`{url}` {reason}") });
    let trimmed = url.trim_end_matches('/');
    let (host, secure) = match (trimmed.strip_prefix("https://"), trimmed.strip_prefix("http://")) {
        (Some(host), _) => (host, true),
        (None, Some(host)) => (host, false),
        (None, None) => return invalid("must begin with https:// (or http:// for this machine itself)"),
    };
    // An IPv6 address contains colons, inside brackets.
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (name, rest) = bracketed.unwrap_or_else(|| host.split_at(host.find(':').unwrap_or(host.len())));
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c) || (bracketed.is_some() && c == ':');
    if name.is_empty() || host.len() > 255 || !name.chars().all(is_allowed) {
        return invalid("must be a host and perhaps a port, without a path");
    }
    if !rest.is_empty() && rest.strip_prefix(':').and_then(|port| port.parse::<u16>().ok()).is_none_or(|port| port == 0)
    {
        return invalid("must have a port of 1 to 65535, or none");
    }
    let loopback = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    if secure || loopback {
        Ok(trimmed.to_owned())
    } else {
        invalid("must begin with https:// unless it is this machine")
    }
}

/// Returns the default listening address of a service with this origin.
///
/// A loopback `http` origin is the listening address itself. For any other origin, the service listens on port 8080
/// of the loopback interface, behind a server that terminates TLS.
pub(crate) fn default_listen_address(url: &str) -> SocketAddr {
    let listen = url.strip_prefix("http://").and_then(|host| {
        let host = host.replacen("localhost", "127.0.0.1", 1);
        host.parse().or_else(|_| format!("{host}:80").parse()).ok()
    });
    listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))
}

/// Returns true for an address that a page may link to.
pub(crate) fn is_web_address(text: &str) -> bool {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    is_plain && text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_forms_are_checked() {
        for (url, expected) in [
            ("https://shop.example", Some("https://shop.example")),
            ("https://shop.example/", Some("https://shop.example")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://[::1]:1", Some("http://[::1]:1")),
            ("http://shop.example", None),
            ("http://localhost.evil.example", None),
            ("https://shop.example/path", None),
            ("https://a@b", None),
            ("ftp://shop.example", None),
            ("http://127.0.0.1:x", None),
            ("https://shop.example:", None),
            ("https://shop.example:70000", None),
            ("https://[::1", None),
            ("https://", None),
        ] {
            assert_eq!(parse_origin(url).ok().as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn default_listen_address_follows_origin() {
        for (url, address) in [
            ("http://127.0.0.1:9000", "127.0.0.1:9000"),
            ("http://localhost:9000", "127.0.0.1:9000"),
            ("http://[::1]:9000", "[::1]:9000"),
            ("http://127.0.0.1", "127.0.0.1:80"),
            ("https://shop.example", "127.0.0.1:8080"),
            ("https://shop.example:9000", "127.0.0.1:8080"),
        ] {
            assert_eq!(default_listen_address(url), address.parse().unwrap(), "{url}");
        }
    }
}
