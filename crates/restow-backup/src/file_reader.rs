//! Reading of a file at any offset, also past the cache of the system, which can have bytes that the medium no longer
//! has.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// File with random read access.
pub(crate) trait ReadAt: Send {
    /// Reads bytes at an offset. Returns 0 at the end of the file.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Fills the buffer up to the end of the file. Returns the number of bytes.
pub(crate) fn read_full(file: &mut dyn ReadAt, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(offset.saturating_add(filled as u64), rest) {
            Ok(0) => break,
            Ok(n) => filled = filled.saturating_add(n),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reader of an open file.
pub(crate) struct DiskReader {
    file: File,
    position: u64,
}

impl DiskReader {
    pub(crate) const fn new(file: File) -> Self {
        Self { file, position: 0 }
    }
}

impl ReadAt for DiskReader {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position != offset {
            self.position = self.file.seek(SeekFrom::Start(offset))?;
        }
        let read = self.file.read(buffer)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

/// Opens a file for reading from its medium. Where the system does not allow that, the cache may answer.
#[cfg(not(windows))]
pub(crate) fn open_uncached(path: &Path) -> io::Result<Box<dyn ReadAt>> {
    let file = File::open(path)?;
    drop_cache(&file);
    Ok(Box::new(DiskReader::new(file)))
}

/// Removes the synced pages of a file from the cache. An error only means that the cache may answer.
#[cfg(not(windows))]
fn drop_cache(file: &File) {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(target_vendor = "apple")]
    let _ = rustix::fs::fcntl_nocache(file, true);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple")))]
    let _ = file;
}

/// Opens a file for reading from its medium. Where the drive does not allow that, the cache may answer.
#[cfg(windows)]
pub(crate) fn open_uncached(path: &Path) -> io::Result<Box<dyn ReadAt>> {
    use std::os::windows::fs::OpenOptionsExt as _;
    const FILE_FLAG_NO_BUFFERING: u32 = 0x2000_0000;
    match File::options().read(true).custom_flags(FILE_FLAG_NO_BUFFERING).open(path) {
        Ok(file) => Ok(Box::new(aligned::AlignedReader::new(file, path))),
        Err(_) => Ok(Box::new(DiskReader::new(File::open(path)?))),
    }
}

/// Reads in whole sectors into aligned memory, as unbuffered files of Windows require.
#[cfg(any(windows, test))]
mod aligned {
    use std::fs::File;
    use std::io::{self, Read as _, Seek as _, SeekFrom};
    use std::path::{Path, PathBuf};

    use super::{DiskReader, ReadAt};

    /// Alignment of offsets, lengths and memory. No drive has larger sectors.
    const ALIGNMENT: usize = 4096;
    /// Length of one read.
    const CHUNK: usize = 256 << 10;
    /// ERROR_INVALID_PARAMETER: this drive needs another alignment.
    const INVALID_PARAMETER: i32 = 87;

    /// Reader of an unbuffered file.
    pub(super) struct AlignedReader {
        file: File,
        path: PathBuf,
        /// Memory for one chunk, of which an aligned part is used.
        memory: Vec<u8>,
        /// Offset of the chunk in the file.
        offset: u64,
        /// Number of bytes in the chunk.
        filled: usize,
        /// Reader through the cache, if the drive refuses unbuffered reads.
        buffered: Option<DiskReader>,
    }

    impl AlignedReader {
        pub(super) fn new(file: File, path: &Path) -> Self {
            let memory = vec![0; CHUNK + ALIGNMENT];
            Self { file, path: path.to_owned(), memory, offset: 0, filled: 0, buffered: None }
        }

        /// Returns the aligned part of the memory.
        fn chunk(&mut self) -> &mut [u8] {
            let start = self.memory.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
            self.memory.get_mut(start..start + CHUNK).unwrap_or_default()
        }

        fn fill(&mut self, offset: u64) -> io::Result<()> {
            self.filled = 0;
            self.offset = self.file.seek(SeekFrom::Start(offset - offset % ALIGNMENT as u64))?;
            let mut file = &self.file.try_clone()?;
            self.filled = file.read(self.chunk())?;
            Ok(())
        }
    }

    impl ReadAt for AlignedReader {
        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            if let Some(buffered) = &mut self.buffered {
                return buffered.read_at(offset, buffer);
            }
            let is_in_chunk = (self.offset..self.offset + self.filled as u64).contains(&offset);
            if !is_in_chunk && let Err(error) = self.fill(offset) {
                if error.raw_os_error() != Some(INVALID_PARAMETER) {
                    return Err(error);
                }
                return self.buffered.insert(DiskReader::new(File::open(&self.path)?)).read_at(offset, buffer);
            }
            let from = usize::try_from(offset - self.offset).unwrap_or(usize::MAX);
            let filled = self.filled;
            let found = self.chunk().get(from..filled).unwrap_or_default();
            let len = found.len().min(buffer.len());
            for (to, from) in buffer.iter_mut().zip(found) {
                *to = *from;
            }
            Ok(len)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::file_reader::read_full;

        #[test]
        fn unaligned_reads_return_file_bytes() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("f");
            let bytes: Vec<u8> = (0..600_000_u32).map(|n| (n / 7) as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            let mut reader = AlignedReader::new(File::open(&path).unwrap(), &path);
            for (offset, len) in [(0, 600_000), (1, 10), (4095, 3), (262_143, 300_000), (599_990, 100), (600_000, 1)] {
                let mut buffer = vec![0; len];
                let read = read_full(&mut reader, offset as u64, &mut buffer).unwrap();
                let end = bytes.len().min(offset + len);
                assert_eq!(buffer[..read], bytes[offset..end], "{offset}, {len}");
            }
            assert_eq!(reader.read_at(10_000_000, &mut [0; 4]).unwrap(), 0);
        }
    }
}
