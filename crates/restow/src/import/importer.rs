//! Running import: reads files, publications and archives, and stores documents in batches.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use restow_core::files;
use restow_media::{Archive, EntryContent, EntryProblem, Format, Probe, ProbeError, System, Warning, ZipKind};

use super::accept::{explain_unknown, put, record_clear_key, verify_native};
use super::archive::{self, has_license_extension};
use super::event::{ImportEvent, ImportSummary};
use crate::error::{Error, ImportError};
use crate::license::{self, Kind, License, LicenseError, LicenseIdentity, MAX_DOCUMENT};
use crate::scan::system_error;
use crate::store::{Store, StoreResult};
use crate::verifier_pool::VerifierPool;

/// Maximum size of the documents that are stored together, except for the last document.
const MAX_BATCH_BYTES: usize = 8 << 20;

/// Maximum number of documents that are stored together.
const MAX_BATCH_DOCUMENTS: usize = 1000;

/// Running import.
pub(super) struct Importer<'a> {
    store: Store,
    verifiers: VerifierPool,
    summary: ImportSummary,
    /// Documents to be stored next.
    found: Vec<FoundDocument>,
    /// Size of these documents in bytes.
    waiting_bytes: usize,
    /// Licenses so far; true if a document of the license was written.
    seen: HashMap<LicenseIdentity, bool>,
    visit: &'a mut dyn FnMut(&ImportEvent),
}

impl<'a> Importer<'a> {
    /// Prepares an import. Nothing is read before the first file.
    pub(super) fn new(store: Store, verifiers: VerifierPool, visit: &'a mut dyn FnMut(&ImportEvent)) -> Self {
        let summary = ImportSummary::default();
        Self { store, verifiers, summary, found: Vec::new(), waiting_bytes: 0, seen: HashMap::new(), visit }
    }

    /// Stores the waiting documents and counts the licenses.
    pub(super) fn finish(mut self) -> Result<ImportSummary, Error> {
        self.flush()?;
        let imported = self.seen.values().filter(|written| **written).count();
        self.summary.imported = imported as u64;
        self.summary.already_here = (self.seen.len() - imported) as u64;
        Ok(self.summary)
    }

    /// Imports one file, which is in `paths` or in a folder.
    pub(super) fn open_file(&mut self, path: &Path, named: bool) -> Result<(), Error> {
        let imported = File::open(path).map_err(Error::file(path));
        match imported.and_then(|mut file| self.import_file(&mut file, path, named)) {
            Err(error @ Error::File { .. }) => self.refuse(path, error),
            imported => return imported,
        }
        Ok(())
    }

    fn import_file(&mut self, file: &mut File, path: &Path, named: bool) -> Result<(), Error> {
        let probe = |file: &mut File| restow_media::probe(file).map_err(system_error).map_err(Error::file(path));
        let wanted = named || has_license_extension(path);
        match restow_media::open_zip(file) {
            Ok(None) => return self.import_plain_file(file, path, wanted),
            Ok(Some(ZipKind::Publication(Some(license)))) => {
                let identifier = probe(file)?.identifier;
                self.add_document(path, path, &license, identifier, true)?;
            }
            Ok(Some(ZipKind::Archive(archive))) => {
                if !self.import_archive(archive, path, wanted)? && wanted {
                    self.refuse(path, ImportError::NoLicenseInArchive.into());
                }
            }
            Ok(Some(_)) if wanted => {
                let error = refusal_of_system(&probe(file)?).unwrap_or(ImportError::NoLicenseInPublication);
                self.refuse(path, error.into());
            }
            Ok(Some(_)) => {}
            Err(ProbeError::Package(warning)) => {
                // Many damaged ZIP files are not publications.
                if wanted || probe(file)?.format != Format::Unknown {
                    self.refuse(path, ImportError::UnreadablePackage(warning).into());
                }
            }
            Err(error) => return Err(Error::file(path)(system_error(error))),
        }
        Ok(())
    }

    /// Imports a file that is not a package.
    fn import_plain_file(&mut self, file: &mut File, path: &Path, wanted: bool) -> Result<(), Error> {
        if wanted && archive::is_unsupported_archive(file).map_err(Error::file(path))? {
            self.refuse(path, ImportError::UnsupportedArchive.into());
            return Ok(());
        }
        match files::read_open(file, MAX_DOCUMENT) {
            Ok(document) => drop(self.add_document(path, path, &document, None, wanted)?),
            Err(error) if error.kind() != io::ErrorKind::FileTooLarge => return Err(Error::file(path)(error)),
            Err(_) if wanted => {
                let probe = restow_media::probe(file).map_err(system_error).map_err(Error::file(path))?;
                let error = refusal_of_system(&probe).map_or_else(|| LicenseError::TooLarge.into(), Error::from);
                self.refuse(path, error);
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// Imports the documents in an archive. Returns true if the archive has any. Nested archives are refused only if
    /// `wanted` is true.
    fn import_archive(&mut self, mut archive: Archive<'_, File>, file: &Path, wanted: bool) -> Result<bool, Error> {
        let limit = usize::try_from(MAX_DOCUMENT).unwrap_or(usize::MAX);
        let mut has_documents = false;
        while let Some(entry) = archive.next_entry(limit, &archive::may_be_license).map_err(Error::file(file))? {
            let path = archive::entry_path(file, &entry.name);
            has_documents |= match entry.content {
                EntryContent::Publication(Some(license)) => self.add_document(&path, file, &license, None, true)?,
                EntryContent::Selected(document) => {
                    self.add_document(&path, file, &document, None, has_license_extension(&path))?
                }
                EntryContent::Unreadable(Warning::Entry { problem: EntryProblem::NestedArchive, .. }) if !wanted => {
                    false
                }
                EntryContent::Unreadable(warning) => {
                    self.refuse(&path, archive::refuse_entry(warning).into());
                    true
                }
                _ => false,
            };
        }
        Ok(has_documents)
    }

    /// Adds a document, which is `path` or an entry of `file` at that path. Returns false if the document is no
    /// license and not `wanted`. A wanted document that is no license is refused. `identifier` names the publication
    /// that embeds the document.
    fn add_document(
        &mut self,
        path: &Path,
        file: &Path,
        document: &[u8],
        identifier: Option<String>,
        wanted: bool,
    ) -> Result<bool, Error> {
        if self.found.len() >= MAX_BATCH_DOCUMENTS || self.waiting_bytes >= MAX_BATCH_BYTES {
            self.flush()?;
        }
        match license::parse(document) {
            Ok(license) => {
                self.waiting_bytes = self.waiting_bytes.saturating_add(license.document.len());
                self.found.push(FoundDocument { path: path.to_owned(), license, identifier });
            }
            Err(LicenseError::UnknownKind) if path == file && self.refuse_voucher(path, document, wanted) => {}
            Err(LicenseError::UnknownKind | LicenseError::StatusDocument) if !wanted => return Ok(false),
            Err(error) => {
                // An archive that contains a clear key is no key.
                if let (LicenseError::KeyInClear(key_ids), true) = (&error, path == file) {
                    record_clear_key(&mut self.store, file, key_ids)?;
                }
                self.refuse(path, explain_unknown(path, document, error).into());
            }
        }
        Ok(true)
    }

    /// Refuses a voucher, also one in a folder, and a named file of a system whose licenses no program can save. Returns
    /// false for any other file.
    fn refuse_voucher(&mut self, path: &Path, document: &[u8], wanted: bool) -> bool {
        let Ok(probe) = restow_media::probe(&mut io::Cursor::new(document)) else { return false };
        let Some(error) = refusal_of_system(&probe).filter(|_| wanted || probe.format.is_voucher()) else {
            return false;
        };
        self.refuse(path, error.into());
        true
    }

    pub(super) fn refuse(&mut self, path: &Path, error: Error) {
        self.summary.refused += 1;
        (self.visit)(&ImportEvent::Refused { path: path.to_owned(), error });
    }

    /// Checks and stores the waiting documents.
    fn flush(&mut self) -> Result<(), Error> {
        if self.found.is_empty() {
            return Ok(());
        }
        let found = std::mem::take(&mut self.found);
        let checks = self.verifiers.check(&found, |found| {
            (found.license.identity.kind == Kind::Lcp).then_some(found.license.document.as_slice())
        });
        let mut accepted = Vec::with_capacity(found.len());
        for (FoundDocument { path, license, identifier }, check) in found.into_iter().zip(checks) {
            match check.map_or_else(|| verify_native(&self.store, &license), Ok) {
                Ok(signature) => accepted.push((path, license, identifier, signature)),
                Err(error) => self.refuse(&path, error),
            }
        }
        self.waiting_bytes = 0;
        let change = self.store.change()?;
        let mut results = Vec::with_capacity(accepted.len());
        for (path, license, identifier, signature) in accepted {
            let stored = put(&change, self.verifiers.primary(), &license, &signature)?;
            // A refused license links no identifier.
            if let (Kind::Lcp, Some(identifier)) = (license.identity.kind, identifier)
                && stored != StoreResult::StrongerStored
            {
                change.put_publication(&license.identity.issuer, &license.identity.license_id, &identifier)?;
            }
            results.push((path, license, signature, stored));
        }
        change.commit()?;
        for (path, license, signature, stored) in results {
            if stored == StoreResult::StrongerStored {
                self.refuse(&path, ImportError::StrongerStored.into());
                continue;
            }
            *self.seen.entry(license.identity.clone()).or_default() |= stored.was_written();
            (self.visit)(&ImportEvent::License { path, license: Box::new(license), stored, signature });
        }
        Ok(())
    }
}

/// Returns the reason why a file of another protection system has no license to import.
fn refusal_of_system(probe: &Probe) -> Option<ImportError> {
    if probe.format == Format::AdobeVoucher {
        return Some(ImportError::AdobeVoucher);
    }
    let is_lcp = probe.systems.contains(&System::Lcp);
    let system = probe.systems.first().filter(|_| !is_lcp)?;
    Some(ImportError::OtherSystem(system.as_str().to_owned()))
}

/// Parsed document that is not stored yet.
struct FoundDocument {
    /// Path of the document.
    path: PathBuf,
    license: License,
    /// Identifier of the publication that embeds the document.
    identifier: Option<String>,
}
