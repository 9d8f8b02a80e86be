//! Readium LCP license documents: read, carried byte for byte, and judged.
//!
//! Source: the published LCP specification 1.0. A document is kept whatever is to be said of its signature: it is the user's.

mod canonical;
mod certificate;
mod document;
mod json;
mod roots;
mod schema;
mod signature;
mod verdict;

pub use document::{LcpDetails, LcpLink, LcpUser, Profile};
pub use roots::{Root, RootError, Roots};
pub use verdict::{Invalid, Signer, Verdict, Verifier};

pub(super) use document::Lcp;
pub(crate) use document::{are_of_one_signer, says_the_same, texts, timestamp};
pub(crate) use json::Json;

/// The canonical form of a license document: what its signature is over.
///
/// # Errors
/// When it is not JSON, or states something twice.
pub fn canonical_form(document: &[u8]) -> Result<Vec<u8>, super::LicenseError> {
    let json = document::read(document).map_err(|fault| super::LicenseError::malformed(super::Kind::Lcp, fault))?;
    Ok(canonical::canonical(&json))
}
