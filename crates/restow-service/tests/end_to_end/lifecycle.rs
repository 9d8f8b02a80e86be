//! Acquisition, backup, loss of the computer, restore.

use restow::license::Right;
use restow::restorer::{Restore, ServiceConsent};
use restow::{Hresult, Status};

use super::fixture::*;

#[test]
fn lost_computer_is_replaced() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1), play_limited(2, 10), without_backup_right(3)]);
    let location = fixture.location("stick");
    for _ in 0..9 {
        assert!(play_online(&a, 2));
    }
    let key_on_a = restow::usage::open_content_key(&a, &key_id(1), &Right::PLAY).unwrap();

    let (report, events) = backup(&a, &location);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert_eq!(event_names(&events), ["BACKUPRESTORE_BEGIN", "RESTRICTED_LICENSE", "BACKUPRESTORE_END"]);
    assert_eq!((report.summary.backed_up, report.summary.restricted), (2, 1));
    let Status::RestrictedLicense(left_behind) = &events[1] else { panic!("{events:?}") };
    assert_eq!(left_behind.key_id, Some(key_id(3)));
    assert_eq!(left_behind.titles, ["Song 3"]);
    std::fs::remove_dir_all(a.folder()).unwrap();

    let b = fixture.home("b");
    service.add_to_home(&b);
    let plan = Restore::from(&location).plan(&b).unwrap();
    assert_eq!((plan.to_restore, plan.services.len(), plan.needs_adopt.len()), (2, 1, 0));
    assert!(!plan.services[0].registered);
    let (report, events) = restore_all(&b, &location);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert_eq!(
        event_names(&events),
        ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]
    );
    assert_eq!((report.summary.restored, report.summary.refused), (2, 0));
    let key_on_b = restow::usage::open_content_key(&b, &key_id(1), &Right::PLAY).unwrap();
    assert_eq!(*key_on_a, *key_on_b);
    let identity = &restow_service::content_keys(&service.folder, &[key_id(1)], &fixture.clock).unwrap()[0];
    assert_eq!(*identity.key, *key_on_b, "the key the packager used");
    assert!(play(&b, 2), "one play was left");
    assert!(!play(&b, 2));
    assert!(!play(&b, 3), "what was not backed up did not come");

    let (again, events) = restore_all(&b, &location);
    assert_eq!(again.result, Hresult::S_OK);
    assert_eq!((again.summary.restored, again.summary.already_here), (0, 2));
    assert_eq!(event_names(&events), ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"], "no service is needed");
}

#[test]
fn no_consent_opens_no_socket() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let location = fixture.location("stick");
    backup(&a, &location);
    service.stop();
    let trap = std::net::TcpListener::bind(service.address).unwrap();
    trap.set_nonblocking(true).unwrap();

    for added in [false, true] {
        let b = fixture.home(if added { "b" } else { "c" });
        if added {
            let key_set = a.store().unwrap().view().service(&service.issuer).unwrap().unwrap().key_set;
            let mut store = b.store().unwrap();
            let change = store.change().unwrap();
            change.put_service(&key_set, restow::store::TrustOrigin::Manual).unwrap();
            change.commit().unwrap();
        }
        let (report, events) = restore(&b, Restore::from(&location));
        assert_eq!(report.result, Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION);
        assert_eq!(event_names(&events), ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
        assert_eq!(report.summary.pending, 1);
    }
    // Consent does not cover an untrusted service at a private address.
    let d = fixture.home("d");
    let (report, _) = restore_all(&d, &location);
    assert_eq!(report.summary.pending, 1, "{report:?}");
    assert_eq!(trap.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "no socket was opened");
}

#[test]
fn pending_licenses_are_restored_later() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    let acquired = service.register_with_licenses(&a, vec![playable(1), playable(2)]);
    let location = fixture.location("stick");
    backup(&a, &location);
    let b = fixture.home("b");
    service.add_to_home(&b);
    let only =
        |n: usize| Restore::from(&location).consent(ServiceConsent::AllServices).only([acquired.granted[n].clone()]);
    let (report, _) = restore(&b, only(0));
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 1), "{report:?}");
    service.stop();
    let (report, events) = restore(&b, only(1));
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE, "{report:?}");
    assert_eq!(report.summary.pending, 1);
    assert!(event_names(&events).contains(&"BACKUPRESTORE_DISCONNECTING"));
    service.start();
    let (report, _) = restore_all(&b, &location);
    assert_eq!((report.result, report.summary.restored, report.summary.already_here), (Hresult::S_OK, 1, 1));
    assert!(play(&b, 1) && play(&b, 2));
}

#[test]
fn revoked_license_stays_revoked() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let acquired = service.register_with_licenses(&a, vec![playable(1), playable(2)]);
    let location = fixture.location("stick");
    backup(&a, &location);
    let first = &acquired.granted[0];
    let revoked_key = if a.store().unwrap().view().licenses_for(&key_id(1)).unwrap()[0].identity.license_id == *first {
        1
    } else {
        2
    };
    service.revoke(first);
    let b = fixture.home("b");
    service.add_to_home(&b);
    let (report, _) = restore_all(&b, &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_STORE_NOTALLSTORED, "{report:?}");
    assert_eq!((report.summary.restored, report.summary.refused), (1, 1));
    assert!(!play(&b, revoked_key));
    // B's set carries the revocation to a computer that cannot reach the service.
    let second = fixture.location("second");
    backup(&b, &second);
    let c = fixture.home("c");
    service.add_to_home(&c);
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
fn backup_survives_service_key_rotation() {
    use restow_service::{OldKeyAction, rotate_keys};
    for replaced in [OldKeyAction::Retire, OldKeyAction::Revoke] {
        let fixture = Fixture::new();
        let mut service = fixture.service("Shop");
        let a = fixture.home("a");
        service.register_with_licenses(&a, vec![playable(1), playable(2), playable(3)]);
        let drive = fixture.location("drive");
        backup(&a, &drive);
        // One license is revoked, and the set contains the revocation.
        let revoked = a.store().unwrap().view().licenses_for(&key_id(3)).unwrap()[0].identity.license_id.clone();
        service.revoke(&revoked);
        remove_license(&a, 3);
        assert_eq!(restore_all(&a, &drive).0.summary.refused, 1);
        backup(&a, &drive);
        service.stop();
        rotate_keys(&service.folder, None, replaced, &service.clock).unwrap();
        service.start();
        fixture.clock.advance(DAY);
        let b = fixture.home("b");
        service.add_to_home(&b);
        service.stop();
        let (report, _) = restore_all(&b, &drive);
        assert_eq!((report.summary.restored, report.summary.damaged), (0, 0), "{replaced:?}: {report:#?}");
        assert!(!play(&b, 1) && !play(&b, 3), "{replaced:?}: nothing is usable unless the service says so");
        service.start();
        let (report, _) = restore_all(&b, &drive);
        let summary = report.summary;
        assert_eq!((summary.restored, summary.refused, summary.damaged), (2, 1, 0), "{replaced:?}: {report:#?}");
        assert!(play(&b, 1) && play(&b, 2), "{replaced:?}");
        assert!(!play(&b, 3), "{replaced:?}: revoked stays revoked");
        assert_eq!(report.warnings, [], "{replaced:?}");
        // A repeated restore contacts no service and reports no damage.
        let (report, _) = restore_all(&b, &drive);
        assert_eq!((report.summary.already_here, report.summary.damaged), (2, 0), "{replaced:?}: {report:#?}");
    }
}
