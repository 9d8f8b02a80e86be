//! Verification of the sample licenses, compared with OpenSSL and `serde_json`, if the samples are available.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use data_encoding::BASE64;
use restow::license::SignatureCheck;
use restow::license::lcp::{Roots, Verifier, canonical_form};
use serde_json::{Value, json};

use super::real::samples;
use super::workshop::{number, seq};

/// Returns true if the tool runs. A missing tool skips the test, or fails it if `RESTOW_REQUIRE_TOOLS` is set.
pub fn has(test: &str, tool: &str, arguments: &[&str]) -> bool {
    let quiet = || Stdio::null();
    let status = Command::new(tool).args(arguments).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
    if status.is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: {tool} not found");
    println!("SKIPPED: {test}: {tool} not found");
    false
}

pub fn expected(samples: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(samples.join("EXPECTED.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns all license documents by the path of their file, embedded ones included.
fn licenses(samples: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for row in expected(samples) {
        let path = row["path"].as_str().unwrap().to_owned();
        let file = samples.join(&path);
        if row["kind"] == "license_document" && path.starts_with("lcp_") {
            found.push((path, std::fs::read(file).unwrap()));
        } else if row["license_embedded"] == true && row["systems"] == json!(["lcp"]) {
            let place = if row["container"] == "epub" { "META-INF/license.lcpl" } else { "license.lcpl" };
            let output = Command::new("unzip").arg("-p").arg(file).arg(place).output().unwrap();
            assert!(output.status.success(), "{path}");
            found.push((path, output.stdout));
        }
    }
    assert!(found.len() >= 8, "documents and publications with embedded licenses");
    found
}

fn openssl(arguments: &[&str], folder: &Path) -> Output {
    Command::new("openssl").args(arguments).current_dir(folder).output().unwrap()
}

/// Verifies a license with OpenSSL. The canonical form is from `serde_json`, which sorts the members of objects.
fn verify_with_openssl(license: &[u8], roots: &[PathBuf]) -> &'static str {
    let Ok(mut value) = serde_json::from_slice::<Value>(license) else { return "invalid" };
    let signature = value.as_object_mut().unwrap().remove("signature").unwrap_or_default();
    let bytes = |name: &str| {
        let text = signature[name].as_str()?;
        BASE64.decode(text.as_bytes()).ok()
    };
    let (Some(certificate), Some(mut plain)) = (bytes("certificate"), bytes("value")) else { return "invalid" };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    if signature["algorithm"].as_str().unwrap().ends_with("#ecdsa-sha256") {
        let (r, s) = plain.split_at(plain.len() / 2);
        plain = seq(&[&number(r), &number(s)]);
    }
    write("canonical", value.to_string().as_bytes());
    write("signature", &plain);
    write("certificate.der", &certificate);
    let pem = openssl(&["x509", "-inform", "der", "-in", "certificate.der", "-out", "certificate.pem"], folder.path());
    let key = openssl(&["x509", "-inform", "der", "-in", "certificate.der", "-pubkey", "-noout"], folder.path());
    if !(pem.status.success() && key.status.success()) {
        return "invalid";
    }
    write("key.pem", &key.stdout);
    let verified =
        openssl(&["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "canonical"], folder.path());
    if !verified.status.success() {
        return "invalid";
    }
    let time = value.get("updated").unwrap_or(&value["issued"]).as_str().unwrap();
    let time = time.parse::<jiff::Timestamp>().unwrap().as_second().to_string();
    let chain = |root: &Path| {
        let root = root.to_str().unwrap();
        let arguments = ["verify", "-partial_chain", "-attime", &time, "-trusted", root, "certificate.pem"];
        openssl(&arguments, folder.path()).status.success()
    };
    if roots.iter().any(|root| chain(root)) { "verified" } else { "unknown_root" }
}

fn root_files(samples: &Path) -> Vec<PathBuf> {
    let folder = samples.join("lcp_cert");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.file_name().unwrap().to_str().unwrap().contains("cacert"));
    assert_eq!(files.len(), 2);
    files
}

#[test]
fn verification_agrees_with_openssl() {
    const TEST: &str = "verification_agrees_with_openssl";
    let Some(samples) = samples(TEST) else { return };
    if !has(TEST, "openssl", &["version"]) || !has(TEST, "unzip", &["-v"]) {
        return;
    }
    let files = root_files(&samples);
    let mut roots = Roots::none();
    for file in &files {
        roots.trust(&std::fs::read(file).unwrap()).unwrap();
    }
    let (trusting, empty) = (Verifier::new(roots), Verifier::new(Roots::none()));
    let mut seen = std::collections::BTreeMap::new();
    for (path, license) in licenses(&samples) {
        for (verifier, files) in [(&trusting, files.as_slice()), (&empty, &[])] {
            let verification = verifier.verify(&license);
            let expected = verify_with_openssl(&license, files);
            println!("{path}, {} roots: {:?}", files.len(), verification.check);
            assert_eq!(verification.check.as_str(), expected, "{path}: {:?}", verification.check);
            *seen.entry(expected).or_insert(0) += 1;
        }
        // Change of one letter in the signed document.
        let text = String::from_utf8(license.clone()).unwrap();
        let changed = text.replacen("readium.org/lcp", "readium.org/lcq", 1);
        assert_ne!(changed, text);
        assert!(matches!(trusting.verify(changed.as_bytes()).check, SignatureCheck::Invalid(_)), "{path}");
        assert_eq!(verify_with_openssl(changed.as_bytes(), &files), "invalid", "{path}");
    }
    assert!(["verified", "unknown_root", "invalid"].iter().all(|kind| seen.contains_key(kind)), "{seen:?}");
}

#[test]
fn canonical_form_agrees_with_serde_json() {
    const TEST: &str = "canonical_form_agrees_with_serde_json";
    let Some(samples) = samples(TEST) else { return };
    if !has(TEST, "unzip", &["-v"]) {
        return;
    }
    for (path, license) in licenses(&samples) {
        let mut value: Value = serde_json::from_slice(&license).unwrap();
        value.as_object_mut().unwrap().remove("signature");
        assert_eq!(String::from_utf8(canonical_form(&license).unwrap()).unwrap(), value.to_string(), "{path}");
    }
}
