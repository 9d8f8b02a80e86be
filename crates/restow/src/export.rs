//! Export of license documents as files, from the store or from a backup, for readers and other programs.
//!
//! The folder gets one file for each license, with the exact bytes of the document. `index.jsonl` has one object a
//! line, which names the license of each file. Licenses that may not be backed up are only listed there.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use restow_backup::InventoryRecord;
use restow_core::encoding::hex;
use restow_core::files::{self, FileMode, Overwrite, TempFile};
use restow_core::key_id::KeyId;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::file_name;
use crate::home::Home;
use crate::license::{License, LicenseIdentity, Restriction};
use crate::listing::{self, LicenseInfo};
use crate::restorer::Contents;
use crate::service::Cancel;

/// File name of the index.
const INDEX: &str = "index.jsonl";
/// Version of the index format, in the first line.
const FORM: u32 = 1;
/// Maximum length of a line of the index.
const MAX_LINE: u64 = 4 << 20;

/// Event of an export.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportEvent<'a> {
    /// The license is now a file.
    File {
        /// License in the file.
        license: &'a LicenseInfo,
        /// File name in the folder.
        file: &'a str,
        /// False if the same file already existed.
        written: bool,
    },
    /// The license may not be backed up and was not written.
    Restricted(&'a RestrictedExport),
}

/// License that may not be backed up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct RestrictedExport {
    missing: bool,
    /// ID of the license.
    pub license_id: String,
    /// Key IDs in their printed form.
    pub key_ids: Vec<String>,
    /// Titles of the license.
    pub titles: Vec<String>,
    /// Reason against a backup.
    pub reason: &'static str,
    /// Address that offers the license again.
    #[serde(rename = "where")]
    pub where_from: String,
}

/// Counts of an export.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ExportSummary {
    /// Files that were written.
    pub written: u64,
    /// Files that already existed with the same content.
    pub already_there: u64,
    /// Licenses that may not be backed up.
    pub restricted: u64,
}

/// Exports the licenses of the store into a folder. The folder is created if needed. Existing files are never
/// changed, except for the index of an earlier export.
///
/// # Errors
/// [`Error::Store`] if the store fails, [`Error::Unwritable`] if the folder cannot be written, or the cancellation of
/// the caller. Files that were written until then are complete and kept.
pub fn from_store(
    home: &Home,
    folder: &Path,
    cancel: &Cancel,
    visit: &mut dyn FnMut(&ExportEvent<'_>),
) -> Result<ExportSummary, Error> {
    let store = home.store()?;
    let mut export = Export::new(folder, cancel, visit);
    listing::licenses(home, &store, &mut |listed| {
        let license = &listed.license;
        match license.backup_right.restriction() {
            Some(reason) => {
                let source_url = license.source_url.as_deref().unwrap_or_default();
                let id = &license.identity.license_id;
                export.restricted(id, &license.key_ids, &listed.titles, reason.as_str(), source_url)
            }
            None => export.license(&listed),
        }
    })?;
    export.finish()
}

/// Exports the licenses of a backup into a folder. No computer keys and no service are needed.
///
/// # Errors
/// The errors of [`from_store`].
pub fn from_backup(
    contents: &Contents,
    folder: &Path,
    cancel: &Cancel,
    visit: &mut dyn FnMut(&ExportEvent<'_>),
) -> Result<ExportSummary, Error> {
    let mut export = Export::new(folder, cancel, visit);
    contents.licenses(&mut |listed| export.license(&listed))?;
    contents.missing(&mut |record: &InventoryRecord| {
        let reason = Restriction::from_number(record.reason).map_or("", Restriction::as_str);
        export.restricted(&record.license_id, &record.key_ids, &record.titles, reason, &record.source_url)
    })?;
    export.finish()
}

/// First line of an index.
#[derive(Serialize, Deserialize)]
struct Head {
    restow_export: u32,
}

/// Line of the index for a file.
#[derive(Serialize)]
struct Entry<'a> {
    file: &'a str,
    license_id: &'a str,
    kind: &'static str,
    issuer: &'a str,
    key_ids: Vec<String>,
    titles: &'a [String],
    document_sha256: String,
}

/// Running export. It creates nothing before the first license.
struct Export<'a> {
    folder: &'a Path,
    files: Option<Files>,
    summary: ExportSummary,
    cancel: &'a Cancel,
    visit: &'a mut dyn FnMut(&ExportEvent<'_>),
}

impl<'a> Export<'a> {
    fn new(folder: &'a Path, cancel: &'a Cancel, visit: &'a mut dyn FnMut(&ExportEvent<'_>)) -> Self {
        Self { folder, files: None, summary: ExportSummary::default(), cancel, visit }
    }

    fn files(&mut self) -> Result<&mut Files, Error> {
        match self.files {
            Some(ref mut files) => Ok(files),
            None => Ok(self.files.insert(Files::begin(self.folder)?)),
        }
    }

    fn license(&mut self, listed: &LicenseInfo) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let License { identity, key_ids, document, .. } = &listed.license;
        let title = listed.titles.first().map(String::as_str);
        let files = self.files()?;
        let (file, written) = files.put(title, identity, &listed.sha256, document)?;
        files.note(&Entry {
            file: &file,
            license_id: &identity.license_id,
            kind: identity.kind.as_str(),
            issuer: &identity.issuer,
            key_ids: key_ids.iter().map(ToString::to_string).collect(),
            titles: &listed.titles,
            document_sha256: hex(&listed.sha256),
        })?;
        files.ours.insert(file.clone());
        let count = if written { &mut self.summary.written } else { &mut self.summary.already_there };
        *count = count.saturating_add(1);
        (self.visit)(&ExportEvent::File { license: listed, file: &file, written });
        Ok(())
    }

    fn restricted(
        &mut self,
        license_id: &str,
        key_ids: &[KeyId],
        titles: &[String],
        reason: &'static str,
        source_url: &str,
    ) -> Result<(), Error> {
        let restricted = RestrictedExport {
            missing: true,
            license_id: license_id.to_owned(),
            key_ids: key_ids.iter().map(ToString::to_string).collect(),
            titles: titles.to_owned(),
            reason,
            where_from: source_url.to_owned(),
        };
        self.files()?.note(&restricted)?;
        self.summary.restricted = self.summary.restricted.saturating_add(1);
        (self.visit)(&ExportEvent::Restricted(&restricted));
        Ok(())
    }

    fn finish(self) -> Result<ExportSummary, Error> {
        self.files.map_or(Ok(()), Files::finish)?;
        Ok(self.summary)
    }
}

/// Folder of an export and its index.
struct Files {
    folder: PathBuf,
    /// Existing names in the folder, without a difference of case.
    taken: HashSet<String>,
    /// Names of the files of this export.
    ours: HashSet<String>,
    index: BufWriter<TempFile>,
    earlier: Option<BufReader<File>>,
}

impl Files {
    fn begin(folder: &Path) -> Result<Self, Error> {
        match fs::create_dir(folder) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => return Err(unwritable(folder)(source)),
            _ => {}
        }
        files::remove_unfinished(folder);
        let names = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let names = names.map_err(unwritable(folder))?;
        let earlier = earlier(&folder.join(INDEX))?;
        let index = TempFile::create_in_user_folder(folder, FileMode::Default).map_err(unwritable(folder))?;
        let mut files = Self {
            folder: folder.to_owned(),
            taken: names.iter().map(|name| file_name::case_fold(&name.file_name().to_string_lossy())).collect(),
            ours: HashSet::new(),
            index: BufWriter::new(index),
            earlier,
        };
        files.note(&Head { restow_export: FORM })?;
        Ok(files)
    }

    /// Writes a document under the first free name, unless the same file exists. Returns the name, and true if the
    /// file was written.
    fn put(
        &mut self,
        title: Option<&str>,
        identity: &LicenseIdentity,
        sha256: &[u8; 32],
        document: &[u8],
    ) -> Result<(String, bool), Error> {
        let stem = file_name::stem(title, identity);
        for name in file_name::candidates(&stem, sha256, file_name::extension(identity.kind)) {
            let path = self.folder.join(&name);
            if files::has_content(&path, document) && !self.ours.contains(&name) {
                return Ok((name, false));
            }
            if !self.taken.insert(file_name::case_fold(&name)) {
                continue;
            }
            match write(&self.folder, &path, document) {
                Ok(()) => return Ok((name, true)),
                // A name differs only by case, or another program created the file just now.
                Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(unwritable(&path)(source)),
            }
        }
        Err(unwritable(&self.folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
    }

    fn note(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_vec(line).map_err(io::Error::from);
        let written = text.and_then(|text| self.index.write_all(&text)).and_then(|()| self.index.write_all(b"\n"));
        written.map_err(unwritable(&self.folder.join(INDEX)))
    }

    /// Writes the index to its place. The index keeps files of earlier exports.
    fn finish(mut self) -> Result<(), Error> {
        let path = self.folder.join(INDEX);
        let finish = || {
            while let Some(line) = self.earlier.as_mut().map(next_line).transpose()?.flatten() {
                if names_other_file(&line, &self.folder, &self.ours) {
                    self.index.write_all(&line)?;
                }
            }
            self.index.into_inner().map_err(io::IntoInnerError::into_error)?.finish(&path, Overwrite::Replace)?;
            files::sync_folder(&self.folder)
        };
        finish().map_err(unwritable(&path))
    }
}

fn write(folder: &Path, path: &Path, document: &[u8]) -> io::Result<()> {
    let mut aside = TempFile::create_in_user_folder(folder, FileMode::Default)?;
    aside.write_all(document)?;
    aside.finish(path, Overwrite::Refuse)
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Unwritable { path: path.to_owned(), source }
}

/// Opens the index of an earlier export after its first line.
fn earlier(path: &Path) -> Result<Option<BufReader<File>>, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(unwritable(path)(source)),
    };
    let mut lines = BufReader::new(file);
    let first = next_line(&mut lines).map_err(unwritable(path))?.unwrap_or_default();
    match serde_json::from_slice::<Head>(&first) {
        Ok(Head { restow_export: FORM }) => Ok(Some(lines)),
        _ => Err(unwritable(path)(io::ErrorKind::AlreadyExists.into())),
    }
}

/// Returns the next line with its end. Reading stops at a line that is too long.
fn next_line(lines: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    lines.take(MAX_LINE).read_until(b'\n', &mut line)?;
    Ok(line.ends_with(b"\n").then_some(line))
}

/// Returns true if a line of an earlier index names a file that still exists and is not in `ours`.
fn names_other_file(line: &[u8], folder: &Path, ours: &HashSet<String>) -> bool {
    #[derive(Deserialize)]
    struct Named {
        file: String,
    }
    let Ok(Named { file }) = serde_json::from_slice(line) else { return false };
    let plain = !file.contains(['/', '\\', '\0']) && file != "..";
    plain && !ours.contains(&file) && folder.join(file).is_file()
}
