//! What people are told: of each license the true reason, and of what stands in the way the right thing to do.

use restow::license::{Limits, Right};
use restow::listing::{self, Usability};
use restow::restorer::{Consent, Restore};
use restow::service::acquire::pin_link;
use restow::service::computers;
use restow::service::{Cancel, ServiceError};
use restow::{Home, Hresult, Report, WhyNot};

use super::world::*;

fn whys(report: &Report) -> Vec<WhyNot> {
    report.not_restored.iter().map(|license| license.why).collect()
}

fn registration(home: &Home) -> restow::store::Registration {
    home.store().unwrap().view().registrations(None).unwrap().remove(0)
}

fn usability(home: &Home) -> Vec<Usability> {
    let store = home.store().unwrap();
    let mut all = Vec::new();
    listing::licenses(home, &store, &mut |listed| {
        all.push(listed.usability);
        Ok(())
    })
    .unwrap();
    all
}

#[test]
fn a_withdrawn_restore_key_is_the_reason_at_each_license() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1), song(2)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let own = registration(&a);
    computers::withdraw_restore_keys(&a, &own, &own.computer, &never()).unwrap();
    let b = world.home("b");
    shop.add_to(&b);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!((report.result, report.summary.refused), (Hresult::NS_E_DRM_RESTORE_FRAUD, 2), "{report:#?}");
    assert_eq!(whys(&report), [WhyNot::RestoreKeyWithdrawn; 2]);
    let why = WhyNot::RestoreKeyWithdrawn;
    assert_eq!((why.code(), why.category()), ("restore_key_withdrawn", "not_yours"));
    let told = report.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(!told.contains("..") && !told.contains("encrypted") && told.contains("new backup"), "{told}");
}

#[test]
fn too_many_computers_is_the_reason_at_each_license() {
    let world = World::new();
    let shop = world.shop_with("Shop", |settings| settings.joins_per_day = 2);
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let mut last = None;
    for n in 0..3 {
        let home = world.home(&format!("other {n}"));
        shop.add_to(&home);
        last = Some(restore_all(&home, &drive).0);
    }
    let report = last.unwrap();
    assert_eq!(whys(&report), [WhyNot::TooManyComputers], "{report:#?}");
    assert_eq!((report.not_restored[0].why.category(), report.summary.refused), ("limit", 1));
}

#[test]
fn a_private_address_is_added_by_hand_and_not_by_registering() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let b = world.home("b");
    let (report, told) = restore(&b, Restore::from(&drive).adopt(true));
    assert_eq!(names(&told), ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    assert_eq!(report.result, Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION, "{report:#?}");
    let (report, told) = restore_all(&b, &drive);
    assert_eq!(
        names(&told),
        ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"],
        "nothing is sent, and nobody who consented is asked for consent"
    );
    assert_eq!(
        (report.result, report.code),
        (Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE, Some("private-address")),
        "{report:#?}"
    );
    assert!(report.help.as_deref().unwrap().contains("restow service add"));
    assert!(
        report.warnings.iter().any(|warning| warning.to_string().contains(&format!("restow service add {}", shop.url)))
    );
    assert_eq!((whys(&report), report.summary.pending), (vec![WhyNot::PrivateAddress], 1));
    assert!(b.store().unwrap().view().service(&shop.issuer).unwrap().is_none_or(|service| !service.is_pinned()));
    shop.add_to(&b);
    assert_eq!(restore_all(&b, &drive).0.result, Hresult::S_OK);
}

#[test]
fn another_persons_licenses_say_so() {
    let world = World::new();
    let shop = world.shop("Shop");
    let (a, b) = (world.home("a"), world.home("b"));
    shop.customer(&a, vec![song(1)]);
    shop.customer(&b, vec![song(2)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let (report, _) = restore(&b, Restore::from(&drive).consent(Consent::AllServices));
    assert_eq!((whys(&report), report.not_restored[0].why.category()), (vec![WhyNot::NeedsAdopt], "not_yours"));
}

#[test]
fn a_link_with_another_fingerprint_for_a_known_service() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.add_to(&a);
    let mut link = shop.issue(vec![song(1)]);
    link.issuer = "A".repeat(43);
    let error = pin_link(&a, &link, &never()).unwrap_err();
    let restow::Error::Service(ServiceError::OtherIssuer { found, .. }) = &error else { panic!("{error}") };
    assert_eq!(*found, shop.issuer);
    assert!(error.to_string().contains("fingerprint"), "{error}");
}

#[test]
fn what_is_used_up_is_not_usable() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let mut also_copied = counted(2, 1);
    also_copied.rights.insert(Right::COPY, Limits::default());
    shop.customer(&a, vec![counted(1, 1), also_copied]);
    assert_eq!(usability(&a), [Usability::Usable; 2]);
    assert!(play(&a, 1) && play(&a, 2));
    let mut all = usability(&a);
    all.sort_by_key(|usability| usability.as_str());
    assert_eq!(all, [Usability::UsedUp, Usability::Usable], "the other one may still be copied");
    assert_eq!(Usability::UsedUp.as_str(), "expired");
}

#[test]
fn one_service_that_is_down_keeps_the_others_not_back() {
    let world = World::new();
    let mut down = world.shop("Down");
    let up = world.shop("Up");
    let a = world.home("a");
    down.register(&a);
    up.register(&a);
    down.stop();
    let all = computers::list(&a, None, &never()).unwrap();
    assert_eq!((all.answered.len(), all.answered[0].service.as_str()), (1, "Up"));
    assert_eq!((all.unanswered.len(), all.unanswered[0].service.as_str()), (1, "Down"));
    assert_eq!(all.unanswered[0].registration.issuer, down.issuer);
    assert_eq!(all.unanswered[0].error.code(), "service-unreachable");
    let cancelled = Cancel::default();
    cancelled.cancel();
    assert!(computers::list(&a, None, &cancelled).is_err());
}

#[test]
fn a_restore_key_from_an_earlier_backup_may_be_withdrawn_and_registering_again_mends_it() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let own = registration(&a);
    computers::withdraw_restore_keys(&a, &own, &own.computer, &never()).unwrap();
    // With its store this computer forgets the new epoch, and is told nothing until it asks.
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(a.folder().join(name));
    }
    let (report, _) = backup(&a, &drive);
    assert!(report.is_ok());
    assert!(
        report.warnings.iter().any(|warning| warning.to_string().contains("restow computer register")),
        "{report:#?}"
    );
    let b = world.home("b");
    shop.add_to(&b);
    assert_eq!(whys(&restore_all(&b, &drive).0), [WhyNot::RestoreKeyWithdrawn]);
    assert_eq!(shop.register(&a).computer, own.computer, "the same computer again");
    let (report, _) = backup(&a, &drive);
    assert_eq!(report.warnings, []);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn any_signed_answer_teaches_where_a_service_moved() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let (a, b, c) = (world.home("a"), world.home("b"), world.home("c"));
    for home in [&a, &b, &c] {
        shop.customer(home, vec![counted(1, 5)]);
    }
    let sold = shop.issue(vec![song(2)]);
    shop.stop();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let new = format!("http://127.0.0.1:{port}");
    restow_service::publish_new_url(&shop.folder, None, &new, &shop.clock).unwrap();
    // Still at the old address, too.
    shop.start();
    let url = |home: &restow::Home| {
        home.store().unwrap().view().service(&shop.issuer).unwrap().unwrap().key_set.set().service_url.clone()
    };
    assert_eq!(computers::list(&a, None, &never()).unwrap().answered.len(), 1);
    assert!(play_online(&b, 1));
    assert_eq!(
        restow::service::acquire::acquire_link(&c, &sold, &never()).unwrap().granted.len(),
        1,
        "sold before it moved"
    );
    assert_eq!([&a, &b, &c].map(url), [(); 3].map(|()| new.clone()));

    // The new address is this computer's own: only who types it is led there.
    let private = |error: &restow::Error| matches!(error, restow::Error::Service(ServiceError::PrivateAddress { url, .. }) if *url == new);
    let error = restow::service::acquire::look_up_service(&shop.url, &never()).unwrap_err();
    assert!(private(&error), "{error}");
    let error = restow::service::acquire::acquire_link(&a, &sold, &never()).unwrap_err();
    assert!(private(&error), "{error}");
    assert_eq!(error.hresult(), Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE);
    shop.stop();
    (shop.address, shop.url) = (new.trim_start_matches("http://").parse().unwrap(), new.clone());
    shop.settings.listen = Some(shop.address);
    shop.start();
    shop.add_to(&a);
    assert_eq!(computers::list(&a, None, &never()).unwrap().answered.len(), 1, "at the new one");
}

#[test]
fn a_link_of_a_known_service_is_redeemed_where_the_service_is() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let mut link = shop.issue(vec![song(2)]);
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    link.origin = restow::service::Origin::of(&format!("http://{}", trap.local_addr().unwrap())).unwrap();
    assert_eq!(pin_link(&a, &link, &never()).unwrap().set().service_url, shop.url);
    assert_eq!(restow::service::acquire::acquire_link(&a, &link, &never()).unwrap().granted.len(), 1);
    assert_eq!(trap.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "its code went nowhere else");
}
