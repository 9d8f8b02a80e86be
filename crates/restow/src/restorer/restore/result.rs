//! The result of a restore's END, by design §5: all came, some came, or the first cause in its order.

use std::borrow::Cow;
use std::collections::HashSet;

use restow_backup::UnreadableGeneration;
use restow_core::hresult::Hresult;

use crate::status::{NotRestoredReason, Report, Summary};

/// What END says where not everything came.
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

/// Sets the result of a report by its counts, by the generations that cannot be read, and by why licenses were left.
pub(crate) fn set_result(report: &mut Report, unread: &[Unread], left: &HashSet<WhyNot>) {
    let Summary { restored, already_here, refused, pending, damaged, .. } = report.summary;
    let came = restored.saturating_add(already_here);
    let missed = refused.saturating_add(pending).saturating_add(damaged);
    let end = match (came, missed) {
        (_, 0) if unread.is_empty() => return,
        (_, 0) => older_generation_used(came, unread),
        (0, _) => none_restored(damaged, left),
        _ if missed == refused
            && left.iter().all(|why| matches!(why, NotRestoredReason::Refused(outcome) if outcome.is_end())) =>
        {
            EndResult::new(
                Hresult::NS_E_DRM_STORE_NOTALLSTORED,
                "restored-but-refused",
                format!("{came} licenses are here, {missed} were ended by who issued or lent them"),
                "The reason stands at each; they are kept as they are.",
            )
        }
        _ => EndResult::new(
            Hresult::NS_E_DRM_STORE_NOTALLSTORED,
            "restored-in-part",
            format!("{came} licenses are here, {missed} are not"),
            "See the reason at each; run the restore again for those that are pending.",
        ),
    };
    report.result = end.result;
    report.code = Some(end.code);
    report.message = Some(end.message.into_owned());
    report.help = Some(end.help.to_owned());
}

/// What a newer generation held is not known, so nobody can say that all came.
fn older_generation_used(came: u64, unread: &[Unread]) -> EndResult {
    let result = |nothing| if came == 0 { nothing } else { Hresult::NS_E_DRM_STORE_NOTALLSTORED };
    if unread.iter().all(|unread| unread.is_newer) {
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

fn none_restored(damaged: u64, left: &HashSet<WhyNot>) -> EndResult {
    let refused = |result| left.iter().any(|why| why.refused_as().is_some_and(|outcome| outcome.hresult() == result));
    if refused(Hresult::NS_E_DRM_RESTORE_FRAUD) {
        EndResult::new(
            Hresult::NS_E_DRM_RESTORE_FRAUD,
            "restore-refused",
            "the licenses may not be restored here",
            "The service decides on how many computers a license may be; its page or operator can help.",
        )
    } else if left.contains(&WhyNot::OtherMachine) {
        EndResult::new(
            Hresult::NS_E_DRM_INVALID_MACHINE,
            "other-machine",
            "this home belongs to another machine",
            "Restore into a home of this machine instead: --home DIR.",
        )
    } else if left.contains(&WhyNot::NeedsIndividualization) {
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
    } else if left.contains(&WhyNot::PrivateAddress) {
        EndResult::new(
            Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE,
            "private-address",
            "the service is at a private address that nobody added by hand",
            "Add the service yourself, with the address its shop or library told you: restow service add URL.",
        )
    } else if left.contains(&WhyNot::Unavailable) {
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
    fn what_was_ended_is_told_apart_from_what_may_come_yet() {
        let code = |summary: Summary, left: &[NotRestoredReason]| {
            let mut report = Report::new(Hresult::S_OK);
            report.summary = summary;
            set_result(&mut report, &[], &left.iter().copied().collect());
            (report.result, report.code)
        };
        let some = Summary { restored: 1, refused: 1, ..Summary::default() };
        let in_part = |code| (Hresult::NS_E_DRM_STORE_NOTALLSTORED, Some(code));
        for ended in [Outcome::Returned, Outcome::Revoked, Outcome::Cancelled, Outcome::Expired] {
            assert_eq!(code(some, &[NotRestoredReason::Refused(ended)]), in_part("restored-but-refused"));
        }
        for later in [
            NotRestoredReason::Refused(Outcome::DailyLimit),
            NotRestoredReason::Refused(Outcome::Limit),
            NotRestoredReason::NeedsAdopt,
        ] {
            assert_eq!(
                code(some, &[NotRestoredReason::Refused(Outcome::Returned), later]),
                in_part("restored-in-part")
            );
        }
        let damaged = Summary { damaged: 1, ..some };
        assert_eq!(code(damaged, &[NotRestoredReason::Refused(Outcome::Returned)]), in_part("restored-in-part"));
    }
}
