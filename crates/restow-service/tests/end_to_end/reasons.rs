//! Reported reasons and advice for each license.

use restow::license::{Limits, Right};
use restow::listing::{self, LicenseState};
use restow::restorer::{Restore, ServiceConsent};
use restow::service::acquire::trust_link_service;
use restow::service::computers;
use restow::service::{Cancel, ServiceError};
use restow::{Home, Hresult, Language, NotRestoredReason, Report};

use super::fixture::*;

fn reasons(report: &Report) -> Vec<NotRestoredReason> {
    report.not_restored.iter().map(|license| license.reason).collect()
}

fn registration(home: &Home) -> restow::store::Registration {
    home.store().unwrap().view().registrations(None).unwrap().remove(0)
}

fn license_states(home: &Home) -> Vec<LicenseState> {
    let store = home.store().unwrap();
    let mut all = Vec::new();
    listing::licenses(home, &store, &mut |listed| {
        all.push(listed.state);
        Ok(())
    })
    .unwrap();
    all
}

#[test]
fn revoked_restore_key_is_reported_reason() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1), playable(2)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let own = registration(&a);
    computers::withdraw_restore_keys(&a, &own, &own.computer, &no_cancel()).unwrap();
    let b = fixture.home("b");
    service.add_to_home(&b);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!((report.result, report.summary.refused), (Hresult::NS_E_DRM_RESTORE_FRAUD, 2), "{report:#?}");
    assert_eq!(reasons(&report), [NotRestoredReason::RestoreKeyWithdrawn; 2]);
    let why = NotRestoredReason::RestoreKeyWithdrawn;
    assert_eq!((why.code(), why.category()), ("restore_key_withdrawn", "not_yours"));
    let texts = report.warnings.iter().map(|warning| warning.text_with_help(Language::English));
    let events = texts.collect::<Vec<_>>().join("\n");
    assert!(!events.contains("..") && !events.contains("encrypted") && events.contains("new backup"), "{events}");
}

#[test]
fn too_many_computers_is_reported_reason() {
    let fixture = Fixture::new();
    let service = fixture.service_with_settings("Shop", |settings| settings.joins_per_day = 2);
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let mut last = None;
    for n in 0..3 {
        let home = fixture.home(&format!("other {n}"));
        service.add_to_home(&home);
        last = Some(restore_all(&home, &drive).0);
    }
    let report = last.unwrap();
    assert_eq!(reasons(&report), [NotRestoredReason::TooManyComputers], "{report:#?}");
    assert_eq!((report.not_restored[0].reason.category(), report.summary.refused), ("limit", 1));
}

#[test]
fn private_address_requires_manual_trust() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let b = fixture.home("b");
    let (report, events) = restore(&b, Restore::from(&drive).adopt(true));
    assert_eq!(event_names(&events), ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    assert_eq!(report.result, Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION, "{report:#?}");
    let (report, events) = restore_all(&b, &drive);
    assert_eq!(
        event_names(&events),
        ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"],
        "nothing is sent, and nobody who consented is asked for consent"
    );
    assert_eq!(
        (report.result, report.code()),
        (Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE, Some("private-address")),
        "{report:#?}"
    );
    assert!(report.error.as_ref().unwrap().help(Language::English).unwrap().contains("restow service add"));
    let action = format!("restow service add {}", service.url);
    assert!(report.warnings.iter().any(|warning| warning.text_with_help(Language::English).contains(&action)));
    assert_eq!((reasons(&report), report.summary.pending), (vec![NotRestoredReason::PrivateAddress], 1));
    assert!(b.store().unwrap().view().service(&service.issuer).unwrap().is_none_or(|service| !service.is_pinned()));
    service.add_to_home(&b);
    assert_eq!(restore_all(&b, &drive).0.result, Hresult::S_OK);
}

#[test]
fn foreign_holder_license_is_reported() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let (a, b) = (fixture.home("a"), fixture.home("b"));
    service.register_with_licenses(&a, vec![playable(1)]);
    service.register_with_licenses(&b, vec![playable(2)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let (report, _) = restore(&b, Restore::from(&drive).consent(ServiceConsent::AllServices));
    assert_eq!(
        (reasons(&report), report.not_restored[0].reason.category()),
        (vec![NotRestoredReason::NeedsAdopt], "not_yours")
    );
}

#[test]
fn link_with_other_fingerprint_is_refused() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.add_to_home(&a);
    let mut link = service.issue(vec![playable(1)]);
    link.issuer = "A".repeat(43);
    let error = trust_link_service(&a, &link, &no_cancel()).unwrap_err();
    let restow::Error::Service(ServiceError::OtherIssuer { found, .. }) = &error else { panic!("{error}") };
    assert_eq!(*found, service.issuer);
    assert!(error.to_string().contains("fingerprint"), "{error}");
}

#[test]
fn used_up_license_is_not_usable() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let mut also_copied = play_limited(2, 1);
    also_copied.rights.insert(Right::COPY, Limits::default());
    service.register_with_licenses(&a, vec![play_limited(1, 1), also_copied]);
    assert_eq!(license_states(&a), [LicenseState::Usable; 2]);
    assert!(play(&a, 1) && play(&a, 2));
    let mut all = license_states(&a);
    all.sort_by_key(|state| state.as_str());
    assert_eq!(all, [LicenseState::UsedUp, LicenseState::Usable], "the other one may still be copied");
    assert_eq!(LicenseState::UsedUp.as_str(), "expired");
}

#[test]
fn unreachable_service_keeps_other_answers() {
    let fixture = Fixture::new();
    let mut down = fixture.service("Down");
    let up = fixture.service("Up");
    let a = fixture.home("a");
    down.register(&a);
    up.register(&a);
    down.stop();
    let all = computers::list(&a, None, &no_cancel()).unwrap();
    assert_eq!((all.holders.len(), all.holders[0].service.as_str()), (1, "Up"));
    assert_eq!((all.unreachable.len(), all.unreachable[0].service.as_str()), (1, "Down"));
    assert_eq!(all.unreachable[0].registration.issuer, down.issuer);
    assert_eq!(all.unreachable[0].error.code(), "service-unreachable");
    let cancelled = Cancel::default();
    cancelled.cancel();
    assert!(computers::list(&a, None, &cancelled).is_err());
}

#[test]
fn reregistration_renews_revoked_restore_key() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let own = registration(&a);
    computers::withdraw_restore_keys(&a, &own, &own.computer, &no_cancel()).unwrap();
    // Without its store the computer has an old epoch until it contacts the service.
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(a.folder().join(name));
    }
    let (report, _) = backup(&a, &drive);
    assert!(report.is_ok());
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.text_with_help(Language::English).contains("restow computer register")),
        "{report:#?}"
    );
    let b = fixture.home("b");
    service.add_to_home(&b);
    assert_eq!(reasons(&restore_all(&b, &drive).0), [NotRestoredReason::RestoreKeyWithdrawn]);
    assert_eq!(service.register(&a).computer, own.computer, "the same computer again");
    let (report, _) = backup(&a, &drive);
    assert_eq!(report.warnings, []);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn signed_answer_announces_new_url() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let (a, b, c) = (fixture.home("a"), fixture.home("b"), fixture.home("c"));
    for home in [&a, &b, &c] {
        service.register_with_licenses(home, vec![play_limited(1, 5)]);
    }
    let sold = service.issue(vec![playable(2)]);
    service.stop();
    let new = format!("http://{}", unused_address());
    restow_service::publish_new_url(&service.folder, None, &new, &service.clock).unwrap();
    // The service still answers at the old address.
    service.start();
    let url = |home: &restow::Home| {
        home.store().unwrap().view().service(&service.issuer).unwrap().unwrap().key_set.set().service_url.clone()
    };
    assert_eq!(computers::list(&a, None, &no_cancel()).unwrap().holders.len(), 1);
    assert!(play_online(&b, 1));
    assert_eq!(
        restow::service::acquire::acquire_link(&c, &sold, &no_cancel()).unwrap().granted.len(),
        1,
        "sold before it moved"
    );
    assert_eq!([&a, &b, &c].map(url), [(); 3].map(|()| new.clone()));

    // The new address is private, so only manual input leads to it.
    let private = |error: &restow::Error| matches!(error, restow::Error::Service(ServiceError::PrivateAddress { url, .. }) if *url == new);
    let error = restow::service::acquire::look_up_service(&service.url, &no_cancel()).unwrap_err();
    assert!(private(&error), "{error}");
    let error = restow::service::acquire::acquire_link(&a, &sold, &no_cancel()).unwrap_err();
    assert!(private(&error), "{error}");
    assert_eq!(error.hresult(), Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE);
    service.stop();
    (service.address, service.url) = (new.trim_start_matches("http://").parse().unwrap(), new.clone());
    service.settings.listen = Some(service.address);
    service.start();
    service.add_to_home(&a);
    assert_eq!(computers::list(&a, None, &no_cancel()).unwrap().holders.len(), 1, "at the new one");
}

#[test]
fn link_is_redeemed_at_known_url() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let mut link = service.issue(vec![playable(2)]);
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    link.origin = restow::service::Origin::from_url(&format!("http://{}", trap.local_addr().unwrap())).unwrap();
    assert_eq!(trust_link_service(&a, &link, &no_cancel()).unwrap().set().service_url, service.url);
    assert_eq!(restow::service::acquire::acquire_link(&a, &link, &no_cancel()).unwrap().granted.len(), 1);
    assert_eq!(trap.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "its code went nowhere else");
}
