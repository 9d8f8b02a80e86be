//! Call sequences of the SDK's clients, replayed by a client in C: natively, and as a Windows program under
//! Wine.

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

use client::{Platform, platforms, valgrind};
use stage::{Stage, restricted, song};

/// Runs a test on every available platform.
fn on_all_platforms(test: &str, run: impl Fn(&Platform)) {
    for platform in platforms(test) {
        run(&platform);
    }
}

/// Each function is a test on every platform. Valgrind replays all of them once more.
macro_rules! sequences {
    ($(fn $name:ident($platform:ident: &Platform) $body:block)*) => {
        mod sequences {
            use super::*;
            $(pub fn $name($platform: &Platform) $body)*
        }

        $(
            #[test]
            fn $name() {
                on_all_platforms(stringify!($name), sequences::$name);
            }
        )*

        #[test]
        fn all_sequences_under_valgrind() {
            let Some(platform) = valgrind("all_sequences_under_valgrind") else { return };
            $(sequences::$name(&platform);)*
        }
    };
}

sequences! {
    fn p1_to_p4_properties(platform: &Platform) {
        let stage = Stage::new();
        for sequence in ["P1", "P2", "P3", "P4", "X3"] {
            platform.replay(sequence, &stage.folder("home"), &[]);
        }
    }

    fn b1_b2_r1_r2_backup_restore_and_cancel(platform: &Platform) {
        let stage = Stage::new();
        let home = stage.folder("home");
        let location = platform.path(&stage.folder("stick"));
        let shop = stage.shop();
        platform.acquire(&home, &shop, vec![song(1), song(2)]);
        platform.replay("B1-B2", &home, &[("location", &location)]);
        platform.replay("R1-R2", &home, &[("location", &location)]);
    }

    fn e1_to_e3_is_content_protected(platform: &Platform) {
        let stage = Stage::new();
        let (clear, protected) = stage.files();
        let values = [
            ("clear", platform.path(&clear)),
            ("protected", platform.path(&protected)),
            ("missing", platform.path(&stage.path("missing.wma"))),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        platform.replay("E1-E3", &stage.folder("home"), &values);
    }

    fn x1_to_x4_wrong_calls(platform: &Platform) {
        let stage = Stage::new();
        for sequence in ["X1", "X2", "X4"] {
            let location = platform.path(&stage.folder(&format!("stick {sequence} ü")));
            platform.replay(sequence, &stage.folder("home"), &[("location", &location)]);
        }
    }

    fn x5_restricted_license_is_named(platform: &Platform) {
        let stage = Stage::new();
        let shop = stage.shop();
        let home = stage.folder("home");
        platform.acquire(&home, &shop, vec![song(1), restricted(9)]);
        platform.replay("X5", &home, &[("location", &platform.path(&stage.folder("stick")))]);
    }

    fn x6_to_x8_fifth_computer_exceeds_limit(platform: &Platform) {
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
        // X8: a newly installed system is a new home and counts.
        platform.replay("X6-allowed", &computer("second, installed anew"), &values);
        platform.replay("X6-allowed", &computer("fourth"), &values);
        platform.replay("X6-limit", &computer("fifth"), &values);
        // A computer with the license may restore again.
        platform.replay("X7", &second, &values);
    }

    fn x9_and_x10_service_away_and_consent(platform: &Platform) {
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
    }

    fn objects_follow_reference_rules(platform: &Platform) {
        let stage = Stage::new();
        let location = platform.path(&stage.folder("stick"));
        platform.replay("objects", &stage.folder("home"), &[("location", &location)]);
    }

    fn encrypted_set_needs_passphrase_file(platform: &Platform) {
        let stage = Stage::new();
        let (home, stick) = (stage.folder("home"), stage.folder("stick"));
        let location = platform.path(&stick);
        platform.replay("X1", &home, &[("location", &location)]);
        stage::encrypt(&stick);
        std::fs::write(home.join("settings.json"), r#"{"passphrase_file": "words.txt"}"#).unwrap();
        platform.replay("encrypted", &home, &[("location", &location)]);
        let log = std::fs::read_to_string(home.join("restow.log")).unwrap();
        let file = platform.path(&home.join("words.txt"));
        assert!(log.contains("BACKUPRESTORE_END 0xC00D2764") && log.contains(&file), "{log}");
    }

    fn waiting_has_timeout(platform: &Platform) {
        let stage = Stage::new();
        for (commands, words) in [
            ("limit 1\ncreate\nwait\n", "FAILED: after 1 s END was not told; 0 times told"),
            ("limit 1\ncreate\nbegun\n", "FAILED: after 1 s BEGIN was not told"),
        ] {
            let output = platform.fails(commands, &stage.folder("home"));
            assert!(output.contains(words), "{output}");
        }
    }

    fn missing_locations_are_reported(platform: &Platform) {
        let stage = Stage::new();
        platform.replay("paths", &stage.folder("home"), &[]);
    }

    fn reader_functions_reach_system_library(platform: &Platform) {
        if matches!(platform, Platform::Wine(_)) {
            let stage = Stage::new();
            let location = platform.path(&stage.folder("stick"));
            platform.replay("reader", &stage.folder("home"), &[("location", &location)]);
        }
    }
}

#[test]
fn native_header_matches_windows_header() {
    on_all_platforms("native_header_matches_windows_header", Platform::compare_headers);
}
