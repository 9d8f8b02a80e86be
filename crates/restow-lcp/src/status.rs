//! License status of an LCP license, as its provider reports it.
//!
//! Source: License Status Document 1.0, section 2.3.

use std::fmt;

use restow_core::protocol::Outcome;

/// Status of an LCP license at its provider.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[repr(u8)]
pub enum LcpStatus {
    /// Valid; no device is registered yet.
    Ready = 1,
    /// Valid; at least one device is registered.
    Active = 2,
    /// Ended by the provider.
    Revoked = 3,
    /// Ended by the user with a return of the loan.
    Returned = 4,
    /// Ended by the provider before the first use.
    Cancelled = 5,
    /// Ended on the end date of the license.
    Expired = 6,
}

impl LcpStatus {
    const ALL: [Self; 6] = [Self::Ready, Self::Active, Self::Revoked, Self::Returned, Self::Cancelled, Self::Expired];

    /// Returns the name in status documents, in the store and in output.
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

    /// Returns the status with this name, or `None` for an unknown name. Names are case-sensitive.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Returns the number in a backup (docs/backup-format.md §3.1), 1 to 6.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the status with this number, or `None` for an unknown number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
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
    fn status_names_and_numbers_round_trip() {
        for status in LcpStatus::ALL {
            assert_eq!(LcpStatus::from_name(status.as_str()), Some(status));
            assert_eq!(LcpStatus::from_number(status.number()), Some(status));
        }
        assert_eq!((LcpStatus::from_name("lost"), LcpStatus::from_number(0)), (None, None));
    }
}
