//! Errors of using a license.

use std::fmt;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::protocol::Outcome;
use restow_core::time::UnixTime;
use restow_lcp::InvalidSignature;
use restow_media::KeyId;

use crate::license::{LicenseStatus, Right};

/// What is to be used.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Subject {
    /// The content under a key ID.
    Key(KeyId),
    /// What a person knows by its title: a publication, or what a license is for.
    Titled(String),
}

impl Subject {
    /// The fixed name in notes.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Titled(_) => "title",
        }
    }

    /// The key ID, or the title.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Key(key_id) => key_id.to_string(),
            Self::Titled(title) => title.clone(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key_id) => write!(f, "key ID {key_id}"),
            Self::Titled(title) => write!(f, "“{title}”"),
        }
    }
}

/// Why a right cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsageError {
    /// There is no license.
    #[error("there is no license for {0} here")]
    NoLicense(Subject),
    /// No license grants it.
    #[error("no license for {of} allows {right}")]
    NotGranted {
        /// What was to be used.
        of: Subject,
        /// What was asked.
        right: Right,
    },
    /// All uses are used.
    #[error("all uses of {right} for {of} are used up")]
    UsedUp {
        /// What was to be used.
        of: Subject,
        /// What was asked.
        right: Right,
    },
    /// Not valid yet.
    #[error("the license for {of} is valid only from {}", restow_core::time::rfc3339(*.from))]
    NotYet {
        /// What was to be used.
        of: Subject,
        /// Since when it will be.
        from: UnixTime,
    },
    /// Not valid any more.
    #[error("the license for {of} expired {}", restow_core::time::rfc3339(*.since))]
    Expired {
        /// What was to be used.
        of: Subject,
        /// Since when.
        since: UnixTime,
    },
    /// The issuer revoked it.
    #[error("the license for {of} was revoked: {reason}")]
    Revoked {
        /// What was to be used.
        of: Subject,
        /// What the issuer said.
        reason: String,
    },
    /// Its provider ended it.
    #[error("the license for {of} is good no more: it {} {}", if *.outcome == Outcome::Expired { "has" } else { "was" }, .outcome.as_str())]
    Ended {
        /// What was to be used.
        of: Subject,
        /// What its provider said.
        outcome: Outcome,
    },
    /// The license lies inside a publication, and was not imported.
    #[error("the license inside {of} was not imported")]
    NotImported {
        /// What was to be used.
        of: Subject,
        /// Where it is.
        path: PathBuf,
    },
    /// The license lies inside a publication, and cannot be read.
    #[error("the license inside {0} cannot be read")]
    BrokenInside(Subject),
    /// The signature of a portable license proves nothing: readers refuse it, and what it says of rights is nobody's word.
    #[error("the license for {of} is not valid: {why}")]
    NotValid {
        /// What was to be used.
        of: Subject,
        /// What is wrong.
        why: InvalidSignature,
    },
    /// Its service did not grant it to this computer yet, or refused.
    #[error("the license for {of} is not granted to this computer ({})", .status.as_str())]
    NotHere {
        /// What was to be used.
        of: Subject,
        /// What became of it.
        status: LicenseStatus,
    },
    /// More uses would stay unreported than the license allows.
    #[error("{count} uses for {of} were not reported yet, and the license allows no more")]
    ReportFirst {
        /// What was to be used.
        of: Subject,
        /// How many.
        count: u64,
    },
}

impl UsageError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoLicense(_) => "no-license",
            Self::NotGranted { .. } => "not-granted",
            Self::UsedUp { .. } => "used-up",
            Self::NotYet { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::Ended { .. } => "license-ended",
            Self::NotImported { .. } => "not-imported",
            Self::BrokenInside(_) => "license-inside-broken",
            Self::NotValid { .. } => "license-not-valid",
            Self::NotHere { .. } => "not-here",
            Self::ReportFirst { .. } => "report-first",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::NoLicense(_) => Hresult::NS_E_DRM_LICENSE_NOTACQUIRED,
            Self::NotGranted { .. } | Self::UsedUp { .. } | Self::ReportFirst { .. } => Hresult::NS_E_DRM_NO_RIGHTS,
            Self::NotYet { .. } => Hresult::NS_E_DRM_LICENSE_NOTENABLED,
            Self::Expired { .. } => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            Self::Revoked { .. } | Self::NotValid { .. } => Hresult::NS_E_DRM_LICENSE_UNUSABLE,
            Self::Ended { outcome, .. } => outcome.hresult(),
            Self::NotImported { .. } | Self::BrokenInside(_) | Self::NotHere { .. } => {
                Hresult::NS_E_DRM_LICENSE_NOTACQUIRED
            }
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoLicense(_) => {
                "Get the license from where you got the file, or restore it: restow restore LOCATION."
            }
            Self::NotGranted { .. }
            | Self::UsedUp { .. }
            | Self::Expired { .. }
            | Self::Revoked { .. }
            | Self::Ended { .. } => "Ask the shop or library the file is from.",
            Self::NotImported { .. } => "Import it: restow import FILE.",
            Self::NotValid { .. } => "Get the license again from where it came from.",
            Self::BrokenInside(_) => "Get the publication again from where it came from, or its license.",
            Self::NotYet { .. } => "Wait; if the date here is wrong, set the clock.",
            Self::NotHere { .. } => "Restore it: restow restore LOCATION.",
            Self::ReportFirst { .. } => "Connect to the network and try again.",
        }
    }
}

/// Adds the subject of a use to a message.
fn about(note: Note, of: &Subject) -> Note {
    note.with("subject", of.kind()).with("name", of.name())
}

impl From<&UsageError> for Note {
    fn from(error: &UsageError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            UsageError::NoLicense(of) | UsageError::BrokenInside(of) => about(note, of),
            UsageError::NotImported { of, path } => about(note, of).with("path", path.display()),
            UsageError::NotGranted { of, right } | UsageError::UsedUp { of, right } => {
                about(note, of).with("right", right)
            }
            UsageError::NotYet { of, from: time } | UsageError::Expired { of, since: time } => {
                about(note, of).at("time", *time)
            }
            UsageError::Revoked { of, reason } => about(note, of).with("reason", reason),
            UsageError::Ended { of, outcome } => about(note, of).with("outcome", outcome.as_str()),
            UsageError::NotValid { of, why } => about(note, of).because(why),
            UsageError::NotHere { of, .. } => about(note, of),
            UsageError::ReportFirst { of, count } => about(note, of).with("count", count),
        }
    }
}
