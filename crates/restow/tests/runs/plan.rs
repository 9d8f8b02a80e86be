//! Execution of the plan that an application showed.

use restow::Hresult;
use restow::restorer::{Backup, Restore};

use super::stage::*;

#[test]
fn plan_start_restores_planned_licenses() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    let full = home_with_books(dir.path(), "a", 3);
    assert!(Backup::to(&location).start(&full).unwrap().wait().is_ok());
    let empty = home(&dir.path().join("b"));
    let plan = Restore::from(&location).plan(&empty).unwrap();
    assert_eq!((plan.to_restore, plan.already_here), (3, 0));
    let report = plan.start(&empty).unwrap().wait();
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 3), "{report:?}");
    assert_eq!(documents(&empty), documents(&full));
    let plan = Restore::from(&location).plan(&empty).unwrap();
    assert_eq!((plan.to_restore, plan.already_here), (0, 3));
    let report = plan.start(&empty).unwrap().wait();
    assert_eq!((report.result, report.summary.already_here), (Hresult::S_OK, 3), "{report:?}");
}

#[test]
fn changed_store_renews_plan() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    assert!(Backup::to(&location).start(&home_with_books(dir.path(), "a", 3)).unwrap().wait().is_ok());
    let home = home(&dir.path().join("b"));
    let plan = Restore::from(&location).plan(&home).unwrap();
    import(&home, &[dir.path().join("a-library").join("0.lcpl")]);
    let report = plan.start(&home).unwrap().wait();
    assert_eq!((report.summary.restored, report.summary.already_here), (2, 1), "{report:?}");
}

#[test]
fn changed_location_renews_plan() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    assert!(Backup::to(&location).start(&home_with_books(dir.path(), "a", 3)).unwrap().wait().is_ok());
    let empty = home(&dir.path().join("empty"));
    let plan = Restore::from(&location).plan(&empty).unwrap();
    assert!(Backup::to(&location).start(&home_with_books(dir.path(), "b", 2)).unwrap().wait().is_ok());
    let report = plan.start(&empty).unwrap().wait();
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 5), "{report:?}");
}

#[test]
fn damage_after_plan_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(dir.path(), "stick");
    assert!(Backup::to(&location).start(&home_with_books(dir.path(), "a", 1)).unwrap().wait().is_ok());
    let empty = home(&dir.path().join("empty"));
    let plan = Restore::from(&location).plan(&empty).unwrap();
    let packs = fingerprint(&location).into_keys().filter(|path| path.extension().is_some_and(|name| name == "pack"));
    packs.for_each(|pack| std::fs::write(pack, b"damaged").unwrap());
    let report = plan.start(&empty).unwrap().wait();
    assert_eq!((report.result, report.summary.damaged), (Hresult::NS_E_DRM_BACKUP_CORRUPT, 1), "{report:?}");
}
