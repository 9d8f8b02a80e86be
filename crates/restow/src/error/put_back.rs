//! Errors of put-back and of downloads of publications.

use std::io;

use restow_core::text::to_short_line;
use restow_core::{message_error, message_methods};
use restow_media::EmbedError;

use crate::texts::TEXTS;

message_error! {
    /// Reason why a license is not put back.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum PutBackError in TEXTS {
        /// The publication cannot hold a license, or cannot be read or written.
        Publication(source: EmbedError) = transparent,
        /// The embedded license conflicts with the license, and the user has not agreed to replace it.
        Conflict(conflict: ConflictKind) = transparent,
        /// The publication could not be downloaded.
        Download(source: DownloadError) = transparent,
        /// The store does not have the embedded license in this version, which would be lost.
        OtherLicense = "put-other-license",
        /// The publication is not protected by LCP.
        NotProtected = "put-not-protected",
        /// The embedded document of this license is newer, or has a stronger signature.
        BetterPresent = "put-better-there",
        /// The file is read-only.
        ReadOnly = "put-read-only",
        /// The file has several names (hard links). A rename would change one of them.
        HardLinks(count: u64) = "put-hard-links",
        /// The file is a symbolic link.
        Link = "put-link",
        /// A flag of the file system forbids every change to the file.
        Locked = "put-locked",
        /// The new file cannot have the owner or the permissions of the old one.
        Access {
            /// Error of the file system.
            source: io::Error,
        } = "put-access",
        /// The new file cannot have an extended attribute of the old one, such as an access list.
        Attribute {
            /// Name of the attribute.
            name: String,
            /// Error of the file system.
            source: io::Error,
        } = "put-attribute",
        /// Another program changed the file at the same time.
        Changed = "put-changed",
        /// The written file differs from the intended content.
        NotAsWritten = "put-not-as-written",
        /// No folder is named for a license without a publication.
        NoFolder = "put-no-folder",
        /// The publication is protected, has no license, and no stored license is for it.
        NoLicenseKnown = "put-none-known",
        /// A folder is required, and the path names a file.
        NotAFolder = "put-not-a-folder",
        /// The license cannot be used.
        NotUsable = "put-not-usable",
        /// The signature of the license is not valid, so that readers refuse the license.
        InvalidLicense = "put-invalid",
        /// The store has licenses for the publication, and none of them can be used.
        NoneUsable = "put-none-usable",
        /// A file beside the publication has a newer or more strongly signed document of the license.
        BetterBeside = "put-better-beside",
        /// The publication has a license, and no part of it states the encryption, so that no reader can decrypt it.
        EncryptionLost = "put-encryption-lost",
        /// The user did not agree to the changes.
        NotAgreed = "put-not-agreed",
        /// The license is not an LCP license.
        OtherKind = "put-other-kind",
    }
}

impl PutBackError {
    /// Returns true if the user declined a download.
    pub(crate) const fn is_declined(&self) -> bool {
        matches!(self, Self::Download(error) if error.is_declined())
    }

    /// Returns true if a property of the file forbids its replacement, so that Restow does not touch the file.
    pub(crate) const fn is_protection_of_file(&self) -> bool {
        use PutBackError::{Access, Attribute, HardLinks, Link, Locked};
        matches!(self, HardLinks(_) | Link | Locked | Access { .. } | Attribute { .. })
    }
}

message_error! {
    /// Uncertainty about a file that was changed.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum PutBackWarning in TEXTS {
        /// The changed file has a new date.
        DateLost {
            /// Error of the file system.
            source: io::Error,
        } = "put-date-lost",
        /// The drive did not confirm the new name of the changed file.
        NotSynced {
            /// Error of the file system.
            source: io::Error,
        } = "put-not-synced",
    }
}

message_error! {
    /// Conflict between a license and the license embedded in a publication.
    ///
    /// The user can resolve each of these conflicts with
    /// [`OnConflict::Replace`](crate::put_back::OnConflict::Replace).
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum ConflictKind in TEXTS {
        /// The publication has another license of the store.
        StoredLicense = "put-has-license",
        /// The embedded license cannot be read.
        UnreadableLicense = "put-broken-inside",
        /// The publication has a different version of a stored license, and neither version is better.
        ///
        /// The embedded version is newer with a weaker signature, or equally new and equally strong with another
        /// signer.
        UndecidedVersion = "put-disputed",
    }
}

message_error! {
    /// Reason why a publication is not downloaded.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum DownloadError in TEXTS {
        /// The license has no link to its publication.
        NoLink = "fetch-no-link",
        /// The signature of the license is not valid, so its link cannot be trusted.
        InvalidLicense = "fetch-invalid-license",
        /// The license has no hash of the publication, and the user did not agree to an unchecked download.
        NoHash = "fetch-no-hash",
        /// The user did not agree to the download.
        NotAgreed = "fetch-not-agreed",
        /// The address is not allowed.
        Address(url: String) = "fetch-address",
        /// The license states a length above the limit, in bytes.
        TooLarge {
            /// Length that the license states, in bytes.
            stated: u64,
            /// Maximum length of a download, in GiB.
            limit: u64,
        } = "fetch-too-large",
        /// The server cannot be reached, or the connection broke.
        Unreachable {
            /// Origin of the server.
            host: String,
            /// Error of the connection.
            source: io::Error,
        } = "fetch-unreachable",
        /// The server answered with an error.
        Status {
            /// Origin of the server.
            host: String,
            /// HTTP status.
            status: u16,
        } = "fetch-status",
        /// The server redirects too often.
        Redirects {
            /// Origin of the server.
            host: String,
            /// Maximum number of redirects.
            limit: usize,
        } = "fetch-redirects",
        /// The answer is longer than the stated length or the limit, in bytes.
        TooLong(max: u64) = "fetch-too-long",
        /// The answer is shorter than the license states.
        Length {
            /// Length that the license states, in bytes.
            stated: u64,
            /// Length of the answer, in bytes.
            found: u64,
        } = "fetch-length",
        /// The hash of the answer differs from the hash that the license states.
        Hash = "fetch-hash",
        /// The answer is not a publication that can hold a license.
        NotAPublication = "fetch-not-a-publication",
    }
}

impl DownloadError {
    /// Returns true if the user declined the download.
    pub(crate) const fn is_declined(&self) -> bool {
        matches!(self, Self::NotAgreed | Self::NoHash)
    }

    /// Creates the error for an address that is not allowed, with the address as one short line.
    pub(crate) fn from_address(url: &str) -> Self {
        Self::Address(to_short_line(url))
    }
}

impl From<DownloadError> for super::Error {
    fn from(error: DownloadError) -> Self {
        PutBackError::from(error).into()
    }
}

message_methods!(PutBackError);
