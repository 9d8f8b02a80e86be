//! X.509 certificates (RFC 5280), as far as a chain of two certificates needs them.

use restow_core::encoding::sha256;
use restow_core::text::to_short_line;
use restow_core::time::UnixTime;
use x509_cert::Certificate as Parsed;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{self, Decode, Encode as _, Header, Reader as _, SliceReader};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::invalid_signature::InvalidSignature;
use super::signature::{Curve, Hash, Key, ecdsa_from_der, verify_ecdsa, verify_rsa};

/// Maximum size of a certificate in bytes.
pub(super) const MAX_CERTIFICATE: usize = 64 << 10;

/// Minimum length of a trusted RSA key in bits.
const MIN_RSA_BITS: usize = 2048;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// Extensions that may be critical, because this module checks them or because they do not limit the signing of
/// licenses.
///
/// In order: subject key identifier, key usage, both alternative names, basic constraints, CRL distribution points,
/// certificate policies, authority key identifier, extended key usage (RFC 5280, §4.2.1).
const KNOWN_EXTENSIONS: [&str; 9] = [
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.19",
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.35",
    "2.5.29.37",
];

/// Signature algorithm of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum SignatureAlgorithm {
    Rsa(Hash),
    Ecdsa(Hash),
    /// Algorithm with a hash that no longer resists forgery.
    Weak(&'static str),
    Unknown(ObjectIdentifier),
}

impl SignatureAlgorithm {
    fn from_oid(algorithm: ObjectIdentifier) -> Self {
        match algorithm.to_string().as_str() {
            "1.2.840.113549.1.1.11" => Self::Rsa(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::Rsa(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::Rsa(Hash::Sha512),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            "1.2.840.113549.1.1.2" => Self::Weak("MD2"),
            "1.2.840.113549.1.1.4" => Self::Weak("MD5"),
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => Self::Weak("SHA-1"),
            "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" => Self::Weak("SHA-224"),
            _ => Self::Unknown(algorithm),
        }
    }
}

/// Parsed certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Certificate {
    der: Vec<u8>,
    /// Encoded `TBSCertificate`, which the signature covers.
    signed_part: Vec<u8>,
    signature: Vec<u8>,
    algorithm: SignatureAlgorithm,
    /// Public key, or the reason that makes the key unfit.
    key: Result<Key, InvalidSignature>,
    /// Distinguished name of the subject (RFC 4514).
    pub(super) subject: String,
    /// Distinguished name of the issuer (RFC 4514).
    pub(super) issuer: String,
    /// Name for users: the common name of the subject, or the whole subject.
    pub(super) name: String,
    /// Start of the validity period, inclusive.
    pub(super) from: UnixTime,
    /// End of the validity period, inclusive (RFC 5280, §4.1.2.5).
    pub(super) until: UnixTime,
    /// Reason that names the first unknown critical extension.
    critical: Option<InvalidSignature>,
    key_id: Option<Vec<u8>>,
    issuer_key_id: Option<Vec<u8>>,
    is_authority: bool,
    usage: Option<KeyUsage>,
    /// SHA-256 of the `SubjectPublicKeyInfo`.
    pub(super) key_digest: [u8; 32],
}

impl Certificate {
    /// Parses a certificate in DER. Trailing bytes are refused.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        if der.len() > MAX_CERTIFICATE {
            return None;
        }
        let parsed = Parsed::from_der(der).ok()?;
        let body = parsed.tbs_certificate();
        // The inner and the outer algorithm must be the same (RFC 5280, §4.1.1.2).
        if body.signature() != parsed.signature_algorithm() {
            return None;
        }
        // A malformed extension must not pass for an absent one.
        let key_id: Option<SubjectKeyIdentifier> = extension(&parsed, "2.5.29.14").ok()?;
        let issuer_key_id: Option<AuthorityKeyIdentifier> = extension(&parsed, "2.5.29.35").ok()?;
        let constraints: Option<BasicConstraints> = extension(&parsed, "2.5.29.19").ok()?;
        let usage = extension(&parsed, "2.5.29.15").ok()?;
        let subject = body.subject().to_string();
        let name = body.subject().common_name().ok().flatten().map(|name| name.value().into_owned());
        let name = to_short_line(&name.unwrap_or_else(|| subject.clone()));
        let critical = body
            .extensions()
            .into_iter()
            .flatten()
            .find(|extension| extension.critical && !KNOWN_EXTENSIONS.contains(&extension.extn_id.to_string().as_str()))
            .map(|extension| unsupported(&name, extension.extn_id));
        let key_info = body.subject_public_key_info();
        let seconds = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
        Some(Self {
            signed_part: signed_part(der)?,
            signature: parsed.signature().as_bytes()?.to_vec(),
            algorithm: SignatureAlgorithm::from_oid(parsed.signature_algorithm().oid),
            key: key(key_info, &name),
            name,
            subject,
            issuer: body.issuer().to_string(),
            from: seconds(&body.validity().not_before)?,
            until: seconds(&body.validity().not_after)?,
            critical,
            key_id: key_id.map(|id| id.0.as_bytes().to_vec()),
            issuer_key_id: issuer_key_id.and_then(|id| id.key_identifier).map(|id| id.as_bytes().to_vec()),
            is_authority: constraints.is_some_and(|constraints| constraints.ca),
            usage,
            key_digest: sha256(&key_info.to_der().ok()?),
            der: der.to_vec(),
        })
    }

    /// Returns the certificate in DER.
    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the fingerprint: the SHA-256 of the certificate in DER.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// Returns the public key, or the reason that makes the key unfit.
    pub(super) fn key(&self) -> Result<&Key, InvalidSignature> {
        self.key.as_ref().map_err(Clone::clone)
    }

    /// Returns the first flaw of the key and the extensions.
    ///
    /// The hash of the signature has its own check, because the signature of a root certificate proves nothing.
    pub(super) fn flaw(&self) -> Option<InvalidSignature> {
        self.key.clone().err().or_else(|| self.critical.clone())
    }

    /// Returns the flaw of the signature algorithm.
    pub(super) fn signature_flaw(&self) -> Option<InvalidSignature> {
        match self.algorithm {
            SignatureAlgorithm::Weak(algorithm) => {
                Some(InvalidSignature::WeakAlgorithm { name: self.name.clone(), algorithm })
            }
            SignatureAlgorithm::Unknown(algorithm) => Some(unsupported(&self.name, algorithm)),
            SignatureAlgorithm::Rsa(_) | SignatureAlgorithm::Ecdsa(_) => None,
        }
    }

    /// Returns true if the key may sign documents. A certificate without key usage permits all uses.
    pub(super) fn may_sign(&self) -> bool {
        self.usage.as_ref().is_none_or(KeyUsage::digital_signature)
    }

    /// Returns true if the key may sign certificates.
    pub(super) fn may_certify(&self) -> bool {
        self.is_authority && self.usage.as_ref().is_none_or(|usage| usage.0.contains(KeyUsages::KeyCertSign))
    }

    /// Returns true if the issuer name is the subject name of `authority`.
    pub(super) fn names_issuer(&self, authority: &Self) -> bool {
        self.issuer.eq_ignore_ascii_case(&authority.subject)
    }

    /// Returns true if the issuer key identifier is the key identifier of `authority`.
    pub(super) fn names_issuer_key(&self, authority: &Self) -> bool {
        self.issuer_key_id.is_some() && self.issuer_key_id == authority.key_id
    }

    /// Returns true if the key of `authority` signed this certificate.
    pub(super) fn is_signed_by(&self, authority: &Self) -> bool {
        match (&authority.key, self.algorithm) {
            (Ok(Key::Rsa(key)), SignatureAlgorithm::Rsa(hash)) => {
                verify_rsa(key, hash, &self.signed_part, &self.signature)
            }
            (Ok(Key::Ec(curve, point)), SignatureAlgorithm::Ecdsa(hash)) => ecdsa_from_der(*curve, &self.signature)
                .is_some_and(|signature| verify_ecdsa(*curve, point, hash, &self.signed_part, &signature)),
            _ => false,
        }
    }
}

/// Returns the exact bytes that the signature of a certificate covers.
fn signed_part(der: &[u8]) -> Option<Vec<u8>> {
    let mut reader = SliceReader::new(der).ok()?;
    Header::decode(&mut reader).ok()?;
    Some(reader.tlv_bytes().ok()?.to_vec())
}

/// Returns an extension by its object identifier, or `None` if the certificate has no such extension.
fn extension<T>(certificate: &Parsed, id: &str) -> der::Result<Option<T>>
where
    T: for<'a> Decode<'a, Error = der::Error>,
{
    let mut extensions = certificate.tbs_certificate().extensions().into_iter().flatten();
    let found = extensions.find(|extension| extension.extn_id.to_string() == id);
    found.map(|extension| T::from_der(extension.extn_value.as_bytes())).transpose()
}

fn unsupported(name: &str, feature: ObjectIdentifier) -> InvalidSignature {
    InvalidSignature::Unsupported { name: name.to_owned(), feature: feature.to_string() }
}

fn key(key_info: &SubjectPublicKeyInfoOwned, name: &str) -> Result<Key, InvalidSignature> {
    let unknown = || unsupported(name, key_info.algorithm.oid);
    let bytes = key_info.subject_public_key.as_bytes().ok_or_else(unknown)?;
    match key_info.algorithm.oid {
        RSA => match rsa_bits(bytes).ok_or_else(unknown)? {
            bits @ ..MIN_RSA_BITS => Err(InvalidSignature::WeakKey { name: name.to_owned(), bits }),
            MIN_RSA_BITS.. => Ok(Key::Rsa(bytes.to_vec())),
        },
        EC => {
            let parameters = key_info.algorithm.parameters.as_ref().ok_or_else(unknown)?;
            let curve = match parameters.decode_as::<ObjectIdentifier>().map_err(|_| unknown())? {
                P256 => Curve::P256,
                P384 => Curve::P384,
                P521 => Curve::P521,
                other => return Err(unsupported(name, other)),
            };
            Ok(Key::Ec(curve, bytes.to_vec()))
        }
        _ => Err(unknown()),
    }
}

/// Returns the length of the modulus of an `RSAPublicKey` in bits.
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(key).ok()?;
    let modulus = reader
        .sequence(|numbers| {
            let modulus = UintRef::decode(numbers)?;
            UintRef::decode(numbers)?;
            Ok::<_, der::Error>(modulus)
        })
        .ok()?;
    reader.finish().ok()?;
    let first = modulus.as_bytes().first()?;
    modulus.as_bytes().len().checked_mul(8)?.checked_sub(usize::try_from(first.leading_zeros()).ok()?)
}
