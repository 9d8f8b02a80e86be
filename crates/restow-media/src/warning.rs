//! Malformed or unknown parts of a file.

use restow_core::message::Note;

/// Violation of the rules of a format, or a value that this crate does not know.
///
/// `Display` is an English sentence without a full stop. Texts from the file are limited in length and
/// printable.
#[derive(Clone, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The file ends inside its header.
    #[error("the file ends inside its header: {found} of {stated} bytes are there")]
    HeaderTruncated {
        /// Stated size of the header, in bytes.
        stated: u64,
        /// Number of header bytes that the file holds.
        found: u64,
    },
    /// The stated size of the header exceeds the limit. The header was not read.
    #[error("the header claims {stated} bytes, more than the {limit} this program is willing to read")]
    HeaderTooLarge {
        /// Stated size of the header, in bytes.
        stated: u64,
        /// Maximum size of a header, in bytes.
        limit: u64,
    },
    /// The stated size of the header is too small for its own fields.
    #[error("the header claims an impossible size of {stated} bytes")]
    HeaderTooSmall {
        /// Stated size of the header, in bytes.
        stated: u64,
    },
    /// A part of the header states an impossible size. The parts after it were not read.
    #[error("the object at byte {offset} claims an impossible size of {stated} bytes")]
    ObjectSize {
        /// Start of the object, in bytes from the start of the file.
        offset: u64,
        /// Stated size of the object, in bytes.
        stated: u64,
    },
    /// The header has a different number of parts than it states.
    #[error("the header claims {stated} objects and has {found}")]
    ObjectCount {
        /// Stated number of objects.
        stated: u32,
        /// Actual number of objects.
        found: u32,
    },
    /// The header ends with a few bytes that are too short for an object.
    #[error("{len} stray bytes stand at byte {offset} of the header")]
    StrayBytes {
        /// Start of the bytes, from the start of the file.
        offset: u64,
        /// Number of bytes.
        len: u64,
    },
    /// The fields of a part of the header do not fit into it. The readable fields were used.
    #[error("the {object} is malformed")]
    MalformedObject {
        /// Name of the object in the specification of its format.
        object: &'static str,
    },
    /// The header describes no stream.
    #[error("the header describes no stream")]
    NoStreams,
    /// No media data follows the header.
    #[error("no media data follows the header")]
    NoMediaData,
    /// Content is flagged as encrypted, but the file names no protection system.
    #[error("its content is encrypted, and nothing says by which system")]
    SystemNotNamed,
    /// The Content Encryption Object names a protection type other than `DRM`.
    #[error("unknown protection type {0:?}")]
    UnknownProtectionType(String),
    /// The version of the protection header is unknown. Its fields were read as in the known versions.
    #[error("unknown header version {0:?}")]
    UnknownHeaderVersion(String),
    /// The place of a protection header is empty or unreadable.
    #[error("the protection header is missing or unreadable")]
    ProtectionHeaderMissing,
    /// The protection header ends early or is not well-formed XML. The readable part was used.
    #[error("the protection header is incomplete or not well-formed")]
    ProtectionHeaderMalformed,
    /// A key ID in a protection header is not the base64 of 16 bytes. It was kept as text.
    #[error("a key ID in the protection header is not the base64 of 16 bytes")]
    UnusualKeyId,
    /// A key ID or URL exceeds the length limit and was dropped.
    #[error("a {0} is too long and was left out")]
    TooLong(&'static str),
    /// A file has more values of one kind than the limit. The rest was dropped.
    #[error("there are too many {0}; the rest was left out")]
    TooMany(&'static str),
    /// The package has no directory at its end, as after an incomplete download. Its content was not read.
    #[error("the package has no directory at its end")]
    NoDirectory,
    /// Entries of the package share bytes, as in a ZIP bomb. Its content was not read.
    #[error("entries of the package overlap")]
    EntriesOverlap,
    /// The name of an entry is a path out of the package.
    #[error("an entry has a name that leads out of the package")]
    PathTraversal,
    /// The archive decompresses to more than the limit. The remaining entries were skipped.
    #[error("there is more in the archive than this program is willing to unpack")]
    ArchiveTooLarge,
    /// A required entry of the package is unusable.
    #[error("{name:?} {problem}")]
    Entry {
        /// Name of the entry.
        name: String,
        /// Problem with the entry.
        problem: EntryProblem,
    },
}

/// Problem with an entry of a package.
///
/// `Display` is the end of an English sentence that begins with the name of the entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryProblem {
    /// The package has no such entry.
    #[error("is missing from the package")]
    Missing,
    /// Several entries have this name, and readers would choose different ones.
    #[error("is in the package more than once")]
    Duplicate,
    /// The local header contradicts the directory.
    #[error("is described in the directory otherwise than it is")]
    HeaderMismatch,
    /// The content does not match the size or checksum in the directory.
    #[error("is damaged")]
    Damaged,
    /// The entry exceeds the size limit.
    #[error("is larger than this program is willing to read")]
    TooLarge,
    /// The entry is encrypted with a ZIP password.
    #[error("is locked with a password")]
    PasswordProtected,
    /// The compression method is not allowed in publications.
    #[error("is packed in a way that publications may not use")]
    UnsupportedCompression,
    /// The entry is a compressed publication that is too large to decompress in memory.
    #[error("is compressed in the archive, and too large to be looked into there")]
    CompressedPublication,
    /// The entry is an archive in an archive, which is not searched.
    #[error("is an archive in the archive, which is not looked into")]
    NestedArchive,
    /// The content is readable but not in the expected format.
    #[error("is malformed")]
    Malformed,
}

impl EntryProblem {
    const fn code(self) -> &'static str {
        match self {
            Self::Missing => "entry-missing",
            Self::Duplicate => "entry-twice",
            Self::HeaderMismatch => "entry-contradiction",
            Self::Damaged => "entry-damaged",
            Self::TooLarge => "entry-too-large",
            Self::PasswordProtected => "entry-password",
            Self::UnsupportedCompression => "entry-packing",
            Self::CompressedPublication => "entry-unpack-first",
            Self::NestedArchive => "entry-archive",
            Self::Malformed => "entry-malformed",
        }
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
            Self::Entry { problem, .. } => problem.code(),
        }
    }
}

impl From<&Warning> for Note {
    fn from(warning: &Warning) -> Self {
        let note = Self::new(warning.code(), warning);
        match warning {
            Warning::HeaderTruncated { stated, found } => note.with("stated", stated).with("found", found),
            Warning::HeaderTooLarge { stated, .. } | Warning::HeaderTooSmall { stated } => note.with("stated", stated),
            Warning::ObjectSize { offset, stated } => note.with("offset", offset).with("stated", stated),
            Warning::ObjectCount { stated, found } => note.with("stated", stated).with("found", found),
            Warning::StrayBytes { offset, len } => note.with("offset", offset).with("len", len),
            Warning::MalformedObject { object } => note.with("object", object),
            Warning::UnknownProtectionType(name)
            | Warning::UnknownHeaderVersion(name)
            | Warning::Entry { name, .. } => note.with("name", name),
            _ => note,
        }
    }
}
