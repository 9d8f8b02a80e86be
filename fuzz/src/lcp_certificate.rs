//! Any bytes as the certificate in a license, or as a file of roots.

use std::sync::LazyLock;

use data_encoding::{BASE64, HEXLOWER};
use restow::license::lcp::{RootError, Roots, Verifier};

use super::common::{LCP, LCP_PROVIDER, LCP_ROOT, check_presentable, sign_lcp, verify_document, with_mode};

/// Signed licenses with a placeholder for the certificate. Signing is slow and independent of the certificate.
static LICENSES: LazyLock<[String; 2]> = LazyLock::new(|| {
    ["ecdsa-sha256", "rsa-sha256"].map(|algorithm| {
        let license = sign_lcp(LCP.replace("2024-", "2021-").as_bytes(), "CERTIFICATE", algorithm);
        String::from_utf8(license.expect("a document")).expect("JSON")
    })
});

fn license(algorithm: usize, certificate: &str) -> Vec<u8> {
    LICENSES[algorithm].replace("CERTIFICATE", certificate).into_bytes()
}

pub fn run(data: &[u8]) {
    let Some((mode, data)) = data.split_first() else { return };
    match mode % 2 {
        0 => {
            // The signature fits the key of one seed. Other certificates are parsed as well.
            let certificate = BASE64.encode(data);
            for algorithm in [0, 1] {
                verify_document(&Verifier::new(trusted_roots()), &license(algorithm, &certificate));
            }
        }
        _ => {
            let (mut trusting, mut distrusting) = (trusted_roots(), trusted_roots());
            match trusting.trust(data) {
                Ok(found) => {
                    for root in found {
                        check_presentable(&root.name);
                        check_presentable(&root.subject);
                        assert!(trusting.list().contains(&root));
                        // A trusted certificate can be trusted again and removed.
                        assert_eq!(trusting.clone().trust(&root.der).map(|again| again.len()), Ok(1));
                        assert_eq!(trusting.clone().remove(&HEXLOWER.encode(&root.fingerprint)), Ok(root));
                    }
                }
                Err(error) => check_message(&error),
            }
            match distrusting.distrust(data) {
                Ok(found) => {
                    let trusted = |root: &restow::license::lcp::Root| !root.distrusted;
                    let der = |root: &restow::license::lcp::Root| found.iter().any(|one| one.der == root.der);
                    assert!(!distrusting.list().iter().any(|root| trusted(root) && der(root)));
                }
                Err(error) => check_message(&error),
            }
            let license = license(0, LCP_PROVIDER);
            for roots in [trusting, distrusting] {
                verify_document(&Verifier::new(roots), &license);
            }
        }
    }
}

fn trusted_roots() -> Roots {
    let mut roots = Roots::none();
    roots.trust(&decode(LCP_ROOT)).expect("a root");
    roots
}

fn decode(base64: &str) -> Vec<u8> {
    BASE64.decode(base64.as_bytes()).expect("base64")
}

fn check_message(error: &RootError) {
    check_presentable(&error.to_string());
    assert!(!error.code().is_empty() && !error.help().is_empty());
}

pub fn seeds() -> Vec<Vec<u8>> {
    let (root, provider) = (decode(LCP_ROOT), decode(LCP_PROVIDER));
    let pem = format!("-----BEGIN CERTIFICATE-----\n{LCP_ROOT}\n-----END CERTIFICATE-----\n");
    let license = sign_lcp(LCP.as_bytes(), LCP_PROVIDER, "ecdsa-sha256").expect("a document");
    let mut seeds: Vec<Vec<u8>> = [&root, &provider].iter().map(|der| with_mode(0, der)).collect();
    seeds.extend(
        [root, provider, pem.clone().into_bytes(), pem.repeat(2).into_bytes(), license]
            .iter()
            .map(|file| with_mode(1, file)),
    );
    seeds
}
