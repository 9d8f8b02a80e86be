//! Client of a License Management Service.
//!
//! - [`acquire`] gets licenses: by link, or for protected files.
//! - [`computers`] manages the computers of a holder.
//! - [`Session`] and [`ServiceClient`] make signed calls with the types of [`protocol`].
//!
//! An application first shows a service to the user ([`acquire::look_up_service`]), then trusts the service
//! ([`acquire::trust`]) and registers this computer ([`register`]).

pub mod acquire;
mod client;
pub mod computers;
mod session;

pub use crate::error::ServiceError;
pub use crate::net::Cancel;
pub use client::{ServiceClient, ServiceLookup, fetch_key_set};
pub use restow_core::origin::{AcquisitionLink, AddressError, AddressFault, Origin};
pub use restow_core::protocol;
pub(crate) use session::{
    JoinMethod, RestoreKey, end_released_registration, problem_code, random_idempotency_key, register_by,
    verify_membership, verify_revocations,
};
pub use session::{Session, register, register_for_link};
