//! Result of a restore at END (design §5): all licenses restored, some, or the first cause in a fixed order.

use std::borrow::Cow;
use std::collections::HashSet;

use restow_backup::UnreadableGeneration;
use restow_core::hresult::Hresult;

use crate::status::{NotRestoredReason, Report, Summary};

/// Result of a restore with missing licenses.
struct EndResult {
    result: Hresult,
    code: &'static str,
    message: Cow<'static, str>,
    help: &'static str,
}

impl EndResult {
    fn new(result: Hresult, code: &'static str, message: impl Into<Cow<'static, str>>, help: &'static str) -> Self {
        Self { result, code, message: message.into(), help }
    }
}

/// Sets the result of a report by its counts, the unreadable newer generations, and the reasons of missing licenses.
pub(crate) fn set_result(report: &mut Report, unread: &[UnreadableGeneration], reasons: &HashSet<NotRestoredReason>) {
    let Summary { restored, already_here, refused, pending, damaged, .. } = report.summary;
    let present = restored.saturating_add(already_here);
    let missing = refused.saturating_add(pending).saturating_add(damaged);
    let result = match (present, missing) {
        (_, 0) if unread.is_empty() => return,
        (_, 0) => older_generation_used(present, unread),
        (0, _) => none_restored(damaged, reasons),
        _ if missing == refused
            && reasons
                .iter()
                .all(|reason| matches!(reason, NotRestoredReason::Refused(outcome) if outcome.is_end())) =>
        {
            EndResult::new(
                Hresult::NS_E_DRM_STORE_NOTALLSTORED,
                "restored-but-refused",
                format!("{present} licenses are here, {missing} were ended by who issued or lent them"),
                "The reason stands at each; they are kept as they are.",
            )
        }
        _ => EndResult::new(
            Hresult::NS_E_DRM_STORE_NOTALLSTORED,
            "restored-in-part",
            format!("{present} licenses are here, {missing} are not"),
            "See the reason at each; run the restore again for those that are pending.",
        ),
    };
    report.result = result.result;
    report.code = Some(result.code);
    report.message = Some(result.message.into_owned());
    report.help = Some(result.help.to_owned());
}

/// Result of a restore from an older generation. The licenses of the newer generation are not known.
fn older_generation_used(present: u64, unread: &[UnreadableGeneration]) -> EndResult {
    let result = |none| if present == 0 { none } else { Hresult::NS_E_DRM_STORE_NOTALLSTORED };
    if unread.iter().all(|unread| unread.reason.is_newer()) {
        return EndResult::new(
            result(Hresult::NS_E_BACKUP_RESTORE_FAILURE),
            "backup-newer-format",
            "the newest generation was written by a newer Restow; this is from an older one",
            "Update Restow on this computer, and restore again.",
        );
    }
    EndResult::new(
        result(Hresult::NS_E_DRM_BACKUP_CORRUPT),
        "newer-generation-damaged",
        "the newest generation cannot be read; this is from an older one",
        "Restore from another backup too, if there is one.",
    )
}

fn none_restored(damaged: u64, reasons: &HashSet<NotRestoredReason>) -> EndResult {
    let refused =
        |result| reasons.iter().any(|reason| reason.outcome().is_some_and(|outcome| outcome.hresult() == result));
    if refused(Hresult::NS_E_DRM_RESTORE_FRAUD) {
        EndResult::new(
            Hresult::NS_E_DRM_RESTORE_FRAUD,
            "restore-refused",
            "the licenses may not be restored here",
            "The service decides on how many computers a license may be; its page or operator can help.",
        )
    } else if reasons.contains(&NotRestoredReason::OtherMachine) {
        EndResult::new(
            Hresult::NS_E_DRM_INVALID_MACHINE,
            "other-machine",
            "this home belongs to another machine",
            "Restore into a home of this machine instead: --home DIR.",
        )
    } else if reasons.contains(&NotRestoredReason::NeedsIndividualization) {
        EndResult::new(
            Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
            "needs-individualization",
            "this computer must be registered first",
            "Consent to register this computer: restow restore LOCATION --register.",
        )
    } else if damaged > 0 {
        EndResult::new(
            Hresult::NS_E_DRM_BACKUP_CORRUPT,
            "backup-damaged",
            "the backup is damaged",
            "Restore from another backup, or an older generation: restow backups LOCATION.",
        )
    } else if reasons.contains(&NotRestoredReason::PrivateAddress) {
        EndResult::new(
            Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE,
            "private-address",
            "the service is at a private address that nobody added by hand",
            "Add the service yourself, with the address its shop or library told you: restow service add URL.",
        )
    } else if reasons.contains(&NotRestoredReason::Unavailable) {
        EndResult::new(
            Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE,
            "service-unreachable",
            "the service cannot be reached",
            "Try again later; nothing is lost meanwhile.",
        )
    } else if refused(Hresult::NS_E_DRM_LICENSE_EXPIRED) {
        EndResult::new(
            Hresult::NS_E_DRM_LICENSE_EXPIRED,
            "restore-expired",
            "the licenses have expired",
            "Ask the shop or library.",
        )
    } else {
        EndResult::new(
            Hresult::NS_E_DRM_LICENSE_UNUSABLE,
            "restore-revoked",
            "the licenses cannot be used any more",
            "Ask the shop or library why.",
        )
    }
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
            (report.result, report.code)
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
