//! Rules for computers of a holder, without storage or HTTP (docs/service-protocol.md §§5.2–5.7).

use restow_core::UnixTime;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;
/// Seconds after which time alone confirms an unconfirmed computer.
pub(crate) const CONFIRM_AFTER: i64 = 7 * DAY;
/// Seconds until a waiting release takes effect.
pub(crate) const RELEASE_WAIT: i64 = 72 * 3_600;
/// Seconds without contact after which a computer counts as inactive.
pub(crate) const INACTIVE_AFTER: i64 = 30 * DAY;
/// Retention of idempotency keys, in seconds.
pub(crate) const REQUEST_RETENTION: i64 = 7 * DAY;
/// Display period of notices, in seconds.
pub(crate) const NOTICE_RETENTION: i64 = 30 * DAY;
/// Maximum number of active computers of a holder.
pub(crate) const MAX_COMPUTERS: usize = 32;
/// Maximum number of unconfirmed computers of a holder.
pub(crate) const MAX_UNCONFIRMED: usize = 8;

/// Confirmation level of a computer or a holder key. It only grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Level {
    /// Joined by a restore key, and not confirmed.
    Unconfirmed = 0,
    /// Confirmed by [`CONFIRM_AFTER`] without objection. It has fewer rights against older computers.
    ByTime = 1,
    /// First computer, joined by a holder key, or confirmed by another computer.
    Full = 2,
}

impl Level {
    pub(crate) const fn from_number(number: i64) -> Self {
        match number {
            2 => Self::Full,
            1 => Self::ByTime,
            _ => Self::Unconfirmed,
        }
    }

    pub(crate) const fn is_confirmed(self) -> bool {
        !matches!(self, Self::Unconfirmed)
    }

    /// Returns the quota for restore runs of this level.
    pub(crate) const fn run_quota(self) -> DailyQuota {
        if self.is_confirmed() { DailyQuota::Runs } else { DailyQuota::UnconfirmedRuns }
    }
}

/// Quota per UTC day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DailyQuota {
    /// Restore runs of confirmed computers.
    Runs = 0,
    /// Restore runs of unconfirmed computers.
    UnconfirmedRuns = 1,
    /// Computers that join by a restore key.
    Joins = 2,
}

/// Quota per UTC year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum YearlyQuota {
    /// Releases of confirmed computers that hold licenses.
    Releases = 0,
    /// Unconfirmed computers that receive licenses. Releases of unconfirmed computers have no quota, because a thief
    /// could exhaust it and block the owner.
    UnconfirmedRestores = 1,
}

/// Returns the UTC day number of a time.
pub(crate) const fn day(time: UnixTime) -> i64 {
    time.div_euclid(DAY)
}

/// Returns the UTC year of a time in the proleptic Gregorian calendar.
pub(crate) const fn year(time: UnixTime) -> i64 {
    // A year that begins in March has its leap day last. 400 such years have 146,097 days.
    let days = day(time) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    // Day 306 of such a year is January 1.
    year + era * 400 + (day_of_year >= 306) as i64
}

/// Returns the next free slot after `taken` slots, or `None` at the limit.
pub(crate) fn next_slot(taken: u32, limit: u32) -> Option<u32> {
    let next = taken.checked_add(1)?;
    (next <= limit).then_some(next)
}

/// The facts about a computer that the rules need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// Position in the order of joining.
    pub(crate) number: i64,
    pub(crate) level: Level,
    pub(crate) registered: UnixTime,
    pub(crate) last_seen: UnixTime,
    pub(crate) release_at: Option<UnixTime>,
}

impl Member {
    /// Returns true if the computer had no contact for long. It may be lost.
    pub(crate) fn is_inactive(&self, now: UnixTime) -> bool {
        self.last_seen.saturating_add(INACTIVE_AFTER) <= now
    }
}

/// Party that requests a release.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReleaseRequester {
    /// The computer itself.
    Itself,
    /// Another computer of the holder.
    Other(Member),
    /// The operator, without delay.
    Operator,
    /// The operator, with time for the holder to refuse.
    OperatorAfterWait,
}

/// Decision on a release request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReleaseDecision {
    NotAllowed,
    Now,
    Wait,
}

/// Decides on a release by the table of §5.7.
pub(crate) fn decide_release(asker: ReleaseRequester, target: Member, now: UnixTime) -> ReleaseDecision {
    use ReleaseDecision::{NotAllowed, Now, Wait};
    match asker {
        ReleaseRequester::Operator | ReleaseRequester::Itself => Now,
        ReleaseRequester::OperatorAfterWait if target.is_inactive(now) => Now,
        ReleaseRequester::OperatorAfterWait => Wait,
        ReleaseRequester::Other(other) if !other.level.is_confirmed() => NotAllowed,
        ReleaseRequester::Other(_) if !target.level.is_confirmed() => Now,
        ReleaseRequester::Other(other) if other.level == Level::ByTime && target.number < other.number => {
            if target.is_inactive(now) { Now } else { Wait }
        }
        ReleaseRequester::Other(_) => Now,
    }
}

/// Returns true if a computer can release one of the targets at once. `has_releases` is false if the releases of the
/// year are used up.
pub(crate) fn can_release(by: Member, targets: &[Member], has_releases: bool, now: UnixTime) -> bool {
    targets.iter().any(|target| {
        let asker = if target.number == by.number { ReleaseRequester::Itself } else { ReleaseRequester::Other(by) };
        // The releases of the year limit those of confirmed computers only.
        (has_releases || !target.level.is_confirmed()) && decide_release(asker, *target, now) == ReleaseDecision::Now
    })
}

/// Event that time alone causes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TimedEvent {
    /// The waiting release takes effect.
    Release,
    /// The computer becomes confirmed by time.
    ConfirmByTime,
    /// The computer becomes fully confirmed: no older active computer can object.
    ConfirmFully,
}

/// Returns the next event among the active computers of a holder: its time, the index of the computer, and the event.
pub(crate) fn next_event(members: &[Member]) -> Option<(UnixTime, usize, TimedEvent)> {
    let events = members.iter().enumerate().flat_map(|(index, member)| {
        let release = member.release_at.map(|time| (time, index, TimedEvent::Release));
        let confirmed = match member.level {
            Level::Unconfirmed => {
                Some((member.registered.saturating_add(CONFIRM_AFTER), index, TimedEvent::ConfirmByTime))
            }
            Level::ByTime => {
                let older = members.iter().filter(|m| m.number < member.number && m.level.is_confirmed());
                let inactive_since = older.map(|m| m.last_seen.saturating_add(INACTIVE_AFTER)).max();
                Some((inactive_since.unwrap_or(member.registered), index, TimedEvent::ConfirmFully))
            }
            Level::Full => None,
        };
        release.into_iter().chain(confirmed)
    });
    events.min_by_key(|(time, index, _)| (*time, *index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(number: i64, level: Level) -> Member {
        Member { number, level, registered: 0, last_seen: 0, release_at: None }
    }

    #[test]
    fn year_starts_at_midnight_utc() {
        for (time, expected) in [
            (0, 1970),
            (-1, 1969),
            (951_782_400, 2000), // 29 February
            (978_307_199, 2000),
            (978_307_200, 2001),
            (1_798_761_599, 2026),
            (1_798_761_600, 2027),
            (4_102_444_799, 2099),
            (4_102_444_800, 2100),
        ] {
            assert_eq!(year(time), expected, "{time}");
        }
    }

    #[test]
    fn release_decisions_follow_table() {
        use Level::{ByTime, Full, Unconfirmed};
        use ReleaseDecision::{NotAllowed, Now, Wait};
        for (asker, target, expected) in [
            (ReleaseRequester::Itself, member(1, Full), Now),
            (ReleaseRequester::Itself, member(1, Unconfirmed), Now),
            (ReleaseRequester::Other(member(1, Full)), member(2, Unconfirmed), Now),
            (ReleaseRequester::Other(member(1, Full)), member(2, Full), Now),
            (ReleaseRequester::Other(member(2, Full)), member(1, Full), Now),
            (ReleaseRequester::Other(member(2, ByTime)), member(1, Full), Wait),
            (ReleaseRequester::Other(member(2, ByTime)), member(3, Full), Now),
            (ReleaseRequester::Other(member(2, Unconfirmed)), member(1, Full), NotAllowed),
            (ReleaseRequester::Other(member(2, Unconfirmed)), member(3, Unconfirmed), NotAllowed),
            (ReleaseRequester::Operator, member(1, Full), Now),
            (ReleaseRequester::OperatorAfterWait, member(1, Full), Wait),
        ] {
            assert_eq!(decide_release(asker, target, INACTIVE_AFTER - 1), expected, "{asker:?} {target:?}");
        }
        assert_eq!(decide_release(ReleaseRequester::Other(member(2, ByTime)), member(1, Full), INACTIVE_AFTER), Now);
        assert_eq!(decide_release(ReleaseRequester::OperatorAfterWait, member(1, Full), INACTIVE_AFTER), Now);
    }

    #[test]
    fn release_needs_confirmed_computer_and_quota() {
        use Level::{ByTime, Full, Unconfirmed};
        for (by, target, has_releases, expected) in [
            (member(2, Full), member(1, Full), true, true),
            (member(2, Full), member(1, Full), false, false),
            (member(2, Full), member(1, Unconfirmed), false, true),
            (member(2, Unconfirmed), member(1, Full), true, false),
            (member(2, ByTime), member(1, Full), true, false),
            (member(1, Unconfirmed), member(1, Unconfirmed), false, true),
        ] {
            assert_eq!(can_release(by, &[target], has_releases, INACTIVE_AFTER - 1), expected, "{by:?} {target:?}");
        }
        assert!(!can_release(member(2, Full), &[], true, 0));
    }

    #[test]
    fn time_confirms_in_two_steps() {
        let owner = Member { last_seen: 100, ..member(1, Level::Full) };
        let mut joined = Member { registered: 50, ..member(2, Level::Unconfirmed) };
        assert_eq!(next_event(&[owner, joined]), Some((50 + CONFIRM_AFTER, 1, TimedEvent::ConfirmByTime)));
        joined.level = Level::ByTime;
        assert_eq!(next_event(&[owner, joined]), Some((100 + INACTIVE_AFTER, 1, TimedEvent::ConfirmFully)));
        assert_eq!(next_event(&[joined]), Some((50, 0, TimedEvent::ConfirmFully)), "nobody is left to object");
        assert_eq!(next_event(&[owner]), None);
        let waiting = Member { release_at: Some(5), ..owner };
        assert_eq!(next_event(&[waiting, joined]), Some((5, 0, TimedEvent::Release)));
    }

    #[test]
    fn slots_end_at_limit() {
        assert_eq!(
            (next_slot(0, 1), next_slot(3, 4), next_slot(4, 4), next_slot(9, 4)),
            (Some(1), Some(4), None, None)
        );
        assert_eq!((next_slot(0, 0), next_slot(u32::MAX, u32::MAX)), (None, None));
    }
}
