//! Scan of files and folders: fills the catalog with key IDs, titles and licenses.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use restow_core::message::Message;
use restow_lcp::{SignatureStrength, Verifier};
use restow_media::{Format, Probe};
use walkdir::WalkDir;

use crate::error::Error;
use crate::home::Home;
use crate::home::trust_store;
use crate::license::{Kind, License, LicenseIdentity};
use crate::store::{Change, ScannedFile, Store};
use crate::usage;

pub use crate::file_facts::{FileFacts, WarningFacts};

/// Maximum number of files that are stored together.
const MAX_BATCH_FILES: usize = 1000;

/// Counts of a scan.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ScanSummary {
    /// Files of known formats, which are now in the catalog.
    pub files: u64,
    /// Protected files among them.
    pub protected: u64,
    /// Files of unknown formats. Their content is not read.
    pub other: u64,
    /// Files with a warning.
    pub malformed: u64,
    /// Files that could not be read.
    pub unreadable: u64,
    /// Files that were removed from the catalog because they no longer exist.
    pub removed: u64,
}

/// Event of a scan.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum ScanEvent {
    /// Facts about a file.
    File(FileFacts),
    /// A file or folder cannot be read.
    Unreadable {
        /// Path of the file or folder.
        path: PathBuf,
        /// Reason of the failure.
        reason: Message,
    },
}

/// Reads the facts of one file. The catalog is neither read nor changed.
///
/// # Errors
/// [`Error::File`] if the file cannot be read.
pub fn describe(path: &Path) -> Result<FileFacts, Error> {
    let probe = restow_media::probe_path(path).map_err(|error| unreadable(path, &error))?;
    Ok(FileFacts::new(path, &probe))
}

fn unreadable(path: &Path, error: &restow_media::ProbeError) -> Error {
    Error::File { path: path.to_owned(), source: system_error(error) }
}

/// Returns the underlying system error with its text.
fn system_error(error: &restow_media::ProbeError) -> io::Error {
    match std::error::Error::source(error) {
        Some(source) => io::Error::new(error.kind(), source.to_string()),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

fn walk_error_message(error: walkdir::Error) -> Message {
    // An error without a system error is a loop of links. The scan does not follow links.
    (&error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links"))).into()
}

/// Scans files and folders, and stores the result in the catalog.
///
/// The scan also learns the identifiers of publications from embedded licenses with a sufficient signature. A file in
/// `paths` is always reported. Files of unknown formats in folders are skipped. Unchanged files are not read again.
///
/// # Errors
/// [`Error::File`] if a path does not exist or cannot be read, [`Error::Store`] if the store fails.
pub fn scan(home: &Home, paths: &[PathBuf], visit: &mut dyn FnMut(&ScanEvent)) -> Result<ScanSummary, Error> {
    let mut store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let mut summary = ScanSummary::default();
    for path in paths {
        let absolute = std::path::absolute(path).and_then(|path| fs::metadata(&path).map(|meta| (path, meta)));
        let (path, meta) = absolute.map_err(|source| Error::File { path: path.clone(), source })?;
        let (verifier, summary) = (&verifier, &mut summary);
        let rereads = false;
        let mut batch = ScanBatch { store: &mut store, verifier, rereads, found: Vec::new(), summary, visit };
        if meta.is_dir() {
            let walk = WalkDir::new(&path).follow_links(false).max_depth(64).sort_by_file_name();
            for item in walk {
                match item {
                    Ok(item) if item.file_type().is_file() => batch.scan_file(item.path(), false)?,
                    Ok(_) => {}
                    Err(error) => {
                        batch.summary.unreadable += 1;
                        let at = error.path().unwrap_or(&path).to_owned();
                        (batch.visit)(&ScanEvent::Unreadable { path: at, reason: walk_error_message(error) });
                    }
                }
            }
        } else {
            batch.scan_file(&path, true)?;
        }
        batch.write()?;
        if meta.is_dir() {
            summary.removed += remove_missing(&mut store, &path)?;
        }
    }
    Ok(summary)
}

/// Scans one file again, even if its size and its time are unchanged. A file that no longer exists, or has an unknown
/// format now, is removed from the catalog.
///
/// # Errors
/// [`Error::File`] if the file cannot be read, [`Error::Store`] if the store fails. The catalog is then unchanged.
pub fn rescan(home: &Home, path: &Path) -> Result<(), Error> {
    let path = std::path::absolute(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    let mut store = home.store()?;
    let exists = path.try_exists().map_err(|source| Error::File { path: path.clone(), source })?;
    let mut is_known = false;
    if exists {
        let verifier = Verifier::new(trust_store::load(home)?);
        let (found, mut summary) = (Vec::new(), ScanSummary::default());
        let mut batch = ScanBatch {
            store: &mut store,
            verifier: &verifier,
            rereads: true,
            found,
            summary: &mut summary,
            visit: &mut |_| {},
        };
        batch.scan_file(&path, true)?;
        is_known = !batch.found.is_empty();
        batch.write()?;
    }
    if !is_known {
        let change = store.change()?;
        change.remove_file(&path.to_string_lossy())?;
        change.commit()?;
    }
    Ok(())
}

struct ScannedRow {
    path: String,
    facts: FileFacts,
    probe: Probe,
    /// Identity of the embedded license, if it can be read.
    license: Option<LicenseIdentity>,
    /// True if the embedded license links the identifier of the publication to its license for the first time.
    may_link_identifier: bool,
    size: u64,
    modified: i64,
}

struct ScanBatch<'a> {
    store: &'a mut Store,
    verifier: &'a Verifier,
    /// True if unchanged files are read again.
    rereads: bool,
    found: Vec<ScannedRow>,
    summary: &'a mut ScanSummary,
    visit: &'a mut dyn FnMut(&ScanEvent),
}

impl ScanBatch<'_> {
    fn scan_file(&mut self, path: &Path, named: bool) -> Result<(), Error> {
        let text = path.to_string_lossy().into_owned();
        let meta = match fs::metadata(path) {
            Ok(meta) if meta.is_file() => meta,
            Ok(_) => return Ok(()),
            Err(error) => return self.unreadable(path, error, named),
        };
        let modified = meta
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        if !self.rereads
            && let Some(facts) = self.store.view().unchanged_file(&text, meta.len(), modified)?
        {
            self.count(&facts);
            (self.visit)(&ScanEvent::File(facts));
            return Ok(());
        }
        let probe = match restow_media::probe_path(path) {
            Ok(probe) => probe,
            Err(error) => return self.unreadable(path, system_error(&error), named),
        };
        if probe.format == Format::Unknown {
            self.summary.other += 1;
            if !named {
                return Ok(());
            }
            (self.visit)(&ScanEvent::File(FileFacts::new(path, &probe)));
            return Ok(());
        }
        let facts = FileFacts::new(path, &probe);
        self.count(&facts);
        (self.visit)(&ScanEvent::File(facts.clone()));
        let embedded = if probe.license_embedded { usage::embedded_license(path) } else { None };
        let embedded = embedded.filter(|license| license.identity.kind == Kind::Lcp);
        let may_link_identifier = self.may_link_identifier(embedded.as_ref(), &probe)?;
        let license = embedded.map(|license| license.identity);
        self.found.push(ScannedRow {
            path: text,
            facts,
            probe,
            license,
            may_link_identifier,
            size: meta.len(),
            modified,
        });
        if self.found.len() >= MAX_BATCH_FILES { self.write() } else { Ok(()) }
    }

    /// Returns true if the embedded license may link a new identifier: it is the stored document, or its signature is
    /// valid and not weaker.
    fn may_link_identifier(&self, embedded: Option<&License>, probe: &Probe) -> Result<bool, Error> {
        let Some((license, identifier)) = embedded.zip(probe.identifier.as_ref()) else { return Ok(false) };
        if self.store.view().identifiers_of(&license.identity)?.contains(identifier) {
            return Ok(false);
        }
        let stored = self.store.view().license(&license.identity)?;
        if stored.as_ref().is_some_and(|stored| stored.document == license.document) {
            return Ok(true);
        }
        let stored = stored.map(|stored| self.verifier.strength(&stored.document));
        let embedded = self.verifier.strength(&license.document);
        Ok(embedded > SignatureStrength::Invalid && stored.is_none_or(|stored| embedded >= stored))
    }

    fn unreadable(&mut self, path: &Path, error: io::Error, named: bool) -> Result<(), Error> {
        if named {
            return Err(Error::File { path: path.to_owned(), source: error });
        }
        self.summary.unreadable += 1;
        (self.visit)(&ScanEvent::Unreadable { path: path.to_owned(), reason: (&error).into() });
        Ok(())
    }

    fn count(&mut self, facts: &FileFacts) {
        self.summary.files += 1;
        self.summary.protected += u64::from(facts.protected == Some(true));
        self.summary.malformed += u64::from(!facts.warnings.is_empty());
    }

    fn write(&mut self) -> Result<(), Error> {
        if self.found.is_empty() {
            return Ok(());
        }
        let change = self.store.change()?;
        for found in self.found.drain(..) {
            put(&change, &found)?;
        }
        Ok(change.commit()?)
    }
}

fn put(change: &Change<'_>, found: &ScannedRow) -> Result<(), Error> {
    let license = found.license.as_ref().map(|license| (license.issuer.as_str(), license.license_id.as_str()));
    change.put_file(&ScannedFile {
        path: &found.path,
        facts: &found.facts,
        title: found.probe.title.as_ref().map(|title| title.text.as_str()),
        protected: found.probe.protected,
        key_ids: &found.probe.key_ids,
        license,
        identifier: found.probe.identifier.as_deref(),
        size: found.size,
        modified: found.modified,
    })?;
    if let (Some((issuer, license)), Some(identifier), true) =
        (license, &found.probe.identifier, found.may_link_identifier)
    {
        change.put_publication(issuer, license, identifier)?;
    }
    Ok(())
}

fn remove_missing(store: &mut Store, folder: &Path) -> Result<u64, Error> {
    let mut missing = Vec::new();
    store.view().each_file(|file| {
        let path = Path::new(&file.path);
        // A name that is not Unicode is stored with a replacement character, so that its file cannot be found by the
        // name.
        let is_lossy = file.path.contains(char::REPLACEMENT_CHARACTER);
        if !is_lossy && path.starts_with(folder) && matches!(path.try_exists(), Ok(false)) {
            missing.push(file.path);
        }
        Ok::<(), Error>(())
    })?;
    if missing.is_empty() {
        return Ok(0);
    }
    let change = store.change()?;
    for path in &missing {
        change.remove_file(path)?;
    }
    change.commit()?;
    Ok(missing.len() as u64)
}
