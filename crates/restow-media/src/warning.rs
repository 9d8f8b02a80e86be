//! What is malformed about a file.

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
    /// A stream is flagged as encrypted and nothing in the header says by which system.
    #[error("a stream is encrypted, and the header does not say by which system")]
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
        }
    }
}
