//! Errors of reading a package.

use std::io;

use crate::{EntryProblem, ProbeError, Warning, text};

impl From<io::Error> for ProbeError {
    /// Converts an error of the reader.
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Reason why an entry could not be read.
#[derive(Debug)]
pub(crate) enum EntryError {
    /// The reader failed.
    Read(io::Error),
    /// The entry is unusable.
    Problem(EntryProblem),
}

impl EntryError {
    /// Adds the name of the entry.
    pub(crate) fn named(self, name: &[u8]) -> ProbeError {
        match self {
            Self::Read(error) => ProbeError::Read(error),
            Self::Problem(problem) => {
                ProbeError::Package(Warning::Entry { name: text::clean_entry_name(name), problem })
            }
        }
    }
}

impl From<io::Error> for EntryError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl From<EntryProblem> for EntryError {
    fn from(problem: EntryProblem) -> Self {
        Self::Problem(problem)
    }
}
