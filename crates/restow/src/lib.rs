//! Back up and restore media licenses: the library an application links.
//!
//! A license lives apart from the protected file, in a [store] on one computer. This library keeps licenses of several
//! [kinds](license), [backs them up](restorer::Backup) to a place of the user's choice, and [restores](restorer::Restore) them, on
//! a new computer too, where the issuer's [service] decides. Licenses that may not be backed up are reported by key ID,
//! and by title where the [catalog](scan) knows one. It never removes protection and never copies a license that may not be
//! backed up.
//!
//! ```
//! use restow::restorer::{Backup, Restore};
//! use restow::{Home, Status};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let place = std::env::temp_dir().join(format!("restow-example-{}", std::process::id()));
//! # std::fs::create_dir_all(place.join("stick"))?;
//! # let (folder, stick) = (place.join("home"), place.join("stick"));
//! let home = Home::open(folder)?;
//! let report = Backup::to(&stick)
//!     .on_status(|status: &Status| {
//!         if let Status::RestrictedLicense(license) = status {
//!             println!("{} stays behind: {}", license.titles.join(", "), license.reason);
//!         }
//!     })
//!     .start(&home)?
//!     .wait();
//! assert!(report.is_ok());
//!
//! let plan = Restore::from(&stick).plan(&home)?;
//! println!("{} licenses would come", plan.to_restore);
//! # std::fs::remove_dir_all(place)?;
//! # Ok(())
//! # }
//! ```
//!
//! Programs that know the Windows Media Format SDK find its object in [`restorer::BackupRestorer`]. A [run](restorer::Run) works on
//! its own thread; it can be waited for, awaited and cancelled. Every [`Error`] has a stable code, a Windows result code and a
//! text that says what to do next.

mod error;
pub mod export;
mod file_facts;
mod file_name;
mod home;
pub mod import;
pub mod lcp_provider;
pub mod license;
mod license_state;
pub mod listing;
pub mod location_status;
mod net;
pub mod put_back;
pub mod restorer;
pub mod scan;
pub mod service;
mod status;
pub mod store;
pub mod usage;
mod verifier_pool;

pub use error::Error;
pub use home::{Computer, ComputerKeys, Holder, Home, HomeError, Machine, trust_store};
pub use restow_backup as backup;
pub use restow_core::{
    Clock, Hresult, KeyId, ManualClock, Note, SystemClock, UnixTime, hpke as seal, is_unsafe_for_display, jws, keys,
    rfc3339,
};
pub use status::{NotRestored, NotRestoredReason, Report, RestrictedLicense, Status, Summary};
