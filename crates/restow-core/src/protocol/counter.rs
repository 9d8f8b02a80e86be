//! Counters: the use of a right on one computer, signed by the computer (§5.1).

use serde::{Deserialize, Serialize};

use crate::encoding::{b64, from_b64_array};
use crate::keys::PublicKey;
use crate::license::Kind;
use crate::time::UnixTime;

/// Signed count of the uses of a right on one computer (docs/backup-format.md §3.1, type 2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counter {
    /// License ID.
    pub license: String,
    /// Name of the right.
    pub right: String,
    /// Signing key of the computer.
    pub computer_key: PublicKey,
    /// Number of uses so far, 1 to [`MAX_COUNT`](Self::MAX_COUNT).
    pub count: u64,
    /// Time of the first use.
    pub first_use: UnixTime,
    /// Signature of the computer.
    pub signature: Signature,
}

/// Ed25519 signature. JSON has base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature(
    /// Bytes of the signature (RFC 8032).
    pub [u8; 64],
);

crate::text_serde!(Signature, |signature: &Self| b64(&signature.0), |text| {
    from_b64_array(text).map(Self).ok_or("not a signature in base64url")
});

impl Counter {
    /// Maximum count, 2⁵³ − 1: larger JSON integers are not exact in every program (RFC 8259 §6).
    pub const MAX_COUNT: u64 = (1 << 53) - 1;

    /// Creates a counter and signs it for this issuer with the key of the computer.
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

    /// Returns true if the count is in range and the computer signed the counter for this issuer.
    #[must_use]
    pub fn verifies(&self, issuer: &str) -> bool {
        (1..=Self::MAX_COUNT).contains(&self.count)
            && self.computer_key.verifies(&self.signed_bytes(issuer), &self.signature.0)
    }

    /// Returns the fields of a type 2 record before its signature (docs/backup-format.md §3.1).
    #[must_use]
    pub fn record_fields(&self, issuer: &str) -> Vec<u8> {
        let mut out = vec![Kind::Restow.number()];
        for text in [issuer, &self.license, &self.right] {
            // A longer text has a wrong length here and never verifies. Names are limited to 255 bytes.
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

    /// Returns true if this counter replaces `other`: a larger count, or the same count with an earlier first use.
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
    fn changed_counter_is_refused() {
        let key = Seed::from_bytes([1; 32]).signing_key("c", &[]);
        let counter = Counter::sign("issuer", "L", "Play", 3, 9, &key);
        assert!(counter.verifies("issuer"));
        assert!(!counter.verifies("other"));
        assert!(!Counter { count: 2, ..counter.clone() }.verifies("issuer"));
        assert!(!Counter { first_use: 8, ..counter }.verifies("issuer"));
    }
}
