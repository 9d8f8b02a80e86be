//! ZIP files that are not publications, and the licenses in them, such as a provider's download of several
//! books.
//!
//! Entries are read one by one. A stored publication is read in place, without decompression. A ZIP file in a
//! ZIP file is not searched unless it is a publication. If its name ends in `.zip`, it is reported.

use std::io::{self, Cursor, Read, Seek};

use super::kind::{PackageKind, matches, open, probe_damaged};
use super::license;
use super::package::Package;
use crate::io::Section;
use crate::zip::{self, Directory, Entry, EntryError};
use crate::{EntryProblem, Format, ProbeError, Warning, text};

/// Maximum size of a compressed publication that is decompressed in memory.
const MAX_COMPRESSED_PUBLICATION: u64 = 32 << 20;

/// Maximum ratio of decompressed to compressed size of a publication. Its content is compressed already and
/// hardly shrinks further.
const MAX_COMPRESSION_RATIO: u64 = 64;

/// Maximum number of decompressed bytes per archive.
const MAX_DECOMPRESSED: u64 = 2 << 30;

/// Number of bytes read to detect the type of an entry.
const PREFIX_LEN: usize = 256;

/// File name extensions of publications that normally hold a license.
const PUBLICATION_EXTENSIONS: [&str; 9] =
    ["audiobook", "divina", "epub", "lcpa", "lcpau", "lcpdf", "lcpdi", "lpf", "webpub"];

/// ZIP file, either a publication or an archive.
#[derive(Debug)]
#[non_exhaustive]
pub enum ZipKind<'a, R> {
    /// Publication with its embedded license, if it has one.
    Publication(Option<Vec<u8>>),
    /// Any other ZIP file, which may hold licenses and publications.
    Archive(Archive<'a, R>),
}

/// Archive that is being read. See [`ZipKind`].
#[derive(Debug)]
pub struct Archive<'a, R> {
    reader: &'a mut R,
    directory: Directory,
    next: usize,
}

/// Publication or selected entry of an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ArchiveEntry {
    /// Name of the entry, truncated and safe to print.
    pub name: String,
    /// Content of the entry.
    pub content: EntryContent,
}

/// Content of an archive entry.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum EntryContent {
    /// Complete content of a selected entry.
    Selected(Vec<u8>),
    /// Publication with its embedded license, if it has one.
    Publication(Option<Vec<u8>>),
    /// Selected entry or publication that is unreadable.
    Unreadable(Warning),
}

/// Opens a ZIP file. Returns `None` if the file is not one.
///
/// Reads the directory, and a few entries if the file is a publication.
///
/// # Errors
///
/// [`ProbeError::Read`] if the reader fails; [`ProbeError::Package`] if the file or its embedded license is
/// damaged.
pub fn open_zip<R: Read + Seek>(reader: &mut R) -> Result<Option<ZipKind<'_, R>>, ProbeError> {
    let Some((mut package, kind)) = open(reader)? else { return Ok(None) };
    Ok(Some(match kind {
        // Only the license marks the file as a publication: other files may be beside it.
        None | Some(PackageKind::Webpub(None)) => {
            let Package { reader, directory, .. } = package;
            ZipKind::Archive(Archive { reader, directory, next: 0 })
        }
        Some(kind) => ZipKind::Publication(license::read_embedded(&mut package, &kind)?),
    }))
}

impl<R: Read + Seek> Archive<'_, R> {
    /// Returns the next entry that is a publication or selected. `select` receives the name and the first bytes
    /// of an entry. A selected entry longer than `limit` is unreadable. All other entries are skipped, and so
    /// are the metadata files of macOS.
    ///
    /// # Errors
    ///
    /// The error of the reader if it fails.
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
        let unreadable = |problem| EntryContent::Unreadable(Warning::Entry { name: name.to_owned(), problem });
        let is_named = select(name, &[]) || PUBLICATION_EXTENSIONS.contains(&text::extension(name).as_str());
        let unreadable_if_named = |error| match error {
            EntryError::Read(error) => Err(error),
            EntryError::Problem(problem) => Ok(is_named.then(|| unreadable(problem))),
        };
        let prefix = match zip::read_prefix(*reader, directory, entry, PREFIX_LEN) {
            Ok(prefix) => prefix,
            Err(error) => return unreadable_if_named(error),
        };
        if matches(&prefix) {
            return match self.read_nested(entry, name) {
                Ok(None) if text::extension(name) == "zip" => Ok(Some(unreadable(EntryProblem::NestedArchive))),
                Ok(content) => Ok(content),
                Err(ProbeError::Open(error) | ProbeError::Read(error)) => Err(error),
                Err(ProbeError::Package(warning)) => {
                    let is_publication = is_named || is_damaged_publication(&prefix)?;
                    Ok(is_publication.then_some(EntryContent::Unreadable(warning)))
                }
            };
        }
        if !select(name, &prefix) {
            return Ok(None);
        }
        match zip::read_content(*reader, directory, entry, limit) {
            Ok(content) => Ok(Some(EntryContent::Selected(content))),
            Err(error) => unreadable_if_named(error),
        }
    }

    /// Reads an entry that is a ZIP file. Returns `None` if the entry is not a publication.
    fn read_nested(&mut self, entry: &Entry, name: &str) -> Result<Option<EntryContent>, ProbeError> {
        let Self { reader, directory, .. } = self;
        let to_error = |error: EntryError| error.named(name.as_bytes());
        if entry.is_stored() {
            let prefix = zip::locate_content(*reader, directory, entry).map_err(to_error)?;
            let mut section = Section::new(*reader, prefix, entry.size());
            return read_publication(&mut section, directory);
        }
        if entry.size() > MAX_COMPRESSED_PUBLICATION || entry.size() / MAX_COMPRESSION_RATIO > entry.compressed_size() {
            return Err(to_error(EntryProblem::CompressedPublication.into()));
        }
        let limit = usize::try_from(MAX_COMPRESSED_PUBLICATION).unwrap_or(usize::MAX);
        let content = zip::read_content(*reader, directory, entry, limit).map_err(to_error)?;
        read_publication(&mut Cursor::new(content), directory)
    }
}

/// Reads a publication. Its decompressed bytes count towards the limit of the archive, even if the file is not
/// a publication.
fn read_publication<R: Read + Seek>(reader: &mut R, archive: &Directory) -> Result<Option<EntryContent>, ProbeError> {
    let Some((mut package, kind)) = open(reader)? else { return Ok(None) };
    let content =
        kind.map(|kind| license::read_embedded(&mut package, &kind).map(EntryContent::Publication)).transpose();
    archive.count_decompressed(package.directory.decompressed_bytes());
    content
}

/// Returns true for a file that macOS adds to hold the attributes of another file.
fn is_macos_metadata(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.starts_with(b"__MACOSX/") || last.starts_with(b"._")
}

/// Returns true if the first bytes are those of a publication.
fn is_damaged_publication(prefix: &[u8]) -> io::Result<bool> {
    Ok(probe_damaged(&mut Cursor::new(prefix), Warning::NoDirectory)?.format != Format::Unknown)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{ArchiveEntry, EntryContent, MAX_DECOMPRESSED, ZipKind, open_zip};
    use crate::Warning;
    use crate::build::{Compression, PublicationBuilder, ZipBuilder};

    #[test]
    fn archive_stops_at_decompression_limit() {
        let book = PublicationBuilder::new(crate::Format::Epub).build();
        for (packing, counted) in [(Compression::Deflated, true), (Compression::Stored, false)] {
            let zip = (0..4).fold(ZipBuilder::new(), |zip, _| zip.entry("a", b"{}", packing));
            let mut file = Cursor::new(zip.entry("b", &book, Compression::Stored).entry("c", b"{}", packing).build());
            let Some(ZipKind::Archive(mut archive)) = open_zip(&mut file).unwrap() else { panic!("an archive") };
            let mut next = || archive.next_entry(100, &|_, prefix| prefix == b"{}").unwrap();
            assert!(next().is_some() && next().is_some());
            // Each entry counts twice: once for its prefix, once for its content.
            assert_eq!(archive.directory.decompressed_bytes(), if counted { 8 } else { 0 });
            archive.directory.count_decompressed(MAX_DECOMPRESSED - 8);
            let mut rest = std::iter::from_fn(|| archive.next_entry(100, &|_, prefix| prefix == b"{}").unwrap());
            let unreadable =
                ArchiveEntry { name: "a".into(), content: EntryContent::Unreadable(Warning::ArchiveTooLarge) };
            if counted {
                assert!(matches!(rest.next(), Some(ArchiveEntry { content: EntryContent::Selected(_), .. })));
                assert_eq!(rest.collect::<Vec<_>>(), [unreadable], "it ends there");
            } else {
                // The content of a publication counts, too.
                assert_eq!(
                    rest.by_ref().take(3).filter(|entry| matches!(entry.content, EntryContent::Selected(_))).count(),
                    2
                );
                assert_eq!(rest.collect::<Vec<_>>(), [ArchiveEntry { name: "c".into(), ..unreadable }]);
            }
        }
    }

    #[test]
    fn rejected_entry_counts_as_decompressed() {
        let spaces = vec![b' '; 1 << 10];
        let package = ZipBuilder::new().entry("META-INF/container.xml", &spaces, Compression::Deflated).build();
        let mut file = Cursor::new(ZipBuilder::new().entry("a", &package, Compression::Stored).build());
        let Some(ZipKind::Archive(mut archive)) = open_zip(&mut file).unwrap() else { panic!("an archive") };
        assert_eq!(archive.next_entry(100, &|_, _| false).unwrap(), None);
        assert_eq!(archive.directory.decompressed_bytes(), 1 << 10);
    }
}
