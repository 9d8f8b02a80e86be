//! Errors of put-back and of downloads of publications.

use std::io;

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::text::quoted;
use restow_media::EmbedError;

/// Reason why a license is not put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutBackError {
    /// The publication cannot hold a license, or cannot be read or written.
    #[error("{0}")]
    Publication(#[from] EmbedError),
    /// The embedded license conflicts with the license, and the user has not agreed to replace it.
    #[error(transparent)]
    Conflict(#[from] ConflictKind),
    /// The publication could not be downloaded.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// The store does not have the embedded license in this version, which would be lost.
    #[error("another license lies inside, which is not among yours")]
    OtherLicense,
    /// The publication is not protected by LCP.
    #[error("the publication is not protected by LCP: it opens as it is")]
    NotProtected,
    /// The embedded document of this license is newer, or has a stronger signature.
    #[error("a better document of this license is there: newer, or with a signature that is worth more")]
    BetterPresent,
    /// The file is read-only.
    #[error("the file is marked as not to be changed")]
    ReadOnly,
    /// Another program changed the file at the same time.
    #[error("the file was changed by another program meanwhile")]
    Changed,
    /// The written file differs from the intended content.
    #[error("what was written could not be read back as it should be")]
    NotAsWritten,
    /// No folder is named for a license without a publication.
    #[error("no publication of this license is known, and no folder was named")]
    NoFolder,
    /// The publication is protected, has no license, and no stored license is for it.
    #[error("it is protected, without license, and none here is known for it")]
    NoLicenseKnown,
    /// A folder is required, and the path names a file.
    #[error("a folder is needed, and this is a file")]
    NotAFolder,
    /// The license cannot be used.
    #[error("this license cannot be used any more")]
    NotUsable,
    /// The license is not an LCP license.
    #[error("only LCP licenses are put into publications")]
    OtherKind,
}

/// Conflict between a license and the license embedded in a publication.
///
/// The user can resolve each of these conflicts with
/// [`OnConflict::Replace`](crate::put_back::OnConflict::Replace).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConflictKind {
    /// The publication has another license of the store.
    #[error("another license of yours lies inside")]
    StoredLicense,
    /// The embedded license cannot be read.
    #[error("the license inside cannot be read")]
    UnreadableLicense,
    /// The publication has a different version of a stored license, and neither version is better.
    ///
    /// The embedded version is newer with a weaker signature, or equally new and equally strong with another signer.
    #[error("another document of a license that is here lies there, and nothing says that the one here is better")]
    UndecidedVersion,
}

/// Reason why a publication is not downloaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The license has no link to its publication.
    #[error("the license does not say where its publication can be had")]
    NoLink,
    /// The signature of the license is not valid, so its link cannot be trusted.
    #[error("the signature of the license is not valid")]
    InvalidLicense,
    /// The license has no hash of the publication, and the user did not agree to an unchecked download.
    #[error("the license has no hash to check the publication by")]
    NoHash,
    /// The user did not agree to the download.
    #[error("nobody agreed to fetching it")]
    NotAgreed,
    /// The address is not allowed.
    #[error("the address “{0}” is not one to fetch from")]
    Address(String),
    /// The license states a length above the limit, in bytes.
    #[error("{0} bytes are more than is fetched")]
    TooLarge(u64),
    /// The server cannot be reached, or the connection broke.
    #[error("{host}: {source}")]
    Unreachable {
        /// Origin of the server.
        host: String,
        /// Error of the connection.
        source: io::Error,
    },
    /// The server answered with an error.
    #[error("{host} answers with status {status}")]
    Status {
        /// Origin of the server.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// The server redirects too often.
    #[error("{0} redirects too often")]
    Redirects(String),
    /// The answer is longer than the stated length or the limit, in bytes.
    #[error("more than {0} bytes came")]
    TooLong(u64),
    /// The answer is shorter than the license states.
    #[error("{found} bytes came, and the license says {stated}")]
    Length {
        /// Length that the license states, in bytes.
        stated: u64,
        /// Length of the answer, in bytes.
        found: u64,
    },
    /// The hash of the answer differs from the hash that the license states.
    #[error("what came is not the file that the license names: its hash is another")]
    Hash,
    /// The answer is not a publication that can hold a license.
    #[error("what came is not a publication that can hold a license")]
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

    /// Returns the Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::NotUsable | Self::OtherKind | Self::Download(DownloadError::InvalidLicense) => {
                Hresult::NS_E_DRM_INVALID_LICENSE
            }
            Self::ReadOnly => Hresult::E_ACCESSDENIED,
            Self::NoFolder | Self::NotAFolder => Hresult::E_INVALIDARG,
            _ => Hresult::E_FAIL,
        }
    }

    /// Returns the next action for the user.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Publication(_) => "Get the publication again from where it came from; nothing was changed.",
            Self::Conflict(conflict) => conflict.help(),
            Self::Download(error) => error.help(),
            Self::OtherLicense => "To keep that license, import it first: restow import FILE.",
            Self::NotProtected => "Open it as it is; it needs no license.",
            Self::BetterPresent => "Import it: restow import FILE.",
            Self::ReadOnly => "Allow changes to the file, then try again.",
            Self::Changed => "Close the program that has it open, then try again.",
            Self::NotAsWritten => "Check the drive; the file is as it was.",
            Self::NoFolder => "Name the folder of your publications: restow put-back DIR.",
            Self::NoLicenseKnown => "Restore or import its license first.",
            Self::NotAFolder => "Name a folder, or a license for the file: restow put-back FILE --license LICENSE.",
            Self::NotUsable => "See what is to be said of it: restow licenses.",
            Self::OtherKind => "Other kinds need no file beside what they are for.",
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

    /// Returns the next action for the user.
    const fn help(self) -> &'static str {
        match self {
            Self::StoredLicense => "Leave it, or say that it is to go: --yes.",
            Self::UnreadableLicense => "Put yours in its place: restow put-back FILE --license LICENSE.",
            Self::UndecidedVersion => "Import it: restow import FILE, or say that it is to go: --yes.",
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

    /// Returns the next action for the user.
    const fn help(&self) -> &'static str {
        match self {
            Self::NoLink | Self::Address(_) | Self::TooLarge(_) | Self::NoHash | Self::NotAgreed => {
                "Get the publication from where you bought or borrowed it."
            }
            Self::InvalidLicense => "See why: restow licenses --check.",
            Self::Unreachable { .. } | Self::Status { .. } | Self::Redirects(_) => "Try again later.",
            Self::TooLong(_) | Self::Length { .. } | Self::Hash | Self::NotAPublication => {
                "Nothing of it was kept. Ask the provider of the license."
            }
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

impl From<DownloadError> for super::Error {
    fn from(error: DownloadError) -> Self {
        PutBackError::from(error).into()
    }
}

impl From<&PutBackError> for Note {
    fn from(error: &PutBackError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            PutBackError::Publication(EmbedError::Read(source) | EmbedError::Write(source)) => note.because(source),
            PutBackError::Publication(EmbedError::Damaged(warning)) => note.because(warning),
            PutBackError::Download(error) => match error {
                DownloadError::Address(url) => note.with("url", url),
                DownloadError::Unreachable { host, source } => note.with("host", host).because(source),
                DownloadError::Status { host, status } => note.with("host", host).with("status", status),
                DownloadError::Redirects(host) => note.with("host", host),
                DownloadError::TooLarge(stated) => note.with("stated", stated),
                DownloadError::TooLong(max) => note.with("max", max),
                DownloadError::Length { stated, found } => note.with("stated", stated).with("found", found),
                _ => note,
            },
            _ => note,
        }
    }
}
