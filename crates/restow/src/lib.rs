//! Backs up and restores media licenses. This is the library that an application links.
//!
//! A license is a signed document apart from the protected file. This library stores licenses of several
//! [kinds](license) on one computer, [backs them up](restorer::Backup) to a location of the user's choice, and
//! [restores](restorer::Restore) them, also on a new computer, where the [service] of the issuer decides. Licenses
//! that may not be backed up are reported by key ID, and by title if the [catalog](scan) has one. The library never
//! removes protection and never copies a license that may not be backed up.
//!
//! ```
//! use restow::restorer::{Backup, Restore};
//! use restow::{Home, Status};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let place = std::env::temp_dir().join(format!("restow-example-{}", std::process::id()));
//! # std::fs::create_dir_all(place.join("stick"))?;
//! # let (folder, stick, books) = (place.join("home"), place.join("stick"), place.join("book.lcpl"));
//! # std::fs::write(&books, r#"{"id":"1","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
//! #   "encryption":{"profile":"p","content_key":{"algorithm":"x","encrypted_value":"x"},
//! #   "user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
//! #   "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#)?;
//! let home = Home::open(folder)?;
//! restow::import::import(&home, &[books], &mut |_| {})?;
//! let report = Backup::to(&stick)
//!     .on_status(|status: &Status| {
//!         if let Status::RestrictedLicense(license) = status {
//!             println!("not backed up: {} ({})", license.titles.join(", "), license.reason);
//!         }
//!     })
//!     .start(&home)?
//!     .wait();
//! assert!(report.is_ok());
//!
//! let plan = Restore::from(&stick).plan(&home)?;
//! println!("{} licenses can be restored", plan.to_restore);
//! # std::fs::remove_dir_all(place)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Modules
//!
//! In the order in which an application needs them:
//!
//! 1. [`Home`] is one installation: a folder with licenses and keys.
//! 2. [`scan`] finds protected files and fills the catalog of titles.
//! 3. [`import`] adds license documents from files, publications and archives.
//! 4. [`restorer`] backs up, restores and verifies, each [run](restorer::Run) on its own thread.
//! 5. [`put_back`] writes restored LCP licenses beside or into their publications.
//!
//! Then, as necessary:
//!
//! - [`listing`] lists licenses and titles; [`usage`] checks rights, counts uses and opens content keys.
//! - [`service`] talks to the License Management Services of issuers, [`lcp_provider`] to the providers of LCP
//!   licenses.
//! - [`export`] writes documents as files; [`location_status`] reports the state of known locations.
//! - [`safety`] is the verdict about each license: safe, at risk, or impossible to save.
//! - [`disk`] compares the disk of a location with the disk of the home.
//! - [`license`], [`store`] and [`backup`] have the types of the lower layers.
//!
//! Programs that know the Windows Media Format SDK find its object in [`restorer::BackupRestorer`].
//!
//! # Errors
//!
//! Each [`Error`] has a stable code for programs, a Windows result code, a message, and a help text that names the
//! next action.

pub mod disk;
mod error;
pub mod export;
mod file_facts;
mod file_name;
mod home;
pub mod import;
pub mod lcp_provider;
pub mod license;
pub mod license_search;
mod license_state;
pub mod listing;
mod location_condition;
pub mod location_status;
mod net;
pub mod put_back;
pub mod restorer;
pub mod safety;
pub mod scan;
pub mod service;
mod status;
pub mod store;
mod texts;
pub mod usage;
mod verifier_pool;
mod walk;

pub use error::Error;
pub use home::{Computer, ComputerKeys, Holder, Home, HomeError, Machine, host_name, trust_store};
#[doc(hidden)]
pub use net::tls_config;
pub use status::{
    FailureReason, NamedLicense, NamedLicenses, NotRestored, NotRestoredReason, Report, RestrictedLicense, Status,
    Summary,
};

// Values in arguments and results: key IDs, messages, result codes, times.
pub use restow_core::{
    Clock, Hresult, KeyId, Language, ManualClock, Message, SystemClock, UnixTime, is_unsafe_for_display, rfc3339,
};

pub mod backup {
    //! Sets, generations and damage of a location, as results of this library contain them.
    //!
    //! The crate `restow-backup` has the whole format, with reader and writer.

    pub use restow_backup::{
        BackupError, BackupSet, Damage, DamageKind, Depth, Digest, Generation, GenerationFacts, GenerationId,
        GenerationReport, GenerationState, InventoryRecord, LicenseCount, Location, LocationReport, PackId,
        ParseIdError, RecordError, SetId, SetReport, verify_location,
    };
}
