//! Keys, documents and small helpers that several targets share. Every key is fixed, so that seeds stay the same.

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use restow::keys::{SecretKey, Seed};
use restow::license::{CertifiedKey, KeySet, KeyUse, Limits, NativeLicense, Right, Rights, TrustedKeySet};
use restow::seal::OpeningKey;
use tempfile::TempDir;

/// Takes bytes from the front; where there are none left, zero.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    /// At most so many.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// What stands behind its 16-bit length.
    pub fn counted(&mut self) -> &'a [u8] {
        let len = self.u16();
        self.take(len.into())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The other direction of [`Bytes::counted`].
pub fn counted(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).expect("a short seed");
    [&len.to_le_bytes()[..], bytes].concat()
}

/// Behind a byte that chooses the mode.
pub fn with_mode(mode: u8, bytes: &[u8]) -> Vec<u8> {
    [&[mode], bytes].concat()
}

pub fn key(label: &str) -> SecretKey {
    Seed::from_bytes([1; 32]).signing_key(label, &[])
}

pub fn sunset() -> OpeningKey {
    OpeningKey::from_secret(&[9; 32])
}

pub fn issuer() -> String {
    key("root").public().thumbprint()
}

pub fn key_set() -> KeySet {
    KeySet {
        issuer: issuer(),
        root: key("root").public(),
        version: 3,
        time: 50,
        name: "Quiet Shop".into(),
        service_url: "https://licenses.shop.example".into(),
        privacy_url: Some("https://shop.example/privacy".into()),
        keys: vec![
            CertifiedKey { until: Some(2000), ..CertifiedKey::new(KeyUse::License, key("license").public(), 100) },
            CertifiedKey::new(KeyUse::Service, key("service").public(), 0),
            CertifiedKey::new(KeyUse::Sunset, restow::keys::PublicKey::from_bytes(*sunset().public().as_bytes()), 0),
        ],
        sunset: None,
    }
}

pub static TRUSTED: LazyLock<TrustedKeySet> =
    LazyLock::new(|| TrustedKeySet::sign(&key_set(), &key("root")).expect("a sound key set"));

pub fn native_license() -> NativeLicense {
    let counted = Limits { count: Some(10), until: Some(1_900_000_000), ..Limits::default() };
    NativeLicense {
        id: "L1".into(),
        issuer: issuer(),
        holder: "H".into(),
        key_ids: vec!["09e091ab-f838-41d2-9e35-58531fd19ec7".into(), "hex:0102".into(), "text:A 17".into()],
        seed: 1,
        issued: 500,
        not_before: Some(400),
        expires: Some(1_900_000_000),
        title: Some("A Song".into()),
        priority: -3,
        rights: Rights::from([(Right::PLAY, counted), (Right::BACKUP, Limits::default())]),
        service_url: Some("https://licenses.shop.example".into()),
        unreported: Some(3),
        crit: vec![],
    }
}

/// A Readium LCP license document, as small as one can be that has everything this project looks at.
pub const LCP: &str = r#"{"provider":"https://books.example","id":"b7a1","issued":"2024-09-26T17:53:16Z",
"updated":"2024-10-01T00:00:00+02:00","encryption":{"profile":"http://readium.org/lcp/basic-profile",
"content_key":{"algorithm":"http://www.w3.org/2001/04/xmlenc#aes256-cbc","encrypted_value":"AAAA"},
"user_key":{"algorithm":"http://www.w3.org/2001/04/xmlenc#sha256","text_hint":"Your card","key_check":"AAAA"}},
"links":[{"rel":["publication","x"],"href":"https://books.example/b","title":"A Book"},{"rel":"hint","href":"https://h"}],
"rights":{"print":10,"copy":2048,"start":"2024-09-26T17:53:16Z","end":"2034-09-26T17:53:16Z"},"user":{"id":"u"},
"signature":{"algorithm":"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256","certificate":"AA\/A","value":"AAAA"}}"#;

/// A W3C Clear Key license.
pub const CLEAR_KEY: &str =
    r#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw","kid":"q5HgCTj40kGeNVhTH9GexQ"}],"type":"temporary"}"#;

/// A signed document with these very bytes as its payload, whatever they are.
pub fn sign_raw(typ: &str, payload: &[u8], key: &SecretKey) -> String {
    let header = format!(r#"{{"alg":"Ed25519","kid":"{}","typ":"{typ}"}}"#, key.public().thumbprint());
    let mut text = format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(payload));
    let signature = key.sign(text.as_bytes());
    text.push('.');
    text.push_str(&BASE64URL_NOPAD.encode(&signature));
    text
}

/// The payload of a signed document.
pub fn payload_of(document: &str) -> Vec<u8> {
    let payload = document.split('.').nth(1).expect("three parts");
    BASE64URL_NOPAD.decode(payload.as_bytes()).expect("base64url")
}

/// What is shown to people is one line, and not without end.
pub fn presentable(text: &str) {
    assert!(text.chars().count() <= 2000, "a message of {} characters", text.chars().count());
    assert!(!text.contains(char::is_control), "{text:?}");
}

/// A folder for this process. A fuzzer ends without tidying up: `scripts/fuzz` says where it is, and removes it.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
