//! Any bytes as a file that is imported into a home, where it must be kept byte for byte, or refused.

use std::fs;
use std::sync::LazyLock;

use restow::import::{Imported, import};
use restow::license::{self, Kind, SignatureCheck};
use restow::store::AddedBy;
use restow::{Home, listing};
use tempfile::TempDir;

use super::common::{TRUSTED, folder, presentable};

static HOME: LazyLock<(TempDir, Home)> = LazyLock::new(|| {
    let folder = folder();
    let home = Home::open(folder.path().join("home")).expect("a new home");
    let mut store = home.store().expect("a new store");
    let change = store.change().expect("a change");
    change.put_service(&TRUSTED, AddedBy::Hand).expect("a service");
    change.commit().expect("a commit");
    drop(store);
    (folder, home)
});

pub fn run(data: &[u8]) {
    let (folder, home) = &*HOME;
    let path = folder.path().join("document");
    fs::write(&path, data).expect("the file can be written");
    let mut seen = Vec::new();
    let summary = import(home, &[path], &mut |found| match found {
        Imported::License { license, signature, .. } => seen.push(Ok((license.clone(), signature.clone()))),
        Imported::Refused { error, .. } => seen.push(Err(error.to_string())),
        other => panic!("{other:?}"),
    });
    let summary = summary.expect("a document never stops an import");
    assert_eq!((seen.len(), summary.imported + summary.already_here + summary.refused), (1, 1));
    match seen.pop().expect("one file, one answer") {
        Ok((license, signature)) => {
            assert_eq!(license.document, data);
            assert_eq!(license::parse(data).as_ref(), Ok(&*license));
            let native = license.identity.kind == Kind::Restow;
            assert_eq!(signature == SignatureCheck::Verified, native);
            let mut store = home.store().expect("the store");
            let entry = store.view().license(&license.identity).expect("the store").expect("what was imported");
            assert!(entry.version >= license.version, "a newer document stays");
            // It can be listed, and does not stay, so that the store remains small.
            listing::licenses(home, &store, &mut |_| Ok(())).expect("a list");
            let change = store.change().expect("a change");
            change.remove_license(entry.row).expect("removed");
            change.commit().expect("a commit");
        }
        Err(message) => presentable(&message),
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = super::license::seeds();
    seeds.extend(super::probe::seeds().into_iter().take(2));
    seeds
}
