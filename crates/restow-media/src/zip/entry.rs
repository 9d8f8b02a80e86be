//! Content of one entry, limited by the caller.
//!
//! | offset | size | field of a local header |
//! |---|---|---|
//! | 0 | 4 | `PK 03 04` |
//! | 4 | 2 | version needed |
//! | 6, 8 | 2, 2 | flags, method |
//! | 10, 12 | 2, 2 | time, date |
//! | 14, 18, 22 | 4, 4, 4 | checksum, compressed size, size; 0 where a data descriptor follows |
//! | 26, 28 | 2, 2 | lengths of name and extra field |
//! | 30 | | name, extra field, content |

use std::io::{self, Read, Seek};

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::directory::{Directory, Entry, Zip64Fields};
use super::error::EntryError;
use super::layout::{
    DEFLATED, FLAG_DESCRIPTOR, FLAG_ENCRYPTED, LOCAL_HEADER_LEN, LOCAL_HEADER_SIGNATURE, STORED, ZIP64_MARKER_32,
};
use crate::EntryProblem;
use crate::cursor::Cursor;
use crate::io::read_at;

/// Extra compressed bytes read for a prefix of an entry. Deflate adds a few bytes per 16 KiB to incompressible
/// data.
const DEFLATE_OVERHEAD: usize = 16 << 10;

/// Reads the whole content if it has at most `limit` bytes, and verifies its checksum.
pub(crate) fn read_content<R: Read + Seek>(
    reader: &mut R,
    directory: &Directory,
    entry: &Entry,
    limit: usize,
) -> Result<Vec<u8>, EntryError> {
    let size = usize::try_from(entry.size).ok().filter(|size| *size <= limit).ok_or(EntryProblem::TooLarge)?;
    let content = read_prefix(reader, directory, entry, size)?;
    if crc32fast::hash(&content) == entry.crc { Ok(content) } else { Err(EntryProblem::Damaged.into()) }
}

/// Reads the first `limit` bytes of the content, or all if the content is shorter.
pub(crate) fn read_prefix<R: Read + Seek>(
    reader: &mut R,
    directory: &Directory,
    entry: &Entry,
    limit: usize,
) -> Result<Vec<u8>, EntryError> {
    let content_at = locate_content(reader, directory, entry)?;
    let output_len = usize::try_from(entry.size).map_or(limit, |size| size.min(limit));
    let to_end = output_len as u64 == entry.size;
    match entry.method {
        STORED if entry.size == entry.compressed_size => {
            let content = read_at(reader, content_at, output_len)?;
            if content.len() == output_len { Ok(content) } else { Err(EntryProblem::Damaged.into()) }
        }
        STORED => Err(EntryProblem::HeaderMismatch.into()),
        DEFLATED => {
            // Compressible content is shorter, so this many bytes always contain the requested ones.
            let max_len = output_len.saturating_add(output_len / 1024).saturating_add(DEFLATE_OVERHEAD);
            let compressed_size =
                usize::try_from(entry.compressed_size).map_or(max_len, |compressed_size| compressed_size.min(max_len));
            let input = read_at(reader, content_at, compressed_size)?;
            if input.len() < compressed_size {
                return Err(EntryProblem::Damaged.into());
            }
            directory.count_decompressed(output_len as u64);
            inflate(&input, output_len, to_end && compressed_size as u64 == entry.compressed_size)
        }
        _ => Err(EntryProblem::UnsupportedCompression.into()),
    }
}

/// Returns the offset of the content. Verifies that the local header matches the directory and that the content
/// fits into the space of the entry.
pub(crate) fn locate_content<R: Read + Seek>(
    reader: &mut R,
    directory: &Directory,
    entry: &Entry,
) -> Result<u64, EntryError> {
    let fixed = read_at(reader, entry.offset, LOCAL_HEADER_LEN)?;
    let header = LocalHeader::read(&fixed).ok_or(EntryProblem::HeaderMismatch)?;
    if (header.flags | entry.flags) & FLAG_ENCRYPTED != 0 {
        return Err(EntryProblem::PasswordProtected.into());
    }
    let name = directory.name(entry);
    let texts_len = usize::from(header.name_len).saturating_add(header.extra_len.into());
    let content_at = entry.offset.saturating_add((LOCAL_HEADER_LEN as u64).saturating_add(texts_len as u64));
    // Checked before the next read: thousands of headers that claim the bytes of others would each read the
    // rest of the file.
    if usize::from(header.name_len) != name.len() || content_at.saturating_add(entry.compressed_size) > entry.end_limit
    {
        return Err(EntryProblem::HeaderMismatch.into());
    }
    let rest = read_at(reader, entry.offset.saturating_add(LOCAL_HEADER_LEN as u64), texts_len)?;
    let (local_name, extra) = rest.split_at_checked(name.len()).unwrap_or_default();
    let intact = rest.len() == texts_len
        && local_name == name
        && header.method == entry.method
        && header.matches_directory(extra, entry);
    if intact { Ok(content_at) } else { Err(EntryProblem::HeaderMismatch.into()) }
}

struct LocalHeader {
    flags: u16,
    method: u16,
    crc: u32,
    compressed_size: u32,
    size: u32,
    name_len: u16,
    extra_len: u16,
}

impl LocalHeader {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        if cursor.array()? != LOCAL_HEADER_SIGNATURE {
            return None;
        }
        cursor.take(2)?;
        let (flags, method) = (cursor.u16()?, cursor.u16()?);
        cursor.take(4)?;
        Some(Self {
            flags,
            method,
            crc: cursor.u32()?,
            compressed_size: cursor.u32()?,
            size: cursor.u32()?,
            name_len: cursor.u16()?,
            extra_len: cursor.u16()?,
        })
    }

    /// Returns true if checksum and sizes match the directory. An entry with a data descriptor may leave any of
    /// them open.
    fn matches_directory(&self, extra: &[u8], entry: &Entry) -> bool {
        let has_descriptor = (self.flags | entry.flags) & FLAG_DESCRIPTOR != 0;
        let is_left_open = |value: u64| has_descriptor && (value == 0 || value == u64::from(ZIP64_MARKER_32));
        let (size, compressed_size) = match Zip64Fields::read(extra, self.size, self.compressed_size, None) {
            Some(zip64) => (zip64.size, zip64.compressed_size),
            None => (self.size.into(), self.compressed_size.into()),
        };
        (self.crc == entry.crc || is_left_open(self.crc.into()))
            && (compressed_size == entry.compressed_size || is_left_open(compressed_size))
            && (size == entry.size || is_left_open(size))
    }
}

/// Decompresses the first `output_len` bytes. With `to_end`, the input must end there.
fn inflate(input: &[u8], output_len: usize, to_end: bool) -> Result<Vec<u8>, EntryError> {
    // Deflate expands at most 1032 times. One spare byte shows that the output is longer than `output_len`.
    let max_len = output_len.min(input.len().saturating_mul(1032));
    let mut output = vec![0; max_len.saturating_add(1)];
    let mut state = Box::<DecompressorOxide>::default();
    let has_more = if to_end { 0 } else { inflate_flags::TINFL_FLAG_HAS_MORE_INPUT };
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | has_more;
    let (status, consumed, written) = decompress(&mut state, input, &mut output, 0, flags);
    let consistent = match status {
        TINFLStatus::Done if to_end => consumed == input.len() && written == output_len,
        // The output is exactly one byte longer than `output_len`.
        TINFLStatus::Done => written > output_len,
        TINFLStatus::HasMoreOutput | TINFLStatus::NeedsMoreInput => !to_end && written >= output_len,
        _ => false,
    };
    if !consistent {
        return Err(EntryProblem::Damaged.into());
    }
    output.truncate(output_len);
    Ok(output)
}

/// Returns the length of the data descriptor after the content, or 0 without one.
pub(super) fn descriptor_len<R: Read + Seek>(reader: &mut R, entry: &Entry, content_at: u64) -> io::Result<u64> {
    const SIGNATURE: [u8; 4] = *b"PK\x07\x08";
    if entry.flags & FLAG_DESCRIPTOR == 0 {
        return Ok(0);
    }
    let at = content_at.saturating_add(entry.compressed_size);
    let max_len = usize::try_from(entry.end_limit.saturating_sub(at)).unwrap_or(usize::MAX).min(24);
    let bytes = read_at(reader, at, max_len)?;
    let sum = entry.crc.to_le_bytes();
    let narrow = |value: u64| u32::try_from(value).unwrap_or(ZIP64_MARKER_32).to_le_bytes();
    let narrow = [sum, narrow(entry.compressed_size), narrow(entry.size)].concat();
    let zip64 = [&sum[..], &entry.compressed_size.to_le_bytes(), &entry.size.to_le_bytes()].concat();
    let signed = |fields: &[u8]| [&SIGNATURE[..], fields].concat();
    let forms = [signed(&narrow), signed(&zip64), narrow, zip64];
    let form = forms.iter().find(|form| bytes.starts_with(form));
    Ok(form.map_or(0, |form| form.len() as u64))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{EntryError, read_content, read_prefix};
    use crate::EntryProblem;
    use crate::build::{Compression, ZipBuilder};
    use crate::zip::Directory;

    #[test]
    fn entry_read_limited_by_caller() {
        let noise: Vec<u8> = (0..100_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        for content in [vec![b' '; 1 << 20], noise, b"short".to_vec(), Vec::new()] {
            for packing in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
                let mut zip = Cursor::new(ZipBuilder::new().entry("a", &content, packing).build());
                let directory = Directory::read(&mut zip).unwrap();
                let Ok(entry) = directory.find(b"a") else { panic!() };
                for limit in [0, 1, 4, 5, 99_999, 100_000, 1 << 20, usize::MAX] {
                    let start = read_prefix(&mut zip, &directory, entry, limit).unwrap();
                    assert_eq!(start, content[..content.len().min(limit)], "{packing:?} {limit}");
                    assert!(start.capacity() <= content.len() + 1);
                    match read_content(&mut zip, &directory, entry, limit) {
                        Ok(read) => assert!(read == content && limit >= content.len()),
                        Err(error) => assert!(
                            matches!(error, EntryError::Problem(EntryProblem::TooLarge)) && limit < content.len(),
                            "{packing:?} {limit}: {error:?}"
                        ),
                    }
                }
            }
        }
    }
}
