//! Detection of the container. The first bytes name it; its own module reads the rest.
//!
//! A new container needs one module with `matches(prefix)` and `probe(prefix, reader)`, one line in [`probe`], one
//! variant of [`Format`], and a builder in `build`.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use crate::asf::objects::HEADER_PREFIX_LEN;
use crate::io::read_up_to;
use crate::probe::TitleSource;
use crate::{Format, Probe, ProbeError, Title, asf, pdf, publication, text};

/// Number of bytes read to detect the container. ASF needs the most: the fixed part of its Header Object.
const PREFIX_LEN: usize = HEADER_PREFIX_LEN;

/// Reads the header of a media file, or the directory and a few small entries of a publication.
///
/// Starts at byte 0, at any position of the reader, and leaves the reader at an unspecified position. Reads the
/// first 30 bytes and, if the container is known, its header in one piece of at most 16 MiB.
///
/// Pass an unbuffered reader: the probe asks for all the bytes it needs at once.
///
/// # Errors
///
/// [`ProbeError::Read`] if the reader fails. An unknown format is no error ([`Format::Unknown`]), and neither
/// is a malformed file (see [`Probe::warnings`]).
pub fn probe<R: Read + Seek>(reader: &mut R) -> Result<Probe, ProbeError> {
    reader.rewind()?;
    Ok(probe_from_start(reader)?)
}

/// Reads the header of the media file at `path`.
///
/// Works like [`probe`]. If a file of a known format has no title, the title is the file name without its
/// extension ([`TitleSource::FileName`]).
///
/// Opening blocks on a pipe or another special file. Callers that walk folders should pass regular files only.
///
/// # Errors
///
/// [`ProbeError::Open`] or [`ProbeError::Read`]. The content of the file never causes an error.
pub fn probe_path(path: &Path) -> Result<Probe, ProbeError> {
    let mut file = File::open(path).map_err(ProbeError::Open)?;
    let mut probe = probe_from_start(&mut file)?;
    if probe.title.is_none() && probe.format != Format::Unknown {
        probe.title = file_name_title(path);
    }
    Ok(probe)
}

fn probe_from_start<R: Read + Seek>(reader: &mut R) -> io::Result<Probe> {
    let mut prefix = [0; PREFIX_LEN];
    let len = read_up_to(reader, &mut prefix)?;
    let prefix = prefix.get(..len).unwrap_or_default();
    if asf::matches(prefix) {
        return asf::probe(prefix, reader);
    }
    if publication::matches(prefix) {
        return publication::probe(prefix, reader);
    }
    if pdf::matches(prefix) {
        return pdf::probe(reader);
    }
    Ok(Probe::new(Format::Unknown))
}

fn file_name_title(path: &Path) -> Option<Title> {
    let stem = path.file_stem()?.to_string_lossy();
    let text = text::clean(stem.chars(), text::MAX_TEXT)?;
    Some(Title { text, source: TitleSource::FileName })
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Read, Seek, SeekFrom};
    use std::path::Path;

    use super::{file_name_title, probe};
    use crate::{Format, ProbeError, build::AsfBuilder};

    #[test]
    fn unknown_format_without_warnings() {
        for content in [&b""[..], b"RIFF", b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\x00\xaa\x00b\xce", &[0; 4096]] {
            let found = probe(&mut Cursor::new(content)).unwrap();
            assert_eq!((found.format, found.protected, found.warnings.len()), (Format::Unknown, None, 0));
        }
    }

    #[test]
    fn probe_starts_at_byte_zero() {
        let mut reader = Cursor::new(AsfBuilder::new().title("T").build());
        reader.set_position(77);
        assert_eq!(probe(&mut reader).unwrap().title.unwrap().text, "T");
    }

    /// Reader that returns one byte at a time, is interrupted before each, and fails after `remaining` bytes.
    struct Trickle {
        content: Cursor<Vec<u8>>,
        remaining: usize,
        interrupt: bool,
    }

    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupt = !self.interrupt;
            if self.interrupt {
                return Err(io::ErrorKind::Interrupted.into());
            }
            self.remaining = self.remaining.checked_sub(1).ok_or(io::ErrorKind::TimedOut)?;
            match buffer.first_chunk_mut::<1>() {
                Some(one) => self.content.read(one),
                None => Ok(0),
            }
        }
    }

    impl Seek for Trickle {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.content.seek(to)
        }
    }

    #[test]
    fn short_reads_joined_failures_returned() {
        let content = AsfBuilder::new().title("T").build();
        let len = content.len();
        let mut slow = Trickle { content: Cursor::new(content.clone()), remaining: len, interrupt: false };
        assert_eq!(probe(&mut slow).unwrap(), probe(&mut Cursor::new(content.clone())).unwrap());
        for remaining in [0, 10, 29, 30, 31, 200] {
            let mut broken = Trickle { content: Cursor::new(content.clone()), remaining, interrupt: false };
            let error = probe(&mut broken).unwrap_err();
            assert!(matches!(error, ProbeError::Read(_)) && error.kind() == io::ErrorKind::TimedOut, "{remaining}");
        }
    }

    #[test]
    fn file_name_title_has_no_extension() {
        assert_eq!(file_name_title(Path::new("/music/01 Quiet.Station.wma")).unwrap().text, "01 Quiet.Station");
        assert_eq!(file_name_title(Path::new("a\u{1b}b\n.wma")).unwrap().text, "ab");
        assert_eq!(file_name_title(Path::new("..")), None);
    }
}
