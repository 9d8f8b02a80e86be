//! Detection of the container. The first bytes name it; its own module reads the rest.
//!
//! A new container needs one module with `matches(prefix)` and `probe(prefix, reader)`, one line in [`probe`], one
//! variant of [`Format`], and a builder in `build`.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use crate::asf::objects::HEADER_PREFIX_LEN;
use crate::io::{Section, read_at, read_up_to};
use crate::probe::TitleSource;
use crate::{
    Format, Probe, ProbeError, Title, Warning, asf, audible, kindle, other, pdf, publication, text, voucher, zip,
};

/// Number of bytes read to detect the container. ASF needs the most: the fixed part of its Header Object.
const PREFIX_LEN: usize = HEADER_PREFIX_LEN;

/// Number of bytes searched for a header after other bytes, and read to name the kind of any other file.
const START_LEN: usize = 4096;

/// Maximum number of zero bytes that are skipped before a header.
const MAX_ZEROS: u64 = 1 << 20;

/// Number of bytes from the start in which PDF readers accept the header.
const MAX_PDF_OFFSET: usize = 1024;

/// Length of the header of an ID3 tag.
const ID3_HEADER_LEN: u64 = 10;

/// Maximum size of a voucher that holds a key, in bytes.
const MAX_VOUCHER: usize = 64 << 10;

/// Reads the header of a media file, or the directory and a few small entries of a publication.
///
/// Starts at byte 0, at any position of the reader, and leaves the reader at an unspecified position. Reads the
/// first 30 bytes and, if the container is known, its header in one piece of at most 16 MiB. Otherwise reads the first
/// 4 KiB and the end, since other bytes may precede the header.
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
    if probe.title.is_none() && probe.format != Format::Unknown && !probe.format.is_voucher() {
        probe.title = file_name_title(path);
    }
    Ok(probe)
}

fn probe_from_start<R: Read + Seek>(reader: &mut R) -> io::Result<Probe> {
    let mut probe = probe_container(reader)?;
    probe.finalize();
    Ok(probe)
}

fn probe_container<R: Read + Seek>(reader: &mut R) -> io::Result<Probe> {
    let mut prefix = [0; PREFIX_LEN];
    let len = read_up_to(reader, &mut prefix)?;
    let prefix = prefix.get(..len).unwrap_or_default();
    if asf::matches(prefix) {
        return asf::probe(prefix, reader);
    }
    if publication::matches(prefix) {
        return publication::probe(reader);
    }
    if pdf::matches(prefix) {
        return pdf::probe(reader);
    }
    let start = read_at(reader, 0, START_LEN)?;
    let named = audible::probe(&start).or_else(|| voucher::probe(&start));
    if let Some(probe) = named {
        return Ok(probe);
    }
    if let Some(probe) = kindle::probe(&start, reader)? {
        return Ok(probe);
    }
    if let Some(probe) = probe_after_other_bytes(&start, reader)? {
        return Ok(probe);
    }
    let mut probe = Probe::new(Format::Unknown);
    let kind = other::identify(&start);
    if kind == crate::OtherKind::Json
        && let Some(probe) = audible::probe_voucher(&read_at(reader, 0, MAX_VOUCHER)?)
    {
        return Ok(probe);
    }
    probe.other_kind = Some(kind);
    Ok(probe)
}

/// Probes a file with a header after other bytes: a tag, zeros, the program of a self-extracting archive, or the header
/// of a message. Returns `None` if there is no header.
fn probe_after_other_bytes<R: Read + Seek>(start: &[u8], reader: &mut R) -> io::Result<Option<Probe>> {
    if let Some(offset) = find_header(start, reader)? {
        let end = reader.seek(io::SeekFrom::End(0))?;
        let mut section = Section::new(reader, offset, end.saturating_sub(offset));
        let prefix = read_at(&mut section, 0, PREFIX_LEN)?;
        let mut found = match () {
            () if asf::matches(&prefix) => {
                section.seek(io::SeekFrom::Start(prefix.len() as u64))?;
                asf::probe(&prefix, &mut section)?
            }
            () if pdf::matches(&prefix) => {
                let found = pdf::probe(&mut section)?;
                // Most writers count offsets from the header, others from the start of the file.
                if found.protected.is_some() { found } else { pdf::probe(reader)? }
            }
            () => publication::probe(reader)?,
        };
        if found.format != Format::Unknown {
            found.warn(Warning::LeadingBytes { len: offset });
            return Ok(Some(found));
        }
    }
    if !zip::has_end_record(reader)? {
        return Ok(None);
    }
    let found = publication::probe(reader)?;
    Ok(Some(found))
}

/// Returns the offset of the first header after other bytes.
fn find_header<R: Read + Seek>(start: &[u8], reader: &mut R) -> io::Result<Option<u64>> {
    let is_header = |bytes: &[u8]| asf::matches(bytes) || publication::matches(bytes) || bytes.starts_with(b"%PDF-");
    let mut skipped = id3_len(start);
    if skipped == 0 && start.first() == Some(&0) {
        skipped = count_zeros(reader)?;
    }
    if skipped > 0 && is_header(&read_at(reader, skipped, PREFIX_LEN)?) {
        return Ok(Some(skipped));
    }
    let found = (1..start.len()).find(|at| {
        let rest = start.get(*at..).unwrap_or_default();
        asf::matches(rest) || publication::matches(rest) || (*at < MAX_PDF_OFFSET && pdf::matches(rest))
    });
    Ok(found.map(|at| at as u64))
}

/// Returns the length of an ID3v2 tag, or 0 without one. Its size has 7 bits per byte, without the header.
fn id3_len(start: &[u8]) -> u64 {
    match start {
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] => {
            let size = [a, b, c, d].into_iter().fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7f));
            // A footer repeats the header.
            let footer = if flags & 0x10 == 0 { 0 } else { ID3_HEADER_LEN };
            size.saturating_add(ID3_HEADER_LEN).saturating_add(footer)
        }
        _ => 0,
    }
}

/// Returns the number of zero bytes at the start, or 0 if there are more than the limit.
fn count_zeros<R: Read + Seek>(reader: &mut R) -> io::Result<u64> {
    let mut count = 0_u64;
    while count < MAX_ZEROS {
        let bytes = read_at(reader, count, 64 << 10)?;
        if let Some(at) = bytes.iter().position(|byte| *byte != 0) {
            return Ok(count.saturating_add(at as u64));
        }
        if bytes.is_empty() {
            break;
        }
        count = count.saturating_add(bytes.len() as u64);
    }
    Ok(0)
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
            assert!(found.other_kind.is_some() && found.unknown_because.is_none());
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
