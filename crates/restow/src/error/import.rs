//! Reasons why a file or document is not imported.

use restow_core::message::Message;
use restow_core::{message_error, message_methods};
use restow_media::Warning;

use crate::texts::TEXTS;

/// Reason why a file or document is not imported, though it may be sound.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ImportError {
    /// Another document of the license with a stronger signature is stored.
    StrongerStored,
    /// The publication has no license.
    NoLicenseInPublication,
    /// The archive has no license.
    NoLicenseInArchive,
    /// A publication, an archive or an entry is damaged.
    UnreadablePackage(Warning),
    /// An archive or an entry must be unpacked first.
    UnpackRequired(Warning),
    /// The archive is of an unsupported kind.
    UnsupportedArchive,
}

impl ImportError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::StrongerStored => "license-better-here",
            Self::NoLicenseInPublication => "license-none-inside",
            Self::NoLicenseInArchive => "license-none-in-archive",
            Self::UnreadablePackage(_) => "license-package",
            Self::UnpackRequired(_) => "license-unpack-first",
            Self::UnsupportedArchive => "license-other-archive",
        }
    }
}

impl From<&ImportError> for Message {
    fn from(error: &ImportError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            ImportError::UnreadablePackage(warning) | ImportError::UnpackRequired(warning) => {
                message.with_cause(warning)
            }
            ImportError::StrongerStored
            | ImportError::NoLicenseInPublication
            | ImportError::NoLicenseInArchive
            | ImportError::UnsupportedArchive => message,
        }
    }
}

message_error!(ImportError);
message_methods!(ImportError);
