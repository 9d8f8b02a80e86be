//! What needs no service works where there is no network at all.
#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::Path;
use std::process::{Command, Output};

use restow_media::build::AsfBuilder;

/// Runs the command in an empty network namespace: not even loopback is up.
fn restow(home: &Path, arguments: &[&str]) -> Output {
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", env!("CARGO_BIN_EXE_restow"), "--home"])
        .arg(home)
        .args(arguments)
        .output()
        .unwrap()
}

fn namespaces(test: &str) -> bool {
    let works = Command::new("unshare").args(["--user", "--map-root-user", "--net", "true"]).output();
    if works.is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: unshare cannot make a network namespace");
    println!("SKIPPED: {test}: unshare not found, or network namespaces are not allowed");
    false
}

#[test]
fn import_scan_backup_show_verify_and_restore_without_network() {
    if !namespaces("import_scan_backup_show_verify_and_restore_without_network") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (library, stick) = (dir.path().join("library"), dir.path().join("stick"));
    std::fs::create_dir(&library).unwrap();
    std::fs::create_dir(&stick).unwrap();
    std::fs::write(library.join("song.wma"), AsfBuilder::new().title("A Song").build()).unwrap();
    let book = r#"{"id":"book","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"p",
        "content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
        "links":[{"rel":"publication","href":"https://p.example/b","title":"A Book"}],
        "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
    std::fs::write(library.join("book.lcpl"), book).unwrap();
    let out = dir.path().join("out");
    let (library, stick, out) = (library.to_str().unwrap(), stick.to_str().unwrap(), out.to_str().unwrap());
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    for (home, arguments) in [
        (&a, vec!["import", library]),
        (&a, vec!["scan", library]),
        (&a, vec!["backup", stick]),
        (&a, vec!["show", stick]),
        (&a, vec!["verify", stick]),
        (&b, vec!["restore", stick]),
        (&b, vec!["put-back", library]),
        (&b, vec!["export", stick, out]),
    ] {
        let output = restow(home, &arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    let listed = restow(&b, &["--json", "licenses"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(text.contains("\"license_id\":\"book\""), "{text}");
}
