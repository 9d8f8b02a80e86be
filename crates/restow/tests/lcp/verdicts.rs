//! What is said of good and bad licenses.

use data_encoding::BASE64;
use restow::license::SignatureCheck::{Invalid as Bad, UnknownRoot, Verified};
use restow::license::lcp::{InvalidSignature, RootError, Roots, Verification, Verifier};
use restow::license::{DocumentError, SignatureCheck};
use serde_json::{Value, json};

use super::workshop::*;

const IN_TIME: &str = "2021-06-01T12:00:00Z";

fn root() -> Key {
    Key::p256(1)
}

fn provider() -> Key {
    Key::p256(2)
}

fn roots(files: &[Vec<u8>]) -> Roots {
    let mut roots = Roots::none();
    for file in files {
        roots.trust(file).unwrap();
    }
    roots
}

fn trusting_root() -> Roots {
    roots(&[Form::root(&root()).sign(&root())])
}

fn verdict(roots: Roots, license: &[u8]) -> Verification {
    Verifier::new(roots).verify(license)
}

/// A license of this time under this provider's certificate, judged by these roots.
fn judge(roots: Roots, certificate: &[u8], document: Value) -> SignatureCheck {
    verdict(roots, &signed(document, certificate, &provider())).check
}

fn good_certificate() -> Vec<u8> {
    Form::provider(&provider()).sign(&root())
}

#[test]
fn a_good_license_is_valid_under_its_root_and_told_apart_without() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let valid = verdict(trusting_root(), &license);
    assert_eq!(valid.check, Verified);
    let signer = valid.signer.unwrap();
    assert_eq!((signer.name.as_str(), signer.issuer.as_str()), ("Corner Library", "CN=Books Root"));
    assert_eq!(verdict(Roots::none(), &license).check, UnknownRoot);
    // Another root altogether.
    let other = Form { subject: "Other", issuer: "Other", ..Form::root(&Key::p256(9)) }.sign(&Key::p256(9));
    assert_eq!(verdict(roots(&[other]), &license).check, UnknownRoot);
}

#[test]
fn an_update_of_null_is_none() {
    let mut document = document(IN_TIME);
    document["updated"] = Value::Null;
    assert_eq!(judge(trusting_root(), &good_certificate(), document.clone()), Verified);
    let license = restow::license::parse(&signed(document, &good_certificate(), &provider())).unwrap();
    assert_eq!(license.version, 1_622_548_800_000);
}

#[test]
fn providers_of_production_have_keys_of_p521() {
    let key = Key::p521(3);
    let certificate = Form::provider(&key).sign(&root());
    let license = signed(document(IN_TIME), &certificate, &key);
    assert_eq!(verdict(trusting_root(), &license).check, Verified);
    // A root may have one, too.
    let root = Form::root(&key).sign(&key);
    let certificate = Form::provider(&provider()).sign(&key);
    assert_eq!(judge(roots(&[root]), &certificate, document(IN_TIME)), Verified);
}

#[test]
fn every_change_is_noticed_but_of_form() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let mut value: Value = serde_json::from_slice(&license).unwrap();
    let pretty = serde_json::to_vec_pretty(&value).unwrap();
    assert_eq!(verdict(trusting_root(), &pretty).check, Verified, "spaces are of no matter");
    value["rights"]["print"] = json!(1000);
    let Bad(InvalidSignature::Signature(name)) = verdict(trusting_root(), value.to_string().as_bytes()).check else {
        panic!()
    };
    assert_eq!(name, "Corner Library");
    // An unknown member is signed as any other.
    let mut value: Value = serde_json::from_slice(&license).unwrap();
    value["extra"] = json!(null);
    assert!(matches!(
        verdict(trusting_root(), value.to_string().as_bytes()).check,
        Bad(InvalidSignature::Signature(_))
    ));
    // Of two statements one reader may take the first and one the last: neither is signed.
    let text = String::from_utf8(license).unwrap().replacen('{', "{\"id\":\"b7a1\",", 1);
    let Bad(InvalidSignature::Document(fault)) = verdict(trusting_root(), text.as_bytes()).check else { panic!() };
    assert!(fault.to_string().starts_with("`id` is stated twice"), "{fault}");
}

#[test]
fn expired_today_but_valid_at_issue() {
    // The certificate was over at the end of 2021.
    assert_eq!(judge(trusting_root(), &good_certificate(), document("2021-12-31T23:59:59Z")), Verified);
    assert_eq!(judge(trusting_root(), &good_certificate(), document("2022-01-01T00:59:59+01:00")), Verified);
    let late = judge(trusting_root(), &good_certificate(), document("2022-01-01T00:00:00Z"));
    assert!(
        matches!(late, Bad(InvalidSignature::Expired { time: 1_640_995_200, until: 1_640_995_199, .. })),
        "{late:?}"
    );
}

#[test]
fn the_time_that_counts_is_that_of_the_update() {
    let mut updated = document(IN_TIME);
    updated["updated"] = json!("2022-06-01T00:00:00Z");
    assert!(matches!(judge(trusting_root(), &good_certificate(), updated), Bad(InvalidSignature::Expired { .. })));
    let mut updated = document("2019-06-01T00:00:00Z");
    updated["updated"] = json!(IN_TIME);
    assert_eq!(judge(trusting_root(), &good_certificate(), updated), Verified);
}

#[test]
fn not_yet_valid() {
    assert_eq!(judge(trusting_root(), &good_certificate(), document("2020-01-01T00:00:00Z")), Verified);
    let early = judge(trusting_root(), &good_certificate(), document("2019-12-31T23:59:59Z"));
    assert!(
        matches!(early, Bad(InvalidSignature::NotYetValid { from: 1_577_836_800, time: 1_577_836_799, .. })),
        "{early:?}"
    );
    // Nobody's root makes it better or worse.
    assert_eq!(judge(Roots::none(), &good_certificate(), document("2019-12-31T23:59:59Z")), early);
    // A root that came later.
    let young = Form { from: "20210701000000Z", ..Form::root(&root()) }.sign(&root());
    let judged = judge(roots(std::slice::from_ref(&young)), &good_certificate(), document(IN_TIME));
    assert!(matches!(judged, Bad(InvalidSignature::RootNotValid { .. })), "{judged:?}");
    // The older certificate of the same root helps.
    let both = roots(&[young, Form::root(&root()).sign(&root())]);
    assert_eq!(judge(both, &good_certificate(), document(IN_TIME)), Verified);
}

#[test]
fn wrong_chain() {
    // It says by name and key that the root signed it, which did not.
    let mut form = Form::provider(&provider());
    form.extensions.push(by_key(b"root 1"));
    let mut known = Form::root(&root());
    known.extensions.push(key_id(b"root 1"));
    let known = known.sign(&root());
    let forged = form.sign(&Key::p256(9));
    let judged = judge(roots(std::slice::from_ref(&known)), &forged, document(IN_TIME));
    assert!(matches!(judged, Bad(InvalidSignature::Chain { .. })), "{judged:?}");
    assert_eq!(judge(roots(&[known]), &form.sign(&root()), document(IN_TIME)), Verified);
    // One provider cannot certify another: it is no authority.
    let middle = Form::provider(&provider()).sign(&root());
    let mut one = Roots::none();
    assert!(matches!(one.trust(&middle), Err(RootError::NotAnAuthority(_))));
    let below = Form { issuer: "Corner Library", ..Form::provider(&provider()) }.sign(&provider());
    assert_eq!(judge(trusting_root(), &below, document(IN_TIME)), UnknownRoot);
    // Signed by the root, and naming another.
    let misnamed = Form { issuer: "Other", ..Form::provider(&provider()) }.sign(&root());
    assert_eq!(judge(trusting_root(), &misnamed, document(IN_TIME)), UnknownRoot);
}

#[test]
fn revoked_by_the_user() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let distrusted = |file: &[u8]| {
        let mut roots = trusting_root();
        roots.distrust(file).unwrap();
        verdict(roots, &license).check
    };
    // The provider: by its certificate, by another of its key, by its license.
    for file in
        [good_certificate(), pem(&good_certificate()), Form::provider(&provider()).sign(&Key::p256(8)), license.clone()]
    {
        assert!(matches!(distrusted(&file), Bad(InvalidSignature::Distrusted(name)) if name == "Corner Library"));
    }
    // The root.
    let root = Form::root(&root()).sign(&root());
    assert!(matches!(distrusted(&root), Bad(InvalidSignature::Distrusted(name)) if name == "Books Root"));
    // A root that was never trusted here.
    let mut roots = Roots::none();
    roots.distrust(&root).unwrap();
    assert!(matches!(verdict(roots.clone(), &license).check, Bad(InvalidSignature::Distrusted(_))));
    assert!(matches!(roots.trust(&root), Err(RootError::Distrusted(_))), "not by the way");
    // Somebody else.
    assert_eq!(distrusted(&Form::provider(&Key::p256(7)).sign(&Key::p256(1))), Verified);
}

#[test]
fn weak_algorithms() {
    let sha1 = Form { algorithm: ECDSA_SHA1, ..Form::provider(&provider()) }.sign(&root());
    let judged = judge(trusting_root(), &sha1, document(IN_TIME));
    assert!(matches!(judged, Bad(InvalidSignature::WeakAlgorithm { algorithm: "SHA-1", .. })), "{judged:?}");
    let short = Form { key: rsa_key(1024), ..Form::provider(&provider()) }.sign(&root());
    let judged = judge(trusting_root(), &short, document(IN_TIME));
    assert!(matches!(judged, Bad(InvalidSignature::WeakKey { bits: 1024, .. })), "{judged:?}");
    // Nobody relies on the hash under a root's own signature, but on its key.
    let old = Form { algorithm: ECDSA_SHA1, ..Form::root(&root()) }.sign(&root());
    assert_eq!(judge(roots(&[old]), &good_certificate(), document(IN_TIME)), Verified);
    let short = Form { key: rsa_key(1024), ..Form::root(&root()) }.sign(&root());
    let refused = Roots::none().trust(&short).unwrap_err();
    assert!(
        matches!(refused, RootError::Unreliable { why: InvalidSignature::WeakKey { bits: 1024, .. }, .. }),
        "{refused}"
    );
}

#[test]
fn certificates_for_something_else() {
    let certifies = Form { extensions: vec![usage(0b0000_0100)], ..Form::provider(&provider()) }.sign(&root());
    assert!(matches!(judge(trusting_root(), &certifies, document(IN_TIME)), Bad(InvalidSignature::Usage(_))));
    let silent = Form { extensions: vec![authority()], ..Form::provider(&provider()) }.sign(&root());
    assert_eq!(judge(trusting_root(), &silent, document(IN_TIME)), Verified);
    let unknown = extension("1.3.6.1.4.1.99999.1", true, &der(5, &[]));
    let critical = Form { extensions: vec![unknown], ..Form::provider(&provider()) }.sign(&root());
    let judged = judge(trusting_root(), &critical, document(IN_TIME));
    assert!(
        matches!(judged, Bad(InvalidSignature::Unsupported { ref what, .. }) if what == "1.3.6.1.4.1.99999.1"),
        "{judged:?}"
    );
    let signs_nothing = Form { extensions: vec![authority(), usage(0b1000_0000)], ..Form::root(&root()) }.sign(&root());
    assert!(matches!(Roots::none().trust(&signs_nothing), Err(RootError::NotAnAuthority(_))));
}

#[test]
fn algorithms_must_fit_and_values_be_plain() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_slice(&license).unwrap();
        change(&mut value["signature"]);
        verdict(trusting_root(), value.to_string().as_bytes()).check
    };
    let rsa = changed(&|s| s["algorithm"] = json!("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"));
    assert!(matches!(rsa, Bad(InvalidSignature::Algorithm(_))), "{rsa:?}");
    let sha1 = changed(&|s| s["algorithm"] = json!("http://www.w3.org/2000/09/xmldsig#rsa-sha1"));
    assert!(matches!(sha1, Bad(InvalidSignature::Algorithm(_))), "{sha1:?}");
    assert_eq!(changed(&|s| s["value"] = json!("AA A")), Bad(InvalidSignature::Base64("signature.value")));
    assert_eq!(changed(&|s| s["certificate"] = json!("!")), Bad(InvalidSignature::Base64("signature.certificate")));
    assert_eq!(changed(&|s| s["certificate"] = json!("AAAA")), Bad(InvalidSignature::Certificate));
    // In DER, as certificates have it: no license has.
    let in_der = changed(&|s| {
        let plain = BASE64.decode(s["value"].as_str().unwrap().as_bytes()).unwrap();
        s["value"] = json!(BASE64.encode(&seq(&[&number(&plain[..32]), &number(&plain[32..])])));
    });
    assert!(matches!(in_der, Bad(InvalidSignature::Signature(_))), "{in_der:?}");
    let missing = changed(&|s| s["value"] = json!(null));
    assert_eq!(missing, Bad(InvalidSignature::Document(DocumentError::Missing("signature.value".into()))));
    // Anything behind a certificate makes it none.
    let longer = BASE64.encode(&[good_certificate(), vec![0]].concat());
    assert_eq!(changed(&|s| s["certificate"] = json!(longer)), Bad(InvalidSignature::Certificate));
}
