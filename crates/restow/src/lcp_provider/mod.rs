//! Providers of LCP licenses: libraries and shops that say over the network what became of a license.
//!
//! Source: License Status Document 1.0, revision 5. A provider is an origin, and is contacted only once the user allowed it: by hand,
//! or when asked. No link is followed to an origin that is not allowed, whoever wrote it. What a provider says of a license is kept
//! beside it; nothing it says, or fails to say, takes a license's bytes away.

mod client;
mod device;
mod loans;
mod status_check;

pub use crate::error::{NotTaken, ProviderError};
pub(crate) use client::Client;
pub(crate) use device::Device;
pub use loans::{
    Answered, ProviderNeeded, Refreshed, allow, check_end, disallow, end_of_loan, give_back, needed, refresh, renew,
};
pub(crate) use loans::{Needs, is_named, said};
pub(crate) use restow_lcp::MAX_HREF;
pub use restow_lcp::{
    Event, MAX_STATUS, ProblemKind, ProviderProblem, StatusDocument, StatusLink, TemplateError, expand,
};
pub(crate) use status_check::{ALTOGETHER, MOST, Purpose, ROOM, Subject, Visit, Visitor};

/// The media type of a status document.
pub const STATUS_TYPE: &str = "application/vnd.readium.license.status.v1.0+json";
