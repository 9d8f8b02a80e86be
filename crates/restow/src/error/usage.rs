//! Reasons that deny the use of a right.

use std::fmt;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::protocol::Outcome;
use restow_core::time::UnixTime;
use restow_lcp::InvalidSignature;
use restow_media::KeyId;

use crate::license::{LicenseStatus, Right};

/// Content to be used.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ContentRef {
    /// Content of a key ID.
    Key(KeyId),
    /// Title of a publication or of the content of a license.
    Title(String),
}

impl ContentRef {
    /// Returns the fixed name of the variant in messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Title(_) => "title",
        }
    }

    /// Returns the key ID or the title.
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

/// Reason why a right cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UseDenied {
    /// No license is stored.
    #[error("there is no license for {0} here")]
    NoLicense(ContentRef),
    /// No license grants the right.
    #[error("no license for {content} allows {right}")]
    NotGranted {
        /// Content to be used.
        content: ContentRef,
        /// Requested right.
        right: Right,
    },
    /// All uses are used up.
    #[error("all uses of {right} for {content} are used up")]
    UsedUp {
        /// Content to be used.
        content: ContentRef,
        /// Requested right.
        right: Right,
    },
    /// The license starts later.
    #[error("the license for {content} is valid only from {}", restow_core::time::rfc3339(*.from))]
    NotYetValid {
        /// Content to be used.
        content: ContentRef,
        /// Start of the license.
        from: UnixTime,
    },
    /// The license has expired.
    #[error("the license for {content} expired {}", restow_core::time::rfc3339(*.since))]
    Expired {
        /// Content to be used.
        content: ContentRef,
        /// End of the license.
        since: UnixTime,
    },
    /// The issuer revoked the license.
    #[error("the license for {content} was revoked: {reason}")]
    Revoked {
        /// Content to be used.
        content: ContentRef,
        /// Reason given by the issuer.
        reason: String,
    },
    /// The provider ended the license.
    #[error("the license for {content} is good no more: it {} {}", if *.outcome == Outcome::Expired { "has" } else { "was" }, .outcome.as_str())]
    EndedByProvider {
        /// Content to be used.
        content: ContentRef,
        /// Outcome reported by the provider.
        outcome: Outcome,
    },
    /// The embedded license of a publication is not imported.
    #[error("the license inside {content} was not imported")]
    NotImported {
        /// Content to be used.
        content: ContentRef,
        /// Path of the publication.
        path: PathBuf,
    },
    /// The embedded license of a publication cannot be read.
    #[error("the license inside {0} cannot be read")]
    EmbeddedDamaged(ContentRef),
    /// The signature of an LCP license is not valid, so that readers refuse the license and its rights are unproven.
    #[error("the license for {content} is not valid: {why}")]
    InvalidSignature {
        /// Content to be used.
        content: ContentRef,
        /// Result of the signature check.
        why: InvalidSignature,
    },
    /// The service has not granted the license to this computer, or refused.
    #[error("the license for {content} is not granted to this computer ({})", .status.as_str())]
    NotGrantedHere {
        /// Content to be used.
        content: ContentRef,
        /// Stored status of the license.
        status: LicenseStatus,
    },
    /// The limit of unreported uses is reached.
    #[error("{count} uses for {content} were not reported yet, and the license allows no more")]
    ReportRequired {
        /// Content to be used.
        content: ContentRef,
        /// Number of unreported uses.
        count: u64,
    },
}

impl UseDenied {
    /// Returns the stable code.
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

    /// Returns the Windows result code.
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

    /// Returns the advice for the user.
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

/// Adds the content of a use to a message.
fn with_content(note: Note, content: &ContentRef) -> Note {
    note.with("subject", content.kind()).with("name", content.name())
}

impl From<&UseDenied> for Note {
    fn from(error: &UseDenied) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            UseDenied::NoLicense(content) | UseDenied::EmbeddedDamaged(content) => with_content(note, content),
            UseDenied::NotImported { content, path } => with_content(note, content).with("path", path.display()),
            UseDenied::NotGranted { content, right } | UseDenied::UsedUp { content, right } => {
                with_content(note, content).with("right", right)
            }
            UseDenied::NotYetValid { content, from: time } | UseDenied::Expired { content, since: time } => {
                with_content(note, content).at("time", *time)
            }
            UseDenied::Revoked { content, reason } => with_content(note, content).with("reason", reason),
            UseDenied::EndedByProvider { content, outcome } => {
                with_content(note, content).with("outcome", outcome.as_str())
            }
            UseDenied::InvalidSignature { content, why } => with_content(note, content).because(why),
            UseDenied::NotGrantedHere { content, .. } => with_content(note, content),
            UseDenied::ReportRequired { content, count } => with_content(note, content).with("count", count),
        }
    }
}
