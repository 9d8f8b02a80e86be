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
