//! Backup, loss, restore and put-back of every sample license, if the samples are available.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use restow::put_back::{OnConflict, PutBackEvent, PutBackHandler, embed_license, put_back};
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
    Home::open_with(folder, Machine::from_id("m"), Arc::new(ManualClock::at(TODAY))).unwrap()
}

/// Puts all licenses back into a folder and returns the possible matches.
fn put_all_back(home: &Home, library: &Path) -> Vec<PutBackEvent> {
    let mut possible = Vec::new();
    let dialog = &mut PutBackHandler {
        confirm: &mut |_| false,
        confirm_changes: &mut |_| true,
        on_event: &mut |item| match item {
            PutBackEvent::Skipped { .. } => panic!("{item:?}"),
            PutBackEvent::PossibleMatch { .. } => possible.push(item.clone()),
            _ => {}
        },
        cancel: &Cancel::default(),
    };
    put_back(home, Some(library), dialog).unwrap();
    possible
}

/// Backs up a home, deletes the home, and restores the backup to a new home.
fn back_up_and_restore(dir: &Path, lost: &Home) -> Home {
    let stick = dir.join("stick");
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(lost).unwrap().wait().is_ok());
    std::fs::remove_dir_all(lost.folder()).unwrap();
    let new = home(&dir.join("new"));
    let report = Restore::from(&stick).start(&new).unwrap().wait();
    assert_eq!((report.is_ok(), report.summary.restored), (true, 1), "{report:?}");
    assert_eq!(report.without_file.len(), 1, "the publication is missing: {report:?}");
    new
}

#[test]
fn embedded_sample_licenses_are_put_back() {
    const TEST: &str = "embedded_sample_licenses_are_put_back";
    let Some(samples) = samples(TEST) else { return };
    let (mut automatic, mut manual, mut refused) = (0, 0, 0);
    for row in expected(&samples) {
        let path = row["path"].as_str().unwrap();
        if row["license_embedded"] != true || !path.starts_with("lcp_") {
            continue;
        }
        let original = std::fs::read(samples.join(path)).unwrap();
        let license = embedded_license(&mut std::io::Cursor::new(&original)).unwrap().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let before = home(&dir.path().join("before"));
        let library = dir.path().join("library");
        std::fs::create_dir(&library).unwrap();
        let book = library.join(Path::new(path).file_name().unwrap());
        std::fs::write(&book, &original).unwrap();
        let imported = restow::import::import(&before, std::slice::from_ref(&book), &mut |_| {}).unwrap();
        if restow::license::parse(&license).is_err() {
            assert_eq!((imported.imported, imported.refused), (0, 1), "{path}");
            refused += 1;
            continue;
        }
        restow::scan::scan(&before, std::slice::from_ref(&library), &mut |_| {}).unwrap();
        let bare = strip_license(&original).unwrap();
        std::fs::write(&book, &bare).unwrap();
        let now = back_up_and_restore(dir.path(), &before);

        let possible = put_all_back(&now, &library);
        let probe = restow_media::probe_path(&book).unwrap();
        let is_sure = probe.systems.contains(&System::Lcp) && probe.identifier.is_some();
        match (embedded_license(&mut std::fs::File::open(&book).unwrap()).unwrap(), possible.as_slice()) {
            (Some(_), []) => automatic += 1,
            // Without a sign of LCP or an identifier the user decides about the publication.
            (None, [PutBackEvent::PossibleMatch { licenses, path }]) if !is_sure => {
                embed_license(&now, path, &licenses[0].identity, OnConflict::Keep, &Cancel::default()).unwrap();
                manual += 1;
            }
            other => panic!("{path}: {other:?}"),
        }
        let after = std::fs::read(&book).unwrap();
        assert!(embedded_license(&mut std::io::Cursor::new(&after)).unwrap().as_ref() == Some(&license), "{path}");
        assert!(strip_license(&after).unwrap() == bare, "{path}: only the license may change");
        let documents: Vec<_> = std::fs::read_dir(&library)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "lcpl"))
            .collect();
        // A run writes the license file only beside a publication that is surely the right one.
        assert_eq!(documents.len(), usize::from(possible.is_empty()), "{path}");
        assert!(documents.iter().all(|document| std::fs::read(document).unwrap() == license), "{path}");
        assert!(
            put_all_back(&now, &library).is_empty() && std::fs::read(&book).unwrap() == after,
            "{path}: a second run changes nothing"
        );
    }
    println!("{automatic} automatically, {manual} by hand, {refused} hold no license that can be kept");
    assert!(automatic >= 1 && manual >= 1 && automatic + manual + refused >= 4);
}

#[test]
fn sample_license_documents_are_not_scattered() {
    const TEST: &str = "sample_license_documents_are_not_scattered";
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
        let now = back_up_and_restore(dir.path(), &before);
        let library = dir.path().join("library");
        std::fs::create_dir(&library).unwrap();
        put_all_back(&now, &library);
        assert_eq!(std::fs::read_dir(&library).unwrap().count(), 0, "{path}: the publication is elsewhere");
        // A license file that is there already stays.
        let beside = library.join("book.lcpl");
        std::fs::write(&beside, &license).unwrap();
        put_all_back(&now, &library);
        assert!(std::fs::read(&beside).unwrap() == license, "{path}");
        count += 1;
    }
    assert!(count >= 3);
}

const EPUBCHECK: &str = "/usr/bin/epubcheck";

/// Returns the output of epubcheck for the file `book.epub` in a folder.
fn epubcheck(folder: &Path) -> String {
    // The file is a Java archive, which not every system can start directly.
    let output = Command::new("java").args(["-jar", EPUBCHECK, "book.epub"]).current_dir(folder).output();
    let output = output.unwrap();
    let text = [output.stdout, output.stderr].concat();
    format!("{}\n{}", output.status, String::from_utf8_lossy(&text))
}

#[test]
fn epubcheck_reports_no_change_after_put_back() {
    const TEST: &str = "epubcheck_reports_no_change_after_put_back";
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
        let original = std::fs::read(samples.join(row["path"].as_str().unwrap())).unwrap();
        let license = embedded_license(&mut std::io::Cursor::new(&original)).unwrap().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, book: &[u8]| {
            let folder = dir.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("book.epub"), book).unwrap();
            folder
        };
        let (before, after) = (write("before", &original), write("after", &strip_license(&original).unwrap()));
        let here = home(&dir.path().join("home"));
        restow::import::import_document(&here, &license).unwrap();
        let identity = restow::license::parse(&license).unwrap().identity;
        embed_license(&here, &after.join("book.epub"), &identity, OnConflict::Keep, &Cancel::default()).unwrap();
        let report = epubcheck(&before);
        assert!(report.contains("EPUBCheck") && report.contains("Messages:"), "{report}");
        assert_eq!(epubcheck(&after), report);
        count += 1;
    }
    assert!(count >= 1);
}
