//! Detection of the kind of a package.

use std::io::{self, Read, Seek, SeekFrom};

use super::comic::looks_like_comic;
use super::epub::find_package_document;
use super::manifest::{Manifest, read_manifest};
use super::package::{CONTAINER_PATH, Package, normal_name};
use crate::io::{read_at, read_up_to};
use crate::zip::{self, Directory};
use crate::{Format, OtherKind, Probe, ProbeError, System, Warning};

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

    /// Returns true for an EPUB without a container.
    fn lacks_container<R: Read + Seek>(&self, package: &Package<'_, R>) -> bool {
        matches!(self, Self::Epub { package_document: None }) && !package.has(CONTAINER_PATH)
    }
}

/// Package with its kind, or `None` if it is not a publication.
pub(super) type OpenedPackage<'a, R> = (Package<'a, R>, Option<PackageKind>);

/// Number of bytes searched at each end of a damaged package.
const MAX_DAMAGED_SEARCH: usize = 64 << 10;

/// Opens a package, also after other bytes. Returns `None` if the file is not one.
pub(super) fn open<R: Read + Seek>(reader: &mut R) -> Result<Option<OpenedPackage<'_, R>>, ProbeError> {
    let mut prefix = [0; 4];
    reader.rewind()?;
    let len = read_up_to(reader, &mut prefix)?;
    if matches(prefix.get(..len).unwrap_or_default()) {
        let mut package = Package::open(reader)?;
        let kind = identify(&mut package)?;
        return Ok(Some((package, kind)));
    }
    if !zip::has_end_record(reader)? {
        return Ok(None);
    }
    // The bytes of an end record in any other file are no damage.
    if let Err(ProbeError::Package(warning)) = Directory::read(reader) {
        return match probe_damaged(reader, warning.clone())?.format {
            Format::Unknown => Ok(None),
            _ => Err(ProbeError::Package(warning)),
        };
    }
    let mut package = Package::open(reader)?;
    let kind = identify(&mut package)?;
    Ok(Some((package, kind)))
}

pub(super) fn identify<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<Option<PackageKind>> {
    let kind = identify_at_root(package)?;
    if kind.as_ref().is_some_and(|kind| !kind.lacks_container(package)) {
        return Ok(kind);
    }
    // Some programs put the folder of a publication into the package instead of its content.
    let Some(folder) = find_folder(package, kind.is_some()) else { return Ok(kind) };
    let warnings = package.probe.warnings.clone();
    package.root = folder;
    match identify_at_root(package)? {
        // Other files in a folder may have the names of a license or of images.
        Some(nested @ (PackageKind::Epub { .. } | PackageKind::Webpub(Some(_)))) => Ok(Some(nested)),
        _ => {
            package.root = Vec::new();
            package.probe.warnings = warnings;
            Ok(kind)
        }
    }
}

/// Returns the only folder that holds the files of a publication. Without `is_known`, every other file must be in it,
/// too.
fn find_folder<R: Read + Seek>(package: &Package<'_, R>, is_known: bool) -> Option<Vec<u8>> {
    const MARKERS: [&[u8]; 4] =
        [b"/meta-inf/container.xml", b"/meta-inf/license.lcpl", b"/mimetype", b"/manifest.json"];
    let mut folder: Option<Vec<u8>> = None;
    for entry in package.directory.entries() {
        let name: Vec<u8> = normal_name(package.directory.name(entry)).collect();
        let Some(marker) = MARKERS.iter().find(|marker| name.ends_with(marker)) else { continue };
        let found = name.get(..name.len().saturating_sub(marker.len()).saturating_add(1))?;
        if is_system_file(found) || folder.as_ref().is_some_and(|folder| found.starts_with(folder)) {
            continue;
        }
        if folder.as_ref().is_some_and(|folder| !folder.starts_with(found)) {
            return None;
        }
        folder = Some(found.to_vec());
    }
    let folder = folder?;
    let is_inside = |name: &[u8]| name.starts_with(&folder) || folder.starts_with(name) || is_system_file(name);
    let mut names = package.directory.entries().iter().map(|entry| package.directory.name(entry));
    let is_only = is_known || names.all(|name| is_inside(&normal_name(name).collect::<Vec<_>>()));
    is_only.then_some(folder)
}

/// Returns true for the normal name of a file that an operating system adds.
fn is_system_file(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.starts_with(b"__macosx/") || [&b".ds_store"[..], b"thumbs.db", b"desktop.ini"].contains(&last)
}

fn identify_at_root<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<Option<PackageKind>> {
    // Twice the length of the expected content leaves room for a line end.
    let media_type = match package.has("mimetype") {
        true => package.read_content("mimetype", 64)?,
        false => None,
    };
    let is_epub = media_type.is_some_and(|media_type| {
        let media_type = media_type.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&media_type);
        media_type.trim_ascii().eq_ignore_ascii_case(EPUB_TYPE)
    });
    let package_document = find_package_document(package)?;
    if is_epub || package_document.is_some() || package.has("META-INF/license.lcpl") {
        return Ok(Some(PackageKind::Epub { package_document }));
    }
    let licensed = package.has("license.lcpl");
    if let Some(manifest) = read_manifest(package, licensed)? {
        return Ok(Some(PackageKind::Webpub(Some(Box::new(manifest)))));
    }
    if licensed {
        return Ok(Some(PackageKind::Webpub(None)));
    }
    Ok(looks_like_comic(&package.directory).then_some(PackageKind::Comic))
}

/// Builds the result for a package with a damaged directory, by the names of entries at both ends of the file. Their
/// content is not read.
pub(super) fn probe_damaged<R: Read + Seek>(reader: &mut R, warning: Warning) -> io::Result<Probe> {
    let len = reader.seek(SeekFrom::End(0))?;
    let mut bytes = read_at(reader, 0, MAX_DAMAGED_SEARCH)?;
    let tail_at = len.saturating_sub(MAX_DAMAGED_SEARCH as u64).max(bytes.len() as u64);
    bytes.extend(read_at(reader, tail_at, MAX_DAMAGED_SEARCH)?);
    let names: Vec<Vec<u8>> = entry_names(&bytes).map(|name| normal_name(name).collect()).collect();
    let has = |path: &[u8]| {
        names
            .iter()
            .any(|name| name.strip_suffix(path).is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/")))
    };
    let is_epub = bytes.windows(EPUB_TYPE.len()).any(|part| part == EPUB_TYPE)
        || has(b"meta-inf/container.xml")
        || has(b"meta-inf/license.lcpl");
    let is_manifest = names.first().is_some_and(|name| name == b"manifest.json");
    let mut probe = Probe::new(match () {
        () if is_epub => Format::Epub,
        () if is_manifest || has(b"license.lcpl") => Format::Webpub,
        () => Format::Unknown,
    });
    if probe.format == Format::Unknown {
        probe.other_kind = Some(OtherKind::Zip);
        return Ok(probe);
    }
    probe.doubt(warning);
    if has(b"license.lcpl") {
        probe.add_system(System::Lcp);
        probe.license_embedded = true;
    }
    Ok(probe)
}

/// Returns the names in the local headers and in the records of a directory.
fn entry_names(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let name_at = |at: usize| {
        let rest = bytes.get(at..)?;
        let (len_at, name_at) = match rest.get(..4)? {
            b"PK\x03\x04" => (26, 30),
            b"PK\x01\x02" => (28, 46),
            _ => return None,
        };
        let len = u16::from_le_bytes(*rest.get(len_at..)?.first_chunk()?);
        rest.get(name_at..)?.get(..len.into())
    };
    (0..bytes.len()).filter_map(name_at)
}
