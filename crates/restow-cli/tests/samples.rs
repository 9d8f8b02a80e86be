//! `restow scan` over foreign files, if the folder with samples exists.
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
fn scan_matches_expected_asf_files() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if !samples.is_dir() {
        assert!(std::env::var_os("RESTOW_REQUIRE_SAMPLES").is_none(), "../shared/samples not found");
        println!("SKIPPED: scan_matches_expected_asf_files: ../shared/samples not found");
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
        let expected_file: Value = serde_json::from_str(line).unwrap();
        if expected_file["container"] != "asf" {
            continue;
        }
        let path = samples.join(expected_file["path"].as_str().unwrap());
        let scanned_file = &scanned[path.to_str().unwrap()];
        let is_doubtful =
            |field: &str| expected_file["doubt"].as_array().is_some_and(|doubt| doubt.iter().any(|d| d == field));
        for field in ["protected", "systems", "key_ids"] {
            if !is_doubtful(field) && !expected_file[field].is_null() {
                assert_eq!(scanned_file[field], expected_file[field], "{field} of {}", path.display());
            }
        }
        if !is_doubtful("title") {
            assert!(
                expected_file["titles_ok"].as_array().unwrap().contains(&scanned_file["title"]),
                "title of {}",
                path.display()
            );
        }
        compared += 1;
    }
    assert!(compared >= 17, "{compared}");
}
