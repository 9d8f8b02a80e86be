//! Entries of archives that may be license documents.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use restow_core::text::without_byte_order_mark;
use restow_media::{EntryProblem, Warning};

use crate::error::ImportError;

/// Number of bytes that identify an archive.
const PREFIX_LEN: u64 = 512;

/// Prefixes of unsupported archives: gzip, bzip2, xz, Zstandard, 7z, RAR.
const UNSUPPORTED_MAGICS: [&[u8]; 6] =
    [&[0x1F, 0x8B, 8], b"BZh", b"\xFD7zXZ\0", &[0x28, 0xB5, 0x2F, 0xFD], b"7z\xBC\xAF\x27\x1C", b"Rar!\x1A\x07"];

/// Offset of the magic of a tar file (POSIX.1-2017, pax, "ustar Interchange Format").
const TAR_MAGIC_OFFSET: usize = 257;

/// Returns true if the extension of a file name announces an LCP license.
pub(super) fn has_license_extension(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("lcpl"))
}

/// Returns true if an entry may be a license document, by its name or by its prefix: JSON, or a JWS.
pub(super) fn may_be_license(name: &str, prefix: &[u8]) -> bool {
    let prefix = without_byte_order_mark(prefix).trim_ascii_start();
    has_license_extension(Path::new(name)) || prefix.starts_with(b"{") || prefix.starts_with(b"eyJ")
}

/// Returns the path of an entry for messages. No file exists at that path.
pub(super) fn entry_path(archive: &Path, name: &str) -> PathBuf {
    let mut path = archive.as_os_str().to_owned();
    path.push("!/");
    path.push(name);
    path.into()
}

pub(super) fn refuse_entry(warning: Warning) -> ImportError {
    match warning {
        Warning::ArchiveTooLarge
        | Warning::Entry {
            problem:
                EntryProblem::CompressedPublication
                | EntryProblem::PasswordProtected
                | EntryProblem::UnsupportedCompression
                | EntryProblem::NestedArchive,
            ..
        } => ImportError::UnpackRequired(warning),
        warning => ImportError::UnreadablePackage(warning),
    }
}

/// Returns true if the file is an archive of an unsupported kind.
pub(super) fn is_unsupported_archive(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.rewind()?;
    file.take(PREFIX_LEN).read_to_end(&mut start)?;
    let tar = start.get(TAR_MAGIC_OFFSET..).is_some_and(|rest| rest.starts_with(b"ustar"));
    Ok(tar || UNSUPPORTED_MAGICS.iter().any(|other| start.starts_with(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn license_entries_match_by_prefix_or_name() {
        for (name, start) in
            [("a", &b" \n{\"id\":"[..]), ("a", b"eyJhbGciOiJFZDI1NTE5In0"), ("a", b"\xEF\xBB\xBF {"), ("a.LCPL", b"")]
        {
            assert!(may_be_license(name, start), "{name}");
        }
        for (name, start) in [("a", &b"[1]"[..]), ("lcpl", b"PK"), ("a.txt", b""), ("a.json", b"\xff{")] {
            assert!(!may_be_license(name, start), "{name}");
        }
    }
}
