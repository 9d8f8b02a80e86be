//! Warnings about members of a license document that Restow cannot read.

use crate::message_error;
use crate::texts::TEXTS;

crate::named_enum! {
    /// Member of a license document that a warning is about.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum LicenseMember {
        /// Time of issue.
        Issued = "issued",
        /// Time of the last update.
        Updated = "updated",
        /// Start of the license.
        Start = "start",
        /// End of the license.
        End = "end",
        /// Number of pages to print.
        Print = "print",
        /// Number of characters to copy.
        Copy = "copy",
    }
}

message_error! {
    /// Fact of a license that is unknown or assumed, because a member of the document has an unexpected form.
    ///
    /// The document itself is kept unchanged.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum LicenseWarning in TEXTS {
        /// The date is absent where one is required, or cannot be read.
        UnknownDate(member: LicenseMember) = "license-date-unknown",
        /// The date has no offset, and UTC was assumed.
        AssumedUtc(member: LicenseMember) = "license-date-utc",
        /// The date has no time, and the start of the day in UTC was assumed.
        AssumedMidnight(member: LicenseMember) = "license-date-day",
        /// The number cannot be read.
        UnknownAmount(member: LicenseMember) = "license-amount-unknown",
        /// The rights are not an object, so that no right is known.
        UnknownRights = "license-rights-unknown",
        /// The document has no links.
        NoLinks = "license-no-links",
        /// One of the links cannot be read.
        UnreadableLink = "license-link-unreadable",
        /// The encryption profile is not registered.
        UnknownProfile(profile: String) = "license-profile-unknown",
    }
}
