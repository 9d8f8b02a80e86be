//! Backups read back what they rely on: damage is repaired from the store, or reported by title.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use restow::restorer::{Backup, MissingSet, Restore, forget_from, verify};
use restow::{FailureReason, Home, Hresult, NamedLicenses, NotRestoredReason, Report};

use super::stage::*;

fn backup(home: &Home, location: &Path) -> Report {
    Backup::to(location).start(home).unwrap().wait()
}

fn restore(dir: &Path, name: &str, location: &Path) -> Report {
    Restore::from(location).start(&home(&dir.join(name))).unwrap().wait()
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.warnings.iter().map(|note| note.code).collect()
}

fn titles(licenses: &NamedLicenses) -> Vec<&str> {
    let mut titles: Vec<&str> = licenses.first.iter().flat_map(|license| &license.titles).map(String::as_str).collect();
    titles.sort_unstable();
    assert_eq!(licenses.count, titles.len() as u64);
    titles
}

fn files(location: &Path, ending: &str) -> Vec<PathBuf> {
    let all = fingerprint(location).into_keys();
    all.filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect()
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[40] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn remove_from_store(home: &Home, id: &str) {
    let mut store = home.store().unwrap();
    let entry = store.view().licenses_with_id(id).unwrap().remove(0);
    store.update(|change| change.remove_license(entry.row)).unwrap();
}

fn empty_store(home: &Home) {
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(home.folder().join(name));
    }
}

fn add(home: &Home, dir: &Path, id: &str) {
    let file = dir.join("one.lcpl");
    fs::write(&file, lcp(id, &format!("Title {id}"))).unwrap();
    import(home, &[file]);
}

type Harm = fn(&Path);

/// Every way in which a pack can go bad. A pack that is too long loses no license.
const PACK_HARMS: [(&str, Harm); 8] = [
    ("flipped", flip),
    ("cut", |pack| fs::write(pack, &fs::read(pack).unwrap()[..50]).unwrap()),
    ("emptied", |pack| fs::write(pack, "").unwrap()),
    ("longer", |pack| fs::write(pack, [fs::read(pack).unwrap(), vec![0]].concat()).unwrap()),
    ("deleted", |pack| fs::remove_file(pack).unwrap()),
    ("folder", |pack| {
        fs::remove_file(pack).unwrap();
        fs::create_dir(pack).unwrap();
    }),
    ("full folder", |pack| {
        fs::remove_file(pack).unwrap();
        fs::create_dir(pack).unwrap();
        fs::write(pack.join("mine"), "mine").unwrap();
    }),
    ("link", |pack| {
        #[cfg(unix)]
        {
            let elsewhere = pack.with_extension("elsewhere");
            fs::rename(pack, &elsewhere).unwrap();
            std::os::unix::fs::symlink(&elsewhere, pack).unwrap();
        }
        #[cfg(not(unix))]
        flip(pack);
    }),
];

#[test]
fn damaged_pack_is_written_again() {
    for (name, harm) in PACK_HARMS {
        let dir = tempfile::tempdir().unwrap();
        let stick = folder(dir.path(), "stick");
        let a = home_with_books(dir.path(), "a", 4);
        assert!(backup(&a, &stick).is_ok());
        harm(&files(&stick, "pack")[0]);
        let report = backup(&a, &stick);
        assert!(report.is_ok(), "{name}: {report:?}");
        let all = ["Book 0", "Book 1", "Book 2", "Book 3"];
        assert_eq!(titles(&report.rewritten), if name == "longer" { &all[..0] } else { &all }, "{name}");
        assert_eq!((report.summary.backed_up, report.generation), (4, Some(2)), "{name}");
        let restored = restore(dir.path(), "b", &stick);
        assert_eq!((restored.is_ok(), restored.summary.restored), (true, 4), "{name}: {restored:?}");
        let again = backup(&a, &stick);
        assert!(again.is_ok() && again.rewritten.count == 0, "{name}: {again:?}");
    }
}

#[test]
fn damaged_newest_generation_is_written_again() {
    for (name, harm) in PACK_HARMS {
        let dir = tempfile::tempdir().unwrap();
        let stick = folder(dir.path(), "stick");
        let a = home_with_books(dir.path(), "a", 2);
        backup(&a, &stick);
        let old = files(&stick, "pack");
        add(&a, dir.path(), "new");
        backup(&a, &stick);
        harm(files(&stick, "pack").iter().find(|pack| !old.contains(pack)).unwrap());
        let report = backup(&a, &stick);
        assert!(report.is_ok(), "{name}: {report:?}");
        let new = ["Title new"];
        assert_eq!(titles(&report.rewritten), if name == "longer" { &new[..0] } else { &new }, "{name}");
        let restored = restore(dir.path(), "b", &stick);
        assert_eq!((restored.is_ok(), restored.summary.restored), (true, 3), "{name}: {restored:?}");
    }
}

#[test]
fn damaged_manifest_or_copy_is_repaired() {
    for ending in ["manifest", "copy"] {
        let dir = tempfile::tempdir().unwrap();
        let stick = folder(dir.path(), "stick");
        let a = home_with_books(dir.path(), "a", 4);
        backup(&a, &stick);
        flip(&files(&stick, ending)[0]);
        let report = backup(&a, &stick);
        assert!(report.is_ok() && codes(&report).contains(&"backup-files-repaired"), "{ending}: {report:?}");
        let verified = verify(None, &stick, &mut |_, _| ControlFlow::Continue(())).unwrap();
        assert!(verified.report.is_clean(), "{ending}");
    }
}

#[test]
fn unreadable_generation_is_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 4);
    backup(&a, &stick);
    for ending in ["manifest", "copy"] {
        flip(&files(&stick, ending)[0]);
    }
    let report = backup(&a, &stick);
    assert!(report.is_ok() && codes(&report).contains(&"generation-rewritten"), "{report:?}");
    assert_eq!((titles(&report.rewritten).len(), report.generation), (4, Some(2)));
    assert_eq!(restore(dir.path(), "b", &stick).summary.restored, 4);
}

/// The set had a license that the store does not have any more.
#[test]
fn lost_license_is_reported_by_title() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 4);
    backup(&a, &stick);
    remove_from_store(&a, "a-2");
    flip(&files(&stick, "pack")[0]);
    let report = backup(&a, &stick);
    assert_eq!((report.result, report.code()), (Hresult::NS_E_DRM_STORE_NOTALLSTORED, Some("backup-licenses-lost")));
    assert_eq!((report.summary.damaged, report.summary.backed_up, report.summary.carried), (1, 3, 0));
    let [lost] = report.not_restored.as_slice() else { panic!("{report:?}") };
    assert_eq!((lost.titles.as_slice(), lost.reason), (&["Book 2".to_owned()][..], NotRestoredReason::Damaged));
    assert_eq!(report.reason, Some(FailureReason::Other));
    assert_eq!(restore(dir.path(), "b", &stick).summary.restored, 3);
    assert!(backup(&a, &stick).is_ok(), "a known loss is reported once");
}

/// The readable part of a damaged pack has licenses that only the set has.
#[test]
fn readable_part_of_damaged_pack_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 2000);
    backup(&a, &stick);
    let pack = files(&stick, "pack").remove(0);
    flip(&pack);
    // The order of the store is that of the pack: the last licenses are not in the first frame.
    for id in ["a-997", "a-998", "a-999"] {
        remove_from_store(&a, id);
    }
    let report = backup(&a, &stick);
    assert!(report.is_ok() && report.rewritten.count > 100, "{report:?}");
    assert_eq!((report.summary.backed_up, report.summary.carried), (2000, 3));
    let restored = restore(dir.path(), "b", &stick);
    assert_eq!((restored.is_ok(), restored.summary.restored), (true, 2000), "{restored:?}");
    let newest = verify(None, &stick, &mut |_, _| ControlFlow::Continue(())).unwrap().report.sets.remove(0);
    assert!(newest.generations[0].is_intact);
}

/// No part of the set names the licenses of a pack that is gone, but the home knows their number.
#[test]
fn loss_without_title_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 4);
    backup(&a, &stick);
    remove_from_store(&a, "a-2");
    remove_from_store(&a, "a-3");
    fs::remove_file(&files(&stick, "pack")[0]).unwrap();
    let report = backup(&a, &stick);
    assert_eq!((report.code(), report.summary.damaged), (Some("backup-licenses-lost"), 2));
    assert_eq!((report.not_restored.len(), report.rewritten.count), (0, 2));
}

#[test]
fn unreadable_set_and_empty_store_fail() {
    for harm in ["pack", "manifest"] {
        let dir = tempfile::tempdir().unwrap();
        let stick = folder(dir.path(), "stick");
        let a = home_with_books(dir.path(), "a", 2);
        backup(&a, &stick);
        empty_store(&a);
        flip(&files(&stick, harm)[0]);
        if harm == "manifest" {
            flip(&files(&stick, "copy")[0]);
        }
        let before = fingerprint(&stick);
        let report = backup(&a, &stick);
        assert_eq!((report.code(), report.generation), (Some("backup-damaged"), None), "{harm}");
        assert_eq!(fingerprint(&stick), before, "{harm}");
    }
}

#[test]
fn read_back_time_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 2);
    backup(&a, &stick);
    let record = || a.store().unwrap().view().backups().unwrap().remove(0);
    assert_eq!((record().read_back, record().licenses, record().carried), (Some(NOW), Some(2), Some(0)));
    backup(&home_at(&dir.path().join("a"), 500), &stick);
    assert_eq!(record().read_back, Some(NOW + 500));
}

#[test]
fn emptied_store_keeps_set_count() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 4);
    backup(&a, &stick);
    remove_from_store(&a, "a-0");
    let report = backup(&a, &stick);
    assert_eq!((report.summary.backed_up, report.summary.carried), (4, 1));
    let plan = Backup::to(&stick).plan(&a).unwrap();
    assert_eq!((plan.licenses, plan.carried), (4, 1));
    empty_store(&a);
    let report = backup(&a, &stick);
    assert_eq!((report.is_ok(), report.summary.backed_up, report.summary.carried), (true, 4, 4));
    assert_eq!(restore_into(&a, &stick).summary.restored, 4);
    let report = backup(&a, &stick);
    assert_eq!((report.summary.backed_up, report.summary.carried), (4, 0));
}

fn restore_into(home: &Home, location: &Path) -> Report {
    Restore::from(location).start(home).unwrap().wait()
}

#[test]
fn backup_of_nothing_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let empty = home(&dir.path().join("empty"));
    assert_eq!(Backup::to(&stick).plan(&empty).unwrap_err().code(), "backup-nothing");
    let report = backup(&empty, &stick);
    assert_eq!((report.code(), report.generation), (Some("backup-nothing"), None));
    assert!(fingerprint(&stick).is_empty());
}

#[test]
fn missing_known_backup_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 2);
    backup(&a, &stick);
    backup(&a, &stick);
    for other_set in [false, true] {
        fs::remove_dir_all(stick.join("Restow")).unwrap();
        if other_set {
            backup(&home_with_books(dir.path(), "other", 1), &stick);
        }
        let before = fingerprint(&stick);
        let report = backup(&a, &stick);
        assert_eq!((report.code(), report.result), (Some("backup-gone"), Hresult::NS_E_WMPBR_DRIVE_INVALID));
        let message = report.error.unwrap().to_string();
        let number = if other_set { "generation 3 of" } else { "generation 2 of 2026-11-20T" };
        assert!(message.contains(number), "{message}");
        assert_eq!(Backup::to(&stick).plan(&a).unwrap_err().code(), "backup-gone");
        assert_eq!(fingerprint(&stick), before);
        let new = Backup::to(&stick).missing(MissingSet::BeginNew);
        assert_eq!(new.plan(&a).unwrap().continues, None);
        let report = new.start(&a).unwrap().wait();
        assert_eq!((report.is_ok(), report.generation), (true, Some(if other_set { 4 } else { 3 })));
    }
    assert!(backup(&a, &stick).is_ok(), "the new set is known now");
}

#[test]
fn removed_license_is_named_until_included() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 3);
    backup(&a, &stick);
    let identity = a.store().unwrap().view().licenses_with_id("a-1").unwrap().remove(0).identity;
    forget_from(&a, &stick, &identity).unwrap();
    for _ in 0..2 {
        let report = backup(&a, &stick);
        assert_eq!((titles(&report.left_out), report.summary.backed_up), (vec!["Book 1"], 2));
        assert_eq!(titles(&Backup::to(&stick).plan(&a).unwrap().left_out), ["Book 1"]);
    }
    let include = || Backup::to(&stick).include([identity.clone()]);
    let plan = include().plan(&a).unwrap();
    assert_eq!((plan.licenses, plan.left_out.count), (3, 0));
    let report = include().start(&a).unwrap().wait();
    assert_eq!((report.left_out.count, report.summary.backed_up), (0, 3));
    assert_eq!(restore(dir.path(), "b", &stick).summary.restored, 3);
    assert_eq!(backup(&a, &stick).left_out.count, 0);
}

#[test]
fn forgetting_without_own_set_fails() {
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    backup(&home_with_books(dir.path(), "b", 1), &stick);
    let a = home_with_books(dir.path(), "a", 1);
    let identity = a.store().unwrap().view().licenses_with_id("a-0").unwrap().remove(0).identity;
    assert_eq!(forget_from(&a, &stick, &identity).unwrap_err().code(), "backup-no-own-set");
}

/// Such a name cannot be remembered, so that the home would not find the location again.
#[cfg(target_os = "linux")]
#[test]
fn location_name_must_be_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().unwrap();
    let stick = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 2);
    backup(&a, &stick);
    let odd = dir.path().join(std::ffi::OsStr::from_bytes(b"st\xffck"));
    fs::rename(&stick, &odd).unwrap();
    // A link with a name that is text does not hide the name of the folder.
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&odd, &link).unwrap();
    let before = fingerprint(&odd);
    let identity = a.store().unwrap().view().licenses_with_id("a-0").unwrap().remove(0).identity;
    for path in [&odd, &link, &odd.join("Restow")] {
        assert_eq!(backup(&a, path).code(), Some("backup-location-name"));
        assert_eq!(Backup::to(path).plan(&a).unwrap_err().code(), "backup-location-name");
        assert_eq!(forget_from(&a, path, &identity).unwrap_err().code(), "backup-location-name");
        assert!(verify(Some(&a), path, &mut |_, _| ControlFlow::Continue(())).unwrap().report.is_clean());
        assert_eq!(fingerprint(&odd), before);
    }
    let b = home(&dir.path().join("b"));
    assert_eq!(restore_into(&b, &odd).summary.restored, 2);
    assert!(b.store().unwrap().view().restores().unwrap().is_empty());
}
