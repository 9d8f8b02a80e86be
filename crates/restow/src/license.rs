//! License documents of every kind: the model, and the recognition of a kind by content.

use restow_core::key_id::KeyId;
use restow_core::protocol::Outcome;

pub use restow_core::license::*;
pub use restow_lcp as lcp;
pub use restow_lcp::{LcpStatus, SignatureCheck};

/// Stored status of a license. Dates and revocations are checked at each use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum LicenseStatus {
    /// Granted by the service, or of a kind without a service.
    Usable,
    /// Not granted yet: the service must confirm the license.
    Pending,
    /// Refused by the service, with the outcome.
    Refused(Outcome),
}

impl LicenseStatus {
    /// Returns the name in the database: `usable`, `pending` or the name of the outcome.
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

/// Parses a document and finds its kind by its content.
///
/// The signature is not checked: see [`verify_native`] for native licenses.
///
/// # Errors
/// - [`LicenseError::TooLarge`] for more than [`MAX_DOCUMENT`] bytes
/// - [`LicenseError::StatusDocument`] and [`LicenseError::KeyInClear`] for these documents
/// - [`LicenseError::UnknownKind`] for other documents of no known kind
/// - [`LicenseError::Malformed`] and [`LicenseError::Jws`] for documents that break the rules of their kind
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

/// Parses a document of a known kind, such as a document from a backup. The signature is not checked.
///
/// # Errors
/// - [`LicenseError::TooLarge`] for more than [`MAX_DOCUMENT`] bytes
/// - [`LicenseError::Malformed`] and [`LicenseError::Jws`] for documents that break the rules of their kind
pub fn parse_as(kind: Kind, document: &[u8]) -> Result<License, LicenseError> {
    if document.len() as u64 > MAX_DOCUMENT {
        return Err(LicenseError::TooLarge);
    }
    match kind {
        Kind::Restow => parse_native(document),
        Kind::Lcp => restow_lcp::parse(document),
    }
}

/// Returns true for a License Status Document (License Status Document 1.0, section 2.2).
fn is_status_document(document: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Probe {
        #[serde(rename = "id")]
        _id: String,
        status: String,
        #[serde(rename = "links")]
        _links: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<Probe>(document).is_ok_and(|probe| LcpStatus::from_name(&probe.status).is_some())
}

/// Returns the key IDs of a W3C Clear Key license (Encrypted Media Extensions §9.1.4). The keys are not read into
/// memory.
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
