//! Grant of a service, and the encryption of its content keys (§5.4).

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Counter;
use crate::KeyId;
use crate::encoding::{b64, from_b64, from_b64_array};
use crate::hpke::{DecryptError, HpkePrivateKey, HpkePublicKey, Sealed};
use crate::hresult::Hresult;
use crate::message::Message;
use crate::texts::TEXTS;

/// Answer to [`RestoreRequest`](super::RestoreRequest) and [`AcquireRequest`](super::AcquireRequest).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Grant {
    /// Outcome for each license in the request.
    pub licenses: Vec<GrantEntry>,
    /// All content keys, encrypted for the computer; `None` if no license was granted.
    pub keys: Option<SealedKeys>,
    /// Address of the page about the limit, for [`Outcome::Limit`](super::Outcome::Limit).
    pub url: Option<String>,
    /// Signed [`Revocations`](super::Revocations).
    #[serde(default)]
    pub revocations: Vec<String>,
    /// License documents that the computer does not have in this version.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Signed newer key set; `None` if the computer has the current one.
    pub key_set: Option<String>,
}

/// Outcome for one license in a grant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GrantEntry {
    /// License ID.
    pub license: String,
    /// SHA-256 of the document that the service issued, in hexadecimal digits; empty if the service issued none.
    pub sha256: String,
    /// Outcome.
    pub outcome: Outcome,
    /// Counters that the service knows; empty unless the license was granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<Counter>,
}

crate::named_enum! {
    /// Decision of a service about one license.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum Outcome {
        /// The computer holds the license, and the grant contains the content keys.
        Granted = "granted",
        /// The maximum number of computers hold the license.
        Limit = "limit",
        /// The holder reached the maximum number of restores of this day (UTC).
        DailyLimit = "daily_limit",
        /// The service did not issue the license to this holder.
        NotYours = "not_yours",
        /// The license was revoked.
        Revoked = "revoked",
        /// The license was returned.
        Returned = "returned",
        /// The license was cancelled.
        Cancelled = "cancelled",
        /// The license has expired.
        Expired = "expired",
    }
}

impl From<Outcome> for Message {
    fn from(outcome: Outcome) -> Self {
        Self::new(&TEXTS, outcome.as_str()).with_id(match outcome {
            Outcome::Granted => "outcome-granted",
            Outcome::Limit => "outcome-limit",
            Outcome::DailyLimit => "outcome-daily-limit",
            Outcome::NotYours => "outcome-not-yours",
            Outcome::Revoked => "outcome-revoked",
            Outcome::Returned => "outcome-returned",
            Outcome::Cancelled => "outcome-cancelled",
            Outcome::Expired => "outcome-expired",
        })
    }
}

impl Outcome {
    /// Returns true if the outcome ends the license for every later restore.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Revoked | Self::Returned | Self::Cancelled | Self::Expired)
    }

    /// Returns the Windows result code.
    #[must_use]
    pub const fn hresult(self) -> Hresult {
        match self {
            Self::Granted => Hresult::S_OK,
            Self::Limit | Self::DailyLimit | Self::NotYours => Hresult::NS_E_DRM_RESTORE_FRAUD,
            Self::Expired => Hresult::NS_E_DRM_LICENSE_EXPIRED,
            Self::Revoked | Self::Returned | Self::Cancelled => Hresult::NS_E_DRM_LICENSE_UNUSABLE,
        }
    }
}

/// Content keys, encrypted as one HPKE message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SealedKeys {
    /// Encapsulated key of 32 bytes in base64url.
    pub enc: String,
    /// Ciphertext in base64url.
    pub ct: String,
}

/// Content key in a grant. `Debug` is not implemented, because the key is secret.
pub struct GrantedKey {
    /// ID of the content key.
    pub key_id: KeyId,
    /// Number of the license key seed that the key derives from.
    pub seed: u32,
    /// Secret content key.
    pub key: Zeroizing<[u8; 16]>,
}

/// Context that binds encrypted content keys to one answer.
#[derive(Clone, Copy, Debug)]
pub struct GrantContext<'a> {
    /// Issuer of the service.
    pub issuer: &'a str,
    /// Holder ID.
    pub holder: &'a str,
    /// Computer ID.
    pub computer: &'a str,
    /// Idempotency key of the request.
    pub request: &'a str,
}

/// HPKE info of grants (§5.4).
const GRANT_INFO: &[u8] = b"restow grant v1";

impl GrantContext<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.issuer, self.holder, self.computer, self.request].join("\0").into_bytes()
    }

    /// Encrypts content keys for a computer.
    ///
    /// # Errors
    /// [`DecryptError`] if the public key is not usable.
    pub fn seal(&self, keys: &[GrantedKey], recipient: &HpkePublicKey) -> Result<SealedKeys, DecryptError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(keys.len().saturating_mul(40)));
        for key in keys {
            let id = key.key_id.to_bytes();
            plain.extend_from_slice(&u16::try_from(id.len()).map_err(|_| DecryptError)?.to_le_bytes());
            plain.extend_from_slice(&id);
            plain.extend_from_slice(&key.seed.to_le_bytes());
            plain.extend_from_slice(key.key.as_slice());
        }
        let sealed = recipient.seal(&plain, GRANT_INFO, &self.bytes())?;
        Ok(SealedKeys { enc: b64(&sealed.enc), ct: b64(&sealed.ciphertext) })
    }

    /// Decrypts the result of [`seal`](Self::seal).
    ///
    /// # Errors
    /// [`DecryptError`] for another computer, another request, or changed bytes.
    pub fn open(&self, keys: &SealedKeys, private_key: &HpkePrivateKey) -> Result<Vec<GrantedKey>, DecryptError> {
        let sealed = Sealed {
            enc: from_b64_array(&keys.enc).ok_or(DecryptError)?,
            ciphertext: from_b64(&keys.ct).ok_or(DecryptError)?,
        };
        let plain = private_key.open(&sealed, GRANT_INFO, &self.bytes())?;
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
    fn sealed_keys_need_their_context() {
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
