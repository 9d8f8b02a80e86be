//! The limit of computers and the release of slots.

use restow::{Hresult, Status};

use super::fixture::*;

#[test]
fn fifth_computer_waits_for_release() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let lost = a.store().unwrap().view().registrations(None).unwrap().remove(0);
    let location = fixture.location("stick");
    backup(&a, &location);
    std::fs::remove_dir_all(a.folder()).unwrap();
    for name in ["b", "c", "d"] {
        let home = fixture.home(name);
        service.add_to_home(&home);
        assert_eq!(restore_all(&home, &location).0.result, Hresult::S_OK, "{name}");
        assert_eq!(restore_all(&home, &location).0.summary.already_here, 1, "again counts nothing");
    }
    let e = fixture.home("e");
    service.add_to_home(&e);
    let (report, events) = restore_all(&e, &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_FRAUD, "{report:?}");
    assert_eq!(
        event_names(&events),
        [
            "BACKUPRESTORE_CONNECTING",
            "ERROR_WITHURL",
            "BACKUPRESTORE_DISCONNECTING",
            "BACKUPRESTORE_BEGIN",
            "BACKUPRESTORE_END"
        ]
    );
    let Status::ErrorWithUrl { url, .. } = &events[1] else { panic!("{events:?}") };
    let page = ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(page.contains("help@shop.example"));
    assert!(!play(&e, 1));
    service.release(&lost);
    assert_eq!(restore_all(&e, &location).0.result, Hresult::S_OK);
    assert!(play(&e, 1));
}

#[test]
fn self_release_drops_keys() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let location = fixture.location("stick");
    backup(&a, &location);
    let own = a.store().unwrap().view().registrations(None).unwrap().remove(0);
    let released = restow::service::computers::release(&a, &own, &own.computer, &no_cancel()).unwrap();
    assert!(released.released);
    assert!(!play(&a, 1));
    // The computer registers again under a new ID by its holder key.
    let (report, _) = restore_all(&a, &location);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert!(play(&a, 1));
    let again = a.store().unwrap().view().registrations(None).unwrap().remove(0);
    assert_ne!(again.computer, own.computer);
}
