//! Reasons why a file or document is not imported.

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_media::Warning;

/// Reason why a file or document is not imported, though it may be sound.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Another document of the license with a stronger signature is stored.
    #[error("another document of this license is here, whose signature is worth more")]
    StrongerStored,
    /// The publication has no license.
    #[error("there is no license in it; it may have been delivered apart, as a .lcpl file")]
    NoLicenseInPublication,
    /// The archive has no license.
    #[error("there is no license in this archive, nor in what lies in it")]
    NoLicenseInArchive,
    /// A publication, an archive or an entry is damaged.
    #[error("it cannot be looked into: {0}")]
    UnreadablePackage(Warning),
    /// An archive or an entry must be unpacked first.
    #[error("it must be unpacked first: {0}")]
    UnpackRequired(Warning),
    /// The archive is of an unsupported kind.
    #[error("archives of this kind are not read: it must be unpacked first")]
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

    /// Returns the Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        Hresult::NS_E_DRM_INVALID_LICENSE
    }

    /// Returns the next action for the user.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::StrongerStored => {
                "If you trust its provider, add the root first: restow roots add CERTIFICATE. To have it in any case, forget the one that is here: restow forget LICENSE."
            }
            Self::NoLicenseInPublication => "If a .lcpl file came with the publication, import that.",
            Self::NoLicenseInArchive => {
                "Import the license documents, books or archives that you got your licenses in."
            }
            Self::UnreadablePackage(_) => "Get it again from where it came from.",
            Self::UnpackRequired(_) | Self::UnsupportedArchive => {
                "Unpack it, and import the folder it was unpacked into."
            }
        }
    }
}

impl From<&ImportError> for Note {
    fn from(error: &ImportError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            ImportError::UnreadablePackage(warning) | ImportError::UnpackRequired(warning) => note.because(warning),
            ImportError::StrongerStored
            | ImportError::NoLicenseInPublication
            | ImportError::NoLicenseInArchive
            | ImportError::UnsupportedArchive => note,
        }
    }
}
