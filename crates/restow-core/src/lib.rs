//! Key IDs, the license model, native licenses, protocol types, keys, signatures and messages of Restow.
//!
//! This crate has no network, no database and no file format. All other crates of Restow depend on it.

pub mod encoding;
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
pub mod system;
pub mod text;
pub mod time;
pub mod trust;

pub use hresult::Hresult;
pub use key_id::{KeyId, KeyIdParseError};
pub use message::Note;
pub use names::UnknownNameError;
pub use system::System;
pub use text::is_unsafe_for_display;
pub use time::{Clock, ManualClock, SystemClock, UnixTime, rfc3339};
