//! Errors of requests to License Management Services.

use std::io;

use restow_core::jws::JwsError;
use restow_core::message::Message;
use restow_core::origin::{AddressError, AddressFault};
use restow_core::protocol::{Problem, ProblemCode};
use restow_core::{message_error, message_methods};

use crate::net::http::HttpError;
use crate::texts::TEXTS;

/// Error of a request to a License Management Service.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum ServiceError {
    /// The address is not one that a service may have.
    Address {
        /// Address as given.
        url: String,
        /// Fault of the address.
        why: AddressFault,
    },
    /// The address is private or loopback, and the user has not added it.
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
    /// The answer does not follow the protocol.
    BadAnswer {
        /// Address of the request.
        url: String,
        /// Text of the connection error or of the fault.
        why: String,
    },
    /// The signed document or answer is not valid.
    Refused(JwsError),
    /// The service refused, with a reason.
    Problem {
        /// Name of the service.
        name: String,
        /// Reason of the service.
        problem: Box<Problem>,
    },
    /// The service is not trusted. Has the thumbprint of its root.
    NotPinned(String),
    /// This computer is not registered at the service. Has the name or thumbprint of the service.
    NotRegistered(String),
    /// The service has another root than expected.
    OtherIssuer {
        /// Address of the request.
        url: String,
        /// Thumbprint of the expected root.
        expected: String,
        /// Thumbprint of the found root.
        found: String,
    },
    /// The caller cancelled the request.
    Cancelled,
}

impl From<HttpError> for ServiceError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::PrivateAddress { url } => Self::PrivateAddress { url },
            HttpError::Unreachable { url, kind, why } => Self::Unreachable { url, kind, why },
            HttpError::BadAnswer { url, why } => Self::BadAnswer { url, why },
            HttpError::Cancelled => Self::Cancelled,
        }
    }
}

impl ServiceError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "service-address",
            Self::PrivateAddress { .. } => "service-private-address",
            Self::Unreachable { .. } => "service-unreachable",
            Self::BadAnswer { .. } => "service-bad-answer",
            Self::Refused(_) => "service-statement-refused",
            Self::Problem { problem, .. } => match problem.code() {
                // The code `busy` is the one of another run on this computer.
                Some(ProblemCode::Busy) => "service-busy",
                code => code.map_or("service-problem", ProblemCode::as_str),
            },
            Self::NotPinned(_) => "service-not-added",
            Self::NotRegistered(_) => "not-registered",
            Self::OtherIssuer { .. } => "service-other-issuer",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<AddressError> for ServiceError {
    fn from(error: AddressError) -> Self {
        Self::Address { url: error.url, why: error.fault }
    }
}

impl From<JwsError> for ServiceError {
    fn from(error: JwsError) -> Self {
        Self::Refused(error)
    }
}

impl From<&ServiceError> for Message {
    fn from(error: &ServiceError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            ServiceError::Address { url, why } => message.with("url", url).with_cause(why),
            ServiceError::PrivateAddress { url } => message.with("url", url),
            ServiceError::BadAnswer { url, why } => message.with("url", url).with("text", why),
            // The text of the system is not translated.
            ServiceError::Unreachable { url, kind, why } => {
                message.with("url", url).with_cause(&io::Error::new(*kind, why.clone()))
            }
            ServiceError::Refused(error) => message.with_cause(error),
            ServiceError::Problem { name, problem } => {
                // The detail is an English text of the service.
                let text = if problem.detail.is_empty() { &problem.title } else { &problem.detail };
                message.with("service", name).with("text", text)
            }
            ServiceError::NotPinned(issuer) => message.with("issuer", issuer),
            ServiceError::NotRegistered(service) => message.with("service", service),
            ServiceError::OtherIssuer { url, expected, found } => {
                message.with("url", url).with("expected", expected).with("found", found)
            }
            ServiceError::Cancelled => message,
        }
    }
}

message_error!(ServiceError {
    Self::Refused(error) => error,
});
message_methods!(ServiceError);
