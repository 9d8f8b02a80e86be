//! Export of documents as files, from the store and from a backup.

use std::collections::BTreeMap;
use std::path::Path;

use restow::export::{ExportEvent, ExportSummary, from_backup, from_store};
use restow::license::{self, NativeLicense, Right, Rights};
use restow::restorer::{Backup, Contents, Restore, forget_from};
use restow::service::Cancel;
use restow::store::LicenseStatus;
use restow::{Error, Home};
use restow_core::keys::Seed;
use serde_json::Value;

use super::stage::*;

fn export(home: &Home, to: &Path) -> Result<ExportSummary, Error> {
    from_store(home, to, &Cancel::default(), &mut |_| {})
}

/// Returns the lines of the index after the first.
fn index(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(lines.next().unwrap(), serde_json::json!({"restow_export": 1}));
    lines.collect()
}

/// Stores a granted native license.
fn native(home: &Home, id: &str, title: &str, backup: bool) -> String {
    let seed = Seed::from_bytes([1; 32]);
    let mut rights = Rights::from([(Right::PLAY, Default::default())]);
    if backup {
        rights.insert(Right::BACKUP, Default::default());
    }
    let document = NativeLicense {
        id: id.into(),
        issuer: seed.signing_key("root", &[]).public().thumbprint(),
        holder: "H".into(),
        key_ids: vec!["09e091ab-f838-41d2-9e35-58531fd19ec7".into()],
        seed: 1,
        issued: 500,
        not_before: None,
        expires: None,
        title: Some(title.into()),
        priority: 0,
        rights,
        service_url: None,
        unreported: None,
        crit: vec![],
    };
    let document = document.sign(&seed.signing_key("license", &[])).unwrap();
    let mut store = home.store().unwrap();
    let change = store.change().unwrap();
    change.put_license(&license::parse(document.as_bytes()).unwrap(), LicenseStatus::Usable).unwrap();
    change.commit().unwrap();
    document
}

fn write_books(folder: &Path, titles: &[&str]) -> Home {
    let library = folder.join("library");
    std::fs::create_dir(&library).unwrap();
    for (n, title) in titles.iter().enumerate() {
        std::fs::write(library.join(format!("{n}.lcpl")), lcp(&format!("L{n}"), title)).unwrap();
    }
    let home = home(&folder.join("home"));
    import(&home, &[library]);
    home
}

#[test]
fn exported_documents_can_be_imported() {
    let dir = tempfile::tempdir().unwrap();
    let titles = ["Rain", "rain", "Rain", "../../up", "CON", "", "Ünï: a “story”", &"long ".repeat(200)];
    let home = write_books(dir.path(), &titles);
    let song = native(&home, "song", "Song", true);
    native(&home, "bound", "Bound", false);
    let out = dir.path().join("out");
    let summary = export(&home, &out).unwrap();
    assert_eq!((summary.written, summary.already_there, summary.restricted), (titles.len() as u64 + 1, 0, 1));

    let files = fingerprint(&out);
    let mut exported: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for (path, content) in &files {
        assert_eq!(path.parent(), Some(out.as_path()), "nothing outside, no folders: {}", path.display());
        exported.insert(path.file_name().unwrap().to_str().unwrap(), content.as_ref().unwrap());
    }
    assert_eq!(exported.remove("Song.jws").unwrap(), song.as_bytes());
    let lines = index(&out);
    for line in &lines {
        let Some(file) = line["file"].as_str() else {
            assert_eq!((&line["missing"], &line["license_id"]), (&true.into(), &"bound".into()));
            assert_eq!((&line["titles"][0], &line["reason"]), (&"Bound".into(), &"denied_by_issuer".into()));
            continue;
        };
        let content = std::fs::read(out.join(file)).unwrap();
        assert!(
            String::from_utf8(content).unwrap().contains(line["license_id"].as_str().unwrap()) || file == "Song.jws"
        );
    }
    assert_eq!(lines.len(), titles.len() + 2);
    for name in ["Rain.lcpl", "up.lcpl", "CON_.lcpl", "L5.lcpl", "Ünï a “story”.lcpl"] {
        assert!(exported.contains_key(name), "{name}: {:?}", exported.keys());
    }
    let folded: std::collections::BTreeSet<String> = exported.keys().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), exported.len(), "no two are the same where capitals do not count");

    // A second export writes nothing. An import of the files gives the same documents.
    let summary = export(&home, &out).unwrap();
    assert_eq!((summary.written, summary.already_there), (0, titles.len() as u64 + 1));
    assert!(fingerprint(&out) == files);
    let again = super::stage::home(&dir.path().join("again"));
    assert_eq!(import(&again, std::slice::from_ref(&out)).imported, titles.len() as u64);
    let mut kept = documents(&home);
    kept.retain(|document| document.starts_with(b"{"));
    assert_eq!(documents(&again), kept);
}

#[test]
fn existing_files_are_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let home = write_books(dir.path(), &["Rain", "Snow"]);
    let out = folder(dir.path(), "out");
    std::fs::write(out.join("Rain.lcpl"), "somebody else's").unwrap();
    std::fs::write(out.join("index.jsonl"), "{\"file\":\"x\"}\n").unwrap();
    let before = fingerprint(&out);
    let refused = export(&home, &out).unwrap_err();
    assert_eq!(refused.code(), "file-unwritable", "an index of somebody else");
    assert!(fingerprint(&out) == before);
    std::fs::remove_file(out.join("index.jsonl")).unwrap();
    assert_eq!(export(&home, &out).unwrap().written, 2);
    assert_eq!(std::fs::read(out.join("Rain.lcpl")).unwrap(), b"somebody else's");
    let files: Vec<String> = index(&out).iter().map(|line| line["file"].as_str().unwrap().to_owned()).collect();
    assert!(files[0].starts_with("Rain (") && files[1] == "Snow.lcpl", "{files:?}");
    // The index keeps the files of an earlier export.
    let other = super::stage::home(&dir.path().join("other"));
    std::fs::write(dir.path().join("x.lcpl"), lcp("x", "Hail")).unwrap();
    import(&other, &[dir.path().join("x.lcpl")]);
    std::fs::remove_file(out.join("Snow.lcpl")).unwrap();
    export(&other, &out).unwrap();
    let named: Vec<Value> = index(&out).iter().map(|line| line["file"].clone()).collect();
    assert_eq!(named, ["Hail.lcpl", &files[0]]);
    // A file is no folder for an export.
    let refused = export(&home, &dir.path().join("x.lcpl")).unwrap_err();
    assert_eq!(refused.code(), "file-unwritable");
    assert_eq!(export(&home, &dir.path().join("no/such")).unwrap_err().code(), "file-unwritable");
    // A cancelled export writes no index and no incomplete file.
    let (cancel, out) = (Cancel::default(), dir.path().join("cancelled"));
    let mut seen = 0;
    let cancelled = from_store(&home, &out, &cancel, &mut |_| {
        seen += 1;
        cancel.cancel();
    });
    assert_eq!((cancelled.unwrap_err().code(), seen), ("cancelled", 1));
    assert_eq!(fingerprint(&out).len(), 1);
}

#[test]
fn empty_export_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = home_with_books(dir.path(), "a", 1);
    let stick = folder(dir.path(), "stick");
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    let mut store = home.store().unwrap();
    let entry = store.view().licenses_with_id("a-0").unwrap().remove(0);
    forget_from(&home, &stick, &entry.identity).unwrap();
    store.update(|change| change.remove_license(entry.row)).unwrap();
    let contents = Contents::open_without_home(&clock(), &Restore::from(&stick)).unwrap();
    let (out, cancel) = (dir.path().join("out"), Cancel::default());
    let both = |out: &Path| {
        assert_eq!(export(&home, out).unwrap(), ExportSummary::default());
        assert_eq!(from_backup(&contents, out, &cancel, &mut |_| {}).unwrap(), ExportSummary::default());
    };
    both(&out);
    assert!(!out.exists());
    // The folder and its files stay unchanged.
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("index.jsonl"), "{\"restow_export\":1}\n{\"file\":\"gone.lcpl\"}\n").unwrap();
    let before = fingerprint(&out);
    both(&out);
    assert!(fingerprint(&out) == before);
    // A restricted license is a reason to write the index.
    native(&home, "bound", "Bound", false);
    let out = dir.path().join("restricted");
    assert_eq!((export(&home, &out).unwrap().restricted, index(&out).len()), (1, 1));
}

#[test]
fn backup_is_exported_without_home() {
    let dir = tempfile::tempdir().unwrap();
    let home = write_books(dir.path(), &["Rain", "Snow"]);
    native(&home, "bound", "Bound", false);
    let stick = folder(dir.path(), "stick");
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    let newer = lcp("L0", "Rain").replace("\"provider\"", "\"updated\":\"2025-01-01T00:00:00Z\",\"provider\"");
    std::fs::write(dir.path().join("newer.lcpl"), &newer).unwrap();
    import(&home, &[dir.path().join("newer.lcpl")]);
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    std::fs::remove_dir_all(home.folder()).unwrap();

    let unpack = |restore: &Restore, to: &str| {
        let before = fingerprint(&stick);
        let contents = Contents::open_without_home(&clock(), restore).unwrap();
        let mut restricted = Vec::new();
        let out = dir.path().join(to);
        let summary = from_backup(&contents, &out, &Cancel::default(), &mut |exported| {
            if let ExportEvent::Restricted(license) = exported {
                restricted.push(license.titles.clone());
            }
        });
        assert_eq!((summary.unwrap().written, restricted), (2, vec![vec!["Bound".to_owned()]]));
        assert!(fingerprint(&stick) == before);
        std::fs::read_to_string(out.join("Rain.lcpl")).unwrap()
    };
    let set = Contents::open_without_home(&clock(), &Restore::from(&stick).set("no such"));
    assert!(set.is_err());
    assert_eq!(unpack(&Restore::from(&stick), "newest"), newer);
    assert_eq!(unpack(&Restore::from(&stick).generation(1), "first"), lcp("L0", "Rain"));
}
