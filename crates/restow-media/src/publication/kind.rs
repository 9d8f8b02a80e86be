//! Detection of the kind of a package.

use std::io::{self, Read, Seek, SeekFrom};

use super::comic::looks_like_comic;
use super::epub::find_package_document;
use super::manifest::{Manifest, read_manifest};
use super::package::Package;
use crate::io::read_up_to;
use crate::zip;
use crate::{Format, Probe, ProbeError, Warning};

/// Media type of an EPUB.
const EPUB_TYPE: &[u8] = b"application/epub+zip";

/// Returns true if the first bytes of a file are those of a package.
pub(crate) fn matches(prefix: &[u8]) -> bool {
    prefix.starts_with(&zip::LOCAL_HEADER_SIGNATURE)
}

/// Kind of a package.
pub(super) enum PackageKind {
    Epub {
        /// Name of the package document, if the container has one.
        package_document: Option<String>,
    },
    /// `None` if the package has a license but no readable manifest.
    Webpub(Option<Box<Manifest>>),
    Comic,
}

impl PackageKind {
    /// Returns the path at which readers look for the license.
    pub(super) fn license_path(&self) -> Option<&'static str> {
        match self {
            Self::Epub { .. } => Some("META-INF/license.lcpl"),
            Self::Webpub(_) => Some("license.lcpl"),
            Self::Comic => None,
        }
    }
}

/// Package with its kind, or `None` if it is not a publication.
pub(super) type OpenedPackage<'a, R> = (Package<'a, R>, Option<PackageKind>);

/// Opens a package. Returns `None` if the file is not one.
pub(super) fn open<R: Read + Seek>(reader: &mut R) -> Result<Option<OpenedPackage<'_, R>>, ProbeError> {
    let mut prefix = [0; 4];
    reader.rewind()?;
    let len = read_up_to(reader, &mut prefix)?;
    if !matches(prefix.get(..len).unwrap_or_default()) {
        return Ok(None);
    }
    let mut package = Package::open(reader)?;
    let kind = identify(&mut package)?;
    Ok(Some((package, kind)))
}

pub(super) fn identify<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<Option<PackageKind>> {
    // Twice the length of the expected content leaves room for a line end.
    let media_type = match package.directory.has(b"mimetype") {
        true => package.read_content("mimetype", 64)?,
        false => None,
    };
    let is_epub = media_type.is_some_and(|media_type| media_type.trim_ascii() == EPUB_TYPE);
    let package_document = find_package_document(package)?;
    if is_epub || package_document.is_some() || package.directory.has(b"META-INF/license.lcpl") {
        return Ok(Some(PackageKind::Epub { package_document }));
    }
    let licensed = package.directory.has(b"license.lcpl");
    if let Some(manifest) = read_manifest(package, licensed)? {
        return Ok(Some(PackageKind::Webpub(Some(Box::new(manifest)))));
    }
    if licensed {
        return Ok(Some(PackageKind::Webpub(None)));
    }
    Ok(looks_like_comic(&package.directory).then_some(PackageKind::Comic))
}

/// Builds the result for a package with a damaged directory: the name of its first entry shows the format.
pub(super) fn probe_first_entry<R: Read + Seek>(prefix: &[u8], reader: &mut R, warning: Warning) -> io::Result<Probe> {
    let mut header = [0; 128];
    reader.seek(SeekFrom::Start(zip::LOCAL_HEADER_LEN as u64))?;
    let len = read_up_to(reader, &mut header)?;
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
