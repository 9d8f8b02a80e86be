//! Scan of files and folders: fills the catalog with key IDs, titles and licenses.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use restow_core::message::Message;
use restow_lcp::{SignatureStrength, Verifier};
use restow_media::{Format, OtherKind, Probe, ProbeError};
use walkdir::WalkDir;

use crate::error::Error;
use crate::home::{Home, trust_store};
use crate::license::{self, Kind, License, MAX_DOCUMENT};
use crate::store::{ScannedFile, Store};
use crate::usage;
use crate::walk::walk;

pub use crate::file_facts::{FileFacts, WarningFacts};

/// Maximum number of files that are stored together.
const MAX_BATCH_FILES: usize = 1000;

/// Counts of a scan.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ScanSummary {
    /// Files of known formats, which are now in the catalog.
    pub files: u64,
    /// Protected files among them.
    pub protected: u64,
    /// Files whose protection cannot be known, except for vouchers.
    pub unknown: u64,
    /// Vouchers among the files. A voucher is no license.
    pub vouchers: u64,
    /// Files of unknown formats, without the license documents. Their content is not examined.
    pub other: u64,
    /// The same files by their kind.
    pub other_kinds: BTreeMap<OtherKind, u64>,
    /// License documents that are not stored, each in a file of its own.
    pub documents: u64,
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
    let probe = restow_media::probe_path(path).map_err(system_error).map_err(Error::file(path))?;
    Ok(FileFacts::new(path, &probe))
}

/// Returns the underlying system error.
pub(crate) fn system_error(error: ProbeError) -> io::Error {
    match error {
        ProbeError::Open(error) | ProbeError::Read(error) => error,
        error => io::Error::new(error.kind(), error),
    }
}

/// Scans files and folders, and stores the result in the catalog.
///
/// The scan also learns the identifiers of publications from embedded licenses with a sufficient signature. A file in
/// `paths` is always reported. Files of unknown formats in folders are skipped. Unchanged files are not read again.
///
/// # Errors
/// [`Error::File`] if a path does not exist or cannot be read, [`Error::Store`] if the store fails.
pub fn scan(home: &Home, paths: &[PathBuf], visit: &mut dyn FnMut(&ScanEvent)) -> Result<ScanSummary, Error> {
    let mut scanner = Scanner::new(home, false, visit)?;
    for path in paths {
        let absolute = std::path::absolute(path).and_then(|path| fs::metadata(&path).map(|meta| (path, meta)));
        let (path, meta) = absolute.map_err(Error::file(path))?;
        if meta.is_dir() {
            scanner.scan_folder(&path)?;
        } else {
            scanner.scan_file(&path, true)?;
            scanner.write()?;
        }
    }
    Ok(scanner.summary)
}

/// Scans one file again, even if its size and its time are unchanged. A file that no longer exists, or has an unknown
/// format now, is removed from the catalog.
///
/// # Errors
/// [`Error::File`] if the file cannot be read, [`Error::Store`] if the store fails. The catalog is then unchanged.
pub fn rescan(home: &Home, path: &Path) -> Result<(), Error> {
    let path = std::path::absolute(path).map_err(Error::file(path))?;
    let exists = path.try_exists().map_err(Error::file(&path))?;
    let mut ignore = |_: &ScanEvent| {};
    let mut scanner = Scanner::new(home, true, &mut ignore)?;
    if exists {
        scanner.scan_file(&path, true)?;
    }
    match scanner.found.is_empty() {
        true => remove_files(&mut scanner.store, &[path.to_string_lossy().into_owned()]),
        false => scanner.write(),
    }
}

struct Scanner<'a> {
    store: Store,
    verifier: Verifier,
    /// True if unchanged files are read again.
    rereads: bool,
    /// Files to be stored next. True if the embedded license links the identifier of the publication to its license
    /// for the first time.
    found: Vec<(ScannedFile, bool)>,
    summary: ScanSummary,
    visit: &'a mut dyn FnMut(&ScanEvent),
}

impl<'a> Scanner<'a> {
    fn new(home: &Home, rereads: bool, visit: &'a mut dyn FnMut(&ScanEvent)) -> Result<Self, Error> {
        let (store, verifier) = (home.store_to_change()?, Verifier::new(trust_store::load(home)?));
        Ok(Self { store, verifier, rereads, found: Vec::new(), summary: ScanSummary::default(), visit })
    }

    fn scan_folder(&mut self, folder: &Path) -> Result<(), Error> {
        for item in walk(WalkDir::new(folder).follow_links(false), folder) {
            match item {
                Ok(item) if item.file_type().is_file() => self.scan_file(item.path(), false)?,
                Ok(_) => {}
                Err(error) => self.skip(error.path.clone(), error.reason()),
            }
        }
        self.write()?;
        self.remove_missing(folder)
    }

    fn scan_file(&mut self, path: &Path, named: bool) -> Result<(), Error> {
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
            && let Some(facts) = self.store.view().unchanged_file(&path.to_string_lossy(), meta.len(), modified)?
        {
            self.report(facts);
            return Ok(());
        }
        let probe = match restow_media::probe_path(path) {
            Ok(probe) => probe,
            Err(error) => return self.unreadable(path, system_error(error), named),
        };
        let facts = FileFacts::new(path, &probe);
        if probe.format == Format::Unknown {
            if self.is_new_document(path, &probe, meta.len())? {
                self.summary.documents += 1;
            } else {
                self.summary.other += 1;
                *self.summary.other_kinds.entry(probe.other_kind.unwrap_or(OtherKind::Other)).or_default() += 1;
            }
            if named {
                (self.visit)(&ScanEvent::File(facts));
            }
            return Ok(());
        }
        self.report(facts.clone());
        let embedded = probe.license_embedded.then(|| usage::embedded_license(path)).flatten();
        let embedded = embedded.filter(|license| license.identity.kind == Kind::Lcp);
        let may_link_identifier = self.may_link_identifier(embedded.as_ref(), &probe)?;
        let license = embedded.map(|license| license.identity);
        let Probe { key_ids, identifier, .. } = probe;
        let file = ScannedFile { facts, key_ids, license, identifier, size: meta.len(), modified };
        self.found.push((file, may_link_identifier));
        if self.found.len() >= MAX_BATCH_FILES { self.write() } else { Ok(()) }
    }

    /// Returns true if a file is a license document that is not stored.
    fn is_new_document(&self, path: &Path, probe: &Probe, len: u64) -> Result<bool, Error> {
        if probe.other_kind != Some(OtherKind::Json) || len > MAX_DOCUMENT {
            return Ok(false);
        }
        // A file that changes or vanishes now is found by the next scan.
        let Some(license) = fs::read(path).ok().and_then(|document| license::parse(&document).ok()) else {
            return Ok(false);
        };
        let stored = self.store.view().license(&license.identity)?;
        Ok(stored.is_none_or(|stored| stored.document != license.document))
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
            return Err(Error::file(path)(error));
        }
        self.skip(path.to_owned(), (&error).into());
        Ok(())
    }

    fn skip(&mut self, path: PathBuf, reason: Message) {
        self.summary.unreadable += 1;
        (self.visit)(&ScanEvent::Unreadable { path, reason });
    }

    fn report(&mut self, facts: FileFacts) {
        self.summary.files += 1;
        let is_voucher = facts.format.parse().is_ok_and(Format::is_voucher);
        self.summary.protected += u64::from(facts.protected == Some(true));
        self.summary.vouchers += u64::from(is_voucher);
        self.summary.unknown += u64::from(facts.protected.is_none() && !is_voucher);
        self.summary.malformed += u64::from(!facts.warnings.is_empty());
        (self.visit)(&ScanEvent::File(facts));
    }

    fn write(&mut self) -> Result<(), Error> {
        if self.found.is_empty() {
            return Ok(());
        }
        let change = self.store.change()?;
        for (file, may_link_identifier) in self.found.drain(..) {
            change.put_file(&file)?;
            if let (Some(license), Some(identifier), true) = (&file.license, &file.identifier, may_link_identifier) {
                change.put_publication(&license.issuer, &license.license_id, identifier)?;
            }
        }
        Ok(change.commit()?)
    }

    /// Removes the files of a folder that no longer exist from the catalog.
    fn remove_missing(&mut self, folder: &Path) -> Result<(), Error> {
        let mut missing = Vec::new();
        self.store.view().each_file(|file| {
            let path = Path::new(&file.path);
            // A name that is not Unicode is stored with a replacement character, so that its file cannot be found by
            // the name.
            let is_lossy = file.path.contains(char::REPLACEMENT_CHARACTER);
            if !is_lossy && path.starts_with(folder) && matches!(path.try_exists(), Ok(false)) {
                missing.push(file.path);
            }
            Ok::<(), Error>(())
        })?;
        self.summary.removed += missing.len() as u64;
        if missing.is_empty() { Ok(()) } else { remove_files(&mut self.store, &missing) }
    }
}

fn remove_files(store: &mut Store, paths: &[String]) -> Result<(), Error> {
    let change = store.change()?;
    for path in paths {
        change.remove_file(path)?;
    }
    Ok(change.commit()?)
}
