//! How many computers, and how slots come free.

use restow::{Hresult, Status};

use super::world::*;

#[test]
fn a_fifth_computer_meets_the_limit_until_one_is_released() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let lost = a.store().unwrap().view().registrations(None).unwrap().remove(0);
    let location = world.location("stick");
    backup(&a, &location);
    std::fs::remove_dir_all(a.folder()).unwrap();
    for name in ["b", "c", "d"] {
        let home = world.home(name);
        shop.add_to(&home);
        assert_eq!(restore_all(&home, &location).0.result, Hresult::S_OK, "{name}");
        assert_eq!(restore_all(&home, &location).0.summary.already_here, 1, "again counts nothing");
    }
    let e = world.home("e");
    shop.add_to(&e);
    let (report, told) = restore_all(&e, &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_FRAUD, "{report:?}");
    assert_eq!(
        names(&told),
        [
            "BACKUPRESTORE_CONNECTING",
            "ERROR_WITHURL",
            "BACKUPRESTORE_DISCONNECTING",
            "BACKUPRESTORE_BEGIN",
            "BACKUPRESTORE_END"
        ]
    );
    let Status::ErrorWithUrl { url, .. } = &told[1] else { panic!("{told:?}") };
    let page = ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(page.contains("help@shop.example"));
    assert!(!play(&e, 1));
    shop.release(&lost);
    assert_eq!(restore_all(&e, &location).0.result, Hresult::S_OK);
    assert!(play(&e, 1));
}

#[test]
fn releasing_this_computer_gives_its_keys_up() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let location = world.location("stick");
    backup(&a, &location);
    let own = a.store().unwrap().view().registrations(None).unwrap().remove(0);
    let released = restow::service::computers::release(&a, &own, &own.computer, &never()).unwrap();
    assert!(released.released);
    assert!(!play(&a, 1));
    // It comes back as another computer, by its own holder key.
    let (report, _) = restore_all(&a, &location);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert!(play(&a, 1));
    let again = a.store().unwrap().view().registrations(None).unwrap().remove(0);
    assert_ne!(again.computer, own.computer);
}
