//! What a command fails with, and its exit status.

use std::path::Path;
use std::process::ExitCode;

use fluent_bundle::FluentValue;
use restow::{Error, HomeError, Hresult, Report};

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// All is done; licenses that may not be backed up included.
    Done,
    /// It failed, damage was found, or nothing came.
    Failed,
    /// The arguments are wrong.
    Usage,
    /// A restore was done in part.
    Partly,
    /// The user interrupted it.
    Interrupted,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Partly => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// What a command fails with. Its words are looked up in the user's language as `error-<code>` when it is shown.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) hresult: Hresult,
    /// English words of the library; empty for failures of the command itself, whose words stand in the bundles.
    pub(crate) message: String,
    pub(crate) help: String,
    values: Vec<(&'static str, String)>,
    pub(crate) exit: Exit,
}

impl Failure {
    /// A failure of the command itself.
    pub(crate) fn own(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            hresult: Hresult::E_INVALIDARG,
            message: String::new(),
            help: String::new(),
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

    /// A failure with the place it happened at.
    pub(crate) fn at(error: impl Into<Error>, path: &Path) -> Self {
        Self::from(error.into()).with("path", path.display())
    }

    /// What a run reported at its end, if not all went well.
    pub(crate) fn of_report(report: &Report) -> Option<Self> {
        let code = report.code?;
        Some(Self {
            code: code.to_owned(),
            hresult: report.result,
            message: report.message.clone().unwrap_or_default(),
            help: report.help.clone().unwrap_or_default(),
            values: Vec::new(),
            exit: exit_of(report.result),
        })
    }

    /// The values for its words.
    pub(crate) fn values(&self) -> Vec<(&str, FluentValue<'_>)> {
        let own = self.values.iter().map(|(name, value)| (*name, FluentValue::from(value.as_str())));
        own.chain([("message", FluentValue::from(self.message.as_str()))]).collect()
    }
}

/// The exit status that stands for a result.
pub(crate) const fn exit_of(result: Hresult) -> Exit {
    match result {
        result if result.is_ok() => Exit::Done,
        Hresult::NS_E_DRM_STORE_NOTALLSTORED => Exit::Partly,
        Hresult::NS_E_DRM_OPERATION_CANCELED => Exit::Interrupted,
        _ => Exit::Failed,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match exit_of(error.hresult()) {
            Exit::Interrupted => Exit::Interrupted,
            _ => Exit::Failed,
        };
        Self {
            code: error.code().to_owned(),
            hresult: error.hresult(),
            message: error.to_string(),
            help: error.help(),
            values: details(&error),
            exit,
        }
    }
}

/// What another language needs besides the library's English sentence.
fn details(error: &Error) -> Vec<(&'static str, String)> {
    match error {
        Error::Home(HomeError::Io { path, source }) => {
            vec![("path", path.display().to_string()), ("why", source.to_string())]
        }
        Error::Home(HomeError::DamagedKey(path) | HomeError::OtherMachine(path)) => {
            vec![("path", path.display().to_string())]
        }
        Error::Usage(error) => usage_details(error),
        Error::Service(error) => service_details(error),
        _ => Vec::new(),
    }
}

fn usage_details(error: &restow::usage::UsageError) -> Vec<(&'static str, String)> {
    use restow::usage::UsageError as Usage;
    let key = |key_id: &restow::KeyId| ("key", key_id.to_string());
    match error {
        Usage::NoLicense(key_id) => vec![key(key_id)],
        Usage::NotGranted { key_id, right } | Usage::UsedUp { key_id, right } => {
            vec![key(key_id), ("right", right.to_string())]
        }
        Usage::NotYet { key_id, from: time } | Usage::Expired { key_id, since: time } => {
            vec![key(key_id), ("time", restow::rfc3339(*time))]
        }
        Usage::Revoked { key_id, reason } => vec![key(key_id), ("reason", reason.clone())],
        Usage::NotHere { key_id, .. } => vec![key(key_id)],
        Usage::ReportFirst { key_id, count } => vec![key(key_id), ("count", count.to_string())],
        _ => Vec::new(),
    }
}

fn service_details(error: &restow::service::ServiceError) -> Vec<(&'static str, String)> {
    use restow::service::ServiceError as Service;
    match error {
        Service::Address { url, .. } | Service::PrivateAddress { url } => vec![("url", url.clone())],
        Service::Unreachable { url, why } | Service::BadAnswer { url, why } => {
            vec![("url", url.clone()), ("why", why.clone())]
        }
        Service::Problem { name, problem } => vec![("service", name.clone()), ("why", problem.detail.clone())],
        Service::NotPinned(issuer) => vec![("issuer", issuer.clone())],
        Service::NotRegistered(name) => vec![("service", name.clone())],
        Service::OtherIssuer { url, expected, found } => {
            vec![("url", url.clone()), ("expected", expected.clone()), ("found", found.clone())]
        }
        _ => Vec::new(),
    }
}

macro_rules! through_error {
    ($($family:ty),* $(,)?) => {$(
        impl From<$family> for Failure {
            fn from(error: $family) -> Self {
                Error::from(error).into()
            }
        }
    )*};
}

through_error!(
    HomeError,
    restow::store::StoreError,
    restow::license::LicenseError,
    restow::service::ServiceError,
    restow::usage::UsageError,
    restow::restorer::RestorerError,
    restow::backup::BackupError,
);
