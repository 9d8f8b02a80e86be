//! Errors of requests to providers of LCP licenses.

use std::io;

use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::origin::AddressFault;
use restow_core::time::UnixTime;
use restow_core::{message_error, message_methods};
use restow_lcp::{ProviderProblem, TemplateError};

use crate::license::{DocumentError, LcpStatus};
use crate::net::http::HttpError;
use crate::texts::TEXTS;

/// Error of a request to a provider of LCP licenses.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ProviderError {
    /// The address is not one that a provider may have.
    Address {
        /// Address as given.
        url: String,
        /// Fault of the address.
        why: AddressFault,
    },
    /// The link leads to an origin that the user has not allowed.
    NotAllowed {
        /// Origin of the provider.
        origin: String,
    },
    /// The address is private or loopback, and the user has not allowed it.
    PrivateAddress {
        /// Address of the request.
        url: String,
    },
    /// The connection failed, broke, or timed out.
    Unreachable {
        /// Address of the request.
        url: String,
        /// Kind of the connection error.
        kind: io::ErrorKind,
        /// Text of the connection error or of the fault.
        why: String,
    },
    /// The provider is busy and asked for a pause.
    Busy {
        /// Origin of the provider.
        origin: String,
    },
    /// The provider was unreachable or busy before, so this run sends it no further requests.
    GivenUp {
        /// Origin of the provider.
        origin: String,
    },
    /// The answer does not follow the protocol.
    BadAnswer {
        /// Address of the request.
        url: String,
        /// Text of the connection error or of the fault.
        why: String,
    },
    /// The answer is not a status document.
    NoStatus {
        /// Address of the request.
        url: String,
        /// Fault of the document.
        fault: DocumentError,
    },
    /// The answer is for another license.
    OtherLicense {
        /// Address of the request.
        url: String,
    },
    /// The URI template of a link cannot be expanded.
    Template {
        /// URI template.
        url: String,
        /// Fault of the template.
        why: TemplateError,
    },
    /// The provider refused, with a reason.
    Problem {
        /// Origin of the provider.
        origin: String,
        /// Reason of the provider.
        problem: ProviderProblem,
    },
    /// The license has no link to its status document, or is not an LCP license.
    NoStatusLink {
        /// License ID.
        license: String,
    },
    /// The signature of the license is not valid, so its links cannot be trusted.
    NotSigned {
        /// License ID.
        license: String,
    },
    /// The updated license of the provider was rejected.
    RejectedUpdate {
        /// Address of the request.
        url: String,
        /// Reason of the rejection.
        why: RejectedUpdate,
    },
    /// The time for the run ended before the request.
    OutOfTime {
        /// License ID.
        license: String,
    },
    /// The requested end of the renewal is in the past.
    RenewPast {
        /// Requested end.
        until: UnixTime,
    },
    /// The provider offers no renewal.
    NoRenew {
        /// License ID.
        license: String,
    },
    /// The provider offers no early return.
    NoReturn {
        /// License ID.
        license: String,
    },
    /// The license can only be renewed on a web page.
    RenewPage {
        /// License ID.
        license: String,
        /// Address of the page.
        url: String,
    },
    /// The provider reported success, but the status of the license did not change.
    NotDone {
        /// License ID.
        license: String,
    },
    /// The license has ended.
    Ended {
        /// License ID.
        license: String,
        /// Status of the license.
        status: LcpStatus,
    },
    /// The caller cancelled the request.
    Cancelled,
}

/// Reason to reject an updated license document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RejectedUpdate {
    /// The document is not a license.
    NoLicense,
    /// The document is of another license or another provider.
    OtherLicense,
    /// The signature is weaker than the signature of the stored document.
    WeakerSignature,
    /// The limit of memory for updates is reached.
    OutOfMemory,
}

impl RejectedUpdate {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoLicense => "not-taken-no-license",
            Self::OtherLicense => "not-taken-other",
            Self::WeakerSignature => "not-taken-worth-less",
            Self::OutOfMemory => "not-taken-too-many",
        }
    }
}

impl From<&RejectedUpdate> for Message {
    fn from(reason: &RejectedUpdate) -> Self {
        Self::new(&TEXTS, reason.code())
    }
}

message_error!(RejectedUpdate);

impl From<HttpError> for ProviderError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::PrivateAddress { url } => Self::PrivateAddress { url },
            HttpError::Unreachable { url, kind, why } => Self::Unreachable { url, kind, why },
            HttpError::BadAnswer { url, why } => Self::BadAnswer { url, why },
            HttpError::Cancelled => Self::Cancelled,
        }
    }
}

impl ProviderError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "provider-address",
            Self::NotAllowed { .. } => "provider-not-allowed",
            Self::PrivateAddress { .. } => "provider-private-address",
            Self::Unreachable { .. } => "provider-unreachable",
            Self::Busy { .. } => "provider-busy",
            Self::GivenUp { .. } => "provider-given-up",
            Self::BadAnswer { .. } => "provider-bad-answer",
            Self::NoStatus { .. } => "provider-no-status",
            Self::OtherLicense { .. } => "provider-other-license",
            Self::Template { .. } => "provider-template",
            Self::Problem { problem, .. } => problem.kind.code(),
            Self::NoStatusLink { .. } => "provider-no-status-link",
            Self::NotSigned { .. } => "provider-not-signed",
            Self::RejectedUpdate { .. } => "provider-not-taken",
            Self::OutOfTime { .. } => "provider-out-of-time",
            Self::RenewPast { .. } => "provider-renew-past",
            Self::NoRenew { .. } => "provider-no-renew",
            Self::NoReturn { .. } => "provider-no-return",
            Self::RenewPage { .. } => "provider-renew-page",
            Self::NotDone { .. } => "provider-not-done",
            Self::Ended { .. } => "provider-ended",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the Windows result code.
    #[must_use]
    pub fn hresult(&self) -> Hresult {
        match self {
            Self::Ended { status: LcpStatus::Expired, .. } => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            _ => Hresult::from_code(self.code()),
        }
    }
}

impl From<&ProviderError> for Message {
    fn from(error: &ProviderError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            ProviderError::Address { url, why } => message.with("url", url).with_cause(why),
            ProviderError::NotAllowed { origin }
            | ProviderError::Busy { origin }
            | ProviderError::GivenUp { origin } => message.with("origin", origin),
            ProviderError::PrivateAddress { url } | ProviderError::OtherLicense { url } => message.with("url", url),
            ProviderError::BadAnswer { url, why } => message.with("url", url).with("text", why),
            ProviderError::Unreachable { url, kind, why } => {
                message.with("url", url).with_cause(&io::Error::new(*kind, why.clone()))
            }
            ProviderError::NoStatus { url, fault } => message.with("url", url).with_cause(fault),
            ProviderError::Template { url, why } => message.with("url", url).with_cause(why),
            // The text of the provider is not translated.
            ProviderError::Problem { origin, problem } => message.with("origin", origin).with("text", &problem.text),
            ProviderError::RejectedUpdate { url, why } => message.with("url", url).with_cause(why),
            ProviderError::NoStatusLink { license }
            | ProviderError::NotSigned { license }
            | ProviderError::OutOfTime { license }
            | ProviderError::NoRenew { license }
            | ProviderError::NoReturn { license }
            | ProviderError::NotDone { license } => message.with("license", license),
            ProviderError::RenewPage { license, url } => message.with("license", license).with("url", url),
            ProviderError::Ended { license, status } => message.with("license", license).with("standing", status),
            ProviderError::RenewPast { until } => message.with_time("time", *until),
            ProviderError::Cancelled => message,
        }
    }
}

message_error!(ProviderError);
message_methods!(ProviderError, help);
