//! Providers of LCP licenses: status of a license, renewal and return of a loan.
//!
//! A provider is a library or shop, identified by its origin. Restow contacts a provider only after the user
//! allowed it, by [`allow`] or by an answer to a prompt. No link leads to an origin that is not allowed. The
//! answers of providers are stored beside the licenses and never remove a license document.
//!
//! 1. [`required_providers`] lists the providers to contact. Show them to the user.
//! 2. [`allow`] stores the permission.
//! 3. [`refresh`] queries the status of licenses; [`renew`] and [`return_loan`] change a loan.
//!
//! Source: License Status Document 1.0, revision 5.

mod client;
mod device;
mod loans;
mod status_check;

pub use crate::error::{ProviderError, RejectedLink, RejectedUpdate};
pub use crate::net::{AnswerFault, ConnectionFault, TlsFault};
pub(crate) use loans::ProviderList;
pub use loans::{
    RefreshEvent, RefreshedLicense, RequiredProvider, allow, check_renewal_end, disallow, parse_loan_end, parse_origin,
    refresh, renew, required_providers, return_loan,
};
pub use restow_lcp::{
    Event, MAX_STATUS, ProblemKind, ProviderProblem, StatusDocument, StatusLink, TemplateError, expand,
};
pub(crate) use status_check::{
    CheckAction, LicenseQuery, MAX_MEMORY, MAX_STATUS_CHECKS, StatusCheck, StatusChecker, TOTAL_TIMEOUT,
};

/// Media type of a status document.
pub const STATUS_TYPE: &str = "application/vnd.readium.license.status.v1.0+json";

/// Media type of a license document.
pub const LICENSE_TYPE: &str = "application/vnd.readium.lcp.license.v1.0+json";
