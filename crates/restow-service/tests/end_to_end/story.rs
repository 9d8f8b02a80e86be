//! Buying, backing up, losing the computer, restoring.

use restow::license::Right;
use restow::restorer::{Consent, Restore};
use restow::{Hresult, Status};

use super::world::*;

#[test]
fn a_lost_computer_is_replaced() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1), counted(2, 10), restricted(3)]);
    let location = world.location("stick");
    for _ in 0..9 {
        assert!(play_online(&a, 2));
    }
    let key_on_a = restow::usage::open_content_key(&a, &key(1), &Right::PLAY).unwrap();

    let (report, told) = backup(&a, &location);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert_eq!(names(&told), ["BACKUPRESTORE_BEGIN", "RESTRICTED_LICENSE", "BACKUPRESTORE_END"]);
    assert_eq!((report.summary.backed_up, report.summary.restricted), (2, 1));
    let Status::RestrictedLicense(left_behind) = &told[1] else { panic!("{told:?}") };
    assert_eq!(left_behind.key_id, Some(key(3)));
    assert_eq!(left_behind.titles, ["Song 3"]);
    std::fs::remove_dir_all(a.folder()).unwrap();

    let b = world.home("b");
    shop.add_to(&b);
    let plan = Restore::from(&location).plan(&b).unwrap();
    assert_eq!((plan.to_restore, plan.services.len(), plan.needs_adopt.len()), (2, 1, 0));
    assert!(!plan.services[0].registered);
    let (report, told) = restore_all(&b, &location);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert_eq!(
        names(&told),
        ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]
    );
    assert_eq!((report.summary.restored, report.summary.refused), (2, 0));
    let key_on_b = restow::usage::open_content_key(&b, &key(1), &Right::PLAY).unwrap();
    assert_eq!(*key_on_a, *key_on_b);
    let made = &restow_service::content_keys(&shop.folder, &[key(1)], &world.clock).unwrap()[0];
    assert_eq!(*made.key, *key_on_b, "the key the packager used");
    assert!(play(&b, 2), "one play was left");
    assert!(!play(&b, 2));
    assert!(!play(&b, 3), "what was not backed up did not come");

    let (again, told) = restore_all(&b, &location);
    assert_eq!(again.result, Hresult::S_OK);
    assert_eq!((again.summary.restored, again.summary.already_here), (0, 2));
    assert_eq!(names(&told), ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"], "no service is needed");
}

#[test]
fn without_consent_nothing_is_sent() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let location = world.location("stick");
    backup(&a, &location);
    shop.stop();
    let trap = std::net::TcpListener::bind(shop.address).unwrap();
    trap.set_nonblocking(true).unwrap();

    for added in [false, true] {
        let b = world.home(if added { "b" } else { "c" });
        if added {
            let key_set = a.store().unwrap().view().service(&shop.issuer).unwrap().unwrap().key_set;
            let mut store = b.store().unwrap();
            let change = store.change().unwrap();
            change.put_service(&key_set, restow::store::AddedBy::Hand).unwrap();
            change.commit().unwrap();
        }
        let (report, told) = restore(&b, Restore::from(&location));
        assert_eq!(report.result, Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION);
        assert_eq!(names(&told), ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
        assert_eq!(report.summary.pending, 1);
    }
    // A service nobody added, at a private address, is not contacted even with consent.
    let d = world.home("d");
    let (report, _) = restore_all(&d, &location);
    assert_eq!(report.summary.pending, 1, "{report:?}");
    assert_eq!(trap.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "no socket was opened");
}

#[test]
fn what_is_pending_is_taken_up() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    let acquired = shop.customer(&a, vec![song(1), song(2)]);
    let location = world.location("stick");
    backup(&a, &location);
    let b = world.home("b");
    shop.add_to(&b);
    let only = |n: usize| Restore::from(&location).consent(Consent::AllServices).only([acquired.granted[n].clone()]);
    let (report, _) = restore(&b, only(0));
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 1), "{report:?}");
    shop.stop();
    let (report, told) = restore(&b, only(1));
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE, "{report:?}");
    assert_eq!(report.summary.pending, 1);
    assert!(names(&told).contains(&"BACKUPRESTORE_DISCONNECTING"));
    shop.start();
    let (report, _) = restore_all(&b, &location);
    assert_eq!((report.result, report.summary.restored, report.summary.already_here), (Hresult::S_OK, 1, 1));
    assert!(play(&b, 1) && play(&b, 2));
}

#[test]
fn revoked_stays_revoked() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let acquired = shop.customer(&a, vec![song(1), song(2)]);
    let location = world.location("stick");
    backup(&a, &location);
    let first = &acquired.granted[0];
    let revoked_key =
        if a.store().unwrap().view().licenses_for(&key(1)).unwrap()[0].identity.license_id == *first { 1 } else { 2 };
    shop.revoke(first);
    let b = world.home("b");
    shop.add_to(&b);
    let (report, _) = restore_all(&b, &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED, "{report:?}");
    assert_eq!((report.summary.restored, report.summary.refused), (1, 1));
    assert!(!play(&b, revoked_key));
    // The set of B carries the revocation on, also to a computer that cannot reach the service.
    let second = world.location("second");
    backup(&b, &second);
    let c = world.home("c");
    shop.add_to(&c);
    let (report, _) = restore(&c, Restore::from(&second));
    assert_eq!((report.summary.refused, report.summary.pending), (1, 1), "known from the set alone");
    let (again, _) = restore(&c, Restore::from(&second));
    assert_eq!((again.summary.refused, again.summary.pending), (1, 1));
    // The old set changes nothing.
    let (report, _) = restore_all(&b, &location);
    assert_eq!(report.summary.refused, 1);
    assert!(!play(&b, revoked_key));
}

#[test]
fn a_backup_from_before_the_shops_keys_were_replaced() {
    use restow_service::{OldKeyAction, rotate_keys};
    for replaced in [OldKeyAction::Retire, OldKeyAction::Revoke] {
        let world = World::new();
        let mut shop = world.shop("Shop");
        let a = world.home("a");
        shop.customer(&a, vec![song(1), song(2), song(3)]);
        let drive = world.location("drive");
        backup(&a, &drive);
        // One is revoked, and the set knows.
        let revoked = a.store().unwrap().view().licenses_for(&key(3)).unwrap()[0].identity.license_id.clone();
        shop.revoke(&revoked);
        forget(&a, 3);
        assert_eq!(restore_all(&a, &drive).0.summary.refused, 1);
        backup(&a, &drive);
        shop.stop();
        rotate_keys(&shop.folder, None, replaced, &shop.clock).unwrap();
        shop.start();
        world.clock.advance(DAY);
        let b = world.home("b");
        shop.add_to(&b);
        shop.stop();
        let (report, _) = restore_all(&b, &drive);
        assert_eq!((report.summary.restored, report.summary.damaged), (0, 0), "{replaced:?}: {report:#?}");
        assert!(!play(&b, 1) && !play(&b, 3), "{replaced:?}: nothing is usable unless the service says so");
        shop.start();
        let (report, _) = restore_all(&b, &drive);
        let summary = report.summary;
        assert_eq!((summary.restored, summary.refused, summary.damaged), (2, 1, 0), "{replaced:?}: {report:#?}");
        assert!(play(&b, 1) && play(&b, 2), "{replaced:?}");
        assert!(!play(&b, 3), "{replaced:?}: revoked stays revoked");
        assert_eq!(report.warnings, [], "{replaced:?}");
        // Again: nobody is asked, and nothing is called damaged.
        let (report, _) = restore_all(&b, &drive);
        assert_eq!((report.summary.already_here, report.summary.damaged), (2, 0), "{replaced:?}: {report:#?}");
    }
}
