//! Keys, documents and helpers that several targets share. All keys are fixed, so that seeds are reproducible.

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use restow::license::{CertifiedKey, KeySet, KeyUse, Limits, NativeLicense, Right, Rights, TrustedKeySet};
use restow_core::hpke::HpkePrivateKey;
use restow_core::keys::{SecretKey, Seed};
use tempfile::TempDir;

/// Reader that takes bytes from the front. Missing bytes are zero.
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
        let prefix = self.take(N);
        array[..prefix.len()].copy_from_slice(prefix);
        array
    }

    /// Takes at most `len` bytes.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (prefix, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        prefix
    }

    /// Takes a 16-bit length and the bytes of this length.
    pub fn counted(&mut self) -> &'a [u8] {
        let len = self.u16();
        self.take(len.into())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Encodes bytes for [`Bytes::counted`].
pub fn counted(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).expect("a short seed");
    [&len.to_le_bytes()[..], bytes].concat()
}

/// Prepends the byte that selects the mode.
pub fn with_mode(mode: u8, bytes: &[u8]) -> Vec<u8> {
    [&[mode], bytes].concat()
}

pub fn key(label: &str) -> SecretKey {
    Seed::from_bytes([1; 32]).signing_key(label, &[])
}

pub fn sunset() -> HpkePrivateKey {
    HpkePrivateKey::from_secret(&[9; 32])
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
            CertifiedKey::new(
                KeyUse::Sunset,
                restow_core::keys::PublicKey::from_bytes(*sunset().public().as_bytes()),
                0,
            ),
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

/// Small Readium LCP license document with every member that this project reads.
pub const LCP: &str = r#"{"provider":"https://books.example","id":"b7a1","issued":"2024-09-26T17:53:16Z",
"updated":"2024-10-01T00:00:00+02:00","encryption":{"profile":"http://readium.org/lcp/basic-profile",
"content_key":{"algorithm":"http://www.w3.org/2001/04/xmlenc#aes256-cbc","encrypted_value":"AAAA"},
"user_key":{"algorithm":"http://www.w3.org/2001/04/xmlenc#sha256","text_hint":"Your card","key_check":"AAAA"}},
"links":[{"rel":["publication","x"],"href":"https://books.example/b","title":"A Book"},{"rel":"hint","href":"https://h"}],
"rights":{"print":10,"copy":2048,"start":"2024-09-26T17:53:16Z","end":"2034-09-26T17:53:16Z"},"user":{"id":"u"},
"signature":{"algorithm":"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256","certificate":"AA\/A","value":"AAAA"}}"#;

/// Root of LCP providers, and a provider with a certificate from 2020 to 2021. The keys are P-256: 32 bytes 1
/// and 32 bytes 2.
pub const LCP_ROOT: &str = "\
MIIBPzCB5qADAgECAgEHMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkJvb2tzIFJvb3QwIhgPMjAxNTAxMDEwMDAwMDBaGA8yMDQwMDEwMTAwMDAwMFowFTET\
MBEGA1UEAwwKQm9va3MgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABG/wO5SSQc4drdQ1GeaWDgqFtBppoFwygQOqK84VlMoWPE91OlW/AdxT9sCw\
x+7ni0DG/30lqW4igrmJzvccFEqjIzAhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMCA0gAMEUCIEkyU57fDPy7m+mFII5p\
apCAnhFM+qb4Nhz5pDcFMQUgAiEAmp7te5pRbqwN9wH1x/fYW7msveHEj0HFWfU4zwZ/G7s=";
pub const LCP_PROVIDER: &str = "\
MIIBMzCB2aADAgECAgEHMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkJvb2tzIFJvb3QwIhgPMjAyMDAxMDEwMDAwMDBaGA8yMDIxMTIzMTIzNTk1OVowGTEX\
MBUGA1UEAwwOQ29ybmVyIExpYnJhcnkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARVD0cQA/Pfl8PfUGrHl/ZyH7Gh+3uPb4PSJEmKZciOJBNgk9cBLlCa\
c3FcvQsAo8wP9LXAGz/6GWqx+zJwNrjmoxIwEDAOBgNVHQ8BAf8EBAMCB4AwCgYIKoZIzj0EAwIDSQAwRgIhANmjczgXi/PGkiNJk3T4Lpt+aewHuXTXG36q\
gTr889naAiEAiRAGrehSXemGxk00PlHEMdVo0sm0ULVreky7/5N/0DQ=";

/// Signs a document as this provider, with this certificate. Returns `None` for a document that cannot be
/// signed.
pub fn sign_lcp(document: &[u8], certificate: &str, algorithm: &str) -> Option<Vec<u8>> {
    use p256::ecdsa::signature::hazmat::PrehashSigner as _;
    use sha2::Digest as _;
    let mut value: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(document).ok()?;
    value.remove("signature");
    let form = restow::license::lcp::canonical_form(&serde_json::to_vec(&value).expect("JSON")).ok()?;
    let key = p256::ecdsa::SigningKey::from_slice(&[2; 32]).expect("a key");
    let signature: p256::ecdsa::Signature = key.sign_prehash(&sha2::Sha256::digest(&form)).expect("a signature");
    let signature = serde_json::json!({
        "algorithm": format!("http://www.w3.org/2001/04/xmldsig-more#{algorithm}"),
        "certificate": certificate,
        "value": data_encoding::BASE64.encode(&signature.to_bytes()),
    });
    value.insert("signature".into(), signature);
    Some(serde_json::to_vec(&value).expect("JSON"))
}

/// Verifies a document and checks the properties of every result.
pub fn verify_document(
    verifier: &restow::license::lcp::Verifier,
    document: &[u8],
) -> restow::license::lcp::Verification {
    let verification = verifier.verify(document);
    assert_eq!(verification, verifier.verify(document));
    if let restow::license::SignatureCheck::Invalid(why) = &verification.check {
        check_presentable(&why.to_string());
    }
    if let Some(signer) = &verification.signer {
        check_presentable(&signer.name);
        check_presentable(&signer.issuer);
    }
    verification
}

/// W3C Clear Key license.
pub const CLEAR_KEY: &str =
    r#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw","kid":"q5HgCTj40kGeNVhTH9GexQ"}],"type":"temporary"}"#;

/// Signs these bytes as the payload of a signed document.
pub fn sign_raw(typ: &str, payload: &[u8], key: &SecretKey) -> String {
    let header = format!(r#"{{"alg":"Ed25519","kid":"{}","typ":"{typ}"}}"#, key.public().thumbprint());
    let mut text = format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(payload));
    let signature = key.sign(text.as_bytes());
    text.push('.');
    text.push_str(&BASE64URL_NOPAD.encode(&signature));
    text
}

/// Returns the payload of a signed document.
pub fn payload_of(document: &str) -> Vec<u8> {
    let payload = document.split('.').nth(1).expect("three parts");
    BASE64URL_NOPAD.decode(payload.as_bytes()).expect("base64url")
}

/// Checks that a text for people has one line and a limited length.
pub fn check_presentable(text: &str) {
    assert!(text.chars().count() <= 2000, "a message of {} characters", text.chars().count());
    assert!(!text.contains(char::is_control), "{text:?}");
}

/// Creates a folder for this process. A fuzzer does not clean up: `scripts/fuzz` sets the place and removes it.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
