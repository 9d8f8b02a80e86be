//! Errors of probing a file and of embedding a license.
//!
//! Only the operating system or the reader can make a probe fail. Malformed content gives
//! [warnings](crate::Warning) instead. Embedding is stricter: a damaged package is an error.

use std::io;

use restow_core::message::Note;

use crate::Warning;

/// Reason why a file could not be probed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The file could not be opened.
    #[error("cannot open the file")]
    Open(#[source] io::Error),
    /// The reader failed while the header was read.
    #[error("cannot read the file")]
    Read(#[source] io::Error),
    /// The publication or its embedded license is damaged. [`probe`](crate::probe()) warns about that instead.
    #[error("the publication is damaged: {0}")]
    Package(Warning),
}

impl ProbeError {
    /// Returns the kind of the underlying I/O error, or [`io::ErrorKind::InvalidData`] if the content is
    /// damaged.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Open(error) | Self::Read(error) => error.kind(),
            Self::Package(_) => io::ErrorKind::InvalidData,
        }
    }
}

/// Reason why a license could not be embedded in a publication.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The reader failed or ended before the end of the package.
    #[error("cannot read the publication")]
    Read(#[source] io::Error),
    /// The writer failed.
    #[error("cannot write the publication")]
    Write(#[source] io::Error),
    /// The file is not a publication that can hold a license.
    #[error("the file is not a publication that can hold a license")]
    UnsupportedFormat,
    /// The package is damaged, so that readers would disagree about the result.
    #[error("the publication is damaged: {0}")]
    Damaged(Warning),
    /// The new values do not fit into the fields of the package.
    #[error("the publication has no room for another entry")]
    TooLarge,
}

impl EmbedError {
    /// Returns the stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "put-read",
            Self::Write(_) => "put-write",
            Self::UnsupportedFormat => "put-no-place",
            Self::Damaged(_) => "put-refused",
            Self::TooLarge => "put-no-room",
        }
    }
}

impl From<ProbeError> for EmbedError {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Open(error) | ProbeError::Read(error) => Self::Read(error),
            ProbeError::Package(warning) => Self::Damaged(warning),
        }
    }
}

impl From<&EmbedError> for Note {
    fn from(error: &EmbedError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            EmbedError::Read(source) | EmbedError::Write(source) => note.because(source),
            EmbedError::Damaged(warning) => note.because(warning),
            _ => note,
        }
    }
}
