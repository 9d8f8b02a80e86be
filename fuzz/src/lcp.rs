//! Any bytes as a Readium LCP license document, and the same document signed by a provider.

use data_encoding::BASE64;
use restow::license::lcp::{InvalidSignature, LcpDetails, Roots, Verifier, canonical_form};
use restow::license::{self, BackupRight, Kind, SignatureCheck};

use super::common::{LCP, LCP_PROVIDER, LCP_ROOT, sign_lcp, verify_document};
use super::license::{check, check_message};

pub fn run(data: &[u8]) {
    match license::parse_as(Kind::Lcp, data) {
        Ok(license) => {
            check(&license, data);
            assert_eq!(license.backup_right, BackupRight::Allowed);
            assert!(license.seed.is_none() && license.holder.is_none());
            // Each parsed document is also recognized.
            assert_eq!(license::parse(data), Ok(license));
        }
        Err(error) => check_message(&error),
    }
    if let Err(error) = LcpDetails::read(data) {
        check_message(&error);
    }
    let mut roots = Roots::none();
    roots.trust(&BASE64.decode(LCP_ROOT.as_bytes()).expect("base64")).expect("a root");
    let verifier = Verifier::new(roots);
    verify_document(&verifier, data);
    let Ok(form) = canonical_form(data) else { return };
    if !form.starts_with(b"{") {
        return;
    }
    assert_eq!(canonical_form(&form).as_deref(), Ok(form.as_slice()), "it is its own");
    if let Some(signed) = sign_lcp(data, LCP_PROVIDER, "ecdsa-sha256") {
        // The document is signed, so only its time can be invalid.
        match verify_document(&verifier, &signed).check {
            SignatureCheck::Verified => {}
            SignatureCheck::Invalid(
                InvalidSignature::NotYetValid { .. } | InvalidSignature::Expired { .. } | InvalidSignature::Document(_),
            ) => {}
            other => panic!("{other:?}"),
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let early = LCP.replace(
        r#"[{"rel":["publication","x"],"href":"https://books.example/b","title":"A Book"},{"rel":"hint","href":"https://h"}]"#,
        r#"{"publication":[{"href":"https://p","title":"A Book"}],"hint":{"href":"https://h"}}"#,
    );
    assert_ne!(early, LCP);
    let in_time = LCP.replace("2024-", "2021-");
    let signed = sign_lcp(in_time.as_bytes(), LCP_PROVIDER, "ecdsa-sha256").expect("a document");
    let large = LCP.replace("\"print\":", "\"print\":1333333333333333333333333333333330,\"pages\":");
    assert_ne!(large, LCP);
    vec![LCP.into(), early.into(), in_time.into(), signed, large.into()]
}
