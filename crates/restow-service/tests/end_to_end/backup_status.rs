//! Backup records of a home: revoked restore keys and the chosen computer name.

use restow::location_status::known_locations;
use restow::restorer::Backup;
use restow::service::computers;
use restow::store::Registration;
use restow::{Home, listing};
use restow_backup::Location;

use super::fixture::*;

fn registration(home: &Home) -> Registration {
    home.store().unwrap().view().registrations(None).unwrap().remove(0)
}

/// Returns the number of backups of the first license, and for each location whether its restore keys were revoked.
fn backup_counts(home: &Home) -> (usize, Vec<bool>) {
    let store = home.store().unwrap();
    let mut counts = Vec::new();
    listing::licenses(home, &store, &mut |listed| {
        counts.push(listed.backups.len());
        Ok(())
    })
    .unwrap();
    (counts[0], known_locations(home, &store).unwrap().iter().map(|place| place.has_withdrawn_key).collect())
}

#[test]
fn revoked_restore_key_voids_backup() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    assert_eq!(backup_counts(&a), (1, vec![false]));
    let own = registration(&a);
    computers::withdraw_restore_keys(&a, &own, &own.computer, &no_cancel()).unwrap();
    assert_eq!(backup_counts(&a), (0, vec![true]));
    backup(&a, &drive);
    assert_eq!(backup_counts(&a), (1, vec![false]));
    // An answer with the new epoch and a membership keeps the epoch.
    computers::list(&a, None, &no_cancel()).unwrap();
    assert_eq!((registration(&a).restore_epoch, backup_counts(&a)), (1, (1, vec![false])));
    // After the release, new backups contain the same revoked key until the next registration.
    computers::withdraw_restore_keys(&a, &own, &own.computer, &no_cancel()).unwrap();
    computers::release(&a, &own, &own.computer, &no_cancel()).unwrap();
    let (report, _) = backup(&a, &drive);
    assert!(report.warnings.iter().any(|warning| warning.code == "not-registered-any-more"), "{report:#?}");
    assert_eq!(backup_counts(&a), (0, vec![true]));
    service.register(&a);
    backup(&a, &drive);
    assert_eq!(backup_counts(&a), (1, vec![false]));
}

#[test]
fn learned_release_voids_backup() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    service.release(&registration(&a));
    service.register(&a);
    assert_eq!(backup_counts(&a), (0, vec![true]), "released by somebody: perhaps with its keys");
}

#[test]
fn set_keeps_chosen_computer_name() {
    let fixture = Fixture::new();
    let (one, two) = (fixture.service("One"), fixture.service("Two"));
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let book = drive.join("book.lcpl");
    let document = r#"{"id":"1","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
        "encryption":{"profile":"p","content_key":{"algorithm":"x","encrypted_value":"x"},
        "user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
        "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
    std::fs::write(&book, document).unwrap();
    restow::import::import(&a, &[book], &mut |_| {}).unwrap();
    let name = |home: &Home| {
        backup(home, &drive);
        let location = Location::open(&drive).unwrap();
        let set = location.set(location.sets().unwrap()[0]).unwrap();
        set.readable().next().unwrap().1.computer_name.clone()
    };
    let register = |service: &TestService, name: &str| {
        service.add_to_home(&a);
        restow::service::register(&a, &mut a.store().unwrap(), &service.issuer, name, &no_cancel()).unwrap()
    };
    assert_eq!(name(&a), "computer");
    let default = |service: &TestService| {
        let id = a.computer().unwrap().keys(&service.issuer, 0).computer_id();
        format!("computer {}", &id[..6])
    };
    register(&one, &default(&one));
    assert_eq!(name(&a), default(&one));
    let own = register(&two, "PC Küche");
    assert_eq!(name(&a), "PC Küche", "whichever service knows it");
    computers::release(&a, &own, &own.computer, &no_cancel()).unwrap();
    assert_eq!(name(&a), "PC Küche", "also after it left");
    register(&two, "computer");
    assert_eq!(name(&a), "PC Küche", "and came back without a name");
    assert_eq!(Backup::to(&drive).computer_name("Other").start(&a).unwrap().wait().generation, Some(6));
    assert_eq!(name(&a), "PC Küche");
}
