//! Reasons that deny the use of a right.

use std::fmt;
use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::protocol::Outcome;
use restow_core::time::UnixTime;
use restow_core::{message_error, message_methods};
use restow_lcp::InvalidSignature;
use restow_media::KeyId;

use crate::license::{LicenseStatus, Right};
use crate::texts::TEXTS;

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
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum UseDenied {
    /// No license is stored.
    NoLicense(ContentRef),
    /// No license grants the right.
    NotGranted {
        /// Content to be used.
        content: ContentRef,
        /// Requested right.
        right: Right,
    },
    /// All uses are used up.
    UsedUp {
        /// Content to be used.
        content: ContentRef,
        /// Requested right.
        right: Right,
    },
    /// The license starts later.
    NotYetValid {
        /// Content to be used.
        content: ContentRef,
        /// Start of the license.
        from: UnixTime,
    },
    /// The license has expired.
    Expired {
        /// Content to be used.
        content: ContentRef,
        /// End of the license.
        since: UnixTime,
    },
    /// The issuer revoked the license.
    Revoked {
        /// Content to be used.
        content: ContentRef,
        /// Reason given by the issuer.
        reason: String,
    },
    /// The provider ended the license.
    EndedByProvider {
        /// Content to be used.
        content: ContentRef,
        /// Outcome reported by the provider.
        outcome: Outcome,
    },
    /// The embedded license of a publication is not imported.
    NotImported {
        /// Content to be used.
        content: ContentRef,
        /// Path of the publication.
        path: PathBuf,
    },
    /// The embedded license of a publication cannot be read.
    EmbeddedDamaged(ContentRef),
    /// The signature of an LCP license is not valid, so that readers refuse the license and its rights are unproven.
    InvalidSignature {
        /// Content to be used.
        content: ContentRef,
        /// Result of the signature check.
        why: InvalidSignature,
    },
    /// The service has not granted the license to this computer, or refused.
    NotGrantedHere {
        /// Content to be used.
        content: ContentRef,
        /// Stored status of the license.
        status: LicenseStatus,
    },
    /// The limit of unreported uses is reached.
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
    pub fn hresult(&self) -> Hresult {
        match self {
            Self::EndedByProvider { outcome, .. } => outcome.hresult(),
            _ => Hresult::from_code(self.code()),
        }
    }
}

/// Adds the content of a use to a message.
fn with_content(message: Message, content: &ContentRef) -> Message {
    message.with("subject", content.kind()).with("name", content.name())
}

impl From<&UseDenied> for Message {
    fn from(error: &UseDenied) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            UseDenied::NoLicense(content) | UseDenied::EmbeddedDamaged(content) => with_content(message, content),
            UseDenied::NotImported { content, path } => with_content(message, content).with("path", path.display()),
            UseDenied::NotGranted { content, right } | UseDenied::UsedUp { content, right } => {
                with_content(message, content).with("right", right)
            }
            UseDenied::NotYetValid { content, from: time } | UseDenied::Expired { content, since: time } => {
                with_content(message, content).with_time("time", *time)
            }
            UseDenied::Revoked { content, reason } => with_content(message, content).with("reason", reason),
            UseDenied::EndedByProvider { content, outcome } => {
                with_content(message, content).with("outcome", outcome.as_str())
            }
            UseDenied::InvalidSignature { content, why } => with_content(message, content).with_cause(why),
            UseDenied::NotGrantedHere { content, .. } => with_content(message, content),
            UseDenied::ReportRequired { content, count } => with_content(message, content).with("count", count),
        }
    }
}

message_error!(UseDenied {
    Self::InvalidSignature { why, .. } => why,
});
message_methods!(UseDenied, help);
