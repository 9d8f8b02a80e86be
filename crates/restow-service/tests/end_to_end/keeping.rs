//! What a set keeps: restore keys, chains and documents survive whatever happens to the home that writes it.

use restow::Hresult;
use restow::backup::{Location, Manifest, Reader};
use restow::jws::Unverified;
use restow::license::{Kind, LicenseIdentity};
use restow::service::protocol::Membership;
use restow::store::Registration;

use super::world::*;

fn registration(home: &restow::Home) -> Registration {
    home.store().unwrap().view().registrations(None).unwrap().remove(0)
}

fn lose_store(home: &restow::Home) {
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(home.folder().join(name));
    }
}

fn manifests(drive: &std::path::Path) -> Vec<Manifest> {
    let location = Location::open(drive).unwrap();
    let sets: Vec<_> = location.sets().unwrap().into_iter().map(|id| location.set(id).unwrap()).collect();
    let reader = Reader::latest(&sets, &|| false).unwrap();
    reader.generations().iter().map(|generation| generation.manifest.clone()).collect()
}

fn native(shop: &Shop, license: &str) -> LicenseIdentity {
    LicenseIdentity { kind: Kind::Restow, issuer: shop.issuer.clone(), license_id: license.to_owned() }
}

#[test]
fn a_backup_after_the_store_was_lost_keeps_the_restore_key() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    lose_store(&a);
    for _ in 0..3 {
        assert!(backup(&a, &drive).0.is_ok());
    }
    assert_eq!(manifests(&drive)[0].issuers.len(), 1);
    std::fs::remove_dir_all(a.folder()).unwrap();
    let b = world.home("b");
    shop.add_to(&b);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn a_backup_after_this_computer_was_released_keeps_the_restore_key() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let own = registration(&a);
    assert!(restow::computers::release(&a, &own, &own.computer, &never()).unwrap().released);
    for _ in 0..3 {
        assert!(backup(&a, &drive).0.is_ok());
    }
    assert_eq!(manifests(&drive)[0].issuers.len(), 1);
    std::fs::remove_dir_all(a.folder()).unwrap();
    let b = world.home("b");
    shop.add_to(&b);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn taking_a_license_out_of_a_set_keeps_the_restore_key() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let got = shop.customer(&a, vec![song(1), song(2)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    lose_store(&a);
    restow::restorer::forget_from(&a, &drive, &native(&shop, &got.granted[0])).unwrap();
    std::fs::remove_dir_all(a.folder()).unwrap();
    let b = world.home("b");
    shop.add_to(&b);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.summary.restored, 1, "{report:#?}");
}

#[test]
fn an_unconfirmed_registration_does_not_displace_a_chain_that_passes() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1), song(2)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let b = world.home("b");
    shop.add_to(&b);
    restore_all(&b, &drive);
    restow::computers::confirm(&a, &registration(&a), &registration(&b).computer, &never()).unwrap();
    assert!(restow::computers::release(&b, &registration(&b), &registration(&a).computer, &never()).unwrap().released);
    forget(&a, 1);
    restore_all(&a, &drive);
    assert!(!registration(&a).confirmed);
    for _ in 0..3 {
        assert!(backup(&a, &drive).0.is_ok());
    }
    let manifests = manifests(&drive);
    let confirmed: Vec<bool> = manifests[0]
        .issuers
        .iter()
        .map(|entry| {
            let membership = entry.membership.as_ref().unwrap();
            Unverified::<Membership>::parse(membership).unwrap().claims().unwrap().confirmed
        })
        .collect();
    // Readers try restore keys from the end.
    assert_eq!(confirmed, [false, true], "both, and no more with each backup");
    assert!(manifests[0].issuers.iter().all(|entry| entry.restore_certificate.is_some()));
}
