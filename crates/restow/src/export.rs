//! Writes license documents as files: out of the store or out of a backup, for readers and other programs, or to be imported
//! again.
//!
//! In the folder is a file for each license, exactly as its document is, and `index.jsonl`: one object a line, which says of
//! each file which license it is. What may not be backed up is not written either, but named there.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use restow_backup::InventoryRecord;
use restow_core::encoding::hex;
use restow_core::files::{self, FileMode, Overwrite, TempFile};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::file_name;
use crate::home::Home;
use crate::license::{License, LicenseIdentity, Restriction};
use crate::listing::{self, LicenseInfo};
use crate::restorer::{Contents, RestorerError};
use crate::service::Cancel;

/// The index.
const INDEX: &str = "index.jsonl";
/// What its first line says.
const FORM: u32 = 1;
/// Longer lines are of no index.
const MAX_LINE: u64 = 4 << 20;

/// What became of one license.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportEvent<'a> {
    /// It is a file now.
    File {
        /// The license.
        listed: &'a LicenseInfo,
        /// The name of its file in the folder.
        file: &'a str,
        /// Whether it was written now; else the same file was there.
        written: bool,
    },
    /// It may not be backed up, so it was not written.
    Restricted(&'a RestrictedExport),
}

/// A license that may not be backed up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct RestrictedExport {
    missing: bool,
    /// The license.
    pub license_id: String,
    /// Its key IDs, as they are printed.
    pub key_ids: Vec<String>,
    /// What its files are called.
    pub titles: Vec<String>,
    /// Why.
    pub reason: &'static str,
    /// Where it can be had again.
    #[serde(rename = "where")]
    pub where_from: String,
}

/// Counts of an export.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ExportSummary {
    /// Files written.
    pub written: u64,
    /// Files that were there, the same.
    pub already_there: u64,
    /// Licenses that may not be backed up.
    pub restricted: u64,
}

/// Writes the licenses of the store into a folder, which is made if it is missing and there is anything to write. Files that are
/// there are never changed, but for the index of an earlier export.
///
/// # Errors
/// When the store or the folder fails, or the caller cancelled. What was written until then is whole, and stays.
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
            Some(reason) => export.restricted(RestrictedExport {
                missing: true,
                license_id: license.identity.license_id.clone(),
                key_ids: license.key_ids.iter().map(ToString::to_string).collect(),
                titles: listed.titles.clone(),
                reason: reason.as_str(),
                where_from: license.source_url.clone().unwrap_or_default(),
            }),
            None => export.license(&listed),
        }
    })?;
    export.finish()
}

/// The same, out of a backup: no computer and no service is needed.
///
/// # Errors
/// As [`from_store`].
pub fn from_backup(
    contents: &Contents,
    folder: &Path,
    cancel: &Cancel,
    visit: &mut dyn FnMut(&ExportEvent<'_>),
) -> Result<ExportSummary, Error> {
    let mut export = Export::new(folder, cancel, visit);
    contents.licenses(&mut |listed| export.license(&listed))?;
    contents.missing(&mut |record: &InventoryRecord| {
        export.restricted(RestrictedExport {
            missing: true,
            license_id: record.license_id.clone(),
            key_ids: record.key_ids.iter().map(ToString::to_string).collect(),
            titles: record.titles.clone(),
            reason: Restriction::from_number(record.reason).map_or("", Restriction::as_str),
            where_from: record.source_url.clone(),
        })
    })?;
    export.finish()
}

/// The first line of an index.
#[derive(Serialize, Deserialize)]
struct Head {
    restow_export: u32,
}

/// What the index says of a file.
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

/// One export, which makes nothing until there is something to write.
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
            return Err(RestorerError::Cancelled.into());
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
        (self.visit)(&ExportEvent::File { listed, file: &file, written });
        Ok(())
    }

    fn restricted(&mut self, restricted: RestrictedExport) -> Result<(), Error> {
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

/// The folder, and what is written into it.
struct Files {
    folder: PathBuf,
    /// Names that are there, as a system reads them that does not tell capital letters apart.
    taken: HashSet<String>,
    /// Names of this export's own files.
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

    /// Writes a document under the first name that is free, unless it is there already.
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
                // There is one that reads the same, or came just now.
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

    /// Gives the index its name. Files that an earlier export wrote and this one did not are still in it.
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

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Unwritable { path, source }
}

/// The index of an earlier export behind its first line, if there is one.
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

/// The next line with its end; one that is too long is no line of an index, and none behind it is read.
fn next_line(lines: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    lines.take(MAX_LINE).read_until(b'\n', &mut line)?;
    Ok(line.ends_with(b"\n").then_some(line))
}

/// Whether a line of an earlier index is about a file that is still there, and not one of these.
fn names_other_file(line: &[u8], folder: &Path, ours: &HashSet<String>) -> bool {
    #[derive(Deserialize)]
    struct Named {
        file: String,
    }
    let Ok(Named { file }) = serde_json::from_slice(line) else { return false };
    let plain = !file.contains(['/', '\\', '\0']) && file != "..";
    plain && !ours.contains(&file) && folder.join(file).is_file()
}
