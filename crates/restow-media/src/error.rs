//! Errors of probing a file and of embedding a license.
//!
//! Only the operating system or the reader can make a probe fail. Malformed content gives
//! [warnings](crate::Warning) instead. Embedding is stricter: a damaged package is an error.

use std::io;

use restow_core::message_error;

use crate::Warning;
use crate::texts::TEXTS;

message_error! {
    /// Reason why a file could not be probed.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum ProbeError in TEXTS {
        /// The file could not be opened.
        Open(source: io::Error) = "probe-open",
        /// The reader failed while the header was read.
        Read(source: io::Error) = "probe-read",
        /// The publication or its embedded license is damaged. [`probe`](crate::probe()) warns about that instead.
        Package(warning: Warning as cause) = "probe-damaged",
    }
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

message_error! {
    /// Reason why a license could not be embedded in a publication.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum EmbedError in TEXTS {
        /// The reader failed or ended before the end of the package.
        Read(source: io::Error) = "put-read",
        /// The writer failed.
        Write(source: io::Error) = "put-write",
        /// The file is not a publication that can hold a license.
        UnsupportedFormat = "put-no-place",
        /// The package is damaged, so that readers would disagree about the result.
        Damaged(warning: Warning as cause) = "put-refused",
        /// The new values do not fit into the fields of the package.
        TooLarge = "put-no-room",
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
