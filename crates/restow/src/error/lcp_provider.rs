//! Errors of requests to providers of LCP licenses.

use std::io;

use restow_core::hresult::Hresult;
use restow_core::origin::AddressFault;
use restow_core::time::{UnixTime, rfc3339};
use restow_core::{message_error, message_methods};
use restow_lcp::{ProviderProblem, TemplateError};

use crate::license::{DocumentError, LcpStatus};
use crate::net::http::HttpError;
use crate::texts::TEXTS;

message_error! {
    /// Error of a request to a provider of LCP licenses.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum ProviderError in TEXTS {
        /// The address is not one that a provider may have.
        Address {
            /// Address as given.
            url: String,
            /// Fault of the address.
            why: AddressFault as cause,
        } = "provider-address",
        /// The link leads to an origin that the user has not allowed.
        NotAllowed {
            /// Origin of the provider.
            origin: String,
        } = "provider-not-allowed",
        /// The address is private or loopback, and the user has not allowed it.
        PrivateAddress {
            /// Address of the request.
            url: String,
        } = "provider-private-address",
        /// The connection failed, broke, or timed out.
        Unreachable {
            /// Address of the request.
            url: String,
            /// Kind of the connection error.
            kind: io::ErrorKind as cause = io::Error::new(*kind, why.clone()),
            /// Text of the connection error or of the fault.
            why: String as _,
        } = "provider-unreachable",
        /// The provider is busy and asked for a pause.
        Busy {
            /// Origin of the provider.
            origin: String,
        } = "provider-busy",
        /// The provider was unreachable or busy before, so this run sends it no further requests.
        GivenUp {
            /// Origin of the provider.
            origin: String,
        } = "provider-given-up",
        /// The answer does not follow the protocol.
        BadAnswer {
            /// Address of the request.
            url: String,
            /// Text of the connection error or of the fault.
            why: String as text,
        } = "provider-bad-answer",
        /// The answer is not a status document.
        NoStatus {
            /// Address of the request.
            url: String,
            /// Fault of the document.
            fault: DocumentError as cause,
        } = "provider-no-status",
        /// The answer is for another license.
        OtherLicense {
            /// Address of the request.
            url: String,
        } = "provider-other-license",
        /// The URI template of a link cannot be expanded.
        Template {
            /// URI template.
            url: String,
            /// Fault of the template.
            why: TemplateError as cause,
        } = "provider-template",
        /// The provider refused, with a reason.
        Problem {
            /// Origin of the provider.
            origin: String,
            /// Reason of the provider.
            // The text of the provider is not translated.
            problem: ProviderProblem as text = &problem.text,
        } = (problem.kind.as_str()),
        /// The license has no link to its status document, or is not an LCP license.
        NoStatusLink {
            /// License ID.
            license: String,
        } = "provider-no-status-link",
        /// The signature of the license is not valid, so its links cannot be trusted.
        NotSigned {
            /// License ID.
            license: String,
        } = "provider-not-signed",
        /// The updated license of the provider was rejected.
        RejectedUpdate {
            /// Address of the request.
            url: String,
            /// Reason of the rejection.
            why: RejectedUpdate as cause,
        } = "provider-not-taken",
        /// The time for the run ended before the request.
        OutOfTime {
            /// License ID.
            license: String,
        } = "provider-out-of-time",
        /// The requested end of the renewal is in the past.
        RenewPast {
            /// Requested end.
            until: UnixTime as time = rfc3339(*until),
        } = "provider-renew-past",
        /// The provider offers no renewal.
        NoRenew {
            /// License ID.
            license: String,
        } = "provider-no-renew",
        /// The provider offers no early return.
        NoReturn {
            /// License ID.
            license: String,
        } = "provider-no-return",
        /// The license can only be renewed on a web page.
        RenewPage {
            /// License ID.
            license: String,
            /// Address of the page.
            url: String,
        } = "provider-renew-page",
        /// The provider reported success, but the status of the license did not change.
        NotDone {
            /// License ID.
            license: String,
        } = "provider-not-done",
        /// The license has ended.
        Ended {
            /// License ID.
            license: String,
            /// Status of the license.
            status: LcpStatus,
        } = "provider-ended",
        /// The caller cancelled the request.
        Cancelled = "cancelled",
    }
}

message_error! {
    /// Reason to reject an updated license document.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum RejectedUpdate in TEXTS {
        /// The document is not a license.
        NoLicense = "not-taken-no-license",
        /// The document is of another license or another provider.
        OtherLicense = "not-taken-other",
        /// The signature is weaker than the signature of the stored document.
        WeakerSignature = "not-taken-worth-less",
        /// The limit of memory for updates is reached.
        OutOfMemory = "not-taken-too-many",
    }
}

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
    /// Returns the Windows result code.
    #[must_use]
    pub fn hresult(&self) -> Hresult {
        match self {
            Self::Ended { status: LcpStatus::Expired, .. } => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            _ => Hresult::from_code(self.code()),
        }
    }
}

message_methods!(ProviderError, help);
