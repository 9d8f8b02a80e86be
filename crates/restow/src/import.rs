//! Adds license documents, recognized by what is in them, whatever their files are called.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use restow_media::KeyId;
use walkdir::WalkDir;

use crate::encoding::sha256;
use crate::error::Error;
use crate::files;
use crate::home::Home;
use crate::license::lcp::Verifier;
use crate::license::{self, Fault, Kind, License, LicenseError, MAX_DOCUMENT, SignatureCheck};
use crate::package;
use crate::roots;
use crate::store::{Change, LicenseStatus, ScannedFile, ServiceEntry, Store, Stored};

/// How many bytes of documents are put into the store at once, but for the last of them: folders may be full of large
/// ones.
const BATCH: usize = 8 << 20;

/// What became of one file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Imported {
    /// A license, kept or here already.
    License {
        /// Where it was.
        path: PathBuf,
        /// The license.
        license: Box<License>,
        /// What storing did.
        stored: Stored,
        /// What its signature is worth. A license is kept all the same: it is the user's.
        signature: SignatureCheck,
    },
    /// A document that was refused.
    Refused {
        /// Where it was.
        path: PathBuf,
        /// Why.
        error: Error,
    },
}

/// Counts of an import.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ImportSummary {
    /// Licenses that were not here, or only older ones.
    pub imported: u64,
    /// Licenses that were here.
    pub already_here: u64,
    /// Documents refused.
    pub refused: u64,
}

/// Adds the license documents in files and folders. In folders, files that are something else are passed over, unless they are
/// called license documents or hold one.
///
/// # Errors
/// [`Error::File`] when a path named does not exist or cannot be read; others when the store fails. A document that is refused is shown to `visit`.
pub fn import(home: &Home, paths: &[PathBuf], visit: &mut dyn FnMut(&Imported)) -> Result<ImportSummary, Error> {
    let mut store = home.store()?;
    let verifier = Verifier::new(roots::load(home)?);
    let mut summary = ImportSummary::default();
    let mut found: Vec<(PathBuf, License, SignatureCheck)> = Vec::new();
    for path in paths {
        let meta = std::fs::metadata(path).map_err(|source| Error::File { path: path.clone(), source })?;
        let named = !meta.is_dir();
        for item in WalkDir::new(path).follow_links(named).max_depth(64).sort_by_file_name() {
            let item = match item {
                Ok(item) => item,
                Err(error) => {
                    summary.refused += 1;
                    let path = error.path().unwrap_or(path).to_owned();
                    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("a loop of links"));
                    let error = Error::File { path: path.clone(), source };
                    visit(&Imported::Refused { path, error });
                    continue;
                }
            };
            if !item.file_type().is_file() {
                continue;
            }
            match read(&store, &verifier, item.path()) {
                Ok((license, signature)) => found.push((item.path().to_owned(), license, signature)),
                Err(Error::License(LicenseError::UnknownKind | LicenseError::TooLarge))
                    if !named && !is_called_lcpl(item.path()) => {}
                Err(Error::License(LicenseError::KeyInClear(key_ids))) => {
                    note_clear_key(&mut store, item.path(), &key_ids)?;
                    summary.refused += 1;
                    let error = LicenseError::KeyInClear(key_ids).into();
                    visit(&Imported::Refused { path: item.path().to_owned(), error });
                }
                Err(error) => {
                    summary.refused += 1;
                    visit(&Imported::Refused { path: item.path().to_owned(), error });
                }
            }
            let waiting: usize = found.iter().map(|(_, license, _)| license.document.len()).sum();
            if found.len() >= 1000 || waiting >= BATCH {
                keep(&mut store, &verifier, &mut found, &mut summary, visit)?;
            }
        }
    }
    keep(&mut store, &verifier, &mut found, &mut summary, visit)?;
    Ok(summary)
}

/// Adds one license document that is in memory.
///
/// # Errors
/// When the document is refused, or the store fails.
pub fn import_document(home: &Home, document: &[u8]) -> Result<Stored, Error> {
    let mut store = home.store()?;
    let verifier = Verifier::new(roots::load(home)?);
    let (license, signature) = check(&store, &verifier, license::parse(document)?)?;
    let change = store.change()?;
    let stored = put(&change, &verifier, &license, &signature)?;
    change.commit()?;
    match stored {
        Stored::BetterHere => Err(LicenseError::BetterHere.into()),
        stored => Ok(stored),
    }
}

/// A document that is a key itself is never stored; the catalog learns its key IDs.
fn note_clear_key(store: &mut Store, path: &Path, key_ids: &[KeyId]) -> Result<(), Error> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = absolute.to_string_lossy();
    let facts = serde_json::json!({
        "path": text, "format": "clearkey", "protected": true, "systems": ["clearkey"],
        "key_ids": key_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "title": null, "license_embedded": false, "warnings": [],
    });
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

fn read(store: &Store, verifier: &Verifier, path: &Path) -> Result<(License, SignatureCheck), Error> {
    let document = files::read_limited(path, MAX_DOCUMENT).map_err(|source| match source.kind() {
        std::io::ErrorKind::FileTooLarge => Error::License(better(path, &[], LicenseError::TooLarge)),
        _ => Error::File { path: path.to_owned(), source },
    })?;
    check(store, verifier, license::parse(&document).map_err(|error| better(path, &document, error))?)
}

/// Checks a license: a native one by the keys of its issuer, others by the roots this home knows.
fn check(store: &Store, verifier: &Verifier, license: License) -> Result<(License, SignatureCheck), Error> {
    if license.identity.kind == Kind::Lcp {
        let check = verifier.verify(&license.document).check;
        return Ok((license, check));
    }
    let issuer = &license.identity.issuer;
    let service = store.view().service(issuer)?.filter(ServiceEntry::is_pinned);
    let service = service.ok_or_else(|| LicenseError::UnknownIssuer(issuer.clone()))?;
    Ok((license::verify_native(&license.document, &service.key_set)?, SignatureCheck::Verified))
}

fn is_called_lcpl(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("lcpl"))
}

/// Says more of what nobody recognizes: what is missing from a file that is called a license document, and that a publication has
/// its license inside.
fn better(path: &Path, document: &[u8], error: LicenseError) -> LicenseError {
    if !matches!(error, LicenseError::UnknownKind | LicenseError::TooLarge) {
        return error;
    }
    // One that cannot be read a second time stays what it was.
    if package::holds_lcp_license(path).unwrap_or_default() {
        return LicenseError::InPackage;
    }
    match error {
        LicenseError::UnknownKind if is_called_lcpl(path) => {
            let empty = || LicenseError::Malformed { kind: Kind::Lcp, what: Fault::Empty };
            let blank = document.iter().all(u8::is_ascii_whitespace);
            if blank { empty() } else { license::parse_as(Kind::Lcp, document).err().unwrap_or(error) }
        }
        error => error,
    }
}

fn keep(
    store: &mut Store,
    verifier: &Verifier,
    found: &mut Vec<(PathBuf, License, SignatureCheck)>,
    summary: &mut ImportSummary,
    visit: &mut dyn FnMut(&Imported),
) -> Result<(), Error> {
    if found.is_empty() {
        return Ok(());
    }
    let change = store.change()?;
    let mut kept = Vec::with_capacity(found.len());
    for (path, license, signature) in found.drain(..) {
        let stored = put(&change, verifier, &license, &signature)?;
        kept.push(match stored {
            Stored::BetterHere => Imported::Refused { path, error: LicenseError::BetterHere.into() },
            stored => Imported::License { path, license: Box::new(license), stored, signature },
        });
    }
    change.commit()?;
    for item in &kept {
        match item {
            Imported::License { stored, .. } if stored.came() => summary.imported += 1,
            Imported::License { .. } => summary.already_here += 1,
            Imported::Refused { .. } => summary.refused += 1,
        }
        visit(item);
    }
    Ok(())
}

fn put(
    change: &Change<'_>,
    verifier: &Verifier,
    license: &License,
    signature: &SignatureCheck,
) -> Result<Stored, Error> {
    // A native license is of use only once its service granted its keys.
    let native = license.identity.kind == Kind::Restow;
    let status = if native { LicenseStatus::Pending } else { LicenseStatus::Usable };
    let worth = |known: &[u8]| match license.identity.kind {
        Kind::Restow => Ordering::Equal,
        Kind::Lcp => signature.rank().cmp(&verifier.verify(known).check.rank()),
    };
    let (stored, _) = change.put_license_judged(license, status, &worth)?;
    if stored == Stored::AlreadyHere {
        change.comes_anew(&license.identity, &sha256(&license.document))?;
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::SystemClock;
    use crate::computer::Machine;

    #[test]
    fn documents_in_memory_are_kept_as_files_are() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_on(folder.path().join("home"), Machine::named("m"), Arc::new(SystemClock)).unwrap();
        let document = br#"{"id":"b","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
            "encryption":{"profile":"p","content_key":{"algorithm":0,"encrypted_value":0},
            "user_key":{"algorithm":0,"text_hint":0,"key_check":0}},
            "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
        assert_eq!(import_document(&home, document).unwrap(), Stored::New);
        assert_eq!(import_document(&home, document).unwrap(), Stored::AlreadyHere);
        let path = folder.path().join("b");
        std::fs::write(&path, document).unwrap();
        assert_eq!(import(&home, &[path], &mut |_| {}).unwrap().already_here, 1);
        let refused = import_document(&home, b"{}").unwrap_err();
        assert!(matches!(refused, Error::License(LicenseError::UnknownKind)), "{refused}");
        let clear = br#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw","kid":"q5HgCTj40kGeNVhTH9GexQ"}]}"#;
        let refused = import_document(&home, clear).unwrap_err();
        assert!(matches!(refused, Error::License(LicenseError::KeyInClear(_))), "{refused}");
        // Signed, but by nobody this home trusts.
        let seed = crate::keys::Seed::from_bytes([1; 32]);
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
    fn large_documents_do_not_all_wait_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_on(folder.path().join("home"), Machine::named("m"), Arc::new(SystemClock)).unwrap();
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
        // When the first is in the store, the last was not read yet.
        let mut visited = 0;
        let summary = import(&home, std::slice::from_ref(&documents), &mut |_| {
            visited += 1;
            if visited == 1 {
                std::fs::remove_file(name(19)).unwrap();
            }
        });
        assert_eq!(summary.unwrap(), ImportSummary { imported: 19, already_here: 0, refused: 1 });
    }
}
