//! Reads which key protects a media file, and its title.
//!
//! This crate reads the headers of media files and publications: protection, protection systems, key IDs and title. A
//! program that backs up licenses names them to users by these titles.
//!
//! The crate decrypts nothing, keeps no key material, and has no network. Files are untrusted: malformed input gives
//! [warnings](Probe::warnings), never a panic or a huge allocation.
//!
//! The containers are ASF (`.wma`, `.wmv`), EPUB, Readium web publications, comics and PDF: see [`Format`]. Files of
//! Kindle and Audible and vouchers are named. The content decides, not the name of the file. Any other file has
//! [`Format::Unknown`] and an [`OtherKind`], without an error.
//!
//! A file counts as unprotected only if every part that decides this was read and understood: see [`Probe::protected`].
//!
//! # Example
//!
//! Find the key ID and the title of a protected song:
//!
//! ```
//! use std::io::Cursor;
//!
//! use restow_media::{Format, KeyId, System, probe};
//! # use restow_media::build::{AsfBuilder, Protection, ProtectionKind};
//!
//! # let key_id: KeyId = "09e091ab-f838-41d2-9e35-58531fd19ec7".parse()?;
//! # let protection = Protection::new(ProtectionKind::Wmdrm, key_id.clone());
//! # let song = AsfBuilder::new().title("Quiet Station").protection(protection).build();
//! let found = probe(&mut Cursor::new(song))?;
//! assert_eq!(found.format, Format::Asf);
//! assert_eq!(found.protected, Some(true));
//! assert!(found.systems.contains(&System::Wmdrm));
//! assert_eq!(found.key_ids, [key_id]);
//! assert_eq!(found.key_ids[0].wm_base64(), "q5HgCTj40kGeNVhTH9Gexw==");
//! assert_eq!(found.title.map(|title| title.text).as_deref(), Some("Quiet Station"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Overview
//!
//! In the order in which a program needs them:
//!
//! 1. [`probe()`] reads an open file and [`probe_path`] a file by its path. Both return a [`Probe`].
//! 2. [`Probe`] has the [`Format`], the [`System`]s, the [`KeyId`]s, the [`Title`] and the [`Warning`]s.
//! 3. [`embedded_license`] returns the license in a publication. [`embed_license`] writes the license and keeps every
//!    other byte.
//! 4. [`open_zip`] finds licenses and publications in any ZIP file.
//!
//! # Features
//!
//! - `build` adds the module `build`: builders of small media files and publications for tests and demonstrations. The
//!   feature is off by default.

mod asf;
mod audible;
#[cfg(any(test, feature = "build"))]
pub mod build;
mod cursor;
mod detect;
mod error;
mod format;
mod io;
mod kindle;
mod other;
mod pdf;
mod probe;
mod publication;
mod text;
mod texts;
mod voucher;
mod warning;
mod wrmheader;
mod xml;
mod zip;

pub use detect::{probe, probe_path};
pub use error::{EmbedError, ProbeError};
pub use format::{Format, OtherKind};
pub use probe::{Probe, Title, TitleSource};
pub use publication::{Archive, ArchiveEntry, EntryContent, ZipKind, embed_license, embedded_license, open_zip};
pub use restow_core::{KeyId, KeyIdParseError, System, UnknownNameError};
pub use texts::TEXTS;
pub use warning::{EntryProblem, Warning};
