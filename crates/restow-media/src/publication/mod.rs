//! Publications: ZIP packages that hold a book, an audiobook, a comic or documents, and optionally their
//! license.
//!
//! | format | detected by | license (LCP 1.0, section 2) |
//! |---|---|---|
//! | EPUB | `mimetype`, or a package document named by `META-INF/container.xml` | `META-INF/license.lcpl` |
//! | Readium web publication | `manifest.json` with metadata and a reading order | `license.lcpl` |
//! | comic | images and nothing else | none |
//!
//! Any other ZIP file has an unknown format, without a warning. Only the directory and the entries in this
//! table are read, never the content.

mod archive;
mod comic;
mod epub;
mod kind;
mod license;
mod manifest;
mod package;

use std::io::{self, Read, Seek};

pub use self::archive::{Archive, ArchiveEntry, EntryContent, ZipKind, open_zip};
pub(crate) use self::kind::matches;
use self::kind::{PackageKind, probe_damaged};
#[cfg(any(test, feature = "build"))]
pub(crate) use self::license::remove_license;
pub use self::license::{embed_license, embedded_license};
use self::package::Package;
use crate::text;
use crate::{EntryProblem, Format, OtherKind, Probe, ProbeError, Warning};

/// Reads a package.
pub(crate) fn probe<R: Read + Seek>(reader: &mut R) -> io::Result<Probe> {
    let mut package = match Package::open(reader) {
        Ok(package) => package,
        Err(ProbeError::Open(error) | ProbeError::Read(error)) => return Err(error),
        Err(ProbeError::Package(warning)) => return probe_damaged(reader, warning),
    };
    let Some(kind) = kind::identify(&mut package)? else {
        let mut probe = Probe::new(Format::Unknown);
        probe.other_kind = Some(OtherKind::Zip);
        return Ok(probe);
    };
    let format = match &kind {
        PackageKind::Epub { .. } => Format::Epub,
        PackageKind::Webpub(manifest) => manifest.as_ref().map_or(Format::Webpub, |manifest| manifest.format()),
        PackageKind::Comic => Format::Cbz,
    };
    package.probe.format = format;
    if package.directory.base() > 0 {
        package.probe.warn(Warning::LeadingBytes { len: package.directory.base() });
    }
    if package.directory.entries().iter().any(|entry| leaves_package(package.directory.name(entry))) {
        package.probe.warn(Warning::PathTraversal);
    }
    match &kind {
        PackageKind::Epub { package_document } => epub::read(&mut package, package_document.as_deref())?,
        PackageKind::Webpub(Some(manifest)) => manifest.set_probe_fields(&mut package.probe),
        PackageKind::Webpub(None) => {}
        PackageKind::Comic => comic::read(&mut package)?,
    }
    if let Some(path) = kind.license_path() {
        license::read(&mut package, path)?;
    }
    let locked = package.directory.entries().iter().find(|entry| entry.is_encrypted());
    if let Some(name) = locked.map(|entry| text::clean_entry_name(package.directory.name(entry))) {
        package.doubt(&name, EntryProblem::PasswordProtected);
    }
    let mut probe = package.probe;
    if probe.protected == Some(true) && probe.systems.is_empty() {
        probe.warn(Warning::SystemNotNamed);
    }
    Ok(probe)
}

/// Returns true if a name, used as a path, would lead out of the package.
fn leaves_package(name: &[u8]) -> bool {
    let separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let drive = matches!(name, [letter, b':', ..] if letter.is_ascii_alphabetic());
    drive || name.first().is_some_and(separator) || name.contains(&0) || name.split(separator).any(|part| part == b"..")
}

#[cfg(test)]
mod tests {
    use super::leaves_package;

    #[test]
    fn path_traversal_names_detected() {
        for name in ["/etc/passwd", "../x", "a/../../x", "a\\..\\x", "\\x", "C:x", "c:\\x", "a\0b", ".."] {
            assert!(leaves_package(name.as_bytes()), "{name}");
        }
        for name in ["a/b", "a..b", "...", "", "a\\b", "ä:", "a/b:c", "12:x"] {
            assert!(!leaves_package(name.as_bytes()), "{name}");
        }
    }
}
