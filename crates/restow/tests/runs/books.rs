//! Publications and their LCP licenses: how they are matched, and which facts survive the loss of a computer.

use std::path::{Path, PathBuf};

use restow::license::{LcpStatus, LicenseIdentity};
use restow::restorer::{Backup, Restore};
use restow::service::protocol::Outcome;
use restow::store::{LicenseStatus, PublicationFile, ScannedFile};
use restow::{Home, Hresult, NotRestoredReason, UnixTime};
use restow_media::Format;
use restow_media::build::{Compression, PublicationBuilder, PublicationProtection, ZipBuilder};
use serde_json::{Value, json};

use super::stage::*;
use super::workshop::{Form, Key, document, signed};

fn book(folder: &Path, name: &str, identifier: &str, license: Option<&str>) -> PathBuf {
    let path = folder.join(name);
    let book = PublicationBuilder::new(Format::Epub).title("On the shelf").identifier(identifier);
    let book = book.protection(PublicationProtection::Lcp);
    let book = license.map_or_else(|| book.clone(), |license| book.clone().license(license.as_bytes()));
    std::fs::write(&path, book.build()).unwrap();
    path
}

/// Returns the document of [`lcp`], signed by this provider.
fn signed_license(id: &str, change: impl FnOnce(&mut Value)) -> String {
    let key = Key::p256(2);
    let mut document = document("2021-06-01T00:00:00Z");
    (document["id"], document["provider"]) = (json!(id), json!("https://p.example"));
    change(&mut document);
    String::from_utf8(signed(document, &Form::provider(&key).sign(&Key::p256(1)), &key)).unwrap()
}

fn scan(home: &Home, path: &Path) {
    restow::scan::scan(home, &[path.to_owned()], &mut |_| {}).unwrap();
}

fn publications(home: &Home, id: &str) -> Vec<PublicationFile> {
    let store = home.store().unwrap();
    store.view().publications_of(&identity(id)).unwrap()
}

fn identity(id: &str) -> LicenseIdentity {
    restow::license::parse(lcp(id, "x").as_bytes()).unwrap().identity
}

fn status(home: &Home, id: &str) -> LicenseStatus {
    home.store().unwrap().view().license(&identity(id)).unwrap().unwrap().status
}

/// Stores a status of the provider with a time long after the license was issued.
fn put_status(home: &Home, id: &str, status: LcpStatus) {
    put_status_at(home, id, status, 1_800_000_000);
}

fn put_status_at(home: &Home, id: &str, status: LcpStatus, at: UnixTime) {
    let mut store = home.store().unwrap();
    let change = store.change().unwrap();
    change.put_lcp_status(&identity(id), status, at, b"{}").unwrap();
    change.commit().unwrap();
}

#[test]
fn publication_matches_license_by_identifier() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir.path().join("home"));
    let library = folder(dir.path(), "library");
    let license = signed_license("one", |_| {});
    let whole = book(&library, "whole.epub", "urn:isbn:1", Some(&license));
    let bare = book(&library, "bare.epub", "urn:isbn:1", None);
    let other = book(&library, "other.epub", "urn:isbn:2", None);
    scan(&home, &library);
    let without = || {
        let found = home.store().unwrap().view().unlicensed_files(5).unwrap();
        (found.count, found.embedded, found.embedded_locations)
    };
    assert_eq!(without(), (2, 1, vec![whole.clone()]), "no license is here");

    let file = dir.path().join("one.lcpl");
    std::fs::write(&file, license).unwrap();
    import(&home, &[file]);
    assert_eq!(without(), (1, 0, vec![]));
    let found: Vec<_> = publications(&home, "one")
        .into_iter()
        .map(|found| (PathBuf::from(found.path), found.license_embedded))
        .collect();
    assert_eq!(found, [(bare.clone(), false), (whole.clone(), true)]);
    let store = home.store().unwrap();
    let licenses = |path: &Path| store.view().licenses_of_file(path.to_str().unwrap()).unwrap().len();
    assert_eq!((licenses(&whole), licenses(&bare), licenses(&other)), (1, 1, 0));
    // A publication with another embedded license does not match, even with the identifier.
    book(&library, "bare.epub", "urn:isbn:1", Some(&lcp("two", "Another")));
    scan(&home, &library);
    assert_eq!(publications(&home, "one").len(), 1);
    // For several embedded licenses, their common folder is reported.
    let shelf = folder(&library, "shelf");
    book(&shelf, "third.epub", "urn:isbn:3", Some(&lcp("three", "Third")));
    scan(&home, &library);
    assert_eq!(without(), (1, 2, vec![library]));
}

#[test]
fn forged_license_links_no_identifier() {
    let sound = signed_license("one", |_| {});
    let newer = signed_license("one", |document| document["updated"] = json!("2021-07-01T00:00:00Z"));
    let forged = newer.replace("\"print\":10", "\"print\":11");
    assert_ne!(forged, newer);
    let teaches = |here: Option<&str>, inside: &str, how: fn(&Home, &Path)| {
        let dir = tempfile::tempdir().unwrap();
        let home = home(&dir.path().join("home"));
        if let Some(here) = here {
            restow::import::import_document(&home, here.as_bytes()).unwrap();
        }
        how(&home, &book(dir.path(), "book.epub", "urn:isbn:1", Some(inside)));
        !home.store().unwrap().view().identifiers_of(&identity("one")).unwrap().is_empty()
    };
    let imports = |home: &Home, path: &Path| {
        import(home, &[path.to_owned()]);
    };
    for (here, inside, scanned, imported) in [
        (Some(&sound), &sound, true, true),
        // The embedded document before the refresh, or after.
        (Some(&newer), &sound, true, true),
        (Some(&sound), &newer, true, true),
        (None, &sound, true, true),
        (Some(&sound), &forged, false, false),
        // A stored forgery still matches its own publication.
        (Some(&forged), &forged, true, true),
        (None, &forged, false, true),
    ] {
        assert_eq!(
            (teaches(here.map(String::as_str), inside, scan), teaches(here.map(String::as_str), inside, imports)),
            (scanned, imported)
        );
    }
}

#[test]
fn unreadable_embedded_license_matches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir.path().join("home"));
    let license = lcp("one", "From the shop");
    let file = dir.path().join("one.lcpl");
    std::fs::write(&file, &license).unwrap();
    import(&home, &[file]);
    let library = folder(dir.path(), "library");
    book(&library, "whole.epub", "urn:isbn:1", Some(&license));
    let bare = book(&library, "bare.epub", "urn:isbn:1", None);
    // Cut off, empty, without a provider, or unsigned.
    let (cut, anonymous) = (&license[..60], license.replace("\"provider\"", "\"x\""));
    let unsigned = lcp("two", "From the shop").replace("\"signature\"", "\"x\"");
    let broken: Vec<_> = [cut, "{}", "", &anonymous, &unsigned]
        .iter()
        .enumerate()
        .map(|(n, inside)| book(&library, &format!("broken{n}.epub"), "urn:isbn:1", Some(inside)))
        .collect();
    scan(&home, &library);
    let store = home.store().unwrap();
    let of_file = |path: &Path| store.view().licenses_of_file(path.to_str().unwrap()).unwrap().len();
    let of_probe =
        |path: &Path| restow::usage::licenses_of(store.view(), &restow_media::probe_path(path).unwrap()).unwrap().len();
    assert_eq!((of_file(&bare), of_probe(&bare)), (1, 1));
    for path in &broken {
        assert_eq!((of_file(path), of_probe(path)), (0, 0), "{}", path.display());
    }
    assert_eq!(publications(&home, "one").len(), 2);
    assert_eq!(store.view().unlicensed_files(9).unwrap().count, broken.len() as u64);
    let play = restow::license::Right::PLAY;
    for path in &broken {
        let probe = restow_media::probe_path(path).unwrap();
        let error = restow::usage::check_publication_right(&home, path, &probe, &play).unwrap_err();
        assert_eq!(error.code(), "license-inside-broken");
    }
}

#[test]
fn untitled_publication_uses_file_name() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir.path().join("home"));
    let path = dir.path().join("rain.epub");
    let book = ZipBuilder::new().entry("mimetype", b"application/epub+zip", Compression::Stored);
    std::fs::write(&path, book.build()).unwrap();
    let probe = restow_media::probe(&mut std::fs::File::open(&path).unwrap()).unwrap();
    assert_eq!(probe.title, None);
    let error =
        restow::usage::check_publication_right(&home, &path, &probe, &restow::license::Right::PLAY).unwrap_err();
    assert!(error.to_string().contains("“rain.epub”"), "{error}");
}

#[test]
fn embedded_locations_are_few_folders() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir.path().join("home"));
    let inside = |paths: &[&str]| {
        let mut store = home.store().unwrap();
        let change = store.change().unwrap();
        for path in paths {
            let mut facts = restow::scan::FileFacts::default();
            (facts.path, facts.protected) = ((*path).to_owned(), Some(true));
            let file = ScannedFile { facts, license: Some(identity("one")), ..ScannedFile::default() };
            change.put_file(&file).unwrap();
        }
        change.commit().unwrap();
        let found = store.view().unlicensed_files(1).unwrap();
        let at: Vec<String> = found.embedded_locations.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
        (found.embedded, at.join(" "))
    };
    assert_eq!(inside(&["/m/b/x.epub", "/m/b/y.epub"]), (2, "/m/b".into()));
    assert_eq!(inside(&["/m/b/a/c.epub", "/m/d/c.epub"]), (4, "/m/b /m/d".into()));
    assert_eq!(inside(&["/n.epub"]), (5, "/m/b /m/d /n.epub".into()), "not the whole computer");
    assert_eq!(inside(&["/z/u.epub"]), (6, "/n.epub /z /m".into()));
    assert_eq!(inside(&["/y/u.epub"]), (7, "/n.epub /y /m".into()), "one that is left out");
}

#[test]
fn license_id_is_separate_per_provider() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir.path().join("home"));
    let elsewhere = lcp("one", "x").replace("https://p.example", "https://q.example");
    let path = book(dir.path(), "book.epub", "urn:isbn:1", Some(&elsewhere));
    scan(&home, &path);
    let file = dir.path().join("one.lcpl");
    std::fs::write(&file, lcp("one", "x")).unwrap();
    import(&home, &[file]);
    assert_eq!(publications(&home, "one"), []);
    assert_eq!(home.store().unwrap().view().unlicensed_files(5).unwrap().embedded, 1);
}

#[test]
fn titles_and_identifiers_survive_restore() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let first = home(&dir.path().join("a"));
    let file = dir.path().join("one.lcpl");
    std::fs::write(&file, lcp("one", "From the shop")).unwrap();
    import(&first, &[file]);
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    // The identifier is learned after the first backup. The next backup writes only this fact.
    let path = book(dir.path(), "book.epub", "urn:isbn:1", Some(&lcp("one", "From the shop")));
    scan(&first, &path);
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());

    let second = home(&dir.path().join("b"));
    assert_eq!(Restore::from(&location).start(&second).unwrap().wait().summary.restored, 1);
    let mut titles = Vec::new();
    restow::listing::licenses(&second, &second.store().unwrap(), &mut |listed| {
        titles.extend(listed.titles);
        Ok(())
    })
    .unwrap();
    assert_eq!(titles, ["On the shelf"]);
    let bare = book(&folder(dir.path(), "library"), "bare.epub", "urn:isbn:1", None);
    scan(&second, &bare);
    assert_eq!(publications(&second, "one").len(), 1, "found by what it calls itself");

    // An excluded license leaves no facts in the set.
    restow::restorer::forget_from(&first, &location, &identity("one")).unwrap();
    let third = home(&dir.path().join("c"));
    assert_eq!(Restore::from(&location).start(&third).unwrap().wait().summary.restored, 0);
    scan(&third, &bare);
    assert_eq!(publications(&third, "one"), []);
}

#[test]
fn returned_license_stays_returned() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let first = home_with_books(dir.path(), "a", 2);
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    let before = home(&dir.path().join("before"));
    assert_eq!(Restore::from(&location).start(&before).unwrap().wait().summary.restored, 2);

    put_status(&first, "a-0", LcpStatus::Returned);
    assert_eq!(status(&first, "a-0"), LicenseStatus::Refused(Outcome::Returned));
    // The same document is imported again.
    let file = dir.path().join("again.lcpl");
    std::fs::write(&file, lcp("a-0", "Book 0")).unwrap();
    import(&first, std::slice::from_ref(&file));
    assert_eq!(status(&first, "a-0"), LicenseStatus::Refused(Outcome::Returned));
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());

    let second = home(&dir.path().join("b"));
    let report = Restore::from(&location).start(&second).unwrap().wait();
    assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED, "{report:#?}");
    assert_eq!((report.summary.restored, report.summary.refused), (1, 1));
    assert_eq!(report.not_restored[0].reason, NotRestoredReason::Refused(Outcome::Returned));
    assert_eq!(report.not_restored[0].titles, ["Book 0"]);
    assert_eq!(documents(&second).len(), 2, "the document is kept all the same");
    let again = Restore::from(&location).start(&second).unwrap().wait();
    assert_eq!((again.summary.already_here, again.summary.refused), (1, 1));

    // A status in a set does not end a stored license, because any person can write a set.
    let report = Restore::from(&location).start(&before).unwrap().wait();
    assert_eq!((report.result, report.summary.already_here), (Hresult::S_OK, 2));

    // A newer document clears the status.
    let newer = lcp("a-0", "Book 0").replace("\"provider\"", "\"updated\":\"2031-01-01T00:00:00Z\",\"provider\"");
    std::fs::write(&file, newer).unwrap();
    import(&second, &[file]);
    assert_eq!(status(&second, "a-0"), LicenseStatus::Usable);
    // An answer of the provider clears the status, too.
    put_status(&first, "a-0", LcpStatus::Active);
    assert_eq!(status(&first, "a-0"), LicenseStatus::Usable);
}

#[test]
fn renewed_status_reaches_the_backup() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let first = home_with_books(dir.path(), "a", 2);
    let now = 1_790_000_000;
    for (status, at) in [(LcpStatus::Returned, now), (LcpStatus::Active, now + 10)] {
        put_status_at(&first, "a-0", status, at);
        assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    }
    let second = home(&dir.path().join("b"));
    let report = Restore::from(&location).start(&second).unwrap().wait();
    assert_eq!((report.result, report.summary.restored, report.summary.refused), (Hresult::S_OK, 2, 0), "{report:#?}");
    assert_eq!(status(&second, "a-0"), LicenseStatus::Usable);
    // The second location gets the same facts.
    let other = folder(dir.path(), "other");
    assert!(Backup::to(&other).start(&second).unwrap().wait().is_ok());
    let third = home(&dir.path().join("c"));
    let report = Restore::from(&other).start(&third).unwrap().wait();
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2));
}

#[test]
fn future_status_ends_no_later_document() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let first = home_with_books(dir.path(), "a", 1);
    put_status_at(&first, "a-0", LcpStatus::Revoked, UnixTime::MAX);
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    let second = home(&dir.path().join("b"));
    assert_eq!(Restore::from(&location).start(&second).unwrap().wait().summary.refused, 1);
    let newer = lcp("a-0", "Book 0").replace("\"provider\"", "\"updated\":\"2031-01-01T00:00:00Z\",\"provider\"");
    let file = dir.path().join("newer.lcpl");
    std::fs::write(&file, newer).unwrap();
    import(&second, &[file]);
    assert_eq!(status(&second, "a-0"), LicenseStatus::Usable);
}

#[test]
fn repeated_backups_keep_facts_once() {
    use restow_backup::{Location, PackRole, ReadItem, Reader, Record};
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let first = home_with_books(dir.path(), "a", 40);
    put_status(&first, "a-0", LcpStatus::Revoked);
    for n in 0..40 {
        let path = book(dir.path(), "book.epub", &format!("urn:isbn:{n}"), Some(&lcp("a-0", "Book 0")));
        scan(&first, &path);
        assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    }
    let set = Location::open(&location).unwrap();
    let set = set.set(set.sets().unwrap()[0]).unwrap();
    let mut facts = Vec::new();
    let reader = Reader::latest(&[set], &|| false).unwrap();
    reader
        .records::<restow::Error>(PackRole::Licenses, &mut |found| {
            if let ReadItem::Record(_, Record::LcpFacts(record)) = found {
                facts.push((record.status, record.identifiers.len()));
            }
            Ok(())
        })
        .unwrap();
    // The compaction merged the facts. Later backups add one record each.
    assert!(facts.len() <= 10, "{facts:?}");
    assert_eq!(facts.last(), Some(&(LcpStatus::Revoked.number(), 40)));
}

#[test]
fn compaction_keeps_stronger_document() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let first = home(&dir.path().join("first"));
    let put = |name: &str, document: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, document).unwrap();
        import(&first, &[file]);
    };
    let back_up = || assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    let strong = signed_license("b1", |_| {});
    put("b1.lcpl", &strong);
    back_up();
    // The store loses the document, and takes a newer forgery.
    let mut store = first.store().unwrap();
    let row = store.view().license(&identity("b1")).unwrap().unwrap().row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    let forged = signed_license("b1", |license| license["updated"] = json!("2021-07-01T00:00:00Z"));
    put("b1.lcpl", &forged.replace("Ada", "Eve"));
    // Each backup writes one small pack, until the set is compacted.
    for n in 0..40 {
        put("other.lcpl", &lcp(&format!("o-{n}"), "x"));
        back_up();
    }
    let set = restow_backup::Location::open(&location).unwrap();
    let set = set.set(set.sets().unwrap()[0]).unwrap();
    assert!(set.readable().next().unwrap().1.packs.len() < 30, "the set is compacted");
    let second = home(&dir.path().join("second"));
    assert!(Restore::from(&location).start(&second).unwrap().wait().is_ok());
    let restored = second.store().unwrap().view().license(&identity("b1")).unwrap().unwrap();
    assert!(restored.document == strong.as_bytes(), "the stronger document is still in the set");
}

#[test]
fn facts_of_older_document_link_newer_one() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let (older, newer) = (
        signed_license("b1", |_| {}),
        signed_license("b1", |license| license["updated"] = json!("2021-07-01T00:00:00Z")),
    );
    // The laptop has the publication, and the phone has only the newer license.
    let laptop = home(&dir.path().join("laptop"));
    import(&laptop, &[book(dir.path(), "rain.epub", "urn:isbn:1", Some(&older))]);
    assert!(Backup::to(&location).start(&laptop).unwrap().wait().is_ok());
    let phone = home(&dir.path().join("phone"));
    std::fs::write(dir.path().join("b1.lcpl"), &newer).unwrap();
    import(&phone, &[dir.path().join("b1.lcpl")]);
    assert!(Backup::to(&location).start(&phone).unwrap().wait().is_ok());
    // The third home has a forged license for another publication.
    let other = home(&dir.path().join("other"));
    let forged = signed_license("b1", |_| {}).replace("Ada", "Eve");
    import(&other, &[book(dir.path(), "snow.epub", "urn:isbn:2", Some(&forged))]);
    assert!(Backup::to(&location).start(&other).unwrap().wait().is_ok());

    let second = home(&dir.path().join("second"));
    let report = Restore::from(&location).start(&second).unwrap().wait();
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 1), "{report:#?}");
    let entry = second.store().unwrap().view().license(&identity("b1")).unwrap().unwrap();
    assert!(entry.document == newer.as_bytes());
    assert_eq!(second.store().unwrap().view().identifiers_of(&identity("b1")).unwrap(), ["urn:isbn:1"]);
}
