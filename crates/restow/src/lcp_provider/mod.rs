//! Providers of LCP licenses: libraries and shops that say over the network what became of a license.
//!
//! Source: License Status Document 1.0, revision 5. A provider is an origin, and is contacted only once the user allowed it: by hand,
//! or when asked. No link is followed to an origin that is not allowed, whoever wrote it. What a provider says of a license is kept
//! beside it; nothing it says, or fails to say, takes a license's bytes away.

mod client;
mod device;
mod loans;
mod status_check;

pub use crate::error::{ProviderError, RejectedUpdate};
pub(crate) use client::ProviderClient;
pub(crate) use device::Device;
pub(crate) use loans::{ProviderList, message_with_help, names_origin};
pub use loans::{
    RefreshEvent, RefreshedLicense, RequiredProvider, allow, check_end, disallow, end_of_loan, needed, refresh, renew,
    return_loan,
};
pub(crate) use restow_lcp::MAX_HREF;
pub use restow_lcp::{Event, MAX_STATUS, Problem, ProblemKind, StatusDocument, StatusLink, TemplateFault, expand};
pub(crate) use status_check::{
    CheckAction, LicenseQuery, MAX_MEMORY, MAX_STATUS_CHECKS, StatusCheck, StatusChecker, TOTAL_TIMEOUT,
};

/// The media type of a status document.
pub const STATUS_TYPE: &str = "application/vnd.readium.license.status.v1.0+json";
