//! Why a license is not put back, or a publication is not fetched.

use std::io;

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::text::quoted;
use restow_media::EmbedError;

/// Why a license is not put back, or a publication is not fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutBackError {
    /// The publication cannot hold it, or cannot be read or written.
    #[error("{0}")]
    Publication(#[from] EmbedError),
    /// Another license lies inside.
    #[error("another license lies inside, which is not among yours")]
    OtherLicense,
    /// Another license lies inside, which is kept.
    #[error("another license of yours lies inside")]
    HasLicense,
    /// What lies inside is no license that anybody can read.
    #[error("the license inside cannot be read")]
    BrokenInside,
    /// The publication opens without any.
    #[error("the publication is not protected by LCP: it opens as it is")]
    NotProtected,
    /// A document of this license lies there that is newer, or whose signature is worth more.
    #[error("a better document of this license is there: newer, or with a signature that is worth more")]
    BetterThere,
    /// Another document of a license that is here lies there, and nothing says that the one here is better: it is newer and its
    /// signature worth less, or as new and worth as much.
    #[error("another document of a license that is here lies there, and nothing says that the one here is better")]
    Disputed,
    /// The file may not be changed.
    #[error("the file is marked as not to be changed")]
    ReadOnly,
    /// The file was changed by somebody else at the same time.
    #[error("the file was changed by another program meanwhile")]
    Changed,
    /// What was written is not what was to be written.
    #[error("what was written could not be read back as it should be")]
    NotAsWritten,
    /// Nobody said where files without a publication go.
    #[error("no publication of this license is known, and no folder was named")]
    NoFolder,
    /// The publication needs a license, and none here is known for it.
    #[error("it is protected, without license, and none here is known for it")]
    NoneKnown,
    /// What was named is a file.
    #[error("a folder is needed, and this is a file")]
    NotAFolder,
    /// The license cannot be used.
    #[error("this license cannot be used any more")]
    NotUsable,
    /// Its kind is put nowhere.
    #[error("only LCP licenses are put into publications")]
    OtherKind,
    /// The license says not where its publication is.
    #[error("the license does not say where its publication can be had")]
    NoLink,
    /// Its signature is not valid, so nobody knows who says where the publication is.
    #[error("the signature of the license is not valid")]
    InvalidLicense,
    /// It says nothing that what comes could be checked by, and nobody agreed to that.
    #[error("the license has no hash to check the publication by")]
    NoHash,
    /// The user does not want it.
    #[error("nobody agreed to fetching it")]
    NotAgreed,
    /// An address that is not gone to.
    #[error("the address “{0}” is not one to fetch from")]
    Address(String),
    /// The license says that it is larger than anything that is fetched.
    #[error("{0} bytes are more than is fetched")]
    TooLarge(u64),
    /// Nothing answers, or it broke off.
    #[error("{host}: {source}")]
    Unreachable {
        /// Where.
        host: String,
        /// What the system says.
        source: io::Error,
    },
    /// The answer is not the publication.
    #[error("{host} answers with status {status}")]
    Status {
        /// Where.
        host: String,
        /// The number.
        status: u16,
    },
    /// It leads on and on.
    #[error("{0} redirects too often")]
    Redirects(String),
    /// More comes than the license says, or than is taken.
    #[error("more than {0} bytes came")]
    TooLong(u64),
    /// Less comes than the license says.
    #[error("{found} bytes came, and the license says {stated}")]
    Length {
        /// What the license says.
        stated: u64,
        /// What came.
        found: u64,
    },
    /// It is another file than the license says.
    #[error("what came is not the file that the license names: its hash is another")]
    Hash,
    /// It is no publication that can hold a license.
    #[error("what came is not a publication that can hold a license")]
    NotAPublication,
}

impl PutBackError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Publication(error) => error.code(),
            Self::OtherLicense => "put-other-license",
            Self::HasLicense => "put-has-license",
            Self::BrokenInside => "put-broken-inside",
            Self::NotProtected => "put-not-protected",
            Self::BetterThere => "put-better-there",
            Self::Disputed => "put-disputed",
            Self::ReadOnly => "put-read-only",
            Self::Changed => "put-changed",
            Self::NotAsWritten => "put-not-as-written",
            Self::NoFolder => "put-no-folder",
            Self::NoneKnown => "put-none-known",
            Self::NotAFolder => "put-not-a-folder",
            Self::NotUsable => "put-not-usable",
            Self::OtherKind => "put-other-kind",
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

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::NotUsable | Self::OtherKind | Self::InvalidLicense => Hresult::NS_E_DRM_INVALID_LICENSE,
            Self::ReadOnly => Hresult::E_ACCESSDENIED,
            Self::NoFolder | Self::NotAFolder => Hresult::E_INVALIDARG,
            _ => Hresult::E_FAIL,
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Publication(_) => "Get the publication again from where it came from; nothing was changed.",
            Self::OtherLicense => "To keep that license, import it first: restow import FILE.",
            Self::HasLicense => "Leave it, or say that it is to go: --yes.",
            Self::BrokenInside => "Put yours in its place: restow put-back FILE --license LICENSE.",
            Self::NotProtected => "Open it as it is; it needs no license.",
            Self::BetterThere => "Import it: restow import FILE.",
            Self::Disputed => "Import it: restow import FILE, or say that it is to go: --yes.",
            Self::ReadOnly => "Allow changes to the file, then try again.",
            Self::Changed => "Close the program that has it open, then try again.",
            Self::NotAsWritten => "Check the drive; the file is as it was.",
            Self::NoFolder => "Name the folder of your publications: restow put-back DIR.",
            Self::NoneKnown => "Restore or import its license first.",
            Self::NotAFolder => "Name a folder, or a license for the file: restow put-back FILE --license LICENSE.",
            Self::NotUsable => "See what is to be said of it: restow licenses.",
            Self::OtherKind => "Other kinds need no file beside what they are for.",
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

    /// An address as a message repeats it.
    pub(crate) fn address(url: &str) -> Self {
        Self::Address(quoted(url))
    }
}

impl From<&PutBackError> for Note {
    fn from(error: &PutBackError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            PutBackError::Publication(EmbedError::Read(source) | EmbedError::Write(source)) => note.because(source),
            PutBackError::Publication(EmbedError::Damaged(warning)) => note.because(warning),
            PutBackError::Address(url) => note.with("url", url),
            PutBackError::Unreachable { host, source } => note.with("host", host).because(source),
            PutBackError::Status { host, status } => note.with("host", host).with("status", status),
            PutBackError::Redirects(host) => note.with("host", host),
            PutBackError::TooLarge(stated) => note.with("stated", stated),
            PutBackError::TooLong(max) => note.with("max", max),
            PutBackError::Length { stated, found } => note.with("stated", stated).with("found", found),
            _ => note,
        }
    }
}
