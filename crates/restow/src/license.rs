//! License documents of all kinds: the model, and parsing by content.

use restow_core::key_id::KeyId;
use restow_core::protocol::Outcome;
use restow_core::text::without_byte_order_mark;

pub use restow_core::license::{
    BackupRight, CertifiedKey, DocumentError, JsonType, KeySet, KeyUse, Kind, License, LicenseError, LicenseIdentity,
    LicenseMember, LicenseWarning, Limits, MAX_DOCUMENT, MAX_TITLES, NativeLicense, Restriction, Right, Rights,
    StateCategory, TrustedKeySet, UseCheck, Used, parse_native, recognizes_native, verify_native,
};
pub use restow_lcp as lcp;
pub use restow_lcp::{LcpStatus, SignatureCheck};

/// Stored status of a license. [`LicenseState`](crate::listing::LicenseState) adds dates, uses, signature and
/// revocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum LicenseStatus {
    /// The service granted the license, or its kind needs no grant.
    Usable,
    /// The service has not answered yet.
    Pending,
    /// The service or the provider refused the license.
    Refused(Outcome),
}

impl LicenseStatus {
    /// Returns the name in the database: `usable`, `pending` or the outcome.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Pending => "pending",
            Self::Refused(outcome) => outcome.as_str(),
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "usable" => Self::Usable,
            _ => Outcome::from_name(name).map_or(Self::Pending, Self::Refused),
        }
    }
}

/// Parses a document of any kind by its content. Signatures are not checked: see [`verify_native`].
///
/// # Errors
/// [`LicenseError::UnknownKind`] if no kind recognizes the document, or the error of the recognized kind.
pub fn parse(document: &[u8]) -> Result<License, LicenseError> {
    if document.len() as u64 > MAX_DOCUMENT {
        return Err(LicenseError::TooLarge);
    }
    match () {
        () if recognizes_native(document) => parse_native(document),
        () if restow_lcp::recognizes(document) => restow_lcp::parse(document),
        () if is_status_document(document) => Err(LicenseError::StatusDocument),
        () => Err(clear_key(document).map_or(LicenseError::UnknownKind, LicenseError::KeyInClear)),
    }
}

/// Parses a document of a known kind.
///
/// # Errors
/// [`LicenseError`] if the document is too large or malformed.
pub fn parse_as(kind: Kind, document: &[u8]) -> Result<License, LicenseError> {
    if document.len() as u64 > MAX_DOCUMENT {
        return Err(LicenseError::TooLarge);
    }
    match kind {
        Kind::Restow => parse_native(document),
        Kind::Lcp => restow_lcp::parse(document),
    }
}

/// Returns true if the document is a status document (License Status Document 1.0, section 2.2).
fn is_status_document(document: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Probe {
        #[serde(rename = "id")]
        _id: String,
        status: String,
        #[serde(rename = "links")]
        _links: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<Probe>(without_byte_order_mark(document))
        .is_ok_and(|probe| LcpStatus::from_provider(&probe.status).is_some())
}

/// Returns the key IDs of a W3C Clear Key license (Encrypted Media Extensions §9.1.4). The keys are not read.
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
    let clear: ClearKey = serde_json::from_slice(without_byte_order_mark(document)).ok()?;
    let keys = clear.keys.into_iter().filter(|key| key.kty == "oct" && key.k.is_some());
    let ids: Vec<KeyId> = keys
        .filter_map(|key| restow_core::encoding::from_b64(&key.kid?))
        .map(|bytes| <[u8; 16]>::try_from(bytes.as_slice()).map_or(KeyId::Bytes(bytes), KeyId::Uuid))
        .collect();
    (!ids.is_empty()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeply_nested_documents_are_refused() {
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
    fn document_over_limit_is_refused() {
        let limit = usize::try_from(MAX_DOCUMENT).unwrap();
        let spaces = |len| vec![b' '; len];
        assert_eq!(parse(&spaces(limit)), Err(LicenseError::UnknownKind));
        assert_eq!(parse(&spaces(limit + 1)), Err(LicenseError::TooLarge));
        for kind in Kind::ALL {
            assert_eq!(parse_as(kind, &spaces(limit + 1)), Err(LicenseError::TooLarge));
        }
    }
}
