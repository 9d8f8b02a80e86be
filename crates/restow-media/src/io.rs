//! Reads that end at the end of the file instead of failing there.

use std::io::{self, Read, Seek, SeekFrom};

/// Fills the buffer, or as much of it as the reader has. Returns the number of bytes read.
pub(crate) fn read_up_to<R: Read>(reader: &mut R, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(len) => filled = filled.saturating_add(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads up to `len` bytes at the position `from`. The result is shorter at the end of the file.
pub(crate) fn read_at<R: Read + Seek>(reader: &mut R, from: u64, len: usize) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(from))?;
    let mut bytes = vec![0; len];
    let filled = read_up_to(reader, &mut bytes)?;
    bytes.truncate(filled);
    Ok(bytes)
}

/// Part of a file, read in place.
pub(crate) struct Section<'a, R> {
    reader: &'a mut R,
    prefix: u64,
    len: u64,
    position: u64,
}

impl<'a, R> Section<'a, R> {
    /// Creates a reader of `len` bytes after `prefix` bytes.
    pub(crate) const fn new(reader: &'a mut R, prefix: u64, len: u64) -> Self {
        Self { reader, prefix, len, position: 0 }
    }
}

impl<R: Read + Seek> Read for Section<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let remaining = usize::try_from(self.len.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let max_len = buffer.len().min(remaining);
        let Some(buffer) = buffer.get_mut(..max_len).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        self.reader.seek(SeekFrom::Start(self.prefix.saturating_add(self.position)))?;
        let len = self.reader.read(buffer)?;
        self.position = self.position.saturating_add(len as u64);
        Ok(len)
    }
}

impl<R: Read + Seek> Seek for Section<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
