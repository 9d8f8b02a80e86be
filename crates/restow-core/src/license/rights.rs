//! Rights: what may be done, how often and when.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::UnixTime;

/// The name of a right, as the Windows Media Format SDK spells it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct Right(Cow<'static, str>);

impl Right {
    /// Play or read the content.
    pub const PLAY: Self = Self(Cow::Borrowed("Play"));
    /// Copy the content.
    pub const COPY: Self = Self(Cow::Borrowed("Copy"));
    /// Back up the license.
    pub const BACKUP: Self = Self(Cow::Borrowed("Backup"));
    /// Print pages (LCP).
    pub const PRINT: Self = Self(Cow::Borrowed("Print"));

    /// The names of the standard rights.
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

    /// The right of this name: 1 to 64 ASCII letters, digits and dots; the standard names match in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(standard) = Self::STANDARD_NAMES.into_iter().find(|standard| standard.eq_ignore_ascii_case(name)) {
            return Some(Self(Cow::Borrowed(standard)));
        }
        let fits = (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        fits.then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// Whether it is one that others define too.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        Self::STANDARD_NAMES.contains(&self.as_str())
    }

    /// The name.
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

impl<'de> Deserialize<'de> for Right {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom(format!("`{name}` is no name of a right")))
    }
}

/// The limits of one right; without any it is unlimited.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Not before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UnixTime>,
    /// Not from this time on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixTime>,
    /// Only so many seconds after the first use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_use_seconds: Option<i64>,
}

/// What is granted; a right that is not in it is denied.
pub type Rights = BTreeMap<Right, Limits>;

/// Reads rights so that what is not understood is not granted: unknown limits, limits of the wrong type, and rights that
/// are stated twice, in whatever spelling.
pub(super) fn deserialize_known_rights<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Rights, D::Error> {
    struct Stated;
    impl<'de> serde::de::Visitor<'de> for Stated {
        type Value = Rights;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of rights")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Rights, A::Error> {
            let mut stated: BTreeMap<Right, Option<Limits>> = BTreeMap::new();
            let mut members = 0_usize;
            while let Some((name, limits)) = map.next_entry::<String, serde_json::Value>()? {
                members += 1;
                if members > 64 {
                    return Err(serde::de::Error::custom("more than 64 rights"));
                }
                let Some(right) = Right::from_name(&name) else { continue };
                let limits = serde_json::from_value::<Limits>(limits).ok();
                stated.entry(right).and_modify(|twice| *twice = None).or_insert(limits);
            }
            Ok(stated.into_iter().filter_map(|(right, limits)| Some((right, limits?))).collect())
        }
    }
    deserializer.deserialize_map(Stated)
}

/// What has been used of a right: all computers together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Used {
    /// The sum of all computers' counts.
    pub count: u64,
    /// The earliest first use.
    pub first_use: Option<UnixTime>,
}

/// Whether a right can be used now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UseCheck {
    /// Yes; with the uses left, if they are counted.
    Allowed {
        /// Uses left, this one included; `None` for any number.
        left: Option<u64>,
    },
    /// The license does not grant the right.
    NotGranted,
    /// All uses are used.
    UsedUp,
    /// Not before this time.
    NotYet(UnixTime),
    /// Since this time no more.
    Expired(UnixTime),
}

impl Limits {
    /// True when using the right changes what is left of it.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        self.count.is_some() || self.first_use_seconds.is_some()
    }

    /// May the right be used at `now`, when so much has been used?
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

/// The secure-state categories of the Windows Media client (`DRM_LICENSE_STATE_DATA`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum StateCategory {
    /// The right is not granted.
    NoRight,
    /// Without limits.
    Unlimited,
    /// Counted.
    Count,
    /// From a date.
    From,
    /// Until a date.
    Until,
    /// Between dates.
    FromUntil,
    /// Counted, from a date.
    CountFrom,
    /// Counted, until a date.
    CountUntil,
    /// Counted, between dates.
    CountFromUntil,
    /// For a time after first use.
    ExpirationAfterFirstUse,
}

impl StateCategory {
    /// The category of a right's limits.
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

    /// The fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoRight => "no_right",
            Self::Unlimited => "unlimited",
            Self::Count => "count",
            Self::From => "from",
            Self::Until => "until",
            Self::FromUntil => "from_until",
            Self::CountFrom => "count_from",
            Self::CountUntil => "count_until",
            Self::CountFromUntil => "count_from_until",
            Self::ExpirationAfterFirstUse => "expiration_after_first_use",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Right::from_name("play"), Some(Right::PLAY));
        assert_eq!(Right::from_name(""), None);
        assert_eq!(Right::from_name("a b"), None);
        assert_eq!(Right::from_name("x.y").map(|r| r.to_string()), Some("x.y".into()));
    }

    #[test]
    fn counts_and_dates() {
        let counted = Limits { count: Some(10), ..Limits::default() };
        let used = |count| Used { count, first_use: Some(100) };
        assert_eq!(counted.check(used(9), 0), UseCheck::Allowed { left: Some(1) });
        assert_eq!(counted.check(used(10), 0), UseCheck::UsedUp);
        assert_eq!(counted.check(used(11), 0), UseCheck::UsedUp, "a race may use one too many");
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
    fn categories() {
        assert_eq!(StateCategory::from_limits(None), StateCategory::NoRight);
        assert_eq!(StateCategory::from_limits(Some(&Limits::default())), StateCategory::Unlimited);
        let both = Limits { count: Some(1), until: Some(5), ..Limits::default() };
        assert_eq!(StateCategory::from_limits(Some(&both)).as_str(), "count_until");
    }
}
