//! What a computer has used of a right, signed by it (§5.1).

use serde::{Deserialize, Serialize};

use crate::keys::PublicKey;
use crate::license::Kind;
use crate::time::UnixTime;

/// A counter statement, signed by its computer (backup-format.md §3.1 type 2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counter {
    /// The license.
    pub license: String,
    /// The right used.
    pub right: String,
    /// The key of the computer that used it.
    pub computer_key: PublicKey,
    /// Uses so far.
    pub count: u64,
    /// When it was first used.
    pub first_use: UnixTime,
    /// The computer's signature, base64url.
    pub signature: Signature,
}

/// 64 bytes, base64url in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature(pub [u8; 64]);

impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::encoding::b64(&self.0))
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        crate::encoding::from_b64_array(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not a signature in base64url"))
    }
}

impl Counter {
    /// The largest count: integers of JSON are exact up to here.
    pub const MAX_COUNT: u64 = (1 << 53) - 1;

    /// Signs what the computer has used.
    #[must_use]
    pub fn sign(
        issuer: &str,
        license: &str,
        right: &str,
        count: u64,
        first_use: UnixTime,
        key: &crate::keys::SecretKey,
    ) -> Self {
        let mut counter = Self {
            license: license.to_owned(),
            right: right.to_owned(),
            computer_key: key.public(),
            count,
            first_use,
            signature: Signature([0; 64]),
        };
        counter.signature = Signature(key.sign(&counter.signed_bytes(issuer)));
        counter
    }

    /// True when its computer signed it for this issuer.
    #[must_use]
    pub fn verifies(&self, issuer: &str) -> bool {
        (1..=Self::MAX_COUNT).contains(&self.count)
            && self.computer_key.verifies(&self.signed_bytes(issuer), &self.signature.0)
    }

    /// The fields of a type 2 record before the signature, as they stand in a backup.
    #[must_use]
    pub fn record_fields(&self, issuer: &str) -> Vec<u8> {
        let mut out = vec![Kind::Restow.number()];
        for text in [issuer, &self.license, &self.right] {
            // Longer text never verifies anywhere: names are limited to 255 bytes.
            let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
            out.extend_from_slice(&len.to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(self.computer_key.as_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.first_use.to_le_bytes());
        out
    }

    fn signed_bytes(&self, issuer: &str) -> Vec<u8> {
        let mut out = b"restow counter v1\0".to_vec();
        out.extend_from_slice(&self.record_fields(issuer));
        out
    }

    /// True when this statement takes the place of `other` about the same use: more, or as much and earlier.
    #[must_use]
    pub const fn supersedes(&self, other: &Self) -> bool {
        self.count > other.count || (self.count == other.count && self.first_use < other.first_use)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;

    #[test]
    fn counters_are_their_computers() {
        let key = Seed::from_bytes([1; 32]).signing_key("c", &[]);
        let counter = Counter::sign("issuer", "L", "Play", 3, 9, &key);
        assert!(counter.verifies("issuer"));
        assert!(!counter.verifies("other"));
        assert!(!Counter { count: 2, ..counter.clone() }.verifies("issuer"));
        assert!(!Counter { first_use: 8, ..counter }.verifies("issuer"));
    }
}
