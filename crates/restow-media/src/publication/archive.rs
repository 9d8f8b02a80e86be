//! ZIP files that are no publication, and the licenses that lie in them: what a shop sends that was asked for several books
//! at once.
//!
//! Entries are looked at one by one, publications among them without being unpacked where they are stored as they are.
//! A ZIP file in a ZIP file is not looked into, unless it is a publication; one that is called a ZIP file is told.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use super::{Kind, Package, license};
use crate::zip::{self, Directory, Entry, EntryError};
use crate::{EntryFault, Format, ProbeError, Warning, text};

/// The largest publication that is unpacked, in memory, because it was compressed once more.
const MAX_PACKED: u64 = 32 << 20;

/// How many times its own size a publication may become when it is unpacked: what is packed already hardly grows.
const MAX_RATIO: u64 = 64;

/// How much is unpacked of an archive in all.
const MAX_UNPACKED: u64 = 2 << 30;

/// How much of an entry is looked at to tell what it is.
const START: usize = 256;

/// How files are called that are publications and hold, as a rule, what is looked for.
const ENDINGS: [&str; 9] = ["audiobook", "divina", "epub", "lcpa", "lcpau", "lcpdf", "lcpdi", "lpf", "webpub"];

/// A ZIP file, as far as licenses go.
#[derive(Debug)]
#[non_exhaustive]
pub enum Zip<'a, R> {
    /// A publication, and the license that lies inside, if one does.
    Publication(Option<Vec<u8>>),
    /// Anything else, which may hold licenses and publications.
    Archive(Archive<'a, R>),
}

/// See [`Zip`].
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
    pub held: Held,
}

/// What an entry of an archive is.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Held {
    /// One of those that were wanted, whole.
    Wanted(Vec<u8>),
    /// A publication, and the license that lies inside, if one does.
    Publication(Option<Vec<u8>>),
    /// One that was wanted, or a publication, and cannot be read.
    Refused(Warning),
}

/// Looks into a ZIP file. `None`: it is none.
///
/// Of a publication, the directory and a few entries are read; of any other, the directory.
///
/// # Errors
///
/// When the reader fails, or the file or the license in it is damaged.
pub fn open_zip<R: Read + Seek>(reader: &mut R) -> Result<Option<Zip<'_, R>>, ProbeError> {
    let Some((mut package, kind)) = license::open(reader)? else { return Ok(None) };
    Ok(Some(match kind {
        // Nothing but the license says that it is a publication: it may lie beside others.
        None | Some(Kind::Webpub(None)) => {
            let Package { reader, directory, .. } = package;
            Zip::Archive(Archive { reader, directory, next: 0 })
        }
        Some(kind) => Zip::Publication(license::inside(&mut package, &kind)?),
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
        wants: &dyn Fn(&str, &[u8]) -> bool,
    ) -> io::Result<Option<ArchiveEntry>> {
        while let Some(entry) = self.directory.entries().get(self.next).copied() {
            self.next = self.next.saturating_add(1);
            let raw = self.directory.name(&entry);
            if raw.ends_with(b"/") || is_of_macos(raw) {
                continue;
            }
            let name = text::entry_name(raw);
            if self.directory.unpacked() > MAX_UNPACKED {
                self.next = usize::MAX;
                return Ok(Some(ArchiveEntry { name, held: Held::Refused(Warning::ArchiveTooLarge) }));
            }
            if let Some(held) = self.look_at(&entry, &name, limit, wants)? {
                return Ok(Some(ArchiveEntry { name, held }));
            }
        }
        Ok(None)
    }

    fn look_at(
        &mut self,
        entry: &Entry,
        name: &str,
        limit: usize,
        wants: &dyn Fn(&str, &[u8]) -> bool,
    ) -> io::Result<Option<Held>> {
        let Self { reader, directory, .. } = self;
        let refused = |fault| Some(Held::Refused(Warning::Entry { name: name.to_owned(), fault }));
        let called = wants(name, &[]) || is_called_publication(name);
        let start = match zip::read_start(*reader, directory, entry, START) {
            Ok(start) => start,
            Err(EntryError::Read(error)) => return Err(error),
            Err(EntryError::Fault(fault)) => return Ok(called.then(|| refused(fault)).flatten()),
        };
        if super::matches(&start) {
            return match self.publication(entry) {
                Ok(None) if is_called_zip(name) => Ok(refused(EntryFault::Archive)),
                Ok(held) => Ok(held),
                Err(Trouble::Read(error)) => Err(error),
                Err(Trouble::Fault(fault)) if called || format_at(&start)? != Format::Unknown => Ok(refused(fault)),
                Err(Trouble::Damaged(warning)) if called || format_at(&start)? != Format::Unknown => {
                    Ok(Some(Held::Refused(warning)))
                }
                Err(_) => Ok(None),
            };
        }
        if !wants(name, &start) {
            return Ok(None);
        }
        match zip::read_whole(*reader, directory, entry, limit) {
            Ok(content) => Ok(Some(Held::Wanted(content))),
            Err(EntryError::Read(error)) => Err(error),
            Err(EntryError::Fault(fault)) => Ok(called.then(|| refused(fault)).flatten()),
        }
    }

    /// What an entry holds that is a ZIP file; nothing when it is no publication.
    fn publication(&mut self, entry: &Entry) -> Result<Option<Held>, Trouble> {
        let Self { reader, directory, .. } = self;
        if entry.is_stored() {
            let start = zip::locate(*reader, directory, entry)?;
            let mut section = Section { reader: *reader, start, len: entry.size(), at: 0 };
            return publication_in(&mut section, directory);
        }
        if entry.size() > MAX_PACKED || entry.size() / MAX_RATIO > entry.packed() {
            return Err(Trouble::Fault(EntryFault::UnpackFirst));
        }
        let limit = usize::try_from(MAX_PACKED).unwrap_or(usize::MAX);
        let content = zip::read_whole(*reader, directory, entry, limit)?;
        publication_in(&mut Cursor::new(content), directory)
    }
}

/// Why an entry that is a ZIP file says nothing.
enum Trouble {
    Read(io::Error),
    Fault(EntryFault),
    Damaged(Warning),
}

impl From<EntryError> for Trouble {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Read(error) => Self::Read(error),
            EntryError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<ProbeError> for Trouble {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Open(error) | ProbeError::Read(error) => Self::Read(error),
            ProbeError::Package(warning) => Self::Damaged(warning),
        }
    }
}

/// What a publication holds. What was unpacked for that counts for the archive, also where it turns out to be none.
fn publication_in<R: Read + Seek>(reader: &mut R, archive: &Directory) -> Result<Option<Held>, Trouble> {
    let Some((mut package, kind)) = license::open(reader)? else { return Ok(None) };
    let held = kind.map(|kind| license::inside(&mut package, &kind).map(Held::Publication)).transpose();
    archive.count_unpacked(package.directory.unpacked());
    Ok(held?)
}

/// Whether it is what macOS puts beside the files themselves: attributes, under the name of the file.
fn is_of_macos(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.starts_with(b"__MACOSX/") || last.starts_with(b"._")
}

fn is_called_publication(name: &str) -> bool {
    ENDINGS.contains(&ending(name).as_str())
}

fn is_called_zip(name: &str) -> bool {
    ending(name) == "zip"
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// Which publication begins like this, if its first entry tells.
fn format_at(start: &[u8]) -> io::Result<Format> {
    Ok(super::refused(start, &mut Cursor::new(start), Warning::NoDirectory)?.format)
}

/// A part of a file, which is read where it lies.
struct Section<'a, R> {
    reader: &'a mut R,
    start: u64,
    len: u64,
    at: u64,
}

impl<R: Read + Seek> Read for Section<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        self.reader.seek(SeekFrom::Start(self.start.saturating_add(self.at)))?;
        let len = self.reader.read(buffer)?;
        self.at = self.at.saturating_add(len as u64);
        Ok(len)
    }
}

impl<R: Read + Seek> Seek for Section<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{ArchiveEntry, Held, MAX_UNPACKED, Zip, open_zip};
    use crate::Warning;
    use crate::build::{Packing, PublicationBuilder, ZipBuilder};

    #[test]
    fn an_archive_costs_no_more_than_a_limit_in_all() {
        let book = PublicationBuilder::new(crate::Format::Epub).build();
        for (packing, counted) in [(Packing::Deflated, true), (Packing::Stored, false)] {
            let zip = (0..4).fold(ZipBuilder::new(), |zip, _| zip.entry("a", b"{}", packing));
            let mut file = Cursor::new(zip.entry("b", &book, Packing::Stored).entry("c", b"{}", packing).build());
            let Some(Zip::Archive(mut archive)) = open_zip(&mut file).unwrap() else { panic!("an archive") };
            let mut next = || archive.next_entry(100, &|_, start| start == b"{}").unwrap();
            assert!(next().is_some() && next().is_some());
            // Looked at and read: each twice as long as it is.
            assert_eq!(archive.directory.unpacked(), if counted { 8 } else { 0 });
            archive.directory.count_unpacked(MAX_UNPACKED - 8);
            let mut rest = std::iter::from_fn(|| archive.next_entry(100, &|_, start| start == b"{}").unwrap());
            let refused = ArchiveEntry { name: "a".into(), held: Held::Refused(Warning::ArchiveTooLarge) };
            if counted {
                assert!(matches!(rest.next(), Some(ArchiveEntry { held: Held::Wanted(_), .. })));
                assert_eq!(rest.collect::<Vec<_>>(), [refused], "it ends there");
            } else {
                // What is in a publication counts, too.
                assert_eq!(rest.by_ref().take(3).filter(|entry| matches!(entry.held, Held::Wanted(_))).count(), 2);
                assert_eq!(rest.collect::<Vec<_>>(), [ArchiveEntry { name: "c".into(), ..refused }]);
            }
        }
    }

    #[test]
    fn what_is_looked_at_in_vain_costs_as_much() {
        let spaces = vec![b' '; 1 << 10];
        let none = ZipBuilder::new().entry("META-INF/container.xml", &spaces, Packing::Deflated).build();
        let mut file = Cursor::new(ZipBuilder::new().entry("a", &none, Packing::Stored).build());
        let Some(Zip::Archive(mut archive)) = open_zip(&mut file).unwrap() else { panic!("an archive") };
        assert_eq!(archive.next_entry(100, &|_, _| false).unwrap(), None);
        assert_eq!(archive.directory.unpacked(), 1 << 10);
    }
}
