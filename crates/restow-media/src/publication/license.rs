//! The embedded license: its bytes, its ID, and embedding.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom, Write};

use serde::Deserialize;

use super::kind::{PackageKind, open};
use super::package::{Package, normal_name};
use crate::{EmbedError, EntryProblem, Format, ProbeError, System, Warning, text};
use crate::{xml, zip};

/// Name of a license in its folder.
const FILE_NAME: &[u8] = b"license.lcpl";

/// Maximum size of a license in bytes.
const MAX_LICENSE: usize = restow_core::license::MAX_DOCUMENT as usize;

/// Maximum length of a license ID, in characters.
const MAX_ID_LEN: usize = 255;

/// Fields of an LCP license document that the probe needs.
#[derive(Deserialize)]
struct LicenseNames<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    provider: Cow<'a, str>,
}

/// Adds the embedded license to the probe, if the package has one.
pub(super) fn read<R: Read + Seek>(package: &mut Package<'_, R>, path: &str) -> io::Result<()> {
    let numbers = find(package, path);
    if numbers.is_empty() {
        return Ok(());
    }
    // Some audiobooks and web publications have a license and encrypt nothing.
    if package.probe.format == Format::Epub && package.probe.protected == Some(false) {
        package.probe.warn(Warning::EncryptionMissing);
    }
    // Readers ask for this license regardless of the rest of the package.
    package.add_system(System::Lcp);
    // Set even if the license is unreadable: the publication still has one.
    package.probe.license_embedded = true;
    let Some(license) = package.read(path, &numbers, MAX_LICENSE, true)? else { return Ok(()) };
    (package.probe.license_id, package.probe.license_provider) = parse_names(&license);
    if package.probe.license_id.is_none() {
        package.warn(path, EntryProblem::Malformed);
    }
    Ok(())
}

/// Returns the numbers of the entries that hold the license: at the path for it, or else in any other folder. All must
/// have the same content, since readers would choose different ones.
fn find<R: Read + Seek>(package: &Package<'_, R>, path: &str) -> Vec<usize> {
    let found = package.find_all(path);
    if !found.is_empty() {
        return found;
    }
    let is_license = |number: &usize| {
        let name: Vec<u8> = normal_name(package.raw_name(*number)).collect();
        name == FILE_NAME || name.strip_suffix(FILE_NAME).is_some_and(|folder| folder.ends_with(b"/"))
    };
    (0..package.directory.entries().len()).filter(is_license).collect()
}

/// Parses license ID and provider. A value that is unsafe to print is ignored.
fn parse_names(license: &[u8]) -> (Option<String>, Option<String>) {
    let text = xml::decode(license);
    let Ok(document) = serde_json::from_str::<LicenseNames<'_>>(&text) else { return (None, None) };
    let unchanged =
        |text: &str, max| text::clean_or_reject(text.chars(), max).ok().flatten().filter(|kept| kept == text);
    (unchanged(&document.id, MAX_ID_LEN), unchanged(&document.provider, text::MAX_TEXT))
}

/// Returns the bytes of the embedded license. Returns `None` if the publication has none, or the file is not a
/// publication.
///
/// # Errors
///
/// [`ProbeError::Read`] if the reader fails; [`ProbeError::Package`] if the package or its license is damaged.
pub fn embedded_license<R: Read + Seek>(reader: &mut R) -> Result<Option<Vec<u8>>, ProbeError> {
    match open(reader)? {
        Some((mut package, Some(kind))) => read_embedded(&mut package, &kind),
        _ => Ok(None),
    }
}

/// Returns the embedded license of a publication of this kind.
pub(super) fn read_embedded<R: Read + Seek>(
    package: &mut Package<'_, R>,
    kind: &PackageKind,
) -> Result<Option<Vec<u8>>, ProbeError> {
    let Some(path) = kind.license_path() else { return Ok(None) };
    let numbers = find(package, path);
    if numbers.is_empty() {
        return Ok(None);
    }
    package.probe.warnings.clear();
    match package.read(path, &numbers, MAX_LICENSE, true)? {
        Some(license) => Ok(Some(license)),
        None => Err(ProbeError::Package(entry_warning(std::mem::take(&mut package.probe.warnings), path))),
    }
}

/// Writes the publication with this license at the path that readers expect. Order, compression, dates and
/// comments of all entries stay the same, and so does every other byte. An existing license is replaced and
/// keeps its date. If the license is already there, the output equals the input.
///
/// The license is not checked. If the package is damaged, nothing is written. After a read or write error, the
/// output is incomplete.
///
/// # Errors
///
/// [`EmbedError::UnsupportedFormat`] if the file is not a publication that can hold a license,
/// [`EmbedError::Damaged`] if the package is damaged, [`EmbedError::TooLarge`] if the package has no room, and
/// [`EmbedError::Read`] or [`EmbedError::Write`] if an I/O operation fails.
pub fn embed_license<R: Read + Seek, W: Write>(
    reader: &mut R,
    license: &[u8],
    writer: &mut W,
) -> Result<(), EmbedError> {
    let (mut package, path) = open_with_license_path(reader)?;
    let numbers = find(&package, path);
    if !numbers.is_empty()
        && package.read(path, &numbers, MAX_LICENSE, true).map_err(EmbedError::Read)?.as_deref() == Some(license)
    {
        return copy_all(package.reader, writer);
    }
    let name = entry_name(&package, path, &numbers)?;
    zip::rewrite(package.reader, &package.directory, &name, Some(license), writer)
}

/// Writes the publication without its embedded license. Every other byte stays the same.
#[cfg(any(test, feature = "build"))]
pub(crate) fn remove_license<R: Read + Seek, W: Write>(reader: &mut R, writer: &mut W) -> Result<(), EmbedError> {
    let (package, path) = open_with_license_path(reader)?;
    let name = entry_name(&package, path, &find(&package, path))?;
    zip::rewrite(package.reader, &package.directory, &name, None, writer)
}

/// Opens a publication and returns it with the path of its license.
fn open_with_license_path<R: Read + Seek>(reader: &mut R) -> Result<(Package<'_, R>, &'static str), EmbedError> {
    let (package, kind) = open(reader)?.ok_or(EmbedError::UnsupportedFormat)?;
    let path = kind.as_ref().and_then(PackageKind::license_path).ok_or(EmbedError::UnsupportedFormat)?;
    match package.directory.base() {
        0 => Ok((package, path)),
        // The new offsets would count other bytes than the old ones.
        len => Err(EmbedError::Damaged(Warning::LeadingBytes { len })),
    }
}

/// Returns the name of the entry to write: the one that holds the license, or else the path for it.
fn entry_name<R: Read + Seek>(package: &Package<'_, R>, path: &str, numbers: &[usize]) -> Result<Vec<u8>, EmbedError> {
    match numbers {
        [number] => Ok(package.raw_name(*number).to_vec()),
        // Readers of a book with unusual names look for its license in different places.
        [] if !package.root.is_empty() || !package.directory_is_usual() => Err(EmbedError::UnsupportedFormat),
        [] => Ok(path.as_bytes().to_vec()),
        [first, ..] => {
            let name = text::clean_entry_name(package.raw_name(*first));
            Err(EmbedError::Damaged(Warning::Entry { name, problem: EntryProblem::Duplicate }))
        }
    }
}

fn entry_warning(mut warnings: Vec<Warning>, path: &str) -> Warning {
    let missing = || Warning::Entry { name: path.to_owned(), problem: EntryProblem::Missing };
    warnings.pop().unwrap_or_else(missing)
}

/// Copies the whole file.
fn copy_all<R: Read + Seek, W: Write>(reader: &mut R, writer: &mut W) -> Result<(), EmbedError> {
    let len = reader.seek(SeekFrom::End(0)).map_err(EmbedError::Read)?;
    reader.seek(SeekFrom::Start(0)).map_err(EmbedError::Read)?;
    zip::copy_bytes(reader, len, writer)
}

#[cfg(test)]
mod tests {
    use super::parse_names;

    fn id(license: &[u8]) -> Option<String> {
        parse_names(license).0
    }

    #[test]
    fn unprintable_license_id_ignored() {
        assert_eq!(id(br#"{"x":[1],"id":"b7a1\u002d2"}"#).as_deref(), Some("b7a1-2"));
        for license in
            [&b""[..], b"{}", br#"{"id":7}"#, br#"{"id":""}"#, br#"{"id":"a\n"}"#, br#"[{"id":"a"}]"#, b"\xff"]
        {
            assert_eq!(id(license), None);
        }
        assert_eq!(id(format!(r#"{{"id":"{}"}}"#, "x".repeat(256)).as_bytes()), None);
    }

    #[test]
    fn unprintable_provider_ignored() {
        let provider = |license: &[u8]| parse_names(license).1;
        assert_eq!(provider(br#"{"id":"a","provider":"https://p.example"}"#).as_deref(), Some("https://p.example"));
        for license in [&br#"{"id":"a"}"#[..], br#"{"id":"a","provider":""}"#, br#"{"id":"a","provider":"p\u202e"}"#] {
            assert_eq!((id(license).as_deref(), provider(license)), (Some("a"), None));
        }
        assert_eq!(parse_names(br#"{"provider":"p"}"#), (None, Some("p".to_owned())));
    }
}
