//! What a home remembers of its backups and of itself: withdrawn restore keys, and the name its owner chose.

use restow::backup::Location;
use restow::location_status::remembered;
use restow::restorer::Backup;
use restow::service::computers;
use restow::store::Registration;
use restow::{Home, listing};

use super::world::*;

fn registration(home: &Home) -> Registration {
    home.store().unwrap().view().registrations(None).unwrap().remove(0)
}

/// In how many backups the first license is, and whether restore keys in them were withdrawn.
fn counted(home: &Home) -> (usize, Vec<bool>) {
    let store = home.store().unwrap();
    let mut counts = Vec::new();
    listing::licenses(home, &store, &mut |listed| {
        counts.push(listed.backups.len());
        Ok(())
    })
    .unwrap();
    (counts[0], remembered(store.view()).unwrap().iter().map(|place| place.withdrawn).collect())
}

#[test]
fn a_withdrawn_restore_key_promises_nothing_until_the_next_backup() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    assert_eq!(counted(&a), (1, vec![false]));
    let own = registration(&a);
    computers::withdraw_restore_keys(&a, &own, &own.computer, &never()).unwrap();
    assert_eq!(counted(&a), (0, vec![true]));
    backup(&a, &drive);
    assert_eq!(counted(&a), (1, vec![false]));
    // An answer that tells of the new epoch and brings a membership too does not forget the epoch again.
    computers::list(&a, None, &never()).unwrap();
    assert_eq!((registration(&a).restore_epoch, counted(&a)), (1, (1, vec![false])));
    // Released with its keys: what is backed up now has the same key, until it is registered again.
    computers::withdraw_restore_keys(&a, &own, &own.computer, &never()).unwrap();
    computers::release(&a, &own, &own.computer, &never()).unwrap();
    let (report, _) = backup(&a, &drive);
    assert!(report.warnings.iter().any(|warning| warning.code == "not-registered-any-more"), "{report:#?}");
    assert_eq!(counted(&a), (0, vec![true]));
    shop.register(&a);
    backup(&a, &drive);
    assert_eq!(counted(&a), (1, vec![false]));
}

#[test]
fn a_release_by_somebody_counts_once_it_is_learned() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    shop.release(&registration(&a));
    shop.register(&a);
    assert_eq!(counted(&a), (0, vec![true]), "released by somebody: perhaps with its keys");
}

#[test]
fn the_set_has_the_name_its_owner_chose() {
    let world = World::new();
    let (one, two) = (world.shop("One"), world.shop("Two"));
    let a = world.home("a");
    let drive = world.location("drive");
    let name = |home: &Home| {
        backup(home, &drive);
        let location = Location::open(&drive).unwrap();
        let set = location.set(location.sets().unwrap()[0]).unwrap();
        set.readable().next().unwrap().1.computer_name.clone()
    };
    let register = |shop: &Shop, name: &str| {
        shop.add_to(&a);
        restow::service::register(&a, &mut a.store().unwrap(), &shop.issuer, name, &never()).unwrap()
    };
    assert_eq!(name(&a), "computer");
    let default = |shop: &Shop| {
        let id = a.computer().unwrap().keys(&shop.issuer, 0).computer_id();
        format!("computer {}", &id[..6])
    };
    register(&one, &default(&one));
    assert_eq!(name(&a), default(&one));
    let own = register(&two, "PC Küche");
    assert_eq!(name(&a), "PC Küche", "whichever service knows it");
    computers::release(&a, &own, &own.computer, &never()).unwrap();
    assert_eq!(name(&a), "PC Küche", "also after it left");
    register(&two, "computer");
    assert_eq!(name(&a), "PC Küche", "and came back without a name");
    assert_eq!(Backup::to(&drive).computer_name("Other").start(&a).unwrap().wait().generation, Some(6));
    assert_eq!(name(&a), "PC Küche");
}
