//! Readium LCP license and status documents: parsing, canonical form, signatures and trusted roots.
//!
//! Source: LCP specification 1.0 and License Status Document 1.0, revision 5. A document is stored byte for byte,
//! even with a wrong signature: the document belongs to the user.

mod canonical;
mod certificate;
mod invalid_signature;
mod json;
mod license;
mod problem;
mod rank;
mod roots;
mod signature;
mod status;
mod status_document;
mod uri;
mod uri_template;
mod verify;

pub use invalid_signature::InvalidSignature;
pub use license::{
    LcpDetails, LcpLink, LcpUser, Profile, canonical_form, is_equivalent_json, parse, recognizes, same_certificate,
};
pub use problem::{ProblemKind, ProviderProblem};
pub use rank::{DocumentRank, RankOrder, SignatureStrength};
pub use roots::{Root, RootError, Roots};
pub use status::LcpStatus;
pub use status_document::{Event, MAX_HREF, MAX_STATUS, StatusDocument, StatusLink};
pub use uri::resolve;
pub use uri_template::{TemplateError, expand};
pub use verify::{SignatureCheck, Signer, Verification, Verifier};
