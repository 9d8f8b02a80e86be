//! Relation between the disks of two folders.

use restow_core::named_enum;

named_enum! {
    /// Relation between the disk of a location and the disk of the home.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    #[non_exhaustive]
    pub enum DiskRelation {
        /// The location is on another physical disk.
        OtherDisk = "other_disk",
        /// The location is on another machine, such as a file server.
        OtherMachine = "other_machine",
        /// The disk cannot be determined.
        Unknown = "unknown",
        /// The location is on a disk of the home.
        SameDisk = "same_disk",
        /// The location is in memory, which a restart erases.
        Memory = "memory",
    }
}

impl DiskRelation {
    /// Returns true if the location survives the loss of the disk of the home.
    #[must_use]
    pub const fn is_apart(self) -> bool {
        matches!(self, Self::OtherDisk | Self::OtherMachine)
    }
}
