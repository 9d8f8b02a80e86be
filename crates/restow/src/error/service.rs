//! What can go wrong between a computer and a service.

use std::io;

use restow_core::hresult::Hresult;
use restow_core::jws::JwsError;
use restow_core::message::Note;
use restow_core::origin::{AddressError, AddressFault};
use restow_core::protocol::{Problem, ProblemCode};

use crate::net::http::HttpError;

/// What can go wrong between a computer and a service.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Not an address a service may have.
    #[error("{url}: not an address a service can have: {why}")]
    Address {
        /// The text.
        url: String,
        /// What is wrong with it.
        why: AddressFault,
    },
    /// Private and loopback addresses are used only when the user typed them.
    #[error("{url}: this address is not of the public internet, and nobody added it by hand")]
    PrivateAddress {
        /// Where.
        url: String,
    },
    /// No connection, or it broke, or took too long.
    #[error("{url}: the service cannot be reached: {why}")]
    Unreachable {
        /// Where.
        url: String,
        /// Which kind of fault of the connection.
        kind: io::ErrorKind,
        /// Why.
        why: String,
    },
    /// It answered, but not with what it must.
    #[error("{url}: the service gave an answer that cannot be used: {why}")]
    BadAnswer {
        /// Where.
        url: String,
        /// Why.
        why: String,
    },
    /// Its signed document or answer was refused.
    #[error("the service's statement was refused: {0}")]
    Refused(#[from] JwsError),
    /// It said why it did not do it.
    #[error("the service of {name} says: {}{}{}", .problem.title, if .problem.detail.is_empty() { "" } else { ": " }, .problem.detail)]
    Problem {
        /// The service's name.
        name: String,
        /// What it said.
        problem: Box<Problem>,
    },
    /// Nobody added the service.
    #[error("nobody added the service of issuer {0}")]
    NotPinned(String),
    /// This computer is not registered there.
    #[error("this computer is not registered with {0}")]
    NotRegistered(String),
    /// It shows another root than the one expected.
    #[error("{url}: the service there has the fingerprint {found}, not {expected}")]
    OtherIssuer {
        /// Where.
        url: String,
        /// Expected thumbprint.
        expected: String,
        /// Found thumbprint.
        found: String,
    },
    /// The caller cancelled.
    #[error("cancelled")]
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
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "service-address",
            Self::PrivateAddress { .. } => "service-private-address",
            Self::Unreachable { .. } => "service-unreachable",
            Self::BadAnswer { .. } => "service-bad-answer",
            Self::Refused(_) => "service-statement-refused",
            Self::Problem { problem, .. } => match problem.code() {
                // A run of this computer is "busy" too.
                Some(ProblemCode::Busy) => "service-busy",
                code => code.map_or("service-problem", ProblemCode::as_str),
            },
            Self::NotPinned(_) => "service-not-added",
            Self::NotRegistered(_) => "not-registered",
            Self::OtherIssuer { .. } => "service-other-issuer",
            Self::Cancelled => "cancelled",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub fn hresult(&self) -> Hresult {
        match self {
            Self::Address { .. } => Hresult::E_INVALIDARG,
            Self::PrivateAddress { .. } | Self::Unreachable { .. } => Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE,
            Self::BadAnswer { .. } | Self::Refused(_) | Self::OtherIssuer { .. } => {
                Hresult::NS_E_DRM_ERROR_BAD_NET_RESP
            }
            Self::NotPinned(_) | Self::NotRegistered(_) => Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
            Self::Cancelled => Hresult::NS_E_DRM_OPERATION_CANCELED,
            Self::Problem { problem, .. } => match problem.code() {
                Some(ProblemCode::Busy | ProblemCode::Internal | ProblemCode::Clock) => {
                    Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE
                }
                Some(ProblemCode::UnknownComputer) => Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
                Some(ProblemCode::Malformed | ProblemCode::BadSignature | ProblemCode::TooLarge) => {
                    Hresult::NS_E_BACKUP_RESTORE_BAD_DATA
                }
                Some(
                    ProblemCode::NotAllowed
                    | ProblemCode::RestoreKeyWithdrawn
                    | ProblemCode::TooManyComputers
                    | ProblemCode::NotYours
                    | ProblemCode::ReleaseLimit,
                ) => Hresult::NS_E_DRM_RESTORE_FRAUD,
                Some(ProblemCode::LinkUsed) => Hresult::NS_E_DRM_LICENSE_NOTACQUIRED,
                _ => Hresult::NS_E_DRM_ERROR_BAD_NET_RESP,
            },
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Address { .. } => "Give the address the shop or library told you, beginning with https://.".into(),
            Self::PrivateAddress { url } => {
                format!("If it is the right one, add it yourself: restow service add {url}.")
            }
            Self::Unreachable { .. } => "Check the network and try again later; nothing is lost meanwhile.".into(),
            Self::BadAnswer { .. } | Self::Refused(_) => {
                "Try again later; if it persists, tell the service's operator.".into()
            }
            Self::Problem { problem, .. } if !problem.help.is_empty() => problem.help.clone(),
            Self::Problem { problem, .. } => match problem.code() {
                Some(ProblemCode::RestoreKeyWithdrawn) => {
                    "Make a new backup on a computer that has the licenses, and restore from that one.".into()
                }
                Some(ProblemCode::NotAllowed) => {
                    "Confirm this computer from another of your computers: restow computer confirm ID.".into()
                }
                _ => "Ask the service's operator.".into(),
            },
            Self::NotPinned(_) => "Add it first: restow service add URL.".into(),
            Self::NotRegistered(_) => "Register this computer: restow computer register.".into(),
            Self::OtherIssuer { .. } => {
                "Do not continue; ask the shop or library for its right address and fingerprint.".into()
            }
            Self::Cancelled => "Start it again when you like.".into(),
        }
    }

    /// What happened and what to do next, in two sentences.
    pub(crate) fn sentences(&self) -> String {
        let what = self.to_string();
        format!("{}. {}", what.trim_end_matches('.'), self.help())
    }
}

impl From<AddressError> for ServiceError {
    fn from(error: AddressError) -> Self {
        Self::Address { url: error.url, why: error.fault }
    }
}

impl From<&ServiceError> for Note {
    fn from(error: &ServiceError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            ServiceError::Address { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            ServiceError::PrivateAddress { url } => note.with("url", url),
            ServiceError::BadAnswer { url, .. } => note.with("url", url),
            // Why a connection fails, the system or its libraries say.
            ServiceError::Unreachable { url, kind, why } => {
                note.with("url", url).because(&io::Error::new(*kind, why.clone()))
            }
            ServiceError::Refused(error) => note.because(error),
            // What the service adds is in its own words.
            ServiceError::Problem { name, problem } => note.with("service", name).with("text", &problem.detail),
            ServiceError::NotPinned(issuer) => note.with("issuer", issuer),
            ServiceError::NotRegistered(service) => note.with("service", service),
            ServiceError::OtherIssuer { url, expected, found } => {
                note.with("url", url).with("expected", expected).with("found", found)
            }
            ServiceError::Cancelled => note,
        }
    }
}
