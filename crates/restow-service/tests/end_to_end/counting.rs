//! Counts survive, and only grow.

use super::world::*;

#[test]
fn ten_plays_nine_used_then_restored_anywhere() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 10)]);
    let location = world.location("stick");
    backup(&a, &location); // before any play: the old set
    for _ in 0..9 {
        assert!(play_online(&a, 1));
    }
    let b = world.home("b");
    shop.add_to(&b);
    restore_all(&b, &location);
    assert!(play_online(&b, 1), "one is left");
    assert!(!play_online(&b, 1));
    let c = world.home("c");
    shop.add_to(&c);
    restore_all(&c, &location);
    assert!(!play(&c, 1), "none is left, wherever the old set is restored");
    std::fs::remove_dir_all(b.folder()).unwrap();
    let b = world.home("b2");
    shop.add_to(&b);
    restore_all(&b, &location);
    assert!(!play(&b, 1));
    assert!(!play_online(&a, 1));
}

#[test]
fn two_live_computers_share_a_count() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 10), counted(2, 10)]);
    let location = world.location("stick");
    backup(&a, &location);
    let b = world.home("b");
    shop.add_to(&b);
    restore_all(&b, &location);
    for _ in 0..5 {
        assert!(play_online(&a, 1));
        assert!(play_online(&b, 1));
    }
    assert!(!play_online(&a, 1));
    assert!(!play_online(&b, 1));
    // Apart: three each without the service, then contact.
    shop.stop();
    for _ in 0..3 {
        assert!(play_online(&a, 2));
        assert!(play_online(&b, 2));
    }
    shop.start();
    for _ in 0..2 {
        assert!(play_online(&a, 2));
        assert!(play_online(&b, 2));
    }
    assert!(!play_online(&a, 2), "four were left: two each");
    assert!(!play_online(&b, 2));
}

#[test]
fn unreported_uses_of_a_lost_computer_come_back_with_its_set() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 10)]);
    shop.stop();
    for _ in 0..7 {
        assert!(play(&a, 1));
    }
    let location = world.location("stick");
    backup(&a, &location);
    std::fs::remove_dir_all(a.folder()).unwrap();
    shop.start();
    let b = world.home("b");
    shop.add_to(&b);
    restore_all(&b, &location);
    // B told the service what A had signed.
    let c = world.home("c");
    shop.add_to(&c);
    restore_all(&c, &location);
    for home in [&b, &c] {
        assert!(play_online(home, 1));
    }
    assert!(play_online(&b, 1));
    assert!(!play_online(&c, 1), "7 + 3");
}

#[test]
fn a_license_can_limit_unreported_uses() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![restow::service::protocol::Terms { unreported: Some(2), ..counted(1, 10) }]);
    shop.stop();
    assert!(play_online(&a, 1) && play_online(&a, 1));
    let error = restow::usage::can(&a, &key(1), &restow::license::Right::PLAY).unwrap_err();
    assert_eq!(error.code(), "report-first");
    shop.start();
    assert!(play_online(&a, 1), "after reporting");
}
