//! Report of a restore: counts, licenses that were not restored, losses and warnings.

use std::collections::{HashMap, HashSet};

use restow_backup::{LicenseSummary, UnreadableGeneration};
use restow_core::hresult::Hresult;
use restow_core::message::Message;
use restow_core::text::quoted;

use crate::error::Error;
use crate::license::{Kind, LicenseIdentity};
use crate::listing;
use crate::restorer::options::Restore;
use crate::restorer::restore::result::set_result;
use crate::status::{NotRestored, NotRestoredReason, Report};
use crate::store::Change;
use crate::texts::TEXTS;

/// Maximum number of licenses and of warnings in a report.
pub(crate) const MAX_REPORTED: usize = 1_000;
/// Maximum number of unreadable licenses compared with the store. Further ones count as damaged.
const MAX_TRACKED_LOSSES: usize = 100_000;

/// Returns the warning about a license record that is not accepted.
pub(crate) fn rejection_warning(license_id: &str, reason: Message) -> Message {
    let license = quoted(license_id);
    Message::new(&TEXTS, "not-accepted").with("license", license).with_cause(reason)
}

/// Report under construction.
pub(crate) struct RestoreReport {
    report: Report,
    /// Reasons of all licenses that were not restored, for the result.
    reasons: HashSet<NotRestoredReason>,
    /// Version and titles of the unreadable and rejected licenses, by kind, issuer and license ID.
    losses: HashMap<(u8, String, String), (i64, Vec<String>)>,
    /// Unreadable generations that are newer than the ones read.
    unread: Vec<UnreadableGeneration>,
}

impl RestoreReport {
    pub(crate) fn new(unread: &[UnreadableGeneration]) -> Self {
        Self {
            report: Report::new(Hresult::S_OK),
            reasons: HashSet::new(),
            losses: HashMap::new(),
            unread: unread.to_vec(),
        }
    }

    pub(crate) fn warn(&mut self, warning: Message) {
        if self.report.warnings.len() < MAX_REPORTED {
            self.report.warnings.push(warning);
        }
    }

    pub(crate) const fn add_restored(&mut self, licenses: u64) {
        self.report.summary.restored = self.report.summary.restored.saturating_add(licenses);
    }

    pub(crate) const fn add_already_here(&mut self, licenses: u64) {
        self.report.summary.already_here = self.report.summary.already_here.saturating_add(licenses);
    }

    pub(crate) const fn add_damaged(&mut self, licenses: u64) {
        self.report.summary.damaged = self.report.summary.damaged.saturating_add(licenses);
    }

    pub(crate) fn add_not_restored(&mut self, identity: LicenseIdentity, titles: &[String], reason: NotRestoredReason) {
        let summary = &mut self.report.summary;
        let count = match (reason, reason.outcome()) {
            (_, Some(_)) => &mut summary.refused,
            (NotRestoredReason::Damaged, None) => &mut summary.damaged,
            (_, None) => &mut summary.pending,
        };
        *count = count.saturating_add(1);
        self.reasons.insert(reason);
        if self.report.not_restored.len() < MAX_REPORTED {
            self.report.not_restored.push(NotRestored { identity, titles: titles.to_vec(), reason });
        }
    }

    /// Adds a license that a set has lost. The license can still come from another set;
    /// [`count_losses`](Self::count_losses) decides.
    pub(crate) fn add_loss(&mut self, lost: LicenseSummary) {
        let key = (lost.kind, lost.issuer.clone(), lost.license_id.clone());
        if self.losses.len() >= MAX_TRACKED_LOSSES && !self.losses.contains_key(&key) {
            return self.add_damaged(1);
        }
        let known = self.losses.entry(key).or_insert((lost.version, Vec::new()));
        if known.0 <= lost.version {
            *known = (lost.version, lost.titles);
        }
    }

    /// Counts each loss as damaged, unless the store has that version or a newer one, or the license waits for an
    /// adoption.
    pub(crate) fn count_losses(
        &mut self,
        restore: &Restore,
        needs_adopt: impl Fn(&LicenseIdentity) -> bool,
        change: &Change<'_>,
    ) -> Result<(), Error> {
        let mut losses: Vec<_> = std::mem::take(&mut self.losses).into_iter().collect();
        losses.sort_unstable();
        for ((kind, issuer, license_id), (version, titles)) in losses {
            let stored = change.view().stored_license((kind, &issuer, &license_id))?;
            if !restore.is_selected(&license_id) || stored.is_some_and(|stored| stored.version >= version) {
                continue;
            }
            let Some(kind) = Kind::from_number(kind) else {
                self.add_damaged(1);
                continue;
            };
            let identity = LicenseIdentity { kind, issuer, license_id };
            if !needs_adopt(&identity) {
                self.add_not_restored(identity, &titles, NotRestoredReason::Damaged);
            }
        }
        Ok(())
    }

    /// Adds the title of a restored license if the catalog has no file for the license.
    pub(crate) fn add_missing_file(
        &mut self,
        change: &Change<'_>,
        identity: &LicenseIdentity,
        titles: &[String],
    ) -> Result<(), Error> {
        let view = change.view();
        let Some(entry) = view.license(identity)? else { return Ok(()) };
        let (license, _) = listing::license_or_placeholder(view, &entry)?;
        for key_id in &license.key_ids {
            if !view.paths(key_id)?.is_empty() {
                return Ok(());
            }
        }
        if self.report.without_file.len() < MAX_REPORTED {
            let title = titles.first().cloned().or(license.title).unwrap_or_else(|| identity.license_id.clone());
            self.report.without_file.push(title);
        }
        Ok(())
    }

    /// Returns the report with its result.
    pub(crate) fn finish(mut self) -> Report {
        set_result(&mut self.report, &self.unread, &self.reasons);
        self.report
    }
}
