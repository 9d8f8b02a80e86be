//! Damage to sets: found, told by title, mended by the next backup, and never counted where nothing is lost.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use restow::restorer::{Backup, Mending, Restore, Verified, verify};
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

fn verified(home: &Home, location: &Path) -> Verified {
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
    assert_eq!(verified(&a, &location).mending, None);
    assert_eq!(backed_up(&a), [1, 1]);
    flip(&pack);
    let found = verified(&a, &location);
    assert_eq!(found.mending, Some(Mending::NextBackup));
    assert!(found.not_noted.is_none());
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
    assert_eq!(verified(&a, &location).mending, Some(Mending::Done));
    assert_eq!(backed_up(&a), [1, 1]);
    let packs = files(&location, "pack").len();
    backup(&a, &location);
    assert_eq!(verified(&a, &location).mending, Some(Mending::Done));
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
    assert_eq!((told.titles.join(","), told.why), ("Book 1".into(), WhyNot::Damaged));
    assert_eq!((told.why.code(), told.why.category()), ("damaged", "damaged"));
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
    let a = reader(dir.path(), "a", 3);
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
    let row = store.view().licenses_called("a-0").unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    restore(&a, &location);
    assert_eq!(backed_up(&a), [1, 1, 1]);
    // Not when it was taken out there.
    let identity = a.store().unwrap().view().licenses_called("a-0").unwrap()[0].identity.clone();
    restow::restorer::forget_from(&a, &location, &identity).unwrap();
    assert_eq!(backed_up(&a).iter().sum::<usize>(), 2);
}
