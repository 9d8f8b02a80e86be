//! License status of an LCP license, as its provider reports it.
//!
//! Source: License Status Document 1.0, section 2.3.

use restow_core::named_enum;
use restow_core::protocol::Outcome;

// The numbers are those of a backup (docs/backup-format.md §3.1).
named_enum! {
    /// Status of an LCP license at its provider.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum LcpStatus {
        /// Valid; no device is registered yet.
        Ready = ("ready", 1),
        /// Valid; at least one device is registered.
        Active = ("active", 2),
        /// Ended by the provider.
        Revoked = ("revoked", 3),
        /// Ended by the user with a return of the loan.
        Returned = ("returned", 4),
        /// Ended by the provider before the first use.
        Cancelled = ("cancelled", 5),
        /// Ended on the end date of the license.
        Expired = ("expired", 6),
    }
}

impl LcpStatus {
    /// Returns the status with this name in a document of a provider; `None` for an unknown name.
    ///
    /// Servers differ in case, and in the spelling of *cancelled*.
    #[must_use]
    pub fn from_provider(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "canceled" => Some(Self::Cancelled),
            name => Self::from_name(name),
        }
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

#[cfg(test)]
mod tests {
    use super::LcpStatus;

    #[test]
    fn status_names_and_numbers_round_trip() {
        for status in LcpStatus::ALL {
            assert_eq!(LcpStatus::from_name(status.as_str()), Some(status));
            assert_eq!(LcpStatus::from_number(status.number()), Some(status));
        }
        for (name, status) in
            [(" Active\n", LcpStatus::Active), ("REVOKED", LcpStatus::Revoked), ("Canceled", LcpStatus::Cancelled)]
        {
            assert_eq!(LcpStatus::from_provider(name), Some(status), "{name}");
        }
        assert_eq!(LcpStatus::from_provider("lost"), None);
        assert_eq!((LcpStatus::from_name("lost"), LcpStatus::from_number(0)), (None, None));
    }
}
