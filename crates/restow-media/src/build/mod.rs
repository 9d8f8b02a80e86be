//! Builders of small media files and publications with a valid structure, for tests and for `restow demo`.
//!
//! The files have the headers of a protected file and noise as content: no key exists, and nothing can be
//! decrypted. The same options always give the same bytes.
//!
//! ```
//! use restow_media::build::{AsfBuilder, Protection, ProtectionKind, splice_protection};
//! use restow_media::KeyId;
//!
//! let clear = AsfBuilder::new().title("Rain").author("A. Singer").build();
//! let key_id = KeyId::Uuid([7; 16]);
//! let protection = Protection::new(ProtectionKind::Playready43, key_id).license_url("https://shop.example/get?a=1&b=2");
//! let protected = splice_protection(&clear, &protection)?;
//! assert!(protected.len() > clear.len());
//! # Ok::<(), restow_media::build::SpliceError>(())
//! ```

mod asf;
mod bytes;
mod pdf;
mod protection;
mod publication;
mod splice;
mod zip;

pub use asf::{AsfBuilder, ObjectOrder, TitleObject};
pub use protection::{Carrier, Protection, ProtectionKind};
pub use publication::{PublicationBuilder, PublicationProtection, strip_license};
pub use splice::{SpliceError, splice_protection};
pub use zip::{Compression, ZipBuilder};
