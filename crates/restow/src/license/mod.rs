//! Documents and rights: every kind of license document is read into one [`License`].

mod fault;
mod key_set;
pub mod lcp;
mod native;
mod rights;
mod standing;

use std::fmt;

use restow_media::KeyId;

pub use fault::{Fault, Shape};
pub use key_set::{CertifiedKey, KeySet, KeyUse, MAX_KEYS, TrustedKeySet};
pub use native::{NativeLicense, verify_native};
pub use rights::{Limits, Right, Rights, StateCategory, UseCheck, Used};
pub use standing::Standing;

use crate::clock::UnixTime;
use crate::hresult::Hresult;
use crate::jws::JwsError;

/// The largest license document that is read: 1 MiB.
pub const MAX_DOCUMENT: u64 = 1 << 20;

/// The most titles kept of one license (docs/backup-format.md §7).
pub(crate) const MAX_TITLES: usize = 64;

/// The kind of a license document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
    /// Restow's own signed license.
    Restow = 1,
    /// Readium LCP license document.
    Lcp = 2,
}

impl Kind {
    /// Every kind there is.
    pub const ALL: [Self; 2] = [Self::Restow, Self::Lcp];

    /// The name in output and databases.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restow => "restow",
            Self::Lcp => "lcp",
        }
    }

    /// The number in the store and in a backup (docs/backup-format.md §3.1).
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What identifies a license: its ID means something only under its kind and issuer.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LicenseIdentity {
    /// The kind of document.
    pub kind: Kind,
    /// Restow: thumbprint of the issuer's root key; LCP: the provider's URI.
    pub issuer: String,
    /// The ID the issuer gave it.
    pub license_id: String,
}

/// Why a license may not be backed up. Only the first is the owner's decision.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[non_exhaustive]
#[repr(u8)]
pub enum Restriction {
    /// The issuer did not grant the right.
    DeniedByIssuer = 1,
    /// The document says nothing and is bound to a device.
    UnstatedDeviceBound = 2,
    /// It was never meant to outlive a session.
    NotPersistent = 3,
    /// It is the key itself, unprotected.
    KeyInClear = 4,
}

impl Restriction {
    const ALL: [Self; 4] = [Self::DeniedByIssuer, Self::UnstatedDeviceBound, Self::NotPersistent, Self::KeyInClear];

    /// The fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeniedByIssuer => "denied_by_issuer",
            Self::UnstatedDeviceBound => "unstated_device_bound",
            Self::NotPersistent => "not_persistent",
            Self::KeyInClear => "key_in_clear",
        }
    }

    /// The number in the store and in a backup.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The restriction with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.number() == number)
    }
}

impl fmt::Display for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a license may be backed up, as its document says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackupRight {
    /// The document grants it, or its kind is portable by design.
    Allowed,
    /// The document denies it, or its kind could grant it and does not.
    Denied(Restriction),
    /// Its kind has no such statement; never treated as allowed.
    Unstated(Restriction),
}

impl BackupRight {
    /// `allowed`, `denied` or `unstated`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied(_) => "denied",
            Self::Unstated(_) => "unstated",
        }
    }

    /// Why not, unless allowed.
    #[must_use]
    pub const fn restriction(self) -> Option<Restriction> {
        match self {
            Self::Allowed => None,
            Self::Denied(reason) | Self::Unstated(reason) => Some(reason),
        }
    }
}

/// One license, read from a document of any kind.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct License {
    /// What identifies it.
    pub identity: LicenseIdentity,
    /// The holder it was issued to (native licenses).
    pub holder: Option<String>,
    /// The content keys it is for; empty where the kind has none.
    pub key_ids: Vec<KeyId>,
    /// Number of the license key seed (native licenses).
    pub seed: Option<u32>,
    /// The title the document states.
    pub title: Option<String>,
    /// When the document was last updated, else issued: Unix milliseconds. The larger is the newer document.
    pub version: i64,
    /// Not valid before this time.
    pub not_before: Option<UnixTime>,
    /// Not valid from this time on.
    pub expires: Option<UnixTime>,
    /// Rights that are granted; one that is absent is denied.
    pub rights: Rights,
    /// May it be backed up?
    pub backup_right: BackupRight,
    /// Higher is used first.
    pub priority: i32,
    /// How many uses may stay unreported; `None` for any number.
    pub unreported: Option<u64>,
    /// Where it came from or can be had again, as the document states it. Never contacted by itself.
    pub source_url: Option<String>,
    /// The exact bytes.
    pub document: Vec<u8>,
}

/// What the document's own signature is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SignatureCheck {
    /// It verifies under keys that are trusted here.
    Verified,
    /// It verifies under a certificate, and no root that is known here says whose that is.
    UnknownRoot,
    /// It proves nothing.
    Invalid(lcp::Invalid),
}

impl SignatureCheck {
    /// The fixed name in output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::UnknownRoot => "unknown_root",
            Self::Invalid(_) => "invalid",
        }
    }

    /// More is better.
    pub(crate) const fn rank(&self) -> u8 {
        match self {
            Self::Invalid(_) => 0,
            Self::UnknownRoot => 1,
            Self::Verified => 2,
        }
    }
}

/// Why a document is not a license that can be kept.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LicenseError {
    /// Larger than [`MAX_DOCUMENT`].
    #[error("the document is larger than {MAX_DOCUMENT} bytes")]
    TooLarge,
    /// None of the known kinds.
    #[error("this is no license document of a known kind")]
    UnknownKind,
    /// It breaks the rules of its kind.
    #[error("the {kind} license is malformed: {what}")]
    Malformed {
        /// The kind it claims to be.
        kind: Kind,
        /// What is wrong, and where.
        what: Fault,
    },
    /// Its signature or issuer cannot be accepted.
    #[error("the license was not accepted: {0}")]
    Jws(#[from] JwsError),
    /// The issuer is not known here.
    #[error("nobody added the service of issuer {0}")]
    UnknownIssuer(String),
    /// The key that signed it was not one for licenses when the license was issued.
    #[error("the signing key {0} was not valid for licenses when this one was issued")]
    KeyNotValid(String),
    /// A document that is a content key itself.
    #[error("the document contains content keys in clear and is never stored")]
    KeyInClear(Vec<KeyId>),
    /// A License Status Document: it says how a license stands, and is none.
    #[error("this is no license, but a status document, which says how one stands")]
    StatusDocument,
    /// Another document of the license is here.
    #[error("another document of this license is here, whose signature is worth more")]
    BetterHere,
    /// A publication without a license.
    #[error("there is no license in it; it may have been delivered apart, as a .lcpl file")]
    NoneInside,
    /// An archive without a license.
    #[error("there is no license in this archive, nor in what lies in it")]
    NoneInArchive,
    /// A publication, an archive or an entry of one that is damaged.
    #[error("it cannot be looked into: {0}")]
    Package(restow_media::Warning),
    /// An archive, or an entry of one, that is only read once it is unpacked.
    #[error("it must be unpacked first: {0}")]
    UnpackFirst(restow_media::Warning),
    /// An archive of another kind than ZIP.
    #[error("archives of this kind are not read: it must be unpacked first")]
    OtherArchive,
}

impl LicenseError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "license-too-large",
            Self::UnknownKind => "license-unknown-kind",
            Self::Malformed { .. } => "license-malformed",
            Self::Jws(_) => "license-not-accepted",
            Self::UnknownIssuer(_) => "license-unknown-issuer",
            Self::KeyNotValid(_) => "license-key-not-valid",
            Self::KeyInClear(_) => "license-key-in-clear",
            Self::StatusDocument => "license-status-document",
            Self::BetterHere => "license-better-here",
            Self::NoneInside => "license-none-inside",
            Self::NoneInArchive => "license-none-in-archive",
            Self::Package(_) => "license-package",
            Self::UnpackFirst(_) => "license-unpack-first",
            Self::OtherArchive => "license-other-archive",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::KeyInClear(_) => Hresult::NS_E_DRM_STORE_NOTALLOWED,
            _ => Hresult::NS_E_DRM_INVALID_LICENSE,
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::TooLarge | Self::UnknownKind => "Give it the license document itself, such as a .lcpl file.",
            Self::Malformed { .. } | Self::Jws(_) | Self::KeyNotValid(_) => {
                "Get the license again from where it came from."
            }
            Self::UnknownIssuer(_) => "Add the service first: restow service add URL.",
            Self::KeyInClear(_) => "Keep the file where it is; Restow only notes its key IDs.",
            Self::StatusDocument => "Import the license itself; how it stands, its provider is asked: restow refresh.",
            Self::BetterHere => {
                "If you trust its provider, add the root first: restow roots add CERTIFICATE. To have it in any case, forget the one that is here: restow forget LICENSE."
            }
            Self::NoneInside => "If a .lcpl file came with the publication, import that.",
            Self::NoneInArchive => "Import the license documents, books or archives that you got your licenses in.",
            Self::Package(_) => "Get it again from where it came from.",
            Self::UnpackFirst(_) | Self::OtherArchive => "Unpack it, and import the folder it was unpacked into.",
        }
    }

    const fn malformed(kind: Kind, what: Fault) -> Self {
        Self::Malformed { kind, what }
    }
}

/// What one kind of document needs to be read.
trait DocumentKind {
    /// True when the bytes look like this kind, whatever the file is called.
    fn recognizes(&self, document: &[u8]) -> bool;
    /// Reads the document; its signature is not checked here.
    fn parse(&self, document: &[u8]) -> Result<License, LicenseError>;
}

fn kinds() -> [&'static dyn DocumentKind; 2] {
    [&native::Native, &lcp::Lcp]
}

/// Reads a document of any kind by its content. Signatures are not checked: see [`verify_native`].
///
/// # Errors
/// [`LicenseError::UnknownKind`] when nobody recognizes it; otherwise what is wrong with it.
pub fn parse(document: &[u8]) -> Result<License, LicenseError> {
    if document.len() as u64 > MAX_DOCUMENT {
        return Err(LicenseError::TooLarge);
    }
    match kinds().into_iter().find(|kind| kind.recognizes(document)) {
        Some(kind) => kind.parse(document),
        None if is_status_document(document) => Err(LicenseError::StatusDocument),
        None => Err(clear_key(document).map_or(LicenseError::UnknownKind, LicenseError::KeyInClear)),
    }
}

/// Reads a document whose kind is known, as one from a backup.
///
/// # Errors
/// What is wrong with it.
pub fn parse_as(kind: Kind, document: &[u8]) -> Result<License, LicenseError> {
    if document.len() as u64 > MAX_DOCUMENT {
        return Err(LicenseError::TooLarge);
    }
    match kind {
        Kind::Restow => native::Native.parse(document),
        Kind::Lcp => lcp::Lcp.parse(document),
    }
}

/// Whether this says how a license stands (License Status Document 1.0, section 2.2).
fn is_status_document(document: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Look {
        #[serde(rename = "id")]
        _id: String,
        status: String,
        #[serde(rename = "links")]
        _links: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<Look>(document).is_ok_and(|look| Standing::named(&look.status).is_some())
}

/// The key IDs of a W3C Clear Key license (Encrypted Media Extensions §9.1.4), whose keys are not read.
fn clear_key(document: &[u8]) -> Option<Vec<KeyId>> {
    #[derive(serde::Deserialize)]
    struct Key {
        kty: String,
        kid: Option<String>,
        k: Option<serde::de::IgnoredAny>,
    }
    #[derive(serde::Deserialize)]
    struct ClearKey {
        keys: Vec<Key>,
    }
    let clear: ClearKey = serde_json::from_slice(document).ok()?;
    let keys = clear.keys.into_iter().filter(|key| key.kty == "oct" && key.k.is_some());
    let ids: Vec<KeyId> = keys
        .filter_map(|key| crate::encoding::from_b64(&key.kid?))
        .map(|bytes| <[u8; 16]>::try_from(bytes.as_slice()).map_or(KeyId::Bytes(bytes), KeyId::Uuid))
        .collect();
    (!ids.is_empty()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_refused_or_passed_over() {
        let deep = |open: &str, close: &str| format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
        for nest in [deep("[", "]"), deep("{\"a\":", "}")] {
            let lcp = r#"{"encryption":{"profile":"p","user_key":0},"links":NEST,"id":"a"}"#.replace("NEST", &nest);
            let clear_key = r#"{"keys":[{"kty":"oct","k":NEST,"kid":"AAAA"}]}"#.replace("NEST", &nest);
            for document in [nest, lcp, clear_key] {
                assert!(parse(document.as_bytes()).is_err());
                for kind in Kind::ALL {
                    assert!(parse_as(kind, document.as_bytes()).is_err());
                }
            }
        }
    }

    #[test]
    fn documents_have_a_limit() {
        let most = usize::try_from(MAX_DOCUMENT).unwrap();
        let spaces = |len| vec![b' '; len];
        assert_eq!(parse(&spaces(most)), Err(LicenseError::UnknownKind));
        assert_eq!(parse(&spaces(most + 1)), Err(LicenseError::TooLarge));
        for kind in Kind::ALL {
            assert_eq!(parse_as(kind, &spaces(most + 1)), Err(LicenseError::TooLarge));
        }
    }
}
