//! Every license of others, where the samples lie beside the project: backed up, lost, restored, and put back.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use restow::put_back::{Another, Dialog, PutBack, put_back, put_into};
use restow::restorer::{Backup, Restore};
use restow::service::Cancel;
use restow::{Home, Machine, ManualClock};
use restow_media::build::strip_license;
use restow_media::{System, embedded_license};

use super::real::samples;
use super::samples::{expected, has};

/// 2026-11-20, the time of every home here.
const TODAY: i64 = 1_795_132_800;

fn home(folder: &Path) -> Home {
    Home::open_on(folder, Machine::named("m"), Arc::new(ManualClock::at(TODAY))).unwrap()
}

/// Puts everything back there; what may belong together but is not known to.
fn put(home: &Home, library: &Path) -> Vec<PutBack> {
    let mut perhaps = Vec::new();
    let dialog = &mut Dialog {
        agrees: &mut |_| false,
        tell: &mut |item| match item {
            PutBack::Left { .. } => panic!("{item:?}"),
            PutBack::Perhaps { .. } => perhaps.push(item.clone()),
            _ => {}
        },
        cancel: &Cancel::default(),
    };
    put_back(home, Some(library), dialog).unwrap();
    perhaps
}

/// Backs up a home, deletes it, and restores another one from nothing but the backup.
fn lose(dir: &Path, lost: &Home) -> Home {
    let stick = dir.join("stick");
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(lost).unwrap().wait().is_ok());
    std::fs::remove_dir_all(lost.folder()).unwrap();
    let new = home(&dir.join("new"));
    let report = Restore::from(&stick).start(&new).unwrap().wait();
    assert_eq!((report.is_ok(), report.summary.restored), (true, 1), "{report:?}");
    assert_eq!(report.without_file.len(), 1, "the book is not here yet: {report:?}");
    new
}

#[test]
fn every_license_inside_a_package_is_put_back() {
    const TEST: &str = "every_license_inside_a_package_is_put_back";
    let Some(samples) = samples(TEST) else { return };
    let (mut by_itself, mut by_hand, mut refused) = (0, 0, 0);
    for row in expected(&samples) {
        let path = row["path"].as_str().unwrap();
        if row["license_embedded"] != true || !path.starts_with("lcp_") {
            continue;
        }
        let whole = std::fs::read(samples.join(path)).unwrap();
        let license = embedded_license(&mut std::io::Cursor::new(&whole)).unwrap().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let before = home(&dir.path().join("before"));
        let library = dir.path().join("library");
        std::fs::create_dir(&library).unwrap();
        let book = library.join(Path::new(path).file_name().unwrap());
        std::fs::write(&book, &whole).unwrap();
        let imported = restow::import::import(&before, std::slice::from_ref(&book), &mut |_| {}).unwrap();
        if restow::license::parse(&license).is_err() {
            assert_eq!((imported.imported, imported.refused), (0, 1), "{path}");
            refused += 1;
            continue;
        }
        restow::scan::scan(&before, std::slice::from_ref(&library), &mut |_| {}).unwrap();
        let bare = strip_license(&whole).unwrap();
        std::fs::write(&book, &bare).unwrap();
        let now = lose(dir.path(), &before);

        let perhaps = put(&now, &library);
        let probe = restow_media::probe_path(&book).unwrap();
        let is_sure = probe.systems.contains(&System::Lcp) && probe.identifier.is_some();
        match (embedded_license(&mut std::fs::File::open(&book).unwrap()).unwrap(), perhaps.as_slice()) {
            (Some(_), []) => by_itself += 1,
            // It says nowhere that it is protected, or has no name for programs: that is left to its owner.
            (None, [PutBack::Perhaps { license, path }]) if !is_sure => {
                put_into(&now, path, &license.identity, Another::Stays, &Cancel::default()).unwrap();
                by_hand += 1;
            }
            other => panic!("{path}: {other:?}"),
        }
        let after = std::fs::read(&book).unwrap();
        assert!(embedded_license(&mut std::io::Cursor::new(&after)).unwrap().as_ref() == Some(&license), "{path}");
        assert!(strip_license(&after).unwrap() == bare, "{path}: every other byte is as it was");
        let documents: Vec<_> = std::fs::read_dir(&library)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "lcpl"))
            .collect();
        assert_eq!(documents.len(), 1, "{path}");
        assert!(std::fs::read(&documents[0]).unwrap() == license, "{path}");
        assert!(
            put(&now, &library).is_empty() && std::fs::read(&book).unwrap() == after,
            "{path}: again changes nothing"
        );
    }
    println!("{by_itself} by itself, {by_hand} by hand, {refused} hold no license that can be kept");
    assert!(by_itself >= 1 && by_hand >= 1 && by_itself + by_hand + refused >= 4);
}

#[test]
fn every_license_document_is_put_back() {
    const TEST: &str = "every_license_document_is_put_back";
    let Some(samples) = samples(TEST) else { return };
    let mut count = 0;
    for row in expected(&samples) {
        let path = row["path"].as_str().unwrap();
        if row["kind"] != "license_document" || !path.starts_with("lcp_") || row["malformed"] == true {
            continue;
        }
        let license = std::fs::read(samples.join(path)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let before = home(&dir.path().join("before"));
        restow::import::import(&before, &[samples.join(path)], &mut |_| {}).unwrap();
        let now = lose(dir.path(), &before);
        let library = dir.path().join("library");
        std::fs::create_dir(&library).unwrap();
        put(&now, &library);
        let files: Vec<_> = std::fs::read_dir(&library).unwrap().map(|entry| entry.unwrap().path()).collect();
        if restow::license::parse(&license).unwrap().expires.is_some_and(|until| until <= TODAY) {
            assert!(files.is_empty(), "{path}: a loan that is over is put nowhere");
        } else {
            assert_eq!(files.len(), 1, "{path}");
            assert!(std::fs::read(&files[0]).unwrap() == license, "{path}");
        }
        count += 1;
    }
    assert!(count >= 3);
}

const EPUBCHECK: &str = "/usr/bin/epubcheck";

/// What epubcheck says of a book, which lies in its folder under this name.
fn epubcheck(folder: &Path) -> String {
    // The distribution's is a Java archive that not every system starts by itself.
    let output = Command::new("java").args(["-jar", EPUBCHECK, "book.epub"]).current_dir(folder).output();
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    format!("{}\n{}", output.status, String::from_utf8_lossy(&said))
}

#[test]
fn epubcheck_says_the_same_before_and_after() {
    const TEST: &str = "epubcheck_says_the_same_before_and_after";
    let Some(samples) = samples(TEST) else { return };
    if !has(TEST, "java", &["-version"]) {
        return;
    }
    if !Path::new(EPUBCHECK).is_file() {
        assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{TEST}: epubcheck not found");
        println!("SKIPPED: {TEST}: epubcheck not found");
        return;
    }
    let mut count = 0;
    for row in expected(&samples) {
        if row["container"] != "epub" || row["license_embedded"] != true {
            continue;
        }
        let whole = std::fs::read(samples.join(row["path"].as_str().unwrap())).unwrap();
        let license = embedded_license(&mut std::io::Cursor::new(&whole)).unwrap().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, book: &[u8]| {
            let folder = dir.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("book.epub"), book).unwrap();
            folder
        };
        let (before, after) = (write("before", &whole), write("after", &strip_license(&whole).unwrap()));
        let here = home(&dir.path().join("home"));
        restow::import::import_document(&here, &license).unwrap();
        let identity = restow::license::parse(&license).unwrap().identity;
        put_into(&here, &after.join("book.epub"), &identity, Another::Stays, &Cancel::default()).unwrap();
        let said = epubcheck(&before);
        assert!(said.contains("EPUBCheck") && said.contains("Messages:"), "{said}");
        assert_eq!(epubcheck(&after), said);
        count += 1;
    }
    assert!(count >= 1);
}
