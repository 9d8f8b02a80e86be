//! All errors of the library in one.
//!
//! Rules: each family of operations has its own non-exhaustive enum; a message names the thing and what is wrong with it;
//! `code` is stable and for programs, `hresult` is for Windows Media programs, `help` says what to do next. Texts never
//! contain keys, link codes or what others bought.

mod home;
mod import;
mod lcp_provider;
mod put_back;
mod restorer;
mod service;
mod store;
mod usage;

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use restow_backup::BackupError;
use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::origin::AddressError;
use restow_lcp::RootError;

use crate::license::LicenseError;

pub use home::HomeError;
pub use import::ImportError;
pub use lcp_provider::{ProviderError, RejectedUpdate};
pub use put_back::{ConflictKind, DownloadError, PutBackError};
pub use restorer::RestorerError;
pub use service::ServiceError;
pub use store::StoreError;
pub use usage::{ContentRef, UseDenied};

/// Any error of this library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// About the home and its keys.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// About the license store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// About a license document.
    #[error(transparent)]
    License(#[from] LicenseError),
    /// About a file or document that is not imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// About a certificate to be trusted or not.
    #[error(transparent)]
    Root(#[from] RootError),
    /// About a service.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// About a provider of LCP licenses.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// About using a license.
    #[error(transparent)]
    UseDenied(#[from] UseDenied),
    /// About a backup or restore as a whole.
    #[error(transparent)]
    Restorer(#[from] RestorerError),
    /// About a location and what is in it.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// About putting licenses back.
    #[error(transparent)]
    PutBack(#[from] PutBackError),
    /// Another operation of this home is running, in this process or in another one.
    #[error("another backup, restore or refresh is running")]
    Busy,
    /// The caller cancelled the operation.
    #[error("cancelled")]
    Cancelled,
    /// A file or folder of the user's, which was to be looked at, cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder of the user's, which was to be written, cannot be.
    #[error("{}: {source}", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// The stable code.
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

    /// The Windows result code.
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

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Home(error) => error.help().to_owned(),
            Self::Store(error) => error.help().to_owned(),
            Self::License(error) => error.help().to_owned(),
            Self::Import(error) => error.help().to_owned(),
            Self::Root(error) => error.help().to_owned(),
            Self::Service(error) => error.help(),
            Self::Provider(error) => error.help(),
            Self::UseDenied(error) => error.help().to_owned(),
            Self::Restorer(error) => error.help().to_owned(),
            Self::Backup(error) => error.help().to_owned(),
            Self::PutBack(error) => error.help().to_owned(),
            Self::Busy => "Wait for it to end, or cancel it.".to_owned(),
            Self::Cancelled => "Start it again when you like.".to_owned(),
            Self::File { .. } => "Check the path, and that you may read what is there.".to_owned(),
            Self::Unwritable { source, .. } => match source.kind() {
                ErrorKind::AlreadyExists => "Name another folder; nothing that is there is overwritten.",
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "Make room there.",
                _ => "Check the path, and that you may write there.",
            }
            .to_owned(),
        }
    }
}

impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        Self::Service(error.into())
    }
}

impl From<&Error> for Note {
    fn from(error: &Error) -> Self {
        match error {
            Error::File { path, source } | Error::Unwritable { path, source } => {
                Self::new(error.code(), error).with("path", path.display()).because(source)
            }
            Error::Busy | Error::Cancelled => Self::new(error.code(), error),
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
        let note = Note::from(&error);
        assert_eq!((note.code, note.to_string()), (error.code(), error.to_string()));
        assert_eq!(note.values, [("path", "/x".to_owned())]);
        assert_eq!(note.cause.unwrap().code, "io-denied");
    }
}
