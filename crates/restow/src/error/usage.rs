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
pub enum ContentRef {
    /// The content under a key ID.
    Key(KeyId),
    /// What a person knows by its title: a publication, or what a license is for.
    Title(String),
}

impl ContentRef {
    /// The fixed name in notes.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Title(_) => "title",
        }
    }

    /// The key ID, or the title.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Key(key_id) => key_id.to_string(),
            Self::Title(title) => title.clone(),
        }
    }
}

impl fmt::Display for ContentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key_id) => write!(f, "key ID {key_id}"),
            Self::Title(title) => write!(f, "“{title}”"),
        }
    }
}

/// Why a right cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UseDenied {
    /// There is no license.
    #[error("there is no license for {0} here")]
    NoLicense(ContentRef),
    /// No license grants it.
    #[error("no license for {of} allows {right}")]
    NotGranted {
        /// What was to be used.
        of: ContentRef,
        /// What was asked.
        right: Right,
    },
    /// All uses are used.
    #[error("all uses of {right} for {of} are used up")]
    UsedUp {
        /// What was to be used.
        of: ContentRef,
        /// What was asked.
        right: Right,
    },
    /// Not valid yet.
    #[error("the license for {of} is valid only from {}", restow_core::time::rfc3339(*.from))]
    NotYetValid {
        /// What was to be used.
        of: ContentRef,
        /// Since when it will be.
        from: UnixTime,
    },
    /// Not valid any more.
    #[error("the license for {of} expired {}", restow_core::time::rfc3339(*.since))]
    Expired {
        /// What was to be used.
        of: ContentRef,
        /// Since when.
        since: UnixTime,
    },
    /// The issuer revoked it.
    #[error("the license for {of} was revoked: {reason}")]
    Revoked {
        /// What was to be used.
        of: ContentRef,
        /// What the issuer said.
        reason: String,
    },
    /// Its provider ended it.
    #[error("the license for {of} is good no more: it {} {}", if *.outcome == Outcome::Expired { "has" } else { "was" }, .outcome.as_str())]
    EndedByProvider {
        /// What was to be used.
        of: ContentRef,
        /// What its provider said.
        outcome: Outcome,
    },
    /// The license lies inside a publication, and was not imported.
    #[error("the license inside {of} was not imported")]
    NotImported {
        /// What was to be used.
        of: ContentRef,
        /// Where it is.
        path: PathBuf,
    },
    /// The license lies inside a publication, and cannot be read.
    #[error("the license inside {0} cannot be read")]
    EmbeddedDamaged(ContentRef),
    /// The signature of a portable license proves nothing: readers refuse it, and what it says of rights is nobody's word.
    #[error("the license for {of} is not valid: {why}")]
    InvalidSignature {
        /// What was to be used.
        of: ContentRef,
        /// What is wrong.
        why: InvalidSignature,
    },
    /// Its service did not grant it to this computer yet, or refused.
    #[error("the license for {of} is not granted to this computer ({})", .status.as_str())]
    NotGrantedHere {
        /// What was to be used.
        of: ContentRef,
        /// What became of it.
        status: LicenseStatus,
    },
    /// More uses would stay unreported than the license allows.
    #[error("{count} uses for {of} were not reported yet, and the license allows no more")]
    ReportRequired {
        /// What was to be used.
        of: ContentRef,
        /// How many.
        count: u64,
    },
}

impl UseDenied {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoLicense(_) => "no-license",
            Self::NotGranted { .. } => "not-granted",
            Self::UsedUp { .. } => "used-up",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::EndedByProvider { .. } => "license-ended",
            Self::NotImported { .. } => "not-imported",
            Self::EmbeddedDamaged(_) => "license-inside-broken",
            Self::InvalidSignature { .. } => "license-not-valid",
            Self::NotGrantedHere { .. } => "not-here",
            Self::ReportRequired { .. } => "report-first",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        match self {
            Self::NoLicense(_) => Hresult::NS_E_DRM_LICENSE_NOTACQUIRED,
            Self::NotGranted { .. } | Self::UsedUp { .. } | Self::ReportRequired { .. } => Hresult::NS_E_DRM_NO_RIGHTS,
            Self::NotYetValid { .. } => Hresult::NS_E_DRM_LICENSE_NOTENABLED,
            Self::Expired { .. } => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            Self::Revoked { .. } | Self::InvalidSignature { .. } => Hresult::NS_E_DRM_LICENSE_UNUSABLE,
            Self::EndedByProvider { outcome, .. } => outcome.hresult(),
            Self::NotImported { .. } | Self::EmbeddedDamaged(_) | Self::NotGrantedHere { .. } => {
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
            | Self::EndedByProvider { .. } => "Ask the shop or library the file is from.",
            Self::NotImported { .. } => "Import it: restow import FILE.",
            Self::InvalidSignature { .. } => "Get the license again from where it came from.",
            Self::EmbeddedDamaged(_) => "Get the publication again from where it came from, or its license.",
            Self::NotYetValid { .. } => "Wait; if the date here is wrong, set the clock.",
            Self::NotGrantedHere { .. } => "Restore it: restow restore LOCATION.",
            Self::ReportRequired { .. } => "Connect to the network and try again.",
        }
    }
}

/// Adds the subject of a use to a message.
fn about(note: Note, of: &ContentRef) -> Note {
    note.with("subject", of.kind()).with("name", of.name())
}

impl From<&UseDenied> for Note {
    fn from(error: &UseDenied) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            UseDenied::NoLicense(of) | UseDenied::EmbeddedDamaged(of) => about(note, of),
            UseDenied::NotImported { of, path } => about(note, of).with("path", path.display()),
            UseDenied::NotGranted { of, right } | UseDenied::UsedUp { of, right } => {
                about(note, of).with("right", right)
            }
            UseDenied::NotYetValid { of, from: time } | UseDenied::Expired { of, since: time } => {
                about(note, of).at("time", *time)
            }
            UseDenied::Revoked { of, reason } => about(note, of).with("reason", reason),
            UseDenied::EndedByProvider { of, outcome } => about(note, of).with("outcome", outcome.as_str()),
            UseDenied::InvalidSignature { of, why } => about(note, of).because(why),
            UseDenied::NotGrantedHere { of, .. } => about(note, of),
            UseDenied::ReportRequired { of, count } => about(note, of).with("count", count),
        }
    }
}
