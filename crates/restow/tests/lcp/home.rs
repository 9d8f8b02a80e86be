//! Tests of the roots of a home, and of the choice between two documents of one license.

use std::path::Path;
use std::sync::Arc;

use restow::import::{ImportEvent, ImportSummary, import};
use restow::license::SignatureCheck;
use restow::license::lcp::{KnownAuthority, RootError};
use restow::restorer::{Backup, Restore};
use restow::{Error, Home, Machine, ManualClock, trust_store};
use serde_json::{Value, json};

use super::workshop::*;

/// 2026-11-20, the time of every home here.
const TODAY: i64 = 1_795_132_800;

fn home(folder: &Path) -> Home {
    Home::open_with(folder, Machine::from_id("m"), Arc::new(ManualClock::at(TODAY))).unwrap()
}

fn root_names(home: &Home) -> Vec<(String, bool)> {
    trust_store::load(home).unwrap().list().into_iter().map(|root| (root.name, root.distrusted)).collect()
}

#[test]
fn roots_are_stored_in_home() {
    let dir = tempfile::tempdir().unwrap();
    let here = home(dir.path());
    assert!(root_names(&here).is_empty());
    let root = Form::root(&Key::p256(1)).sign(&Key::p256(1));
    let other = Form { subject: "Other", issuer: "Other", ..Form::root(&Key::p256(2)) }.sign(&Key::p256(2));
    // A file may contain several certificates and other text.
    let bundle = [b"# roots\n".to_vec(), pem(&root), b"\r\n".to_vec(), pem(&other)].concat();
    assert_eq!(trust_store::add(&here, &bundle).unwrap().len(), 2);
    trust_store::add(&here, &root).unwrap();
    let mut both = root_names(&here);
    both.sort();
    assert_eq!(both, [("Books Root".into(), false), ("Other".into(), false)]);
    // A distrusted root can be trusted again only after its removal from the list.
    let distrusted = trust_store::distrust(&here, &other).unwrap().remove(0);
    assert_eq!(root_names(&here), [("Books Root".into(), false), ("Other".into(), true)]);
    assert!(matches!(trust_store::add(&here, &other), Err(Error::Root(RootError::Distrusted(_)))));
    let fingerprint = data_encoding::HEXLOWER.encode(&distrusted.fingerprint);
    assert!(matches!(trust_store::remove(&here, ""), Err(Error::Root(RootError::NoSuch(_)))));
    assert_eq!(trust_store::remove(&here, &fingerprint[..8].to_uppercase()).unwrap().name, "Other");
    assert_eq!(root_names(&here), [("Books Root".into(), false)]);
    for file in [b"".as_slice(), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b"{}"] {
        assert!(matches!(trust_store::add(&here, file), Err(Error::Root(RootError::NoCertificate))));
    }
    // A damaged file is an error: no license is verified without it.
    let file = dir.path().join("roots").join(format!("{}.der", "0".repeat(64)));
    std::fs::write(&file, &root[1..]).unwrap();
    let error = trust_store::load(&here).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains(&"0".repeat(64))), ("home-root-damaged", true));
}

#[test]
fn certificates_are_read_in_every_form() {
    let root = Form::root(&Key::p256(1)).sign(&Key::p256(1));
    let text = String::from_utf8(pem(&root)).unwrap();
    let forms = [
        text.replace('\n', "\r\n").into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        [b"# Biblioth\xe8que\n", text.as_bytes()].concat(),
        text.replace("CERTIFICATE", "X509 CERTIFICATE").into_bytes(),
        text.trim_end().as_bytes().to_vec(),
        root,
    ];
    for (n, form) in forms.iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(trust_store::add(&home(dir.path()), form).unwrap().len(), 1, "form {n}");
    }
}

/// Serves each answer once, and returns the address.
fn serve(answers: Vec<Vec<u8>>) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/root.pem", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
            let _ = stream.write_all(&[head.as_bytes(), &answer].concat());
        }
    });
    url
}

#[test]
fn known_certificate_is_taken_by_digest_only() {
    use sha2::Digest as _;
    let known = KnownAuthority::find("EDRLab").unwrap();
    let (key, other) = (Key::p256(1), Key::p256(2));
    // The same name with another key, which any person can make.
    let namesake = Form { subject: "EDRLab CA", issuer: "EDRLab CA", ..Form::root(&other) }.sign(&other);
    let right = Form { subject: "EDRLab CA", issuer: "EDRLab CA", ..Form::root(&key) }.sign(&key);
    let authority = known.with_fingerprint(sha2::Sha256::digest(&right).into());
    let both = [pem(&namesake), pem(&right)].concat();
    let url = serve(vec![pem(&namesake), b"no certificate".to_vec(), both]);
    let dir = tempfile::tempdir().unwrap();
    let here = home(dir.path());
    for _ in 0..2 {
        assert_eq!(trust_store::fetch(&here, &authority, Some(&url)).unwrap_err().code(), "authority-other");
    }
    // Of several certificates, only the known one is added.
    let added = trust_store::fetch(&here, &authority, Some(&url)).unwrap();
    assert_eq!((added.len(), trust_store::load(&here).unwrap().list()), (1, added.clone()));
    assert_eq!((added[0].der == right, added[0].authority().is_none()), (true, true));
    assert_eq!(added[0].namesake(), Some(known));
    for url in ["http://10.0.0.1/", "ftp://a.example/", "file:///etc/passwd"] {
        assert_eq!(trust_store::fetch(&here, &authority, Some(url)).unwrap_err().code(), "authority-address");
    }
}

struct Provider {
    certificate: Vec<u8>,
    key: Key,
}

impl Provider {
    fn new() -> Self {
        let key = Key::p256(2);
        Self { certificate: Form::provider(&key).sign(&Key::p256(1)), key }
    }

    fn license(&self, updated: &str, print: u64) -> Vec<u8> {
        let mut document = document("2021-06-01T00:00:00Z");
        document["updated"] = json!(updated);
        document["rights"]["print"] = json!(print);
        signed(document, &self.certificate, &self.key)
    }
}

/// Returns the license with more pages to print and the old signature.
fn forged(license: &[u8], updated: &str) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(license).unwrap();
    value["updated"] = json!(updated);
    value["rights"]["print"] = json!(999_999);
    value.to_string().into_bytes()
}

fn import_one(home: &Home, document: &[u8]) -> (ImportSummary, Option<SignatureCheck>, Option<&'static str>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.lcpl");
    std::fs::write(&file, document).unwrap();
    let (mut check, mut refused) = (None, None);
    let summary = import(home, &[file], &mut |item| match item {
        ImportEvent::License { signature, .. } => check = Some(signature.clone()),
        ImportEvent::Refused { error, .. } => refused = Some(error.code()),
        _ => {}
    });
    (summary.unwrap(), check, refused)
}

fn stored_documents(home: &Home) -> Vec<Vec<u8>> {
    let mut documents = Vec::new();
    let store = home.store().unwrap();
    let all = restow::store::LicenseFilter::All;
    store
        .view()
        .each_license(all, |entry| {
            documents.push(entry.document);
            Ok::<_, Error>(())
        })
        .unwrap();
    documents
}

#[test]
fn import_reports_signature_strength() {
    let dir = tempfile::tempdir().unwrap();
    let here = home(&dir.path().join("home"));
    let license = Provider::new().license("2021-06-01T00:00:00Z", 1);
    assert_eq!(import_one(&here, &license).1, Some(SignatureCheck::UnknownRoot));
    trust_store::add(&here, &Form::root(&Key::p256(1)).sign(&Key::p256(1))).unwrap();
    assert_eq!(import_one(&here, &license).1, Some(SignatureCheck::Verified));
    // A forged document is stored if the home has no other document of the license.
    let alone = home(&dir.path().join("alone"));
    let forged = forged(&license, "2021-07-01T00:00:00Z");
    let (summary, check, _) = import_one(&alone, &forged);
    assert!(summary.imported == 1 && matches!(check, Some(SignatureCheck::Invalid(_))));
    assert_eq!(stored_documents(&alone), [forged]);
}

#[test]
fn forged_document_replaces_no_signed_one() {
    let dir = tempfile::tempdir().unwrap();
    let here = home(&dir.path().join("home"));
    let provider = Provider::new();
    let license = provider.license("2021-06-01T00:00:00Z", 1);
    let forged = forged(&license, "2021-12-01T00:00:00Z");
    import_one(&here, &license);
    let (summary, _, refused) = import_one(&here, &forged);
    assert_eq!((summary.refused, refused), (1, Some("license-better-here")));
    assert_eq!(stored_documents(&here), std::slice::from_ref(&license));
    // A signed document replaces an unsigned one, even with an earlier date. The newer of two signed ones stays.
    let other = home(&dir.path().join("other"));
    import_one(&other, &forged);
    assert_eq!(import_one(&other, &license).0.imported, 1);
    assert_eq!(stored_documents(&other), std::slice::from_ref(&license));
    let newer = provider.license("2021-08-01T00:00:00Z", 2);
    assert_eq!(import_one(&other, &newer).0.imported, 1);
    assert_eq!(import_one(&other, &license).0.already_here, 1);
    assert_eq!(stored_documents(&other), [newer]);
}

#[test]
fn restored_forgery_replaces_no_signed_document() {
    let dir = tempfile::tempdir().unwrap();
    let license = Provider::new().license("2021-06-01T00:00:00Z", 1);
    let forger = home(&dir.path().join("forger"));
    import_one(&forger, &forged(&license, "2021-12-01T00:00:00Z"));
    let stick = dir.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&forger).unwrap().wait().is_ok());

    let here = home(&dir.path().join("home"));
    import_one(&here, &license);
    let report = Restore::from(&stick).start(&here).unwrap().wait();
    assert!(report.is_ok(), "{report:?}");
    assert_eq!((report.summary.restored, report.summary.already_here), (0, 1));
    assert_eq!(stored_documents(&here), std::slice::from_ref(&license));
    // In the other direction the signed document replaces the forged one.
    let sound = dir.path().join("sound");
    std::fs::create_dir(&sound).unwrap();
    assert!(Backup::to(&sound).start(&here).unwrap().wait().is_ok());
    let report = Restore::from(&sound).start(&forger).unwrap().wait();
    assert_eq!((report.is_ok(), report.summary.restored), (true, 1));
    assert_eq!(stored_documents(&forger), [license]);
}
