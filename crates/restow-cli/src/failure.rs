//! Failures of a command and their exit statuses.

use std::path::Path;
use std::process::ExitCode;

use restow::{Error, HomeError, Hresult, Note, Report};

/// Exit status of the command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// Success. Restricted licenses do not change the status.
    Done,
    /// The command failed, found damage, or restored nothing.
    Failed,
    /// The arguments are wrong.
    Usage,
    /// A restore completed in part.
    Partial,
    /// The user interrupted the command.
    Interrupted,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Failure of a command. The output looks up its texts as `error-<code>` in the user's language.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) hresult: Hresult,
    /// English text of the library, for a code without a text in the bundles.
    pub(crate) message: String,
    pub(crate) help: String,
    /// Message of the library's error.
    pub(crate) source: Option<Box<Note>>,
    pub(crate) values: Vec<(&'static str, String)>,
    pub(crate) exit: Exit,
}

impl Failure {
    /// Creates a failure of the command itself.
    pub(crate) fn cli_error(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            hresult: Hresult::E_INVALIDARG,
            message: String::new(),
            help: String::new(),
            source: None,
            values: Vec::new(),
            exit: Exit::Failed,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    pub(crate) const fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    pub(crate) const fn hresult(mut self, hresult: Hresult) -> Self {
        self.hresult = hresult;
        self
    }

    /// Adds the message of the cause.
    pub(crate) fn with_cause(mut self, source: impl Into<Note>) -> Self {
        self.source = Some(Box::new(source.into()));
        self
    }

    /// Converts an error of the library and adds the path that it concerns.
    pub(crate) fn with_path(error: impl Into<Error>, path: &Path) -> Self {
        Self::from(error.into()).with("path", path.display())
    }

    /// Returns the failure that a run reported at its end, or `None` after success.
    pub(crate) fn from_report(report: &Report) -> Option<Self> {
        let code = report.code?;
        Some(Self {
            code: code.to_owned(),
            hresult: report.result,
            message: report.message.clone().unwrap_or_default(),
            help: report.help.clone().unwrap_or_default(),
            source: report.error.clone().map(Box::new),
            values: Vec::new(),
            exit: exit_for_result(report.result),
        })
    }
}

/// Returns the exit status for a result code.
pub(crate) const fn exit_for_result(result: Hresult) -> Exit {
    match result {
        result if result.is_ok() => Exit::Done,
        Hresult::NS_E_DRM_STORE_NOTALLSTORED => Exit::Partial,
        Hresult::NS_E_DRM_OPERATION_CANCELED => Exit::Interrupted,
        _ => Exit::Failed,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from_library(&error)
    }
}

impl Failure {
    pub(crate) fn from_library(error: &Error) -> Self {
        let exit = match exit_for_result(error.hresult()) {
            Exit::Interrupted => Exit::Interrupted,
            _ => Exit::Failed,
        };
        Self {
            code: error.code().to_owned(),
            hresult: error.hresult(),
            message: error.to_string(),
            help: error.help(),
            source: Some(Box::new(Note::from(error))),
            values: Vec::new(),
            exit,
        }
    }
}

macro_rules! impl_from_library_error {
    ($($family:ty),* $(,)?) => {$(
        impl From<$family> for Failure {
            fn from(error: $family) -> Self {
                Error::from(error).into()
            }
        }
    )*};
}

impl_from_library_error!(
    HomeError,
    restow::store::StoreError,
    restow::license::LicenseError,
    restow::service::ServiceError,
    restow::service::AddressError,
    restow::import::ImportError,
    restow::lcp_provider::ProviderError,
    restow::usage::UseDenied,
    restow::restorer::RestorerError,
    restow::backup::BackupError,
);
