//! Damage in sets: reports by title, repair by the next backup, and no loss without a lost license.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use restow::restorer::{Backup, RepairStatus, Restore, VerifyReport, verify};
use restow::{Home, Hresult, NotRestoredReason, Report, listing};

use super::stage::*;

fn backup(home: &Home, location: &Path) -> Report {
    let report = Backup::to(location).start(home).unwrap().wait();
    assert!(report.is_ok(), "{report:?}");
    report
}

fn restore(home: &Home, location: &Path) -> Report {
    Restore::from(location).start(home).unwrap().wait()
}

fn verify_location(home: &Home, location: &Path) -> VerifyReport {
    verify(Some(home), location, &mut |_, _| ControlFlow::Continue(())).unwrap()
}

fn add(home: &Home, dir: &Path, id: &str, updated: Option<&str>) {
    let mut document = lcp(id, &format!("Book {id}"));
    if let Some(updated) = updated {
        document = document.replacen("\"provider\"", &format!("\"updated\":\"{updated}\",\"provider\""), 1);
    }
    let file = dir.join("one.lcpl");
    std::fs::write(&file, document).unwrap();
    import(home, &[file]);
}

fn files(location: &Path, ending: &str) -> Vec<PathBuf> {
    fingerprint(location)
        .into_keys()
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect()
}

/// Backs up and returns the new pack.
fn new_pack(home: &Home, location: &Path) -> PathBuf {
    let before = files(location, "pack");
    backup(home, location);
    let new: Vec<PathBuf> = files(location, "pack").into_iter().filter(|path| !before.contains(path)).collect();
    assert_eq!(new.len(), 1);
    new[0].clone()
}

/// Changes one byte in the first frame of a pack.
fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[40] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn backup_counts(home: &Home) -> Vec<usize> {
    let mut counts = Vec::new();
    let store = home.store().unwrap();
    listing::licenses(home, &store, &mut |listed| {
        counts.push(listed.backups.len());
        Ok(())
    })
    .unwrap();
    counts
}

fn read_back(home: &Home) -> Option<i64> {
    home.store().unwrap().view().backups().unwrap()[0].read_back
}

#[test]
fn backup_after_found_damage_writes_everything() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    add(&a, dir.path(), "2", None);
    new_pack(&a, &location);
    assert_eq!(verify_location(&a, &location).repair, None);
    assert_eq!(backup_counts(&a), [1, 1]);
    flip(&pack);
    let found = verify_location(&a, &location);
    assert_eq!(found.repair, Some(RepairStatus::NextBackup));
    assert!(found.record_error.is_none());
    let titles: Vec<_> = found.report.damage[0].lost_licenses.iter().map(|lost| lost.titles.join(",")).collect();
    assert_eq!(titles, ["Book 1"], "the report has the title");
    assert_eq!(backup_counts(&a), [0, 0], "a damaged location counts for no license");
    assert_eq!(Backup::to(&location).plan(&a).unwrap().new_or_changed, 2);
    backup(&a, &location);
    let b = home(&dir.path().join("b"));
    let report = restore(&b, &location);
    assert_eq!((report.result, report.summary.restored, report.summary.damaged), (Hresult::S_OK, 2, 0), "{report:#?}");
    assert!(report.warnings.is_empty(), "the newest generation has no damage");
    assert_eq!(documents(&b), documents(&a));
    // Known damage does not cause another full backup.
    assert_eq!(verify_location(&a, &location).repair, Some(RepairStatus::Done));
    assert_eq!(backup_counts(&a), [1, 1]);
    let packs = files(&location, "pack").len();
    backup(&a, &location);
    assert_eq!(verify_location(&a, &location).repair, Some(RepairStatus::Done));
    assert_eq!(files(&location, "pack").len(), packs);
}

#[test]
fn restore_records_damage_for_next_backup() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    add(&a, dir.path(), "2", None);
    backup(&a, &location);
    flip(&pack);
    assert_eq!(restore(&a, &location).result, Hresult::S_OK, "the store has both");
    backup(&a, &location);
    let report = restore(&home(&dir.path().join("b")), &location);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{report:#?}");
}

#[test]
fn backup_reading_damaged_packs_writes_everything() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let other = folder(dir.path(), "other stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    // Copies of a home produce two heads. With two heads a backup reads the packs.
    copy(&location, &other);
    add(&a, dir.path(), "2", None);
    backup(&a, &location);
    add(&a, dir.path(), "3", None);
    backup(&a, &other);
    copy(&other, &location);
    flip(&pack);
    backup(&a, &location);
    let report = restore(&home(&dir.path().join("b")), &location);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 3), "{report:#?}");
}

fn copy(from: &Path, to: &Path) {
    for (path, content) in fingerprint(from) {
        let at = to.join(path.strip_prefix(from).unwrap());
        match content {
            None => std::fs::create_dir_all(at).unwrap(),
            Some(content) => {
                std::fs::create_dir_all(at.parent().unwrap()).unwrap();
                std::fs::write(at, content).unwrap();
            }
        }
    }
}

#[test]
fn superseded_document_is_no_loss() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let old = new_pack(&a, &location);
    add(&a, dir.path(), "1", Some("2025-01-01T00:00:00Z"));
    let new = new_pack(&a, &location);
    flip(&old);
    let report = restore(&home(&dir.path().join("b")), &location);
    assert_eq!((report.result, report.summary.restored, report.summary.damaged), (Hresult::S_OK, 1, 0), "{report:#?}");
    // Damage in the pack with the newer document is a loss.
    flip(&old);
    flip(&new);
    let report = restore(&home(&dir.path().join("c")), &location);
    assert_eq!((report.summary.restored, report.summary.damaged), (1, 1), "{report:#?}");
    assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED);
}

#[test]
fn damaged_licenses_are_reported_by_title() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    add(&a, dir.path(), "2", None);
    backup(&a, &location);
    flip(&pack);
    let report = restore(&home(&dir.path().join("b")), &location);
    assert_eq!((report.summary.restored, report.summary.damaged), (1, 1));
    let item = &report.not_restored[0];
    assert_eq!((item.titles.join(","), item.reason), ("Book 1".into(), NotRestoredReason::Damaged));
    assert_eq!((item.reason.code(), item.reason.category()), ("damaged", "damaged"));
}

#[test]
fn unreadable_newest_generation_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    add(&a, dir.path(), "2", None);
    backup(&a, &location);
    let overwrite = |number: &str, content: Option<&[u8]>| {
        for path in [files(&location, "manifest"), files(&location, "copy")].concat() {
            if path.file_name().unwrap().to_str().unwrap().starts_with(number) {
                match content {
                    Some(bytes) => std::fs::write(path, bytes).unwrap(),
                    None => std::fs::remove_file(path).unwrap(),
                }
            }
        }
    };
    overwrite("0000000002", Some(b"gone"));
    let b = home(&dir.path().join("b"));
    for (restored, here) in [(1, 0), (0, 1)] {
        let report = restore(&b, &location);
        assert_eq!((report.summary.restored, report.summary.already_here), (restored, here));
        assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED, "{report:#?}");
        assert_eq!(report.code(), Some("newer-generation-damaged"));
        let codes: Vec<_> = report.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, ["damage", "generation-unread"], "{:?}", report.warnings);
    }
    let report = Restore::from(&location).generation(1).start(&b).unwrap().wait();
    assert_eq!(report.result, Hresult::S_OK, "a request for the older generation succeeds");
    // A readable newer generation makes the unreadable older one irrelevant.
    backup(&a, &location);
    let report = restore(&home(&dir.path().join("c")), &location);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{report:#?}");
}

#[test]
fn restored_location_counts_as_backup() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 3);
    backup(&a, &location);
    let b = home(&dir.path().join("b"));
    restore(&b, &location.join("Restow"));
    let store = b.store().unwrap();
    let mut backups = Vec::new();
    listing::licenses(&b, &store, &mut |listed| {
        backups.extend(listed.backups);
        Ok(())
    })
    .unwrap();
    let name = location.canonicalize().unwrap().to_string_lossy().into_owned();
    assert_eq!(backups.len(), 3);
    assert!(backups.iter().all(|(at, _)| *at == name), "the chosen folder names the location: {backups:?}");
    drop(store);
    // A license that the store had already counts too.
    let c = home(&dir.path().join("c"));
    import(&c, &[dir.path().join("a-library")]);
    assert_eq!(backup_counts(&c), [0, 0, 0]);
    assert_eq!(restore(&c, &location).summary.already_here, 3);
    assert_eq!(backup_counts(&c), [1, 1, 1]);
    // A later license is not in the backup.
    add(&b, dir.path(), "later", None);
    assert_eq!(backup_counts(&b), [1, 1, 1, 0]);
    // The restore brings back a license that was removed from the store.
    let mut store = a.store().unwrap();
    let row = store.view().licenses_with_id("a-0").unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    restore(&a, &location);
    assert_eq!(backup_counts(&a), [1, 1, 1]);
    // A license removed from the set has no backup there.
    let identity = a.store().unwrap().view().licenses_with_id("a-0").unwrap()[0].identity.clone();
    restow::restorer::forget_from(&a, &location, &identity).unwrap();
    assert_eq!(backup_counts(&a).iter().sum::<usize>(), 2);
}

#[test]
fn damage_to_foreign_set_reaches_listing() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    let b = home(&dir.path().join("b"));
    restore(&b, &location);
    assert_eq!(backup_counts(&b), [1]);
    flip(&pack);
    let found = verify_location(&b, &location);
    assert_eq!((found.report.is_intact(), found.repair), (false, None), "another computer wrote the set");
    assert_eq!(backup_counts(&b), [0], "verify recorded the damage");
    flip(&pack);
    restore(&b, &location);
    assert_eq!(backup_counts(&b), [1]);
    flip(&pack);
    restore(&b, &location);
    assert_eq!(backup_counts(&b), [0], "restore recorded the damage");
    // Damage that the other computer repaired since then has no effect.
    verify_location(&a, &location);
    backup(&a, &location);
    let c = home(&dir.path().join("c"));
    assert_eq!(restore(&c, &location).result, Hresult::S_OK);
    assert_eq!(backup_counts(&c), [1]);
    verify_location(&c, &location);
    assert_eq!(backup_counts(&c), [1]);
}

#[test]
fn damage_found_at_other_mount_is_repaired() {
    for found_by_restore in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let location = folder(dir.path(), "stick");
        let other = folder(dir.path(), "other");
        let a = home(&dir.path().join("a"));
        add(&a, dir.path(), "1", None);
        let pack = new_pack(&a, &location);
        add(&a, dir.path(), "2", None);
        new_pack(&a, &location);
        backup(&a, &other);
        flip(&pack);
        let elsewhere = dir.path().join("mounted elsewhere");
        std::fs::rename(&location, &elsewhere).unwrap();
        if found_by_restore {
            restore(&a, &elsewhere);
        } else {
            assert_eq!(verify_location(&a, &elsewhere).repair, Some(RepairStatus::NextBackup));
        }
        assert_eq!(backup_counts(&a), [1, 1], "the other location still counts");
        std::fs::rename(&elsewhere, &location).unwrap();
        backup(&a, &location);
        let report = restore(&home(&dir.path().join("b")), &location);
        assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{report:#?}");
    }
}

#[test]
fn newer_format_generation_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    let path = files(&location, "manifest").remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8] = 9;
    let digest = restow_backup::Digest::sha256(&bytes).to_string();
    for ending in ["manifest", "copy"] {
        std::fs::write(path.with_file_name(format!("0000000002-{}.{ending}", &digest[..16])), &bytes).unwrap();
    }
    let b = home(&dir.path().join("b"));
    let report = restore(&b, &location);
    assert_eq!((report.result, report.code()), (Hresult::NS_E_DRM_STORE_NOTALLSTORED, Some("backup-newer-format")));
    assert!(
        report.error.as_ref().unwrap().help(restow::Language::English).unwrap().contains("Update Restow"),
        "{report:#?}"
    );
    assert_eq!(report.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), ["generation-newer"]);
    assert_eq!(backup_counts(&b), [1], "the restored license is intact in the set");
}

/// Sets the encryption flag in a set of one generation.
fn encrypt(location: &Path) {
    let path = files(location, "manifest").remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[10] = 1;
    let digest = restow_backup::Digest::sha256(&bytes).to_string();
    for ending in ["manifest", "copy"] {
        std::fs::remove_file(files(location, ending).remove(0)).unwrap();
        std::fs::write(path.with_file_name(format!("0000000001-{}.{ending}", &digest[..16])), &bytes).unwrap();
    }
}

#[test]
fn encrypted_set_reports_passphrase_file() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    encrypt(&location);
    let before = fingerprint(&location);
    let b = home(&dir.path().join("b"));
    let error_of = |report: &restow::Report| {
        (report.result, report.code(), report.error.as_ref().map(ToString::to_string).unwrap_or_default())
    };

    let (result, code, message) = error_of(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("no-passphrase-file")));
    assert!(message.contains(".manifest is encrypted"), "{message}");
    let (result, code, _) = error_of(&Backup::to(&location).start(&a).unwrap().wait());
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("no-passphrase-file")));

    let settings = b.folder().join("settings.json");
    std::fs::write(&settings, r#"{"passphrase_file": "words.txt"}"#).unwrap();
    let (result, code, message) = error_of(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("passphrase-file-unreadable")));
    let file = b.folder().join("words.txt");
    assert!(message.contains(&file.display().to_string()), "{message}");

    // With a passphrase file the set requires a newer version.
    std::fs::write(&file, "correct horse").unwrap();
    let (result, code, _) = error_of(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_BACKUP_RESTORE_FAILURE, Some("backup-newer-format")));

    std::fs::write(&settings, "passphrase_file=words.txt").unwrap();
    let (result, code, _) = error_of(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("home-settings")));
    assert_eq!(fingerprint(&location), before);
}

/// Writes a set that lists two missing packs with this number of licenses each.
fn write_foreign_set(location: &Path, licenses: u64) {
    use restow_backup::{FORMAT_VERSION, Frame, Manifest, PackEntry, PackRole, SetId};
    let key = restow_core::keys::SecretKey::from_bytes(&[7; 32]);
    let set = SetId::from_key(&key.public());
    let frame = |n: u8| Frame { stored: 1, raw: 4 << 20, hash: restow_backup::Digest::sha256(&[n]) };
    let pack = |n: u8| PackEntry::new(PackRole::Licenses, licenses, vec![frame(n)]);
    let manifest = Manifest {
        format: FORMAT_VERSION,
        set,
        generation: 1,
        previous: vec![],
        created: 1,
        computer_name: "x".into(),
        software: "x".into(),
        counts: [("licenses".to_owned(), u64::MAX)].into(),
        packs: vec![pack(1), pack(2)],
        issuers: vec![],
        restore_seed: None,
        forgotten: vec![],
        lost: vec![],
    };
    let file = manifest.sign(&key).unwrap();
    let digest = restow_backup::Digest::sha256(&file).to_string();
    let at = location.join("Restow/sets").join(set.to_string());
    for folder in ["generations", "packs"] {
        std::fs::create_dir_all(at.join(folder)).unwrap();
    }
    for ending in ["manifest", "copy"] {
        std::fs::write(at.join(format!("generations/0000000001-{}.{ending}", &digest[..16])), &file).unwrap();
    }
}

#[test]
fn foreign_set_counts_hide_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    write_foreign_set(&location, 100_000);
    let report = restore(&home(&dir.path().join("b")), &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED, "{report:#?}");
    assert_eq!((report.summary.restored, report.summary.damaged), (1, 200_000));
}

#[test]
fn license_has_date_of_its_backup() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let at = |name: &str, time: i64| {
        let clock = std::sync::Arc::new(restow::ManualClock::at(time));
        Home::open_with(dir.path().join(name), restow::Machine::from_id(name), clock).unwrap()
    };
    let (old, new) = (at("old", 1_000), at("new", 2_000));
    add(&old, dir.path(), "1", None);
    add(&old, dir.path(), "both", None);
    backup(&old, &location);
    add(&new, dir.path(), "2", None);
    add(&new, dir.path(), "both", None);
    backup(&new, &location);
    let backup_times = |home: &Home| {
        let mut times = Vec::new();
        let store = home.store().unwrap();
        listing::licenses(home, &store, &mut |listed| {
            times.push((
                listed.license.identity.license_id,
                listed.backups.iter().map(|(_, at)| *at).collect::<Vec<_>>(),
            ));
            Ok(())
        })
        .unwrap();
        times.sort();
        times
    };
    let expected = [("1".to_owned(), vec![1_000]), ("2".into(), vec![2_000]), ("both".into(), vec![2_000])];
    let empty = at("empty", 3_000);
    restore(&empty, &location);
    assert_eq!(backup_times(&empty), expected);
    // Licenses that the store had already get the same dates.
    let full = at("full", 3_000);
    for id in ["1", "2", "both"] {
        add(&full, dir.path(), id, None);
    }
    restore(&full, &location);
    assert_eq!(backup_times(&full), expected);
}

#[test]
fn intact_verification_records_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    let later = home_at(&dir.path().join("a"), 1_000);
    verify_location(&later, &location);
    assert_eq!(read_back(&a), Some(NOW + 1_000));
    flip(&pack);
    verify_location(&home_at(&dir.path().join("a"), 2_000), &location);
    assert_eq!(read_back(&a), Some(NOW + 1_000), "a damaged set is not read back");
}
