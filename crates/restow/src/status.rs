//! Events and report of a run, with the names and numbers of the Windows Media Format SDK.

use std::fmt;

use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::protocol::Outcome;
use restow_media::KeyId;

use crate::error::RestorerError;
use crate::license::{LicenseIdentity, Restriction};

/// Event of a backup or restore. [`End`](Self::End) is sent exactly once, as the last event.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Status {
    /// Reading and writing begins.
    Begin,
    /// A license may not be backed up.
    RestrictedLicense(RestrictedLicense),
    /// The run needs a service, and the user did not consent to register this computer there. Nothing was sent.
    NeedsIndividualization {
        /// Name of the service.
        service: String,
        /// Scheme, host and port.
        origin: String,
        /// Thumbprint of the root key, to be compared by the user.
        issuer: String,
    },
    /// A service is being contacted.
    Connecting {
        /// Name of the service.
        service: String,
    },
    /// The service refused, and a page explains the refusal. The application shows the page.
    ErrorWithUrl {
        /// Name of the service.
        service: String,
        /// Page at the origin of the service, by https or on this computer.
        url: String,
        /// Result code of the refusal.
        result: Hresult,
    },
    /// The contact with a service is over, with or without success.
    Disconnecting {
        /// Name of the service.
        service: String,
    },
    /// The user did not consent to ask this LCP provider for the status of licenses. The licenses are restored without
    /// the provider. Sent once for each provider, before [`End`](Self::End).
    NeedsProviderConsent {
        /// Name of the provider from the certificate of its licenses, if the certificate has one.
        provider: Option<String>,
        /// Scheme, host and port: the value for [`Restore::ask_providers`](crate::restorer::Restore::ask_providers).
        origin: String,
    },
    /// Progress: at most ten events a second, and none before [`Begin`](Self::Begin).
    Progress {
        /// Licenses done.
        done: u64,
        /// Licenses in all.
        total: u64,
    },
    /// The run has ended.
    End(Box<Report>),
}

impl Status {
    /// Returns the number in the SDK's `WMT_STATUS`; `None` for events that the SDK does not have.
    #[must_use]
    pub const fn code(&self) -> Option<u32> {
        self.code_and_name().0
    }

    /// Returns the name in output.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.code_and_name().1
    }

    const fn code_and_name(&self) -> (Option<u32>, &'static str) {
        match self {
            Self::Begin => (Some(21), "BACKUPRESTORE_BEGIN"),
            Self::NeedsIndividualization { .. } => (Some(25), "NEEDS_INDIVIDUALIZATION"),
            Self::End(_) => (Some(27), "BACKUPRESTORE_END"),
            Self::Connecting { .. } => (Some(28), "BACKUPRESTORE_CONNECTING"),
            Self::Disconnecting { .. } => (Some(29), "BACKUPRESTORE_DISCONNECTING"),
            Self::ErrorWithUrl { .. } => (Some(30), "ERROR_WITHURL"),
            Self::RestrictedLicense(_) => (Some(31), "RESTRICTED_LICENSE"),
            Self::NeedsProviderConsent { .. } => (None, "NEEDS_PROVIDER_CONSENT"),
            Self::Progress { .. } => (None, "PROGRESS"),
        }
    }

    /// Returns the result code of the event.
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

/// License that is not backed up.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RestrictedLicense {
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// First key ID.
    pub key_id: Option<KeyId>,
    /// Titles of its files, else its own title; empty if none is known.
    pub titles: Vec<String>,
    /// Reason against a backup.
    pub reason: Restriction,
}

/// Counts of a run.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// Licenses that the new generation holds, written by it or by an earlier one, also those that this computer does
    /// not have.
    pub backed_up: u64,
    /// Licenses of `backed_up` that this computer does not have. Earlier backups wrote them.
    pub carried: u64,
    /// Licenses that may not be backed up.
    pub restricted: u64,
    /// Restored licenses.
    pub restored: u64,
    /// Licenses that were already stored.
    pub already_here: u64,
    /// Refused licenses.
    pub refused: u64,
    /// Licenses that wait for the answer of their service.
    pub pending: u64,
    /// Licenses that are damaged or not certified in the backup, and not stored in this version or a newer one. Of a
    /// backup, at most this number.
    pub damaged: u64,
}

/// License that a report names.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NamedLicense {
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// Titles of the license; empty if none is known.
    pub titles: Vec<String>,
}

/// Licenses that a report names: the first 1,000, and the number of all.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct NamedLicenses {
    /// Number of licenses.
    pub count: u64,
    /// First licenses.
    pub first: Vec<NamedLicense>,
}

impl NamedLicenses {
    /// Adds a license.
    pub(crate) fn push(&mut self, license: NamedLicense) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < MAX_NAMED {
            self.first.push(license);
        }
    }
}

/// Maximum number of licenses that a report names.
const MAX_NAMED: usize = 1_000;

/// License that was not restored.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NotRestored {
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// Titles of the license.
    pub titles: Vec<String>,
    /// Reason against the restore.
    pub reason: NotRestoredReason,
}

/// Reason why a license was not restored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum NotRestoredReason {
    /// The service, or a statement of the issuer, refuses the license.
    Refused(Outcome),
    /// The license belongs to another holder, and taking it over was not requested.
    NeedsAdopt,
    /// The service rejects the restore key of the set, because it was withdrawn.
    RestoreKeyWithdrawn,
    /// The service rejects this computer, because too many are registered or were registered lately.
    TooManyComputers,
    /// The service rejects this computer.
    NotAllowed,
    /// This computer must be registered first, and the user did not consent.
    NeedsIndividualization,
    /// The service has a private address that was not added manually.
    PrivateAddress,
    /// The home was copied from another machine.
    OtherMachine,
    /// The service is unreachable or gave invalid answers.
    Unavailable,
    /// The license is damaged in the backup, or its holder is not certified.
    Damaged,
}

impl fmt::Display for NotRestoredReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code_and_text() {
            (code, "refused") => write!(f, "refused ({code})"),
            (_, text) => f.write_str(text),
        }
    }
}

impl NotRestoredReason {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code_and_text().0
    }

    const fn code_and_text(self) -> (&'static str, &'static str) {
        match self {
            Self::Refused(outcome) => (outcome.as_str(), "refused"),
            Self::NeedsAdopt => ("needs_adopt", "another person's"),
            Self::RestoreKeyWithdrawn => ("restore_key_withdrawn", "the restore key of this backup was withdrawn"),
            Self::TooManyComputers => ("too_many_computers", "too many computers are registered"),
            Self::NotAllowed => ("not_allowed", "the service does not let this computer in"),
            Self::NeedsIndividualization => ("needs_individualization", "this computer must be registered first"),
            Self::PrivateAddress => ("private_address", "the service's address must be added by hand"),
            Self::OtherMachine => ("other_machine", "this home belongs to another machine"),
            Self::Unavailable => ("service_unavailable", "its service must still be asked"),
            Self::Damaged => ("damaged", "damaged in the backup"),
        }
    }

    /// Returns the outcome that counts for a refusal; `None` if the license is pending or damaged.
    #[must_use]
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Refused(outcome) => Some(outcome),
            Self::NeedsAdopt | Self::RestoreKeyWithdrawn | Self::NotAllowed => Some(Outcome::NotYours),
            Self::TooManyComputers => Some(Outcome::Limit),
            _ => None,
        }
    }

    /// Returns the fixed name in output: the outcome, `pending` or `damaged`.
    #[must_use]
    pub const fn category(self) -> &'static str {
        match (self, self.outcome()) {
            (_, Some(outcome)) => outcome.as_str(),
            (Self::Damaged, None) => "damaged",
            _ => "pending",
        }
    }
}

/// Reason of an incomplete result, for applications that handle some reasons in their own way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum FailureReason {
    /// The location has no set, generation or license with the requested properties.
    NoMatch,
    /// The service is at a private address that the user did not add.
    PrivateAddress,
    /// Any other reason.
    Other,
}

/// Report at the end of a run.
#[derive(Clone, PartialEq, Default, Debug)]
#[non_exhaustive]
pub struct Report {
    /// Result code of the run.
    pub result: Hresult,
    /// Message of the error or of the incomplete result. `None` after complete success.
    pub error: Option<Message>,
    /// Reason behind `error`. `None` after complete success.
    pub reason: Option<FailureReason>,
    /// Counts of the run.
    pub summary: Summary,
    /// Licenses that were not restored, at most 1,000. Of a backup, licenses that are damaged in the set and not on
    /// this computer.
    pub not_restored: Vec<NotRestored>,
    /// Licenses that were damaged in the set, and that the backup wrote again.
    pub rewritten: NamedLicenses,
    /// Licenses of this computer that the drive does not return as they were written.
    pub unreadable: NamedLicenses,
    /// Licenses that the user removed from the set, and that a backup therefore leaves out.
    pub left_out: NamedLicenses,
    /// Damage and other problems that did not end the run.
    pub warnings: Vec<Message>,
    /// Titles of restored licenses without a file in the catalog.
    pub without_file: Vec<String>,
    /// Names of services that no longer list this computer, as far as this home knows.
    pub unregistered: Vec<String>,
    /// Number of the generation that the run wrote.
    pub generation: Option<u64>,
}

impl Report {
    /// Creates the report of a run with this result.
    #[must_use]
    pub(crate) fn new(result: Hresult) -> Self {
        Self { result, ..Self::default() }
    }

    /// Creates the report of a run that an error ended.
    #[must_use]
    pub(crate) fn failed(error: &crate::Error) -> Self {
        let reason = match error {
            crate::Error::Restorer(
                RestorerError::NoSuchSet { .. } | RestorerError::SeveralSets(_) | RestorerError::NoSuchLicense(_),
            ) => FailureReason::NoMatch,
            _ => FailureReason::Other,
        };
        Self { error: Some(error.into()), reason: Some(reason), ..Self::new(error.hresult()) }
    }

    /// Returns the stable code of the error, or `None` after complete success.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.error.as_ref().map(|message| message.code)
    }

    /// Returns true if the run did all that was allowed.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.result.is_ok()
    }
}
