//! Reasons to trust a service or a provider.

/// Reason to trust a service. Only a service with a typed address may have a private address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrustOrigin {
    /// Its key set came with a backup; nobody trusts it yet, and it is never contacted.
    Untrusted,
    /// The user consented to a link or a set that names it.
    Consent,
    /// The user typed its address.
    Manual,
}

impl TrustOrigin {
    /// The name in the database and in output.
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
