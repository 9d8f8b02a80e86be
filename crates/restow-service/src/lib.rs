//! The License Management Service. It decides which computers may hold a license.
//!
//! `docs/service-protocol.md` defines the protocol; section numbers in comments refer to that document. [`initialize`]
//! creates the folder of a service, and [`Service`] runs it:
//!
//! ```no_run
//! use std::{path::Path, sync::Arc};
//! use restow_service::{InitOptions, Service, Settings, initialize};
//!
//! # fn main() -> Result<(), restow_service::ServiceError> {
//! let folder = Path::new("shop");
//! initialize(
//!     folder,
//!     &InitOptions {
//!         name: "Shop".into(),
//!         url: "https://licenses.shop.example".into(),
//!         privacy_url: None,
//!         contact: "help@shop.example".into(),
//!     },
//! )?;
//! let service = Service::open(folder, Settings::load(folder)?, Arc::new(restow_core::SystemClock))?;
//! service.serve()?.wait();
//! # Ok(())
//! # }
//! ```
//!
//! A request passes these modules:
//!
//! 1. `server`: connections and their limits
//! 2. `api`: form, signatures and answers; `pages`: HTML pages for people
//! 3. `sqlite`: one transaction per request; `storage` has the types of its results
//! 4. `rules`: permissions and time limits, without storage or HTTP

mod address;
mod api;
mod content_key;
mod error;
mod files;
mod folder;
mod http;
mod ids;
mod lock;
mod log;
mod network;
mod pages;
mod process;
mod rotation;
mod rules;
mod server;
mod settings;
mod setup;
mod sqlite;
mod storage;
mod terms;
mod texts;
mod token;

pub use content_key::content_keys;
pub use error::ServiceError;
pub use folder::{api_key, service_url};
pub use network::{AddressRange, InvalidAddressRange};
pub use process::prepare_process;
pub use rotation::{KeySetUpdate, OldKeyAction, publish_new_url, rotate_keys};
pub use server::{Service, ServiceHandle};
pub use settings::Settings;
pub use setup::{InitOptions, ServiceIdentity, initialize};
pub use terms::{TermsError, check_not_expired, check_terms};
