//! Errors of probing a file and of embedding a license.
//!
//! Only the operating system or the reader can make a probe fail. Malformed content gives
//! [warnings](crate::Warning) instead. Embedding is stricter: a damaged package is an error.

use std::io;

use restow_core::message::Message;
use restow_core::message_error;

use crate::Warning;
use crate::texts::TEXTS;

/// Reason why a file could not be probed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProbeError {
    /// The file could not be opened.
    Open(io::Error),
    /// The reader failed while the header was read.
    Read(io::Error),
    /// The publication or its embedded license is damaged. [`probe`](crate::probe()) warns about that instead.
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
#[derive(Debug)]
#[non_exhaustive]
pub enum EmbedError {
    /// The reader failed or ended before the end of the package.
    Read(io::Error),
    /// The writer failed.
    Write(io::Error),
    /// The file is not a publication that can hold a license.
    UnsupportedFormat,
    /// The package is damaged, so that readers would disagree about the result.
    Damaged(Warning),
    /// The new values do not fit into the fields of the package.
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

impl From<&ProbeError> for Message {
    fn from(error: &ProbeError) -> Self {
        match error {
            ProbeError::Open(source) => Self::new(&TEXTS, "probe-open").with_cause(source),
            ProbeError::Read(source) => Self::new(&TEXTS, "probe-read").with_cause(source),
            ProbeError::Package(warning) => Self::new(&TEXTS, "probe-damaged").with_cause(warning),
        }
    }
}

message_error!(ProbeError { Self::Open(source) | Self::Read(source) => source });

impl From<ProbeError> for EmbedError {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Open(error) | ProbeError::Read(error) => Self::Read(error),
            ProbeError::Package(warning) => Self::Damaged(warning),
        }
    }
}

impl From<&EmbedError> for Message {
    fn from(error: &EmbedError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            EmbedError::Read(source) | EmbedError::Write(source) => message.with_cause(source),
            EmbedError::Damaged(warning) => message.with_cause(warning),
            EmbedError::UnsupportedFormat | EmbedError::TooLarge => message,
        }
    }
}

message_error!(EmbedError { Self::Read(source) | Self::Write(source) => source });
