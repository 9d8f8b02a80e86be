//! Addresses of clients, also behind proxies.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

/// Range of IP addresses, such as `127.0.0.1`, `10.0.0.0/8` or `fd00::/8`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AddressRange {
    first: IpAddr,
    prefix: u32,
}

/// Error of an [`AddressRange`] in text form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidAddressRange;

impl fmt::Display for InvalidAddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an IP address, or a range such as 10.0.0.0/8, is expected")
    }
}

impl std::error::Error for InvalidAddressRange {}

impl FromStr for AddressRange {
    type Err = InvalidAddressRange;

    fn from_str(text: &str) -> Result<Self, InvalidAddressRange> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let first: IpAddr = address.parse().map_err(|_| InvalidAddressRange)?;
        let bits = if first.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), |prefix| prefix.parse().map_err(|_| InvalidAddressRange))?;
        if prefix <= bits { Ok(Self { first, prefix }) } else { Err(InvalidAddressRange) }
    }
}

impl TryFrom<String> for AddressRange {
    type Error = InvalidAddressRange;

    fn try_from(text: String) -> Result<Self, InvalidAddressRange> {
        text.parse()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl AddressRange {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// Returns the address of a client, for limits.
///
/// Without trusted proxies there is none: all clients behind an unknown proxy have one address. The headers count only
/// from trusted peers, and from the end, because clients can write the other entries. An IPv6 client counts by its /64.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[AddressRange]) -> Option<IpAddr> {
    if trusted.is_empty() {
        return None;
    }
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return Some(network_of(peer));
    }
    let last_untrusted = |entries: Vec<Option<IpAddr>>| {
        let mut last = peer;
        for entry in entries.into_iter().rev() {
            let Some(address) = entry else { break };
            last = address;
            if !is_trusted(address) {
                break;
            }
        }
        last
    };
    let forwarded_for = lines(headers, "x-forwarded-for")
        .map(|text| last_untrusted(text.split(',').map(|entry| parse_node(entry.trim())).collect()));
    let forwarded = lines(headers, "forwarded")
        .map(|text| last_untrusted(split_unquoted(&text, ',').into_iter().map(parse_element).collect()));
    Some(network_of(match (forwarded_for, forwarded) {
        (Some(address), None) | (None, Some(address)) => address,
        (Some(one), Some(other)) if one == other => one,
        // A proxy writes one of the headers. The other one, from the client, must not select an address.
        (Some(_), Some(_)) | (None, None) => peer,
    }))
}

/// Returns all lines of a header as one list.
fn lines(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Returns the address in an element of `Forwarded` (RFC 7239).
fn parse_element(element: &str) -> Option<IpAddr> {
    split_unquoted(element, ';').into_iter().find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            return None;
        }
        parse_node(value.trim().trim_matches('"'))
    })
}

/// Parses an address, perhaps with a port.
fn parse_node(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(address, _)| address);
    let without_port = || text.split_once(':').map(|(address, _)| address)?.parse::<std::net::Ipv4Addr>().ok();
    let address = match bracketed {
        Some(address) => address.parse().ok(),
        None => text.parse().ok().or_else(|| without_port().map(IpAddr::V4)),
    };
    address.map(|address: IpAddr| address.to_canonical())
}

/// Splits a text at a separator outside of quotes.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn range(text: &str) -> AddressRange {
        text.parse().unwrap()
    }

    #[test]
    fn address_ranges_are_parsed_strictly() {
        for (text, inside, outside) in [
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("fd00::/8", "fdff::1", "fc00::1"),
            ("::/0", "2001:db8::1", "127.0.0.1"),
            ("::1/128", "::1", "::2"),
        ] {
            assert!(range(text).contains(inside.parse().unwrap()), "{text}");
            assert!(!range(text).contains(outside.parse().unwrap()), "{text}");
            assert_eq!(range(&range(text).to_string()), range(text));
        }
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/", "10.0.0.0/-1", "1.2.3.4:80"] {
            assert_eq!(text.parse::<AddressRange>(), Err(InvalidAddressRange), "{text}");
        }
    }

    #[test]
    fn client_address_needs_trusted_peer() {
        let trusted = [range("127.0.0.1"), range("10.0.0.0/8")];
        for (peer, headers, expected) in [
            // Without a header, or from another peer, the peer is the client.
            ("127.0.0.1", &[][..], "127.0.0.1"),
            ("203.0.113.9", &[("x-forwarded-for", "198.51.100.1")], "203.0.113.9"),
            ("203.0.113.9", &[("forwarded", "for=198.51.100.1")], "203.0.113.9"),
            ("::ffff:127.0.0.1", &[("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            // The last entry that no trusted proxy wrote about another trusted one.
            ("127.0.0.1", &[("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            ("127.0.0.1", &[("x-forwarded-for", "1.1.1.1, 198.51.100.1")], "198.51.100.1"),
            ("127.0.0.1", &[("x-forwarded-for", "1.1.1.1, 198.51.100.1, 10.0.0.7")], "198.51.100.1"),
            ("127.0.0.1", &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            ("127.0.0.1", &[("x-forwarded-for", "10.0.0.8, 10.0.0.7")], "10.0.0.8"),
            ("127.0.0.1", &[("x-forwarded-for", "198.51.100.1:4711")], "198.51.100.1"),
            ("127.0.0.1", &[("x-forwarded-for", "198.51.100.1, unknown")], "127.0.0.1"),
            ("127.0.0.1", &[("x-forwarded-for", "198.51.100.1, unknown, 10.0.0.7")], "10.0.0.7"),
            ("127.0.0.1", &[("x-forwarded-for", "")], "127.0.0.1"),
            ("127.0.0.1", &[("forwarded", "for=198.51.100.1;proto=https;by=10.0.0.1")], "198.51.100.1"),
            ("127.0.0.1", &[("forwarded", "For=\"198.51.100.1:80\", for=10.0.0.7")], "198.51.100.1"),
            ("127.0.0.1", &[("forwarded", "proto=https; for=\"[2001:db8:1:2:3::9]:4711\"")], "2001:db8:1:2::"),
            ("127.0.0.1", &[("forwarded", "for=_hidden")], "127.0.0.1"),
            ("127.0.0.1", &[("forwarded", "for=\"a,for=1.1.1.1\"")], "127.0.0.1"),
            // Two headers that differ.
            ("127.0.0.1", &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "198.51.100.1")], "127.0.0.1"),
            ("127.0.0.1", &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "1.1.1.1")], "1.1.1.1"),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let address = client_address(peer.parse().unwrap(), &map, &trusted);
            assert_eq!(address, Some(expected.parse().unwrap()), "{peer} {headers:?}");
            assert_eq!(client_address(peer.parse().unwrap(), &map, &[]), None);
        }
    }
}
