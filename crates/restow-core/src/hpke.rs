//! Encryption of keys: HPKE for a public key, and ChaCha20-Poly1305 for a shared key.
//!
//! HPKE is RFC 9180 in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20Poly1305.
//! ChaCha20-Poly1305 is RFC 8439.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use zeroize::Zeroizing;

use crate::keys;

type Kem = hpke::kem::X25519HkdfSha256;
type Kdf = hpke::kdf::HkdfSha256;
type Cipher = hpke::aead::ChaCha20Poly1305;

/// X25519 private key for decryption with HPKE.
pub struct HpkePrivateKey(<Kem as hpke::Kem>::PrivateKey);

/// X25519 public key for encryption with HPKE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HpkePublicKey([u8; 32]);

/// Message encrypted with HPKE.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Encapsulated key (RFC 9180 §4).
    pub enc: [u8; 32],
    /// Ciphertext with its tag, 16 bytes longer than the message.
    pub ciphertext: Vec<u8>,
}

/// Error of encryption or decryption: wrong key, changed bytes, or another context.
///
/// The error does not tell these cases apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecryptError;

impl fmt::Display for DecryptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed data cannot be opened: wrong key or changed bytes")
    }
}

impl std::error::Error for DecryptError {}

impl HpkePrivateKey {
    /// Derives a key from 32 secret bytes with `DeriveKeyPair` (RFC 9180 §7.1.3).
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(Kem::derive_keypair(secret).0)
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> HpkePublicKey {
        HpkePublicKey(Kem::sk_to_pk(&self.0).to_bytes().into())
    }

    /// Decrypts a message that was encrypted with the same `info` and `context`.
    ///
    /// # Errors
    /// [`DecryptError`] for a wrong key, changed bytes, or another `info` or `context`.
    pub fn open(&self, sealed: &Sealed, info: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(&sealed.enc).map_err(|_| DecryptError)?;
        hpke::single_shot_open::<Cipher, Kdf, Kem>(&OpModeR::Base, &self.0, &enc, info, &sealed.ciphertext, context)
            .map(Zeroizing::new)
            .map_err(|_| DecryptError)
    }
}

impl HpkePublicKey {
    /// Creates a public key from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the JWK thumbprint (RFC 7638) with the curve name `X25519`, 43 characters of base64url.
    #[must_use]
    pub(crate) fn thumbprint(&self) -> String {
        keys::thumbprint("X25519", &self.0)
    }

    /// Encrypts a message for the owner of this key.
    ///
    /// `info` names the purpose. `context` is authenticated and not part of the ciphertext.
    ///
    /// # Errors
    /// [`DecryptError`] if the bytes are not a usable public key.
    pub fn seal(&self, message: &[u8], info: &[u8], context: &[u8]) -> Result<Sealed, DecryptError> {
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0).map_err(|_| DecryptError)?;
        let (enc, ciphertext) =
            hpke::single_shot_seal::<Cipher, Kdf, Kem>(&OpModeS::Base, &key, info, message, context)
                .map_err(|_| DecryptError)?;
        Ok(Sealed { enc: enc.to_bytes().into(), ciphertext })
    }
}

/// Encrypts a short secret with a shared key and a random nonce.
///
/// The result is the nonce of 12 bytes, the ciphertext and the tag of 16 bytes. `context` is authenticated.
///
/// # Errors
/// Error of the random source of the operating system.
pub fn wrap(key: &[u8; 32], secret: &[u8], context: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
    let mut out = vec![0; 12];
    getrandom::fill(&mut out)?;
    let nonce: [u8; 12] = out.as_slice().try_into().unwrap_or_default();
    let sealed = chacha20poly1305::ChaCha20Poly1305::new(key.into())
        .encrypt(&nonce.into(), Payload { msg: secret, aad: context })
        .map_err(|_| getrandom::Error::UNSUPPORTED)?;
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Decrypts the result of [`wrap`].
///
/// # Errors
/// [`DecryptError`] for a wrong key, changed bytes, or another context.
pub fn unwrap(key: &[u8; 32], wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let (nonce, sealed) = wrapped.split_at_checked(12).ok_or(DecryptError)?;
    let nonce: [u8; 12] = nonce.try_into().map_err(|_| DecryptError)?;
    chacha20poly1305::ChaCha20Poly1305::new(key.into())
        .decrypt(&nonce.into(), Payload { msg: sealed, aad: context })
        .map(Zeroizing::new)
        .map_err(|_| DecryptError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_message_needs_key_and_context() {
        let key = HpkePrivateKey::from_secret(&[3; 32]);
        let sealed = key.public().seal(b"secret", b"info", b"context").expect("a usable key");
        assert_eq!(key.open(&sealed, b"info", b"context").expect("the same context").as_slice(), b"secret");
        assert!(key.open(&sealed, b"info", b"other").is_err());
        assert!(HpkePrivateKey::from_secret(&[4; 32]).open(&sealed, b"info", b"context").is_err());
    }

    #[test]
    fn changed_wrapped_secret_is_refused() {
        let wrapped = wrap(&[1; 32], b"key", b"context").expect("randomness");
        assert_eq!(unwrap(&[1; 32], &wrapped, b"context").expect("the same").as_slice(), b"key");
        for i in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[i] ^= 1;
            assert!(unwrap(&[1; 32], &changed, b"context").is_err());
        }
        assert!(unwrap(&[1; 32], &wrapped[..5], b"context").is_err());
    }
}
