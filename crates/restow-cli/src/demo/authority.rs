//! A license authority and a provider with random keys for one run.
//!
//! The certificates follow RFC 5280. Their few DER forms (X.690) are encoded by hand. The license is signed as
//! in LCP 1.0, §5.

use data_encoding::BASE64;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use restow::license::lcp::canonical_form;
use serde_json::{Value, json};

use super::{CommandError, Failure, scenario_error};

/// Object identifiers in DER.
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 15];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 19];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];
const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];
const ECDSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];

/// DER tags.
const INTEGER: u8 = 2;
const BITS: u8 = 3;
const OCTETS: u8 = 4;
const OBJECT: u8 = 6;
const UTF8: u8 = 12;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Key and certificates that sign the licenses of a provider.
pub(super) struct Authority {
    /// Root certificate in DER.
    root: Vec<u8>,
    /// Certificate of the provider, signed by the root.
    certificate: Vec<u8>,
    key: SigningKey,
}

impl Authority {
    /// Creates an authority and a provider with these names.
    pub(super) fn new(name: &str, samples: &str) -> Result<Self, Failure> {
        let (root_key, key) = (new_key()?, new_key()?);
        let certify = [1, 1, 0xFF];
        let authority = [
            extension(BASIC_CONSTRAINTS, &sequence(&[&certify])),
            // keyCertSign and cRLSign.
            extension(KEY_USAGE, &der(BITS, &[1, 0b0000_0110])),
        ];
        // digitalSignature.
        let signer = [extension(KEY_USAGE, &der(BITS, &[7, 0b1000_0000]))];
        Ok(Self {
            root: certificate((name, &root_key), (name, &root_key), &authority.concat()),
            certificate: certificate((samples, &key), (name, &root_key), &signer.concat()),
            key,
        })
    }

    /// Returns the root certificate in PEM, as `restow roots add` takes it.
    pub(super) fn root(&self) -> String {
        let text = BASE64.encode(&self.root);
        let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
        let lines = lines.collect::<Vec<_>>().join("\n");
        format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
    }

    /// Signs a license document.
    pub(super) fn sign(&self, mut document: Value) -> Result<Vec<u8>, Failure> {
        let canonical = canonical_form(document.to_string().as_bytes()).map_err(scenario_error)?;
        let value: Signature = self.key.sign(&canonical);
        if let Some(document) = document.as_object_mut() {
            let signature = json!({
                "algorithm": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                "certificate": BASE64.encode(&self.certificate),
                "value": BASE64.encode(&value.to_bytes()),
            });
            document.insert("signature".to_owned(), signature);
        }
        Ok(document.to_string().into_bytes())
    }
}

/// Returns random bytes.
pub(super) fn random<const LEN: usize>() -> Result<[u8; LEN], Failure> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(|_| Failure::new(CommandError::Random))?;
    Ok(bytes)
}

fn new_key() -> Result<SigningKey, Failure> {
    // One in 2^32 numbers is not a valid key.
    loop {
        if let Ok(key) = SigningKey::from_slice(&random::<32>()?) {
            return Ok(key);
        }
    }
}

/// Creates a certificate for the subject, signed by the issuer.
fn certificate(subject: (&str, &SigningKey), issuer: (&str, &SigningKey), extensions: &[u8]) -> Vec<u8> {
    let name = |text: &str| {
        let attribute = sequence(&[&der(OBJECT, COMMON_NAME), &der(UTF8, text.as_bytes())]);
        sequence(&[&der(SET, &attribute)])
    };
    let algorithm = sequence(&[&der(OBJECT, ECDSA_SHA256)]);
    let ((subject, key), (issuer, issuer_key)) = (subject, issuer);
    let point = key.verifying_key().to_sec1_point(false);
    let public = sequence(&[
        &sequence(&[&der(OBJECT, EC_PUBLIC_KEY), &der(OBJECT, P256)]),
        &der(BITS, &[&[0], point.as_bytes()].concat()),
    ]);
    let body = sequence(&[
        // Version 3.
        &der(0xA0, &der(INTEGER, &[2])),
        &der(INTEGER, &[1]),
        &algorithm,
        &name(issuer),
        &sequence(&[&der(UTC_TIME, b"200101000000Z"), &der(TIME, b"20991231235959Z")]),
        &name(subject),
        &public,
        &der(0xA3, &sequence(&[extensions])),
    ]);
    let signature: Signature = issuer_key.sign(&body);
    let signature = der(BITS, &[&[0], signature.to_der().as_bytes()].concat());
    sequence(&[&body, &algorithm, &signature])
}

/// Encodes a critical extension.
fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&der(OBJECT, id), &[1, 1, 0xFF], &der(OCTETS, value)])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(SEQUENCE, &parts.concat())
}

/// Encodes a value of at most 65,535 bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or_default().to_be_bytes();
    let head = match (high, low) {
        (0, 0..=0x7F) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head.as_slice(), content].concat()
}
