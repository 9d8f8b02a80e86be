//! Safety of a license: safe, at risk with a reason, cannot be saved, or ended.
//!
//! A license is safe only while one location on another physical disk holds its document, and this home found the
//! location and read it back whole within the last days (`stale_after_days` of the settings, by default 90).

use restow_core::named_enum;
use restow_core::time::UnixTime;

use crate::disk::DiskRelation;
use crate::license::{BackupRight, Restriction};
use crate::license_state::LicenseState;
use crate::location_condition::LocationStatus;

/// Length of a day in seconds.
const DAY: i64 = 24 * 60 * 60;

/// Safety of a license against the loss of this computer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Safety {
    /// At least one location makes the license safe.
    Safe,
    /// The license can be lost, or cannot be used even now.
    AtRisk(RiskReason),
    /// The license may not be backed up.
    CannotBeSaved(Restriction),
    /// The license has expired, is used up, or was returned, cancelled or revoked. Nothing is lost with it.
    Ended,
}

named_enum! {
    /// Reason why a license is not safe. Reasons of locations are in ascending order of severity.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    #[non_exhaustive]
    pub enum RiskReason {
        /// The backup was not read back whole lately.
        NotReadBack = "not_read_back",
        /// The location was not found lately.
        NotSeen = "not_seen",
        /// The last check of the backup has a date in the future: a clock was wrong, so the age is unknown.
        DateInFuture = "date_in_future",
        /// The disk of the location cannot be determined.
        DiskUnknown = "disk_unknown",
        /// The backup is on a disk of this computer.
        SameDisk = "same_disk",
        /// The backup is in memory.
        Memory = "memory",
        /// The restore key of the backup was withdrawn.
        KeyWithdrawn = "key_withdrawn",
        /// The location has an older state than this computer wrote.
        OlderState = "older_state",
        /// Another backup is at the place of this backup.
        Replaced = "replaced",
        /// The backup is damaged.
        Damaged = "damaged",
        /// The backup is not at its location any more.
        Gone = "gone",
        /// The user removed the license from the backup.
        Removed = "removed_from_backup",
        /// No backup holds the license.
        NoBackup = "no_backup",
        /// The service has not granted the license to this computer yet.
        Pending = "pending",
        /// The service refused the license.
        Refused = "refused",
        /// The signature of the license is not valid.
        Invalid = "invalid",
        /// The home was copied from another computer.
        OtherComputer = "other_computer",
        /// The document cannot be read.
        Unreadable = "unreadable",
    }
}

/// Time and age by which checks of a location count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StaleLimit {
    now: UnixTime,
    max_age: i64,
}

impl StaleLimit {
    pub(crate) fn new(now: UnixTime, days: u32) -> Self {
        Self { now, max_age: i64::from(days).saturating_mul(DAY) }
    }

    /// Returns the fault of the last check at a time; `None` for a recent check.
    fn fault(self, at: Option<UnixTime>, reason: RiskReason) -> Option<RiskReason> {
        let Some(age) = at.map(|at| self.now.saturating_sub(at)) else { return Some(reason) };
        // Clocks differ by some hours, such as after a change of the time zone.
        if age < -DAY {
            return Some(RiskReason::DateInFuture);
        }
        (age > self.max_age).then_some(reason)
    }
}

/// Facts about a backup at a location that decide whether the location makes a license safe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocationFacts {
    pub(crate) status: LocationStatus,
    pub(crate) disk: Option<DiskRelation>,
    /// Time when this home last found the location.
    pub(crate) seen: Option<UnixTime>,
    /// Time when this home last read the backup whole.
    pub(crate) read_back: Option<UnixTime>,
}

impl LocationFacts {
    /// Returns the most severe reason why the location makes no license safe; `None` if the location does.
    pub(crate) fn risk(self, limit: StaleLimit) -> Option<RiskReason> {
        let status = match self.status {
            LocationStatus::Present | LocationStatus::Unreachable => None,
            LocationStatus::Missing => Some(RiskReason::Gone),
            LocationStatus::Damaged => Some(RiskReason::Damaged),
            LocationStatus::Older => Some(RiskReason::OlderState),
            LocationStatus::Replaced => Some(RiskReason::Replaced),
        };
        let disk = match self.disk {
            Some(DiskRelation::OtherDisk | DiskRelation::OtherMachine) => None,
            Some(DiskRelation::SameDisk) => Some(RiskReason::SameDisk),
            Some(DiskRelation::Memory) => Some(RiskReason::Memory),
            Some(DiskRelation::Unknown) | None => Some(RiskReason::DiskUnknown),
        };
        let is_found_now = self.status != LocationStatus::Unreachable;
        let seen = limit.fault(self.seen, RiskReason::NotSeen).filter(|_| !is_found_now);
        let read_back = limit.fault(self.read_back, RiskReason::NotReadBack);
        [status, disk, seen, read_back].into_iter().flatten().max()
    }
}

impl Safety {
    /// Computes the safety of a license. `locations` has the risk of each location that has or had the license, or
    /// `None` for a location that makes the license safe.
    pub(crate) fn new(
        state: LicenseState,
        backup_right: BackupRight,
        is_readable: bool,
        locations: impl IntoIterator<Item = Option<RiskReason>>,
    ) -> Self {
        match state {
            LicenseState::Revoked | LicenseState::Expired | LicenseState::UsedUp => return Self::Ended,
            LicenseState::Refused(outcome) if outcome.is_end() => return Self::Ended,
            _ => {}
        }
        if let Some(restriction) = backup_right.restriction() {
            return Self::CannotBeSaved(restriction);
        }
        if !is_readable {
            return Self::AtRisk(RiskReason::Unreadable);
        }
        match state {
            LicenseState::Invalid => return Self::AtRisk(RiskReason::Invalid),
            LicenseState::Refused(_) => return Self::AtRisk(RiskReason::Refused),
            LicenseState::Pending => return Self::AtRisk(RiskReason::Pending),
            LicenseState::OtherComputer => return Self::AtRisk(RiskReason::OtherComputer),
            _ => {}
        }
        // `None` is less than each reason.
        match locations.into_iter().min() {
            Some(None) => Self::Safe,
            Some(Some(reason)) => Self::AtRisk(reason),
            None => Self::AtRisk(RiskReason::NoBackup),
        }
    }

    /// Returns the reason why the license is at risk or cannot be saved, by its fixed name.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::AtRisk(reason) => Some(reason.as_str()),
            Self::CannotBeSaved(restriction) => Some(restriction.as_str()),
            Self::Safe | Self::Ended => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use restow_core::protocol::Outcome;

    use super::*;

    const NOW: UnixTime = 1_795_132_800;

    fn risk(change: impl FnOnce(&mut LocationFacts)) -> Option<RiskReason> {
        let mut facts = LocationFacts {
            status: LocationStatus::Unreachable,
            disk: Some(DiskRelation::OtherDisk),
            seen: Some(NOW),
            read_back: Some(NOW),
        };
        change(&mut facts);
        facts.risk(StaleLimit::new(NOW, 90))
    }

    #[test]
    fn location_risk_is_most_severe_fault() {
        assert_eq!(risk(|_| ()), None);
        assert_eq!(risk(|facts| facts.disk = Some(DiskRelation::OtherMachine)), None);
        assert_eq!(risk(|facts| facts.disk = Some(DiskRelation::SameDisk)), Some(RiskReason::SameDisk));
        assert_eq!(risk(|facts| facts.disk = Some(DiskRelation::Memory)), Some(RiskReason::Memory));
        assert_eq!(risk(|facts| facts.disk = Some(DiskRelation::Unknown)), Some(RiskReason::DiskUnknown));
        assert_eq!(risk(|facts| facts.disk = None), Some(RiskReason::DiskUnknown));
        assert_eq!(risk(|facts| facts.read_back = None), Some(RiskReason::NotReadBack));
        assert_eq!(risk(|facts| facts.read_back = Some(NOW - 90 * DAY)), None);
        assert_eq!(risk(|facts| facts.read_back = Some(NOW - 90 * DAY - 1)), Some(RiskReason::NotReadBack));
        assert_eq!(risk(|facts| facts.seen = Some(NOW - 91 * DAY)), Some(RiskReason::NotSeen));
        assert_eq!(risk(|facts| facts.seen = None), Some(RiskReason::NotSeen));
        let found_now = |facts: &mut LocationFacts| (facts.status, facts.seen) = (LocationStatus::Present, None);
        assert_eq!(risk(found_now), None);
        // A clock that was set back makes no old backup new.
        assert_eq!(risk(|facts| facts.read_back = Some(NOW + DAY)), None);
        assert_eq!(risk(|facts| facts.read_back = Some(NOW + DAY + 1)), Some(RiskReason::DateInFuture));
        assert_eq!(risk(|facts| facts.seen = Some(i64::MAX)), Some(RiskReason::DateInFuture));
        assert_eq!(risk(|facts| facts.seen = Some(i64::MIN)), Some(RiskReason::NotSeen));
        for (status, reason) in [
            (LocationStatus::Missing, RiskReason::Gone),
            (LocationStatus::Damaged, RiskReason::Damaged),
            (LocationStatus::Older, RiskReason::OlderState),
            (LocationStatus::Replaced, RiskReason::Replaced),
        ] {
            let damaged =
                |facts: &mut LocationFacts| (facts.status, facts.disk) = (status, Some(DiskRelation::SameDisk));
            assert_eq!(risk(damaged), Some(reason));
        }
    }

    #[test]
    fn best_location_decides() {
        let safety = |locations: &[Option<RiskReason>]| {
            Safety::new(LicenseState::Usable, BackupRight::Allowed, true, locations.iter().copied())
        };
        assert_eq!(safety(&[]), Safety::AtRisk(RiskReason::NoBackup));
        assert_eq!(safety(&[Some(RiskReason::Gone), None]), Safety::Safe);
        let both = [Some(RiskReason::Gone), Some(RiskReason::SameDisk)];
        assert_eq!(safety(&both), Safety::AtRisk(RiskReason::SameDisk));
    }

    #[test]
    fn license_state_precedes_locations() {
        let denied = BackupRight::Denied(Restriction::DeniedByIssuer);
        let at_risk = Safety::AtRisk;
        for (state, right, readable, expected) in [
            (LicenseState::Usable, BackupRight::Allowed, true, Safety::Safe),
            (LicenseState::NotYetValid, BackupRight::Allowed, true, Safety::Safe),
            (LicenseState::Pending, BackupRight::Allowed, true, at_risk(RiskReason::Pending)),
            (LicenseState::Refused(Outcome::Limit), BackupRight::Allowed, true, at_risk(RiskReason::Refused)),
            (LicenseState::Refused(Outcome::Returned), BackupRight::Allowed, true, Safety::Ended),
            (LicenseState::Expired, BackupRight::Allowed, true, Safety::Ended),
            (LicenseState::UsedUp, denied, true, Safety::Ended),
            (LicenseState::Revoked, BackupRight::Allowed, true, Safety::Ended),
            (LicenseState::Invalid, BackupRight::Allowed, true, at_risk(RiskReason::Invalid)),
            (LicenseState::OtherComputer, BackupRight::Allowed, true, at_risk(RiskReason::OtherComputer)),
            (LicenseState::Usable, BackupRight::Allowed, false, at_risk(RiskReason::Unreadable)),
            (LicenseState::Usable, denied, true, Safety::CannotBeSaved(Restriction::DeniedByIssuer)),
            (LicenseState::Pending, denied, true, Safety::CannotBeSaved(Restriction::DeniedByIssuer)),
        ] {
            assert_eq!(Safety::new(state, right, readable, [None]), expected, "{state:?} {right:?}");
        }
    }
}
