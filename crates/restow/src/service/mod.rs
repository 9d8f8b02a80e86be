//! The License Management Service as a computer sees it: protocol types, signatures and the client.

pub mod acquire;
mod client;
pub mod computers;
mod session;

pub use crate::error::ServiceError;
pub use crate::net::Cancel;
pub use client::{ServiceClient, ServiceLookup, fetch_key_set};
pub use restow_core::origin::{AcquisitionLink, AddressError, AddressFault, Origin};
pub use restow_core::protocol;
pub use restow_core::protocol::signature;
pub(crate) use session::{
    JoinMethod, RestoreKey, random_idempotency_key, register_by, verify_membership, verify_revocations,
};
pub use session::{Session, register};
