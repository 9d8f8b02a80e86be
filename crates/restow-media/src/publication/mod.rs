//! Publications: packages in ZIP that hold a book, an audiobook, a comic or documents, and perhaps their license.
//!
//! | format | told by | license (LCP 1.0, section 2) |
//! |---|---|---|
//! | EPUB | `mimetype`, or a package document named by `META-INF/container.xml` | `META-INF/license.lcpl` |
//! | Readium web publication | `manifest.json` with metadata and a reading order | `license.lcpl` |
//! | comic | images and nothing else | none |
//!
//! Any other ZIP file is of unknown format, which is no fault of it. Only the directory and the entries named here are
//! read; content never is.

mod archive;
mod comic;
mod epub;
mod license;
mod manifest;

use std::io::{self, Read, Seek, SeekFrom, Write};

pub use self::archive::{Archive, ArchiveEntry, EntryContent, ZipKind, open_zip};
pub(crate) use self::license::remove_license;
pub use self::license::{embed_license, embedded_license};
use crate::zip::{self, Directory, DirectoryError, EntryError, EntryLookup};
use crate::{EntryProblem, Format, Probe, System, Warning, text};

/// What an EPUB says it is.
const EPUB_TYPE: &[u8] = b"application/epub+zip";

/// Algorithms that make fonts unfit for other uses and protect nothing.
const OBFUSCATION: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Whether a file that begins like this is a package.
pub(crate) fn matches(prefix: &[u8]) -> bool {
    prefix.starts_with(&zip::LOCAL_HEADER_SIGNATURE)
}

/// Reads a package whose first bytes were read already.
pub(crate) fn probe<R: Read + Seek>(prefix: &[u8], reader: &mut R) -> io::Result<Probe> {
    let mut package = match Package::open(reader) {
        Ok(package) => package,
        Err(DirectoryError::Read(error)) => return Err(error),
        Err(DirectoryError::Warning(warning)) => return probe_first_entry(prefix, reader, warning),
    };
    let Some(kind) = package.identify()? else { return Ok(Probe::new(Format::Unknown)) };
    let format = match &kind {
        Kind::Epub { .. } => Format::Epub,
        Kind::Webpub(manifest) => manifest.as_ref().map_or(Format::Webpub, |manifest| manifest.format()),
        Kind::Comic => Format::Cbz,
    };
    package.probe.format = format;
    if package.directory.entries().iter().any(|entry| leaves_package(package.directory.name(entry))) {
        package.probe.warn(Warning::PathTraversal);
    }
    match &kind {
        Kind::Epub { package_document } => epub::read(&mut package, package_document.as_deref())?,
        Kind::Webpub(Some(manifest)) => manifest.set_probe_fields(&mut package.probe),
        Kind::Webpub(None) => {}
        Kind::Comic => comic::read(&mut package)?,
    }
    if let Some(path) = kind.license_path() {
        license::read(&mut package, path)?;
    }
    let mut probe = package.probe;
    if probe.protected == Some(true) && probe.systems.is_empty() {
        probe.warn(Warning::SystemNotNamed);
    }
    Ok(probe)
}

/// What a package holds.
enum Kind {
    Epub {
        /// The name of the package document, where the container names one.
        package_document: Option<String>,
    },
    /// `None`: there is no manifest that can be read, but a license.
    Webpub(Option<Box<manifest::Manifest>>),
    Comic,
}

impl Kind {
    /// Where readers look for its license.
    fn license_path(&self) -> Option<&'static str> {
        match self {
            Self::Epub { .. } => Some("META-INF/license.lcpl"),
            Self::Webpub(_) => Some("license.lcpl"),
            Self::Comic => None,
        }
    }
}

/// A package, and the answer so far.
#[derive(Debug)]
struct Package<'a, R> {
    reader: &'a mut R,
    directory: Directory,
    probe: Probe,
}

impl<'a, R: Read + Seek> Package<'a, R> {
    fn open(reader: &'a mut R) -> Result<Self, DirectoryError> {
        let directory = Directory::read(reader)?;
        Ok(Self { reader, directory, probe: Probe::default() })
    }

    fn identify(&mut self) -> io::Result<Option<Kind>> {
        // At most the length of the wanted content, and a line end.
        let media_type = match self.directory.has(b"mimetype") {
            true => self.read_content("mimetype", 64)?,
            false => None,
        };
        let is_epub = media_type.is_some_and(|media_type| media_type.trim_ascii() == EPUB_TYPE);
        let package_document = epub::find_package_document(self)?;
        if is_epub || package_document.is_some() || self.directory.has(b"META-INF/license.lcpl") {
            return Ok(Some(Kind::Epub { package_document }));
        }
        let licensed = self.directory.has(b"license.lcpl");
        if let Some(manifest) = manifest::read_manifest(self, licensed)? {
            return Ok(Some(Kind::Webpub(Some(Box::new(manifest)))));
        }
        if licensed {
            return Ok(Some(Kind::Webpub(None)));
        }
        Ok(comic::looks_like_comic(&self.directory).then_some(Kind::Comic))
    }

    /// The content of an entry. Where there is none, it is said why.
    fn read_content(&mut self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let read = match self.directory.find(name.as_bytes()) {
            EntryLookup::One(entry) => zip::read_content(self.reader, &self.directory, entry, limit),
            EntryLookup::Nothing => Err(EntryProblem::Missing.into()),
            EntryLookup::Several => Err(EntryProblem::Duplicate.into()),
        };
        self.or_warn(name, read)
    }

    /// As [`whole`](Self::whole), but at most the first `limit` bytes.
    fn read_prefix(&mut self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let read = match self.directory.find(name.as_bytes()) {
            EntryLookup::One(entry) => zip::read_prefix(self.reader, &self.directory, entry, limit),
            EntryLookup::Nothing => Err(EntryProblem::Missing.into()),
            EntryLookup::Several => Err(EntryProblem::Duplicate.into()),
        };
        self.or_warn(name, read)
    }

    fn or_warn(&mut self, name: &str, read: Result<Vec<u8>, EntryError>) -> io::Result<Option<Vec<u8>>> {
        match read {
            Ok(content) => Ok(Some(content)),
            Err(EntryError::Read(error)) => Err(error),
            Err(EntryError::Problem(problem)) => {
                self.warn(name, problem);
                Ok(None)
            }
        }
    }

    fn warn(&mut self, name: &str, problem: EntryProblem) {
        self.probe.warn(Warning::Entry { name: text::clean_entry_name(name.as_bytes()), problem });
    }

    /// Notes that the publication is protected by `system`.
    fn add_system(&mut self, system: System) {
        self.probe.systems.insert(system);
        self.probe.protected = Some(true);
    }
}

/// The answer about a package whose directory is refused: its first entry tells what it would have been.
fn probe_first_entry<R: Read + Seek>(prefix: &[u8], reader: &mut R, warning: Warning) -> io::Result<Probe> {
    let mut header = [0; 128];
    reader.seek(SeekFrom::Start(zip::LOCAL_HEADER_LEN as u64))?;
    let len = crate::detect::read_up_to(reader, &mut header)?;
    let header = header.get(..len).unwrap_or_default();
    let name_len = prefix.get(26..28).and_then(|len| len.first_chunk()).copied().map_or(0, u16::from_le_bytes);
    let name = header.get(..name_len.into()).unwrap_or_default();
    let format = match name {
        b"mimetype" if header.windows(EPUB_TYPE.len()).any(|part| part == EPUB_TYPE) => Format::Epub,
        b"manifest.json" | b"license.lcpl" => Format::Webpub,
        _ => Format::Unknown,
    };
    let mut probe = Probe::new(format);
    if format != Format::Unknown {
        probe.warn(warning);
    }
    Ok(probe)
}

/// Whether a name, taken for a path, leads out of the package.
fn leaves_package(name: &[u8]) -> bool {
    let separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let drive = matches!(name, [letter, b':', ..] if letter.is_ascii_alphabetic());
    drive || name.first().is_some_and(separator) || name.contains(&0) || name.split(separator).any(|part| part == b"..")
}

/// Joins names for [`Probe::author`].
fn join_names(names: &[String]) -> Option<String> {
    text::clean(names.join("; ").chars(), text::MAX_TEXT)
}

/// Copies a whole file.
fn copy_all<R: Read + Seek, W: Write>(reader: &mut R, writer: &mut W) -> Result<(), crate::EmbedError> {
    let len = reader.seek(SeekFrom::End(0)).map_err(crate::EmbedError::Read)?;
    reader.seek(SeekFrom::Start(0)).map_err(crate::EmbedError::Read)?;
    zip::copy_bytes(reader, len, writer)
}

#[cfg(test)]
mod tests {
    use super::leaves_package;

    #[test]
    fn names_that_lead_out() {
        for name in ["/etc/passwd", "../x", "a/../../x", "a\\..\\x", "\\x", "C:x", "c:\\x", "a\0b", ".."] {
            assert!(leaves_package(name.as_bytes()), "{name}");
        }
        for name in ["a/b", "a..b", "...", "", "a\\b", "ä:", "a/b:c", "12:x"] {
            assert!(!leaves_package(name.as_bytes()), "{name}");
        }
    }
}
