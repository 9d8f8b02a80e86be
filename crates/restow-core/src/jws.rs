//! Signed documents: compact JWS (RFC 7515) with Ed25519 (docs/service-protocol.md §2).
//!
//! Only one form of the header is accepted, so that no document can choose its algorithm.

use std::io;
use std::marker::PhantomData;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::encoding::{b64, from_b64, from_b64_array, is_token};
use crate::keys::{PublicKey, SecretKey};
use crate::message_error;
use crate::text::to_short_line;
use crate::texts::TEXTS;

/// Maximum length of a JWS in bytes: 16 MiB.
pub const MAX_LEN: usize = 16 << 20;

/// Payload of one kind of signed document.
pub trait Statement: Serialize + DeserializeOwned {
    /// Value of the header parameter `typ`, unique for this kind.
    const TYP: &'static str;
}

message_error! {
    /// Error of a signed document.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum JwsError in TEXTS {
        /// Text that is not three base64url parts, or longer than [`MAX_LEN`].
        Form = "jws-form",
        /// Header with other members or values than this kind demands, with the `typ` of this kind.
        Header(kind: &'static str) = "jws-header",
        /// Key that is not trusted for this document, by its thumbprint.
        UnknownKey(key: String) = "jws-unknown-key",
        /// Wrong signature.
        Signature = "jws-signature",
        /// Unknown version of the payload.
        Version(version: u64) = "jws-version",
        /// Malformed payload, with an English message.
        Payload(text: String) = "jws-payload",
    }
}

#[derive(Deserialize)]
struct Header {
    kid: String,
}

fn header_of<T: Statement>(kid: &str) -> String {
    format!(r#"{{"alg":"Ed25519","kid":"{kid}","typ":"{}"}}"#, T::TYP)
}

#[derive(Serialize)]
struct Versioned<'a, T> {
    v: u64,
    #[serde(flatten)]
    payload: &'a T,
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// Writer that appends base64url to a text.
struct PayloadEncoder<'a>(data_encoding::Encoder<'a>);

impl io::Write for PayloadEncoder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.append(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Signs a statement and returns the compact JWS.
///
/// # Errors
/// [`JwsError::Payload`] if the payload cannot be serialized as JSON.
pub fn sign<T: Statement>(payload: &T, key: &SecretKey) -> Result<String, JwsError> {
    let header = header_of::<T>(&key.public().thumbprint());
    let mut text = format!("{}.", b64(header.as_bytes()));
    // A payload may have many MiB. It is encoded piece by piece, so that memory holds it only once.
    let encoding = BASE64URL_NOPAD;
    let mut encoder = PayloadEncoder(encoding.new_encoder(&mut text));
    serde_json::to_writer(&mut encoder, &Versioned { v: 1, payload }).map_err(|e| JwsError::Payload(e.to_string()))?;
    // Dropping writes the last characters.
    drop(encoder);
    let signature = key.sign(text.as_bytes());
    text.push('.');
    text.push_str(&b64(&signature));
    Ok(text)
}

/// JWS with a valid form and header, before the check of its signature.
#[derive(Debug)]
pub struct Unverified<'a, T> {
    signed: &'a str,
    kid: String,
    payload: Vec<u8>,
    signature: [u8; 64],
    kind: PhantomData<T>,
}

impl<'a, T: Statement> Unverified<'a, T> {
    /// Parses a compact JWS.
    ///
    /// # Errors
    /// - [`JwsError::Form`] for a text that is not a compact JWS, or longer than [`MAX_LEN`]
    /// - [`JwsError::Header`] for another header than this kind has
    pub fn parse(text: &'a str) -> Result<Self, JwsError> {
        if text.len() > MAX_LEN {
            return Err(JwsError::Form);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Form)?;
        let header = from_b64(header).ok_or(JwsError::Form)?;
        let parsed: Header = serde_json::from_slice(&header).map_err(|_| JwsError::Header(T::TYP))?;
        // One form only: these members, in this order, without whitespace. The key ID is a thumbprint.
        if !is_token(&parsed.kid, 0..=64) || header != header_of::<T>(&parsed.kid).into_bytes() {
            return Err(JwsError::Header(T::TYP));
        }
        Ok(Self {
            signed,
            kid: parsed.kid,
            payload: from_b64(payload).ok_or(JwsError::Form)?,
            signature: from_b64_array(signature).ok_or(JwsError::Form)?,
            kind: PhantomData,
        })
    }

    /// Returns the thumbprint of the signing key according to the header.
    #[must_use]
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Returns the payload without a check of the signature.
    ///
    /// The only purpose is to find the key that must verify the document.
    ///
    /// # Errors
    /// - [`JwsError::Version`] for an unknown version
    /// - [`JwsError::Payload`] for a malformed payload
    pub fn claims(&self) -> Result<T, JwsError> {
        let malformed = |error: serde_json::Error| JwsError::Payload(to_short_line(&error.to_string()));
        let version: Version = serde_json::from_slice(&self.payload).map_err(malformed)?;
        if version.v != 1 {
            return Err(JwsError::Version(version.v));
        }
        serde_json::from_slice(&self.payload).map_err(malformed)
    }

    /// Verifies the signature with `key` and returns the payload.
    ///
    /// # Errors
    /// - [`JwsError::UnknownKey`] if the header names another key
    /// - [`JwsError::Signature`] for a wrong signature
    /// - as [`claims`](Self::claims)
    pub fn verify(&self, key: &PublicKey) -> Result<T, JwsError> {
        if self.kid != key.thumbprint() {
            return Err(JwsError::UnknownKey(self.kid.clone()));
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(JwsError::Signature);
        }
        self.claims()
    }
}

/// Parses and verifies a document of a known signer.
///
/// # Errors
/// As [`Unverified::parse`] and [`Unverified::verify`].
pub fn verify<T: Statement>(text: &str, key: &PublicKey) -> Result<T, JwsError> {
    Unverified::parse(text)?.verify(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Letter {
        text: String,
    }
    impl Statement for Letter {
        const TYP: &'static str = "note+jws";
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct OtherLetter {
        text: String,
    }
    impl Statement for OtherLetter {
        const TYP: &'static str = "other+jws";
    }

    fn key(n: u8) -> SecretKey {
        Seed::from_bytes([n; 32]).signing_key("test", &[])
    }

    #[test]
    fn document_of_other_kind_is_refused() {
        let letter = Letter { text: "a".into() };
        let text = sign(&letter, &key(1)).expect("json");
        assert_eq!(verify::<Letter>(&text, &key(1).public()), Ok(letter));
        assert_eq!(verify::<OtherLetter>(&text, &key(1).public()), Err(JwsError::Header("other+jws")));
        assert!(matches!(verify::<Letter>(&text, &key(2).public()), Err(JwsError::UnknownKey(_))));
    }

    #[test]
    fn payload_error_has_bounded_length() {
        let text = sign(&Letter { text: "a".into() }, &key(1)).expect("json");
        let header = text.split_once('.').expect("parts").0;
        for payload in
            [r#"{"v":1,"text":["#.to_owned() + &"[".repeat(9999), format!(r#"{{"v":"{}"}}"#, "x".repeat(9999))]
        {
            let signed = format!("{header}.{}", b64(payload.as_bytes()));
            let text = format!("{signed}.{}", b64(&key(1).sign(signed.as_bytes())));
            let error = verify::<Letter>(&text, &key(1).public()).expect_err("malformed").to_string();
            assert!(error.chars().count() < 400, "{error}");
        }
    }

    #[test]
    fn changed_byte_is_refused() {
        let text = sign(&Letter { text: "a".into() }, &key(1)).expect("json");
        for i in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ascii");
            assert!(verify::<Letter>(&changed, &key(1).public()).is_err(), "byte {i}");
        }
    }

    #[test]
    fn other_headers_are_refused() {
        let text = sign(&Letter { text: "a".into() }, &key(1)).expect("json");
        let tail = text.split_once('.').expect("parts").1;
        for header in [
            r#"{"alg":"none","kid":"x","typ":"note+jws"}"#,
            r#"{"alg":"EdDSA","kid":"x","typ":"note+jws"}"#,
            r#"{"alg":"Ed25519","kid":"x","typ":"note+jws","crit":["b64"]}"#,
            r#"{"alg":"Ed25519","kid":"x"}"#,
            r#"{"typ":"note+jws","alg":"Ed25519","kid":"x"}"#,
            r#"{"alg":"Ed25519", "kid":"x","typ":"note+jws"}"#,
            "{\"alg\":\"Ed25519\",\"kid\":\"\u{9b}2J\",\"typ\":\"note+jws\"}",
        ] {
            let forged = format!("{}.{tail}", b64(header.as_bytes()));
            assert!(matches!(Unverified::<Letter>::parse(&forged), Err(JwsError::Header(_))), "{header}");
        }
    }
}
