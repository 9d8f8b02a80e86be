//! Builders of certificates and signed licenses with chosen defects. The keys are fixed.

use data_encoding::BASE64;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use restow::license::lcp::canonical_form;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Encodes a value in DER.
pub fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut head = vec![tag];
    match len {
        0..=0x7F => head.push(len as u8),
        0x80..=0xFF => head.extend([0x81, len as u8]),
        _ => head.extend([0x82, (len >> 8) as u8, len as u8]),
    }
    [head.as_slice(), content].concat()
}

pub fn seq(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

/// Encodes an unsigned number in DER.
pub fn number(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let bytes = &bytes[start..];
    let sign: &[u8] = if bytes[0] >= 0x80 { &[0] } else { &[] };
    der(2, &[sign, bytes].concat())
}

pub fn oid(text: &str) -> Vec<u8> {
    let parts: Vec<u64> = text.split('.').map(|part| part.parse().unwrap()).collect();
    let mut content = vec![(parts[0] * 40 + parts[1]) as u8];
    for part in &parts[2..] {
        let mut groups = vec![(part & 0x7F) as u8];
        let mut rest = part >> 7;
        while rest > 0 {
            groups.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        groups.reverse();
        content.extend(groups);
    }
    der(6, &content)
}

pub const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
pub const ECDSA_SHA1: &str = "1.2.840.10045.4.1";

/// Key pair on P-256 or P-521.
#[derive(Clone)]
pub enum Key {
    P256(Box<p256::ecdsa::SigningKey>),
    P521(Box<p521::ecdsa::SigningKey>),
}

impl Key {
    pub fn p256(seed: u8) -> Self {
        Self::P256(Box::new(p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap()))
    }

    pub fn p521(seed: u8) -> Self {
        let mut secret = [seed; 66];
        secret[0] = 0;
        Self::P521(Box::new(p521::ecdsa::SigningKey::from_slice(&secret).unwrap()))
    }

    /// Signs the SHA-256 of a message and returns r followed by s.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let digest = Sha256::digest(message);
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                signature.to_bytes().to_vec()
            }
            Self::P521(key) => {
                let signature: p521::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                signature.to_bytes().to_vec()
            }
        }
    }

    /// Returns the public key as a `SubjectPublicKeyInfo`.
    pub fn public(&self) -> Vec<u8> {
        let (curve, point) = match self {
            Self::P256(key) => ("1.2.840.10045.3.1.7", key.verifying_key().to_sec1_point(false).as_bytes().to_vec()),
            Self::P521(key) => ("1.3.132.0.35", key.verifying_key().to_sec1_point(false).as_bytes().to_vec()),
        };
        let algorithm = seq(&[&oid("1.2.840.10045.2.1"), &oid(curve)]);
        seq(&[&algorithm, &der(3, &[&[0], point.as_slice()].concat())])
    }
}

/// Returns an RSA public key of this length. Its private key does not exist.
pub fn rsa_key(bits: usize) -> Vec<u8> {
    let modulus: Vec<u8> = (0..bits / 8).map(|at| if at == 0 { 0xC1 } else { at as u8 | 1 }).collect();
    let key = seq(&[&number(&modulus), &number(&[1, 0, 1])]);
    let algorithm = seq(&[&oid("1.2.840.113549.1.1.1"), &der(5, &[])]);
    seq(&[&algorithm, &der(3, &[&[0], key.as_slice()].concat())])
}

/// Fields of a certificate before its signature.
#[derive(Clone)]
pub struct Form {
    pub subject: &'static str,
    pub issuer: &'static str,
    pub key: Vec<u8>,
    pub from: &'static str,
    pub until: &'static str,
    /// Extensions in DER.
    pub extensions: Vec<Vec<u8>>,
    pub algorithm: &'static str,
}

pub fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
    seq(&[&oid(id), critical, &der(4, value)])
}

pub fn authority() -> Vec<u8> {
    extension("2.5.29.19", true, &seq(&[&der(1, &[0xFF])]))
}

/// Returns the extension key usage. The first bit of the byte is `digitalSignature`, the sixth `keyCertSign`.
pub fn usage(bits: u8) -> Vec<u8> {
    extension("2.5.29.15", true, &der(3, &[bits.trailing_zeros() as u8, bits]))
}

pub fn key_id(id: &[u8]) -> Vec<u8> {
    extension("2.5.29.14", false, &der(4, id))
}

pub fn by_key(id: &[u8]) -> Vec<u8> {
    extension("2.5.29.35", false, &seq(&[&der(0x80, id)]))
}

impl Form {
    pub fn root(key: &Key) -> Self {
        Self {
            subject: "Books Root",
            issuer: "Books Root",
            key: key.public(),
            from: "20150101000000Z",
            until: "20400101000000Z",
            extensions: vec![authority(), usage(0b0000_0110)],
            algorithm: ECDSA_SHA256,
        }
    }

    pub fn provider(key: &Key) -> Self {
        Self {
            subject: "Corner Library",
            key: key.public(),
            from: "20200101000000Z",
            until: "20211231235959Z",
            extensions: vec![usage(0b1000_0000)],
            ..Self::root(key)
        }
    }

    /// Signs the certificate with this key. The issuer name may be another one.
    pub fn sign(&self, signer: &Key) -> Vec<u8> {
        let name = |text: &str| seq(&[&der(0x31, &seq(&[&oid("2.5.4.3"), &der(0x0C, text.as_bytes())]))]);
        let algorithm = seq(&[&oid(self.algorithm)]);
        let time = |text: &str| der(0x18, text.as_bytes());
        let extensions: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        let body = seq(&[
            &der(0xA0, &number(&[2])),
            &number(&[7]),
            &algorithm,
            &name(self.issuer),
            &seq(&[&time(self.from), &time(self.until)]),
            &name(self.subject),
            &self.key,
            &der(0xA3, &seq(&extensions)),
        ]);
        let plain = signer.sign(&body);
        let (r, s) = plain.split_at(plain.len() / 2);
        let signature = seq(&[&number(r), &number(s)]);
        seq(&[&body, &algorithm, &der(3, &[&[0], signature.as_slice()].concat())])
    }
}

pub fn pem(der: &[u8]) -> Vec<u8> {
    let text = BASE64.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n")).into_bytes()
}

/// Returns a license document without a signature that fits the published schema.
pub fn document(issued: &str) -> Value {
    json!({
        "id": "b7a1", "provider": "https://books.example", "issued": issued,
        "encryption": {
            "profile": "http://readium.org/lcp/profile-1.0",
            "content_key": {"algorithm": "http://www.w3.org/2001/04/xmlenc#aes256-cbc", "encrypted_value": "AAAA"},
            "user_key": {"algorithm": "http://www.w3.org/2001/04/xmlenc#sha256", "text_hint": "Your card", "key_check": "AAAA"},
        },
        "links": [
            {"rel": "hint", "href": "https://books.example/hint"},
            {"rel": ["publication"], "href": "https://books.example/b?a=1&b=2", "title": "A Bo\u{f6}k", "length": 7},
        ],
        "rights": {"print": 10, "https://books.example/rights/x": 1.5},
        "user": {"id": "u1", "name": "Ada"},
    })
}

/// Signs a document as a provider does.
pub fn signed(mut document: Value, certificate: &[u8], key: &Key) -> Vec<u8> {
    let value = key.sign(&canonical_form(document.to_string().as_bytes()).unwrap());
    document["signature"] = json!({
        "algorithm": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "certificate": BASE64.encode(certificate),
        "value": BASE64.encode(&value),
    });
    document.to_string().into_bytes()
}
