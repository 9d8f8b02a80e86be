//! Reads which key protects a media file, and its title.
//!
//! `restow-media` reads the headers of media files and publications: protection, protection systems, key IDs
//! and title. A program that backs up licenses names them to a person by these titles.
//!
//! The crate reads headers only, decrypts nothing, keeps no key material, and opens no connection. Every byte
//! of a file is hostile input: malformed input gives [warnings](Probe::warnings), never a panic or a huge
//! allocation.
//!
//! Each container has one module, and all return the same type, [`Probe`]. The containers are ASF (`.wma`,
//! `.wmv`, `.asf`, and PlayReady's `.pya` and `.pyv`) and publications. Publications are EPUB, Readium web
//! publications (LCP audiobooks, PDF and comics among them), comics in ZIP files, and PDF. Any other file has
//! [`Format::Unknown`], without an error.
//!
//! A publication can hold its license. [`embedded_license`] returns its bytes; [`embed_license`] writes it and
//! keeps every other byte. [`open_zip`] finds licenses in any ZIP file, such as one with several books.
//!
//! ```
//! use std::io::Cursor;
//! use restow_media::build::{AsfBuilder, Protection, ProtectionKind};
//! use restow_media::{Format, KeyId, System, probe};
//!
//! // A small protected song; a real program opens a file, or calls `probe_path`.
//! let key_id: KeyId = "09e091ab-f838-41d2-9e35-58531fd19ec7".parse()?;
//! let song = AsfBuilder::new()
//!     .title("Quiet Station")
//!     .protection(Protection::new(ProtectionKind::Wmdrm, key_id.clone()))
//!     .build();
//!
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
//! A new container needs one module with `matches(prefix)` and `probe(prefix, reader)`, one line in
//! `detect.rs`, one variant of [`Format`], and a builder in `build`.

mod asf;
#[cfg(any(test, feature = "build"))]
pub mod build;
mod cursor;
mod detect;
mod error;
mod format;
mod io;
mod pdf;
mod probe;
mod publication;
mod text;
mod warning;
mod wrmheader;
mod xml;
mod zip;

pub use detect::{probe, probe_path};
pub use error::{EmbedError, ProbeError};
pub use format::Format;
pub use probe::{Probe, Title, TitleSource};
pub use publication::{Archive, ArchiveEntry, EntryContent, ZipKind, embed_license, embedded_license, open_zip};
pub use restow_core::{KeyId, KeyIdParseError, System, UnknownNameError};
pub use warning::{EntryProblem, Warning};
