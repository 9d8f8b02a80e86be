//! Reasons that deny the use of a right.

use std::path::PathBuf;

use restow_core::hresult::Hresult;
use restow_core::message::{Message, MessageValue};
use restow_core::protocol::Outcome;
use restow_core::time::{UnixTime, rfc3339};
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

impl MessageValue for ContentRef {
    fn add_to(&self, message: Message, _: &'static str) -> Message {
        match self {
            Self::Key(key_id) => message.with("subject", "key").with("name", key_id),
            Self::Title(title) => message.with("subject", "title").with("name", title),
        }
    }
}

message_error! {
    /// Reason why a right cannot be used.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum UseDenied in TEXTS {
        /// No license is stored.
        NoLicense(content: ContentRef) = "no-license",
        /// No license grants the right.
        NotGranted {
            /// Content to be used.
            content: ContentRef,
            /// Requested right.
            right: Right,
        } = "not-granted",
        /// All uses are used up.
        UsedUp {
            /// Content to be used.
            content: ContentRef,
            /// Requested right.
            right: Right,
        } = "used-up",
        /// The license starts later.
        NotYetValid {
            /// Content to be used.
            content: ContentRef,
            /// Start of the license.
            from: UnixTime as time = rfc3339(*from),
            /// True if the license has started by the clock of this computer, and its service has not confirmed that.
            needs_service: bool as next = if *needs_service { "service" } else { "wait" },
        } = "not-yet-valid",
        /// The license has expired.
        Expired {
            /// Content to be used.
            content: ContentRef,
            /// End of the license.
            since: UnixTime as time = rfc3339(*since),
        } = "expired",
        /// The license states its dates or this right in a form that cannot be read.
        Unknown {
            /// Content to be used.
            content: ContentRef,
            /// Requested right.
            right: Right,
        } = "right-unknown",
        /// The issuer revoked the license.
        Revoked {
            /// Content to be used.
            content: ContentRef,
            /// Reason given by the issuer.
            reason: String,
        } = "revoked",
        /// The provider ended the license.
        EndedByProvider {
            /// Content to be used.
            content: ContentRef,
            /// Outcome reported by the provider.
            outcome: Outcome,
        } = "license-ended",
        /// The embedded license of a publication is not imported.
        NotImported {
            /// Content to be used.
            content: ContentRef,
            /// Path of the publication.
            path: PathBuf,
        } = "not-imported",
        /// The embedded license of a publication cannot be read.
        EmbeddedDamaged(content: ContentRef) = "license-inside-broken",
        /// The signature of an LCP license is not valid, so that readers refuse the license and its rights are
        /// unproven.
        InvalidSignature {
            /// Content to be used.
            content: ContentRef,
            /// Result of the signature check.
            why: InvalidSignature as source,
        } = "license-not-valid",
        /// The service has not granted the license to this computer, or refused.
        NotGrantedHere {
            /// Content to be used.
            content: ContentRef,
            /// Stored status of the license.
            status: LicenseStatus as _,
        } = "not-here",
        /// The limit of unreported uses is reached.
        ReportRequired {
            /// Content to be used.
            content: ContentRef,
            /// Number of unreported uses.
            count: u64,
        } = "report-first",
    }
}

impl UseDenied {
    /// Returns the Windows result code.
    #[must_use]
    pub fn hresult(&self) -> Hresult {
        match self {
            Self::EndedByProvider { outcome, .. } => outcome.hresult(),
            _ => Hresult::from_code(self.code()),
        }
    }
}

message_methods!(UseDenied, help);
