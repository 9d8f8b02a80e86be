//! Malformed or unknown parts of a file.

use restow_core::message::Message;
use restow_core::{message_error, named_enum};

use crate::texts::TEXTS;

/// Violation of the rules of a format, or a value that this crate does not know.
///
/// Texts from the file are limited in length and printable.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Warning {
    /// The file ends inside its header.
    HeaderTruncated {
        /// Stated size of the header, in bytes.
        stated: u64,
        /// Number of header bytes that the file holds.
        found: u64,
    },
    /// The stated size of the header exceeds the limit. The header was not read.
    HeaderTooLarge {
        /// Stated size of the header, in bytes.
        stated: u64,
        /// Maximum size of a header, in bytes.
        limit: u64,
    },
    /// The stated size of the header is too small for its own fields.
    HeaderTooSmall {
        /// Stated size of the header, in bytes.
        stated: u64,
    },
    /// A part of the header states an impossible size. The parts after it were not read.
    ObjectSize {
        /// Start of the object, in bytes from the start of the file.
        offset: u64,
        /// Stated size of the object, in bytes.
        stated: u64,
    },
    /// The header has a different number of parts than it states.
    ObjectCount {
        /// Stated number of objects.
        stated: u32,
        /// Actual number of objects.
        found: u32,
    },
    /// The header ends with a few bytes that are too short for an object.
    StrayBytes {
        /// Start of the bytes, from the start of the file.
        offset: u64,
        /// Number of bytes.
        len: u64,
    },
    /// The fields of a part of the header do not fit into it. The readable fields were used.
    MalformedObject {
        /// Name of the object in the specification of its format.
        object: &'static str,
    },
    /// The header describes no stream.
    NoStreams,
    /// No media data follows the header.
    NoMediaData,
    /// Content is flagged as encrypted, but the file names no protection system.
    SystemNotNamed,
    /// The Content Encryption Object names a protection type other than `DRM`.
    UnknownProtectionType(String),
    /// The version of the protection header is unknown. Its fields were read as in the known versions.
    UnknownHeaderVersion(String),
    /// The place of a protection header is empty or unreadable.
    ProtectionHeaderMissing,
    /// The protection header ends early or is not well-formed XML. The readable part was used.
    ProtectionHeaderMalformed,
    /// A key ID in a protection header is not the base64 of 16 bytes. It was kept as text.
    UnusualKeyId,
    /// A key ID or URL exceeds the length limit and was dropped.
    TooLong(&'static str),
    /// A file has more values of one kind than the limit. The rest was dropped.
    TooMany(&'static str),
    /// The package has no directory at its end, as after an incomplete download. Its content was not read.
    NoDirectory,
    /// Entries of the package share bytes, as in a ZIP bomb. Its content was not read.
    EntriesOverlap,
    /// The name of an entry is a path out of the package.
    PathTraversal,
    /// The archive decompresses to more than the limit. The remaining entries were skipped.
    ArchiveTooLarge,
    /// A required entry of the package is unusable.
    Entry {
        /// Name of the entry.
        name: String,
        /// Problem with the entry.
        problem: EntryProblem,
    },
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

impl Warning {
    /// Returns the stable code of the warning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::HeaderTruncated { .. } => "header-truncated",
            Self::HeaderTooLarge { .. } => "header-too-large",
            Self::HeaderTooSmall { .. } => "header-too-small",
            Self::ObjectSize { .. } => "object-size",
            Self::ObjectCount { .. } => "object-count",
            Self::StrayBytes { .. } => "stray-bytes",
            Self::MalformedObject { .. } => "object-malformed",
            Self::NoStreams => "no-streams",
            Self::NoMediaData => "no-media-data",
            Self::SystemNotNamed => "system-not-named",
            Self::UnknownProtectionType(_) => "protection-type-unknown",
            Self::UnknownHeaderVersion(_) => "header-version-unknown",
            Self::ProtectionHeaderMissing => "protection-header-missing",
            Self::ProtectionHeaderMalformed => "protection-header-malformed",
            Self::UnusualKeyId => "key-id-unusual",
            Self::TooLong(_) => "value-too-long",
            Self::TooMany(_) => "values-too-many",
            Self::NoDirectory => "package-directory-missing",
            Self::EntriesOverlap => "entries-overlap",
            Self::PathTraversal => "entry-escapes",
            Self::ArchiveTooLarge => "archive-too-large",
            Self::Entry { problem, .. } => problem.as_str(),
        }
    }
}

impl From<&Warning> for Message {
    fn from(warning: &Warning) -> Self {
        let message = Self::new(&TEXTS, warning.code());
        match warning {
            Warning::HeaderTruncated { stated, found } => message.with("stated", stated).with("found", found),
            Warning::HeaderTooLarge { stated, .. } | Warning::HeaderTooSmall { stated } => {
                message.with("stated", stated)
            }
            Warning::ObjectSize { offset, stated } => message.with("offset", offset).with("stated", stated),
            Warning::ObjectCount { stated, found } => message.with("stated", stated).with("found", found),
            Warning::StrayBytes { offset, len } => message.with("offset", offset).with("len", len),
            Warning::MalformedObject { object } => message.with("object", object),
            Warning::UnknownProtectionType(name)
            | Warning::UnknownHeaderVersion(name)
            | Warning::Entry { name, .. } => message.with("name", name),
            _ => message,
        }
    }
}

message_error!(Warning);
