//! Status documents of other implementations, if the samples are available; and a check of the test provider
//! against the published schema.

use std::io::Write as _;
use std::process::{Command, Stdio};

use restow::lcp_provider::StatusDocument;
use restow::license::LcpStatus;

use crate::library::Library;
use crate::real::samples;

#[test]
fn foreign_status_documents_are_parsed() {
    let Some(samples) = samples("foreign_status_documents_are_parsed") else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(samples.join("lcp_status")).unwrap() {
        let path = entry.unwrap().path();
        let document = StatusDocument::parse(&std::fs::read(&path).unwrap()).unwrap();
        let is_active = path.to_string_lossy().contains("active");
        assert_eq!(document.status, if is_active { LcpStatus::Active } else { LcpStatus::Returned }, "{path:?}");
        assert!(document.license_updated.is_some() && !document.message.is_empty() && !document.links.is_empty());
        count += 1;
    }
    assert!(count >= 3);
}

const VALIDATE: &str = "\
import json, sys, pathlib
from jsonschema import Draft7Validator, RefResolver
folder = pathlib.Path(sys.argv[1])
schemas = [json.loads((folder / f'lcp-specs__{name}.schema.json').read_text()) for name in ('status', 'link')]
resolver = RefResolver.from_schema(schemas[0], store={schema['$id']: schema for schema in schemas})
for error in Draft7Validator(schemas[0], resolver=resolver).iter_errors(json.load(sys.stdin)):
    print(error.message)
";

/// The test provider follows the specification.
#[test]
fn test_provider_follows_published_schema() {
    const TEST: &str = "test_provider_follows_published_schema";
    let Some(samples) = samples(TEST) else { return };
    let quiet = || Stdio::null();
    let python = Command::new("python3").args(["-c", "import jsonschema"]).stdout(quiet()).stderr(quiet()).status();
    if !python.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{TEST}: python3-jsonschema not found");
        println!("SKIPPED: {TEST}: python3-jsonschema not found");
        return;
    }
    let library = Library::open();
    library.lend("b1", "A Book", Some(2_000_000_000));
    for status in ["ready", "active", "revoked", "returned", "cancelled", "expired"] {
        library.with("b1", |loan| (loan.status, loan.renewed_on_page) = (status, status == "active"));
        let document =
            ureq::get(format!("{}/status/b1", library.origin)).call().unwrap().body_mut().read_to_vec().unwrap();
        assert_eq!(StatusDocument::parse(&document).unwrap().status.as_str(), status);
        let mut python = Command::new("python3")
            .args(["-W", "ignore", "-c", VALIDATE])
            .arg(samples.join("lcp_schema"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(&document).unwrap();
        let output = python.wait_with_output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
