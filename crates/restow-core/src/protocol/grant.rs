//! What a service grants, and how content keys travel in it (§5.4).

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Counter;
use crate::KeyId;
use crate::encoding::{b64, from_b64, from_b64_array};
use crate::hpke::{DecryptError, HpkePrivateKey, HpkePublicKey, Sealed};
use crate::hresult::Hresult;

/// Answer to [`Restore`](super::Restore) and [`Acquire`](super::Acquire).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Grant {
    /// What became of each license asked for.
    pub licenses: Vec<GrantEntry>,
    /// All content keys, sealed to the computer.
    pub keys: Option<SealedKeys>,
    /// For [`Outcome::Limit`](super::Outcome::Limit): the page that says more.
    pub url: Option<String>,
    /// JWS [`Revocations`](super::Revocations), each.
    #[serde(default)]
    pub revocations: Vec<String>,
    /// Documents the computer does not have in this version.
    #[serde(default)]
    pub documents: Vec<String>,
    /// A newer key set.
    pub key_set: Option<String>,
}

/// What became of one license.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GrantEntry {
    /// Its ID.
    pub license: String,
    /// SHA-256 of the document the service issued; empty when it issued none.
    pub sha256: String,
    /// Granted, or why not.
    pub outcome: Outcome,
    /// What has been used, as the service knows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<Counter>,
}

/// Granted, or why not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// This computer holds it; its keys are in the grant.
    Granted,
    /// As many computers hold it as may.
    Limit,
    /// The holder restored too often today.
    DailyLimit,
    /// The service did not issue it to this holder.
    NotYours,
    /// It was revoked.
    Revoked,
    /// It was returned.
    Returned,
    /// It was cancelled.
    Cancelled,
    /// It has expired.
    Expired,
}

impl Outcome {
    /// Whether it ends a license, and no later restore brings it.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Revoked | Self::Returned | Self::Cancelled | Self::Expired)
    }

    /// The fixed name in messages and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Limit => "limit",
            Self::DailyLimit => "daily_limit",
            Self::NotYours => "not_yours",
            Self::Revoked => "revoked",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(self) -> Hresult {
        match self {
            Self::Granted => Hresult::S_OK,
            Self::Limit | Self::DailyLimit | Self::NotYours => Hresult::NS_E_DRM_RESTORE_FRAUD,
            Self::Expired => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            Self::Revoked | Self::Returned | Self::Cancelled => Hresult::NS_E_DRM_LICENSE_UNUSABLE,
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        use Outcome::{Cancelled, DailyLimit, Expired, Granted, Limit, NotYours, Returned, Revoked};
        [Granted, Limit, DailyLimit, NotYours, Revoked, Returned, Cancelled, Expired]
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }
}

/// Content keys in one HPKE message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SealedKeys {
    /// The encapsulated key, base64url of 32 bytes.
    pub enc: String,
    /// The ciphertext, base64url.
    pub ct: String,
}

/// One content key as it stands inside the sealed message.
pub struct GrantedKey {
    /// What it opens.
    pub key_id: KeyId,
    /// The number of the seed it derives from.
    pub seed: u32,
    /// The key.
    pub key: Zeroizing<[u8; 16]>,
}

/// What a computer and a service must agree on when keys are sealed: the answer they belong to.
#[derive(Clone, Copy, Debug)]
pub struct GrantContext<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The holder.
    pub holder: &'a str,
    /// The computer.
    pub computer: &'a str,
    /// The idempotency key.
    pub request: &'a str,
}

const GRANT_INFO: &[u8] = b"restow grant v1";

impl GrantContext<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.issuer, self.holder, self.computer, self.request].join("\0").into_bytes()
    }

    /// Seals content keys to a computer.
    ///
    /// # Errors
    /// When the computer's key cannot be used.
    pub fn seal(&self, keys: &[GrantedKey], to: &HpkePublicKey) -> Result<SealedKeys, DecryptError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(keys.len().saturating_mul(40)));
        for key in keys {
            let id = key.key_id.to_bytes();
            plain.extend_from_slice(&u16::try_from(id.len()).map_err(|_| DecryptError)?.to_le_bytes());
            plain.extend_from_slice(&id);
            plain.extend_from_slice(&key.seed.to_le_bytes());
            plain.extend_from_slice(key.key.as_slice());
        }
        let sealed = to.seal(&plain, GRANT_INFO, &self.bytes())?;
        Ok(SealedKeys { enc: b64(&sealed.enc), ct: b64(&sealed.ciphertext) })
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// When it was sealed to another computer or for another request, or was changed.
    pub fn open(&self, keys: &SealedKeys, with: &HpkePrivateKey) -> Result<Vec<GrantedKey>, DecryptError> {
        let sealed = Sealed {
            enc: from_b64_array(&keys.enc).ok_or(DecryptError)?,
            ciphertext: from_b64(&keys.ct).ok_or(DecryptError)?,
        };
        let plain = with.open(&sealed, GRANT_INFO, &self.bytes())?;
        let mut rest: &[u8] = &plain;
        let mut out = Vec::new();
        while !rest.is_empty() {
            let (len, after) = rest.split_first_chunk::<2>().ok_or(DecryptError)?;
            let (id, after) = after.split_at_checked(usize::from(u16::from_le_bytes(*len))).ok_or(DecryptError)?;
            let (seed, after) = after.split_first_chunk::<4>().ok_or(DecryptError)?;
            let (key, after) = after.split_first_chunk::<16>().ok_or(DecryptError)?;
            out.push(GrantedKey {
                key_id: KeyId::from_bytes(id).ok_or(DecryptError)?,
                seed: u32::from_le_bytes(*seed),
                key: Zeroizing::new(*key),
            });
            rest = after;
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_keys_open_only_for_their_request() {
        let computer = HpkePrivateKey::from_secret(&[5; 32]);
        let context = GrantContext { issuer: "i", holder: "h", computer: "c", request: "r" };
        let keys = [GrantedKey { key_id: KeyId::Uuid([1; 16]), seed: 7, key: Zeroizing::new([9; 16]) }];
        let sealed = context.seal(&keys, &computer.public()).unwrap();
        let opened = context.open(&sealed, &computer).unwrap();
        assert_eq!((opened.len(), opened[0].seed, *opened[0].key), (1, 7, [9; 16]));
        for other in [
            GrantContext { request: "x", ..context },
            GrantContext { computer: "x", ..context },
            GrantContext { holder: "x", ..context },
            GrantContext { issuer: "x", ..context },
        ] {
            assert!(other.open(&sealed, &computer).is_err());
        }
    }
}
