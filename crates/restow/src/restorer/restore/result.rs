//! Result of a restore at END (design §5): all licenses restored, some, or the first cause in a fixed order.

use std::collections::HashSet;

use restow_backup::UnreadableGeneration;
use restow_core::hresult::Hresult;
use restow_core::message::Message;

use crate::status::{FailureReason, NotRestoredReason, Report, Summary};
use crate::texts::TEXTS;

/// Sets the result of a report by its counts, the unreadable newer generations, and the reasons of missing licenses.
pub(crate) fn set_result(report: &mut Report, unread: &[UnreadableGeneration], reasons: &HashSet<NotRestoredReason>) {
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
    let (code, id) = if refused(Hresult::NS_E_DRM_RESTORE_FRAUD) {
        ("restore-refused", "restore-refused")
    } else if reasons.contains(&NotRestoredReason::OtherMachine) {
        ("other-machine", "restore-other-machine")
    } else if reasons.contains(&NotRestoredReason::NeedsIndividualization) {
        ("needs-individualization", "needs-individualization")
    } else if damaged > 0 {
        ("backup-damaged", "restore-damaged")
    } else if reasons.contains(&NotRestoredReason::PrivateAddress) {
        ("private-address", "restore-private-address")
    } else if reasons.contains(&NotRestoredReason::Unavailable) {
        ("service-unreachable", "restore-unreachable")
    } else if refused(Hresult::NS_E_DRM_LICENSE_EXPIRED) {
        ("restore-expired", "restore-expired")
    } else {
        ("restore-revoked", "restore-revoked")
    };
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
