//! What the provider of an LCP license says of it.
//!
//! Source: License Status Document 1.0, section 2.3.

use std::fmt;

use restow_core::protocol::Outcome;

/// The status of a license at its provider.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[repr(u8)]
pub enum LcpStatus {
    /// Nobody used it yet.
    Ready = 1,
    /// It is in use.
    Active = 2,
    /// The provider took it back.
    Revoked = 3,
    /// The person gave it back.
    Returned = 4,
    /// It was never used, and is no more.
    Cancelled = 5,
    /// Its time is over.
    Expired = 6,
}

impl LcpStatus {
    const ALL: [Self; 6] = [Self::Ready, Self::Active, Self::Revoked, Self::Returned, Self::Cancelled, Self::Expired];

    /// The name in documents, in the store and in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == name)
    }

    /// The number in a backup.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The one with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.number() == number)
    }

    /// Returns the outcome that a restore reports for a license with this status, if the status ends the license.
    #[must_use]
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Ready | Self::Active => None,
            Self::Revoked => Some(Outcome::Revoked),
            Self::Returned => Some(Outcome::Returned),
            Self::Cancelled => Some(Outcome::Cancelled),
            Self::Expired => Some(Outcome::Expired),
        }
    }
}

impl fmt::Display for LcpStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::LcpStatus;

    #[test]
    fn names_and_numbers_come_back() {
        for standing in LcpStatus::ALL {
            assert_eq!(LcpStatus::from_name(standing.as_str()), Some(standing));
            assert_eq!(LcpStatus::from_number(standing.number()), Some(standing));
        }
        assert_eq!((LcpStatus::from_name("lost"), LcpStatus::from_number(0)), (None, None));
    }
}
