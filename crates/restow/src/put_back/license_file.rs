//! License files, beside their publications or in a folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use restow_core::encoding::sha256;
use restow_core::files::{self, FileMode, Overwrite, TempFile};
use restow_lcp::Verifier;

use super::compare::{Comparison, compare};
use super::embed::{copy_metadata, write_error};
use super::report::Action;
use crate::error::{Error, PutBackError};
use crate::file_name;
use crate::license::{License, MAX_DOCUMENT};

/// Writes a license file into a folder, under the first name that is free or has a document of the same license.
///
/// # Errors
/// [`Error::Unwritable`] if the file cannot be written, [`PutBackError::Changed`] if the file changed meanwhile.
pub(super) fn write_into(
    folder: &Path,
    stem: &str,
    license: &License,
    verifier: &Verifier,
) -> Result<(PathBuf, Action), Error> {
    let extension = file_name::extension(license.identity.kind);
    for name in file_name::candidates(stem, &sha256(&license.document), extension) {
        let path = folder.join(name);
        if let Some(action) = write_at(&path, license, verifier)? {
            return Ok((path, action));
        }
    }
    Err(write_error(&folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
}

/// Writes a license file, unless an equal or better document of the license is there. Returns `None` if the path has
/// another file.
///
/// # Errors
/// As [`write_into`].
pub(super) fn write_at(path: &Path, license: &License, verifier: &Verifier) -> Result<Option<Action>, Error> {
    let (overwrite, action) = match compare_file(path, license, verifier)? {
        None => (Overwrite::Refuse, Action::Written),
        Some(Comparison::Worse) => (Overwrite::Replace, Action::Refreshed),
        Some(comparison) => return Ok(comparison.action()),
    };
    Ok(write_file(path, license, verifier, overwrite)?.then_some(action))
}

/// Writes the file aside and renames it. Returns false if another program created the file meanwhile.
fn write_file(path: &Path, license: &License, verifier: &Verifier, overwrite: Overwrite) -> Result<bool, Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mode = if overwrite == Overwrite::Replace { FileMode::OwnerOnly } else { FileMode::Default };
    let mut temp_file = TempFile::create_in_user_folder(folder, mode).map_err(write_error(path))?;
    temp_file.write_all(&license.document).map_err(write_error(path))?;
    let file = temp_file.file().map_err(write_error(path))?;
    if overwrite == Overwrite::Replace {
        copy_metadata(&fs::symlink_metadata(path).map_err(write_error(path))?, file);
    }
    file.sync_all().map_err(write_error(path))?;
    // The sync is slow, so the old file is compared once more just before the rename.
    if overwrite == Overwrite::Replace && compare_file(path, license, verifier)? != Some(Comparison::Worse) {
        return Err(PutBackError::Changed.into());
    }
    match temp_file.rename(path, overwrite) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(write_error(path)(error)),
    }
    files::sync_folder(folder).map_err(write_error(path))?;
    Ok(true)
}

/// Compares a file with a license. Returns `None` if there is no file.
fn compare_file(path: &Path, license: &License, verifier: &Verifier) -> Result<Option<Comparison>, Error> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => return Ok(Some(Comparison::Foreign)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(write_error(path)(error)),
    }
    // A file that is unreadable or too long is not a license file of this license.
    let found = files::read_limited(path, MAX_DOCUMENT).ok();
    Ok(Some(found.map_or(Comparison::Foreign, |found| compare(verifier, license, &found))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;
    use crate::license::{self, Kind};

    fn license(day: u8) -> License {
        let document = format!(
            r#"{{"id":"a","issued":"2026-09-{day:02}T00:00:00Z","provider":"https://p.example","encryption":{{
            "profile":"http://readium.org/lcp/basic-profile","content_key":{{"algorithm":"x","encrypted_value":"x"}},
            "user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
            "links":[{{"rel":"hint","href":"https://h"}},{{"rel":"publication","href":"https://p"}}],
            "signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
        );
        license::parse_as(Kind::Lcp, document.as_bytes()).unwrap()
    }

    #[test]
    fn license_file_created_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(
            folder.path().join("home"),
            crate::Machine::from_id("m"),
            std::sync::Arc::new(crate::ManualClock::at(1_795_132_800)),
        );
        let verifier = Verifier::new(crate::home::trust_store::load(&home.unwrap()).unwrap());
        let path = folder.path().join("a.lcpl");
        for (day, overwrite, expected) in [
            (1, Overwrite::Replace, Ok(true)),
            (3, Overwrite::Replace, Err("put-changed")),
            (1, Overwrite::Refuse, Ok(false)),
        ] {
            fs::write(&path, &license(day).document).unwrap();
            let result = write_file(&path, &license(2), &verifier, overwrite).map_err(|error| error.code());
            assert_eq!(result, expected);
            let content = if expected == Ok(true) { license(2) } else { license(day) };
            assert_eq!(fs::read(&path).unwrap(), content.document);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no unfinished file is left");
        }
    }
}
