//! The License Management Service as a computer sees it: protocol types, signatures and the client.

mod client;
mod error;
mod origin;
pub mod protocol;
mod session;
pub mod signature;

pub use crate::http::Cancel;
pub use client::{FoundService, ServiceClient, fetch_key_set};
pub use error::{AddressFault, ServiceError};
pub(crate) use origin::is_public;
pub use origin::{AcquisitionLink, Origin};
pub(crate) use session::{Joining, RestoreKey, join, new_idempotency_key, verified_membership, verified_revocations};
pub use session::{Session, register};
