//! The license inside: its bytes, its ID, and putting it back.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom, Write};

use serde::Deserialize;

use super::kind::{PackageKind, open};
use super::package::Package;
use crate::zip;
use crate::{EmbedError, EntryProblem, ProbeError, System, Warning, text};

/// The largest license read. Real ones have a few thousand bytes.
const MAX_LICENSE: usize = 1 << 20;

/// Longest license ID kept, in characters.
const MAX_ID_LEN: usize = 255;

/// All that is looked at of an LCP license document here.
#[derive(Deserialize)]
struct LicenseNames<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    provider: Cow<'a, str>,
}

/// Notes the license that lies at its place, if one does.
pub(super) fn read<R: Read + Seek>(package: &mut Package<'_, R>, path: &str) -> io::Result<()> {
    if !package.directory.has(path.as_bytes()) {
        return Ok(());
    }
    // Whatever else the package says: readers will ask for this license.
    package.add_system(System::Lcp);
    // One that cannot be read is somebody's license all the same.
    package.probe.license_embedded = true;
    let Some(license) = package.read_content(path, MAX_LICENSE)? else { return Ok(()) };
    (package.probe.license_id, package.probe.license_provider) = parse_names(&license);
    if package.probe.license_id.is_none() {
        package.warn(path, EntryProblem::Malformed);
    }
    Ok(())
}

/// Its ID and its provider. One that is not harmless to print names nothing.
fn parse_names(license: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(document) = serde_json::from_slice::<LicenseNames<'_>>(license) else { return (None, None) };
    let unchanged =
        |text: &str, max| text::clean_or_reject(text.chars(), max).ok().flatten().filter(|kept| kept == text);
    (unchanged(&document.id, MAX_ID_LEN), unchanged(&document.provider, text::MAX_TEXT))
}

/// The license that lies inside a publication, as it lies there. `None` when there is none, or the file is no publication.
///
/// # Errors
///
/// When the reader fails, or the package or the license in it is damaged.
pub fn embedded_license<R: Read + Seek>(reader: &mut R) -> Result<Option<Vec<u8>>, ProbeError> {
    match open(reader)? {
        Some((mut package, Some(kind))) => read_embedded(&mut package, &kind),
        _ => Ok(None),
    }
}

/// The license that lies inside a publication of this kind.
pub(super) fn read_embedded<R: Read + Seek>(
    package: &mut Package<'_, R>,
    kind: &PackageKind,
) -> Result<Option<Vec<u8>>, ProbeError> {
    let Some(path) = kind.license_path().filter(|path| package.directory.has(path.as_bytes())) else {
        return Ok(None);
    };
    package.probe.warnings.clear();
    match package.read_content(path, MAX_LICENSE).map_err(ProbeError::Read)? {
        Some(license) => Ok(Some(license)),
        None => Err(ProbeError::Package(entry_warning(std::mem::take(&mut package.probe.warnings), path))),
    }
}

/// Writes the publication with this license at the place where readers look for it, and every other byte as it is: order,
/// compression, dates and comments of all entries. A license that is there is replaced, and keeps its date; one that is
/// the same leaves the file the same.
///
/// The license is written as it is, and not looked at. Nothing is written when the package is refused; when reading or
/// writing fails, what was written is of no use.
///
/// # Errors
///
/// When the file is no publication with a place for a license, is not sound, or cannot be read or written.
pub fn embed_license<R: Read + Seek, W: Write>(
    reader: &mut R,
    license: &[u8],
    writer: &mut W,
) -> Result<(), EmbedError> {
    let (mut package, path) = open_with_license_path(reader)?;
    if package.directory.has(path.as_bytes())
        && package.read_content(path, MAX_LICENSE).map_err(EmbedError::Read)?.as_deref() == Some(license)
    {
        return copy_all(package.reader, writer);
    }
    zip::rewrite(package.reader, &package.directory, path.as_bytes(), Some(license), writer)
}

/// Writes the publication without the license inside, and every other byte as it is.
#[cfg(any(test, feature = "build"))]
pub(crate) fn remove_license<R: Read + Seek, W: Write>(reader: &mut R, writer: &mut W) -> Result<(), EmbedError> {
    let (package, path) = open_with_license_path(reader)?;
    zip::rewrite(package.reader, &package.directory, path.as_bytes(), None, writer)
}

/// A publication, and the place of its license.
fn open_with_license_path<R: Read + Seek>(reader: &mut R) -> Result<(Package<'_, R>, &'static str), EmbedError> {
    let (package, kind) = open(reader)?.ok_or(EmbedError::UnsupportedFormat)?;
    let path = kind.as_ref().and_then(PackageKind::license_path).ok_or(EmbedError::UnsupportedFormat)?;
    Ok((package, path))
}

fn entry_warning(mut warnings: Vec<Warning>, path: &str) -> Warning {
    let missing = || Warning::Entry { name: path.to_owned(), problem: EntryProblem::Missing };
    warnings.pop().unwrap_or_else(missing)
}

/// Copies a whole file.
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
    fn the_id_is_one_that_can_be_printed() {
        assert_eq!(id(br#"{"x":[1],"id":"b7a1\u002d2"}"#).as_deref(), Some("b7a1-2"));
        for none in [&b""[..], b"{}", br#"{"id":7}"#, br#"{"id":""}"#, br#"{"id":"a\n"}"#, br#"[{"id":"a"}]"#, b"\xff"]
        {
            assert_eq!(id(none), None);
        }
        assert_eq!(id(format!(r#"{{"id":"{}"}}"#, "x".repeat(256)).as_bytes()), None);
    }

    #[test]
    fn the_provider_is_told_where_it_is_one() {
        let provider = |license: &[u8]| parse_names(license).1;
        assert_eq!(provider(br#"{"id":"a","provider":"https://p.example"}"#).as_deref(), Some("https://p.example"));
        for none in [&br#"{"id":"a"}"#[..], br#"{"id":"a","provider":""}"#, br#"{"id":"a","provider":"p\u202e"}"#] {
            assert_eq!((id(none).as_deref(), provider(none)), (Some("a"), None));
        }
        assert_eq!(parse_names(br#"{"provider":"p"}"#), (None, Some("p".to_owned())));
    }
}
