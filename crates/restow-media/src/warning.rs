//! What is malformed about a file.

use restow_core::message::Note;

/// Something about a file that breaks the rules of its format, or that this crate does not know.
///
/// `Display` is an English sentence without a full stop. Texts in it come from the file, but bounded and printable.
#[derive(Clone, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The file ends before its header does.
    #[error("the file ends inside its header: {found} of {stated} bytes are there")]
    HeaderTruncated {
        /// Size of the header as the file states it, in bytes.
        stated: u64,
        /// How much of it the file holds, in bytes.
        found: u64,
    },
    /// The header states a size that no sound file has. Nothing of it was read.
    #[error("the header claims {stated} bytes, more than the {limit} this program is willing to read")]
    HeaderTooLarge {
        /// Size of the header as the file states it, in bytes.
        stated: u64,
        /// The largest header that is read, in bytes.
        limit: u64,
    },
    /// The header states a size that is too small for its own fields.
    #[error("the header claims an impossible size of {stated} bytes")]
    HeaderTooSmall {
        /// Size of the header as the file states it, in bytes.
        stated: u64,
    },
    /// A part of the header claims a size that cannot be. What lies behind it was not read.
    #[error("the object at byte {offset} claims an impossible size of {stated} bytes")]
    ObjectSize {
        /// Where the object begins, in bytes from the start of the file.
        offset: u64,
        /// Its size as stated, in bytes.
        stated: u64,
    },
    /// The header states another number of parts than it has.
    #[error("the header claims {stated} objects and has {found}")]
    ObjectCount {
        /// Number of objects the header states.
        stated: u32,
        /// Number of objects found.
        found: u32,
    },
    /// A few bytes at the end of the header belong to nothing.
    #[error("{len} stray bytes stand at byte {offset} of the header")]
    StrayBytes {
        /// Where they begin, in bytes from the start of the file.
        offset: u64,
        /// How many there are.
        len: u64,
    },
    /// The fields of a part of the header do not fit into it. What could be read was used.
    #[error("the {object} is malformed")]
    MalformedObject {
        /// The name of the object in the specification of its format.
        object: &'static str,
    },
    /// The header names no stream at all.
    #[error("the header describes no stream")]
    NoStreams,
    /// No media data follows the header.
    #[error("no media data follows the header")]
    NoMediaData,
    /// Content is flagged as encrypted and nothing says by which system.
    #[error("its content is encrypted, and nothing says by which system")]
    SystemNotNamed,
    /// The Content Encryption Object names a protection type other than `DRM`.
    #[error("unknown protection type {0:?}")]
    UnknownProtectionType(String),
    /// The protection header is of a version this crate does not know. It was read as far as it is like the known ones.
    #[error("unknown header version {0:?}")]
    UnknownHeaderVersion(String),
    /// A place for a protection header holds none.
    #[error("the protection header is missing or unreadable")]
    ProtectionHeaderMissing,
    /// The protection header ends early or is not well-formed XML. What could be read was used.
    #[error("the protection header is incomplete or not well-formed")]
    ProtectionHeaderMalformed,
    /// A key ID in a protection header is not the base64 of 16 bytes, and is kept as text.
    #[error("a key ID in the protection header is not the base64 of 16 bytes")]
    UnusualKeyId,
    /// A key ID or URL was longer than any sound one and was left out.
    #[error("a {0} is too long and was left out")]
    TooLong(&'static str),
    /// There are more values of a kind than any sound file has; the rest was left out.
    #[error("there are too many {0}; the rest was left out")]
    TooMany(&'static str),
    /// A package ends without a directory, as one does that was not downloaded to its end. Nothing of it was read.
    #[error("the package has no directory at its end")]
    NoDirectory,
    /// Entries of a package share bytes, as those of bombs do. Nothing of it was read.
    #[error("entries of the package overlap")]
    EntriesOverlap,
    /// An entry of a package has a name that leads out of it.
    #[error("an entry has a name that leads out of the package")]
    PathTraversal,
    /// An archive unpacks to more than is looked through. What lies behind was not.
    #[error("there is more in the archive than this program is willing to unpack")]
    ArchiveTooLarge,
    /// An entry of a package that is needed cannot be used.
    #[error("{name:?} {problem}")]
    Entry {
        /// The name of the entry.
        name: String,
        /// What is wrong with it.
        problem: EntryProblem,
    },
}

/// What is wrong with an entry of a package.
///
/// `Display` is the end of an English sentence that begins with the name of the entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryProblem {
    /// It is not there.
    #[error("is missing from the package")]
    Missing,
    /// There are several entries with this name, and readers would take different ones.
    #[error("is in the package more than once")]
    Duplicate,
    /// Its own header and the directory say different things about it.
    #[error("is described in the directory otherwise than it is")]
    HeaderMismatch,
    /// It does not unpack to what the directory says.
    #[error("is damaged")]
    Damaged,
    /// It is larger than what is read.
    #[error("is larger than this program is willing to read")]
    TooLarge,
    /// It is encrypted as ZIP files can be: with a password.
    #[error("is locked with a password")]
    PasswordProtected,
    /// It is compressed by a method that publications may not use.
    #[error("is packed in a way that publications may not use")]
    UnsupportedCompression,
    /// It is a publication that is compressed once more, and too large to be looked into where it is.
    #[error("is compressed in the archive, and too large to be looked into there")]
    CompressedPublication,
    /// It is an archive in an archive, which is not looked into.
    #[error("is an archive in the archive, which is not looked into")]
    NestedArchive,
    /// It unpacks, but is not what it should be.
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
    /// The stable code.
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
