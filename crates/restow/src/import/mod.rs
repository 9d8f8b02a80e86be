//! Import of license documents from files, publications and archives. Documents are recognized by content, not by
//! file name.

mod accept;
mod archive;
mod event;
mod importer;

use std::io;
use std::path::PathBuf;

use restow_lcp::Verifier;
use walkdir::WalkDir;

use self::accept::{put, verify_native};
use self::importer::Importer;
use crate::error::Error;
use crate::home::{Home, trust_store};
use crate::license::{self, Kind};
use crate::license_state::check_signature;
use crate::store::StoreResult;
use crate::verifier_pool::VerifierPool;
use crate::walk::walk;

pub use self::event::{ImportEvent, ImportSummary};
pub use crate::error::ImportError;

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
    let mut importer = Importer::new(home.store_to_change()?, verifiers, visit);
    // A missing path ends the import before the first change.
    let is_file = |path: &PathBuf| Ok(!std::fs::metadata(path).map_err(Error::file(path))?.is_dir());
    let are_files = paths.iter().map(is_file).collect::<Result<Vec<_>, Error>>()?;
    for (path, named) in paths.iter().zip(are_files) {
        for item in walk(WalkDir::new(path).follow_links(named), path) {
            match item {
                // macOS puts attributes into a second file with this prefix.
                Ok(item) if !named && item.file_name().as_encoded_bytes().starts_with(b"._") => {}
                Ok(item) if item.file_type().is_file() => importer.open_file(item.path(), named)?,
                // A device or a pipe in `paths` is refused by name.
                Ok(item) if named => {
                    let source = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
                    importer.refuse(item.path(), Error::file(item.path())(source));
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path.clone();
                    importer.refuse(&path, error.into_error());
                }
            }
        }
    }
    importer.finish()
}

/// Imports one license document from memory.
///
/// # Errors
/// [`Error::License`] or [`Error::Import`] if the document is refused, [`Error::Store`] if the store fails.
pub fn import_document(home: &Home, document: &[u8]) -> Result<StoreResult, Error> {
    let mut store = home.store_to_change()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let license = license::parse(document)?;
    let signature = match license.identity.kind {
        Kind::Restow => verify_native(&store, &license)?,
        Kind::Lcp => check_signature(&verifier, &license),
    };
    let change = store.change()?;
    let stored = put(&change, &verifier, &license, &signature)?;
    change.commit()?;
    match stored {
        StoreResult::StrongerStored => Err(ImportError::StrongerStored.into()),
        stored => Ok(stored),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use restow_core::time::ManualClock;
    use restow_media::Format;

    use super::*;
    use crate::home::Machine;
    use crate::license::LicenseError;

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
