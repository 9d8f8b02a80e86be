//! Verification of signatures with the keys of certificates.
//!
//! - RSA: PKCS #1 v1.5 (RFC 8017, §8.2) with keys of 2,048 to 8,192 bits.
//! - ECDSA (FIPS 186-5): P-256, P-384 and P-521. Providers of the production profile have keys on P-521.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Hash function of a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Elliptic curve of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// Returns the length of a coordinate in bytes.
    const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// Public key of a certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Key {
    /// `RSAPublicKey` (RFC 8017, appendix A.1.1) in DER.
    Rsa(Vec<u8>),
    /// Curve and point, encoded as in SEC 1, §2.3.3.
    Ec(Curve, Vec<u8>),
}

/// Returns true if an RSA signature is valid.
pub(super) fn verify_rsa(key: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    let algorithm = match hash {
        Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
    };
    UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
}

/// Returns true if an ECDSA signature is valid.
///
/// The signature is r followed by s, each with the length of a coordinate.
pub(super) fn verify_ecdsa(curve: Curve, point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    let digest = match hash {
        Hash::Sha256 => Sha256::digest(message).to_vec(),
        Hash::Sha384 => Sha384::digest(message).to_vec(),
        Hash::Sha512 => Sha512::digest(message).to_vec(),
    };
    macro_rules! verify {
        ($curve:ident) => {{
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point);
            let signature = $curve::ecdsa::Signature::from_slice(signature);
            matches!((key, signature), (Ok(key), Ok(signature)) if key.verify_prehash(&digest, &signature).is_ok())
        }};
    }
    match curve {
        Curve::P256 => verify!(p256),
        Curve::P384 => verify!(p384),
        Curve::P521 => verify!(p521),
    }
}

/// Converts an `Ecdsa-Sig-Value` in DER (RFC 3279, §2.2.3) to the form of [`verify_ecdsa`].
pub(super) fn ecdsa_from_der(curve: Curve, der: &[u8]) -> Option<Vec<u8>> {
    use x509_cert::der::{Decode as _, Reader as _, SliceReader, asn1::UintRef};
    let mut reader = SliceReader::new(der).ok()?;
    let [r, s] = reader
        .sequence(|numbers| Ok::<_, x509_cert::der::Error>([UintRef::decode(numbers)?, UintRef::decode(numbers)?]))
        .ok()?;
    reader.finish().ok()?;
    let len = curve.coordinate_len();
    let mut signature = Vec::with_capacity(len.saturating_mul(2));
    for number in [r.as_bytes(), s.as_bytes()] {
        signature.resize(signature.len().checked_add(len.checked_sub(number.len())?)?, 0);
        signature.extend_from_slice(number);
    }
    Some(signature)
}
