//! Known locations: a backup counts only while it exists, and an older state is reported.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use restow::location_status::{LocationStatus, known_locations};
use restow::restorer::{Backup, Restore, VerifyReport, backup_holds, forget_from, verify};
use restow::{Home, Report, listing};

use super::stage::*;

fn backup(home: &Home, location: &Path) -> Report {
    let report = Backup::to(location).start(home).unwrap().wait();
    assert!(report.is_ok(), "{report:?}");
    report
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.warnings.iter().map(|note| note.code).collect()
}

fn verified(home: &Home, location: &Path) -> VerifyReport {
    verify(Some(home), location, &mut |_, _| ControlFlow::Continue(())).unwrap()
}

/// Returns for each license the number of its locations, and of unreachable ones.
fn backup_counts(home: &Home) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    listing::licenses(home, &home.store().unwrap(), &mut |listed| {
        all.push((listed.backups.len(), listed.unreachable.len()));
        Ok(())
    })
    .unwrap();
    all
}

fn location_statuses(home: &Home) -> Vec<LocationStatus> {
    known_locations(home, &home.store().unwrap()).unwrap().into_iter().map(|place| place.status).collect()
}

fn generations(location: &Path) -> PathBuf {
    let sets = location.join("Restow").join("sets");
    let set = std::fs::read_dir(sets).unwrap().next().unwrap().unwrap().path();
    set.join("generations")
}

/// Removes both files of a generation.
fn remove_generation(location: &Path, number: u64) {
    let prefix = format!("{number:010}-");
    for entry in std::fs::read_dir(generations(location)).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with(&prefix) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

fn is_held_by(home: &Home, location: &Path) -> bool {
    let entry = home.store().unwrap().view().licenses_with_id("a-0").unwrap().remove(0);
    backup_holds(home, location, &entry.identity, &entry.sha256).unwrap()
}

#[test]
fn backup_counts_while_location_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 1);
    backup(&a, &location);
    assert_eq!((backup_counts(&a), location_statuses(&a)), (vec![(1, 0)], vec![LocationStatus::Present]));
    assert!(is_held_by(&a, &location));
    // The drive is not connected.
    let away = dir.path().join("away");
    std::fs::rename(&location, &away).unwrap();
    assert_eq!((backup_counts(&a), location_statuses(&a)), (vec![(1, 1)], vec![LocationStatus::Unreachable]));
    std::fs::rename(&away, &location).unwrap();
    // A pack is missing or short.
    let pack = fingerprint(&location).into_keys().find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    let bytes = std::fs::read(&pack).unwrap();
    std::fs::write(&pack, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!((backup_counts(&a), location_statuses(&a)), (vec![(0, 0)], vec![LocationStatus::Damaged]));
    // Only a read finds a changed byte.
    let mut flipped = bytes.clone();
    flipped[20] ^= 1;
    std::fs::write(&pack, &flipped).unwrap();
    assert_eq!(location_statuses(&a), [LocationStatus::Present]);
    assert!(!is_held_by(&a, &location));
    // No backup follows a link.
    #[cfg(unix)]
    {
        let moved = dir.path().join("moved");
        std::fs::rename(location.join("Restow"), &moved).unwrap();
        std::os::unix::fs::symlink(&moved, location.join("Restow")).unwrap();
        assert_eq!(location_statuses(&a), [LocationStatus::Missing]);
        std::fs::remove_file(location.join("Restow")).unwrap();
        std::fs::rename(&moved, location.join("Restow")).unwrap();
    }
    // The location is empty.
    std::fs::remove_dir_all(location.join("Restow")).unwrap();
    assert_eq!((backup_counts(&a), location_statuses(&a)), (vec![(0, 0)], vec![LocationStatus::Missing]));
    assert!(!is_held_by(&a, &location));
}

#[test]
fn restore_source_counts_while_present() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    backup(&home_with_books(dir.path(), "a", 1), &location);
    let b = home(&dir.path().join("b"));
    assert!(Restore::from(&location).start(&b).unwrap().wait().is_ok());
    assert_eq!(backup_counts(&b), [(1, 0)]);
    std::fs::remove_dir_all(location.join("Restow")).unwrap();
    assert_eq!(backup_counts(&b), [(0, 0)]);
}

#[test]
fn older_state_is_reported_and_not_continued() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 1);
    for n in 1..=3 {
        let file = dir.path().join(format!("{n}.lcpl"));
        std::fs::write(&file, lcp(&format!("more-{n}"), "More")).unwrap();
        import(&a, &[file]);
        backup(&a, &location);
    }
    assert!(verified(&a, &location).rollback.is_none());
    remove_generation(&location, 3);
    remove_generation(&location, 2);
    let older = verified(&a, &location).rollback.unwrap();
    assert_eq!(older.code, "older-state");
    assert_eq!(older.values[1..], [("wrote", "3".to_owned()), ("found", "1".to_owned())]);
    assert_eq!((location_statuses(&a), backup_counts(&a)), (vec![LocationStatus::Older], vec![(0, 0); 4]));
    let restored = Restore::from(&location).start(&a).unwrap().wait();
    assert!(codes(&restored).contains(&"older-state"), "{restored:?}");
    let report = backup(&a, &location);
    assert_eq!((codes(&report), report.generation), (vec!["older-state"], Some(4)));
    assert!(verified(&a, &location).rollback.is_none());
    assert_eq!((location_statuses(&a), backup_counts(&a)), (vec![LocationStatus::Present], vec![(1, 0); 4]));
    let b = home(&dir.path().join("b"));
    assert!(Restore::from(&location).start(&b).unwrap().wait().is_ok());
    assert_eq!(documents(&b), documents(&a), "it is whole");
}

#[test]
fn forget_in_older_state_keeps_warning() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 2);
    backup(&a, &location);
    let file = dir.path().join("new.lcpl");
    std::fs::write(&file, lcp("new", "New")).unwrap();
    import(&a, &[file]);
    backup(&a, &location);
    remove_generation(&location, 2);
    let identity = a.store().unwrap().view().licenses_with_id("a-0").unwrap().remove(0).identity;
    forget_from(&a, &location, &identity).unwrap();
    assert_eq!(backup_counts(&a), [(0, 0); 3], "what was backed up since is not there");
    assert_eq!(backup(&a, &location).generation, Some(4));
    let b = home(&dir.path().join("b"));
    assert!(Restore::from(&location).start(&b).unwrap().wait().is_ok());
    assert_eq!(documents(&b).len(), 2, "all but the one taken out");
}

#[test]
fn copied_home_is_no_older_state() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 1);
    backup(&a, &location);
    let copy = folder(dir.path(), "copy");
    for (path, content) in fingerprint(&dir.path().join("a")) {
        std::fs::write(copy.join(path.file_name().unwrap()), content.unwrap()).unwrap();
    }
    let copy = home(&copy);
    for _ in 0..4 {
        assert!(Backup::to(&location).keep(2).start(&copy).unwrap().wait().is_ok());
    }
    assert!(verified(&a, &location).rollback.is_none());
    assert_eq!(location_statuses(&a), [LocationStatus::Present]);
    assert_eq!(codes(&backup(&a, &location)), [""; 0]);
}
