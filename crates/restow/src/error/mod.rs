//! All errors of the library in one.
//!
//! Rules:
//!
//! - Each family of operations has its own non-exhaustive enum.
//! - `code` is stable and for programs. `hresult` is for Windows Media programs.
//! - The texts are in `i18n/en.ftl` and `i18n/de.ftl`. The text names the thing at fault, `help` is the next action.
//! - Values never contain keys, link codes or purchases of other people.

mod authority;
mod home;
mod import;
mod lcp_provider;
mod put_back;
mod restorer;
mod service;
mod store;
mod usage;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use restow_backup::BackupError;
use restow_core::hresult::Hresult;
use restow_core::origin::AddressError;
use restow_core::{message_error, message_methods};
use restow_lcp::RootError;

use crate::license::LicenseError;
use crate::texts::TEXTS;

pub use authority::AuthorityError;
pub use home::HomeError;
pub use import::ImportError;
pub use lcp_provider::{ProviderError, RejectedLink, RejectedUpdate};
pub use put_back::{ConflictKind, DownloadError, PutBackError, PutBackWarning};
pub use restorer::RestorerError;
pub use service::ServiceError;
pub use store::StoreError;
pub use usage::{ContentRef, UseDenied};

message_error! {
    /// Any error of this library.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum Error in TEXTS {
        /// Error of the home and its key files.
        Home(error: HomeError) = transparent,
        /// Error of the license store.
        Store(error: StoreError) = transparent,
        /// Error of a license document.
        License(error: LicenseError) = transparent,
        /// Error of a file or document that is not imported.
        Import(error: ImportError) = transparent,
        /// Error of a certificate for the lists of trusted and distrusted roots.
        Root(error: RootError) = transparent,
        /// Error of the download of a known certificate.
        Authority(error: AuthorityError) = transparent,
        /// Error of a License Management Service.
        Service(error: ServiceError) = transparent,
        /// Error of a provider of LCP licenses.
        Provider(error: ProviderError) = transparent,
        /// Reason that denies the use of a license.
        UseDenied(error: UseDenied) = transparent,
        /// Error of a whole backup or restore.
        Restorer(error: RestorerError) = transparent,
        /// Error of a backup location and its content.
        Backup(error: BackupError) = transparent,
        /// Error of a license that is put back into a publication.
        PutBack(error: PutBackError) = transparent,
        /// Another operation of this home is running, in this process or in another one.
        Busy = "busy",
        /// The caller cancelled the operation.
        Cancelled = "cancelled",
        /// A file or folder of the user cannot be read.
        File {
            /// File or folder.
            path: PathBuf,
            /// Cause.
            source: io::Error,
        } = "file-unreadable",
        /// A file or folder of the user cannot be written.
        Unwritable {
            /// File or folder.
            path: PathBuf,
            /// Cause.
            source: io::Error,
        } = "file-unwritable",
        /// Folders are nested deeper than this number, so that a walk skipped some.
        TooDeep(limit: usize) = "too-deep",
    }
}

impl Error {
    /// Returns a function that turns the cause into the error for an unreadable file or folder.
    pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |source| Self::File { path: path.to_owned(), source }
    }

    /// Returns the Windows result code.
    #[must_use]
    pub fn hresult(&self) -> Hresult {
        match self {
            // The results of these errors depend on more than the code.
            Self::Provider(error) => error.hresult(),
            Self::UseDenied(error) => error.hresult(),
            Self::Restorer(error) => error.hresult(),
            Self::File { source, .. } | Self::Unwritable { source, .. } => match source.kind() {
                ErrorKind::NotFound
                | ErrorKind::NotADirectory
                | ErrorKind::InvalidFilename
                | ErrorKind::InvalidInput => Hresult::NS_E_INVALID_NAME,
                ErrorKind::PermissionDenied => Hresult::E_ACCESSDENIED,
                _ => Hresult::E_FAIL,
            },
            _ => Hresult::from_code(self.code()),
        }
    }
}

message_methods!(Error, help);

impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        Self::Service(error.into())
    }
}

#[cfg(test)]
mod tests {
    use restow_core::message::Message;

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
