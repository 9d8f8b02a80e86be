//! Errors of put-back and of downloads of publications.

use std::io;

use restow_core::message::Message;
use restow_core::text::quoted;
use restow_core::{message_error, message_methods};
use restow_media::EmbedError;

use crate::texts::TEXTS;

/// Reason why a license is not put back.
#[derive(Debug)]
#[non_exhaustive]
pub enum PutBackError {
    /// The publication cannot hold a license, or cannot be read or written.
    Publication(EmbedError),
    /// The embedded license conflicts with the license, and the user has not agreed to replace it.
    Conflict(ConflictKind),
    /// The publication could not be downloaded.
    Download(DownloadError),
    /// The store does not have the embedded license in this version, which would be lost.
    OtherLicense,
    /// The publication is not protected by LCP.
    NotProtected,
    /// The embedded document of this license is newer, or has a stronger signature.
    BetterPresent,
    /// The file is read-only.
    ReadOnly,
    /// Another program changed the file at the same time.
    Changed,
    /// The written file differs from the intended content.
    NotAsWritten,
    /// No folder is named for a license without a publication.
    NoFolder,
    /// The publication is protected, has no license, and no stored license is for it.
    NoLicenseKnown,
    /// A folder is required, and the path names a file.
    NotAFolder,
    /// The license cannot be used.
    NotUsable,
    /// The license is not an LCP license.
    OtherKind,
}

/// Conflict between a license and the license embedded in a publication.
///
/// The user can resolve each of these conflicts with
/// [`OnConflict::Replace`](crate::put_back::OnConflict::Replace).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ConflictKind {
    /// The publication has another license of the store.
    StoredLicense,
    /// The embedded license cannot be read.
    UnreadableLicense,
    /// The publication has a different version of a stored license, and neither version is better.
    ///
    /// The embedded version is newer with a weaker signature, or equally new and equally strong with another signer.
    UndecidedVersion,
}

/// Reason why a publication is not downloaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadError {
    /// The license has no link to its publication.
    NoLink,
    /// The signature of the license is not valid, so its link cannot be trusted.
    InvalidLicense,
    /// The license has no hash of the publication, and the user did not agree to an unchecked download.
    NoHash,
    /// The user did not agree to the download.
    NotAgreed,
    /// The address is not allowed.
    Address(String),
    /// The license states a length above the limit, in bytes.
    TooLarge(u64),
    /// The server cannot be reached, or the connection broke.
    Unreachable {
        /// Origin of the server.
        host: String,
        /// Error of the connection.
        source: io::Error,
    },
    /// The server answered with an error.
    Status {
        /// Origin of the server.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// The server redirects too often.
    Redirects(String),
    /// The answer is longer than the stated length or the limit, in bytes.
    TooLong(u64),
    /// The answer is shorter than the license states.
    Length {
        /// Length that the license states, in bytes.
        stated: u64,
        /// Length of the answer, in bytes.
        found: u64,
    },
    /// The hash of the answer differs from the hash that the license states.
    Hash,
    /// The answer is not a publication that can hold a license.
    NotAPublication,
}

impl PutBackError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Publication(error) => error.code(),
            Self::Conflict(conflict) => conflict.code(),
            Self::Download(error) => error.code(),
            Self::OtherLicense => "put-other-license",
            Self::NotProtected => "put-not-protected",
            Self::BetterPresent => "put-better-there",
            Self::ReadOnly => "put-read-only",
            Self::Changed => "put-changed",
            Self::NotAsWritten => "put-not-as-written",
            Self::NoFolder => "put-no-folder",
            Self::NoLicenseKnown => "put-none-known",
            Self::NotAFolder => "put-not-a-folder",
            Self::NotUsable => "put-not-usable",
            Self::OtherKind => "put-other-kind",
        }
    }
}

impl ConflictKind {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::StoredLicense => "put-has-license",
            Self::UnreadableLicense => "put-broken-inside",
            Self::UndecidedVersion => "put-disputed",
        }
    }
}

impl DownloadError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoLink => "fetch-no-link",
            Self::InvalidLicense => "fetch-invalid-license",
            Self::NoHash => "fetch-no-hash",
            Self::NotAgreed => "fetch-not-agreed",
            Self::Address(_) => "fetch-address",
            Self::TooLarge(_) => "fetch-too-large",
            Self::Unreachable { .. } => "fetch-unreachable",
            Self::Status { .. } => "fetch-status",
            Self::Redirects(_) => "fetch-redirects",
            Self::TooLong(_) => "fetch-too-long",
            Self::Length { .. } => "fetch-length",
            Self::Hash => "fetch-hash",
            Self::NotAPublication => "fetch-not-a-publication",
        }
    }

    /// Returns true if the user declined the download.
    pub(crate) const fn is_declined(&self) -> bool {
        matches!(self, Self::NotAgreed | Self::NoHash)
    }

    /// Creates the error for an address that is not allowed, quoted for messages.
    pub(crate) fn from_address(url: &str) -> Self {
        Self::Address(quoted(url))
    }
}

impl From<EmbedError> for PutBackError {
    fn from(error: EmbedError) -> Self {
        Self::Publication(error)
    }
}

impl From<ConflictKind> for PutBackError {
    fn from(conflict: ConflictKind) -> Self {
        Self::Conflict(conflict)
    }
}

impl From<DownloadError> for PutBackError {
    fn from(error: DownloadError) -> Self {
        Self::Download(error)
    }
}

impl From<DownloadError> for super::Error {
    fn from(error: DownloadError) -> Self {
        PutBackError::from(error).into()
    }
}

impl From<&DownloadError> for Message {
    fn from(error: &DownloadError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            DownloadError::Address(url) => message.with("url", url),
            DownloadError::Unreachable { host, source } => message.with("host", host).with_cause(source),
            DownloadError::Status { host, status } => message.with("host", host).with("status", status),
            DownloadError::Redirects(host) => message.with("host", host),
            DownloadError::TooLarge(stated) => message.with("stated", stated),
            DownloadError::TooLong(max) => message.with("max", max),
            DownloadError::Length { stated, found } => message.with("stated", stated).with("found", found),
            _ => message,
        }
    }
}

impl From<&PutBackError> for Message {
    fn from(error: &PutBackError) -> Self {
        match error {
            PutBackError::Publication(error) => error.into(),
            PutBackError::Download(error) => error.into(),
            _ => Self::new(&TEXTS, error.code()),
        }
    }
}

message_error!(DownloadError {
    Self::Unreachable { source, .. } => source,
});
message_error!(PutBackError {
    Self::Publication(error) => error,
    Self::Download(error) => error,
});
message_methods!(PutBackError);
