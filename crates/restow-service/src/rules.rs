//! Who may what and when, without storage or HTTP (docs/service-protocol.md §§5.2–5.7).

use restow_core::UnixTime;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// An unconfirmed computer becomes confirmed by time after so long.
pub(crate) const CONFIRM_AFTER: i64 = 7 * DAY;
/// A waiting release happens after so long.
pub(crate) const RELEASE_WAIT: i64 = 72 * 3_600;
/// A computer not seen for so long is silent.
pub(crate) const INACTIVE_AFTER: i64 = 30 * DAY;
/// Idempotency keys are kept so long.
pub(crate) const REQUEST_RETENTION: i64 = 7 * DAY;
/// Notices are shown so long.
pub(crate) const NOTICE_RETENTION: i64 = 30 * DAY;
/// Computers of a holder that are not released.
pub(crate) const MAX_COMPUTERS: usize = 32;
/// Of these, unconfirmed ones.
pub(crate) const MAX_UNCONFIRMED: usize = 8;

/// How far a computer, or a holder key, is confirmed; it only grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Level {
    /// It joined by a restore key and nobody confirmed it.
    Unconfirmed = 0,
    /// Nobody opposed it for [`CONFIRM_AFTER`]: weaker against computers that were there before it.
    ByTime = 1,
    /// The first computer, one with a holder key, or one that was confirmed.
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

    /// What its restore runs count against.
    pub(crate) const fn run_quota(self) -> DailyQuota {
        if self.is_confirmed() { DailyQuota::Runs } else { DailyQuota::UnconfirmedRuns }
    }
}

/// What is limited by the UTC day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DailyQuota {
    /// Restore runs of confirmed computers.
    Runs = 0,
    /// Restore runs of unconfirmed ones.
    UnconfirmedRuns = 1,
    /// Computers that join by a restore key.
    Joins = 2,
}

/// What is limited by the UTC year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum YearlyQuota {
    /// Releases of confirmed computers that hold licenses.
    Releases = 0,
    /// Unconfirmed computers that are given licenses. Counted there, their releases need no limit of their own: one
    /// could be used up by whom it is to be used against.
    UnconfirmedRestores = 1,
}

/// The UTC day of a time.
pub(crate) const fn day(time: UnixTime) -> i64 {
    time.div_euclid(DAY)
}

/// The UTC year of a time, by the proleptic Gregorian calendar.
pub(crate) const fn year(time: UnixTime) -> i64 {
    // Years that begin in March have their leap day last: 400 of them have 146,097 days.
    let days = day(time) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    // Day 306 of such a year is the first of January.
    year + era * 400 + (day_of_year >= 306) as i64
}

/// The slot for one more computer where `taken` are taken, unless the limit is reached.
pub(crate) fn next_slot(taken: u32, limit: u32) -> Option<u32> {
    let next = taken.checked_add(1)?;
    (next <= limit).then_some(next)
}

/// One computer of a holder, as far as the rules need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// In the order of joining.
    pub(crate) number: i64,
    pub(crate) level: Level,
    pub(crate) registered: UnixTime,
    pub(crate) last_seen: UnixTime,
    pub(crate) release_at: Option<UnixTime>,
}

impl Member {
    fn is_inactive(&self, now: UnixTime) -> bool {
        self.last_seen.saturating_add(INACTIVE_AFTER) <= now
    }
}

/// Who asks for a release.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReleaseRequester {
    /// The computer itself.
    Itself,
    /// Another computer of the holder.
    Other(Member),
    /// The operator, at once.
    Operator,
    /// The operator, leaving the holder time to refuse.
    OperatorAfterWait,
}

/// What comes of asking for a release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReleaseDecision {
    NotAllowed,
    Now,
    Wait,
}

/// The table of §5.7.
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

/// What happens to a computer by time alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TimedEvent {
    /// Its waiting release.
    Release,
    /// It becomes confirmed by time.
    ConfirmByTime,
    /// It becomes fully confirmed, because no older confirmed computer is there any more to object.
    ConfirmFully,
}

/// The next event among a holder's computers that are not released: when, which (its place in the list), what.
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
    fn years_begin_at_midnight_utc() {
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
    fn releases_follow_the_table() {
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
    fn slots_end_at_the_limit() {
        assert_eq!(
            (next_slot(0, 1), next_slot(3, 4), next_slot(4, 4), next_slot(9, 4)),
            (Some(1), Some(4), None, None)
        );
        assert_eq!((next_slot(0, 0), next_slot(u32::MAX, u32::MAX)), (None, None));
    }
}
