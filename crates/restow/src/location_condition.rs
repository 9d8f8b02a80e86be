//! Status of a backup location.

/// Status of a location. The check looks for packs, but does not read them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum LocationStatus {
    /// The location holds the data that was written or restored.
    Present,
    /// The location cannot be checked now, such as a drive that is not connected.
    Unreachable,
    /// The location has no backup.
    Missing,
    /// The newest state cannot be read, or packs are missing or too short.
    Damaged,
    /// The location has an older state than this computer wrote.
    Older,
    /// The location has another backup of this computer, such as another drive at the same path.
    Replaced,
}

impl LocationStatus {
    /// Returns the fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "holds",
            Self::Unreachable => "away",
            Self::Missing => "gone",
            Self::Damaged => "damaged",
            Self::Older => "older",
            Self::Replaced => "replaced",
        }
    }

    /// Returns true if the recorded backup counts: the location holds it, or cannot be checked.
    #[must_use]
    pub const fn is_reliable(self) -> bool {
        matches!(self, Self::Present | Self::Unreachable)
    }
}
