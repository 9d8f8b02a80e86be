//! Keys: seeds, what is derived from them, signatures and their thumbprints.
//!
//! Derivation is docs/service-protocol.md §1. Secrets are zeroized on drop and have no `Debug` that prints them.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::encoding::{b64, from_b64_array, sha256};

const SALT: &[u8] = b"restow v1";

/// 32 random bytes from which keys are derived.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A fresh seed from the system's random source.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The seed with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for writing to a protected file.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// 32 bytes for one purpose: HKDF-SHA256 with the label and context, separated by zero bytes.
    #[must_use]
    pub fn derive(&self, label: &str, context: &[&str]) -> Zeroizing<[u8; 32]> {
        let mut info = label.as_bytes().to_vec();
        for part in context {
            info.push(0);
            info.extend_from_slice(part.as_bytes());
        }
        let mut out = Zeroizing::new([0; 32]);
        expand(&self.0, &info, out.as_mut_slice());
        out
    }

    /// The Ed25519 key for one purpose.
    #[must_use]
    pub fn signing_key(&self, label: &str, context: &[&str]) -> SecretKey {
        SecretKey::from_bytes(&self.derive(label, context))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// HKDF-SHA256 under the salt all of Restow uses. `out` is at most 8,160 bytes, which all callers keep.
pub(crate) fn expand(secret: &[u8], info: &[u8], out: &mut [u8]) {
    let written = Hkdf::<Sha256>::new(Some(SALT), secret).expand(info, out);
    debug_assert!(written.is_ok());
}

/// The 16-byte content key that a license key seed and a key ID give.
///
/// Source: docs/service-protocol.md §2.2. Only a service has such seeds.
#[must_use]
pub fn content_key(license_key_seed: &Seed, key_id: &crate::KeyId) -> Zeroizing<[u8; 16]> {
    let mut info = b"content key\0".to_vec();
    info.extend_from_slice(&key_id.to_bytes());
    let mut out = Zeroizing::new([0; 16]);
    expand(license_key_seed.expose(), &info, out.as_mut_slice());
    out
}

/// An Ed25519 key that signs.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key with this secret.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// An Ed25519 signature (RFC 8032).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public().thumbprint())
    }
}

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key with these bytes; whether they are a point is seen when something is verified.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key in base64url.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        from_b64_array(text).map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The JWK thumbprint (RFC 7638 with the members of RFC 8037), 43 characters.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint("Ed25519", &self.0)
    }

    /// True when `signature` is this key's over `message`; weak keys and non-canonical signatures are refused.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)))
            .is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&b64(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::from_text(&text).ok_or_else(|| serde::de::Error::custom("not a public key in base64url"))
    }
}

/// The RFC 7638 thumbprint of an OKP key.
pub(crate) fn thumbprint(curve: &str, x: &[u8; 32]) -> String {
    b64(&sha256(format!(r#"{{"crv":"{curve}","kty":"OKP","x":"{}"}}"#, b64(x)).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprint_of_rfc_8037() {
        let key = PublicKey::from_text("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").expect("the RFC's key");
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn derivation_separates() {
        let seed = Seed::from_bytes([7; 32]);
        assert_ne!(*seed.derive("a", &["b"]), *seed.derive("ab", &[]));
        assert_ne!(*seed.derive("a", &["b"]), *seed.derive("a", &["c"]));
        assert_eq!(*seed.derive("a", &["b"]), *seed.derive("a", &["b"]));
    }

    #[test]
    fn secrets_do_not_print() {
        let seed = Seed::from_bytes([7; 32]);
        assert_eq!(format!("{seed:?}"), "Seed(…)");
        let key = seed.signing_key("x", &[]);
        assert!(!format!("{key:?}").contains("SigningKey"));
    }

    #[test]
    fn signatures_verify_only_what_was_signed() {
        let key = Seed::from_bytes([9; 32]).signing_key("x", &[]);
        let signature = key.sign(b"one");
        assert!(key.public().verifies(b"one", &signature));
        assert!(!key.public().verifies(b"two", &signature));
    }
}
