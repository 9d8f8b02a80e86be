//! Documents and rights: every kind of license document is read into one [`License`].

mod document_error;
mod key_set;
mod native;
mod rights;

use std::fmt;

use crate::hresult::Hresult;
use crate::jws::JwsError;
use crate::key_id::KeyId;
use crate::message::Note;
use crate::time::UnixTime;

pub use document_error::{DocumentError, JsonType};
pub use key_set::{CertifiedKey, KeySet, KeyUse, MAX_KEYS, TrustedKeySet};
pub use native::{NativeLicense, parse_native, recognizes_native, verify_native};
pub use rights::{Limits, Right, Rights, StateCategory, UseCheck, Used};

/// The largest license document that is read: 1 MiB.
pub const MAX_DOCUMENT: u64 = 1 << 20;

/// The most titles kept of one license (docs/backup-format.md §7).
pub const MAX_TITLES: usize = 64;

/// The kind of a license document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
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

impl License {
    /// Creates a license that grants nothing, from its identity, version and exact bytes.
    #[must_use]
    pub fn new(identity: LicenseIdentity, version: i64, backup_right: BackupRight, document: &[u8]) -> Self {
        Self {
            identity,
            holder: None,
            key_ids: Vec::new(),
            seed: None,
            title: None,
            version,
            not_before: None,
            expires: None,
            rights: Rights::new(),
            backup_right,
            priority: 0,
            unreported: None,
            source_url: None,
            document: document.to_vec(),
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
        what: DocumentError,
    },
    /// Its signature or issuer cannot be accepted.
    #[error("the license was not accepted: {0}")]
    Jws(#[from] JwsError),
    /// The issuer is not known here.
    #[error("nobody added the service of issuer {0}")]
    UnknownIssuer(String),
    /// A document that is a content key itself.
    #[error("the document contains content keys in clear and is never stored")]
    KeyInClear(Vec<KeyId>),
    /// A License Status Document: it says how a license stands, and is none.
    #[error("this is no license, but a status document, which says how one stands")]
    StatusDocument,
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
            Self::KeyInClear(_) => "license-key-in-clear",
            Self::StatusDocument => "license-status-document",
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
            Self::Malformed { .. } | Self::Jws(_) => "Get the license again from where it came from.",
            Self::UnknownIssuer(_) => "Add the service first: restow service add URL.",
            Self::KeyInClear(_) => "Keep the file where it is; Restow only notes its key IDs.",
            Self::StatusDocument => "Import the license itself; how it stands, its provider is asked: restow refresh.",
        }
    }

    /// Creates [`Malformed`](Self::Malformed).
    #[must_use]
    pub const fn malformed(kind: Kind, what: DocumentError) -> Self {
        Self::Malformed { kind, what }
    }
}

impl From<&LicenseError> for Note {
    fn from(error: &LicenseError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            LicenseError::Malformed { kind, what } => note.with("kind", kind).because(what),
            LicenseError::Jws(error) => note.because(error),
            LicenseError::UnknownIssuer(issuer) => note.with("issuer", issuer),
            LicenseError::TooLarge
            | LicenseError::UnknownKind
            | LicenseError::KeyInClear(_)
            | LicenseError::StatusDocument => note,
        }
    }
}
