//! Failures of the demo.

use std::path::Path;

use crate::failure::Failure;

/// Something outside the story failed, such as the disk.
pub(super) fn io_failure(path: &Path, error: &std::io::Error) -> Failure {
    let source = std::io::Error::new(error.kind(), error.to_string());
    restow::HomeError::Io { path: path.to_owned(), source }.into()
}

/// Something did not happen as the story says.
pub(super) fn scenario_error(what: impl std::fmt::Display) -> Failure {
    Failure::cli_error("demo").with("what", what)
}
