//! The License Management Service: it decides which computers may hold a license.
//!
//! The contract is `docs/service-protocol.md`; sections in comments mean that document. [`initialize`] makes the folder
//! of a service, [`Service`] runs it:
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
//! Inside, in the order a request passes: `serve` (connections) → `api` (form, signatures, answers) → `storage` (one
//! transaction per request) with `rules` (what may be, without storage or HTTP); `pages` is for people.

mod address;
mod api;
mod content_key;
mod error;
mod files;
mod folder;
mod http;
mod lock;
mod log;
mod pages;
mod rotate;
mod rules;
mod serve;
mod settings;
mod setup;
mod sqlite;
mod storage;
mod terms;
mod token;

pub use content_key::content_keys;
pub use error::ServiceError;
pub use folder::{api_key, service_url};
pub use rotate::{KeySetUpdate, OldKeyAction, publish_new_url, rotate_keys};
pub use serve::{Service, ServiceHandle};
pub use settings::Settings;
pub use setup::{InitOptions, ServiceIdentity, initialize};
pub use terms::{TermsError, check_not_expired, check_terms};
