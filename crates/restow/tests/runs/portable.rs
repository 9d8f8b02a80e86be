//! Licenses without a service: imported, backed up, and restored byte for byte after the loss of the home.

use std::sync::{Arc, Mutex};

use restow::restorer::{Backup, Restore};
use restow::{Hresult, Status};

use super::stage::*;

#[test]
fn restored_documents_are_identical() {
    let dir = tempfile::tempdir().unwrap();
    let library = dir.path().join("library");
    std::fs::create_dir(&library).unwrap();
    for n in 0..300 {
        std::fs::write(library.join(format!("{n}.any")), lcp(&format!("L{n}"), &format!("Book {n}"))).unwrap();
    }
    std::fs::write(library.join("notes.txt"), "not a license").unwrap();
    let location = dir.path().join("stick");
    std::fs::create_dir(&location).unwrap();
    let first = home(&dir.path().join("a"));
    assert_eq!(import(&first, &[library]).imported, 300);

    let told = Arc::new(Mutex::new(Vec::new()));
    let hear = told.clone();
    let run = Backup::to(&location).on_status(move |status: &Status| hear.lock().unwrap().push(status.name()));
    let report = run.start(&first).unwrap().wait();
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert_eq!(report.summary.backed_up, 300);
    assert_eq!(report.generation, Some(1));
    assert_eq!(*told.lock().unwrap(), ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    let before = documents(&first);
    std::fs::remove_dir_all(first.folder()).unwrap();

    let second = home(&dir.path().join("b"));
    let plan = Restore::from(&location).plan(&second).unwrap();
    assert_eq!((plan.to_restore, plan.services.len()), (300, 0));
    let report = Restore::from(&location).start(&second).unwrap().wait();
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert_eq!((report.summary.restored, report.summary.already_here), (300, 0));
    assert_eq!(documents(&second), before);
    let again = Restore::from(&location).start(&second).unwrap().wait();
    assert_eq!((again.summary.restored, again.summary.already_here), (0, 300));
}

#[test]
fn second_backup_adds_new_licenses() {
    let dir = tempfile::tempdir().unwrap();
    let location = dir.path().join("stick");
    std::fs::create_dir(&location).unwrap();
    let first = home(&dir.path().join("a"));
    let file = dir.path().join("one.lcpl");
    std::fs::write(&file, lcp("one", "One")).unwrap();
    import(&first, std::slice::from_ref(&file));
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    let packs = || {
        let set = std::fs::read_dir(location.join("Restow/sets")).unwrap().next().unwrap().unwrap().path();
        std::fs::read_dir(set.join("packs")).unwrap().count()
    };
    assert_eq!(packs(), 1);
    assert_eq!(Backup::to(&location).start(&first).unwrap().wait().generation, Some(2));
    assert_eq!(packs(), 1, "nothing new, no new pack");
    std::fs::write(&file, lcp("two", "Two")).unwrap();
    import(&first, std::slice::from_ref(&file));
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    assert_eq!(packs(), 2);

    // An empty store with the same keys carries over the whole set.
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(first.folder().join(name));
    }
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
    let second = home(&dir.path().join("b"));
    assert_eq!(Restore::from(&location).start(&second).unwrap().wait().summary.restored, 2);
}

#[test]
fn cancelled_run_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let location = dir.path().join("stick");
    std::fs::create_dir(&location).unwrap();
    let first = home(&dir.path().join("a"));
    let file = dir.path().join("one.lcpl");
    std::fs::write(&file, lcp("one", "One")).unwrap();
    import(&first, std::slice::from_ref(&file));
    // The run waits in BEGIN until it is cancelled, so that the test does not depend on speed.
    let (said, heard) = std::sync::mpsc::channel::<()>();
    let heard = Mutex::new(heard);
    let run = Backup::to(&location)
        .on_status(move |status: &Status| {
            if *status == Status::Begin {
                heard.lock().unwrap().recv().unwrap();
            }
        })
        .start(&first)
        .unwrap();
    run.cancel();
    said.send(()).unwrap();
    assert_eq!(run.wait().result, Hresult::NS_E_DRM_OPERATION_CANCELED);
    assert_eq!(std::fs::read_dir(&location).unwrap().count(), 0, "nothing is left at the location");
    assert!(Backup::to(&location).start(&first).unwrap().wait().is_ok());
}

#[test]
fn reimport_ends_exclusion() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home(&dir.path().join("a"));
    let file = dir.path().join("one.lcpl");
    std::fs::write(&file, lcp("one", "One")).unwrap();
    import(&a, std::slice::from_ref(&file));
    let backup = || Backup::to(&location).start(&a).unwrap().wait();
    backup();
    let identity = a.store().unwrap().view().licenses_with_id("one").unwrap()[0].identity.clone();
    restow::restorer::forget_from(&a, &location, &identity).unwrap();
    assert_eq!(backup().summary.backed_up, 0);
    assert_eq!(import(&a, &[file]).already_here, 1, "the store has it still");
    assert_eq!(backup().summary.backed_up, 1);
    let b = home(&dir.path().join("b"));
    assert_eq!(Restore::from(&location).start(&b).unwrap().wait().summary.restored, 1);
}

#[test]
fn unreadable_document_keeps_listing_whole() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let a = home_with_books(dir.path(), "a", 2);
    let mut odd = restow::license::parse(lcp("odd", "Odd").as_bytes()).unwrap();
    odd.document = b"not what this version reads".to_vec();
    odd.key_ids = vec![restow::KeyId::Uuid([7; 16])];
    let mut store = a.store().unwrap();
    let change = store.change().unwrap();
    change.put_license(&odd, restow::store::LicenseStatus::Usable).unwrap();
    change.commit().unwrap();
    let mut all = Vec::new();
    restow::listing::licenses(&a, &store, &mut |listed| {
        all.push(listed);
        Ok(())
    })
    .unwrap();
    assert_eq!(all.iter().filter(|listed| listed.unreadable.is_none()).count(), 2);
    let found = all.iter().find(|listed| listed.unreadable.is_some()).unwrap();
    assert_eq!((&found.license.identity, &found.license.key_ids), (&odd.identity, &odd.key_ids));
    assert_eq!(found.sha256, *restow_backup::Digest::sha256(&odd.document).as_bytes());
    let may = restow::usage::check_right(&a, &odd.key_ids[0], &restow::license::Right::PLAY);
    assert_eq!(may.unwrap_err().code(), "license-not-valid");
    drop(store);
    assert_eq!(Backup::to(&location).start(&a).unwrap().wait().summary.backed_up, 3);
    let restored = Restore::from(&location).start(&a).unwrap().wait();
    assert_eq!((restored.summary.already_here, restored.summary.damaged), (2, 0), "{restored:#?}");
}
