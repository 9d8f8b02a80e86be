//! Errors of requests to License Management Services.

use restow_core::jws::JwsError;
use restow_core::origin::{AddressError, AddressFault};
use restow_core::protocol::{Problem, ProblemCode};
use restow_core::{message_error, message_methods, rfc3339};

use crate::net::ConnectionFault;
use crate::net::http::HttpError;
use crate::texts::TEXTS;

message_error! {
    /// Error of a request to a License Management Service.
    #[derive(Clone, PartialEq, Debug)]
    #[non_exhaustive]
    pub enum ServiceError in TEXTS {
        /// The address is not one that a service may have.
        Address {
            /// Address as given.
            url: String,
            /// Fault of the address.
            why: AddressFault as cause,
        } = "service-address",
        /// The address is private or loopback, and the user has not added it.
        PrivateAddress {
            /// Address of the request.
            url: String,
        } = "service-private-address",
        /// The connection failed, broke, or timed out.
        Unreachable {
            /// Address of the request.
            url: String,
            /// Fault of the connection.
            fault: ConnectionFault as cause,
        } = "service-unreachable",
        /// The answer does not follow the protocol.
        BadAnswer {
            /// Address of the request.
            url: String,
            /// Text of the connection error or of the fault.
            why: String as text,
        } = "service-bad-answer",
        /// The signed document or answer is not valid.
        Refused(source: JwsError) = "service-statement-refused",
        /// The service refused, with a reason.
        Problem {
            /// Name of the service.
            name: String as service,
            /// Reason of the service.
            problem: Box<Problem> as text = problem_text(problem),
        } = (problem_code(problem)),
        /// The service is not trusted. Has the thumbprint of its root.
        NotPinned(issuer: String) = "service-not-added",
        /// This computer is not registered at the service. Has the name or thumbprint of the service.
        NotRegistered(service: String) = "not-registered",
        /// The service has another root than expected.
        OtherIssuer {
            /// Address of the request.
            url: String,
            /// Thumbprint of the expected root.
            expected: String,
            /// Thumbprint of the found root.
            found: String,
        } = "service-other-issuer",
        /// The caller cancelled the request.
        Cancelled = "cancelled",
    }
}

impl From<HttpError> for ServiceError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::PrivateAddress { url } => Self::PrivateAddress { url },
            HttpError::Unreachable { url, fault } => Self::Unreachable { url, fault },
            HttpError::BadAnswer { url, fault } => Self::BadAnswer { url, why: fault.to_string() },
            HttpError::Cancelled => Self::Cancelled,
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

message_methods!(ServiceError);

/// Returns the code of a problem, which is the code of the service for most problems.
fn problem_code(problem: &Problem) -> &'static str {
    match problem.code() {
        // The code `busy` is the one of another run on this computer.
        Some(ProblemCode::Busy) => "service-busy",
        Some(ProblemCode::UnknownComputer) if problem.released_at.is_some() => "computer-released",
        code => code.map_or("service-problem", ProblemCode::as_str),
    }
}

/// Returns the description of a problem, an English text of the service. For a released computer, it is the day.
fn problem_text(problem: &Problem) -> String {
    match problem.released_at {
        Some(at) => rfc3339(at).split('T').next().unwrap_or_default().to_owned(),
        None if problem.detail.is_empty() => problem.title.clone(),
        None => problem.detail.clone(),
    }
}
