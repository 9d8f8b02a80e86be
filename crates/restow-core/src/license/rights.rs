//! Rights of a license and their limits.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::message::{Message, MessageValue};
use crate::time::UnixTime;

/// Name of a right in the spelling of the Windows Media Format SDK.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct Right(Cow<'static, str>);

impl Right {
    /// Right to play or read the content.
    pub const PLAY: Self = Self(Cow::Borrowed("Play"));
    /// Right to copy the content.
    pub const COPY: Self = Self(Cow::Borrowed("Copy"));
    /// Right to back up the license.
    pub const BACKUP: Self = Self(Cow::Borrowed("Backup"));
    /// Right to print pages (LCP).
    pub const PRINT: Self = Self(Cow::Borrowed("Print"));

    /// Names of the rights that the Windows Media Format SDK and LCP define.
    pub const STANDARD_NAMES: [&str; 10] = [
        "Play",
        "Copy",
        "Print",
        "PlaylistBurn",
        "CreateThumbnailImage",
        "CollaborativePlay",
        "Backup",
        "Print.redbook",
        "Transfer.SDMI",
        "Transfer.NONSDMI",
    ];

    /// Returns the right with this name.
    ///
    /// A name has 1 to 64 ASCII letters, digits and dots; the result is `None` for other names. Standard names match
    /// without regard to case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(standard) = Self::STANDARD_NAMES.into_iter().find(|standard| standard.eq_ignore_ascii_case(name)) {
            return Some(Self(Cow::Borrowed(standard)));
        }
        let fits = (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        fits.then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// Returns true if the name is one of [`STANDARD_NAMES`](Self::STANDARD_NAMES).
    #[must_use]
    pub fn is_standard(&self) -> bool {
        Self::STANDARD_NAMES.contains(&self.as_str())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl MessageValue for Right {
    fn add_to(&self, message: Message, name: &'static str) -> Message {
        message.with(name, self)
    }
}

impl<'de> Deserialize<'de> for Right {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom(format!("`{name}` is no name of a right")))
    }
}

/// Limits of one right. A right without limits is unlimited.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Maximum number of uses on all computers together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Start of the permitted period, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UnixTime>,
    /// End of the permitted period, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixTime>,
    /// Length of the permitted period in seconds, from the first use on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_use_seconds: Option<i64>,
}

/// Granted rights with their limits. An absent right is denied.
pub type Rights = BTreeMap<Right, Limits>;

/// Deserializes rights and drops each right that this version does not understand.
///
/// Dropped are rights with unknown limits, with limits of the wrong type, and repeated rights, without regard to
/// case.
pub(super) fn deserialize_known_rights<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Rights, D::Error> {
    struct RightsVisitor;
    impl<'de> serde::de::Visitor<'de> for RightsVisitor {
        type Value = Rights;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of rights")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Rights, A::Error> {
            // `None` marks a right that appears more than once or has unknown limits.
            let mut known: BTreeMap<Right, Option<Limits>> = BTreeMap::new();
            let mut members = 0_usize;
            while let Some((name, limits)) = map.next_entry::<String, serde_json::Value>()? {
                members += 1;
                if members > 64 {
                    return Err(serde::de::Error::custom("more than 64 rights"));
                }
                let Some(right) = Right::from_name(&name) else { continue };
                let limits = serde_json::from_value::<Limits>(limits).ok();
                known.entry(right).and_modify(|repeated| *repeated = None).or_insert(limits);
            }
            Ok(known.into_iter().filter_map(|(right, limits)| Some((right, limits?))).collect())
        }
    }
    deserializer.deserialize_map(RightsVisitor)
}

/// Use of a right so far, on all computers together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Used {
    /// Sum of the counts of all computers.
    pub count: u64,
    /// Time of the first use; `None` before the first use.
    pub first_use: Option<UnixTime>,
}

/// Result of the check of a right's limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UseCheck {
    /// The right can be used.
    Allowed {
        /// Remaining uses, this one included; `None` for an unlimited number.
        left: Option<u64>,
    },
    /// The license does not grant the right.
    NotGranted,
    /// No uses remain.
    UsedUp,
    /// The permitted period starts at this time.
    NotYet(UnixTime),
    /// The permitted period ended at this time.
    Expired(UnixTime),
    /// The document states the limit in a form that cannot be read.
    Unknown,
}

impl Limits {
    /// Returns true if a use changes the remaining uses or the remaining time.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        self.count.is_some() || self.first_use_seconds.is_some()
    }

    /// Checks whether the right can be used at `now`, after the uses in `used`.
    #[must_use]
    pub fn check(&self, used: Used, now: UnixTime) -> UseCheck {
        if let Some(from) = self.from.filter(|from| now < *from) {
            return UseCheck::NotYet(from);
        }
        let after_first_use =
            self.first_use_seconds.zip(used.first_use).map(|(seconds, first)| first.saturating_add(seconds));
        let until = [self.until, after_first_use].into_iter().flatten().min();
        if let Some(until) = until.filter(|until| now >= *until) {
            return UseCheck::Expired(until);
        }
        match self.count.map(|count| count.saturating_sub(used.count)) {
            Some(0) => UseCheck::UsedUp,
            left => UseCheck::Allowed { left },
        }
    }
}

crate::named_enum! {
    /// Categories of the secure state in the Windows Media client (`DRM_LICENSE_STATE_DATA`).
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum StateCategory {
        /// The right is not granted.
        NoRight = "no_right",
        /// No limits.
        Unlimited = "unlimited",
        /// Limited number of uses.
        Count = "count",
        /// Start date.
        From = "from",
        /// End date.
        Until = "until",
        /// Start and end date.
        FromUntil = "from_until",
        /// Limited number of uses and start date.
        CountFrom = "count_from",
        /// Limited number of uses and end date.
        CountUntil = "count_until",
        /// Limited number of uses, start and end date.
        CountFromUntil = "count_from_until",
        /// Limited time after the first use.
        ExpirationAfterFirstUse = "expiration_after_first_use",
    }
}

impl StateCategory {
    /// Returns the category for the limits of a right; `None` means that the right is not granted.
    #[must_use]
    pub fn from_limits(limits: Option<&Limits>) -> Self {
        let Some(limits) = limits else { return Self::NoRight };
        if limits.first_use_seconds.is_some() {
            return Self::ExpirationAfterFirstUse;
        }
        match (limits.count.is_some(), limits.from.is_some(), limits.until.is_some()) {
            (false, false, false) => Self::Unlimited,
            (true, false, false) => Self::Count,
            (false, true, false) => Self::From,
            (false, false, true) => Self::Until,
            (false, true, true) => Self::FromUntil,
            (true, true, false) => Self::CountFrom,
            (true, false, true) => Self::CountUntil,
            (true, true, true) => Self::CountFromUntil,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_names_are_checked_and_normalized() {
        assert_eq!(Right::from_name("play"), Some(Right::PLAY));
        assert_eq!(Right::from_name(""), None);
        assert_eq!(Right::from_name("a b"), None);
        assert_eq!(Right::from_name("x.y").map(|r| r.to_string()), Some("x.y".into()));
    }

    #[test]
    fn check_applies_counts_and_dates() {
        let counted = Limits { count: Some(10), ..Limits::default() };
        let used = |count| Used { count, first_use: Some(100) };
        assert_eq!(counted.check(used(9), 0), UseCheck::Allowed { left: Some(1) });
        assert_eq!(counted.check(used(10), 0), UseCheck::UsedUp);
        assert_eq!(
            counted.check(used(11), 0),
            UseCheck::UsedUp,
            "two computers may take the last use at the same time"
        );
        let dated = Limits { from: Some(10), until: Some(20), ..Limits::default() };
        assert_eq!(dated.check(used(0), 9), UseCheck::NotYet(10));
        assert_eq!(dated.check(used(0), 19), UseCheck::Allowed { left: None });
        assert_eq!(dated.check(used(0), 20), UseCheck::Expired(20));
        let timed = Limits { first_use_seconds: Some(50), ..Limits::default() };
        assert_eq!(timed.check(used(1), 149), UseCheck::Allowed { left: None });
        assert_eq!(timed.check(used(1), 150), UseCheck::Expired(150));
        assert_eq!(timed.check(Used::default(), i64::MAX), UseCheck::Allowed { left: None });
        let absurd = Limits { first_use_seconds: Some(i64::MAX), ..Limits::default() };
        assert_eq!(absurd.check(used(1), i64::MAX - 1), UseCheck::Allowed { left: None });
    }

    #[test]
    fn limits_map_to_state_categories() {
        assert_eq!(StateCategory::from_limits(None), StateCategory::NoRight);
        assert_eq!(StateCategory::from_limits(Some(&Limits::default())), StateCategory::Unlimited);
        let both = Limits { count: Some(1), until: Some(5), ..Limits::default() };
        assert_eq!(StateCategory::from_limits(Some(&both)).as_str(), "count_until");
    }
}
