//! Errors of requests to providers of LCP licenses.

use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::origin::AddressFault;
use restow_core::time::{UnixTime, rfc3339};
use restow_core::{message_error, message_methods};
use restow_lcp::{ProviderProblem, TemplateError};

use crate::license::{DocumentError, LcpStatus};
use crate::net::http::HttpError;
use crate::net::{AnswerFault, ConnectionFault};
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
            /// Fault of the connection.
            fault: ConnectionFault as cause,
        } = "provider-unreachable",
        /// The provider is busy and asked for a pause.
        Busy {
            /// Origin of the provider.
            origin: String,
            /// Answer of the provider.
            problem: ProviderProblem as (add_problem),
            /// Requested pause in seconds; `None` if the provider named none.
            pause: Option<u64> as (add_pause),
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
            /// Fault of the answer.
            fault: AnswerFault as cause,
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
            problem: ProviderProblem as (add_problem),
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
        /// The license can only be returned on a web page.
        ReturnPage {
            /// License ID.
            license: String,
            /// Address of the page.
            url: String,
        } = "provider-return-page",
        /// The status link of the license is too long.
        LongLink {
            /// License ID.
            license: String,
            /// Maximum length in bytes.
            limit: usize,
        } = "provider-long-link",
        /// The provider has a newer license, and no link to it that fits.
        NoLicenseLink {
            /// License ID.
            license: String,
            /// Reason against the links.
            why: RejectedLink as cause,
        } = "provider-no-license-link",
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
        /// The document is older than the stored one.
        Older = "not-taken-older",
        /// The limit of memory for updates is reached.
        OutOfMemory = "not-taken-too-many",
    }
}

message_error! {
    /// Reason against the links to a newer license document.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum RejectedLink in TEXTS {
        /// The status document has no link to a license.
        Missing = "license-link-missing",
        /// The links are of other media types, such as for the fulfillment of another system.
        MediaType(found: String) = "license-link-type",
        /// The links are for other encryption profiles than the one of the license.
        Profile(found: String) = "license-link-profile",
    }
}

/// Adds the HTTP status of an answer and its text, which is not translated.
fn add_problem(message: Message, problem: &ProviderProblem) -> Message {
    message.with("status", problem.status).with("text", &problem.text)
}

/// Adds the requested pause in whole minutes, or 0 if the provider named none.
fn add_pause(message: Message, pause: &Option<u64>) -> Message {
    message.with("count", pause.map_or(0, |seconds| seconds.div_ceil(60)))
}

impl From<HttpError> for ProviderError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::PrivateAddress { url } => Self::PrivateAddress { url },
            HttpError::Unreachable { url, fault } => Self::Unreachable { url, fault },
            HttpError::BadAnswer { url, fault } => Self::BadAnswer { url, fault },
            HttpError::Cancelled => Self::Cancelled,
        }
    }
}

impl ProviderError {
    /// Returns the answer of the provider that the error is about, if it is one with an HTTP status.
    #[must_use]
    pub const fn problem(&self) -> Option<&ProviderProblem> {
        match self {
            Self::Problem { problem, .. } | Self::Busy { problem, .. } => Some(problem),
            _ => None,
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

message_methods!(ProviderError, help);
