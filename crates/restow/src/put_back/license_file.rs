//! A license document as a file, beside its publication or in a folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use restow_core::encoding::sha256;
use restow_core::files::{self, FileMode, Overwrite, TempFile};

use super::compare::{Comparison, DocumentComparer};
use super::embed::{copy_metadata, write_error};
use super::{Action, PutBackError};
use crate::error::Error;
use crate::file_name;
use crate::license::{License, MAX_DOCUMENT};

/// Writes the document under the first of its names that is free or has a document of the same license; a better or newer one stays.
pub(super) fn put(
    folder: &Path,
    stem: &str,
    license: &License,
    comparer: &DocumentComparer,
) -> Result<(PathBuf, Action), Error> {
    let ending = file_name::extension(license.identity.kind);
    for name in file_name::candidates(stem, &sha256(&license.document), ending) {
        let path = folder.join(name);
        if let Some(done) = put_at(&path, license, comparer)? {
            return Ok((path, done));
        }
    }
    Err(write_error(&folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
}

/// The same in this very place; `None` when something else is there.
pub(super) fn put_at(path: &Path, license: &License, comparer: &DocumentComparer) -> Result<Option<Action>, Error> {
    let (existing, done) = match there(path, license, comparer)? {
        None => (Overwrite::Refuse, Action::Written),
        Some(Comparison::Worse) => (Overwrite::Replace, Action::Refreshed),
        Some(Comparison::Same | Comparison::Equivalent) => return Ok(Some(Action::AlreadyPresent)),
        Some(Comparison::Better) => return Ok(Some(Action::BetterPresent)),
        Some(Comparison::Conflict) => return Ok(Some(Action::Conflict)),
        Some(Comparison::Foreign) => return Ok(None),
    };
    Ok(write(path, license, comparer, existing)?.then_some(done))
}

/// Writes it, where it still is so when all but the name is done. False when something else came there.
fn write(path: &Path, license: &License, comparer: &DocumentComparer, existing: Overwrite) -> Result<bool, Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let readable = if existing == Overwrite::Replace { FileMode::OwnerOnly } else { FileMode::Default };
    let mut aside = TempFile::create_in_user_folder(folder, readable).map_err(write_error(path))?;
    aside.write_all(&license.document).map_err(write_error(path))?;
    let file = aside.file().map_err(write_error(path))?;
    if existing == Overwrite::Replace {
        copy_metadata(&fs::symlink_metadata(path).map_err(write_error(path))?, file);
    }
    file.sync_all().map_err(write_error(path))?;
    if existing == Overwrite::Replace && there(path, license, comparer)? != Some(Comparison::Worse) {
        return Err(PutBackError::Changed.into());
    }
    match aside.rename(path, existing) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(write_error(path)(error)),
    }
    files::sync_folder(folder).map_err(write_error(path))?;
    Ok(true)
}

fn there(path: &Path, license: &License, comparer: &DocumentComparer) -> Result<Option<Comparison>, Error> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => return Ok(Some(Comparison::Foreign)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(write_error(path)(error)),
    }
    // What cannot be read, or is too large, is something else.
    let found = files::read_limited(path, MAX_DOCUMENT).ok();
    Ok(Some(found.map_or(Comparison::Foreign, |found| comparer.of(license, &found))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;
    use crate::license::{self, Kind};

    #[test]
    fn what_came_there_since_it_was_judged_stays() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(
            folder.path().join("home"),
            crate::Machine::from_id("m"),
            std::sync::Arc::new(crate::ManualClock::at(1_795_132_800)),
        );
        let comparer = DocumentComparer::new(&home.unwrap()).unwrap();
        let of = |day: u8| {
            let document = format!(
                r#"{{"id":"a","issued":"2026-09-{day:02}T00:00:00Z","provider":"https://p.example","encryption":{{
                "profile":"http://readium.org/lcp/basic-profile","content_key":{{"algorithm":"x","encrypted_value":"x"}},
                "user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
                "links":[{{"rel":"hint","href":"https://h"}},{{"rel":"publication","href":"https://p"}}],
                "signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
            );
            license::parse_as(Kind::Lcp, document.as_bytes()).unwrap()
        };
        let path = folder.path().join("a.lcpl");
        for (there, existing, goes) in [
            (1, Overwrite::Replace, Ok(true)),
            (3, Overwrite::Replace, Err("put-changed")),
            (1, Overwrite::Refuse, Ok(false)),
        ] {
            fs::write(&path, &of(there).document).unwrap();
            let written = write(&path, &of(2), &comparer, existing).map_err(|error| error.code());
            assert_eq!(written, goes);
            let then = if goes == Ok(true) { of(2) } else { of(there) };
            assert_eq!(fs::read(&path).unwrap(), then.document);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
        }
    }
}
