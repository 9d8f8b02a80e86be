//! `restow scan` over files made by others, where they lie beside the project.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn scan_agrees_with_what_is_known_of_every_asf_file() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if !samples.is_dir() {
        assert!(std::env::var_os("RESTOW_REQUIRE_SAMPLES").is_none(), "../shared/samples not found");
        println!("SKIPPED: scan_agrees_with_what_is_known_of_every_asf_file: ../shared/samples not found");
        return;
    }
    let samples = samples.canonicalize().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_restow"))
        .args(["--json", "--home"])
        .arg(dir.path().join("home"))
        .arg("scan")
        .arg(&samples)
        .output()
        .unwrap();
    assert!(output.status.success(), "malformed files are no failure: {output:?}");
    let scanned: BTreeMap<String, Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|row| Some((row["path"].as_str()?.to_owned(), row)))
        .collect();

    let expected = std::fs::read_to_string(samples.join("EXPECTED.jsonl")).unwrap();
    let mut compared = 0;
    for line in expected.lines() {
        let want: Value = serde_json::from_str(line).unwrap();
        if want["container"] != "asf" {
            continue;
        }
        let path = samples.join(want["path"].as_str().unwrap());
        let found = &scanned[path.to_str().unwrap()];
        let doubted = |field: &str| want["doubt"].as_array().is_some_and(|doubt| doubt.iter().any(|d| d == field));
        for field in ["protected", "systems", "key_ids"] {
            if !doubted(field) && !want[field].is_null() {
                assert_eq!(found[field], want[field], "{field} of {}", path.display());
            }
        }
        if !doubted("title") {
            assert!(want["titles_ok"].as_array().unwrap().contains(&found["title"]), "title of {}", path.display());
        }
        compared += 1;
    }
    assert!(compared >= 17, "{compared}");
}
