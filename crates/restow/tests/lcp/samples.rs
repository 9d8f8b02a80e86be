//! Licenses made by others, where the samples lie beside the project, judged by this library and by others.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use data_encoding::BASE64;
use restow::license::lcp::{Roots, Verifier, canonical_form};
use restow::license::{Fault, Shape, SignatureCheck};
use serde_json::{Value, json};

use super::real::samples;
use super::workshop::{document, number, seq};

/// True when the tool answers.
pub fn has(test: &str, tool: &str, arguments: &[&str]) -> bool {
    let quiet = || Stdio::null();
    let status = Command::new(tool).args(arguments).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
    if status.is_ok_and(|status| status.success()) {
        return true;
    }
    let name = if tool == "python3" { "python3-jsonschema" } else { tool };
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: {name} not found");
    println!("SKIPPED: {test}: {name} not found");
    false
}

pub fn expected(samples: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(samples.join("EXPECTED.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every license document, by what it is called: files, and those inside of packages.
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
    assert!(found.len() >= 8, "documents, and packages with some");
    found
}

fn openssl(arguments: &[&str], folder: &Path) -> Output {
    Command::new("openssl").args(arguments).current_dir(folder).output().unwrap()
}

/// What openssl says of a license: over a canonical form that serde_json makes, whose objects are sorted.
fn independent(license: &[u8], roots: &[PathBuf]) -> &'static str {
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
fn verdicts_are_those_of_openssl() {
    const TEST: &str = "verdicts_are_those_of_openssl";
    let Some(samples) = samples(TEST) else { return };
    if !has(TEST, "openssl", &["version"]) || !has(TEST, "unzip", &["-v"]) {
        return;
    }
    let files = root_files(&samples);
    let mut roots = Roots::none();
    for file in &files {
        roots.trust(&std::fs::read(file).unwrap()).unwrap();
    }
    let (with, without) = (Verifier::new(roots), Verifier::new(Roots::none()));
    let mut seen = std::collections::BTreeMap::new();
    for (path, license) in licenses(&samples) {
        for (verifier, files) in [(&with, files.as_slice()), (&without, &[])] {
            let verdict = verifier.verify(&license);
            let independent = independent(&license, files);
            println!("{path}, {} roots: {:?}, {:?}", files.len(), verdict.check, verdict.departures);
            assert_eq!(verdict.check.as_str(), independent, "{path}: {:?}", verdict.check);
            *seen.entry(independent).or_insert(0) += 1;
        }
        // One letter of a text that is signed.
        let text = String::from_utf8(license.clone()).unwrap();
        let changed = text.replacen("readium.org/lcp", "readium.org/lcq", 1);
        assert_ne!(changed, text);
        assert!(matches!(with.verify(changed.as_bytes()).check, SignatureCheck::Invalid(_)), "{path}");
        assert_eq!(independent(changed.as_bytes(), &files), "invalid", "{path}");
    }
    assert!(["verified", "unknown_root", "invalid"].iter().all(|kind| seen.contains_key(kind)), "{seen:?}");
}

#[test]
fn the_canonical_form_is_that_of_others() {
    const TEST: &str = "the_canonical_form_is_that_of_others";
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

/// Documents that keep to the schema and that do not, each in one way.
fn variants() -> Vec<Value> {
    let mut base = document("2024-09-26T17:53:16Z");
    base["signature"] = json!({"algorithm": "a:b", "certificate": "AAAA", "value": "AAAA"});
    let mut all = vec![base.clone()];
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(2.0),
        json!("x"),
        json!([]),
        json!(["x"]),
        json!([1]),
        json!({}),
    ];
    let members = [
        "/id",
        "/issued",
        "/updated",
        "/provider",
        "/encryption",
        "/encryption/profile",
        "/encryption/content_key",
        "/encryption/content_key/algorithm",
        "/encryption/content_key/encrypted_value",
        "/encryption/content_key/more",
        "/encryption/user_key",
        "/encryption/user_key/algorithm",
        "/encryption/user_key/text_hint",
        "/encryption/user_key/key_check",
        "/encryption/user_key/more",
        "/links",
        "/links/0",
        "/links/0/href",
        "/links/0/rel",
        "/links/0/type",
        "/links/0/templated",
        "/links/0/title",
        "/links/0/profile",
        "/links/0/length",
        "/links/0/hash",
        "/links/0/more",
        "/rights",
        "/rights/print",
        "/rights/copy",
        "/rights/start",
        "/rights/end",
        "/rights/more",
        "/user",
        "/user/id",
        "/user/email",
        "/user/name",
        "/user/encrypted",
        "/user/more",
        "/signature",
        "/signature/algorithm",
        "/signature/certificate",
        "/signature/value",
        "/signature/more",
        "/more",
    ];
    for member in members {
        let (place, name) = member.rsplit_once('/').unwrap();
        for value in values.iter().map(Some).chain([None]) {
            let mut variant = base.clone();
            match (variant.pointer_mut(place).unwrap(), value) {
                (Value::Array(list), Some(value)) => list[0] = value.clone(),
                (Value::Array(list), None) => drop(list.remove(0)),
                (Value::Object(object), Some(value)) => drop(object.insert(name.into(), value.clone())),
                (Value::Object(object), None) => drop(object.remove(name)),
                _ => panic!("{member}"),
            }
            all.push(variant);
        }
    }
    for links in [
        json!([{"rel": ["hint", "publication"], "href": "a:b"}]),
        json!([{"rel": "hint", "href": "a:b", "length": 1}, {"rel": "publication", "href": "a:b"}, {"href": "a:b", "rel": "hint", "length": 1.0}]),
        json!({"hint": {"href": "a:b"}, "publication": {"href": "a:b"}}),
    ] {
        let mut variant = base.clone();
        variant["links"] = links;
        all.push(variant);
    }
    all.extend([json!([]), json!("x"), json!({})]);
    all
}

/// The schemas and nothing else of theirs: `format` is judged for dates alone.
const VALIDATE: &str = "
import json, sys
from pathlib import Path
from jsonschema import Draft7Validator, FormatChecker, RefResolver
folder = Path(sys.argv[1])
schemas = [json.loads((folder / f'lcp-specs__{name}.schema.json').read_text()) for name in ('license', 'link')]
resolver = RefResolver.from_schema(schemas[0], store={schema['$id']: schema for schema in schemas})
validator = Draft7Validator(schemas[0], resolver=resolver, format_checker=FormatChecker([]))
for line in sys.stdin.buffer:
    print(json.dumps(validator.is_valid(json.loads(line))))
";

#[test]
fn departures_are_those_of_the_published_schema() {
    use std::io::Write as _;
    const TEST: &str = "departures_are_those_of_the_published_schema";
    let Some(samples) = samples(TEST) else { return };
    if !has(TEST, "python3", &["-c", "import jsonschema"]) || !has(TEST, "unzip", &["-v"]) {
        return;
    }
    let mut all = variants();
    all.extend(licenses(&samples).iter().map(|(_, license)| serde_json::from_slice::<Value>(license).unwrap()));
    let mut python = Command::new("python3")
        .args(["-W", "ignore", "-c", VALIDATE])
        .arg(samples.join("lcp_schema"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = all.iter().map(|value| format!("{value}\n")).collect();
    let mut stdin = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    let answers: Vec<bool> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), all.len());
    // What the schema calls a format is judged by this library alone.
    let of_format = |fault: &Fault| {
        let format = matches!(fault, Fault::NotA { shape: Shape::Date | Shape::Uri | Shape::Template, .. });
        format || *fault == Fault::ProfileAlgorithm
    };
    let verifier = Verifier::new(Roots::none());
    let (mut kept, mut departed) = (0, 0);
    for (value, valid) in all.iter().zip(answers) {
        let departures = verifier.verify(value.to_string().as_bytes()).departures;
        let not_a_text = |fault: &Fault| match fault {
            Fault::NotA { name, shape: Shape::Date | Shape::Uri | Shape::Template } => !is_text(value, name),
            _ => false,
        };
        let ours = departures.iter().all(|fault| of_format(fault) && !not_a_text(fault));
        assert_eq!(ours, valid, "{value}: {departures:?}");
        if valid { kept += 1 } else { departed += 1 }
    }
    println!("{kept} keep to the schema, {departed} depart from it");
    assert!(kept > 50 && departed > 200);
}

/// Whether the member is a text: then only its format is wrong.
fn is_text(value: &Value, name: &str) -> bool {
    let pointer = name.replace(['.', '['], "/").replace(']', "");
    value.pointer(&format!("/{pointer}")).is_some_and(Value::is_string)
}
