//! One folder for each defect of a certificate, and for valid certificates that look defective.
//!
//! [`cases`] makes the files, and `RESTOW_UPDATE_FIXTURES=1` writes them, so that other programs can be tested with
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::BASE64;
use restow::license::SignatureCheck;
use restow::license::lcp::{Roots, Verifier};
use serde_json::Value;

use super::samples::has;
use super::workshop::*;

/// File of the trusted roots; absent if a case has none.
const TRUSTED: &str = "trusted.pem";
/// File of the distrusted certificates; absent if a case has none.
const DISTRUSTED: &str = "distrusted.pem";
/// File of the expected results by license: `verified`, `unknown_root`, or the code of an invalid signature.
const EXPECTED: &str = "EXPECTED.json";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lcp/certificates")
}

/// Contents of one folder.
struct Case {
    name: &'static str,
    trusted: Vec<Vec<u8>>,
    distrusted: Vec<Vec<u8>>,
    licenses: Vec<(&'static str, Vec<u8>, &'static str)>,
}

fn case(name: &'static str, trusted: &[Vec<u8>]) -> Case {
    Case { name, trusted: trusted.to_vec(), distrusted: Vec::new(), licenses: Vec::new() }
}

impl Case {
    /// Adds a license of this time with this certificate of the provider.
    fn license(mut self, name: &'static str, time: &str, certificate: &[u8], expected: &'static str) -> Self {
        let license = signed(document(time), certificate, &provider());
        self.licenses.push((name, license, expected));
        self
    }

    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut put = |name: &str, content: Vec<u8>| files.insert(Path::new(self.name).join(name), content);
        for (name, certificates) in [(TRUSTED, &self.trusted), (DISTRUSTED, &self.distrusted)] {
            if !certificates.is_empty() {
                put(name, certificates.iter().flat_map(|certificate| pem(certificate)).collect());
            }
        }
        let mut expected = serde_json::Map::new();
        for (name, license, check) in &self.licenses {
            put(name, license.clone());
            expected.insert((*name).to_owned(), (*check).into());
        }
        put(EXPECTED, (serde_json::to_string_pretty(&expected).unwrap() + "\n").into_bytes());
        files
    }
}

fn root() -> Key {
    Key::p256(1)
}

fn provider() -> Key {
    Key::p256(2)
}

/// Returns all cases. The certificate of the provider is valid in 2020 and 2021, that of the root from 2015 to 2040.
fn cases() -> Vec<Case> {
    const IN_TIME: &str = "2021-06-01T12:00:00Z";
    let trusted = Form::root(&root()).sign(&root());
    let good = Form::provider(&provider()).sign(&root());
    let only = std::slice::from_ref(&trusted);
    let other = Key::p256(9);
    let namesake = Form::root(&other).sign(&other);
    let young = Form { from: "20210701000000Z", ..Form::root(&root()) }.sign(&root());
    // A certificate of the provider that names the key of a root, signed by another key.
    let mut named = Form::root(&root());
    named.extensions.push(key_id(b"root 1"));
    let named = named.sign(&root());
    let mut naming = Form::provider(&provider());
    naming.extensions.push(by_key(b"root 1"));
    let below = Form { issuer: "Corner Library", ..Form::provider(&provider()) };
    let misnamed = Form { issuer: "Other", ..Form::provider(&provider()) };
    let sha1 = Form { algorithm: ECDSA_SHA1, ..Form::provider(&provider()) };
    let short = Form { key: rsa_key(1024), ..Form::provider(&provider()) };
    let old_root = Form { algorithm: ECDSA_SHA1, ..Form::root(&root()) };
    vec![
        case("expired-today", only)
            .license("in-time.lcpl", IN_TIME, &good, "verified")
            .license("last-second.lcpl", "2021-12-31T23:59:59Z", &good, "verified")
            .license("last-second-elsewhere.lcpl", "2022-01-01T00:59:59+01:00", &good, "verified")
            .license("too-late.lcpl", "2022-01-01T00:00:00Z", &good, "invalid-expired"),
        case("not-yet-valid", only).license("first-second.lcpl", "2020-01-01T00:00:00Z", &good, "verified").license(
            "too-early.lcpl",
            "2019-12-31T23:59:59Z",
            &good,
            "invalid-not-yet-valid",
        ),
        case("root-not-yet-valid", &[young]).license("too-early.lcpl", IN_TIME, &good, "invalid-root-not-valid"),
        case("wrong-chain", &[named])
            .license("by-the-root.lcpl", IN_TIME, &naming.sign(&root()), "verified")
            .license("by-another.lcpl", IN_TIME, &naming.sign(&other), "invalid-chain")
            .license("by-another-unnamed.lcpl", IN_TIME, &Form::provider(&provider()).sign(&other), "unknown_root")
            .license("by-a-provider.lcpl", IN_TIME, &below.sign(&provider()), "unknown_root")
            .license("in-another-name.lcpl", IN_TIME, &misnamed.sign(&root()), "unknown_root"),
        case("same-subject", &[namesake.clone(), trusted.clone()]).license("by-one.lcpl", IN_TIME, &good, "verified"),
        case("same-subject-another-key", &[namesake]).license("by-the-other.lcpl", IN_TIME, &good, "unknown_root"),
        Case {
            distrusted: vec![good.clone()],
            ..case("revoked-by-user", only).license("provider.lcpl", IN_TIME, &good, "invalid-distrusted").license(
                "reissued.lcpl",
                IN_TIME,
                &Form::provider(&provider()).sign(&root()),
                "invalid-distrusted",
            )
        },
        Case {
            distrusted: only.to_vec(),
            ..case("root-revoked-by-user", &[]).license("under-it.lcpl", IN_TIME, &good, "invalid-distrusted")
        },
        case("weak-algorithm", &[old_root.sign(&root())])
            .license("sha1.lcpl", IN_TIME, &sha1.sign(&root()), "invalid-weak-algorithm")
            .license("rsa-1024.lcpl", IN_TIME, &short.sign(&root()), "invalid-weak-key")
            .license("under-an-old-root.lcpl", IN_TIME, &good, "verified"),
    ]
}

/// Returns the files of all folders.
fn stored_files() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for case in std::fs::read_dir(folder()).unwrap() {
        let case = case.unwrap().path();
        for file in std::fs::read_dir(&case).unwrap() {
            let path = file.unwrap().path();
            files.insert(path.strip_prefix(folder()).unwrap().to_owned(), std::fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn stored_files_match_cases() {
    let files: BTreeMap<_, _> = cases().iter().flat_map(Case::files).collect();
    if std::env::var_os("RESTOW_UPDATE_FIXTURES").is_some() {
        let _ = std::fs::remove_dir_all(folder());
        for (name, content) in &files {
            let path = folder().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
    let stored = stored_files();
    assert_eq!(files.keys().collect::<Vec<_>>(), stored.keys().collect::<Vec<_>>());
    assert!(files.iter().all(|(name, content)| stored[name] == *content), "RESTOW_UPDATE_FIXTURES=1 writes them");
}

/// Returns the path, the document and the expected result of each license.
fn licenses() -> Vec<(PathBuf, Vec<u8>, String)> {
    let files = stored_files();
    let folders: BTreeSet<_> = files.keys().map(|path| path.parent().unwrap().to_owned()).collect();
    let mut licenses = Vec::new();
    for folder in folders {
        let expected: BTreeMap<String, String> = serde_json::from_slice(&files[&folder.join(EXPECTED)]).unwrap();
        for (name, check) in expected {
            licenses.push((folder.join(&name), files[&folder.join(name)].clone(), check));
        }
    }
    licenses
}

#[test]
fn licenses_verify_as_expected() {
    for (path, license, expected) in licenses() {
        let beside = |name: &str| std::fs::read(folder().join(&path).with_file_name(name)).ok();
        let mut roots = Roots::none();
        if let Some(trusted) = beside(TRUSTED) {
            roots.trust(&trusted).unwrap();
        }
        if let Some(distrusted) = beside(DISTRUSTED) {
            roots.distrust(&distrusted).unwrap();
        }
        let check = Verifier::new(roots).verify(&license).check;
        let result = match &check {
            SignatureCheck::Invalid(reason) => reason.code(),
            check => check.as_str(),
        };
        assert_eq!(result, expected, "{}: {check:?}", path.display());
    }
}

/// Compares the chains with OpenSSL at the same times. OpenSSL has no list of distrusted certificates.
#[test]
fn openssl_trusts_the_same_certificates() {
    if !has("openssl_trusts_the_same_certificates", "openssl", &["version"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for (path, license, expected) in licenses() {
        let trusted = folder().join(&path).with_file_name(TRUSTED);
        // The validity period includes the last second (RFC 5280, §4.1.2.5). OpenSSL excludes it.
        let last_second = path.file_name().unwrap().to_string_lossy().starts_with("last-second");
        if !trusted.exists() || expected == "invalid-distrusted" || last_second {
            continue;
        }
        let license: Value = serde_json::from_slice(&license).unwrap();
        let certificate = BASE64.decode(license["signature"]["certificate"].as_str().unwrap().as_bytes()).unwrap();
        let file = dir.path().join("provider.pem");
        std::fs::write(&file, pem(&certificate)).unwrap();
        let time: jiff::Timestamp = license["issued"].as_str().unwrap().parse().unwrap();
        // OpenSSL tries only the first of several roots with one name, so each root has its own run.
        let roots = std::fs::read_to_string(trusted).unwrap();
        let verified = roots.split_inclusive("-----END CERTIFICATE-----\n").any(|root| {
            let trusted = dir.path().join(TRUSTED);
            std::fs::write(&trusted, root).unwrap();
            let at = ["-auth_level", "2", "-no-CApath", "-no-CAstore", "-attime", &time.as_second().to_string()];
            let mut openssl = Command::new("openssl");
            openssl.arg("verify").args(at).arg("-CAfile").arg(&trusted).arg(&file);
            openssl.output().unwrap().status.success()
        });
        assert_eq!(verified, expected == "verified", "{}", path.display());
        compared += 1;
    }
    assert_eq!(compared, 15);
}
