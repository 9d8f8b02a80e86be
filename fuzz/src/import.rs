//! Any bytes as a file for the import into a home. The import must store the document unchanged or refuse it.
//! For a ZIP file this applies to its entries.

use std::fs;
use std::sync::LazyLock;

use restow::import::{ImportEvent, import};
use restow::license::{self, Kind, SignatureCheck};
use restow::store::TrustOrigin;
use restow::{Home, listing};
use restow_media::Format;
use restow_media::build::{Compression, PublicationBuilder, ZipBuilder};
use tempfile::TempDir;

use super::common::{TRUSTED, check_presentable, folder};

static HOME: LazyLock<(TempDir, Home)> = LazyLock::new(|| {
    let folder = folder();
    let home = Home::open(folder.path().join("home")).expect("a new home");
    let mut store = home.store().expect("a new store");
    let change = store.change().expect("a change");
    change.put_service(&TRUSTED, TrustOrigin::Manual).expect("a service");
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
        ImportEvent::License { license, signature, .. } => seen.push(Ok((license.clone(), signature.clone()))),
        ImportEvent::Refused { error, .. } => seen.push(Err(error.to_string())),
        other => panic!("{other:?}"),
    });
    let summary = summary.expect("a document never stops an import");
    // A license counts once, even if an archive contains it several times.
    let licenses = seen.iter().filter_map(|found| found.as_ref().ok()).map(|(license, _)| &license.identity);
    let licenses = licenses.collect::<std::collections::HashSet<_>>().len();
    let refused = seen.iter().filter(|found| found.is_err()).count();
    assert_eq!((licenses as u64, refused as u64), (summary.imported + summary.already_here, summary.refused));
    let packed = data.starts_with(b"PK\x03\x04");
    assert!(packed || seen.len() == 1);
    let mut store = home.store().expect("the store");
    for found in seen {
        match found {
            Ok((license, signature)) => {
                assert!(packed || license.document == data);
                assert_eq!(license::parse(&license.document).as_ref(), Ok(&*license));
                let native = license.identity.kind == Kind::Restow;
                assert_eq!(signature == SignatureCheck::Verified, native);
                // An archive may contain a license several times.
                let Some(entry) = store.view().license(&license.identity).expect("the store") else {
                    assert!(packed);
                    continue;
                };
                assert!(entry.version >= license.version, "a newer document stays");
                // The license can be listed. It is then removed, so that the store stays small.
                listing::licenses(home, &store, &mut |_| Ok(())).expect("a list");
                let change = store.change().expect("a change");
                change.remove_license(entry.row).expect("removed");
                change.commit().expect("a commit");
            }
            Err(message) => check_presentable(&message),
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = super::license::seeds();
    seeds.extend(super::probe::seeds().into_iter().take(2));
    let archive =
        seeds.iter().take(2).fold(ZipBuilder::new(), |zip, seed| zip.entry("a.lcpl", seed, Compression::Deflated));
    let book = PublicationBuilder::new(Format::Epub).license(&seeds[0]).build();
    seeds.push(archive.entry("b.epub", &book, Compression::Stored).build());
    seeds.push(book);
    seeds
}
