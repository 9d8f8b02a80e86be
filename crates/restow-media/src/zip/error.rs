//! Errors of reading a package.

use std::io;

use crate::{EntryProblem, Warning};

/// Reason why the directory is unusable.
#[derive(Debug)]
pub(crate) enum DirectoryError {
    /// The reader failed.
    Read(io::Error),
    /// The directory is inconsistent or exceeds a limit.
    Warning(Warning),
}

impl From<io::Error> for DirectoryError {
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
