//! Report of a restore: counts, licenses that were not restored, losses, warnings, and the result at END.

use std::collections::{HashMap, HashSet};

use restow_backup::{LicenseSummary, UnreadableGeneration};
use restow_core::{hresult::Hresult, message::Message, text::to_short_line};

use crate::license::{Kind, LicenseIdentity};
use crate::status::{FailureReason, NotRestored, NotRestoredReason, Report, Summary};
use crate::{error::Error, listing, restorer::options::Restore, store::Change, texts::TEXTS};

/// Maximum number of licenses and of warnings in a report.
pub(crate) const MAX_REPORTED: usize = 1_000;
/// Maximum number of unreadable licenses compared with the store. Further ones count as damaged.
const MAX_TRACKED_LOSSES: usize = 100_000;

/// Returns the warning about a license record that is not accepted.
pub(crate) fn rejection_warning(license_id: &str, reason: Message) -> Message {
    let license = to_short_line(license_id);
    Message::new(&TEXTS, "not-accepted").with("license", license).with_cause(reason)
}

/// Report under construction.
#[derive(Default)]
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
        Self { unread: unread.to_vec(), ..Self::default() }
    }

    pub(crate) fn warn(&mut self, warning: Message) {
        if self.report.warnings.len() < MAX_REPORTED {
            self.report.warnings.push(warning);
        }
    }

    /// Adds licenses to one count of the summary.
    pub(crate) fn count(&mut self, licenses: u64, count: impl FnOnce(&mut Summary) -> &mut u64) {
        let count = count(&mut self.report.summary);
        *count = count.saturating_add(licenses);
    }

    pub(crate) fn add_not_restored(&mut self, identity: LicenseIdentity, titles: &[String], reason: NotRestoredReason) {
        self.count(1, |summary| match (reason, reason.outcome()) {
            (_, Some(_)) => &mut summary.refused,
            (NotRestoredReason::Damaged, None) => &mut summary.damaged,
            (_, None) => &mut summary.pending,
        });
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
            return self.count(1, |summary| &mut summary.damaged);
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
                self.count(1, |summary| &mut summary.damaged);
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

/// Sets the result of a report by its counts, the unreadable newer generations, and the reasons of missing licenses.
fn set_result(report: &mut Report, unread: &[UnreadableGeneration], reasons: &HashSet<NotRestoredReason>) {
    let Summary { restored, already_here, refused, pending, damaged, .. } = report.summary;
    let present = restored.saturating_add(already_here);
    let missing = refused.saturating_add(pending).saturating_add(damaged);
    let (result, message) = match (present, missing) {
        (_, 0) if unread.is_empty() => return,
        (_, 0) => older_generation_used(present, unread),
        (0, _) => none_restored(damaged, reasons),
        _ => {
            let all_ended = missing == refused
                && reasons
                    .iter()
                    .all(|reason| matches!(reason, NotRestoredReason::Refused(outcome) if outcome.is_end()));
            let code = if all_ended { "restored-but-refused" } else { "restored-in-part" };
            let message = Message::new(&TEXTS, code).with("here", present).with("count", missing);
            (Hresult::NS_E_DRM_STORE_NOTALLSTORED, message)
        }
    };
    report.result = result;
    let is_private = message.code == "private-address";
    report.error = Some(message);
    report.reason = Some(if is_private { FailureReason::PrivateAddress } else { FailureReason::Other });
}

/// Returns the result if a newer generation is unreadable, so that the number of missing licenses is unknown.
fn older_generation_used(present: u64, unread: &[UnreadableGeneration]) -> (Hresult, Message) {
    let result = |nothing| if present == 0 { nothing } else { Hresult::NS_E_DRM_STORE_NOTALLSTORED };
    if unread.iter().all(|unread| unread.reason.is_newer()) {
        let message = Message::new(&TEXTS, "backup-newer-format").with_id("newer-generation-unknown");
        return (result(Hresult::NS_E_BACKUP_RESTORE_FAILURE), message);
    }
    (result(Hresult::NS_E_DRM_BACKUP_CORRUPT), Message::new(&TEXTS, "newer-generation-damaged"))
}

/// Returns the result if no license was restored: the first cause in the order of docs/wmformat.md.
fn none_restored(damaged: u64, reasons: &HashSet<NotRestoredReason>) -> (Hresult, Message) {
    let refused =
        |result| reasons.iter().any(|reason| reason.outcome().is_some_and(|outcome| outcome.hresult() == result));
    let has = |reason| reasons.contains(&reason);
    let causes = [
        (refused(Hresult::NS_E_DRM_RESTORE_FRAUD), "restore-refused", "restore-refused"),
        (has(NotRestoredReason::OtherMachine), "other-machine", "restore-other-machine"),
        (has(NotRestoredReason::NeedsIndividualization), "needs-individualization", "needs-individualization"),
        (damaged > 0, "backup-damaged", "restore-damaged"),
        (has(NotRestoredReason::PrivateAddress), "private-address", "restore-private-address"),
        (has(NotRestoredReason::Unavailable), "service-unreachable", "restore-unreachable"),
        (refused(Hresult::NS_E_DRM_LICENSE_EXPIRED), "restore-expired", "restore-expired"),
    ];
    let first = causes.into_iter().find(|(applies, ..)| *applies);
    let (_, code, id) = first.unwrap_or((true, "restore-revoked", "restore-revoked"));
    (Hresult::from_code(code), Message::new(&TEXTS, code).with_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use restow_core::protocol::Outcome;

    #[test]
    fn ended_licenses_have_their_own_code() {
        let code = |summary: Summary, reasons: &[NotRestoredReason]| {
            let mut report = Report::new(Hresult::S_OK);
            report.summary = summary;
            set_result(&mut report, &[], &reasons.iter().copied().collect());
            (report.result, report.code())
        };
        let some = Summary { restored: 1, refused: 1, ..Summary::default() };
        let partial = |code| (Hresult::NS_E_DRM_STORE_NOTALLSTORED, Some(code));
        for outcome in [Outcome::Returned, Outcome::Revoked, Outcome::Cancelled, Outcome::Expired] {
            assert_eq!(code(some, &[NotRestoredReason::Refused(outcome)]), partial("restored-but-refused"));
        }
        for reason in [
            NotRestoredReason::Refused(Outcome::DailyLimit),
            NotRestoredReason::Refused(Outcome::Limit),
            NotRestoredReason::NeedsAdopt,
        ] {
            assert_eq!(
                code(some, &[NotRestoredReason::Refused(Outcome::Returned), reason]),
                partial("restored-in-part")
            );
        }
        let damaged = Summary { damaged: 1, ..some };
        assert_eq!(code(damaged, &[NotRestoredReason::Refused(Outcome::Returned)]), partial("restored-in-part"));
    }
}
