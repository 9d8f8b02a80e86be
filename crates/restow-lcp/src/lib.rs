//! Parsing and verification of Readium LCP license documents and License Status Documents.
//!
//! A Readium LCP license is a JSON document (`.lcpl`) that a provider signs. This crate reads such documents, verifies
//! their signatures, and reads the answers of providers. Sources: LCP 1.0; License Status Document 1.0, revision 5.
//!
//! The crate has no network and no storage, and decrypts no publication. Documents come from untrusted files: malformed
//! input gives an error, never a panic. Parsing checks no signature, so that a program can keep a document with a wrong
//! signature and report the reason.
//!
//! # Example
//!
//! Verify a license:
//!
//! ```
//! use restow_lcp::{Right, Roots, SignatureCheck, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let document = include_bytes!("../examples/data/license.lcpl");
//! # let certificate = include_bytes!("../examples/data/root.pem");
//! let license = restow_lcp::parse(document)?;
//! assert_eq!(license.identity.issuer, "https://library.example");
//! assert_eq!(license.title.as_deref(), Some("Moby-Dick"));
//! assert_eq!(license.rights[&Right::PRINT].count, Some(10));
//!
//! let mut roots = Roots::none();
//! roots.trust(certificate)?;
//! let verification = Verifier::new(roots).verify(document);
//! match &verification.check {
//!     SignatureCheck::Verified => println!("a trusted root certifies the provider"),
//!     SignatureCheck::UnknownRoot => println!("valid, but the provider is unknown"),
//!     SignatureCheck::Invalid(reason) => println!("do not use this license: {reason}"),
//!     _ => {}
//! }
//! assert_eq!(verification.check, SignatureCheck::Verified);
//! assert_eq!(verification.signer.map(|signer| signer.name).as_deref(), Some("Example Library"));
//! # Ok(())
//! # }
//! ```
//!
//! The program `examples/verify_license.rs` prints all this for a file.
//!
//! # Overview
//!
//! In the order in which a program needs them:
//!
//! 1. [`recognizes`] finds license documents by their content.
//! 2. [`parse`] returns the [`License`]: identity, title, dates and rights. [`LcpDetails`] has the remaining members:
//!    links, hint, user and encryption profile.
//! 3. [`Roots`] lists the certificates that the user trusts or distrusts. The crate embeds none.
//! 4. [`Verifier`] checks the signature and the chain to a root. [`Verification`] has the [`SignatureCheck`], the
//!    [`InvalidSignature`] reason and the [`Signer`].
//! 5. [`is_equivalent_json`], [`same_certificate`] and [`canonical_form`] compare two documents.
//! 6. [`DocumentRank`] has the [`SignatureStrength`], version and signer of a document. Its [`RankOrder`] decides which
//!    of two documents of one license is better.
//! 7. [`StatusDocument`] is the provider's answer about a license, with its [`LcpStatus`]. [`expand`] and [`resolve`]
//!    make addresses from its links. [`ProviderProblem`] is an answer that reports a failure.

mod authority;
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
mod texts;
mod uri;
mod uri_template;
mod verify;

pub use authority::{KNOWN_AUTHORITIES, KnownAuthority};
pub use invalid_signature::InvalidSignature;
pub use license::{
    LcpDetails, LcpLink, LcpUser, Profile, canonical_form, is_equivalent_json, parse, recognizes, same_certificate,
};
pub use problem::{ProblemKind, ProviderProblem};
pub use rank::{DocumentRank, RankOrder, SignatureStrength};
pub use restow_core::license::{DocumentError, Kind, License, LicenseError, LicenseIdentity, Limits, Right, Rights};
pub use restow_core::time::{UnixTime, rfc3339};
pub use roots::{Root, RootError, Roots};
pub use status::LcpStatus;
pub use status_document::{Event, MAX_HREF, MAX_STATUS, StatusDocument, StatusLink};
pub use uri::resolve;
pub use uri_template::{TemplateError, expand};
pub use verify::{SignatureCheck, Signer, Verification, Verifier};
