//! Damage to sets: found, told by title, mended by the next backup, and never counted where nothing is lost.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use restow::restorer::{Backup, RepairStatus, Restore, VerifyReport, verify};
use restow::{Home, Hresult, Report, WhyNot, listing};

use super::stage::*;

fn backup(home: &Home, location: &Path) -> Report {
    let report = Backup::to(location).start(home).unwrap().wait();
    assert!(report.is_ok(), "{report:?}");
    report
}

fn restore(home: &Home, location: &Path) -> Report {
    Restore::from(location).start(home).unwrap().wait()
}

fn verified(home: &Home, location: &Path) -> VerifyReport {
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
    fingerprint(location).into_keys().filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

/// The pack a backup adds.
fn new_pack(home: &Home, location: &Path) -> PathBuf {
    let before = files(location, "pack");
    backup(home, location);
    let new: Vec<PathBuf> = files(location, "pack").into_iter().filter(|path| !before.contains(path)).collect();
    assert_eq!(new.len(), 1);
    new[0].clone()
}

/// Changes one byte in its first frame.
fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[40] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn backed_up(home: &Home) -> Vec<usize> {
    let mut counts = Vec::new();
    let store = home.store().unwrap();
    listing::licenses(home, &store, &mut |listed| {
        counts.push(listed.backups.len());
        Ok(())
    })
    .unwrap();
    counts
}

#[test]
fn after_damage_was_found_the_next_backup_writes_everything_again() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    add(&a, dir.path(), "2", None);
    new_pack(&a, &location);
    assert_eq!(verified(&a, &location).repair, None);
    assert_eq!(backed_up(&a), [1, 1]);
    flip(&pack);
    let found = verified(&a, &location);
    assert_eq!(found.repair, Some(RepairStatus::NextBackup));
    assert!(found.record_error.is_none());
    let titles: Vec<_> = found.report.damage[0].lost.iter().map(|lost| lost.titles.join(",")).collect();
    assert_eq!(titles, ["Book 1"], "told by title");
    assert_eq!(backed_up(&a), [0, 0], "nobody counts upon what is damaged");
    assert_eq!(Backup::to(&location).plan(&a).unwrap().new_or_changed, 2);
    backup(&a, &location);
    let b = home(&dir.path().join("b"));
    let report = restore(&b, &location);
    assert_eq!((report.result, report.summary.restored, report.summary.damaged), (Hresult::S_OK, 2, 0), "{report:#?}");
    assert!(!report.warnings.is_empty(), "the damage is still told");
    assert_eq!(documents(&b), documents(&a));
    // Known, and not written again and again.
    assert_eq!(verified(&a, &location).repair, Some(RepairStatus::Done));
    assert_eq!(backed_up(&a), [1, 1]);
    let packs = files(&location, "pack").len();
    backup(&a, &location);
    assert_eq!(verified(&a, &location).repair, Some(RepairStatus::Done));
    assert_eq!(files(&location, "pack").len(), packs);
}

#[test]
fn a_restore_that_meets_damage_of_its_own_set_lets_it_be_mended() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    add(&a, dir.path(), "2", None);
    backup(&a, &location);
    flip(&pack);
    assert_eq!(restore(&a, &location).result, Hresult::S_OK, "both are here");
    backup(&a, &location);
    let report = restore(&home(&dir.path().join("b")), &location);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{report:#?}");
}

#[test]
fn a_backup_that_reads_damaged_packs_writes_everything_again() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let other = folder(dir.path(), "other stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    // Two heads, as copies of a home make them: then a backup reads the packs.
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
fn what_is_superseded_is_not_lost() {
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
    // The newer one is something else.
    flip(&old);
    flip(&new);
    let report = restore(&home(&dir.path().join("c")), &location);
    assert_eq!((report.summary.restored, report.summary.damaged), (1, 1), "{report:#?}");
    assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED);
}

#[test]
fn damaged_licenses_are_told_by_title() {
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
    let told = &report.not_restored[0];
    assert_eq!((told.titles.join(","), told.reason), ("Book 1".into(), NotRestoredReason::Damaged));
    assert_eq!((told.reason.code(), told.reason.category()), ("damaged", "damaged"));
}

#[test]
fn a_newest_generation_that_cannot_be_read_is_never_passed_over_silently() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    add(&a, dir.path(), "2", None);
    backup(&a, &location);
    let spoil = |number: &str, with: Option<&[u8]>| {
        for path in [files(&location, "manifest"), files(&location, "copy")].concat() {
            if path.file_name().unwrap().to_str().unwrap().starts_with(number) {
                match with {
                    Some(bytes) => std::fs::write(path, bytes).unwrap(),
                    None => std::fs::remove_file(path).unwrap(),
                }
            }
        }
    };
    spoil("0000000002", Some(b"gone"));
    let b = home(&dir.path().join("b"));
    for (restored, here) in [(1, 0), (0, 1)] {
        let report = restore(&b, &location);
        assert_eq!((report.summary.restored, report.summary.already_here), (restored, here));
        assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED, "{report:#?}");
        assert_eq!(report.code, Some("newer-generation-damaged"));
        assert!(
            report.warnings.iter().any(|warning| warning.to_string().contains("what it holds is not known")),
            "{:?}",
            report.warnings
        );
    }
    let asked = Restore::from(&location).generation(1).start(&b).unwrap().wait();
    assert_eq!(asked.result, Hresult::S_OK, "who asks for the older one gets what he asked for");
    // Once a newer one can be read, an older one that cannot does not matter.
    backup(&a, &location);
    let report = restore(&home(&dir.path().join("c")), &location);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{report:#?}");
}

#[test]
fn a_location_just_restored_from_is_a_backup() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 3);
    backup(&a, &location);
    let b = home(&dir.path().join("b"));
    restore(&b, &location.join("Restow"));
    let store = b.store().unwrap();
    let mut held = Vec::new();
    listing::licenses(&b, &store, &mut |listed| {
        held.extend(listed.backups);
        Ok(())
    })
    .unwrap();
    let name = location.canonicalize().unwrap().to_string_lossy().into_owned();
    assert_eq!(held.len(), 3);
    assert!(held.iter().all(|(at, _)| *at == name), "by the folder that was chosen, whichever was named: {held:?}");
    drop(store);
    // Nor does it matter whether it had to come.
    let c = home(&dir.path().join("c"));
    import(&c, &[dir.path().join("a-library")]);
    assert_eq!(backed_up(&c), [0, 0, 0]);
    assert_eq!(restore(&c, &location).summary.already_here, 3);
    assert_eq!(backed_up(&c), [1, 1, 1]);
    // What comes later is not in it.
    add(&b, dir.path(), "later", None);
    assert_eq!(backed_up(&b), [1, 1, 1, 0]);
    // Taken out here, and back from there.
    let mut store = a.store().unwrap();
    let row = store.view().licenses_with_id("a-0").unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    restore(&a, &location);
    assert_eq!(backed_up(&a), [1, 1, 1]);
    // Not when it was taken out there.
    let identity = a.store().unwrap().view().licenses_with_id("a-0").unwrap()[0].identity.clone();
    restow::restorer::forget_from(&a, &location, &identity).unwrap();
    assert_eq!(backed_up(&a).iter().sum::<usize>(), 2);
}

#[test]
fn damage_to_another_computers_set_is_believed_by_the_listing() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    let pack = new_pack(&a, &location);
    let b = home(&dir.path().join("b"));
    restore(&b, &location);
    assert_eq!(backed_up(&b), [1]);
    flip(&pack);
    let found = verified(&b, &location);
    assert_eq!((found.report.is_whole(), found.repair), (false, None), "it is not this computer's");
    assert_eq!(backed_up(&b), [0], "verify just told that it is damaged");
    flip(&pack);
    restore(&b, &location);
    assert_eq!(backed_up(&b), [1]);
    flip(&pack);
    restore(&b, &location);
    assert_eq!(backed_up(&b), [0], "and so did restore");
    // Damage that its own computer mended since takes nothing away.
    verified(&a, &location);
    backup(&a, &location);
    let c = home(&dir.path().join("c"));
    assert_eq!(restore(&c, &location).result, Hresult::S_OK);
    assert_eq!(backed_up(&c), [1]);
    verified(&c, &location);
    assert_eq!(backed_up(&c), [1]);
}

#[test]
fn damage_is_mended_wherever_the_location_was_mounted_when_it_was_found() {
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
            assert_eq!(verified(&a, &elsewhere).repair, Some(RepairStatus::NextBackup));
        }
        assert_eq!(backed_up(&a), [1, 1], "the other location is counted upon");
        std::fs::rename(&elsewhere, &location).unwrap();
        backup(&a, &location);
        let report = restore(&home(&dir.path().join("b")), &location);
        assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{report:#?}");
    }
}

#[test]
fn a_generation_of_a_newer_restow_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    let path = files(&location, "manifest").remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8] = 9;
    let digest = restow::backup::Digest::sha256(&bytes).to_string();
    for ending in ["manifest", "copy"] {
        std::fs::write(path.with_file_name(format!("0000000002-{}.{ending}", &digest[..16])), &bytes).unwrap();
    }
    let b = home(&dir.path().join("b"));
    let report = restore(&b, &location);
    assert_eq!((report.result, report.code), (Hresult::NS_E_DRM_STORE_NOTALLSTORED, Some("backup-newer-format")));
    assert!(report.help.as_deref().unwrap().contains("Update Restow"), "{report:#?}");
    assert_eq!(report.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), ["generation-newer"]);
    assert_eq!(backed_up(&b), [1], "what came is whole there");
}

/// Makes a set of one generation look as an encrypted one does.
fn encrypt(location: &Path) {
    let path = files(location, "manifest").remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[10] = 1;
    let digest = restow::backup::Digest::sha256(&bytes).to_string();
    for ending in ["manifest", "copy"] {
        std::fs::remove_file(files(location, ending).remove(0)).unwrap();
        std::fs::write(path.with_file_name(format!("0000000001-{}.{ending}", &digest[..16])), &bytes).unwrap();
    }
}

#[test]
fn an_encrypted_set_says_where_it_looks_for_its_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    encrypt(&location);
    let before = fingerprint(&location);
    let b = home(&dir.path().join("b"));
    let told = |report: &restow::Report| (report.result, report.code, report.message.clone().unwrap_or_default());

    let (result, code, message) = told(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("no-passphrase-file")));
    assert!(message.contains(".manifest is encrypted"), "{message}");
    let (result, code, _) = told(&Backup::to(&location).start(&a).unwrap().wait());
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("no-passphrase-file")));

    let settings = b.folder().join("settings.json");
    std::fs::write(&settings, r#"{"passphrase_file": "words.txt"}"#).unwrap();
    let (result, code, message) = told(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("passphrase-file-unreadable")));
    let file = b.folder().join("words.txt");
    assert!(message.contains(&file.display().to_string()), "{message}");

    // With a passphrase it is left to the version that reads such sets.
    std::fs::write(&file, "correct horse").unwrap();
    let (result, code, _) = told(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_BACKUP_RESTORE_FAILURE, Some("backup-newer-format")));

    std::fs::write(&settings, "passphrase_file=words.txt").unwrap();
    let (result, code, _) = told(&restore(&b, &location));
    assert_eq!((result, code), (Hresult::NS_E_DRM_NOT_CONFIGURED, Some("home-settings")));
    assert_eq!(fingerprint(&location), before);
}

/// A set that lists so many packs of so many licenses each, none of which is there.
fn of_a_stranger(location: &Path, licenses: u64) {
    use restow::backup::{FORMAT_VERSION, Frame, Manifest, PackEntry, PackRole, SetId};
    let key = restow::keys::SecretKey::from_bytes(&[7; 32]);
    let set = SetId::from_key(&key.public());
    let frame = |n: u8| Frame { stored: 1, raw: 4 << 20, hash: restow::backup::Digest::sha256(&[n]) };
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
    let digest = restow::backup::Digest::sha256(&file).to_string();
    let at = location.join("Restow/sets").join(set.to_string());
    for folder in ["generations", "packs"] {
        std::fs::create_dir_all(at.join(folder)).unwrap();
    }
    for ending in ["manifest", "copy"] {
        std::fs::write(at.join(format!("generations/0000000001-{}.{ending}", &digest[..16])), &file).unwrap();
    }
}

#[test]
fn counts_of_a_stranger_hide_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    add(&a, dir.path(), "1", None);
    backup(&a, &location);
    of_a_stranger(&location, 100_000);
    let report = restore(&home(&dir.path().join("b")), &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED, "{report:#?}");
    assert_eq!((report.summary.restored, report.summary.damaged), (1, 200_000));
}

#[test]
fn a_license_is_dated_with_the_backup_that_has_it() {
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
    let dated = |home: &Home| {
        let mut all = Vec::new();
        let store = home.store().unwrap();
        listing::licenses(home, &store, &mut |listed| {
            all.push((
                listed.license.identity.license_id,
                listed.backups.iter().map(|(_, at)| *at).collect::<Vec<_>>(),
            ));
            Ok(())
        })
        .unwrap();
        all.sort();
        all
    };
    let expected = [("1".to_owned(), vec![1_000]), ("2".into(), vec![2_000]), ("both".into(), vec![2_000])];
    let came = at("came", 3_000);
    restore(&came, &location);
    assert_eq!(dated(&came), expected);
    // Nor does it matter whether it had to come.
    let had = at("had", 3_000);
    for id in ["1", "2", "both"] {
        add(&had, dir.path(), id, None);
    }
    restore(&had, &location);
    assert_eq!(dated(&had), expected);
}
