//! Tests of the verification of valid and invalid licenses.

use data_encoding::BASE64;
use restow::license::SignatureCheck::{Invalid, UnknownRoot, Verified};
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

fn verify(roots: Roots, license: &[u8]) -> Verification {
    Verifier::new(roots).verify(license)
}

/// Signs a document with this certificate of the provider and verifies the license with these roots.
fn check_signed(roots: Roots, certificate: &[u8], document: Value) -> SignatureCheck {
    verify(roots, &signed(document, certificate, &provider())).check
}

fn good_certificate() -> Vec<u8> {
    Form::provider(&provider()).sign(&root())
}

#[test]
fn valid_license_needs_trusted_root() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let valid = verify(trusting_root(), &license);
    assert_eq!(valid.check, Verified);
    let signer = valid.signer.unwrap();
    assert_eq!((signer.name.as_str(), signer.issuer.as_str()), ("Corner Library", "CN=Books Root"));
    assert_eq!(verify(Roots::none(), &license).check, UnknownRoot);
    // Another root does not certify the provider.
    let other = Form { subject: "Other", issuer: "Other", ..Form::root(&Key::p256(9)) }.sign(&Key::p256(9));
    assert_eq!(verify(roots(&[other]), &license).check, UnknownRoot);
}

#[test]
fn null_update_means_no_update() {
    let mut document = document(IN_TIME);
    document["updated"] = Value::Null;
    assert_eq!(check_signed(trusting_root(), &good_certificate(), document.clone()), Verified);
    let license = restow::license::parse(&signed(document, &good_certificate(), &provider())).unwrap();
    assert_eq!(license.version, 1_622_548_800_000);
}

#[test]
fn p521_keys_are_verified() {
    let key = Key::p521(3);
    let certificate = Form::provider(&key).sign(&root());
    let license = signed(document(IN_TIME), &certificate, &key);
    assert_eq!(verify(trusting_root(), &license).check, Verified);
    // A root may have a key on P-521 as well.
    let root = Form::root(&key).sign(&key);
    let certificate = Form::provider(&provider()).sign(&key);
    assert_eq!(check_signed(roots(&[root]), &certificate, document(IN_TIME)), Verified);
}

#[test]
fn changed_content_is_invalid() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let mut value: Value = serde_json::from_slice(&license).unwrap();
    let pretty = serde_json::to_vec_pretty(&value).unwrap();
    assert_eq!(verify(trusting_root(), &pretty).check, Verified, "whitespace is not signed");
    value["rights"]["print"] = json!(1000);
    let Invalid(InvalidSignature::Signature(name)) = verify(trusting_root(), value.to_string().as_bytes()).check else {
        panic!()
    };
    assert_eq!(name, "Corner Library");
    // The signature covers unknown members as well.
    let mut value: Value = serde_json::from_slice(&license).unwrap();
    value["extra"] = json!(null);
    assert!(matches!(
        verify(trusting_root(), value.to_string().as_bytes()).check,
        Invalid(InvalidSignature::Signature(_))
    ));
    // Readers take the first or the last value of a repeated member, so the document is refused.
    let text = String::from_utf8(license).unwrap().replacen('{', "{\"id\":\"b7a1\",", 1);
    let Invalid(InvalidSignature::Document(DocumentError::InvalidValue { detail, .. })) =
        verify(trusting_root(), text.as_bytes()).check
    else {
        panic!()
    };
    assert_eq!(detail, "`id` is stated twice");
}

#[test]
fn certificate_must_be_valid_at_issue() {
    // The certificate expired at the end of 2021.
    assert_eq!(check_signed(trusting_root(), &good_certificate(), document("2021-12-31T23:59:59Z")), Verified);
    assert_eq!(check_signed(trusting_root(), &good_certificate(), document("2022-01-01T00:59:59+01:00")), Verified);
    let late = check_signed(trusting_root(), &good_certificate(), document("2022-01-01T00:00:00Z"));
    assert!(
        matches!(late, Invalid(InvalidSignature::Expired { time: 1_640_995_200, until: 1_640_995_199, .. })),
        "{late:?}"
    );
}

#[test]
fn update_time_takes_precedence() {
    let mut updated = document(IN_TIME);
    updated["updated"] = json!("2022-06-01T00:00:00Z");
    assert!(matches!(
        check_signed(trusting_root(), &good_certificate(), updated),
        Invalid(InvalidSignature::Expired { .. })
    ));
    let mut updated = document("2019-06-01T00:00:00Z");
    updated["updated"] = json!(IN_TIME);
    assert_eq!(check_signed(trusting_root(), &good_certificate(), updated), Verified);
}

#[test]
fn certificate_not_valid_yet_is_invalid() {
    assert_eq!(check_signed(trusting_root(), &good_certificate(), document("2020-01-01T00:00:00Z")), Verified);
    let early = check_signed(trusting_root(), &good_certificate(), document("2019-12-31T23:59:59Z"));
    assert!(
        matches!(early, Invalid(InvalidSignature::NotYetValid { from: 1_577_836_800, time: 1_577_836_799, .. })),
        "{early:?}"
    );
    // The result does not depend on the roots.
    assert_eq!(check_signed(Roots::none(), &good_certificate(), document("2019-12-31T23:59:59Z")), early);
    // The root certificate starts after the license.
    let young = Form { from: "20210701000000Z", ..Form::root(&root()) }.sign(&root());
    let result = check_signed(roots(std::slice::from_ref(&young)), &good_certificate(), document(IN_TIME));
    assert!(matches!(result, Invalid(InvalidSignature::RootNotValid { .. })), "{result:?}");
    // An older certificate of the same root makes the license valid.
    let both = roots(&[young, Form::root(&root()).sign(&root())]);
    assert_eq!(check_signed(both, &good_certificate(), document(IN_TIME)), Verified);
}

#[test]
fn wrong_chain_is_invalid() {
    // The certificate names the root by name and key, and has the signature of another key.
    let mut form = Form::provider(&provider());
    form.extensions.push(by_key(b"root 1"));
    let mut known = Form::root(&root());
    known.extensions.push(key_id(b"root 1"));
    let known = known.sign(&root());
    let forged = form.sign(&Key::p256(9));
    let result = check_signed(roots(std::slice::from_ref(&known)), &forged, document(IN_TIME));
    assert!(matches!(result, Invalid(InvalidSignature::Chain { .. })), "{result:?}");
    assert_eq!(check_signed(roots(&[known]), &form.sign(&root()), document(IN_TIME)), Verified);
    // A provider is no authority and cannot certify another provider.
    let middle = Form::provider(&provider()).sign(&root());
    let mut one = Roots::none();
    assert!(matches!(one.trust(&middle), Err(RootError::NotAnAuthority(_))));
    let below = Form { issuer: "Corner Library", ..Form::provider(&provider()) }.sign(&provider());
    assert_eq!(check_signed(trusting_root(), &below, document(IN_TIME)), UnknownRoot);
    // The root signed the certificate, which names another issuer.
    let misnamed = Form { issuer: "Other", ..Form::provider(&provider()) }.sign(&root());
    assert_eq!(check_signed(trusting_root(), &misnamed, document(IN_TIME)), UnknownRoot);
}

#[test]
fn distrusted_certificates_are_invalid() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let distrusted = |file: &[u8]| {
        let mut roots = trusting_root();
        roots.distrust(file).unwrap();
        verify(roots, &license).check
    };
    // The provider: by its certificate, by another certificate of its key, by its license.
    for file in
        [good_certificate(), pem(&good_certificate()), Form::provider(&provider()).sign(&Key::p256(8)), license.clone()]
    {
        assert!(matches!(distrusted(&file), Invalid(InvalidSignature::Distrusted(name)) if name == "Corner Library"));
    }
    // The root.
    let root = Form::root(&root()).sign(&root());
    assert!(matches!(distrusted(&root), Invalid(InvalidSignature::Distrusted(name)) if name == "Books Root"));
    // A root that was never trusted.
    let mut roots = Roots::none();
    roots.distrust(&root).unwrap();
    assert!(matches!(verify(roots.clone(), &license).check, Invalid(InvalidSignature::Distrusted(_))));
    assert!(matches!(roots.trust(&root), Err(RootError::Distrusted(_))), "a distrusted root must be removed first");
    // Another provider.
    assert_eq!(distrusted(&Form::provider(&Key::p256(7)).sign(&Key::p256(1))), Verified);
}

#[test]
fn weak_algorithms_are_invalid() {
    let sha1 = Form { algorithm: ECDSA_SHA1, ..Form::provider(&provider()) }.sign(&root());
    let result = check_signed(trusting_root(), &sha1, document(IN_TIME));
    assert!(matches!(result, Invalid(InvalidSignature::WeakAlgorithm { algorithm: "SHA-1", .. })), "{result:?}");
    let short = Form { key: rsa_key(1024), ..Form::provider(&provider()) }.sign(&root());
    let result = check_signed(trusting_root(), &short, document(IN_TIME));
    assert!(matches!(result, Invalid(InvalidSignature::WeakKey { bits: 1024, .. })), "{result:?}");
    // The signature of a root certificate proves nothing, so its hash may be weak.
    let old = Form { algorithm: ECDSA_SHA1, ..Form::root(&root()) }.sign(&root());
    assert_eq!(check_signed(roots(&[old]), &good_certificate(), document(IN_TIME)), Verified);
    let short = Form { key: rsa_key(1024), ..Form::root(&root()) }.sign(&root());
    let refused = Roots::none().trust(&short).unwrap_err();
    assert!(
        matches!(refused, RootError::Unreliable { reason: InvalidSignature::WeakKey { bits: 1024, .. }, .. }),
        "{refused}"
    );
}

#[test]
fn certificate_for_other_use_is_invalid() {
    let certifies = Form { extensions: vec![usage(0b0000_0100)], ..Form::provider(&provider()) }.sign(&root());
    assert!(matches!(
        check_signed(trusting_root(), &certifies, document(IN_TIME)),
        Invalid(InvalidSignature::Usage(_))
    ));
    let silent = Form { extensions: vec![authority()], ..Form::provider(&provider()) }.sign(&root());
    assert_eq!(check_signed(trusting_root(), &silent, document(IN_TIME)), Verified);
    let unknown = extension("1.3.6.1.4.1.99999.1", true, &der(5, &[]));
    let critical = Form { extensions: vec![unknown], ..Form::provider(&provider()) }.sign(&root());
    let result = check_signed(trusting_root(), &critical, document(IN_TIME));
    assert!(
        matches!(result, Invalid(InvalidSignature::Unsupported { ref feature, .. }) if feature == "1.3.6.1.4.1.99999.1"),
        "{result:?}"
    );
    let signs_nothing = Form { extensions: vec![authority(), usage(0b1000_0000)], ..Form::root(&root()) }.sign(&root());
    assert!(matches!(Roots::none().trust(&signs_nothing), Err(RootError::NotAnAuthority(_))));
}

#[test]
fn malformed_signature_members_are_invalid() {
    let license = signed(document(IN_TIME), &good_certificate(), &provider());
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_slice(&license).unwrap();
        change(&mut value["signature"]);
        verify(trusting_root(), value.to_string().as_bytes()).check
    };
    let rsa = changed(&|s| s["algorithm"] = json!("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"));
    assert!(matches!(rsa, Invalid(InvalidSignature::OtherKeyType(_))), "{rsa:?}");
    let sha1 = changed(&|s| s["algorithm"] = json!("http://www.w3.org/2000/09/xmldsig#rsa-sha1"));
    assert!(matches!(sha1, Invalid(InvalidSignature::Algorithm(_))), "{sha1:?}");
    assert_eq!(changed(&|s| s["value"] = json!("AA A")), Invalid(InvalidSignature::Base64("signature.value")));
    assert_eq!(changed(&|s| s["certificate"] = json!("!")), Invalid(InvalidSignature::Base64("signature.certificate")));
    assert_eq!(changed(&|s| s["certificate"] = json!("AAAA")), Invalid(InvalidSignature::Certificate));
    // Certificates have signatures in DER, licenses do not.
    let in_der = changed(&|s| {
        let plain = BASE64.decode(s["value"].as_str().unwrap().as_bytes()).unwrap();
        s["value"] = json!(BASE64.encode(&seq(&[&number(&plain[..32]), &number(&plain[32..])])));
    });
    assert!(matches!(in_der, Invalid(InvalidSignature::Signature(_))), "{in_der:?}");
    let missing = changed(&|s| s["value"] = json!(null));
    assert_eq!(missing, Invalid(InvalidSignature::Document(DocumentError::Missing("signature.value".into()))));
    // Trailing bytes make a certificate invalid.
    let longer = BASE64.encode(&[good_certificate(), vec![0]].concat());
    assert_eq!(changed(&|s| s["certificate"] = json!(longer)), Invalid(InvalidSignature::Certificate));
}
