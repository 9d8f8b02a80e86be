//! Origins of services and providers, and the rules for private addresses (docs/service-protocol.md §8).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::encoding::is_token;
use crate::message::Message;
use crate::text::to_short_line;
use crate::texts::TEXTS;
use crate::{message_display, message_error};

message_error! {
    /// Rule that an address or an acquisition link breaks.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum AddressFault in TEXTS {
        /// Text that is not a URI.
        Form = "address-form",
        /// Scheme other than `https` and `http`.
        Scheme = "address-scheme",
        /// Missing host.
        NoHost = "address-no-host",
        /// Host that is neither an address nor a host name.
        Host = "address-host",
        /// User name or password in the address.
        UserName = "address-user-name",
        /// Scheme `http` with a host other than this computer.
        PlainHttp = "address-plain-http",
        /// Port outside of 1 to 65,535.
        Port = "address-port",
        /// Acquisition link without the fingerprint of the issuer.
        NoFingerprint = "address-no-fingerprint",
        /// Web address that is not an acquisition link.
        NotALink = "address-not-a-link",
        /// Acquisition link with a malformed code or fingerprint.
        DamagedLink = "address-damaged-link",
    }
}

/// Error of an address or an acquisition link that no service can have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddressError {
    /// Address, safe to show.
    pub url: String,
    /// Rule that the address breaks.
    pub fault: AddressFault,
}

impl From<&AddressError> for Message {
    fn from(error: &AddressError) -> Self {
        Self::new(&TEXTS, "address-refused").with("url", &error.url).with_cause(&error.fault)
    }
}

message_display!(AddressError);

impl std::error::Error for AddressError {}

/// Origin of a service or a provider: scheme, host and port (RFC 6454).
///
/// The scheme is `https`, or `http` for a loopback address.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Origin {
    scheme: &'static str,
    host: String,
    port: u16,
}

impl Origin {
    /// Returns the origin of a service address. The path is ignored.
    ///
    /// # Errors
    /// [`AddressError`] with the address and the broken rule: another scheme, a user name, a bad host or port.
    pub fn from_url(url: &str) -> Result<Self, AddressError> {
        Self::parse(url).map_err(|why| AddressError { url: to_short_line(url), fault: why })
    }

    /// Returns the origin of any address. The path is ignored.
    ///
    /// # Errors
    /// [`AddressFault`]: another scheme, a user name, a bad host or port.
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
        if !is_host(&host) {
            return Err(AddressFault::Host);
        }
        let default_port = if scheme == "https" { 443 } else { 80 };
        let after_host = authority.as_str().get(host.len()..).unwrap_or_default();
        let port = match after_host.strip_prefix(':') {
            None if after_host.is_empty() => Some(default_port),
            // A malformed port must not become the default port.
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

    /// Returns true if the host is `localhost` or a loopback address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// Returns true if the host is an address outside of the public internet.
    ///
    /// A host name may still resolve to such an address. The client checks the address of each connection.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.is_loopback() || self.ip().is_some_and(|ip| !is_public(ip))
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Returns the host in lower case. An IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the address of a path at this origin. The path starts with `/`.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{self}{path}")
    }

    /// Returns true if `url` is an address of this origin without whitespace and control characters.
    ///
    /// Only such pages of a service may be shown to the user.
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

/// Returns true for an IP address, or a name whose parts have 1 to 63 letters, digits, hyphens and underscores.
fn is_host(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = address {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let is_part = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    // The last part of a name is no number (RFC 3696, 2), so that no damaged address becomes a name.
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    host.parse::<Ipv4Addr>().is_ok() || (host.len() <= 254 && !is_number && name.split('.').all(is_part))
}

/// Returns true for an address of the public internet (special-purpose registries of RFC 6890).
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
            // Forms that embed an IPv4 address of any kind: IPv4-compatible (deprecated), local NAT64, Teredo.
            let embeds_v4 = ip.segments().starts_with(&[0; 6])
                || (first == 0x64 && second == 0xFF9B && third == 1)
                || (first == 0x2001 && second == 0);
            !(embeds_v4
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

/// Returns the IPv4 address in an address of the well-known NAT64 prefix (RFC 6052).
fn nat64(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    match ip.segments() {
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

/// One-time acquisition link of a service (docs/service-protocol.md §5.3).
#[derive(Clone, PartialEq, Eq)]
pub struct AcquisitionLink {
    /// Origin of the service according to the link.
    pub origin: Origin,
    /// Secret code. Any holder of the code can acquire the licenses.
    pub code: String,
    /// Thumbprint of the root key, which identifies the issuer.
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
    /// Parses a link of the form `<origin>/restow/v1/link/<code>#<root thumbprint>`.
    ///
    /// The code has 16 to 64 characters, the thumbprint 43.
    ///
    /// # Errors
    /// [`AddressError`] for a text of another form. The error does not repeat the link, which is a secret.
    pub fn parse(link: &str) -> Result<Self, AddressError> {
        let address_error = |why| AddressError { url: "LINK".into(), fault: why };
        let (url, issuer) = link.trim().split_once('#').ok_or_else(|| address_error(AddressFault::NoFingerprint))?;
        let origin = Origin::from_url(url).map_err(|error| address_error(error.fault))?;
        let (_, code) = url.rsplit_once("/restow/v1/link/").ok_or_else(|| address_error(AddressFault::NotALink))?;
        if !is_token(code, 16..=64) || !is_token(issuer, 43..=43) {
            return Err(address_error(AddressFault::DamagedLink));
        }
        Ok(Self { origin, code: code.to_owned(), issuer: issuer.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_accepts_only_safe_addresses() {
        for good in [
            "https://shop.example",
            "https://shop.example:8443/x",
            "http://127.0.0.1:80",
            "http://[::1]:9",
            "http://localhost",
            "https://shop.example.",
            "https://licenses_2.intranet",
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
            "https://shop,example",
            "https://shop..example",
            "https://-shop.example",
            "https://10.0.0",
            "https://300.1.1.1",
            "https://[::1",
            "https://[shop]",
        ] {
            assert!(Origin::from_url(bad).is_err(), "{bad}");
        }
        assert_eq!(Origin::from_url("https://A.example:443/x").unwrap().to_string(), "https://a.example");
        assert!(Origin::from_url("https://10.0.0.1").unwrap().is_private());
        assert!(!Origin::from_url("https://shop.example").unwrap().is_private());
    }

    #[test]
    fn page_of_other_origin_is_refused() {
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
    fn private_addresses_are_recognized() {
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
    fn link_is_parsed_and_code_hidden() {
        let issuer = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        let link =
            AcquisitionLink::parse(&format!("https://shop.example/restow/v1/link/AAAAAAAAAAAAAAAAAAAAAA#{issuer}"))
                .unwrap();
        assert_eq!((link.code.len(), link.issuer.as_str()), (22, issuer));
        assert!(!format!("{link:?}").contains("AAAA"), "the code must not be printed");
        for bad in
            ["https://shop.example/restow/v1/link/AAAAAAAAAAAAAAAAAAAAAA", "https://shop.example/x#y", "nonsense"]
        {
            let error = AcquisitionLink::parse(bad).unwrap_err().to_string();
            assert!(!error.contains("AAAA"), "{error}");
        }
    }
}
