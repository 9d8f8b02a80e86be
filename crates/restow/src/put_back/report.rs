//! Events, questions and counts of a run.

use std::path::PathBuf;

use restow_core::message::Message;

use crate::error::{ConflictKind, Error, PutBackError};
use crate::{license::LicenseIdentity, license_state::LicenseState, service::Cancel};

/// Maximum length of a download that states no length, or that needs no question of its own.
pub(super) const MAX_UNASKED_BYTES: u64 = 4 << 30;

/// Result for a publication or a license file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Action {
    /// The license was written where none was.
    Written,
    /// The license replaced a document of the same license that is older or has a weaker signature.
    Refreshed,
    /// The same document, or an equivalent one, was present.
    AlreadyPresent,
    /// A document of the same license is present that is newer or has a stronger signature.
    BetterPresent,
    /// A different document of the same license is present, and neither document is better. The file is kept.
    Conflict,
    /// The publication was downloaded, and the license embedded in it.
    Downloaded,
}

impl Action {
    /// Returns the fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Refreshed => "refreshed",
            Self::AlreadyPresent => "already_there",
            Self::BetterPresent => "better_there",
            Self::Conflict => "disputed",
            Self::Downloaded => "fetched",
        }
    }
}

/// Event reported while licenses are put back.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PutBackEvent {
    /// The result for the license file of a license.
    Document {
        /// License of the file.
        license: LicenseRef,
        /// License file.
        path: PathBuf,
        /// Result.
        action: Action,
        /// Uncertainties about the changed file: see [`PutBackWarning`](super::PutBackWarning).
        warnings: Vec<Message>,
    },
    /// The result for a publication of a license.
    Publication {
        /// License of the publication.
        license: LicenseRef,
        /// Publication.
        path: PathBuf,
        /// Result.
        action: Action,
        /// Uncertainties about the changed file: see [`PutBackWarning`](super::PutBackWarning).
        warnings: Vec<Message>,
    },
    /// The download of a publication would need an answer of the user. Only a preview reports this.
    Offer(DownloadOffer),
    /// A file was not changed.
    Skipped {
        /// License for the file; `None` if unknown.
        license: Option<LicenseRef>,
        /// Publication, license file or folder.
        path: PathBuf,
        /// Reason for a message.
        reason: Message,
        /// Conflict that [`OnConflict::Replace`](super::OnConflict::Replace) resolves; `None` for other reasons.
        conflict: Option<ConflictKind>,
        /// True if the file could not be read or written.
        failed: bool,
    },
    /// A publication without a license may belong to each of these licenses. The file was not changed.
    PossibleMatch {
        /// Candidates, at least one. The license with the latest expiry is the first.
        licenses: Vec<LicenseRef>,
        /// Publication.
        path: PathBuf,
    },
    /// A license has no publication here.
    Missing {
        /// License without a publication.
        license: LicenseRef,
        /// Web address of the publication. `None` unless the license states one and its signature is valid.
        url: Option<String>,
        /// Reason why the publication was not downloaded.
        reason: Message,
        /// True if the user declined the download.
        declined: bool,
    },
    /// A license that cannot be used is not put back.
    NotUsable {
        /// License that cannot be used.
        license: LicenseRef,
        /// State of the license.
        state: LicenseState,
    },
}

impl PutBackEvent {
    /// Returns true for a change of a file that is not a download.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        matches!(
            self,
            Self::Document { action: Action::Written | Action::Refreshed, .. }
                | Self::Publication { action: Action::Written | Action::Refreshed, .. }
        )
    }
}

/// Identity and titles of a license.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LicenseRef {
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// Titles of its publications.
    pub titles: Vec<String>,
    /// True if another license here has the same ID, and only the issuer differs.
    pub shares_id: bool,
}

/// Publication that can be downloaded.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct DownloadOffer {
    /// License of the publication.
    pub license: LicenseRef,
    /// Address of the publication.
    pub url: String,
    /// Scheme, host and port of the address.
    pub host: String,
    /// Length in bytes; `None` if the license states none.
    pub length: Option<u64>,
    /// True if the license states a hash that the download is checked against.
    pub checked: bool,
}

impl DownloadOffer {
    /// Returns true if an answer for all downloads includes this one: the download is checked and of usual size.
    #[must_use]
    pub fn is_auto_approved(&self) -> bool {
        self.checked && self.length.is_none_or(|length| length <= MAX_UNASKED_BYTES)
    }
}

/// Counts of a run.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct PutBackSummary {
    /// License files written.
    pub documents: u64,
    /// Publications that received a license, without downloads.
    pub publications: u64,
    /// Publications downloaded.
    pub downloaded: u64,
    /// License files and publications that already had the license.
    pub already_present: u64,
    /// License files and publications kept because neither document is better.
    pub conflicts: u64,
    /// Licenses without a publication here.
    pub missing: u64,
    /// Publications outside the folder that have a license here and none embedded.
    pub outside_folder: u64,
    /// Files that could not be read or written.
    pub failed: u64,
    /// Publications of a license that stayed unchanged because of a property of the file, such as hard links.
    pub kept: u64,
}

/// Callbacks of a run.
pub struct PutBackHandler<'a> {
    /// Asks whether to download a publication.
    pub confirm: &'a mut dyn FnMut(&DownloadOffer) -> bool,
    /// Asks about all [changes](PutBackEvent::is_change) once, before the first one. Not called without a change.
    pub confirm_changes: &'a mut dyn FnMut(&[PutBackEvent]) -> bool,
    /// Receives each event.
    pub on_event: &'a mut dyn FnMut(&PutBackEvent),
    /// Cancels the run.
    pub cancel: &'a Cancel,
}

impl std::fmt::Debug for PutBackHandler<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutBackHandler").finish_non_exhaustive()
    }
}

/// Sends events to the handler and counts them.
pub(super) struct Reporter<'a, 'b> {
    pub handler: &'a mut PutBackHandler<'b>,
    pub summary: PutBackSummary,
}

impl<'a, 'b> Reporter<'a, 'b> {
    pub(super) fn new(handler: &'a mut PutBackHandler<'b>) -> Self {
        Self { handler, summary: PutBackSummary::default() }
    }

    /// Reports a file that stays unchanged for a reason that is not a failure.
    pub(super) fn skip(&mut self, license: Option<LicenseRef>, path: PathBuf, error: &PutBackError) {
        let conflict = match error {
            PutBackError::Conflict(conflict) => Some(*conflict),
            _ => None,
        };
        self.emit(&PutBackEvent::Skipped { license, path, reason: error.into(), conflict, failed: false });
    }

    /// Reports a file that could not be read or written.
    pub(super) fn fail(&mut self, license: Option<LicenseRef>, path: PathBuf, reason: Message) {
        self.emit(&PutBackEvent::Skipped { license, path, reason, conflict: None, failed: true });
    }

    /// Reports an error of a file that was to be changed.
    pub(super) fn fail_with(&mut self, license: Option<LicenseRef>, path: PathBuf, error: &Error) {
        match error {
            Error::PutBack(error) if error.is_protection_of_file() => {
                self.summary.kept = self.summary.kept.saturating_add(1);
                self.skip(license, path, error);
            }
            error => self.fail(license, path, to_message(error)),
        }
    }

    pub(super) fn emit(&mut self, event: &PutBackEvent) {
        if let Some(count) = self.count_of(event) {
            *count = count.saturating_add(1);
        }
        (self.handler.on_event)(event);
    }

    fn count_of(&mut self, event: &PutBackEvent) -> Option<&mut u64> {
        let summary = &mut self.summary;
        match event {
            PutBackEvent::Document { action, .. } | PutBackEvent::Publication { action, .. } => match action {
                Action::AlreadyPresent | Action::BetterPresent => Some(&mut summary.already_present),
                Action::Conflict => Some(&mut summary.conflicts),
                Action::Downloaded => Some(&mut summary.downloaded),
                Action::Written | Action::Refreshed if matches!(event, PutBackEvent::Document { .. }) => {
                    Some(&mut summary.documents)
                }
                Action::Written | Action::Refreshed => Some(&mut summary.publications),
            },
            PutBackEvent::Missing { .. } => Some(&mut summary.missing),
            PutBackEvent::Skipped { failed: true, .. } => Some(&mut summary.failed),
            PutBackEvent::Skipped { .. }
            | PutBackEvent::PossibleMatch { .. }
            | PutBackEvent::NotUsable { .. }
            | PutBackEvent::Offer(_) => None,
        }
    }
}

/// Converts an error to a message about a file. The event names the file, so the message omits the path.
pub(super) fn to_message(error: &Error) -> Message {
    match error {
        Error::File { source, .. } | Error::Unwritable { source, .. } => source.into(),
        error => error.into(),
    }
}
