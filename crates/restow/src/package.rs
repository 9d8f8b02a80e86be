//! Publications in ZIP containers: whether one holds an LCP license. Their content is not read.
//!
//! Source of the layout: PKWARE APPNOTE 6.3, §4.3.12 (central directory) and §4.3.16 (its end); LCP 1.0, §2.2 and 2.3, for where
//! the license lies.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

const END: &[u8; 4] = b"PK\x05\x06";
const END_LEN: usize = 22;
const ENTRY: &[u8; 4] = b"PK\x01\x02";
const ENTRY_LEN: usize = 46;
/// The longest comment a ZIP file can have behind its end record.
const MAX_COMMENT: u64 = 65_535;
/// The largest directory that is looked through: 16 MiB.
const MAX_DIRECTORY: u64 = 16 << 20;
/// Where an LCP license lies in an EPUB, and in any other package.
const PLACES: [&[u8]; 2] = [b"META-INF/license.lcpl", b"license.lcpl"];

/// Whether the file is a ZIP container with an LCP license where readers look for it. Of one that is malformed it is said to hold
/// none.
pub(crate) fn holds_lcp_license(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut magic = [0; 4];
    if file.read_exact(&mut magic).is_err() || &magic != b"PK\x03\x04" {
        return Ok(false);
    }
    let len = file.seek(SeekFrom::End(0))?;
    let tail_from = len.saturating_sub(MAX_COMMENT + END_LEN as u64);
    let tail = read(&mut file, tail_from, len - tail_from)?;
    let Some(end) = tail.windows(END_LEN).rposition(|window| window.starts_with(END)) else { return Ok(false) };
    let record = tail.get(end..).unwrap_or_default();
    let (Some(size), Some(offset)) = (number(record, 12, 4), number(record, 16, 4)) else { return Ok(false) };
    if size > MAX_DIRECTORY || offset.saturating_add(size) > len {
        return Ok(false);
    }
    let directory = read(&mut file, offset, size)?;
    Ok(names(&directory).any(|name| PLACES.contains(&name)))
}

fn read(file: &mut File, from: u64, len: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(len).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The little-endian number of `len` bytes.
fn number(bytes: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(len)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The names in a central directory, up to the first entry that is malformed.
fn names(directory: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = directory;
    std::iter::from_fn(move || {
        if !rest.starts_with(ENTRY) {
            return None;
        }
        let field = |at| number(rest, at, 2).and_then(|number| usize::try_from(number).ok());
        let (name, extra, comment) = (field(28)?, field(30)?, field(32)?);
        let found = rest.get(ENTRY_LEN..ENTRY_LEN.checked_add(name)?)?;
        rest = rest.get(ENTRY_LEN + name + extra + comment..)?;
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with these names, and its end; the content they are for is left out.
    fn package(names: &[&str], comment: &str) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04 and so on".to_vec();
        let from = bytes.len() as u32;
        for name in names {
            let mut entry = [0; ENTRY_LEN];
            entry[..4].copy_from_slice(ENTRY);
            entry[28..30].copy_from_slice(&(name.len() as u16).to_le_bytes());
            bytes.extend_from_slice(&entry);
            bytes.extend_from_slice(name.as_bytes());
        }
        let size = bytes.len() as u32 - from;
        let mut end = [0; END_LEN];
        end[..4].copy_from_slice(END);
        end[12..16].copy_from_slice(&size.to_le_bytes());
        end[16..20].copy_from_slice(&from.to_le_bytes());
        end[20..22].copy_from_slice(&(comment.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&end);
        bytes.extend_from_slice(comment.as_bytes());
        bytes
    }

    #[test]
    fn a_license_is_found_where_readers_look() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("book");
        let holds = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            holds_lcp_license(&path).unwrap()
        };
        let epub = package(&["mimetype", "META-INF/license.lcpl"], "a comment");
        assert!(holds(&epub) && holds(&package(&["license.lcpl"], "")));
        assert!(!holds(&package(&["mimetype", "other/license.lcpl"], "")) && !holds(b"") && !holds(b"PK\x03\x04"));
        for at in 0..epub.len() {
            holds(&epub[..at]);
            let mut flipped = epub.clone();
            flipped[at] ^= 0xFF;
            holds(&flipped);
        }
    }
}
