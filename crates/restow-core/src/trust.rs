//! Reasons to trust a service or a provider.

/// Reason to trust a service. Only a service with a typed address may have a private address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrustOrigin {
    /// No trust yet: the key set is from a backup, and Restow does not contact the service.
    Untrusted,
    /// Consent of the user to a link or a set that names the service.
    Consent,
    /// Address that the user typed.
    Manual,
}

impl TrustOrigin {
    /// Returns the name in the database and in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Untrusted => "nobody",
            Self::Consent => "consent",
            Self::Manual => "hand",
        }
    }

    /// Returns the value with this name; an unknown name is not trusted.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "consent" => Self::Consent,
            "hand" => Self::Manual,
            _ => Self::Untrusted,
        }
    }

    /// Returns the rank: a higher rank replaces a lower one.
    #[must_use]
    pub const fn rank(self) -> u8 {
        self as u8
    }
}
