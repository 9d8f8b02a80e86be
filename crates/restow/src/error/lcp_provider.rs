//! What can go wrong between a computer and a provider of LCP licenses.

use std::io;

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::origin::AddressFault;
use restow_core::time::UnixTime;
use restow_lcp::ProviderProblem;
use restow_lcp::TemplateError;

use crate::license::{DocumentError, LcpStatus};
use crate::net::http::HttpError;

/// What can go wrong between a computer and a provider of LCP licenses.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// Not an address a provider may have.
    #[error("{url}: not an address a provider can have: {why}")]
    Address {
        /// The text.
        url: String,
        /// What is wrong with it.
        why: AddressFault,
    },
    /// A link leads to an origin the user did not allow.
    #[error("{origin}: nobody allowed contact with this provider")]
    NotAllowed {
        /// Scheme, host and port.
        origin: String,
    },
    /// Private and loopback addresses are used only when the user typed them.
    #[error("{url}: this address is not of the public internet, and nobody allowed it by hand")]
    PrivateAddress {
        /// Where.
        url: String,
    },
    /// No connection, or it broke, or took too long.
    #[error("{url}: the provider cannot be reached: {why}")]
    Unreachable {
        /// Where.
        url: String,
        /// Which kind of fault of the connection.
        kind: io::ErrorKind,
        /// Why.
        why: String,
    },
    /// It wants to be left alone for a while.
    #[error("{origin}: the provider is busy")]
    Busy {
        /// Scheme, host and port.
        origin: String,
    },
    /// It was out of reach or busy twice, or asked to be left alone, and is not asked any more for now.
    #[error("{origin}: the provider did not answer before, and is not asked again for now")]
    GivenUp {
        /// Scheme, host and port.
        origin: String,
    },
    /// It answered, but not with what it must.
    #[error("{url}: the provider gave an answer that cannot be used: {why}")]
    BadAnswer {
        /// Where.
        url: String,
        /// Why.
        why: String,
    },
    /// What it answered is no status document.
    #[error("{url}: what the provider gave is no status document: {fault}")]
    NoStatus {
        /// Where.
        url: String,
        /// Why.
        fault: DocumentError,
    },
    /// What it answered is about another license.
    #[error("{url}: what the provider gave is of another license")]
    OtherLicense {
        /// Where.
        url: String,
    },
    /// A link is a template that cannot be filled in.
    #[error("{url}: this link cannot be filled in: {why}")]
    Template {
        /// The template.
        url: String,
        /// Why.
        why: TemplateError,
    },
    /// It said why it did not do it.
    #[error("the provider at {origin} says: {}{}{}", .problem.kind.words(), if .problem.text.is_empty() { "" } else { ": " }, .problem.text)]
    Problem {
        /// Scheme, host and port.
        origin: String,
        /// What it said.
        problem: ProviderProblem,
    },
    /// The license is of another kind, or has no link to its status.
    #[error("license {license}: it names no place that says how it stands")]
    NoStatusLink {
        /// The license ID.
        license: String,
    },
    /// Its signature proves nothing, so its links are nobody's word.
    #[error("license {license}: its signature is not valid, so nobody is asked about it")]
    NotSigned {
        /// The license ID.
        license: String,
    },
    /// The license that was fetched is not taken.
    #[error("{url}: the new document of the license is not taken: {why}")]
    RejectedUpdate {
        /// Where.
        url: String,
        /// Why.
        why: RejectedUpdate,
    },
    /// Too much time was spent with others.
    #[error("license {license}: there was no time to ask about it")]
    OutOfTime {
        /// The license ID.
        license: String,
    },
    /// Nothing can be renewed until a time that is over.
    #[error("{} is over", restow_core::time::rfc3339(*.until))]
    RenewPast {
        /// What was asked for.
        until: UnixTime,
    },
    /// The provider does not offer it.
    #[error("license {license}: its provider offers no renewal")]
    NoRenew {
        /// The license ID.
        license: String,
    },
    /// The provider does not offer it.
    #[error("license {license}: its provider does not take it back before its time is over")]
    NoReturn {
        /// The license ID.
        license: String,
    },
    /// Only a person can renew it, on a page.
    #[error("license {license}: it is renewed on a page of its provider: {url}")]
    RenewPage {
        /// The license ID.
        license: String,
        /// The page.
        url: String,
    },
    /// It answered as if it had done it, and how the license stands did not change.
    #[error("license {license}: its provider answered, but did nothing")]
    NotDone {
        /// The license ID.
        license: String,
    },
    /// Nothing is to be done with a license in this state.
    #[error("license {license}: its provider says that it is {standing}")]
    Ended {
        /// The license ID.
        license: String,
        /// How it stands.
        standing: LcpStatus,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Why a document of a license that was fetched does not take the place of the one that is here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RejectedUpdate {
    /// It is no license document.
    #[error("it is no license document")]
    NoLicense,
    /// It is of another license, or of another provider.
    #[error("it is another license, or another provider's")]
    OtherLicense,
    /// Its signature is worth less.
    #[error("its signature is worth less than that of the one here")]
    WeakerSignature,
    /// There was no more room for it in memory.
    #[error("there were too many at once")]
    OutOfMemory,
}

impl RejectedUpdate {
    /// The stable code.
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
    /// The stable code.
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

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::Address { .. } => Hresult::E_INVALIDARG,
            Self::NotAllowed { .. } => Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
            Self::PrivateAddress { .. } | Self::Unreachable { .. } | Self::Busy { .. } | Self::GivenUp { .. } => {
                Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE
            }
            Self::Ended { standing: LcpStatus::Expired, .. } => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            Self::Ended { .. } | Self::NotSigned { .. } => Hresult::NS_E_DRM_LICENSE_UNUSABLE,
            Self::RenewPast { .. } => Hresult::E_INVALIDARG,
            Self::Cancelled => Hresult::NS_E_DRM_OPERATION_CANCELED,
            _ => Hresult::NS_E_DRM_ERROR_BAD_NET_RESP,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Address { .. } => "Give the address of the library or shop, beginning with https://.".into(),
            Self::NotAllowed { origin } => format!("If you trust it, allow it: restow provider allow {origin}."),
            Self::PrivateAddress { url } => {
                format!("If it is the right one, allow it yourself: restow provider allow {url}.")
            }
            Self::Unreachable { .. } | Self::Busy { .. } | Self::GivenUp { .. } | Self::OutOfTime { .. } => {
                "Try again later: restow refresh. Nothing is lost meanwhile.".into()
            }
            Self::RenewPast { .. } => "Name a later date, or none.".into(),
            Self::RenewPage { url, .. } => format!("Open {url}, and then ask again: restow refresh."),
            Self::NotSigned { .. } => "Get the license again from the library or shop.".into(),
            Self::NoStatusLink { .. } => "Ask the library or shop itself.".into(),
            Self::NotDone { .. } => "See how it stands: restow refresh.".into(),
            Self::Ended { .. } => "Borrow or buy it again at the library or shop.".into(),
            Self::Cancelled => "Start it again when you like.".into(),
            _ => "Ask the library or shop. The license here stays as it is.".into(),
        }
    }

    /// What happened and what to do next, in two sentences.
    pub(crate) fn sentences(&self) -> String {
        let what = self.to_string();
        format!("{}. {}", what.trim_end_matches('.'), self.help())
    }
}

impl From<&ProviderError> for Note {
    fn from(error: &ProviderError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            ProviderError::Address { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            ProviderError::NotAllowed { origin }
            | ProviderError::Busy { origin }
            | ProviderError::GivenUp { origin } => note.with("origin", origin),
            ProviderError::PrivateAddress { url }
            | ProviderError::BadAnswer { url, .. }
            | ProviderError::OtherLicense { url } => note.with("url", url),
            ProviderError::Unreachable { url, kind, why } => {
                note.with("url", url).because(&io::Error::new(*kind, why.clone()))
            }
            ProviderError::NoStatus { url, fault } => note.with("url", url).because(fault),
            ProviderError::Template { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            // What the provider adds is in its own words.
            ProviderError::Problem { origin, problem } => note.with("origin", origin).with("said", &problem.text),
            ProviderError::RejectedUpdate { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            ProviderError::NoStatusLink { license }
            | ProviderError::NotSigned { license }
            | ProviderError::OutOfTime { license }
            | ProviderError::NoRenew { license }
            | ProviderError::NoReturn { license }
            | ProviderError::NotDone { license } => note.with("license", license),
            ProviderError::RenewPage { license, url } => note.with("license", license).with("url", url),
            ProviderError::Ended { license, standing } => note.with("license", license).with("standing", standing),
            ProviderError::RenewPast { until } => note.at("time", *until),
            ProviderError::Cancelled => note,
        }
    }
}
