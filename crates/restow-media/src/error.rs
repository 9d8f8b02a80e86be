//! Errors of probing.
//!
//! Only the operating system or the reader can make a probe fail. What a file contains never does: malformed content
//! is an answer, with [warnings](crate::Warning).

use std::io;

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
}

impl ProbeError {
    /// The kind of the underlying I/O error.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Open(error) | Self::Read(error) => error.kind(),
        }
    }
}
