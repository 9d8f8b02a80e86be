//! Failures of the demo.

use std::path::Path;

use crate::command_error::CommandError;
use crate::failure::Failure;

/// Creates the failure for an I/O error outside of the scenario.
pub(super) fn io_failure(path: &Path, error: &std::io::Error) -> Failure {
    let source = std::io::Error::new(error.kind(), error.to_string());
    restow::HomeError::Io { path: path.to_owned(), source }.into()
}

/// Creates the failure for a result that differs from the scenario.
pub(super) fn scenario_error(what: impl std::fmt::Display) -> Failure {
    Failure::new(CommandError::Demo).with("reason", what)
}
