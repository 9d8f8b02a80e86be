//! A home with licenses, a library, and what was told of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use restow::import::import_document;
use restow::license::LicenseIdentity;
use restow::put_back::{Dialog, Done, Offer, PutBack, PutBackSummary, put_back};
use restow::service::Cancel;
use restow::store::TrustOrigin;
use restow::{Error, Home, Machine, ManualClock};
use restow_media::build::{Compression, PublicationBuilder, PublicationProtection};
use restow_media::{Format, embedded_license};
use serde_json::{Value, json};

use super::workshop::*;

/// 2026-11-20, the time of every home here.
const TODAY: i64 = 1_795_132_800;

pub fn home(folder: &Path) -> Home {
    Home::open_on(folder, Machine::named("m"), Arc::new(ManualClock::at(TODAY))).unwrap()
}

/// A license that verifies, by an unknown root.
pub fn license(id: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let key = Key::p256(2);
    let certificate = Form::provider(&key).sign(&Key::p256(1));
    let mut document = document("2021-06-01T00:00:00Z");
    document["id"] = json!(id);
    document["links"][1] = json!({"rel": "publication", "href": "https://books.example/b", "title": "From the shop"});
    change(&mut document);
    signed(document, &certificate, &key)
}

pub fn plain(id: &str) -> Vec<u8> {
    license(id, |_| {})
}

pub fn updated(id: &str, time: &str) -> Vec<u8> {
    license(id, |document| document["updated"] = json!(time))
}

pub fn identity(license: &[u8]) -> LicenseIdentity {
    restow::license::parse(license).unwrap().identity
}

pub fn book(identifier: &str, title: &str, license: Option<&[u8]>) -> Vec<u8> {
    let book = PublicationBuilder::new(Format::Epub).title(title).identifier(identifier);
    // Not packed: what is as long makes a book as long.
    let book = book.protection(PublicationProtection::Lcp).compression(Compression::Stored);
    license.map_or_else(|| book.clone(), |license| book.clone().license(license)).build()
}

pub fn inside(path: &Path) -> Option<Vec<u8>> {
    embedded_license(&mut std::fs::File::open(path).unwrap()).unwrap()
}

/// Everything below a folder: content and time.
pub fn state(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(state(&path));
        } else {
            let time = std::fs::symlink_metadata(&path).unwrap().modified().unwrap();
            all.insert(path.clone(), (std::fs::read(&path).unwrap_or_default(), time));
        }
    }
    all
}

pub struct Told {
    pub summary: Result<PutBackSummary, Error>,
    pub items: Vec<PutBack>,
    pub offers: Vec<Offer>,
}

impl Told {
    /// Returns the action for the publication at a path.
    pub fn publication(&self, path: &Path) -> Option<Done> {
        self.items.iter().find_map(|item| match item {
            PutBack::Publication { path: at, done, .. } if at == path => Some(*done),
            _ => None,
        })
    }

    pub fn document(&self, path: &Path) -> Option<Done> {
        self.items.iter().find_map(|item| match item {
            PutBack::Document { path: at, done, .. } if at == path => Some(*done),
            _ => None,
        })
    }

    /// Returns the code of the reason against a change of a file, and true if the reason is a failure.
    pub fn left(&self, path: &Path) -> Option<(&'static str, bool)> {
        self.items.iter().find_map(|item| match item {
            PutBack::Left { path: at, why, failed, .. } if at == path => Some((why.code, *failed)),
            _ => None,
        })
    }

    /// Returns the license for a file that was not changed.
    pub fn left_for(&self, path: &Path) -> Option<LicenseIdentity> {
        self.items.iter().find_map(|item| match item {
            PutBack::Left { path: at, license: Some(license), .. } if at == path => Some(license.identity.clone()),
            _ => None,
        })
    }

    pub fn missing(&self) -> Vec<&'static str> {
        let missing = self.items.iter().filter_map(|item| match item {
            PutBack::Missing { why, .. } => Some(why.code),
            _ => None,
        });
        missing.collect()
    }
}

pub fn put(home: &Home, folder: Option<&Path>, agrees: bool) -> Told {
    let (mut items, mut offers) = (Vec::new(), Vec::new());
    let summary = put_back(
        home,
        folder,
        &mut Dialog {
            agrees: &mut |offer| {
                offers.push(offer.clone());
                agrees
            },
            tell: &mut |item| items.push(item.clone()),
            cancel: &Cancel::default(),
        },
    );
    Told { summary, items, offers }
}

pub fn put_all(home: &Home, folder: &Path) -> Told {
    put(home, Some(folder), false)
}

/// Lets a license name this origin, though it is private.
pub fn allow(home: &Home, origin: &str) {
    let mut store = home.store().unwrap();
    let change = store.change().unwrap();
    change.put_provider(origin, TrustOrigin::Manual, 0).unwrap();
    change.commit().unwrap();
}

pub struct Place {
    pub dir: tempfile::TempDir,
    pub home: Home,
    pub library: PathBuf,
}

impl Place {
    pub fn new(licenses: &[&[u8]]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (home, library) = (home(&dir.path().join("home")), dir.path().join("library"));
        std::fs::create_dir(&library).unwrap();
        for license in licenses {
            import_document(&home, license).unwrap();
        }
        Self { dir, home, library }
    }

    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.library.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Learns what the publication of a license calls itself.
    pub fn learn(&self, identifier: &str, license: &[u8]) {
        let path = self.dir.path().join("learned.epub");
        std::fs::write(&path, book(identifier, "From the shop", Some(license))).unwrap();
        restow::scan::scan(&self.home, std::slice::from_ref(&path), &mut |_| {}).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}
