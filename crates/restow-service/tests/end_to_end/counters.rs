//! Counts of uses survive a restore and only grow.

use super::fixture::*;

#[test]
fn used_plays_survive_restore() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 10)]);
    let location = fixture.location("stick");
    backup(&a, &location); // before any play: the old set
    for _ in 0..9 {
        assert!(play_online(&a, 1));
    }
    let b = fixture.home("b");
    service.add_to_home(&b);
    restore_all(&b, &location);
    assert!(play_online(&b, 1), "one is left");
    assert!(!play_online(&b, 1));
    let c = fixture.home("c");
    service.add_to_home(&c);
    restore_all(&c, &location);
    assert!(!play(&c, 1), "none is left, wherever the old set is restored");
    std::fs::remove_dir_all(b.folder()).unwrap();
    let b = fixture.home("b2");
    service.add_to_home(&b);
    restore_all(&b, &location);
    assert!(!play(&b, 1));
    assert!(!play_online(&a, 1));
}

#[test]
fn two_computers_share_count() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 10), play_limited(2, 10)]);
    let location = fixture.location("stick");
    backup(&a, &location);
    let b = fixture.home("b");
    service.add_to_home(&b);
    restore_all(&b, &location);
    for _ in 0..5 {
        assert!(play_online(&a, 1));
        assert!(play_online(&b, 1));
    }
    assert!(!play_online(&a, 1));
    assert!(!play_online(&b, 1));
    // Both computers play three times offline and then contact the service.
    service.stop();
    for _ in 0..3 {
        assert!(play_online(&a, 2));
        assert!(play_online(&b, 2));
    }
    service.start();
    for _ in 0..2 {
        assert!(play_online(&a, 2));
        assert!(play_online(&b, 2));
    }
    assert!(!play_online(&a, 2), "four were left: two each");
    assert!(!play_online(&b, 2));
}

#[test]
fn restore_reports_uses_of_lost_computer() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 10)]);
    service.stop();
    for _ in 0..7 {
        assert!(play(&a, 1));
    }
    let location = fixture.location("stick");
    backup(&a, &location);
    std::fs::remove_dir_all(a.folder()).unwrap();
    service.start();
    let b = fixture.home("b");
    service.add_to_home(&b);
    restore_all(&b, &location);
    // Home B reported A's signed counters.
    let c = fixture.home("c");
    service.add_to_home(&c);
    restore_all(&c, &location);
    for home in [&b, &c] {
        assert!(play_online(home, 1));
    }
    assert!(play_online(&b, 1));
    assert!(!play_online(&c, 1), "7 + 3");
}

#[test]
fn unreported_uses_can_be_limited() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(
        &a,
        vec![restow::service::protocol::Terms { unreported: Some(2), ..play_limited(1, 10) }],
    );
    service.stop();
    assert!(play_online(&a, 1) && play_online(&a, 1));
    let error = restow::usage::check_right(&a, &key_id(1), &restow::license::Right::PLAY).unwrap_err();
    assert_eq!(error.code(), "report-first");
    service.start();
    assert!(play_online(&a, 1), "after reporting");
}
