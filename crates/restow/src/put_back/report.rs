//! What is asked and told while licenses are put back.

use std::path::PathBuf;

use restow_core::message::Note;

use super::{ConflictKind, fetch};
use crate::license::LicenseIdentity;
use crate::license_state::LicenseState;
use crate::service::Cancel;

/// What was done with a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Action {
    /// The license was written where none was.
    Written,
    /// It took the place of a document of the same license that is older, or whose signature is worth less.
    Refreshed,
    /// It was there, or one as good.
    AlreadyPresent,
    /// A document of the same license was there that is newer, or whose signature is worth more.
    BetterPresent,
    /// A document of the same license was there that is newer though its signature is worth less, or of which else nothing says that it
    /// is worse. It stayed.
    Conflict,
    /// The publication was fetched, and the license put into it.
    Downloaded,
}

impl Action {
    /// The fixed name in output.
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

/// What came of one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PutBackEvent {
    /// A license document is a file.
    Document {
        /// The license.
        license: LicenseRef,
        /// The file.
        path: PathBuf,
        /// What was done.
        action: Action,
    },
    /// A publication has its license inside.
    Publication {
        /// The license.
        license: LicenseRef,
        /// The file.
        path: PathBuf,
        /// What was done.
        action: Action,
    },
    /// A file was left as it is, and why.
    Skipped {
        /// The license that was for it, if one was.
        license: Option<LicenseRef>,
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Note,
        /// Conflict that [`OnConflict::Replace`](super::OnConflict::Replace) resolves; `None` for other reasons.
        conflict: Option<ConflictKind>,
        /// True when it should have been otherwise.
        failed: bool,
    },
    /// A publication without a license may belong to each of these licenses, and no license is put in.
    PossibleMatch {
        /// Candidates, at least one. The license with the latest expiry comes first.
        licenses: Vec<LicenseRef>,
        /// The file.
        path: PathBuf,
    },
    /// No publication of a license is here.
    Missing {
        /// The license.
        license: LicenseRef,
        /// Where it can be had, as the license says, where that is an address of the web and the signature is not invalid.
        url: Option<String>,
        /// Why it was not fetched.
        reason: Note,
        /// True if the user declined the download.
        declined: bool,
    },
    /// A license that gives nothing any more is put nowhere.
    NotUsable {
        /// The license.
        license: LicenseRef,
        /// Why.
        usability: LicenseState,
    },
}

/// A license by its names.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LicenseRef {
    /// The license.
    pub identity: LicenseIdentity,
    /// What it is for is called.
    pub titles: Vec<String>,
    /// Whether another license here has the same ID: then the issuer must be named with it.
    pub shares_id: bool,
}

/// A publication that would be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct DownloadOffer {
    /// Its license.
    pub license: LicenseRef,
    /// The address.
    pub url: String,
    /// Scheme, host and port of it.
    pub host: String,
    /// How many bytes, where the license says so.
    pub length: Option<u64>,
    /// Whether the license has a hash that what comes is checked by.
    pub checked: bool,
}

impl DownloadOffer {
    /// Whether whoever agreed to all of them agreed to this one: what comes is checked, and no larger than publications are.
    #[must_use]
    pub fn is_auto_approved(&self) -> bool {
        self.checked && self.length.is_none_or(|length| length <= fetch::MAX_UNASKED_BYTES)
    }
}

/// Counts of what was done.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct PutBackSummary {
    /// License documents written.
    pub documents: u64,
    /// Publications a license was put into.
    pub publications: u64,
    /// Publications fetched.
    pub downloaded: u64,
    /// Documents and publications that were as they should be.
    pub already_present: u64,
    /// Documents that stayed because nothing says that those here are better.
    pub conflicts: u64,
    /// Licenses whose publication is not here.
    pub missing: u64,
    /// Publications outside of the folder that lack a license which is here: nothing was done with them.
    pub outside_folder: u64,
    /// Files that could not be read or written.
    pub failed: u64,
}

/// Whom to ask and tell.
pub struct PutBackHandler<'a> {
    /// Asked before a publication is fetched.
    pub confirm: &'a mut dyn FnMut(&DownloadOffer) -> bool,
    /// Told of everything.
    pub on_event: &'a mut dyn FnMut(&PutBackEvent),
    /// Stops it.
    pub cancel: &'a Cancel,
}

impl std::fmt::Debug for PutBackHandler<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutBackHandler").finish_non_exhaustive()
    }
}
