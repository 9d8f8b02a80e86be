//! Content keys for the end of a service (docs/backup-format.md §3.1, types 4 and 5).
//!
//! Each run wraps the content keys of an issuer under one epoch key. The epoch key is sealed to the sunset keys
//! of the issuer only.

use restow_core::KeyId;
use restow_core::hpke::{self, DecryptError, HpkePrivateKey, HpkePublicKey, Sealed};
use zeroize::Zeroizing;

use super::codec::RecordError;
use super::record::{ContentKeyRecord, EpochKeyRecord};

const INFO: &[u8] = b"restow epoch v1";

/// Reason why a content key cannot be wrapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum WrapError {
    /// The issuer or the key ID does not fit into a record.
    Record(RecordError),
    /// The system provides no randomness.
    Random(getrandom::Error),
}

impl std::fmt::Display for WrapError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record(error) => error.fmt(f),
            Self::Random(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WrapError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Record(error) => Some(error),
            Self::Random(error) => Some(error),
        }
    }
}

/// Key that wraps the content keys of one issuer in one run.
pub struct EpochKey {
    issuer: String,
    epoch: [u8; 16],
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EpochKey({}, …)", self.issuer)
    }
}

impl EpochKey {
    /// Creates a random key.
    ///
    /// # Errors
    /// An error of the random number generator of the system.
    pub fn new(issuer: &str) -> Result<Self, getrandom::Error> {
        let mut epoch = [0; 16];
        getrandom::fill(&mut epoch)?;
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self { issuer: issuer.to_owned(), epoch, key })
    }

    /// Wraps one content key.
    ///
    /// # Errors
    /// [`WrapError::Record`] if the issuer or the key ID does not fit into a record, [`WrapError::Random`] if the
    /// random number generator fails.
    pub fn wrap(&self, key_id: &KeyId, seed: u32, content_key: &[u8; 16]) -> Result<ContentKeyRecord, WrapError> {
        let mut record = ContentKeyRecord {
            issuer: self.issuer.clone(),
            key_id: key_id.clone(),
            seed,
            epoch: self.epoch,
            nonce: [0; 12],
            wrapped: [0; 32],
        };
        let context = record.associated_data().map_err(WrapError::Record)?;
        let wrapped = hpke::wrap(&self.key, content_key, &context).map_err(WrapError::Random)?;
        // The lengths of nonce, key and tag are constant.
        if let Some((nonce, ciphertext)) = wrapped.split_first_chunk::<12>()
            && let Ok(ciphertext) = ciphertext.try_into()
        {
            (record.nonce, record.wrapped) = (*nonce, ciphertext);
        }
        Ok(record)
    }

    /// Unwraps one content key.
    ///
    /// # Errors
    /// The record was wrapped under another key, or changed.
    pub fn unwrap(&self, record: &ContentKeyRecord) -> Result<Zeroizing<[u8; 16]>, DecryptError> {
        let context = record.associated_data().map_err(|_| DecryptError)?;
        let key = hpke::unwrap(&self.key, &[record.nonce.as_slice(), &record.wrapped].concat(), &context)?;
        key.as_slice().try_into().map(Zeroizing::new).map_err(|_| DecryptError)
    }

    /// Seals this key to a sunset key with one public-key operation, independent of the number of content keys.
    ///
    /// # Errors
    /// The sunset key is invalid, or its ID or the issuer does not fit into a record.
    pub fn seal_to(&self, sunset_key_id: &str, sunset_key: &HpkePublicKey) -> Result<EpochKeyRecord, DecryptError> {
        let mut record = EpochKeyRecord {
            issuer: self.issuer.clone(),
            epoch: self.epoch,
            sunset_key: sunset_key_id.to_owned(),
            enc: [0; 32],
            sealed: [0; 48],
        };
        let context = record.associated_data().map_err(|_| DecryptError)?;
        let sealed = sunset_key.seal(self.key.as_slice(), INFO, &context)?;
        record.enc = sealed.enc;
        record.sealed = sealed.ciphertext.try_into().map_err(|_| DecryptError)?;
        Ok(record)
    }

    /// Opens a sealed epoch key.
    ///
    /// # Errors
    /// The record was sealed to another key, or changed.
    pub fn open(record: &EpochKeyRecord, sunset_key: &HpkePrivateKey) -> Result<Self, DecryptError> {
        let context = record.associated_data().map_err(|_| DecryptError)?;
        let sealed = Sealed { enc: record.enc, ciphertext: record.sealed.to_vec() };
        let key = sunset_key.open(&sealed, INFO, &context)?;
        let key = key.as_slice().try_into().map(Zeroizing::new).map_err(|_| DecryptError)?;
        Ok(Self { issuer: record.issuer.clone(), epoch: record.epoch, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_issuer_or_key_id_is_named() {
        let long = "x".repeat(65_536);
        let too_long = |result: Result<ContentKeyRecord, WrapError>| {
            assert!(matches!(result, Err(WrapError::Record(_))));
        };
        let key_id = KeyId::Uuid([1; 16]);
        too_long(EpochKey::new(&long).unwrap().wrap(&key_id, 1, &[7; 16]));
        too_long(EpochKey::new("issuer").unwrap().wrap(&KeyId::Text(long), 1, &[7; 16]));
    }

    #[test]
    fn only_sunset_key_opens_epoch_key() {
        let epoch = EpochKey::new("issuer").unwrap();
        let key_id = KeyId::Uuid([1; 16]);
        let wrapped = epoch.wrap(&key_id, 3, &[7; 16]).unwrap();
        let sunset = HpkePrivateKey::from_secret(&[9; 32]);
        let sealed = epoch.seal_to("sunset-1", &sunset.public()).unwrap();
        assert_eq!(*EpochKey::open(&sealed, &sunset).unwrap().unwrap(&wrapped).unwrap(), [7; 16]);
        assert!(EpochKey::open(&sealed, &HpkePrivateKey::from_secret(&[8; 32])).is_err());
        let moved = EpochKeyRecord { issuer: "other".into(), ..sealed.clone() };
        assert!(EpochKey::open(&moved, &sunset).is_err());
        for moved in [
            ContentKeyRecord { issuer: "other".into(), ..wrapped.clone() },
            ContentKeyRecord { seed: 4, ..wrapped.clone() },
            ContentKeyRecord { key_id: KeyId::Uuid([2; 16]), ..wrapped.clone() },
            ContentKeyRecord { epoch: [0; 16], ..wrapped.clone() },
        ] {
            assert!(epoch.unwrap(&moved).is_err());
        }
        assert!(EpochKey::new("issuer").unwrap().unwrap(&wrapped).is_err(), "another epoch");
    }
}
