//! Failures of a command and their exit statuses.

use std::fmt::Display;
use std::process::ExitCode;

use restow::license::LicenseIdentity;
use restow::{Error, HomeError, Hresult, Message, Report};
use restow_service::ServiceError as ServerError;

use crate::command_error::CommandError;

/// Exit status of the command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// Success. Restricted licenses do not change the status.
    Done = 0,
    /// The command failed, found damage, or restored nothing.
    Failed = 1,
    /// The arguments are wrong.
    Usage = 2,
    /// A restore completed in part.
    Partial = 3,
    /// The user interrupted the command.
    Interrupted = 130,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Failure of a command: the message for the user, the result code and the exit status.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Message of the library's error or of the command's own.
    pub(crate) message: Message,
    /// Error of the command itself.
    pub(crate) error: Option<CommandError>,
    /// File or place that the message is about, if the message does not name it.
    pub(crate) place: Option<String>,
    /// Licenses that an ambiguous text names, with their titles.
    pub(crate) candidates: Box<[(LicenseIdentity, Vec<String>)]>,
    pub(crate) hresult: Hresult,
    pub(crate) exit: Exit,
}

impl Failure {
    /// Creates a failure of the command itself.
    pub(crate) fn new(error: CommandError) -> Self {
        Self { error: Some(error), ..Self::from_message(error.into(), Hresult::E_INVALIDARG) }
    }

    /// Creates a failure with a message of a library.
    pub(crate) fn from_message(message: Message, hresult: Hresult) -> Self {
        Self { message, error: None, place: None, candidates: Box::default(), hresult, exit: Exit::Failed }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.message = self.message.with(name, value);
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
    pub(crate) fn with_cause(mut self, cause: impl Into<Message>) -> Self {
        self.message = self.message.with_cause(cause);
        self
    }

    /// Adds the file or place that the message is about.
    pub(crate) fn at(mut self, place: impl Display) -> Self {
        self.place = Some(place.to_string());
        self
    }

    /// Returns the failure that a run reported at its end, or `None` after success.
    pub(crate) fn from_report(report: &Report) -> Option<Self> {
        let message = report.error.clone()?;
        Some(Self { exit: exit_for_result(report.result), ..Self::from_message(message, report.result) })
    }
}

/// Returns the only match of a name. The errors for no match and for several matches get the name as a value.
pub(crate) fn only_match<T>(
    mut matches: Vec<T>,
    (value, name): (&'static str, &str),
    none: CommandError,
    several: CommandError,
) -> Result<T, Failure> {
    match (matches.pop(), matches.is_empty()) {
        (Some(found), true) => Ok(found),
        (Some(_), false) => Err(Failure::new(several).with(value, name)),
        (None, _) => Err(Failure::new(none).with(value, name)),
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
        Self { exit, ..Self::from_message(error.into(), error.hresult()) }
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::from_message(Message::from(&error), error.hresult())
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
