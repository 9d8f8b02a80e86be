//! Back up and restore media licenses.
#![allow(missing_docs)] // until the surface is complete
#![allow(dead_code)]

pub mod backup;
mod clock;
mod encoding;
mod files;
mod hresult;
pub mod jws;
pub mod keys;
pub mod license;
pub mod seal;
pub mod service;

pub use clock::{Clock, ManualClock, SystemClock, UnixTime, rfc3339};
pub use hresult::Hresult;
pub use restow_media::KeyId;
