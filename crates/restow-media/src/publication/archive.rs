//! ZIP files that are no publication, and the licenses that lie in them: what a shop sends that was asked for several books
//! at once.
//!
//! Entries are looked at one by one, publications among them without being unpacked where they are stored as they are.
//! A ZIP file in a ZIP file is not looked into, unless it is a publication; one that is called a ZIP file is told.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use super::kind::{PackageKind, matches, open, probe_first_entry};
use super::license;
use super::package::Package;
use crate::zip::{self, Directory, Entry, EntryError};
use crate::{EntryProblem, Format, ProbeError, Warning, text};

/// The largest publication that is unpacked, in memory, because it was compressed once more.
const MAX_COMPRESSED_PUBLICATION: u64 = 32 << 20;

/// How many times its own size a publication may become when it is unpacked: what is packed already hardly grows.
const MAX_COMPRESSION_RATIO: u64 = 64;

/// How much is unpacked of an archive in all.
const MAX_DECOMPRESSED: u64 = 2 << 30;

/// How much of an entry is looked at to tell what it is.
const PREFIX_LEN: usize = 256;

/// How files are called that are publications and hold, as a rule, what is looked for.
const PUBLICATION_EXTENSIONS: [&str; 9] =
    ["audiobook", "divina", "epub", "lcpa", "lcpau", "lcpdf", "lcpdi", "lpf", "webpub"];

/// A ZIP file, as far as licenses go.
#[derive(Debug)]
#[non_exhaustive]
pub enum ZipKind<'a, R> {
    /// A publication, and the license that lies inside, if one does.
    Publication(Option<Vec<u8>>),
    /// Anything else, which may hold licenses and publications.
    Archive(Archive<'a, R>),
}

/// See [`ZipKind`].
#[derive(Debug)]
pub struct Archive<'a, R> {
    reader: &'a mut R,
    directory: Directory,
    next: usize,
}

/// An entry of an archive that is of interest.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ArchiveEntry {
    /// Its name: cut, and harmless to print.
    pub name: String,
    /// What it is.
    pub content: EntryContent,
}

/// What an entry of an archive is.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum EntryContent {
    /// One of those that were wanted, whole.
    Selected(Vec<u8>),
    /// A publication, and the license that lies inside, if one does.
    Publication(Option<Vec<u8>>),
    /// One that was wanted, or a publication, and cannot be read.
    Unreadable(Warning),
}

/// Looks into a ZIP file. `None`: it is none.
///
/// Of a publication, the directory and a few entries are read; of any other, the directory.
///
/// # Errors
///
/// When the reader fails, or the file or the license in it is damaged.
pub fn open_zip<R: Read + Seek>(reader: &mut R) -> Result<Option<ZipKind<'_, R>>, ProbeError> {
    let Some((mut package, kind)) = open(reader)? else { return Ok(None) };
    Ok(Some(match kind {
        // Nothing but the license says that it is a publication: it may lie beside others.
        None | Some(PackageKind::Webpub(None)) => {
            let Package { reader, directory, .. } = package;
            ZipKind::Archive(Archive { reader, directory, next: 0 })
        }
        Some(kind) => ZipKind::Publication(license::read_embedded(&mut package, &kind)?),
    }))
}

impl<R: Read + Seek> Archive<'_, R> {
    /// The next entry that is a publication, or that is wanted: `wants` is told the name and the first bytes. One that is
    /// wanted and longer than `limit` is refused. Entries of no interest are passed over, and so is what macOS adds to archives.
    ///
    /// # Errors
    ///
    /// When the reader fails.
    pub fn next_entry(
        &mut self,
        limit: usize,
        select: &dyn Fn(&str, &[u8]) -> bool,
    ) -> io::Result<Option<ArchiveEntry>> {
        while let Some(entry) = self.directory.entries().get(self.next).copied() {
            self.next = self.next.saturating_add(1);
            let raw = self.directory.name(&entry);
            if raw.ends_with(b"/") || is_macos_metadata(raw) {
                continue;
            }
            let name = text::clean_entry_name(raw);
            if self.directory.decompressed_bytes() > MAX_DECOMPRESSED {
                self.next = usize::MAX;
                return Ok(Some(ArchiveEntry { name, content: EntryContent::Unreadable(Warning::ArchiveTooLarge) }));
            }
            if let Some(content) = self.read_entry(&entry, &name, limit, select)? {
                return Ok(Some(ArchiveEntry { name, content }));
            }
        }
        Ok(None)
    }

    fn read_entry(
        &mut self,
        entry: &Entry,
        name: &str,
        limit: usize,
        select: &dyn Fn(&str, &[u8]) -> bool,
    ) -> io::Result<Option<EntryContent>> {
        let Self { reader, directory, .. } = self;
        let unreadable = |problem| Some(EntryContent::Unreadable(Warning::Entry { name: name.to_owned(), problem }));
        let named = select(name, &[]) || has_publication_extension(name);
        let prefix = match zip::read_prefix(*reader, directory, entry, PREFIX_LEN) {
            Ok(prefix) => prefix,
            Err(EntryError::Read(error)) => return Err(error),
            Err(EntryError::Problem(problem)) => return Ok(named.then(|| unreadable(problem)).flatten()),
        };
        if matches(&prefix) {
            return match self.read_nested(entry) {
                Ok(None) if has_zip_extension(name) => Ok(unreadable(EntryProblem::NestedArchive)),
                Ok(content) => Ok(content),
                Err(NestedError::Read(error)) => Err(error),
                Err(NestedError::Problem(problem)) if named || detect_format(&prefix)? != Format::Unknown => {
                    Ok(unreadable(problem))
                }
                Err(NestedError::Damaged(warning)) if named || detect_format(&prefix)? != Format::Unknown => {
                    Ok(Some(EntryContent::Unreadable(warning)))
                }
                Err(_) => Ok(None),
            };
        }
        if !select(name, &prefix) {
            return Ok(None);
        }
        match zip::read_content(*reader, directory, entry, limit) {
            Ok(content) => Ok(Some(EntryContent::Selected(content))),
            Err(EntryError::Read(error)) => Err(error),
            Err(EntryError::Problem(problem)) => Ok(named.then(|| unreadable(problem)).flatten()),
        }
    }

    /// What an entry holds that is a ZIP file; nothing when it is no publication.
    fn read_nested(&mut self, entry: &Entry) -> Result<Option<EntryContent>, NestedError> {
        let Self { reader, directory, .. } = self;
        if entry.is_stored() {
            let prefix = zip::locate_content(*reader, directory, entry)?;
            let mut section = Section { reader: *reader, prefix, len: entry.size(), position: 0 };
            return read_publication(&mut section, directory);
        }
        if entry.size() > MAX_COMPRESSED_PUBLICATION || entry.size() / MAX_COMPRESSION_RATIO > entry.compressed_size() {
            return Err(NestedError::Problem(EntryProblem::CompressedPublication));
        }
        let limit = usize::try_from(MAX_COMPRESSED_PUBLICATION).unwrap_or(usize::MAX);
        let content = zip::read_content(*reader, directory, entry, limit)?;
        read_publication(&mut Cursor::new(content), directory)
    }
}

/// Why an entry that is a ZIP file says nothing.
enum NestedError {
    Read(io::Error),
    Problem(EntryProblem),
    Damaged(Warning),
}

impl From<EntryError> for NestedError {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Read(error) => Self::Read(error),
            EntryError::Problem(problem) => Self::Problem(problem),
        }
    }
}

impl From<ProbeError> for NestedError {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Open(error) | ProbeError::Read(error) => Self::Read(error),
            ProbeError::Package(warning) => Self::Damaged(warning),
        }
    }
}

/// What a publication holds. What was unpacked for that counts for the archive, also where it turns out to be none.
fn read_publication<R: Read + Seek>(reader: &mut R, archive: &Directory) -> Result<Option<EntryContent>, NestedError> {
    let Some((mut package, kind)) = open(reader)? else { return Ok(None) };
    let content =
        kind.map(|kind| license::read_embedded(&mut package, &kind).map(EntryContent::Publication)).transpose();
    archive.count_decompressed(package.directory.decompressed_bytes());
    Ok(content?)
}

/// Whether it is what macOS puts beside the files themselves: attributes, under the name of the file.
fn is_macos_metadata(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.starts_with(b"__MACOSX/") || last.starts_with(b"._")
}

fn has_publication_extension(name: &str) -> bool {
    PUBLICATION_EXTENSIONS.contains(&extension(name).as_str())
}

fn has_zip_extension(name: &str) -> bool {
    extension(name) == "zip"
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Which publication begins like this, if its first entry tells.
fn detect_format(prefix: &[u8]) -> io::Result<Format> {
    Ok(probe_first_entry(prefix, &mut Cursor::new(prefix), Warning::NoDirectory)?.format)
}

/// A part of a file, which is read where it lies.
struct Section<'a, R> {
    reader: &'a mut R,
    prefix: u64,
    len: u64,
    position: u64,
}

impl<R: Read + Seek> Read for Section<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let max_len = buffer.len().min(left);
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{ArchiveEntry, EntryContent, MAX_DECOMPRESSED, ZipKind, open_zip};
    use crate::Warning;
    use crate::build::{Compression, PublicationBuilder, ZipBuilder};

    #[test]
    fn an_archive_costs_no_more_than_a_limit_in_all() {
        let book = PublicationBuilder::new(crate::Format::Epub).build();
        for (packing, counted) in [(Compression::Deflated, true), (Compression::Stored, false)] {
            let zip = (0..4).fold(ZipBuilder::new(), |zip, _| zip.entry("a", b"{}", packing));
            let mut file = Cursor::new(zip.entry("b", &book, Compression::Stored).entry("c", b"{}", packing).build());
            let Some(ZipKind::Archive(mut archive)) = open_zip(&mut file).unwrap() else { panic!("an archive") };
            let mut next = || archive.next_entry(100, &|_, prefix| prefix == b"{}").unwrap();
            assert!(next().is_some() && next().is_some());
            // Looked at and read: each twice as long as it is.
            assert_eq!(archive.directory.decompressed_bytes(), if counted { 8 } else { 0 });
            archive.directory.count_decompressed(MAX_DECOMPRESSED - 8);
            let mut rest = std::iter::from_fn(|| archive.next_entry(100, &|_, prefix| prefix == b"{}").unwrap());
            let unreadable =
                ArchiveEntry { name: "a".into(), content: EntryContent::Unreadable(Warning::ArchiveTooLarge) };
            if counted {
                assert!(matches!(rest.next(), Some(ArchiveEntry { content: EntryContent::Selected(_), .. })));
                assert_eq!(rest.collect::<Vec<_>>(), [unreadable], "it ends there");
            } else {
                // What is in a publication counts, too.
                assert_eq!(
                    rest.by_ref().take(3).filter(|entry| matches!(entry.content, EntryContent::Selected(_))).count(),
                    2
                );
                assert_eq!(rest.collect::<Vec<_>>(), [ArchiveEntry { name: "c".into(), ..unreadable }]);
            }
        }
    }

    #[test]
    fn what_is_looked_at_in_vain_costs_as_much() {
        let spaces = vec![b' '; 1 << 10];
        let none = ZipBuilder::new().entry("META-INF/container.xml", &spaces, Compression::Deflated).build();
        let mut file = Cursor::new(ZipBuilder::new().entry("a", &none, Compression::Stored).build());
        let Some(ZipKind::Archive(mut archive)) = open_zip(&mut file).unwrap() else { panic!("an archive") };
        assert_eq!(archive.next_entry(100, &|_, _| false).unwrap(), None);
        assert_eq!(archive.directory.decompressed_bytes(), 1 << 10);
    }
}
