//! Licenses, publications, and a home with a folder of publications.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use restow::import::import_document;
use restow::license::{LcpStatus, LicenseIdentity};
use restow::put_back::{
    Action, DownloadOffer, OnConflict, PutBackEvent, PutBackHandler, PutBackSummary, embed_license, put_back,
};
use restow::service::Cancel;
use restow::store::TrustOrigin;
use restow::{Error, Home, Machine, ManualClock};
use restow_media::build::{Compression, PublicationBuilder, PublicationProtection};
use restow_media::{Format, embedded_license};
use serde_json::{Value, json};

use super::workshop::*;

/// Time of each home: 2026-11-20.
const NOW: i64 = 1_795_132_800;

/// Title that each license states, unless a test changes it.
pub const TITLE: &str = "From the shop";

pub fn home(folder: &Path) -> Home {
    Home::open_with(folder, Machine::from_id("m"), Arc::new(ManualClock::at(NOW))).unwrap()
}

/// Returns a changed license with a valid signature by an unknown root.
pub fn license_with(id: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let key = Key::p256(2);
    let certificate = Form::provider(&key).sign(&Key::p256(1));
    let mut document = document("2021-06-01T00:00:00Z");
    document["id"] = json!(id);
    document["links"][1] = json!({"rel": "publication", "href": "https://books.example/b", "title": TITLE});
    change(&mut document);
    signed(document, &certificate, &key)
}

pub fn license(id: &str) -> Vec<u8> {
    license_with(id, |_| {})
}

pub fn license_updated(id: &str, time: &str) -> Vec<u8> {
    license_with(id, |document| document["updated"] = json!(time))
}

pub fn license_until(id: &str, end: &str) -> Vec<u8> {
    license_with(id, |document| document["rights"]["end"] = json!(end))
}

/// Changes the rights of a license, so that its signature is no longer valid.
pub fn forged(license: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(license).unwrap();
    change(&mut document["rights"]);
    document.to_string().into_bytes()
}

pub fn identity(license: &[u8]) -> LicenseIdentity {
    restow::license::parse(license).unwrap().identity
}

/// Returns an EPUB that LCP protects. Equal lengths of the arguments give equal lengths of the files.
pub fn publication(identifier: &str, title: &str, license: Option<&[u8]>) -> Vec<u8> {
    let builder = PublicationBuilder::new(Format::Epub).title(title).identifier(identifier);
    let builder = builder.protection(PublicationProtection::Lcp).compression(Compression::Stored);
    license.map_or_else(|| builder.clone(), |license| builder.clone().license(license)).build()
}

/// Returns a PDF package that LCP protects.
pub fn pdf_package(identifier: &str, title: &str) -> Vec<u8> {
    let builder = PublicationBuilder::new(Format::PdfPackage).title(title).identifier(identifier);
    builder.protection(PublicationProtection::Lcp).build()
}

/// Returns an EPUB without protection.
pub fn unprotected_publication(identifier: &str, title: &str) -> Vec<u8> {
    PublicationBuilder::new(Format::Epub).title(title).identifier(identifier).build()
}

pub fn embedded(path: &Path) -> Option<Vec<u8>> {
    embedded_license(&mut std::fs::File::open(path).unwrap()).unwrap()
}

/// Returns the content and the date of each file below a folder.
pub fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            let modified = std::fs::symlink_metadata(&path).unwrap().modified().unwrap();
            files.insert(path.clone(), (std::fs::read(&path).unwrap_or_default(), modified));
        }
    }
    files
}

/// Result, events and questions of a run.
pub struct RunResult {
    pub summary: Result<PutBackSummary, Error>,
    pub events: Vec<PutBackEvent>,
    pub offers: Vec<DownloadOffer>,
}

impl RunResult {
    /// Returns the result for a publication.
    pub fn publication(&self, path: &Path) -> Option<Action> {
        self.events.iter().find_map(|event| match event {
            PutBackEvent::Publication { path: event_path, action, .. } if event_path == path => Some(*action),
            _ => None,
        })
    }

    /// Returns the result for a license file.
    pub fn license_file(&self, path: &Path) -> Option<Action> {
        self.events.iter().find_map(|event| match event {
            PutBackEvent::Document { path: event_path, action, .. } if event_path == path => Some(*action),
            _ => None,
        })
    }

    /// Returns the code of the reason why a file was skipped, and true for a failure.
    pub fn skipped(&self, path: &Path) -> Option<(&'static str, bool)> {
        self.events.iter().find_map(|event| match event {
            PutBackEvent::Skipped { path: event_path, reason, failed, .. } if event_path == path => {
                Some((reason.code, *failed))
            }
            _ => None,
        })
    }

    /// Returns the license that was for a skipped file.
    pub fn skipped_license(&self, path: &Path) -> Option<LicenseIdentity> {
        self.events.iter().find_map(|event| match event {
            PutBackEvent::Skipped { path: event_path, license: Some(license), .. } if event_path == path => {
                Some(license.identity.clone())
            }
            _ => None,
        })
    }

    /// Returns the IDs of the licenses that a file may belong to.
    pub fn possible(&self, path: &Path) -> Vec<&str> {
        let licenses = self.events.iter().find_map(|event| match event {
            PutBackEvent::PossibleMatch { path: event_path, licenses } if event_path == path => Some(licenses),
            _ => None,
        });
        licenses.into_iter().flatten().map(|license| license.identity.license_id.as_str()).collect()
    }

    /// Returns the codes of the reasons why publications are missing.
    pub fn missing(&self) -> Vec<&'static str> {
        let missing = self.events.iter().filter_map(|event| match event {
            PutBackEvent::Missing { reason, .. } => Some(reason.code),
            _ => None,
        });
        missing.collect()
    }
}

/// Puts licenses back with one answer to all questions.
pub fn run_put_back(home: &Home, folder: Option<&Path>, answer: bool) -> RunResult {
    let (mut events, mut offers) = (Vec::new(), Vec::new());
    let summary = put_back(
        home,
        folder,
        &mut PutBackHandler {
            confirm: &mut |offer| {
                offers.push(offer.clone());
                answer
            },
            confirm_changes: &mut |_| true,
            on_event: &mut |event| events.push(event.clone()),
            cancel: &Cancel::default(),
        },
    );
    RunResult { summary, events, offers }
}

/// Allows a private origin for downloads.
pub fn allow_origin(home: &Home, origin: &str) {
    let mut store = home.store().unwrap();
    let change = store.change().unwrap();
    change.put_provider(origin, TrustOrigin::Manual, 0).unwrap();
    change.commit().unwrap();
}

/// Home with licenses, and a folder of publications.
pub struct Library {
    pub dir: tempfile::TempDir,
    pub home: Home,
    pub folder: PathBuf,
}

impl Library {
    pub fn new(licenses: &[&[u8]]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (home, folder) = (home(&dir.path().join("home")), dir.path().join("library"));
        std::fs::create_dir(&folder).unwrap();
        for license in licenses {
            import_document(&home, license).unwrap();
        }
        Self { dir, home, folder }
    }

    pub fn add_file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Puts licenses back into the folder, without downloads.
    pub fn put_back(&self) -> RunResult {
        run_put_back(&self.home, Some(&self.folder), false)
    }

    /// Embeds a license in a publication. Returns the code of an error.
    pub fn embed(&self, path: &Path, license: &[u8], on_conflict: OnConflict) -> Result<Action, &'static str> {
        embed_license(&self.home, path, &identity(license), on_conflict, &Cancel::default())
            .map(|embedded| embedded.action)
            .map_err(|error| error.code())
    }

    /// Teaches the catalog an identifier of the publications of a license.
    pub fn learn_identifier(&self, identifier: &str, license: &[u8]) {
        let path = self.dir.path().join("learned.epub");
        std::fs::write(&path, publication(identifier, TITLE, Some(license))).unwrap();
        self.scan(&path);
        std::fs::remove_file(path).unwrap();
    }

    pub fn scan(&self, path: &Path) {
        restow::scan::scan(&self.home, &[path.to_owned()], &mut |_| {}).unwrap();
    }

    /// Stores the statement of the provider that a license was returned.
    pub fn record_return(&self, license: &[u8]) {
        let mut store = self.home.store().unwrap();
        let change = store.change().unwrap();
        change.put_lcp_status(&identity(license), LcpStatus::Returned, 1_800_000_000, b"{}").unwrap();
        change.commit().unwrap();
    }
}
