//! Locations that users choose, usable or not, and damaged sets.

use std::path::{Path, PathBuf};

use restow::restorer::{Backup, ExistingSet, Restore};
use restow::{Home, Hresult, Language, Message, Report};

use super::stage::*;

fn backup(home: &Home, location: &Path) -> Report {
    Backup::to(location).start(home).unwrap().wait()
}

fn restore(home: &Home, location: &Path) -> Report {
    Restore::from(location).start(home).unwrap().wait()
}

#[test]
fn unusable_locations_have_their_own_codes() {
    let dir = tempfile::tempdir().unwrap();
    let home = home_with_books(dir.path(), "a", 3);
    let documents_before = documents(&home);
    let file = dir.path().join("file");
    std::fs::write(&file, "content").unwrap();
    let missing = dir.path().join("missing");
    for (path, code) in [(&missing, "backup-location-missing"), (&file, "backup-not-a-folder")] {
        for report in [backup(&home, path), restore(&home, path)] {
            assert_eq!(report.code(), Some(code), "{report:?}");
            assert_eq!(report.result, Hresult::NS_E_WMPBR_DRIVE_INVALID);
            assert!(report.error.as_ref().unwrap().to_string().contains(path.to_str().unwrap()));
            assert!(report.error.as_ref().unwrap().help(restow::Language::English).is_some());
        }
    }
    let empty = folder(dir.path(), "empty");
    assert_eq!(restore(&home, &empty).code(), Some("backup-none-here"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "content");
    assert!(!missing.exists());
    assert_eq!(documents(&home), documents_before);
}

#[cfg(unix)]
#[test]
fn unreadable_location_is_not_empty() {
    let dir = tempfile::tempdir().unwrap();
    let home = home_with_books(dir.path(), "a", 1);
    // Permission bits do not stop an administrator; a link to itself stops every user.
    let stick = folder(dir.path(), "stick");
    std::os::unix::fs::symlink("Restow", stick.join("Restow")).unwrap();
    assert_eq!(restore(&home, &stick).code(), Some("backup-symbolic-link"));
    let closed = folder(dir.path(), "closed");
    backup(&home, &closed);
    let open = std::fs::metadata(&closed).unwrap().permissions();
    let mut closed_mode = open.clone();
    std::os::unix::fs::PermissionsExt::set_mode(&mut closed_mode, 0);
    std::fs::set_permissions(&closed, closed_mode).unwrap();
    if std::fs::read_dir(&closed).is_err() {
        let report = restore(&home, &closed);
        assert_eq!((report.code(), report.result), (Some("backup-access-denied"), Hresult::E_ACCESSDENIED));
    }
    std::fs::set_permissions(&closed, open).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn read_only_location_fails() {
    // Permission bits do not stop an administrator; the file system of the kernel stops every user.
    let dir = tempfile::tempdir().unwrap();
    let home = home_with_books(dir.path(), "a", 1);
    let report = backup(&home, Path::new("/proc"));
    assert!(!report.is_ok());
    assert!(report.code().unwrap().starts_with("backup-"), "{report:?}");
    assert_eq!(documents(&home).len(), 1);
}

#[test]
fn other_files_of_drive_stay_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let drive = folder(dir.path(), "drive");
    for name in ["photo.jpg", "README.txt", "packs", "sets"] {
        std::fs::write(drive.join(name), name).unwrap();
    }
    std::fs::write(folder(&drive, "music").join("song.wma"), "music").unwrap();
    let before = fingerprint(&drive);
    let home = home_with_books(dir.path(), "a", 3);
    assert!(backup(&home, &drive).is_ok());
    let after = fingerprint(&drive);
    assert!(before.iter().all(|(path, content)| after.get(path) == Some(content)));
    assert!(after.keys().filter(|path| !before.contains_key(*path)).all(|path| path.starts_with(drive.join("Restow"))));
    // Reading accepts either path.
    for (n, path) in [drive.clone(), drive.join("Restow")].iter().enumerate() {
        let other = home_in(dir.path(), n);
        assert_eq!(restore(&other, path).summary.restored, 3);
    }
}

fn home_in(dir: &Path, n: usize) -> Home {
    super::stage::home(&dir.join(format!("other-{n}")))
}

#[test]
fn paths_are_never_urls() {
    let dir = tempfile::tempdir().unwrap();
    let home = home_with_books(dir.path(), "a", 2);
    for (n, name) in ["a:b", "with spaces", "ü", "D:\\Licenses", "s3:bucket", "http:", "-rf"].iter().enumerate() {
        let location = folder(dir.path(), name);
        assert!(backup(&home, &location).is_ok(), "{name}");
        assert_eq!(restore(&home_in(dir.path(), n), &location).summary.restored, 2, "{name}");
    }
}

#[test]
fn existing_set_is_refused_without_flag() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 2);
    let refuse = || Backup::to(&location).existing(ExistingSet::Refuse).start(&home).unwrap().wait();
    assert!(refuse().is_ok(), "the location has no set yet");
    let before = fingerprint(&location);
    let report = refuse();
    assert_eq!(report.result, Hresult::NS_E_DRM_BACKUP_EXISTS);
    assert_eq!(fingerprint(&location), before);
    let other = home_with_books(dir.path(), "b", 1);
    let report = Backup::to(&location).existing(ExistingSet::Refuse).start(&other).unwrap().wait();
    assert!(report.is_ok(), "the set of another computer does not count");
}

#[test]
fn empty_home_backup_keeps_existing_set() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let full = home_with_books(dir.path(), "a", 5);
    backup(&full, &location);
    let kept = fingerprint(&location);
    let empty = home(&dir.path().join("empty"));
    assert_eq!(backup(&empty, &location).code(), Some("backup-nothing"));
    assert_eq!(fingerprint(&location), kept, "a backup of nothing writes nothing");
    // The same computer with an empty store carries everything over in any number of backups.
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(full.folder().join(name));
    }
    for _ in 0..15 {
        let report = backup(&full, &location);
        assert!(report.is_ok());
        assert_eq!((report.summary.backed_up, report.summary.carried), (5, 5));
    }
    assert_eq!(restore(&home_in(dir.path(), 0), &location).summary.restored, 5);
}

fn packs(location: &Path) -> Vec<PathBuf> {
    let found = fingerprint(location).into_keys();
    found.filter(|path| path.extension().is_some_and(|ending| ending == "pack")).collect()
}

#[test]
fn damage_loses_only_damaged_licenses() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 2000);
    backup(&home, &location);
    let pack = packs(&location).remove(0);
    let good = std::fs::read(&pack).unwrap();
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cases: [(&str, Option<Vec<u8>>); 4] = [
        ("flipped", Some(flipped)),
        ("truncated", Some(good[..good.len() * 2 / 3].to_vec())),
        ("empty", Some(Vec::new())),
        ("missing", None),
    ];
    for (n, (name, content)) in cases.into_iter().enumerate() {
        match content {
            Some(content) => std::fs::write(&pack, content).unwrap(),
            None => std::fs::remove_file(&pack).unwrap(),
        }
        let other = home_in(dir.path(), n);
        let report = restore(&other, &location);
        let restored = report.summary.restored;
        assert_eq!(restored + report.summary.damaged, 2000, "{name}: {report:?}");
        assert!(!report.warnings.is_empty());
        assert_eq!(documents(&other).len() as u64, restored);
        if matches!(name, "flipped" | "truncated") {
            assert!(restored > 500, "{name}: the intact part is restored ({restored})");
            assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED);
        } else {
            assert_eq!(report.result, Hresult::NS_E_DRM_BACKUP_CORRUPT);
        }
    }
    // The store still has all licenses, so the next backup repairs the set.
    assert!(backup(&home, &location).is_ok());
    assert_eq!(restore(&home_in(dir.path(), 99), &location).summary.restored, 2000);
}

#[test]
fn newer_store_stops_runs_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let home = home_with_books(dir.path(), "a", 1);
    backup(&home, &location);
    let path = home.folder().join("store.db");
    // SQLite keeps user_version in the header, big-endian, at 60.
    let _ = std::fs::remove_file(home.folder().join("store.db-wal"));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60..64].copy_from_slice(&9999_u32.to_be_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let before = fingerprint(&location);
    for report in [backup(&home, &location), restore(&home, &location)] {
        assert_eq!(report.code(), Some("store-newer"), "{report:?}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(fingerprint(&location), before);
}

#[cfg(target_os = "linux")]
#[test]
fn non_unicode_names_stay_in_catalog() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().unwrap();
    let music = folder(dir.path(), "music");
    let song = restow_media::build::AsfBuilder::new().title("Sänger").build();
    std::fs::write(music.join(std::ffi::OsStr::from_bytes(b"S\xe4nger.wma")), song).unwrap();
    let home = super::stage::home(&dir.path().join("a"));
    let summary = restow::scan::scan(&home, &[music], &mut |_| {}).unwrap();
    let mut files = 0;
    let seen: Result<(), restow::Error> = home.store().unwrap().view().each_file(|_| {
        files += 1;
        Ok(())
    });
    seen.unwrap();
    assert_eq!((summary.files, summary.removed, files), (1, 0, 1));
}

#[test]
fn selection_errors_name_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let stick = dir.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    for name in ["Living room", "Office"] {
        let home = home_with_books(dir.path(), &name.replace(' ', "-"), 1);
        for _ in 0..2 {
            assert!(Backup::to(&stick).computer_name(name).start(&home).unwrap().wait().is_ok());
        }
    }
    let plan = |restore: Restore| restore.plan(&home(&dir.path().join("new"))).map_err(|error| Message::from(&error));
    let help = |message: &Message| message.help(Language::English).unwrap();
    let sets = plan(Restore::from(&stick)).unwrap().sets;
    let of = |name: &str| sets.iter().find(|set| set.computer_name == name).unwrap().set.clone();
    let is_listed = |text: &str| {
        ["Living room", "Office"].iter().all(|name| text.contains(&format!("{} ({name})", &of(name)[..8])))
    };

    let none = plan(Restore::from(&stick).set("Kitchen")).unwrap_err();
    assert!(
        none.code == "no-such-set" && none.to_string().contains("“Kitchen”") && is_listed(&help(&none)),
        "{none:?}"
    );
    for restore in [Restore::from(&stick).generation(2), Restore::from(&stick).set("").generation(2)] {
        let several = plan(restore).unwrap_err();
        assert!(several.code == "several-sets" && is_listed(&help(&several)), "{several:?}");
    }
    for set in ["OFFICE", &of("Office")[..6], &of("Office")] {
        let office = plan(Restore::from(&stick).set(set)).unwrap();
        assert_eq!((office.sets.len(), office.sets[0].computer_name.as_str()), (1, "Office"));
        let missing = plan(Restore::from(&stick).set(set).generation(9)).unwrap_err();
        assert_eq!(missing.code, "backup-no-such-generation");
        assert_eq!(help(&missing), "Readable generations: 1–2");
    }
    let report = Restore::from(&stick).only(["none".to_owned()]).start(&home(&dir.path().join("new"))).unwrap().wait();
    assert_eq!(report.error.unwrap().code, "backup-no-such-license");
}
