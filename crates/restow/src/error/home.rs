//! Errors of a home and its key files.

use std::io;
use std::path::{Path, PathBuf};

use restow_core::message::Message;
use restow_core::{message_error, message_methods};

use crate::texts::TEXTS;

/// Error of a home or its key files.
#[derive(Debug)]
#[non_exhaustive]
pub enum HomeError {
    /// The system has no folder for application data.
    NoFolder,
    /// A file or folder of the home cannot be used.
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// Underlying error.
        source: io::Error,
    },
    /// A key file is damaged.
    DamagedKey(PathBuf),
    /// A trusted or distrusted certificate is damaged.
    DamagedRoot(PathBuf),
    /// The settings are malformed.
    Settings {
        /// Path of the settings.
        path: PathBuf,
        /// Reason of the failure.
        why: String,
    },
    /// The home belongs to another machine.
    OtherMachine(PathBuf),
    /// The random source of the system failed.
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

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

impl From<&HomeError> for Message {
    fn from(error: &HomeError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            HomeError::Io { path, source } => message.with("path", path.display()).with_cause(source),
            HomeError::DamagedKey(path) | HomeError::DamagedRoot(path) | HomeError::OtherMachine(path) => {
                message.with("path", path.display())
            }
            HomeError::Settings { path, why } => message.with("path", path.display()).with("text", why),
            HomeError::NoFolder | HomeError::Random => message,
        }
    }
}

message_error!(HomeError {
    Self::Io { source, .. } => source,
});
message_methods!(HomeError);
