//! License files, beside their publications or in a folder.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use restow_core::encoding::sha256;
use restow_core::files::{self, FileMode, Overwrite, TempFile};
use restow_core::message::Message;
use restow_lcp::Verifier;

use super::attributes::{self, FileAttributes};
use super::compare::{Comparison, compare};
use super::embed::{open_regular, sync_parent, write_error};
use super::report::Action;
use crate::error::{Error, PutBackError};
use crate::file_name;
use crate::license::{License, MAX_DOCUMENT};

/// Result for a license file: its path, the action, and the uncertainties about the changed file.
pub(super) type LicenseFileResult = (PathBuf, Action, Vec<Message>);

/// Writes license files of a run.
#[derive(Clone, Copy)]
pub(super) struct LicenseFileWriter<'a> {
    pub verifier: &'a Verifier,
    /// If false, the writer compares only, and returns the action that it would take.
    pub writes: bool,
}

impl LicenseFileWriter<'_> {
    /// Writes a license file beside a publication, under the first name that is free or has a document of the same
    /// license. A new file has the access of the publication.
    ///
    /// # Errors
    /// [`Error::Unwritable`] if the file cannot be written, [`PutBackError::Changed`] if the file changed meanwhile.
    pub(super) fn write_beside(self, publication: &Path, license: &License) -> Result<LicenseFileResult, Error> {
        let stem = publication.file_stem().unwrap_or_default();
        let folder = publication.parent().unwrap_or(Path::new(""));
        for path in candidate_paths(folder, stem, license) {
            if let Some((action, warnings)) = self.write_at(&path, license, Some(publication))? {
                return Ok((path, action, warnings));
            }
        }
        Err(write_error(&folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
    }

    /// Replaces the document in a known license file, unless an equal or better one is there. Returns `None` if the
    /// path has another file or none.
    ///
    /// # Errors
    /// As [`write_beside`](Self::write_beside).
    pub(super) fn refresh(self, path: &Path, license: &License) -> Result<Option<LicenseFileResult>, Error> {
        if compare_file(path, license, self.verifier)?.is_none() {
            return Ok(None);
        }
        Ok(self.write_at(path, license, None)?.map(|(action, warnings)| (path.to_owned(), action, warnings)))
    }

    /// Writes a license file. Returns `None` if the path has another file.
    fn write_at(
        self,
        path: &Path,
        license: &License,
        publication: Option<&Path>,
    ) -> Result<Option<(Action, Vec<Message>)>, Error> {
        let (overwrite, action) = match compare_file(path, license, self.verifier)? {
            None => (Overwrite::Refuse, Action::Written),
            Some(Comparison::Worse) => (Overwrite::Replace, Action::Refreshed),
            Some(comparison) => return Ok(comparison.action().map(|action| (action, Vec::new()))),
        };
        if !self.writes {
            return Ok(Some((action, Vec::new())));
        }
        let warnings = match overwrite {
            Overwrite::Replace => Some(self.replace_file(path, license)?),
            Overwrite::Refuse => create_file(path, license, publication)?,
        };
        Ok(warnings.map(|warnings| (action, warnings)))
    }

    /// Replaces a license file. Returns the uncertainties about the changed file.
    fn replace_file(self, path: &Path, license: &License) -> Result<Vec<Message>, Error> {
        let before = fs::symlink_metadata(path).map_err(write_error(path))?;
        let old = open_regular(path, &before)?;
        attributes::check_replaceable(&old, &before)?;
        let attributes = FileAttributes::read(&old).map_err(write_error(path))?;
        // Windows cannot replace an open file.
        drop(old);
        let temp_file = write_aside(path, FileMode::OwnerOnly, license)?;
        attributes.apply(temp_file.file().map_err(write_error(path))?)?;
        temp_file.file().and_then(files::sync_if_supported).map_err(write_error(path))?;
        // The sync is slow, so the old file is compared once more just before the rename.
        if compare_file(path, license, self.verifier)? != Some(Comparison::Worse) {
            return Err(PutBackError::Changed.into());
        }
        temp_file.rename(path, Overwrite::Replace).map_err(write_error(path))?;
        Ok(sync_parent(path).into_iter().collect())
    }
}

/// Creates a license file with the access of its publication. Returns `None` if another program created the file
/// meanwhile, else the uncertainties about the new file.
fn create_file(path: &Path, license: &License, publication: Option<&Path>) -> Result<Option<Vec<Message>>, Error> {
    let access = publication.and_then(|path| FileAttributes::read(&File::open(path).ok()?).ok());
    let mode = if access.is_some() { FileMode::OwnerOnly } else { FileMode::Default };
    let temp_file = write_aside(path, mode, license)?;
    let file = temp_file.file().map_err(write_error(path))?;
    // Where the access cannot be copied, the file stays one for its owner only.
    let _ = access.map(|access| access.for_neighbor().apply(file));
    files::sync_if_supported(file).map_err(write_error(path))?;
    match temp_file.rename(path, Overwrite::Refuse) {
        Ok(()) => Ok(Some(sync_parent(path).into_iter().collect())),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(write_error(path)(error)),
    }
}

/// Writes the document into a temporary file in the folder of the path.
fn write_aside(path: &Path, mode: FileMode, license: &License) -> Result<TempFile, Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut temp_file = TempFile::create_in_user_folder(folder, mode).map_err(write_error(path))?;
    temp_file.write_all(&license.document).map_err(write_error(path))?;
    Ok(temp_file)
}

/// Returns the paths for a license file beside a publication, in the order in which they are tried.
fn candidate_paths(folder: &Path, stem: &OsStr, license: &License) -> [PathBuf; 3] {
    let extension = file_name::extension(license.identity.kind);
    let [_, second, third] = file_name::candidates(&stem.to_string_lossy(), &sha256(&license.document), extension)
        .map(|name| folder.join(name));
    // Readers look for exactly the name of the publication, which may not be UTF-8.
    let mut same_name = stem.to_owned();
    same_name.push(".");
    same_name.push(extension);
    [folder.join(same_name), second, third]
}

/// Compares a file with a license. Returns `None` if there is no file.
pub(super) fn compare_file(path: &Path, license: &License, verifier: &Verifier) -> Result<Option<Comparison>, Error> {
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
            let writer = LicenseFileWriter { verifier: &verifier, writes: true };
            let result = match overwrite {
                Overwrite::Replace => writer.replace_file(&path, &license(2)).map(|_| true),
                Overwrite::Refuse => create_file(&path, &license(2), None).map(|warnings| warnings.is_some()),
            };
            let result = result.map_err(|error| error.code());
            assert_eq!(result, expected);
            let content = if expected == Ok(true) { license(2) } else { license(day) };
            assert_eq!(fs::read(&path).unwrap(), content.document);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no unfinished file is left");
        }
    }
}
