//! Errors of reading a package.

use std::io;

use crate::{EntryProblem, Warning};

/// Why there is no directory to work with.
#[derive(Debug)]
pub(crate) enum DirectoryError {
    /// The reader failed.
    Read(io::Error),
    /// What it says cannot be, or is more than is read.
    Warning(Warning),
}

impl From<io::Error> for DirectoryError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Why an entry could not be read.
#[derive(Debug)]
pub(crate) enum EntryError {
    /// The reader failed.
    Read(io::Error),
    /// The entry is not what it should be.
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
