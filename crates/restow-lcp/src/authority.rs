//! License authorities that Restow knows by the digest of their certificate.

use super::roots::Root;

/// License authority whose certificate is published. The certificate itself is no part of Restow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct KnownAuthority {
    /// Name on the command line.
    pub id: &'static str,
    /// Name for users.
    pub name: &'static str,
    /// Common name of the certificate.
    pub common_name: &'static str,
    /// SHA-256 of the certificate in DER.
    pub fingerprint: [u8; 32],
    /// Address where the certificate is published.
    pub url: &'static str,
}

/// All known authorities.
pub const KNOWN_AUTHORITIES: [KnownAuthority; 1] = [KnownAuthority {
    id: "edrlab",
    name: "EDRLab",
    common_name: "EDRLab CA",
    fingerprint: [
        0x58, 0x84, 0xa4, 0x3d, 0x2f, 0x66, 0x95, 0xc2, 0xd9, 0x06, 0x54, 0x38, 0x4e, 0x4a, 0x97, 0x21, 0x9e, 0xf8,
        0xa1, 0x1b, 0x6a, 0x27, 0xd4, 0xf6, 0x52, 0xff, 0xf2, 0x35, 0xd5, 0xc6, 0x9d, 0x76,
    ],
    url: "https://raw.githubusercontent.com/edrlab/lcp-server/main/pkg/check/data/cacert-edrlab-prod.pem",
}];

impl KnownAuthority {
    /// Finds an authority by its name on the command line.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        KNOWN_AUTHORITIES.iter().find(|authority| id.eq_ignore_ascii_case(authority.id))
    }

    /// Creates an authority with another certificate, for tests of programs.
    #[must_use]
    pub const fn with_fingerprint(self, fingerprint: [u8; 32]) -> Self {
        Self { fingerprint, ..self }
    }
}

impl Root {
    /// Returns the known authority with exactly this certificate.
    #[must_use]
    pub fn authority(&self) -> Option<&'static KnownAuthority> {
        KNOWN_AUTHORITIES.iter().find(|authority| authority.fingerprint == self.fingerprint)
    }

    /// Returns the known authority with the name of this certificate and another certificate.
    ///
    /// Any person can write a name into a certificate.
    #[must_use]
    pub fn namesake(&self) -> Option<&'static KnownAuthority> {
        let has_name = |authority: &&KnownAuthority| self.name.trim().eq_ignore_ascii_case(authority.common_name);
        KNOWN_AUTHORITIES.iter().find(has_name).filter(|authority| authority.fingerprint != self.fingerprint)
    }
}
