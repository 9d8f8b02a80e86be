//! Key IDs, licenses, the service protocol and keys: the common types of Restow.
//!
//! A native license is a signed document without keys. An issuer has a root key, which certifies the keys that sign
//! licenses and answers of its License Management Service. This crate has these documents, the license model for all
//! kinds of documents, and the messages between a computer and a service.
//!
//! The crate has no network, no database and no container format. All other crates of Restow depend on this crate. An
//! application uses the crate `restow`, which re-exports the necessary parts.
//!
//! # Example
//!
//! Issue a license and verify it with the issuer's keys:
//!
//! ```
//! use restow_core::keys::Seed;
//! use restow_core::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
//! use restow_core::license::{Limits, NativeLicense, Right, Rights, verify_native};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The issuer certifies a key for licenses.
//! let seed = Seed::random()?;
//! let (root, signing_key) = (seed.signing_key("root", &[]), seed.signing_key("license", &[]));
//! let issuer = root.public().thumbprint();
//! let key_set = KeySet {
//!     issuer: issuer.clone(),
//!     root: root.public(),
//!     version: 1,
//!     time: 1_767_225_600,
//!     name: "Example Shop".into(),
//!     service_url: "https://shop.example".into(),
//!     privacy_url: None,
//!     keys: vec![CertifiedKey::new(KeyUse::License, signing_key.public(), 1_767_225_600)],
//!     sunset: None,
//! };
//! let key_set = TrustedKeySet::sign(&key_set, &root)?;
//!
//! // The issuer signs a license for ten uses.
//! let license = NativeLicense {
//!     id: "L1".into(),
//!     issuer: issuer.clone(),
//!     holder: "H1".into(),
//!     key_ids: vec!["09e091ab-f838-41d2-9e35-58531fd19ec7".into()],
//!     seed: 1,
//!     issued: 1_767_229_200,
//!     not_before: None,
//!     expires: None,
//!     title: Some("A Song".into()),
//!     priority: 0,
//!     rights: Rights::from([(Right::PLAY, Limits { count: Some(10), ..Limits::default() })]),
//!     service_url: None,
//!     unreported: None,
//!     crit: vec![],
//! };
//! let document = license.sign(&signing_key)?;
//!
//! // The computer knows the thumbprint of the root key, and verifies both documents.
//! let key_set = TrustedKeySet::verify(key_set.document(), &issuer)?;
//! let license = verify_native(document.as_bytes(), &key_set)?;
//! assert_eq!(license.title.as_deref(), Some("A Song"));
//! assert_eq!(license.rights[&Right::PLAY].count, Some(10));
//! # Ok(())
//! # }
//! ```
//!
//! # Overview
//!
//! In the order in which a program needs them:
//!
//! 1. [`KeyId`] names a content key in the header of a protected file, and [`System`] the protection system.
//! 2. [`license`] has the [`License`](license::License) for documents of all kinds, its rights, native licenses, and
//!    the key sets of their issuers.
//! 3. [`keys`] derives all keys from seeds, [`jws`] signs documents, and [`hpke`] encrypts keys.
//! 4. [`protocol`] has the requests, answers and statements of a service. [`origin`] has its address and the links to
//!    acquire licenses, and [`trust`] the reason to contact a service.
//! 5. [`time`] has the [`Clock`] that a caller injects.
//! 6. [`Message`] is the message of an error, with a stable code, and [`Hresult`] is its Windows result code.
//!
//! The modules `encoding`, `files`, `strict_json` and `text` and the macros `named_enum` and `text_serde` are for the
//! crates of Restow. They are public but hidden, and change without notice.

#[doc(hidden)]
pub mod encoding;
#[doc(hidden)]
pub mod files;
pub mod hpke;
pub mod hresult;
pub mod jws;
pub mod key_id;
pub mod keys;
pub mod license;
pub mod message;
mod names;
pub mod origin;
pub mod protocol;
#[doc(hidden)]
pub mod sqlite_files;
#[doc(hidden)]
pub mod strict_json;
pub mod system;
#[doc(hidden)]
pub mod text;
pub mod texts;
pub mod time;
pub mod trust;

pub use hresult::Hresult;
pub use key_id::{KeyId, KeyIdParseError};
pub use message::Message;
pub use names::UnknownNameError;
pub use system::System;
pub use text::is_unsafe_for_display;
pub use texts::{Language, TEXTS, Texts};
pub use time::{Clock, ManualClock, SystemClock, UnixTime, rfc3339};
