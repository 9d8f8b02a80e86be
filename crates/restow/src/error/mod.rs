//! All errors of the library in one.
//!
//! Rules:
//!
//! - Each family of operations has its own non-exhaustive enum.
//! - `code` is stable and for programs. `hresult` is for Windows Media programs.
//! - The texts are in `i18n/en.ftl` and `i18n/de.ftl`. The text names the thing at fault, `help` is the next action.
//! - Values never contain keys, link codes or purchases of other people.

mod home;
mod import;
mod lcp_provider;
mod put_back;
mod restorer;
mod service;
mod store;
mod usage;

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use restow_backup::BackupError;
use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::message_methods;
use restow_core::origin::AddressError;
use restow_lcp::RootError;

use crate::license::LicenseError;
use crate::texts::TEXTS;

pub use home::HomeError;
pub use import::ImportError;
pub use lcp_provider::{ProviderError, RejectedUpdate};
pub use put_back::{ConflictKind, DownloadError, PutBackError};
pub use restorer::RestorerError;
pub use service::ServiceError;
pub use store::StoreError;
pub use usage::{ContentRef, UseDenied};

/// Any error of this library.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Error of the home and its key files.
    Home(HomeError),
    /// Error of the license store.
    Store(StoreError),
    /// Error of a license document.
    License(LicenseError),
    /// Error of a file or document that is not imported.
    Import(ImportError),
    /// Error of a certificate for the lists of trusted and distrusted roots.
    Root(RootError),
    /// Error of a License Management Service.
    Service(ServiceError),
    /// Error of a provider of LCP licenses.
    Provider(ProviderError),
    /// Reason that denies the use of a license.
    UseDenied(UseDenied),
    /// Error of a whole backup or restore.
    Restorer(RestorerError),
    /// Error of a backup location and its content.
    Backup(BackupError),
    /// Error of a license that is put back into a publication.
    PutBack(PutBackError),
    /// Another operation of this home is running, in this process or in another one.
    Busy,
    /// The caller cancelled the operation.
    Cancelled,
    /// A file or folder of the user cannot be read.
    File {
        /// File or folder.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// A file or folder of the user cannot be written.
    Unwritable {
        /// File or folder.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
}

impl Error {
    /// Returns the stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Home(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::License(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::Root(error) => error.code(),
            Self::Service(error) => error.code(),
            Self::Provider(error) => error.code(),
            Self::UseDenied(error) => error.code(),
            Self::Restorer(error) => error.code(),
            Self::Backup(error) => error.code(),
            Self::PutBack(error) => error.code(),
            Self::Busy => "busy",
            Self::Cancelled => "cancelled",
            Self::File { .. } => "file-unreadable",
            Self::Unwritable { .. } => "file-unwritable",
        }
    }

    /// Returns the Windows result code.
    #[must_use]
    pub fn hresult(&self) -> Hresult {
        match self {
            Self::Home(error) => error.hresult(),
            Self::Store(error) => error.hresult(),
            Self::License(error) => error.hresult(),
            Self::Import(error) => error.hresult(),
            Self::Root(error) => error.hresult(),
            Self::Service(error) => error.hresult(),
            Self::Provider(error) => error.hresult(),
            Self::UseDenied(error) => error.hresult(),
            Self::Restorer(error) => error.hresult(),
            Self::Backup(error) => error.hresult(),
            Self::PutBack(error) => error.hresult(),
            Self::Busy => Hresult::NS_E_DRM_BACKUPRESTORE_BUSY,
            Self::Cancelled => Hresult::NS_E_DRM_OPERATION_CANCELED,
            Self::File { source, .. } | Self::Unwritable { source, .. } => match source.kind() {
                ErrorKind::NotFound
                | ErrorKind::NotADirectory
                | ErrorKind::InvalidFilename
                | ErrorKind::InvalidInput => Hresult::NS_E_INVALID_NAME,
                ErrorKind::PermissionDenied => Hresult::E_ACCESSDENIED,
                _ => Hresult::E_FAIL,
            },
        }
    }
}

impl From<&Error> for Message {
    fn from(error: &Error) -> Self {
        match error {
            Error::File { path, source } | Error::Unwritable { path, source } => {
                Self::new(&TEXTS, error.code()).with("path", path.display()).with_cause(source)
            }
            Error::Busy | Error::Cancelled => Self::new(&TEXTS, error.code()),
            Error::Home(error) => error.into(),
            Error::Store(error) => error.into(),
            Error::License(error) => error.into(),
            Error::Import(error) => error.into(),
            Error::Root(error) => error.into(),
            Error::Service(error) => error.into(),
            Error::Provider(error) => error.into(),
            Error::UseDenied(error) => error.into(),
            Error::Restorer(error) => error.into(),
            Error::Backup(error) => error.into(),
            Error::PutBack(error) => error.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Home(error) => error.source(),
            Self::Store(error) => error.source(),
            Self::License(error) => error.source(),
            Self::Import(error) => error.source(),
            Self::Root(error) => error.source(),
            Self::Service(error) => error.source(),
            Self::Provider(error) => error.source(),
            Self::UseDenied(error) => error.source(),
            Self::Restorer(error) => error.source(),
            Self::Backup(error) => error.source(),
            Self::PutBack(error) => error.source(),
            Self::Busy | Self::Cancelled => None,
            Self::File { source, .. } | Self::Unwritable { source, .. } => Some(source),
        }
    }
}

message_methods!(Error, help);

macro_rules! impl_from {
    ($($variant:ident($type:ty)),+ $(,)?) => {$(
        impl From<$type> for Error {
            fn from(error: $type) -> Self {
                Self::$variant(error)
            }
        }
    )+};
}

impl_from!(
    Home(HomeError),
    Store(StoreError),
    License(LicenseError),
    Import(ImportError),
    Root(RootError),
    Service(ServiceError),
    Provider(ProviderError),
    UseDenied(UseDenied),
    Restorer(RestorerError),
    Backup(BackupError),
    PutBack(PutBackError),
);

impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        Self::Service(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_not_the_homes_fault() {
        let at = |kind| Error::File { path: "/typo".into(), source: io::Error::from(kind) };
        assert_eq!(at(ErrorKind::NotFound).hresult(), Hresult::NS_E_INVALID_NAME);
        assert_eq!(at(ErrorKind::PermissionDenied).hresult(), Hresult::E_ACCESSDENIED);
        assert_eq!(at(ErrorKind::Other).hresult(), Hresult::E_FAIL);
    }

    #[test]
    fn message_of_error_keeps_values_and_cause() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::from(HomeError::Io { path: "/x".into(), source });
        let message = Message::from(&error);
        assert_eq!((message.code, message.to_string()), (error.code(), error.to_string()));
        assert_eq!(message.values, [("path", "/x".to_owned())]);
        assert_eq!(message.cause.unwrap().code, "io-denied");
    }
}
