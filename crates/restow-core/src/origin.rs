//! Where a service may be: https anywhere public, http and private addresses only as the rules allow
//! (docs/service-protocol.md §8).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::text::quoted;

/// Why an address or link cannot be a service's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressFault {
    /// It cannot be read.
    #[error("it is not a web address")]
    Form,
    /// It is of another scheme.
    #[error("it must begin with https://")]
    Scheme,
    /// It has no host.
    #[error("it names no host")]
    NoHost,
    /// It has a user name or password in it.
    #[error("it must not contain a user name")]
    UserName,
    /// It is http, and not on this computer.
    #[error("http is allowed only to this computer itself; use https")]
    PlainHttp,
    /// Its port is none.
    #[error("its port is no number from 1 to 65535")]
    Port,
    /// A link without its last part.
    #[error("it lacks the issuer's fingerprint (#…) at its end")]
    NoFingerprint,
    /// Another web address.
    #[error("it is no acquisition link")]
    NotALink,
    /// A link of which a part is missing.
    #[error("its code or fingerprint is damaged; copy the whole link")]
    DamagedLink,
}

impl AddressFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "address-form",
            Self::Scheme => "address-scheme",
            Self::NoHost => "address-no-host",
            Self::UserName => "address-user-name",
            Self::PlainHttp => "address-plain-http",
            Self::Port => "address-port",
            Self::NoFingerprint => "address-no-fingerprint",
            Self::NotALink => "address-not-a-link",
            Self::DamagedLink => "address-damaged-link",
        }
    }
}

/// Address or link that no service can have.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{url}: not an address a service can have: {fault}")]
pub struct AddressError {
    /// Address, safe to show.
    pub url: String,
    /// Rule that the address breaks.
    pub fault: AddressFault,
}

/// Scheme, host and port of a service.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Origin {
    scheme: &'static str,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an address: `https`, or `http` to a loopback address; no user name, and no path that matters.
    ///
    /// # Errors
    /// [`AddressError`], saying what is wrong.
    pub fn from_url(url: &str) -> Result<Self, AddressError> {
        Self::parse(url).map_err(|why| AddressError { url: quoted(url), fault: why })
    }

    /// As [`from_url`](Self::from_url), for addresses of others than services.
    pub fn parse(url: &str) -> Result<Self, AddressFault> {
        let uri: http::Uri = url.parse().map_err(|_| AddressFault::Form)?;
        let scheme = match uri.scheme_str() {
            Some("https") => "https",
            Some("http") => "http",
            _ => return Err(AddressFault::Scheme),
        };
        let authority = uri.authority().ok_or(AddressFault::NoHost)?;
        if authority.as_str().contains('@') {
            return Err(AddressFault::UserName);
        }
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err(AddressFault::NoHost);
        }
        let usual = if scheme == "https" { 443 } else { 80 };
        let behind_host = authority.as_str().get(host.len()..).unwrap_or_default();
        let port = match behind_host.strip_prefix(':') {
            None if behind_host.is_empty() => Some(usual),
            // A port that is none must not become the usual one.
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok().filter(|port| *port != 0),
            _ => None,
        };
        let port = port.ok_or(AddressFault::Port)?;
        let origin = Self { scheme, host, port };
        if scheme == "http" && !origin.is_loopback() {
            return Err(AddressFault::PlainHttp);
        }
        Ok(origin)
    }

    /// True when the address itself says that it is this computer.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// True when the address itself says that it is not on the public internet. A name may still resolve to such an
    /// address, which is looked at when connecting.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.is_loopback() || self.ip().is_some_and(|ip| !is_public(ip))
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address of a path at this origin.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{self}{path}")
    }

    /// True when a page may be shown: https or loopback, and of this origin.
    #[must_use]
    pub fn has_page(&self, url: &str) -> bool {
        Self::from_url(url).is_ok_and(|origin| origin == *self)
            && !url.chars().any(|c| c.is_control() || c.is_whitespace())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match (self.scheme, self.port) {
            ("https", 443) | ("http", 80) => Ok(()),
            (_, port) => write!(f, ":{port}"),
        }
    }
}

/// True for addresses of the public internet (the special-purpose registries of RFC 6890, in short).
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_documentation()
                || ip.is_multicast()
                || a == 0
                || (a == 100 && b & 0xC0 == 64)
                || (ip.octets().starts_with(&[192, 0, 0]))
                || (a == 198 && b & 0xFE == 18)
                || a >= 240)
        }
        IpAddr::V6(ip) => {
            if let Some(v4) = ip.to_ipv4_mapped().or_else(|| nat64(ip)) {
                return is_public(IpAddr::V4(v4));
            }
            let [first, second, third, ..] = ip.segments();
            // With an IPv4 address inside that nobody says is public: compatible (deprecated), local NAT64, Teredo.
            let carries_v4 = ip.segments().starts_with(&[0; 6])
                || (first == 0x64 && second == 0xFF9B && third == 1)
                || (first == 0x2001 && second == 0);
            !(carries_v4
                || ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || first & 0xFE00 == 0xFC00
                || first & 0xFFC0 == 0xFE80
                || first & 0xFFC0 == 0xFEC0
                || (first == 0x2001 && second == 0x0DB8)
                || first == 0x2002)
        }
    }
}

fn nat64(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    match ip.segments() {
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

/// A one-time link from a shop: where, the code, and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct AcquisitionLink {
    /// Where the service is said to be.
    pub origin: Origin,
    /// The code: who has it has the licenses.
    pub code: String,
    /// The thumbprint of the root.
    pub issuer: String,
}

impl fmt::Debug for AcquisitionLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquisitionLink")
            .field("origin", &self.origin)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl AcquisitionLink {
    /// Reads `<origin>/restow/v1/link/<code>#<root thumbprint>`.
    ///
    /// # Errors
    /// [`AddressError`] when it has another form.
    pub fn parse(link: &str) -> Result<Self, AddressError> {
        // The code is a secret: it is not repeated in the error.
        let wrong = |why| AddressError { url: "LINK".into(), fault: why };
        let (url, issuer) = link.trim().split_once('#').ok_or_else(|| wrong(AddressFault::NoFingerprint))?;
        let origin = Origin::from_url(url).map_err(|error| wrong(error.fault))?;
        let code =
            url.rsplit_once("/restow/v1/link/").map(|(_, code)| code).ok_or_else(|| wrong(AddressFault::NotALink))?;
        let plain = |text: &str, len: std::ops::RangeInclusive<usize>| {
            len.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !plain(code, 16..=64) || !plain(issuer, 43..=43) {
            return Err(wrong(AddressFault::DamagedLink));
        }
        Ok(Self { origin, code: code.to_owned(), issuer: issuer.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for good in [
            "https://shop.example",
            "https://shop.example:8443/x",
            "http://127.0.0.1:80",
            "http://[::1]:9",
            "http://localhost",
        ] {
            assert!(Origin::from_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "shop.example",
            "ftp://shop.example",
            "http://shop.example",
            "https://u@shop.example",
            "http://192.168.0.1",
            "file:///etc",
            "https://",
            "https://shop.example:",
            "https://shop.example:0",
            "https://shop.example:65536",
            "https://shop.example:+443",
            "https://shop.example:8443x",
            "https://[::1]8443",
        ] {
            assert!(Origin::from_url(bad).is_err(), "{bad}");
        }
        assert_eq!(Origin::from_url("https://A.example:443/x").unwrap().to_string(), "https://a.example");
        assert!(Origin::from_url("https://10.0.0.1").unwrap().is_private());
        assert!(!Origin::from_url("https://shop.example").unwrap().is_private());
    }

    #[test]
    fn pages_are_of_the_same_origin() {
        let origin = Origin::from_url("https://shop.example").unwrap();
        assert!(origin.has_page("https://shop.example/limit/x"));
        for other in [
            "https://evil.example/",
            "http://shop.example/",
            "javascript:alert(1)",
            "https://shop.example@evil.example/",
            "https://shop.example/\n",
        ] {
            assert!(!origin.has_page(other), "{other}");
        }
    }

    #[test]
    fn private_addresses() {
        for private in [
            "10.1.2.3",
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::a00:1",
            "::127.0.0.1",
            "2001::1",
            "0.0.0.0",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn links() {
        let issuer = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        let link =
            AcquisitionLink::parse(&format!("https://shop.example/restow/v1/link/AAAAAAAAAAAAAAAAAAAAAA#{issuer}"))
                .unwrap();
        assert_eq!((link.code.len(), link.issuer.as_str()), (22, issuer));
        assert!(!format!("{link:?}").contains("AAAA"), "the code is a secret");
        for bad in
            ["https://shop.example/restow/v1/link/AAAAAAAAAAAAAAAAAAAAAA", "https://shop.example/x#y", "nonsense"]
        {
            let error = AcquisitionLink::parse(bad).unwrap_err().to_string();
            assert!(!error.contains("AAAA"), "{error}");
        }
    }
}
