//! Malformed or unknown parts of a file.

use restow_core::{message_error, named_enum};

use crate::texts::TEXTS;

message_error! {
    /// Violation of the rules of a format, or a value that this crate does not know.
    ///
    /// Texts from the file are limited in length and printable.
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum Warning in TEXTS {
        /// The file ends inside its header.
        HeaderTruncated {
            /// Stated size of the header, in bytes.
            stated: u64,
            /// Number of header bytes that the file holds.
            found: u64,
        } = "header-truncated",
        /// The header, or the directory of a package, exceeds the limit. It was not read.
        HeaderTooLarge {
            /// Stated size of the header, in bytes.
            stated: u64,
            /// Maximum size of a header, in bytes.
            limit: u64,
        } = "header-too-large",
        /// The stated size of the header is too small for its own fields.
        HeaderTooSmall {
            /// Stated size of the header, in bytes.
            stated: u64,
        } = "header-too-small",
        /// A part of the header states an impossible size. The parts after it were not read.
        ObjectSize {
            /// Start of the object, in bytes from the start of the file.
            offset: u64,
            /// Stated size of the object, in bytes.
            stated: u64,
        } = "object-size",
        /// The header has a different number of parts than it states.
        ObjectCount {
            /// Stated number of objects.
            stated: u32,
            /// Actual number of objects.
            found: u32,
        } = "object-count",
        /// The header ends with a few bytes that are too short for an object.
        StrayBytes {
            /// Start of the bytes, from the start of the file.
            offset: u64,
            /// Number of bytes.
            len: u64,
        } = "stray-bytes",
        /// The fields of a part of the header do not fit into it. The readable fields were used.
        MalformedObject {
            /// Name of the object in the specification of its format.
            object: &'static str,
        } = "object-malformed",
        /// The header describes no stream.
        NoStreams = "no-streams",
        /// No media data follows the header.
        NoMediaData = "no-media-data",
        /// Content is flagged as encrypted, but the file names no protection system.
        SystemNotNamed = "system-not-named",
        /// The Content Encryption Object names a protection type other than `DRM`.
        UnknownProtectionType(name: String) = "protection-type-unknown",
        /// The version of the protection header is unknown. Its fields were read as in the known versions.
        UnknownHeaderVersion(name: String) = "header-version-unknown",
        /// The place of a protection header is empty or unreadable.
        ProtectionHeaderMissing = "protection-header-missing",
        /// The protection header ends early or is not well-formed XML. The readable part was used.
        ProtectionHeaderMalformed = "protection-header-malformed",
        /// A key ID in a protection header is not the base64 of 16 bytes. It was kept as text.
        UnusualKeyId = "key-id-unusual",
        /// A key ID or URL exceeds the length limit and was dropped.
        TooLong(value: &'static str as _) = "value-too-long",
        /// A file has more values of one kind than the limit. The rest was dropped.
        TooMany(value: &'static str as _) = "values-too-many",
        /// The package has no directory at its end, as after an incomplete download. Its content was not read.
        NoDirectory = "package-directory-missing",
        /// Entries of the package share bytes, as in a ZIP bomb. Its content was not read.
        EntriesOverlap = "entries-overlap",
        /// Other bytes precede the header, as in a self-extracting archive. The header was read after them.
        LeadingBytes {
            /// Number of bytes.
            len: u64,
        } = "leading-bytes",
        /// A part of the header exceeds the limit. It was skipped by its size.
        ObjectTooLarge {
            /// Size of the part, in bytes.
            stated: u64,
            /// Maximum size that is read, in bytes.
            limit: u64,
        } = "object-too-large",
        /// An entry of the package exceeds the limit. Only its start was read, or nothing.
        EntryTooLarge {
            /// Name of the entry.
            name: String,
            /// Maximum size that is read, in bytes.
            limit: u64,
        } = "entry-over-limit",
        /// The file is encrypted with a password. A password is no license.
        PasswordNeeded = "password-needed",
        /// A part of the package states a protection that this crate does not know.
        UnknownRights(name: String) = "rights-unknown",
        /// This crate does not read the protection of this format.
        NotExamined = "format-not-examined",
        /// The name of an entry is a path out of the package.
        PathTraversal = "entry-escapes",
        /// The archive decompresses to more than the limit. The remaining entries were skipped.
        ArchiveTooLarge = "archive-too-large",
        /// The publication has a license, and no part of it states which resources are encrypted, as after the loss of
        /// `encryption.xml`. No reader can decrypt it.
        EncryptionMissing = "encryption-missing",
        /// A required entry of the package is unusable.
        Entry {
            /// Name of the entry.
            name: String,
            /// Problem with the entry.
            problem: EntryProblem as _,
        } = (problem.as_str()),
    }
}

named_enum! {
    /// Problem with an entry of a package.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum EntryProblem {
        /// The package has no such entry.
        Missing = "entry-missing",
        /// Several entries have this name, and readers would choose different ones.
        Duplicate = "entry-twice",
        /// The local header contradicts the directory.
        HeaderMismatch = "entry-contradiction",
        /// The content does not match the size or checksum in the directory.
        Damaged = "entry-damaged",
        /// The entry exceeds the size limit.
        TooLarge = "entry-too-large",
        /// The entry is encrypted with a ZIP password.
        PasswordProtected = "entry-password",
        /// The compression method is not allowed in publications.
        UnsupportedCompression = "entry-packing",
        /// The entry is a compressed publication that is too large to decompress in memory.
        CompressedPublication = "entry-unpack-first",
        /// The entry is an archive in an archive, which is not searched.
        NestedArchive = "entry-archive",
        /// The content is readable but not in the expected format.
        Malformed = "entry-malformed",
    }
}
