//! IDs of sets, packs and generations, and the paths below `Restow/` (docs/backup-format.md §1).
//!
//! Paths are built from IDs only. No path is ever read from the contents of a set.

use std::fmt;
use std::str::FromStr;

use restow_core::encoding::{from_hex_array, hex, sha256};
use restow_core::keys::PublicKey;

/// Folder of all files of Restow at a location.
pub const FOLDER: &str = "Restow";
/// Folder of the sets.
pub(crate) const SETS: &str = "sets";
/// Largest generation number, with ten digits.
pub(crate) const MAX_GENERATION_NUMBER: u64 = 9_999_999_999;

/// Error of parsing an ID. The text names the expected form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseIdError(&'static str);

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not {}", self.0)
    }
}

impl std::error::Error for ParseIdError {}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Creates a value from its bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// Returns the bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                from_hex_array(text).map(Self).ok_or(ParseIdError($what))
            }
        }

        restow_core::text_serde!($name, ToString::to_string, str::parse::<Self>);
    };
}

hex_id! {
    /// ID of the set of one computer: the first 16 bytes of the SHA-256 of the set key.
    SetId, 16, "a set ID (32 lower-case hex digits)"
}
hex_id! {
    /// ID of a pack: SHA-256 over its list of frames (§3).
    PackId, 32, "a pack ID (64 lower-case hex digits)"
}
hex_id! {
    /// SHA-256 digest.
    Digest, 32, "a SHA-256 digest (64 lower-case hex digits)"
}

impl SetId {
    /// Returns the ID of the set that this key signs.
    #[must_use]
    pub fn from_key(set_key: &PublicKey) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(sha256(set_key.as_bytes()).first_chunk::<16>().unwrap_or(&[0; 16]));
        Self(id)
    }

    pub(crate) fn folder_path(&self) -> String {
        format!("{SETS}/{self}")
    }

    pub(crate) fn packs_path(&self) -> String {
        format!("{SETS}/{self}/packs")
    }

    pub(crate) fn generations_path(&self) -> String {
        format!("{SETS}/{self}/generations")
    }

    pub(crate) fn pack_path(&self, pack: &PackId) -> String {
        format!("{SETS}/{self}/packs/{pack}.pack")
    }

    pub(crate) fn manifest_path(&self, generation: &GenerationId) -> String {
        format!("{SETS}/{self}/generations/{generation}.manifest")
    }

    pub(crate) fn copy_path(&self, generation: &GenerationId) -> String {
        format!("{SETS}/{self}/generations/{generation}.copy")
    }
}

impl Digest {
    /// Computes the digest of `bytes`.
    #[must_use]
    pub fn sha256(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }
}

/// ID of a generation in its set: its number and the first 8 bytes of the SHA-256 of its manifest.
///
/// The order is the order of merging: by number, then by digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GenerationId {
    /// Number from 1 to 9,999,999,999. Two computers with the same key may use the same number.
    pub number: u64,
    /// First 8 bytes of the digest of the manifest.
    pub digest: [u8; 8],
}

impl GenerationId {
    /// Creates the ID of a generation from its number and the digest of its manifest.
    #[must_use]
    pub fn new(number: u64, manifest: &Digest) -> Self {
        Self { number, digest: *manifest.as_bytes().first_chunk::<8>().unwrap_or(&[0; 8]) }
    }
}

impl fmt::Display for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}-{}", self.number, hex(&self.digest))
    }
}

impl fmt::Debug for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for GenerationId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let error = ParseIdError("the name of a generation (10 digits, a hyphen, 16 lower-case hex digits)");
        let (number, digest) = text.split_once('-').ok_or(error)?;
        if number.len() != 10 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error);
        }
        let number: u64 = number.parse().map_err(|_| error)?;
        if number == 0 {
            return Err(error);
        }
        Ok(Self { number, digest: from_hex_array(digest).ok_or(error)? })
    }
}

/// One of the two files of a generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ManifestFile {
    Manifest,
    Copy,
}

/// Parses the name of a file in `generations`. Returns `None` for foreign names.
pub(crate) fn parse_manifest_name(name: &str) -> Option<(GenerationId, ManifestFile)> {
    let (stem, extension) = name.rsplit_once('.')?;
    let file = match extension {
        "manifest" => ManifestFile::Manifest,
        "copy" => ManifestFile::Copy,
        _ => return None,
    };
    Some((stem.parse().ok()?, file))
}

/// Parses the name of a file in `packs`. Returns `None` for foreign names.
pub(crate) fn parse_pack_name(name: &str) -> Option<PackId> {
    name.strip_suffix(".pack")?.parse().ok()
}

/// Returns true if the name is that of a temporary file.
pub(crate) fn is_temporary(name: &str) -> bool {
    let digits = name.strip_prefix(restow_core::files::TEMPORARY_PREFIX);
    digits.is_some_and(|digits| from_hex_array::<8>(digits).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_ids_are_rejected() {
        let id = GenerationId { number: 7, digest: [0xab; 8] };
        assert_eq!(id.to_string(), "0000000007-abababababababab");
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in [
            "",
            "7-abababababababab",
            "0000000000-abababababababab",
            "0000000007-ABABABABABABABAB",
            "+000000007-abababababababab",
            "0000000007-abababababababab0",
            "../../../etc/passwd",
        ] {
            assert!(wrong.parse::<GenerationId>().is_err(), "{wrong}");
            assert!(parse_manifest_name(&format!("{wrong}.manifest")).is_none(), "{wrong}");
        }
        assert_eq!(parse_manifest_name(&format!("{id}.copy")), Some((id, ManifestFile::Copy)));
        assert!(parse_pack_name("../../x.pack").is_none());
        assert!(parse_pack_name(&format!("{}.pack", "0".repeat(64))).is_some());
        assert!(is_temporary(".tmp-0011223344556677"));
        assert!(!is_temporary(".tmp-mine"));
    }
}
