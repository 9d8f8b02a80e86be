//! The secret of a service and the tokens derived with it.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use restow_core::keys::Seed;
use sha2::Sha256;

/// Secret for the derivation of page tokens and link codes.
#[derive(Clone)]
pub(crate) struct TokenSecret(Seed);

impl TokenSecret {
    pub(crate) const fn new(seed: Seed) -> Self {
        Self(seed)
    }

    /// Derives a token: 16 bytes in base64url, 22 characters. Equal parts give equal tokens.
    pub(crate) fn token(&self, purpose: &str, parts: &[&str]) -> String {
        // HMAC accepts keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else { return String::new() };
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&[0]);
            mac.update(part.as_bytes());
        }
        let bytes = mac.finalize().into_bytes();
        BASE64URL_NOPAD.encode(bytes.get(..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_separates_its_parts() {
        let secret = TokenSecret::new(Seed::from_bytes([1; 32]));
        assert_eq!(secret.token("a", &["b"]).len(), 22);
        assert_ne!(secret.token("a", &["bc", "d"]), secret.token("a", &["b", "cd"]));
        assert_ne!(secret.token("a", &["b"]), secret.token("c", &["b"]));
    }
}
