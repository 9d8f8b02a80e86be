//! License documents and rights. Documents of every kind are parsed into one [`License`].

mod document_error;
mod key_set;
mod native;
mod rights;
mod warning;

use crate::jws::JwsError;
use crate::key_id::KeyId;
use crate::texts::TEXTS;
use crate::time::UnixTime;
use crate::{message_error, message_methods};

pub use document_error::{DocumentError, JsonType};
pub use key_set::{CertifiedKey, KeySet, KeyUse, MAX_KEY_SET, MAX_KEYS, TrustedKeySet};
pub use native::{NativeLicense, parse_native, recognizes_native, verify_native};
pub use rights::{Limits, Right, Rights, StateCategory, UseCheck, Used};
pub use warning::{LicenseMember, LicenseWarning};

/// Maximum size of a license document in bytes: 1 MiB.
pub const MAX_DOCUMENT: u64 = 1 << 20;

/// Maximum number of titles, and of key IDs, in one record of a license (docs/backup-format.md §7).
pub const MAX_TITLES: usize = 64;

// The numbers are those of a backup (docs/backup-format.md §3.1).
crate::named_enum! {
    /// Kind of a license document.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
    pub enum Kind {
        /// Native license of a License Management Service (docs/service-protocol.md §2.2).
        Restow = ("restow", 1),
        /// Readium LCP license document (LCP 1.0).
        Lcp = ("lcp", 2),
    }
}

/// Identity of a license.
///
/// License IDs are unique for one kind and issuer only: two issuers may use the same ID.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LicenseIdentity {
    /// Kind of the document.
    pub kind: Kind,
    /// Thumbprint of the issuer's root key for native licenses, URI of the provider for LCP licenses.
    pub issuer: String,
    /// License ID that the issuer chose.
    pub license_id: String,
}

// The numbers are those of a backup (docs/backup-format.md §3.1).
crate::named_enum! {
    /// Reason that forbids the backup of a license. Only [`DeniedByIssuer`](Self::DeniedByIssuer) is a decision of
    /// the issuer.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
    #[non_exhaustive]
    pub enum Restriction {
        /// The issuer did not grant the right to back up.
        DeniedByIssuer = ("denied_by_issuer", 1),
        /// The document does not mention backups and is bound to a device.
        UnstatedDeviceBound = ("unstated_device_bound", 2),
        /// The license ends with its session.
        NotPersistent = ("not_persistent", 3),
        /// The document contains an unprotected content key.
        KeyInClear = ("key_in_clear", 4),
    }
}

/// Statement of a license document about its own backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackupRight {
    /// The document grants the right, or documents of its kind are portable by design.
    Allowed,
    /// The document denies the right, or its kind has the right and the document does not grant it.
    Denied(Restriction),
    /// The kind has no such right. Restow treats this case as denied.
    Unstated(Restriction),
}

impl BackupRight {
    /// Returns the stable name in output: `allowed`, `denied` or `unstated`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied(_) => "denied",
            Self::Unstated(_) => "unstated",
        }
    }

    /// Returns the reason that forbids the backup, or `None` if the backup is allowed.
    #[must_use]
    pub const fn restriction(self) -> Option<Restriction> {
        match self {
            Self::Allowed => None,
            Self::Denied(reason) | Self::Unstated(reason) => Some(reason),
        }
    }
}

/// License parsed from a document of any kind.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct License {
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// Holder that the license was issued to; `None` for LCP licenses.
    pub holder: Option<String>,
    /// IDs of the content keys that the license covers; empty for LCP licenses.
    pub key_ids: Vec<KeyId>,
    /// Number of the license key seed (docs/service-protocol.md §2.2); `None` for LCP licenses.
    pub seed: Option<u32>,
    /// Title of the content, if the document has one.
    pub title: Option<String>,
    /// Time of the last update of the document, or of its issue: Unix milliseconds. A newer document has a larger
    /// version.
    pub version: i64,
    /// Start of the validity period, inclusive; `None` if the period has no start.
    pub not_before: Option<UnixTime>,
    /// End of the validity period, exclusive; `None` if the period has no end.
    pub expires: Option<UnixTime>,
    /// Granted rights. An absent right is denied.
    pub rights: Rights,
    /// Statement about the backup of this license.
    pub backup_right: BackupRight,
    /// Order among licenses for the same key: a license with a higher priority is used first.
    pub priority: i32,
    /// Maximum number of uses that a computer may count without a report to the service; `None` for any number.
    pub unreported: Option<u64>,
    /// Address of the service, or of the publication for LCP licenses, as the document has it.
    ///
    /// Restow contacts the address only after the user agrees.
    pub source_url: Option<String>,
    /// Address of the status document of an LCP license, as the document has it; `None` for other kinds.
    ///
    /// Restow contacts the address only after the user agrees.
    pub status_url: Option<String>,
    /// Facts that are unknown or assumed, because the document states them in an unexpected form.
    pub warnings: Vec<LicenseWarning>,
    /// Exact bytes of the document.
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
            status_url: None,
            warnings: Vec::new(),
            document: document.to_vec(),
        }
    }

    /// Returns true if the document states a start or an end that cannot be read.
    ///
    /// The validity of the license is then unknown.
    #[must_use]
    pub fn has_unknown_period(&self) -> bool {
        self.has_unknown_date(LicenseMember::Start) || self.has_unknown_date(LicenseMember::End)
    }

    /// Returns true if the document states an amount that cannot be read. The right is then not granted.
    #[must_use]
    pub fn has_unknown_amount(&self, right: &Right) -> bool {
        let is_of_right = |member: LicenseMember| match member {
            LicenseMember::Print => *right == Right::PRINT,
            LicenseMember::Copy => *right == Right::COPY,
            _ => false,
        };
        self.warnings.iter().any(|warning| match warning {
            LicenseWarning::UnknownAmount(member) => is_of_right(*member),
            LicenseWarning::UnknownRights => is_of_right(LicenseMember::Print) || is_of_right(LicenseMember::Copy),
            _ => false,
        })
    }

    /// Returns the sort key of the end: a later end is larger, no end is the largest, an unknown end the smallest.
    #[must_use]
    pub fn end_order(&self) -> UnixTime {
        if self.has_unknown_date(LicenseMember::End) { UnixTime::MIN } else { self.expires.unwrap_or(UnixTime::MAX) }
    }

    fn has_unknown_date(&self, member: LicenseMember) -> bool {
        let concerns = |warning: &LicenseWarning| match warning {
            LicenseWarning::UnknownDate(own) => *own == member,
            LicenseWarning::UnknownRights => matches!(member, LicenseMember::Start | LicenseMember::End),
            _ => false,
        };
        self.warnings.iter().any(concerns)
    }
}

message_error! {
    /// Error of a document that cannot be stored as a license.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum LicenseError in TEXTS {
        /// Document larger than [`MAX_DOCUMENT`].
        TooLarge = "license-too-large",
        /// Document of no known kind.
        UnknownKind = "license-unknown-kind",
        /// Document that breaks the rules of its kind.
        Malformed {
            /// Kind that the document appears to have.
            kind: Kind,
            /// First error in the document.
            error: DocumentError as source,
        } = "license-malformed",
        /// Signed document that was refused.
        Jws(source: JwsError) = "license-not-accepted",
        /// License of an issuer that the user did not add, with the issuer's thumbprint.
        UnknownIssuer(issuer: String) = "license-unknown-issuer",
        /// W3C Clear Key license: the document contains content keys, with their IDs.
        KeyInClear(key_ids: Vec<KeyId> as _) = "license-key-in-clear",
        /// License Status Document instead of a license.
        StatusDocument = "license-status-document",
    }
}

impl LicenseError {
    /// Creates [`Malformed`](Self::Malformed).
    #[must_use]
    pub const fn malformed(kind: Kind, error: DocumentError) -> Self {
        Self::Malformed { kind, error }
    }
}

message_methods!(LicenseError);

impl From<JwsError> for LicenseError {
    fn from(error: JwsError) -> Self {
        Self::Jws(error)
    }
}
