//! Signatures by the keys that certificates hold.
//!
//! RSA is PKCS #1 v1.5 (RFC 8017, §8.2) by keys of 2,048 to 8,192 bits; ECDSA (FIPS 186-5) is over P-256, P-384 and P-521: the
//! providers that are certified for the production profile have keys of P-521.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The hash under a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// The curve of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// How many bytes a coordinate has.
    const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// A public key that signatures can be checked with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Key {
    /// An `RSAPublicKey` (RFC 8017, appendix A.1.1) in DER.
    Rsa(Vec<u8>),
    /// A point in the form of SEC 1, §2.3.3.
    Ec(Curve, Vec<u8>),
}

/// Whether an RSA signature is right.
pub(super) fn rsa(key: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    let algorithm = match hash {
        Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
    };
    UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
}

/// Whether an ECDSA signature is right: r and s one after the other, each as long as a coordinate.
pub(super) fn ecdsa(curve: Curve, point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
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

/// An `Ecdsa-Sig-Value` (RFC 3279, §2.2.3) as [`ecdsa`] takes it.
pub(super) fn plain(curve: Curve, der: &[u8]) -> Option<Vec<u8>> {
    use x509_cert::der::{Decode as _, Reader as _, SliceReader, asn1::UintRef};
    let mut reader = SliceReader::new(der).ok()?;
    let [r, s] = reader
        .sequence(|numbers| Ok::<_, x509_cert::der::Error>([UintRef::decode(numbers)?, UintRef::decode(numbers)?]))
        .ok()?;
    reader.finish().ok()?;
    let len = curve.bytes();
    let mut plain = Vec::with_capacity(len.saturating_mul(2));
    for number in [r.as_bytes(), s.as_bytes()] {
        plain.resize(plain.len().checked_add(len.checked_sub(number.len())?)?, 0);
        plain.extend_from_slice(number);
    }
    Some(plain)
}
