//! Errors of probing, and of putting a license back.
//!
//! Only the operating system or the reader can make a probe fail. What a file contains never does: malformed content
//! is an answer, with [warnings](crate::Warning). What is written must be sound, though, so a package that is not is refused.

use restow_core::message::Note;
use std::io;

use crate::Warning;

/// Why a file could not be probed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The file could not be opened.
    #[error("cannot open the file")]
    Open(#[source] io::Error),
    /// The reader failed while the header was read.
    #[error("cannot read the file")]
    Read(#[source] io::Error),
    /// A publication, or the license inside that was asked for, is damaged. Probing warns of it instead.
    #[error("the publication is damaged: {0}")]
    Package(Warning),
}

impl ProbeError {
    /// The kind of the underlying I/O error; of what is damaged, [`io::ErrorKind::InvalidData`].
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Open(error) | Self::Read(error) => error.kind(),
            Self::Package(_) => io::ErrorKind::InvalidData,
        }
    }
}

/// Why a license could not be put into a publication.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The reader failed, or ended before the package does.
    #[error("cannot read the publication")]
    Read(#[source] io::Error),
    /// The writer failed.
    #[error("cannot write the publication")]
    Write(#[source] io::Error),
    /// The file is no package with a place for a license.
    #[error("the file is not a publication that can hold a license")]
    UnsupportedFormat,
    /// The package is not sound, so that readers would not agree on what is written.
    #[error("the publication is damaged: {0}")]
    Damaged(Warning),
    /// The package would need fields larger than it has.
    #[error("the publication has no room for another entry")]
    TooLarge,
}

impl EmbedError {
    /// The stable code.
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
