//! What a run tells while it works, in the words and numbers of the Windows Media Format SDK, and what it reports.

use std::fmt;

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::protocol::Outcome;
use restow_media::KeyId;

use crate::license::{LicenseIdentity, Restriction};

/// One step of a backup or restore. [`End`](Self::End) comes exactly once, and last.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Status {
    /// Reading and writing begins.
    Begin,
    /// A license may not be backed up.
    RestrictedLicense(RestrictedLicense),
    /// A service must be asked, and the user did not consent to register this computer there. Nothing was sent.
    NeedsIndividualization {
        /// The service's name.
        service: String,
        /// Where it is: scheme, host and port.
        origin: String,
        /// Thumbprint of its root: the fingerprint to compare.
        issuer: String,
    },
    /// A service is being contacted.
    Connecting {
        /// The service's name.
        service: String,
    },
    /// The service refused and has a page that says more; the application shows it.
    ErrorWithUrl {
        /// The service's name.
        service: String,
        /// The page: of the service's own origin, https or on this computer.
        url: String,
        /// Why it refused.
        result: Hresult,
    },
    /// The contact is over, well or not.
    Disconnecting {
        /// The service's name.
        service: String,
    },
    /// How far it is; at most ten a second, never before [`Begin`](Self::Begin).
    Progress {
        /// Licenses done.
        done: u64,
        /// Licenses in all.
        total: u64,
    },
    /// It is over.
    End(Box<Report>),
}

impl Status {
    /// The number in the SDK's `WMT_STATUS`; `None` for progress, which it does not know.
    #[must_use]
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::Begin => Some(21),
            Self::NeedsIndividualization { .. } => Some(25),
            Self::End(_) => Some(27),
            Self::Connecting { .. } => Some(28),
            Self::Disconnecting { .. } => Some(29),
            Self::ErrorWithUrl { .. } => Some(30),
            Self::RestrictedLicense(_) => Some(31),
            Self::Progress { .. } => None,
        }
    }

    /// The name in output.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Begin => "BACKUPRESTORE_BEGIN",
            Self::NeedsIndividualization { .. } => "NEEDS_INDIVIDUALIZATION",
            Self::End(_) => "BACKUPRESTORE_END",
            Self::Connecting { .. } => "BACKUPRESTORE_CONNECTING",
            Self::Disconnecting { .. } => "BACKUPRESTORE_DISCONNECTING",
            Self::ErrorWithUrl { .. } => "ERROR_WITHURL",
            Self::RestrictedLicense(_) => "RESTRICTED_LICENSE",
            Self::Progress { .. } => "PROGRESS",
        }
    }

    /// The result code that goes with it.
    #[must_use]
    pub fn result(&self) -> Hresult {
        match self {
            Self::NeedsIndividualization { .. } => Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
            Self::ErrorWithUrl { result, .. } => *result,
            Self::End(report) => report.result,
            _ => Hresult::S_OK,
        }
    }
}

/// A license that stays behind.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RestrictedLicense {
    /// What identifies it.
    pub identity: LicenseIdentity,
    /// Its (first) key ID.
    pub key_id: Option<KeyId>,
    /// What its files are called, else what it says itself; empty when nobody knows.
    pub titles: Vec<String>,
    /// Why.
    pub reason: Restriction,
}

/// Counts of a run.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// Licenses of the store that the new generation holds, whether it wrote them or one before it; what is only carried over
    /// is not counted.
    pub backed_up: u64,
    /// Licenses that may not be backed up.
    pub restricted: u64,
    /// Licenses that came.
    pub restored: u64,
    /// Licenses that were here already.
    pub already_here: u64,
    /// Licenses refused.
    pub refused: u64,
    /// Licenses whose service must still be asked.
    pub pending: u64,
    /// Licenses that are damaged in the backup, or not certified, and not here in this version or a newer one.
    pub damaged: u64,
}

/// What became of one license that did not come.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NotRestored {
    /// The license.
    pub identity: LicenseIdentity,
    /// What it is called.
    pub titles: Vec<String>,
    /// Why.
    pub why: NotRestoredReason,
}

/// Why a license did not come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum NotRestoredReason {
    /// Its service, or a statement of its issuer, says so of this license.
    Refused(Outcome),
    /// It is another holder's, and nobody asked to take them over.
    NeedsAdopt,
    /// The service does not let this computer in by the set's restore key: it was withdrawn.
    RestoreKeyWithdrawn,
    /// The service does not let this computer in: too many are registered, or came lately.
    TooManyComputers,
    /// The service does not let this computer in.
    NotAllowed,
    /// This computer must be registered first, and nobody consented.
    NeedsIndividualization,
    /// Its service is at a private address that nobody added by hand.
    PrivateAddress,
    /// The home was copied from another machine.
    OtherMachine,
    /// Its service is out of reach, or its answers were of no use.
    Unavailable,
    /// It is damaged in the backup, or it is not certified whose it is.
    Damaged,
}

impl fmt::Display for NotRestoredReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(outcome) => return write!(f, "refused ({})", outcome.as_str()),
            Self::NeedsAdopt => "another person's",
            Self::RestoreKeyWithdrawn => "the restore key of this backup was withdrawn",
            Self::TooManyComputers => "too many computers are registered",
            Self::NotAllowed => "the service does not let this computer in",
            Self::NeedsIndividualization => "this computer must be registered first",
            Self::PrivateAddress => "the service's address must be added by hand",
            Self::OtherMachine => "this home belongs to another machine",
            Self::Unavailable => "its service must still be asked",
            Self::Damaged => "damaged in the backup",
        })
    }
}

impl NotRestoredReason {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused(outcome) => outcome.as_str(),
            Self::NeedsAdopt => "needs_adopt",
            Self::RestoreKeyWithdrawn => "restore_key_withdrawn",
            Self::TooManyComputers => "too_many_computers",
            Self::NotAllowed => "not_allowed",
            Self::NeedsIndividualization => "needs_individualization",
            Self::PrivateAddress => "private_address",
            Self::OtherMachine => "other_machine",
            Self::Unavailable => "service_unavailable",
            Self::Damaged => "damaged",
        }
    }

    /// Under which of the fixed outcomes it is refused; `None` when it is pending or damaged.
    #[must_use]
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Refused(outcome) => Some(outcome),
            Self::NeedsAdopt | Self::RestoreKeyWithdrawn | Self::NotAllowed => Some(Outcome::NotYours),
            Self::TooManyComputers => Some(Outcome::Limit),
            _ => None,
        }
    }

    /// The fixed name in output: the outcome it is refused under, `pending` or `damaged`.
    #[must_use]
    pub const fn category(self) -> &'static str {
        match (self, self.outcome()) {
            (_, Some(outcome)) => outcome.as_str(),
            (Self::Damaged, None) => "damaged",
            _ => "pending",
        }
    }
}

/// What a run reports at its end.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The result code of the whole.
    pub result: Hresult,
    /// The stable code of the error, unless all went well.
    pub code: Option<&'static str>,
    /// The error in words, unless all went well.
    pub message: Option<String>,
    /// What to do next, unless all went well.
    pub help: Option<String>,
    /// The error in parts, where an error ended the run.
    pub error: Option<Note>,
    /// Counts.
    pub summary: Summary,
    /// Licenses that did not come, at most 1,000 of them.
    pub not_restored: Vec<NotRestored>,
    /// Damage and other things that went wrong without stopping the run.
    pub warnings: Vec<Note>,
    /// Restored licenses whose file the catalog does not know: titles.
    pub without_file: Vec<String>,
    /// The generation written.
    pub generation: Option<u64>,
}

impl Report {
    /// The report of a run that came to its end with this result.
    #[must_use]
    pub(crate) const fn new(result: Hresult) -> Self {
        Self {
            result,
            code: None,
            message: None,
            help: None,
            error: None,
            summary: Summary {
                backed_up: 0,
                restricted: 0,
                restored: 0,
                already_here: 0,
                refused: 0,
                pending: 0,
                damaged: 0,
            },
            not_restored: Vec::new(),
            warnings: Vec::new(),
            without_file: Vec::new(),
            generation: None,
        }
    }

    /// The report of a run that an error ended.
    #[must_use]
    pub(crate) fn failed(error: &crate::Error) -> Self {
        Self {
            code: Some(error.code()),
            message: Some(error.to_string()),
            help: Some(error.help()),
            error: Some(error.into()),
            ..Self::new(error.hresult())
        }
    }

    /// True when everything that may come came.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.result.is_ok()
    }
}
