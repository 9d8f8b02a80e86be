//! Back up and restore media licenses.
#![allow(missing_docs)] // until the surface is complete
#![allow(dead_code)]

pub mod acquire;
pub mod backup;
mod clock;
mod computer;
pub mod computers;
mod encoding;
mod error;
mod files;
mod holder;
mod home;
mod hresult;
pub mod import;
pub mod jws;
pub mod keys;
pub mod license;
pub mod listing;
pub mod restorer;
pub mod scan;
pub mod seal;
pub mod service;
mod status;
pub mod store;
pub mod usage;

pub use clock::{Clock, ManualClock, SystemClock, UnixTime, rfc3339};
pub use computer::{Computer, ComputerKeys, Machine};
pub use error::Error;
pub use holder::Holder;
pub use home::{Home, HomeError};
pub use hresult::Hresult;
pub use restow_media::KeyId;
pub use status::{NotRestored, Report, RestrictedLicense, Status, Summary};
