//! Errors of a home and its key files.

use std::io;
use std::path::{Path, PathBuf};

use restow_core::hresult::Hresult;
use restow_core::message::Note;

/// Error of a home or its key files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The system has no folder for application data.
    #[error("this system names no folder for application data")]
    NoFolder,
    /// A file or folder of the home cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// Underlying error.
        source: io::Error,
    },
    /// A key file is damaged.
    #[error("{}: the key file is damaged", .0.display())]
    DamagedKey(PathBuf),
    /// A trusted or distrusted certificate is damaged.
    #[error("{}: the certificate is damaged", .0.display())]
    DamagedRoot(PathBuf),
    /// The settings are malformed.
    #[error("{}: {why}", path.display())]
    Settings {
        /// Path of the settings.
        path: PathBuf,
        /// Reason of the failure.
        why: String,
    },
    /// The home belongs to another machine.
    #[error("{}: these licenses belong to another machine", .0.display())]
    OtherMachine(PathBuf),
    /// The random source of the system failed.
    #[error("the system's random source failed")]
    Random,
}

impl HomeError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoFolder => "home-no-folder",
            Self::Io { .. } => "home-unusable",
            Self::DamagedKey(_) => "home-key-damaged",
            Self::DamagedRoot(_) => "home-root-damaged",
            Self::Settings { .. } => "home-settings",
            Self::OtherMachine(_) => "other-machine",
            Self::Random => "no-randomness",
        }
    }

    /// Returns the Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::OtherMachine(_) => Hresult::NS_E_DRM_INVALID_MACHINE,
            Self::Settings { .. } => Hresult::NS_E_DRM_NOT_CONFIGURED,
            Self::NoFolder | Self::Io { .. } | Self::DamagedKey(_) | Self::DamagedRoot(_) => {
                Hresult::NS_E_DRM_LICENSE_STORE_ERROR
            }
            Self::Random => Hresult::E_FAIL,
        }
    }

    /// Returns the advice for the user.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoFolder => "Name a folder with --home DIR or RESTOW_HOME.",
            Self::Io { .. } => "Check that the folder exists and belongs to you.",
            Self::Settings { .. } => r#"It may say {"passphrase_file": "PATH"}, or be taken away."#,
            Self::DamagedKey(_) => {
                "Move the home away and restore your licenses from a backup: restow restore LOCATION."
            }
            Self::DamagedRoot(_) => "Take the file away, and add the certificate again: restow roots add FILE.",
            Self::OtherMachine(_) => {
                "Do not copy the home: back up here and restore on the new machine instead (restow backup, restow restore)."
            }
            Self::Random => "Try again; if it persists, the system needs attention.",
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

impl From<&HomeError> for Note {
    fn from(error: &HomeError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            HomeError::Io { path, source } => note.with("path", path.display()).because(source),
            HomeError::DamagedKey(path) | HomeError::DamagedRoot(path) | HomeError::OtherMachine(path) => {
                note.with("path", path.display())
            }
            HomeError::Settings { path, why } => note.with("path", path.display()).with("text", why),
            HomeError::NoFolder | HomeError::Random => note,
        }
    }
}
