//! Trust in a service or provider: its origin.

/// How a service came to be trusted; only one added by hand may be at a private address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddedBy {
    /// Its key set came with a backup; nobody trusts it yet, and it is never contacted.
    Nobody,
    /// The user consented to a link or a set that names it.
    Consent,
    /// The user typed its address.
    Hand,
}

impl AddedBy {
    /// The name in the database and in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Consent => "consent",
            Self::Hand => "hand",
        }
    }

    /// Returns the value with this name; an unknown name is not trusted.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "consent" => Self::Consent,
            "hand" => Self::Hand,
            _ => Self::Nobody,
        }
    }

    /// Returns the rank: a higher rank replaces a lower one.
    #[must_use]
    pub const fn rank(self) -> u8 {
        self as u8
    }
}
