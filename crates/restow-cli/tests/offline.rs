//! Commands that need no service work without a network.
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

#[path = "../../restow/tests/lcp/workshop.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod workshop;

use restow_media::build::AsfBuilder;

/// Runs the command in an empty network namespace, where even loopback is down.
fn restow(home: &Path, arguments: &[&str]) -> Output {
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", env!("CARGO_BIN_EXE_restow"), "--home"])
        .arg(home)
        .args(arguments)
        .output()
        .unwrap()
}

fn can_use_namespaces(test: &str) -> bool {
    let probe = Command::new("unshare").args(["--user", "--map-root-user", "--net", "true"]).output();
    if probe.is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: unshare cannot make a network namespace");
    println!("SKIPPED: {test}: unshare not found, or network namespaces are not allowed");
    false
}

#[test]
fn local_commands_need_no_network() {
    if !can_use_namespaces("local_commands_need_no_network") {
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
        (&b, vec!["put-back", library, "--yes"]),
        (&b, vec!["export", stick, out]),
    ] {
        let output = restow(home, &arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    let listed = restow(&b, &["--json", "licenses"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(text.contains("\"license_id\":\"book\""), "{text}");
}

/// Runs the command in a network namespace that routes all packets back to itself, and returns its output and
/// the number of packets. A timeout ends a command that waits for an answer.
fn run_counted(home: &Path, arguments: &[&str], seconds: u8) -> (Output, u64) {
    let script = "ip link set lo up && ip address add 198.18.0.1/32 dev lo && ip route add default dev lo src 198.18.0.1 || exit 99
        seconds=$1; shift; timeout $seconds \"$@\"; status=$?
        cat /proc/net/dev >&2; exit $status";
    let output = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--net",
            "sh",
            "-c",
            script,
            "sh",
            &seconds.to_string(),
            env!("CARGO_BIN_EXE_restow"),
            "--home",
        ])
        .arg(home)
        .args(arguments)
        .output()
        .unwrap();
    let counts = String::from_utf8_lossy(&output.stderr).into_owned();
    let sent = counts.lines().find_map(|line| line.trim().strip_prefix("lo:")).map(|line| {
        // Eight counters of received data precede the sent bytes and packets.
        line.split_whitespace().nth(9).unwrap().parse().unwrap()
    });
    (output, sent.unwrap_or_else(|| panic!("{counts}")))
}

#[test]
fn no_packet_leaves_before_consent() {
    let test = "no_packet_leaves_before_consent";
    if !can_use_namespaces(test) {
        return;
    }
    if Command::new("ip").arg("-V").output().is_err() {
        assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: ip not found");
        println!("SKIPPED: {test}: ip not found");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (library, stick) = (dir.path().join("library"), dir.path().join("stick"));
    std::fs::create_dir(&library).unwrap();
    std::fs::create_dir(&stick).unwrap();
    let key = workshop::Key::p256(2);
    let form = workshop::Form { until: "21991231235959Z", ..workshop::Form::provider(&key) };
    let certificate = form.sign(&workshop::Key::p256(1));
    // A host name, an address, and this computer.
    let origins = ["https://library.example", "https://1.1.1.1", "http://127.0.0.1:9"];
    for (number, origin) in origins.iter().enumerate() {
        let mut document = workshop::document("2026-01-01T00:00:00Z");
        document["id"] = format!("b{number}").into();
        let links = document["links"].as_array_mut().unwrap();
        for rel in ["status", "publication", "hint", "self", "support"] {
            links.push(serde_json::json!({"rel": rel, "href": format!("{origin}/{rel}"), "title": "A Book"}));
        }
        let signed = workshop::signed(document, &certificate, &key);
        std::fs::write(library.join(format!("b{number}.lcpl")), signed).unwrap();
    }
    let (library, stick) = (library.to_str().unwrap(), stick.to_str().unwrap());
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    for (home, arguments, exit) in [
        (&a, vec!["import", library], 0),
        (&a, vec!["scan", library], 0),
        (&a, vec!["licenses"], 0),
        (&a, vec!["licenses", "--check"], 0),
        (&a, vec!["status"], 0),
        (&a, vec!["backup", stick], 0),
        (&a, vec!["show", stick], 0),
        (&a, vec!["verify", stick], 0),
        (&b, vec!["restore", stick, "--dry-run"], 0),
        (&b, vec!["restore", stick], 0),
        (&b, vec!["restore", stick, "--json"], 0),
        (&b, vec!["status"], 0),
        (&b, vec!["put-back"], 0),
        (&b, vec!["put-back", library], 0),
        (&b, vec!["provider"], 0),
        (&b, vec!["refresh"], 1),
        (&b, vec!["renew", "b0"], 2),
    ] {
        let (output, packets) = run_counted(home, &arguments, 60);
        assert_eq!((output.status.code(), packets), (Some(exit), 0), "{arguments:?}: {output:?}");
    }
    // With consent, the commands send packets. This shows that the count works.
    for origin in origins {
        let home = dir.path().join(origin.rsplit('/').next().unwrap());
        assert_eq!(run_counted(&home, &["provider", "allow", origin], 60).1, 0, "allowing it asks nobody");
        let (output, packets) = run_counted(&home, &["restore", stick], 3);
        assert!(packets > 0, "{origin}: {output:?}");
    }
    let (output, packets) = run_counted(&dir.path().join("d"), &["restore", stick, "--ask-providers"], 3);
    assert!(packets > 0, "{output:?}");
}
