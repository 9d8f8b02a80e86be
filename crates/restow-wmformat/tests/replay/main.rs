//! Every call sequence that is known of the SDK's clients, replayed by a client in C: natively, and as a Windows program under Wine.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod client;
mod sample;
mod stage;
mod windows;

use client::{Platform, platforms};
use stage::{Stage, restricted, song};

/// Runs a test on every platform that can be had here.
fn everywhere(test: &str, run: impl Fn(&Platform)) {
    for platform in platforms(test) {
        run(&platform);
    }
}

#[test]
fn p1_to_p4_properties() {
    everywhere("p1_to_p4_properties", |platform| {
        let stage = Stage::new();
        for sequence in ["P1", "P2", "P3", "P4", "X3"] {
            platform.replay(sequence, &stage.folder("home"), &[]);
        }
    });
}

#[test]
fn b1_b2_r1_r2_backup_restore_and_cancel() {
    everywhere("b1_b2_r1_r2_backup_restore_and_cancel", |platform| {
        let stage = Stage::new();
        let home = stage.folder("home");
        let location = platform.path(&stage.folder("stick"));
        let shop = stage.shop();
        platform.acquire(&home, &shop, vec![song(1), song(2)]);
        platform.replay("B1-B2", &home, &[("location", &location)]);
        platform.replay("R1-R2", &home, &[("location", &location)]);
    });
}

#[test]
fn e1_to_e3_is_content_protected() {
    everywhere("e1_to_e3_is_content_protected", |platform| {
        let stage = Stage::new();
        let (clear, protected) = stage.files();
        let values = [
            ("clear", platform.path(&clear)),
            ("protected", platform.path(&protected)),
            ("missing", platform.path(&stage.path("missing.wma"))),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        platform.replay("E1-E3", &stage.folder("home"), &values);
    });
}

#[test]
fn x1_to_x4_wrong_calls() {
    everywhere("x1_to_x4_wrong_calls", |platform| {
        let stage = Stage::new();
        for sequence in ["X1", "X2", "X4"] {
            let location = platform.path(&stage.folder(&format!("stick {sequence} ü")));
            platform.replay(sequence, &stage.folder("home"), &[("location", &location)]);
        }
    });
}

#[test]
fn x5_a_restricted_license_is_named() {
    everywhere("x5_a_restricted_license_is_named", |platform| {
        let stage = Stage::new();
        let shop = stage.shop();
        let home = stage.folder("home");
        platform.acquire(&home, &shop, vec![song(1), restricted(9)]);
        platform.replay("X5", &home, &[("location", &platform.path(&stage.folder("stick")))]);
    });
}

#[test]
fn x6_to_x8_the_fifth_computer_meets_the_limit() {
    everywhere("x6_to_x8_the_fifth_computer_meets_the_limit", |platform| {
        let stage = Stage::new();
        let shop = stage.shop();
        let location = platform.path(&stage.folder("stick"));
        let values = [("location", location.as_str())];
        let computer = |name: &str| {
            let home = stage.folder(name);
            platform.add_service(&home, &shop);
            home
        };
        let first = stage.folder("first");
        platform.acquire(&first, &shop, vec![song(1)]);
        platform.replay("X1", &first, &values);
        let second = computer("second");
        platform.replay("X6-allowed", &second, &values);
        platform.replay("X7", &second, &values);
        // X8: a system installed anew is a new home, and counts.
        platform.replay("X6-allowed", &computer("second, installed anew"), &values);
        platform.replay("X6-allowed", &computer("fourth"), &values);
        platform.replay("X6-limit", &computer("fifth"), &values);
        // One that has it restores as often as it likes.
        platform.replay("X7", &second, &values);
    });
}

#[test]
fn x9_and_x10_service_away_and_consent() {
    everywhere("x9_and_x10_service_away_and_consent", |platform| {
        let stage = Stage::new();
        let mut shop = stage.shop();
        let location = platform.path(&stage.folder("stick"));
        let values = [("location", location.as_str())];
        let first = stage.folder("first");
        platform.acquire(&first, &shop, vec![song(1)]);
        platform.replay("X1", &first, &values);
        let second = stage.folder("second");
        platform.add_service(&second, &shop);
        shop.stop();
        platform.replay("X9", &second, &values);
        shop.start();
        platform.replay("X10", &second, &values);
    });
}

#[test]
fn objects_live_and_die_by_the_rules() {
    everywhere("objects_live_and_die_by_the_rules", |platform| {
        let stage = Stage::new();
        let location = platform.path(&stage.folder("stick"));
        platform.replay("objects", &stage.folder("home"), &[("location", &location)]);
    });
}

#[test]
fn an_encrypted_set_needs_a_passphrase_file() {
    everywhere("an_encrypted_set_needs_a_passphrase_file", |platform| {
        let stage = Stage::new();
        let (home, stick) = (stage.folder("home"), stage.folder("stick"));
        let location = platform.path(&stick);
        platform.replay("X1", &home, &[("location", &location)]);
        stage::encrypt(&stick);
        let words = home.join("words.txt");
        std::fs::write(home.join("settings.json"), r#"{"passphrase_file": "words.txt"}"#).unwrap();
        platform.replay("encrypted", &home, &[("location", &location)]);
        let log = std::fs::read_to_string(home.join("restow.log")).unwrap();
        assert!(log.contains("BACKUPRESTORE_END 0xC00D2764") && log.contains(&platform.path(&words)), "{log}");
    });
}

#[test]
fn places_that_are_not_there() {
    everywhere("places_that_are_not_there", |platform| {
        let stage = Stage::new();
        platform.replay("paths", &stage.folder("home"), &[]);
    });
}

#[test]
fn a_program_that_reads_files_too_loses_nothing() {
    everywhere("a_program_that_reads_files_too_loses_nothing", |platform| {
        if matches!(platform, Platform::Wine(_)) {
            let stage = Stage::new();
            let location = platform.path(&stage.folder("stick"));
            platform.replay("reader", &stage.folder("home"), &[("location", &location)]);
        }
    });
}

#[test]
fn the_native_clients_know_the_interfaces_of_windows() {
    everywhere("the_native_clients_know_the_interfaces_of_windows", Platform::compare_headers);
}
