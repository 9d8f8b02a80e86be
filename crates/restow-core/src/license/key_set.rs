//! Key set of an issuer: the root key certifies the keys that sign for the issuer (docs/service-protocol.md §2.1).

use serde::{Deserialize, Serialize};

use crate::hpke::HpkePublicKey;
use crate::jws::{self, JwsError, Statement, Unverified};
use crate::keys::{PublicKey, SecretKey};
use crate::time::UnixTime;

/// Maximum size of a signed key set in bytes (docs/backup-format.md §7).
pub const MAX_KEY_SET: usize = 64 << 10;

/// Maximum number of keys in one key set.
pub const MAX_KEYS: usize = 64;

/// Maximum version of a key set: larger JSON integers are not exact in every program (RFC 8259 §6).
const MAX_VERSION: u64 = (1 << 53) - 1;

/// Permitted use of a certified key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// Signing of licenses.
    License,
    /// Signing of answers, memberships and revocations.
    Service,
    /// Encryption of epoch keys, for the end of the service (docs/backup-format.md §4).
    Sunset,
}

/// Key that the root key certifies for one use and period.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertifiedKey {
    /// JWK thumbprint of the key (RFC 7638), 43 characters.
    pub id: String,
    /// Permitted use.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// Public key: Ed25519, or X25519 for [`KeyUse::Sunset`].
    pub x: PublicKey,
    /// Start of the validity period, inclusive.
    pub from: UnixTime,
    /// End of the validity period, exclusive; `None` if the period has no end.
    pub until: Option<UnixTime>,
    /// True if no signature of this key is accepted, at any time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

impl CertifiedKey {
    /// Creates a key that is valid from `from` on, with the thumbprint for its use.
    #[must_use]
    pub fn new(key_use: KeyUse, x: PublicKey, from: UnixTime) -> Self {
        let mut key = Self { id: String::new(), key_use, x, from, until: None, revoked: false };
        key.id = key.thumbprint();
        key
    }

    fn thumbprint(&self) -> String {
        match self.key_use {
            KeyUse::Sunset => HpkePublicKey::from_bytes(*self.x.as_bytes()).thumbprint(),
            KeyUse::License | KeyUse::Service => self.x.thumbprint(),
        }
    }

    fn is_valid_at(&self, time: UnixTime) -> bool {
        !self.revoked && self.from <= time && self.until.is_none_or(|until| time < until)
    }
}

/// Payload of a key set.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeySet {
    /// JWK thumbprint of the root key, which identifies the issuer.
    pub issuer: String,
    /// Public root key.
    pub root: PublicKey,
    /// Version, 0 to 2⁵³ − 1. A key set replaces the sets with a smaller version.
    pub version: u64,
    /// Time of signing.
    pub time: UnixTime,
    /// Name of the service for its users, 1 to 100 printable characters.
    pub name: String,
    /// Current address of the service.
    pub service_url: String,
    /// Address of the privacy statement.
    #[serde(default)]
    pub privacy_url: Option<String>,
    /// Certified keys, 1 to [`MAX_KEYS`].
    pub keys: Vec<CertifiedKey>,
    /// Reserved for the end of the service.
    #[serde(default)]
    pub sunset: Option<serde_json::Value>,
}

impl Statement for KeySet {
    const TYP: &'static str = "restow-key-set+jws";
}

/// Key set with a verified root signature, and the document that proves the signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedKeySet {
    set: KeySet,
    document: String,
}

impl TrustedKeySet {
    /// Signs a key set with its root key.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), if `set` does not fit the root key or the limits of a key set.
    pub fn sign(set: &KeySet, root: &SecretKey) -> Result<Self, JwsError> {
        Self::verify(&jws::sign(set, root)?, &root.public().thumbprint())
    }

    /// Verifies a key set of the issuer with this root thumbprint.
    ///
    /// # Errors
    /// - [`JwsError::UnknownKey`] for the key set of another issuer
    /// - [`JwsError::Signature`] for a wrong signature
    /// - [`JwsError::Payload`] for a key set that breaks a limit or contradicts itself
    /// - as [`Unverified::parse`] and [`Unverified::claims`]
    pub fn verify(document: &str, issuer: &str) -> Result<Self, JwsError> {
        let unverified = parse(document)?;
        let root = unverified.claims()?.root;
        if root.thumbprint() != issuer {
            return Err(JwsError::UnknownKey(root.thumbprint()));
        }
        let set = unverified.verify(&root)?;
        if set.issuer != issuer {
            return payload_error("it names another issuer");
        }
        if set.version > MAX_VERSION {
            return payload_error("its version cannot be");
        }
        if !(1..=MAX_KEYS).contains(&set.keys.len()) {
            return payload_error("it must have 1 to 64 keys");
        }
        if set.keys.iter().any(|key| key.id != key.thumbprint()) {
            return payload_error("a key's ID is not its thumbprint");
        }
        if set.name.trim().is_empty() || set.name.chars().count() > 100 || set.name.chars().any(char::is_control) {
            return payload_error("its name must have 1 to 100 printable characters");
        }
        Ok(Self { set, document: document.to_owned() })
    }

    /// Verifies a key set under the root key that the set itself contains.
    ///
    /// The result proves no identity. An application shows the key set, and the user decides about trust.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_self_signed(document: &str) -> Result<Self, JwsError> {
        let issuer = parse(document)?.claims()?.root.thumbprint();
        Self::verify(document, &issuer)
    }

    /// Returns the payload.
    #[must_use]
    pub const fn set(&self) -> &KeySet {
        &self.set
    }

    /// Returns the signed document.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Verifies a statement that a key with this use signed. `time_of` returns the time of signing from the
    /// statement.
    ///
    /// # Errors
    /// - [`JwsError::UnknownKey`] if the key is not certified for this use at that time
    /// - as [`Unverified::parse`] and [`Unverified::verify`]
    pub fn verify_statement<T: Statement>(
        &self,
        document: &str,
        key_use: KeyUse,
        time_of: impl Fn(&T) -> UnixTime,
    ) -> Result<T, JwsError> {
        let unverified = Unverified::<T>::parse(document)?;
        let unknown = || JwsError::UnknownKey(unverified.kid().to_owned());
        let mut candidates = self.set.keys.iter().filter(|key| key.id == unverified.kid() && key.key_use == key_use);
        let key = candidates.next().ok_or_else(unknown)?;
        let statement = unverified.verify(&key.x)?;
        if key.is_valid_at(time_of(&statement)) { Ok(statement) } else { Err(unknown()) }
    }

    /// Returns the sunset keys that are valid at `time`, with their IDs.
    pub fn sunset_keys(&self, time: UnixTime) -> impl Iterator<Item = (&str, HpkePublicKey)> {
        let keys = self.set.keys.iter().filter(move |key| key.key_use == KeyUse::Sunset && key.is_valid_at(time));
        keys.map(|key| (key.id.as_str(), HpkePublicKey::from_bytes(*key.x.as_bytes())))
    }
}

/// Parses a key set. The length is checked first, because a forged key set may have any size.
fn parse(document: &str) -> Result<Unverified<'_, KeySet>, JwsError> {
    if document.len() > MAX_KEY_SET {
        return payload_error("it is larger than 64 KiB");
    }
    Unverified::parse(document)
}

fn payload_error<T>(message: &str) -> Result<T, JwsError> {
    Err(JwsError::Payload(message.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;

    fn root() -> SecretKey {
        Seed::from_bytes([1; 32]).signing_key("root", &[])
    }

    fn set() -> KeySet {
        let service = Seed::from_bytes([2; 32]).signing_key("service", &[]);
        KeySet {
            issuer: root().public().thumbprint(),
            root: root().public(),
            version: 1,
            time: 5,
            name: "Shop".into(),
            service_url: "https://shop.example".into(),
            privacy_url: None,
            keys: vec![CertifiedKey::new(KeyUse::Service, service.public(), 0)],
            sunset: None,
        }
    }

    #[test]
    fn foreign_root_signature_is_refused() {
        let trusted = TrustedKeySet::sign(&set(), &root()).unwrap();
        assert_eq!(TrustedKeySet::verify(trusted.document(), &set().issuer).unwrap(), trusted);
        let other = Seed::from_bytes([9; 32]).signing_key("root", &[]);
        assert!(TrustedKeySet::verify(trusted.document(), &other.public().thumbprint()).is_err());
        assert!(TrustedKeySet::sign(&set(), &other).is_err(), "a root key cannot sign the set of another root");
        let mut forged = set();
        forged.root = other.public();
        assert!(TrustedKeySet::sign(&forged, &other).is_err(), "the issuer must be the root");
    }

    #[test]
    fn key_id_other_than_thumbprint_is_refused() {
        let mut wrong = set();
        wrong.keys[0].id = "else".into();
        assert!(TrustedKeySet::sign(&wrong, &root()).is_err());
    }
}
