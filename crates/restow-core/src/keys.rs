//! Seeds, derived keys, Ed25519 signatures and key thumbprints.
//!
//! Source of the derivation: docs/service-protocol.md §1. Secrets are overwritten on drop, and `Debug` does not
//! print them.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::encoding::{b64, from_b64_array, sha256};

/// HKDF salt of all derivations.
const SALT: &[u8] = b"restow v1";

/// Secret of 32 random bytes that keys derive from.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Creates a seed from the random source of the operating system.
    ///
    /// # Errors
    /// Error of the random source.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Creates a seed from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the secret bytes, for a file that only its owner can read.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Derives 32 secret bytes for one purpose with HKDF-SHA256 (RFC 5869).
    ///
    /// The HKDF info is the label and the parts of the context, separated by zero bytes. No part may contain a zero
    /// byte.
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

    /// Derives the Ed25519 key for one purpose, as [`derive`](Self::derive).
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

/// Expands a secret with HKDF-SHA256 (RFC 5869) under the salt of Restow.
///
/// `out` must have at most 8,160 bytes, the limit of HKDF-SHA256. No caller needs more than 64.
pub(crate) fn expand(secret: &[u8], info: &[u8], out: &mut [u8]) {
    let result = Hkdf::<Sha256>::new(Some(SALT), secret).expand(info, out);
    debug_assert!(result.is_ok());
}

/// Derives the content key of 16 bytes from a license key seed and a key ID.
///
/// Source: docs/service-protocol.md §2.2. Only a service has license key seeds.
#[must_use]
pub fn content_key(license_key_seed: &Seed, key_id: &crate::KeyId) -> Zeroizing<[u8; 16]> {
    let mut info = b"content key\0".to_vec();
    info.extend_from_slice(&key_id.to_bytes());
    let mut out = Zeroizing::new([0; 16]);
    expand(license_key_seed.expose(), &info, out.as_mut_slice());
    out
}

/// Ed25519 key pair (RFC 8032).
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Creates a key pair from the secret key of 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message with Ed25519 (RFC 8032).
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

/// Ed25519 public key. Some members of the protocol use the type for the 32 bytes of an X25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Creates a public key from its bytes. Bytes that are not a point of the curve fail at the first verification.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses a public key in base64url without padding. Returns `None` for other texts.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        from_b64_array(text).map(Self)
    }

    /// Returns the 32 bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the JWK thumbprint (RFC 7638 with the members of RFC 8037), 43 characters of base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint("Ed25519", &self.0)
    }

    /// Returns true if `signature` is a signature of this key over `message`.
    ///
    /// Weak keys and non-canonical signatures are refused.
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

crate::text_serde!(PublicKey, ToString::to_string, |text| {
    Self::from_text(text).ok_or("not a public key in base64url")
});

/// Returns the JWK thumbprint (RFC 7638) of an OKP key with this curve name and public key.
pub(crate) fn thumbprint(curve: &str, x: &[u8; 32]) -> String {
    b64(&sha256(format!(r#"{{"crv":"{curve}","kty":"OKP","x":"{}"}}"#, b64(x)).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8037_key_has_published_thumbprint() {
        let key = PublicKey::from_text("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").expect("a key of RFC 8037");
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn labels_and_contexts_give_different_keys() {
        let seed = Seed::from_bytes([7; 32]);
        assert_ne!(*seed.derive("a", &["b"]), *seed.derive("ab", &[]));
        assert_ne!(*seed.derive("a", &["b"]), *seed.derive("a", &["c"]));
        assert_eq!(*seed.derive("a", &["b"]), *seed.derive("a", &["b"]));
    }

    #[test]
    fn debug_output_hides_secrets() {
        let seed = Seed::from_bytes([7; 32]);
        assert_eq!(format!("{seed:?}"), "Seed(…)");
        let key = seed.signing_key("x", &[]);
        assert!(!format!("{key:?}").contains("SigningKey"));
    }

    #[test]
    fn signature_of_other_message_is_refused() {
        let key = Seed::from_bytes([9; 32]).signing_key("x", &[]);
        let signature = key.sign(b"one");
        assert!(key.public().verifies(b"one", &signature));
        assert!(!key.public().verifies(b"two", &signature));
    }
}
