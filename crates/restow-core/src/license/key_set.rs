//! An issuer's key set: the root key certifies the keys it works with (docs/service-protocol.md §2.1).

use serde::{Deserialize, Serialize};

use crate::hpke::HpkePublicKey;
use crate::jws::{self, JwsError, Statement, Unverified};
use crate::keys::{PublicKey, SecretKey};
use crate::time::UnixTime;

/// The longest key set that is accepted (docs/backup-format.md §7).
const MAX_KEY_SET: usize = 64 << 10;

/// The most keys in one key set.
pub const MAX_KEYS: usize = 64;

/// Versions count changes; JSON integers are exact up to here.
const MAX_VERSION: u64 = (1 << 53) - 1;

/// What a certified key may sign or receive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// Signs licenses.
    License,
    /// Signs answers, memberships and revocations.
    Service,
    /// Receives epoch keys for the end of the service.
    Sunset,
}

/// One key and what the root certifies about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertifiedKey {
    /// Its thumbprint.
    pub id: String,
    /// What for.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// The public key: Ed25519, or X25519 for [`KeyUse::Sunset`].
    pub x: PublicKey,
    /// Valid from this time.
    pub from: UnixTime,
    /// Not valid from this time on.
    pub until: Option<UnixTime>,
    /// Nothing it signed is accepted any more, whatever its date.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

impl CertifiedKey {
    /// A key certified from `from` on, with the thumbprint that fits its use.
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

/// The payload of a key set.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeySet {
    /// Thumbprint of the root.
    pub issuer: String,
    /// The root key.
    pub root: PublicKey,
    /// A larger version replaces a smaller one.
    pub version: u64,
    /// When it was signed.
    pub time: UnixTime,
    /// The name people know, 1 to 100 characters.
    pub name: String,
    /// Where the service is now.
    pub service_url: String,
    /// What the service does with data.
    #[serde(default)]
    pub privacy_url: Option<String>,
    /// 1 to [`MAX_KEYS`] keys.
    pub keys: Vec<CertifiedKey>,
    /// Reserved for the end of the service.
    #[serde(default)]
    pub sunset: Option<serde_json::Value>,
}

impl Statement for KeySet {
    const TYP: &'static str = "restow-key-set+jws";
}

/// A key set whose root signature was verified, with the document that proves it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedKeySet {
    set: KeySet,
    document: String,
}

impl TrustedKeySet {
    /// Signs a key set with its root.
    ///
    /// # Errors
    /// When `set` is not consistent with the root.
    pub fn sign(set: &KeySet, root: &SecretKey) -> Result<Self, JwsError> {
        Self::verify(&jws::sign(set, root)?, &root.public().thumbprint())
    }

    /// Verifies a key set under the thumbprint of the root that is meant.
    ///
    /// # Errors
    /// When it is of another issuer, not signed by that root, or inconsistent.
    pub fn verify(document: &str, issuer: &str) -> Result<Self, JwsError> {
        let unverified = parse(document)?;
        let root = unverified.claims()?.root;
        if root.thumbprint() != issuer {
            return Err(JwsError::UnknownKey(root.thumbprint()));
        }
        let set = unverified.verify(&root)?;
        if set.issuer != issuer {
            return wrong("it names another issuer");
        }
        if set.version > MAX_VERSION {
            return wrong("its version cannot be");
        }
        if !(1..=MAX_KEYS).contains(&set.keys.len()) {
            return wrong("it must have 1 to 64 keys");
        }
        if set.keys.iter().any(|key| key.id != key.thumbprint()) {
            return wrong("a key's ID is not its thumbprint");
        }
        if set.name.trim().is_empty() || set.name.chars().count() > 100 || set.name.chars().any(char::is_control) {
            return wrong("its name must have 1 to 100 printable characters");
        }
        Ok(Self { set, document: document.to_owned() })
    }

    /// Reads a key set and the issuer it claims, proven by its own root: for showing it before anybody trusts it.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_self_signed(document: &str) -> Result<Self, JwsError> {
        let issuer = parse(document)?.claims()?.root.thumbprint();
        Self::verify(document, &issuer)
    }

    /// What it says.
    #[must_use]
    pub const fn set(&self) -> &KeySet {
        &self.set
    }

    /// The signed document.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Verifies a statement by one of the keys of this use, at the time the statement itself names.
    ///
    /// # Errors
    /// [`JwsError::UnknownKey`] when the key is not certified for this use at that time; else what is wrong.
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

    /// The sunset keys valid at `time`, with their IDs.
    pub fn sunset_keys(&self, time: UnixTime) -> impl Iterator<Item = (&str, HpkePublicKey)> {
        let keys = self.set.keys.iter().filter(move |key| key.key_use == KeyUse::Sunset && key.is_valid_at(time));
        keys.map(|key| (key.id.as_str(), HpkePublicKey::from_bytes(*key.x.as_bytes())))
    }
}

/// Looks at its length before anything else, since anybody can sign for themselves.
fn parse(document: &str) -> Result<Unverified<'_, KeySet>, JwsError> {
    if document.len() > MAX_KEY_SET {
        return wrong("it is larger than 64 KiB");
    }
    Unverified::parse(document)
}

fn wrong<T>(what: &str) -> Result<T, JwsError> {
    Err(JwsError::Payload(what.to_owned()))
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
    fn only_its_own_root_signs_it() {
        let trusted = TrustedKeySet::sign(&set(), &root()).unwrap();
        assert_eq!(TrustedKeySet::verify(trusted.document(), &set().issuer).unwrap(), trusted);
        let other = Seed::from_bytes([9; 32]).signing_key("root", &[]);
        assert!(TrustedKeySet::verify(trusted.document(), &other.public().thumbprint()).is_err());
        assert!(TrustedKeySet::sign(&set(), &other).is_err(), "a root cannot sign another's set");
        let mut forged = set();
        forged.root = other.public();
        assert!(TrustedKeySet::sign(&forged, &other).is_err(), "the issuer named must be the root");
    }

    #[test]
    fn key_ids_are_thumbprints() {
        let mut wrong = set();
        wrong.keys[0].id = "else".into();
        assert!(TrustedKeySet::sign(&wrong, &root()).is_err());
    }
}
