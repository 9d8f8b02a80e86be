//! Import of license documents from files, publications and archives. Documents are recognized by content, not by
//! file name.

mod archive;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use restow_core::files;
use restow_lcp::Verifier;
use restow_media::{Archive, EntryContent, EntryProblem, Format, KeyId, ProbeError, Warning, ZipKind};
use walkdir::WalkDir;

use self::archive::has_license_extension;
use crate::error::Error;
use crate::file_facts::FileFacts;
use crate::home::Home;
use crate::home::trust_store;
use crate::license::{self, DocumentError, Kind, License, LicenseError, LicenseIdentity, MAX_DOCUMENT, SignatureCheck};
use crate::license_state::check_signature;
use crate::store::{Change, LicenseStatus, ScannedFile, ServiceEntry, Store, StoreOutcome, StoreResult};
use crate::verifier_pool::VerifierPool;

pub use crate::error::ImportError;

/// Maximum size of the documents that are stored together, except for the last document.
const MAX_BATCH_BYTES: usize = 8 << 20;

/// Maximum number of documents that are stored together.
const MAX_BATCH_DOCUMENTS: usize = 1000;

/// Event of an import.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImportEvent {
    /// A license was imported, or was already stored.
    License {
        /// Path of the document.
        path: PathBuf,
        /// License as its document states it.
        license: Box<License>,
        /// Result of storing the license.
        stored: StoreResult,
        /// Result of the signature check. A license with an invalid signature is kept, too.
        signature: SignatureCheck,
    },
    /// A document was refused.
    Refused {
        /// Path of the document.
        path: PathBuf,
        /// Reason of the refusal.
        error: Error,
    },
}

/// Counts of an import. A license in several files counts once.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ImportSummary {
    /// Licenses that are new or updated.
    pub imported: u64,
    /// Licenses that were already stored.
    pub already_here: u64,
    /// Refused documents.
    pub refused: u64,
}

/// Imports the license documents in files and folders, and those embedded in publications and ZIP archives.
///
/// In folders, other files are skipped, and so are the attribute files of macOS (`._NAME`). A file with the extension
/// `lcpl` is never skipped silently. The import reads only the directory and the license of a publication.
///
/// # Errors
/// [`Error::File`] if a path does not exist or cannot be read; the import then stores nothing. [`Error::Store`] if
/// the store fails. Refused documents go to `visit`.
pub fn import(home: &Home, paths: &[PathBuf], visit: &mut dyn FnMut(&ImportEvent)) -> Result<ImportSummary, Error> {
    let verifiers = VerifierPool::new(&trust_store::load(home)?);
    let summary = ImportSummary::default();
    let mut importer = Importer {
        store: home.store()?,
        verifiers,
        summary,
        found: Vec::new(),
        waiting_bytes: 0,
        seen: HashMap::new(),
        visit,
    };
    // A missing path ends the import before the first change.
    let metadata =
        |path: &PathBuf| std::fs::metadata(path).map_err(|source| Error::File { path: path.clone(), source });
    let are_files = paths.iter().map(|path| Ok(!metadata(path)?.is_dir())).collect::<Result<Vec<_>, Error>>()?;
    for (path, named) in paths.iter().zip(are_files) {
        for item in WalkDir::new(path).follow_links(named).max_depth(64).sort_by_file_name() {
            match item {
                // macOS puts attributes into a second file with this prefix.
                Ok(item) if !named && item.file_name().as_encoded_bytes().starts_with(b"._") => {}
                Ok(item) if item.file_type().is_file() => importer.open_file(item.path(), named)?,
                // A device or a pipe in `paths` is refused by name.
                Ok(item) if named => importer.refuse(
                    item.path(),
                    Error::File {
                        path: item.path().to_owned(),
                        source: io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"),
                    },
                ),
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(path).to_owned();
                    let source = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links"));
                    importer.refuse(&path, Error::File { path: path.clone(), source });
                }
            }
        }
    }
    importer.flush()?;
    let imported = importer.seen.values().filter(|written| **written).count();
    importer.summary.imported = imported as u64;
    importer.summary.already_here = (importer.seen.len() - imported) as u64;
    Ok(importer.summary)
}

/// Running import.
struct Importer<'a> {
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

impl Importer<'_> {
    /// Imports one file, which is in `paths` or in a folder.
    fn open_file(&mut self, path: &Path, named: bool) -> Result<(), Error> {
        let imported = match File::open(path) {
            Ok(mut file) => self.import_file(&mut file, path, named),
            Err(error) => Err(error.into()),
        };
        match imported {
            Ok(()) => Ok(()),
            Err(FileError::Stop(error)) => Err(error),
            Err(FileError::Read(source)) => {
                self.refuse(path, Error::File { path: path.to_owned(), source });
                Ok(())
            }
        }
    }

    fn import_file(&mut self, file: &mut File, path: &Path, named: bool) -> Result<(), FileError> {
        let wanted = named || has_license_extension(path);
        match restow_media::open_zip(file) {
            Ok(None) => return self.import_plain_file(file, path, wanted),
            Ok(Some(ZipKind::Publication(Some(license)))) => {
                let identifier = restow_media::probe(file)?.identifier;
                self.add_document(path, path, &license, true)?;
                if let Some(found) = self.found.last_mut().filter(|found| found.path == path) {
                    found.identifier = identifier;
                }
            }
            Ok(Some(ZipKind::Archive(archive))) => {
                if !self.import_archive(archive, path, wanted)? && wanted {
                    self.refuse(path, ImportError::NoLicenseInArchive.into());
                }
            }
            Ok(Some(_)) if wanted => self.refuse(path, ImportError::NoLicenseInPublication.into()),
            Ok(Some(_)) => {}
            Err(ProbeError::Package(warning)) => {
                // Many damaged ZIP files are not publications.
                if wanted || restow_media::probe(file)?.format != Format::Unknown {
                    self.refuse(path, ImportError::UnreadablePackage(warning).into());
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Imports a file that is not a package.
    fn import_plain_file(&mut self, file: &mut File, path: &Path, wanted: bool) -> Result<(), FileError> {
        if wanted && archive::is_unsupported_archive(file)? {
            self.refuse(path, ImportError::UnsupportedArchive.into());
            return Ok(());
        }
        match files::read_open(file, MAX_DOCUMENT) {
            Ok(document) => {
                self.add_document(path, path, &document, wanted)?;
            }
            Err(error) if error.kind() != io::ErrorKind::FileTooLarge => return Err(error.into()),
            Err(_) if wanted => self.refuse(path, LicenseError::TooLarge.into()),
            Err(_) => {}
        }
        Ok(())
    }

    /// Imports the documents in an archive. Returns true if the archive has any. Nested archives are refused only if
    /// `wanted` is true.
    fn import_archive(&mut self, mut archive: Archive<'_, File>, file: &Path, wanted: bool) -> Result<bool, FileError> {
        let limit = usize::try_from(MAX_DOCUMENT).unwrap_or(usize::MAX);
        let mut has_documents = false;
        while let Some(entry) = archive.next_entry(limit, &archive::may_be_license)? {
            let path = archive::entry_path(file, &entry.name);
            has_documents |= match entry.content {
                EntryContent::Publication(Some(license)) => self.add_document(&path, file, &license, true)?,
                EntryContent::Selected(document) => {
                    self.add_document(&path, file, &document, has_license_extension(&path))?
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
    /// license and not `wanted`. A wanted document that is no license is refused.
    fn add_document(&mut self, path: &Path, file: &Path, document: &[u8], wanted: bool) -> Result<bool, Error> {
        if self.found.len() >= MAX_BATCH_DOCUMENTS || self.waiting_bytes >= MAX_BATCH_BYTES {
            self.flush()?;
        }
        match license::parse(document) {
            Ok(license) => {
                self.waiting_bytes = self.waiting_bytes.saturating_add(license.document.len());
                self.found.push(FoundDocument { path: path.to_owned(), license, identifier: None });
            }
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

    fn refuse(&mut self, path: &Path, error: Error) {
        self.summary.refused += 1;
        (self.visit)(&ImportEvent::Refused { path: path.to_owned(), error });
    }

    /// Stores the waiting_bytes documents.
    fn flush(&mut self) -> Result<(), Error> {
        if self.found.is_empty() {
            return Ok(());
        }
        let found = std::mem::take(&mut self.found);
        let checks = self.verifiers.check(&found, |found| {
            (found.license.identity.kind == Kind::Lcp).then_some(found.license.document.as_slice())
        });
        let mut accepted_documents = Vec::with_capacity(found.len());
        for (found, check) in found.into_iter().zip(checks) {
            let accepted = match check {
                Some(check) => Ok((found.license, check)),
                None => verify_native(&self.store, &found.license),
            };
            match accepted {
                Ok((license, signature)) => accepted_documents.push((found.path, license, found.identifier, signature)),
                Err(error) => self.refuse(&found.path, error),
            }
        }
        self.waiting_bytes = 0;
        let change = self.store.change()?;
        let mut events = Vec::with_capacity(accepted_documents.len());
        for (path, license, identifier, signature) in accepted_documents {
            let stored = put(&change, self.verifiers.primary(), &license, &signature)?;
            // A refused license links no identifier.
            if let (Kind::Lcp, Some(identifier)) = (license.identity.kind, identifier)
                && stored != StoreResult::StrongerStored
            {
                change.put_publication(&license.identity.issuer, &license.identity.license_id, &identifier)?;
            }
            events.push(match stored {
                StoreResult::StrongerStored => ImportEvent::Refused { path, error: ImportError::StrongerStored.into() },
                stored => ImportEvent::License { path, license: Box::new(license), stored, signature },
            });
        }
        change.commit()?;
        for item in &events {
            match item {
                ImportEvent::License { license, stored, .. } => {
                    *self.seen.entry(license.identity.clone()).or_default() |= stored.was_written();
                }
                ImportEvent::Refused { .. } => self.summary.refused += 1,
            }
            (self.visit)(item);
        }
        Ok(())
    }
}

/// Parsed document that is not stored yet.
struct FoundDocument {
    /// Path of the document.
    path: PathBuf,
    license: License,
    /// Identifier of the publication that embeds the document.
    identifier: Option<String>,
}

/// Reason to stop reading a file.
enum FileError {
    /// The file cannot be read.
    Read(io::Error),
    /// The import cannot continue.
    Stop(Error),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl From<Error> for FileError {
    fn from(error: Error) -> Self {
        Self::Stop(error)
    }
}

impl From<ProbeError> for FileError {
    fn from(error: ProbeError) -> Self {
        Self::Read(match error {
            ProbeError::Open(error) | ProbeError::Read(error) => error,
            error => io::Error::new(error.kind(), error),
        })
    }
}

/// Imports one license document from memory.
///
/// # Errors
/// [`Error::License`] or [`Error::Import`] if the document is refused, [`Error::Store`] if the store fails.
pub fn import_document(home: &Home, document: &[u8]) -> Result<StoreResult, Error> {
    let mut store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let license = license::parse(document)?;
    let (license, signature) = match license.identity.kind {
        Kind::Restow => verify_native(&store, &license)?,
        Kind::Lcp => {
            let signature = check_signature(&verifier, &license);
            (license, signature)
        }
    };
    let change = store.change()?;
    let stored = put(&change, &verifier, &license, &signature)?;
    change.commit()?;
    match stored {
        StoreResult::StrongerStored => Err(ImportError::StrongerStored.into()),
        stored => Ok(stored),
    }
}

/// Records the key IDs of a clear key document in the catalog. The document itself is never stored. A publication
/// keeps its own entry.
fn record_clear_key(store: &mut Store, path: &Path, key_ids: &[KeyId]) -> Result<(), Error> {
    if restow_media::probe_path(path).is_ok_and(|probe| probe.format != Format::Unknown) {
        return Ok(());
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = absolute.to_string_lossy();
    let facts = FileFacts::clear_key(&text, key_ids);
    let file = ScannedFile {
        path: &text,
        facts: &facts,
        title: None,
        protected: Some(true),
        key_ids,
        license: None,
        identifier: None,
        size: std::fs::metadata(path).map_or(0, |meta| meta.len()),
        modified: 0,
    };
    let change = store.change()?;
    change.put_file(&file)?;
    Ok(change.commit()?)
}

/// Verifies a native license with the keys of its issuer.
fn verify_native(store: &Store, license: &License) -> Result<(License, SignatureCheck), Error> {
    let issuer = &license.identity.issuer;
    let service = store.view().service(issuer)?.filter(ServiceEntry::is_pinned);
    let service = service.ok_or_else(|| LicenseError::UnknownIssuer(issuer.clone()))?;
    Ok((license::verify_native(&license.document, &service.key_set)?, SignatureCheck::Verified))
}

/// Returns the missing part of an unknown document, if the file name announces an LCP license.
fn explain_unknown(path: &Path, document: &[u8], error: LicenseError) -> LicenseError {
    match error {
        LicenseError::UnknownKind if has_license_extension(path) => {
            let empty = || LicenseError::Malformed { kind: Kind::Lcp, error: DocumentError::Empty };
            let blank = document.iter().all(u8::is_ascii_whitespace);
            if blank { empty() } else { license::parse_as(Kind::Lcp, document).err().unwrap_or(error) }
        }
        error => error,
    }
}

fn put(
    change: &Change<'_>,
    verifier: &Verifier,
    license: &License,
    signature: &SignatureCheck,
) -> Result<StoreResult, Error> {
    // A native license needs a grant of its service.
    let native = license.identity.kind == Kind::Restow;
    let status = if native { LicenseStatus::Pending } else { LicenseStatus::Usable };
    let strength = |document: &[u8]| match license.identity.kind {
        Kind::Lcp if document != license.document => verifier.strength(document),
        _ => signature.strength(),
    };
    let StoreOutcome { result: stored, sha256, .. } = change.put_license_if_better(license, status, &strength)?;
    if stored == StoreResult::AlreadyStored {
        change.mark_reimported(&license.identity, &sha256)?;
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::home::Machine;
    use restow_core::time::ManualClock;

    /// 2026-11-20.
    const TODAY: i64 = 1_795_132_800;

    #[test]
    fn document_in_memory_is_imported_like_files() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(folder.path().join("home"), Machine::from_id("m"), Arc::new(ManualClock::at(TODAY)))
            .unwrap();
        let document = br#"{"id":"b","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
            "encryption":{"profile":"p","content_key":{"algorithm":0,"encrypted_value":0},
            "user_key":{"algorithm":0,"text_hint":0,"key_check":0}},
            "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
        assert_eq!(import_document(&home, document).unwrap(), StoreResult::New);
        assert_eq!(import_document(&home, document).unwrap(), StoreResult::AlreadyStored);
        let path = folder.path().join("b");
        std::fs::write(&path, document).unwrap();
        assert_eq!(import(&home, &[path], &mut |_| {}).unwrap().already_here, 1);
        // If one path is missing, the documents of the other paths are not imported either.
        std::fs::write(folder.path().join("c"), String::from_utf8_lossy(document).replace("\"b\"", "\"c\"")).unwrap();
        let both = [folder.path().join("c"), folder.path().join("nowhere")];
        assert_eq!(import(&home, &both, &mut |_| {}).unwrap_err().code(), "file-unreadable");
        assert_eq!(import(&home, &both[..1], &mut |_| {}).unwrap().imported, 1);
        let refused = import_document(&home, b"{}").unwrap_err();
        assert!(matches!(refused, Error::License(LicenseError::UnknownKind)), "{refused}");
        let clear = br#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw","kid":"q5HgCTj40kGeNVhTH9GexQ"}]}"#;
        let refused = import_document(&home, clear).unwrap_err();
        assert!(matches!(refused, Error::License(LicenseError::KeyInClear(_))), "{refused}");
        // The issuer is not trusted by the home.
        let seed = restow_core::keys::Seed::from_bytes([1; 32]);
        let native = crate::license::NativeLicense {
            id: "L".into(),
            issuer: seed.signing_key("root", &[]).public().thumbprint(),
            holder: "H".into(),
            key_ids: vec!["09e091ab-f838-41d2-9e35-58531fd19ec7".into()],
            seed: 1,
            issued: 500,
            not_before: None,
            expires: None,
            title: None,
            priority: 0,
            rights: crate::license::Rights::new(),
            service_url: None,
            unreported: None,
            crit: vec![],
        };
        let native = native.sign(&seed.signing_key("license", &[])).unwrap();
        let refused = import_document(&home, native.as_bytes()).unwrap_err();
        assert!(matches!(refused, Error::License(LicenseError::UnknownIssuer(_))), "{refused}");
    }

    #[test]
    fn large_documents_are_stored_in_batches() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(folder.path().join("home"), Machine::from_id("m"), Arc::new(ManualClock::at(TODAY)))
            .unwrap();
        let documents = folder.path().join("documents");
        std::fs::create_dir(&documents).unwrap();
        let name = |n: usize| documents.join(format!("{n:02}"));
        for n in 0..20 {
            let document = format!(
                r#"{{"id":"{n}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
                "encryption":{{"profile":"p","content_key":{{"algorithm":0,"encrypted_value":0}},
                "user_key":{{"algorithm":0,"text_hint":0,"key_check":0}}}},
                "signature":{{"algorithm":"x","certificate":"x","value":"x"}},"filler":"{}"}}"#,
                "x".repeat(1_000_000)
            );
            std::fs::write(name(n), document).unwrap();
        }
        // The first documents are stored before the last ones are read.
        let mut visited = 0;
        let summary = import(&home, std::slice::from_ref(&documents), &mut |_| {
            visited += 1;
            if visited == 1 {
                std::fs::remove_file(name(19)).unwrap();
            }
        });
        assert_eq!(summary.unwrap(), ImportSummary { imported: 19, already_here: 0, refused: 1 });
    }

    #[cfg(unix)]
    #[test]
    fn named_socket_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(folder.path().join("home"), Machine::from_id("m"), Arc::new(ManualClock::at(TODAY)))
            .unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let refused = |path: &Path| import(&home, &[path.to_owned()], &mut |_| {}).unwrap().refused;
        assert_eq!((refused(&socket), refused(Path::new("/dev/null"))), (1, 1));
        let shelf = folder.path().join("shelf");
        std::fs::create_dir(&shelf).unwrap();
        std::fs::rename(&socket, shelf.join("socket")).unwrap();
        assert_eq!(refused(&shelf), 0, "in a folder it is nobody's license");
    }

    #[test]
    fn macos_attribute_file_is_skipped_in_folders() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(folder.path().join("home"), Machine::from_id("m"), Arc::new(ManualClock::at(TODAY)))
            .unwrap();
        let shelf = folder.path().join("shelf");
        std::fs::create_dir(&shelf).unwrap();
        let beside = shelf.join("._a.lcpl");
        std::fs::write(&beside, b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ").unwrap();
        let refused = |path: &Path| import(&home, &[path.to_owned()], &mut |_| {}).unwrap().refused;
        assert_eq!((refused(&shelf), refused(&beside)), (0, 1));
    }

    #[test]
    fn archive_without_license_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(folder.path().join("home"), Machine::from_id("m"), Arc::new(ManualClock::at(TODAY)))
            .unwrap();
        let clear = br#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw","kid":"q5HgCTj40kGeNVhTH9GexQ"}]}"#;
        let zip = |name: &str, content: &[u8]| {
            let path = folder.path().join("archive.zip");
            let zip = restow_media::build::ZipBuilder::new();
            std::fs::write(&path, zip.entry(name, content, restow_media::build::Compression::Stored).build()).unwrap();
            let mut codes = Vec::new();
            let visit = &mut |item: &ImportEvent| {
                if let ImportEvent::Refused { error, .. } = item {
                    codes.push(error.code());
                }
            };
            import(&home, &[path], visit).unwrap();
            codes
        };
        assert_eq!(zip("keys.json", clear), ["license-key-in-clear"]);
        assert_eq!(zip("notes.txt", b"nothing"), ["license-none-in-archive"]);
        let book = restow_media::build::PublicationBuilder::new(Format::Epub).build();
        assert_eq!(zip("book.epub", &book), ["license-none-in-archive"]);
        let mut files = 0;
        let count = |_| {
            files += 1;
            Ok::<_, Error>(())
        };
        home.store().unwrap().view().each_file(count).unwrap();
        assert_eq!(files, 0, "the catalog knows of none");
    }

    #[test]
    fn publication_with_clear_key_keeps_format() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_with(folder.path().join("home"), Machine::from_id("m"), Arc::new(ManualClock::at(TODAY)))
            .unwrap();
        let clear = br#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw","kid":"q5HgCTj40kGeNVhTH9GexQ"}]}"#;
        let book = restow_media::build::PublicationBuilder::new(Format::Epub).title("Rain").license(clear).build();
        let path = folder.path().join("book.epub");
        std::fs::write(&path, book).unwrap();
        crate::scan::scan(&home, std::slice::from_ref(&path), &mut |_| {}).unwrap();
        assert_eq!(import(&home, std::slice::from_ref(&path), &mut |_| {}).unwrap().refused, 1);
        let facts = |path: &Path| {
            let mut found = None;
            let visit = |file: crate::store::FileEntry| {
                found = (Path::new(&file.path) == path).then(|| file.facts.format.clone()).or(found.take());
                Ok::<_, Error>(())
            };
            home.store().unwrap().view().each_file(visit).unwrap();
            found
        };
        assert_eq!(facts(&path), Some("epub".into()));
        let key = folder.path().join("key");
        std::fs::write(&key, clear).unwrap();
        assert_eq!(import(&home, std::slice::from_ref(&key), &mut |_| {}).unwrap().refused, 1);
        assert_eq!(facts(&key), Some("clearkey".into()));
    }
}
