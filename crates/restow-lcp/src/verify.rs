//! Whether a license document is what its provider signed, and whether somebody trusted says who the provider is.
//!
//! Source: LCP 1.0, §5.5. A certificate is judged at the time the document was last updated, or else issued: licenses outlive
//! certificates.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use data_encoding::BASE64;
use restow_core::encoding::sha256;
use restow_core::license::DocumentError;
use restow_core::message::Note;
use restow_core::text::quoted;
use restow_core::time::UnixTime;

use super::canonical::canonical;
use super::certificate::{Certificate, CertificateFlaw};
use super::json::Json;
use super::license;
use super::roots::Roots;
use super::signature::{Hash, Key, ecdsa, rsa};

/// The signature algorithms of the specification's profiles.
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

/// The most providers that are remembered: libraries have few.
const MAX_PROVIDERS: usize = 100;

/// Why a license document is not valid.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSignature {
    /// It cannot be read.
    #[error("{0}")]
    Document(DocumentError),
    /// Something is no base64.
    #[error("`{0}` is not base64")]
    Base64(&'static str),
    /// The provider's certificate cannot be read.
    #[error("its provider's certificate cannot be read")]
    Certificate,
    /// It is signed with an algorithm that is not known, or that does not fit the provider's key.
    #[error("its signature algorithm “{0}” is not known, or does not fit its provider's key")]
    Algorithm(String),
    /// The signature is not over this document, or not by this provider.
    #[error("its signature is wrong: it was changed after “{0}” signed it, or is by somebody else")]
    Signature(String),
    /// A key is too short.
    #[error("the certificate “{name}” has an RSA key of {bits} bits; fewer than 2,048 are too weak")]
    WeakKey {
        /// Whose certificate.
        name: String,
        /// How many bits.
        bits: usize,
    },
    /// A certificate is signed with a hash that can be forged.
    #[error("the certificate “{name}” is signed with {algorithm}, which is too weak")]
    WeakAlgorithm {
        /// Whose certificate.
        name: String,
        /// The hash.
        algorithm: &'static str,
    },
    /// A certificate has, or is signed by, something that is not known here.
    #[error("the certificate “{name}” needs what this program does not know ({what})")]
    Unsupported {
        /// Whose certificate.
        name: String,
        /// The number of the key, algorithm or extension.
        what: String,
    },
    /// The provider's certificate is for something else.
    #[error("the certificate “{0}” is not for signing documents")]
    Usage(String),
    /// The provider's certificate came later.
    #[error("the certificate “{name}” is valid from {} on, and the license is of {}", restow_core::time::rfc3339(*.from), restow_core::time::rfc3339(*.time))]
    NotYetValid {
        /// Whose certificate.
        name: String,
        /// Valid from this time.
        from: UnixTime,
        /// The license's time.
        time: UnixTime,
    },
    /// The provider's certificate was over.
    #[error("the certificate “{name}” was valid until {}, and the license is of {}", restow_core::time::rfc3339(*.until), restow_core::time::rfc3339(*.time))]
    Expired {
        /// Whose certificate.
        name: String,
        /// Valid until this time.
        until: UnixTime,
        /// The license's time.
        time: UnixTime,
    },
    /// The root that signed the provider's certificate was not valid then.
    #[error("the root “{name}” is valid from {} until {}, and the license is of {}", restow_core::time::rfc3339(*.from), restow_core::time::rfc3339(*.until), restow_core::time::rfc3339(*.time))]
    RootNotValid {
        /// Whose certificate.
        name: String,
        /// Valid from this time.
        from: UnixTime,
        /// Valid until this time.
        until: UnixTime,
        /// The license's time.
        time: UnixTime,
    },
    /// The provider's certificate says that a root signed it which did not.
    #[error("the certificate “{name}” says that the root “{root}” signed it, which did not")]
    Chain {
        /// Whose certificate.
        name: String,
        /// The root.
        root: String,
    },
    /// The provider or its root is distrusted here.
    #[error("the certificate “{0}” is distrusted here")]
    Distrusted(String),
}

impl InvalidSignature {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Document(_) => "invalid-document",
            Self::Base64(_) => "invalid-base64",
            Self::Certificate => "invalid-certificate",
            Self::Algorithm(_) => "invalid-algorithm",
            Self::Signature(_) => "invalid-signature",
            Self::WeakKey { .. } => "invalid-weak-key",
            Self::WeakAlgorithm { .. } => "invalid-weak-algorithm",
            Self::Unsupported { .. } => "invalid-unsupported",
            Self::Usage(_) => "invalid-usage",
            Self::NotYetValid { .. } => "invalid-not-yet-valid",
            Self::Expired { .. } => "invalid-expired",
            Self::RootNotValid { .. } => "invalid-root-not-valid",
            Self::Chain { .. } => "invalid-chain",
            Self::Distrusted(_) => "invalid-distrusted",
        }
    }
}

/// A flaw of a certificate in words.
pub(super) fn flawed(certificate: &Certificate, flaw: CertificateFlaw) -> InvalidSignature {
    let name = certificate.name.clone();
    match flaw {
        CertificateFlaw::ShortKey(bits) => InvalidSignature::WeakKey { name, bits },
        CertificateFlaw::WeakHash(algorithm) => InvalidSignature::WeakAlgorithm { name, algorithm },
        CertificateFlaw::UnknownKey(what)
        | CertificateFlaw::UnknownAlgorithm(what)
        | CertificateFlaw::Critical(what) => InvalidSignature::Unsupported { name, what },
    }
}

/// Who signed a license.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Signer {
    /// The provider, as its certificate calls it.
    pub name: String,
    /// Who certified it, as the certificate says.
    pub issuer: String,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
    /// Valid from this time.
    pub from: UnixTime,
    /// Valid until this time, which is included.
    pub until: UnixTime,
}

/// What the document's own signature is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SignatureCheck {
    /// It verifies under keys that are trusted here.
    Verified,
    /// It verifies under a certificate, and no root that is known here says whose that is.
    UnknownRoot,
    /// It proves nothing.
    Invalid(InvalidSignature),
}

impl SignatureCheck {
    /// The fixed name in output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::UnknownRoot => "unknown_root",
            Self::Invalid(_) => "invalid",
        }
    }

    /// More is better.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Invalid(_) => 0,
            Self::UnknownRoot => 1,
            Self::Verified => 2,
        }
    }
}

/// What is to be said of a license document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// Valid, valid by an unknown root, or invalid.
    pub check: SignatureCheck,
    /// Who signed it, or claims to have, where there is a certificate that can be read.
    pub signer: Option<Signer>,
}

/// What is known of a provider's certificate, whatever the license.
#[derive(Debug)]
struct Provider {
    certificate: Certificate,
    /// Why nothing it signed is valid.
    flaw: Option<InvalidSignature>,
    /// The roots that signed it.
    roots: Vec<usize>,
    /// The root it says signed it, which did not.
    claimed: Option<String>,
}

/// A provider, or why its certificate says nothing.
type ProviderResult = Result<Arc<Provider>, InvalidSignature>;

/// Judges license documents by the roots that are trusted.
#[derive(Debug)]
pub struct Verifier {
    roots: Roots,
    /// By the SHA-256 of a certificate's base64: its chain is looked at once for all its licenses.
    providers: RefCell<HashMap<[u8; 32], ProviderResult>>,
}

impl Verifier {
    /// Judges by these.
    #[must_use]
    pub fn new(roots: Roots) -> Self {
        Self { roots, providers: RefCell::default() }
    }

    /// Judges a license document.
    #[must_use]
    pub fn verify(&self, document: &[u8]) -> Verification {
        let json = match license::read(document) {
            Ok(json) => json,
            Err(fault) => {
                let check = SignatureCheck::Invalid(InvalidSignature::Document(fault));
                return Verification { check, signer: None };
            }
        };
        let provider = certificate(&json).and_then(|base64| self.provider(base64));
        let signer = provider.as_ref().ok().map(|provider| signer(&provider.certificate));
        let check = match provider.and_then(|provider| self.judge(&json, &provider)) {
            Ok(true) => SignatureCheck::Verified,
            Ok(false) => SignatureCheck::UnknownRoot,
            Err(invalid) => SignatureCheck::Invalid(invalid),
        };
        Verification { check, signer }
    }

    /// Whether the signature of one document is worth more than that of another.
    pub fn compare(&self, one: &[u8], other: &[u8]) -> Ordering {
        self.verify(one).check.rank().cmp(&self.verify(other).check.rank())
    }

    /// True when a trusted root vouches for it, false when none is known that does.
    fn judge(&self, json: &Json, provider: &Provider) -> Result<bool, InvalidSignature> {
        let certificate = &provider.certificate;
        if let Some(flaw) = &provider.flaw {
            return Err(flaw.clone());
        }
        if !is_signed(json, certificate)? {
            return Err(InvalidSignature::Signature(certificate.name.clone()));
        }
        let time = time(json)?;
        let (name, from, until) = (certificate.name.clone(), certificate.from, certificate.until);
        if time < from {
            return Err(InvalidSignature::NotYetValid { name, from, time });
        }
        if time > until {
            return Err(InvalidSignature::Expired { name, until, time });
        }
        let mut roots = provider.roots.iter().filter_map(|index| self.roots.trusted().get(*index));
        if roots.clone().any(|root| (root.from..=root.until).contains(&time)) {
            return Ok(true);
        }
        if let Some(root) = roots.next() {
            return Err(InvalidSignature::RootNotValid {
                name: root.name.clone(),
                from: root.from,
                until: root.until,
                time,
            });
        }
        match &provider.claimed {
            Some(root) => Err(InvalidSignature::Chain { name, root: root.clone() }),
            None => Ok(false),
        }
    }

    fn provider(&self, base64: &str) -> ProviderResult {
        let key = sha256(base64.as_bytes());
        if let Some(known) = self.providers.borrow().get(&key) {
            return known.clone();
        }
        let found = self.look_at(base64).map(Arc::new);
        let mut providers = self.providers.borrow_mut();
        if providers.len() >= MAX_PROVIDERS {
            providers.clear();
        }
        providers.insert(key, found.clone());
        found
    }

    fn look_at(&self, base64: &str) -> Result<Provider, InvalidSignature> {
        let der = BASE64.decode(base64.as_bytes()).map_err(|_| InvalidSignature::Base64("signature.certificate"))?;
        let certificate = Certificate::read(&der).ok_or(InvalidSignature::Certificate)?;
        let distrusted = if self.roots.is_distrusted(&certificate) {
            Some(&certificate)
        } else {
            self.roots.distrusted_issuer(&certificate)
        };
        let flaw = match distrusted {
            Some(distrusted) => Some(InvalidSignature::Distrusted(distrusted.name.clone())),
            None => match certificate.flaw().or_else(|| certificate.signature_flaw()) {
                Some(flaw) => Some(flawed(&certificate, flaw)),
                None if !certificate.may_sign() => Some(InvalidSignature::Usage(certificate.name.clone())),
                None => None,
            },
        };
        // Several roots may have one name: the signature says which is meant.
        let named = self.roots.trusted().iter().enumerate().filter(|(_, root)| certificate.names(root));
        let roots = named.clone().filter(|(_, root)| certificate.is_signed_by(root)).map(|(index, _)| index).collect();
        let claimed = named.clone().find(|(_, root)| certificate.names_key_of(root)).map(|(_, root)| root.name.clone());
        Ok(Provider { flaw, roots, claimed, certificate })
    }
}

fn signer(certificate: &Certificate) -> Signer {
    Signer {
        name: certificate.name.clone(),
        issuer: quoted(&certificate.issuer),
        fingerprint: certificate.fingerprint(),
        from: certificate.from,
        until: certificate.until,
    }
}

fn member<'a>(json: &'a Json, object: &str, name: &str) -> Result<&'a str, InvalidSignature> {
    let missing = |name: String| InvalidSignature::Document(DocumentError::Missing(name));
    let found = json.get(object).ok_or_else(|| missing(object.to_owned()))?;
    found.text(name).ok_or_else(|| missing(format!("{object}.{name}")))
}

fn certificate(json: &Json) -> Result<&str, InvalidSignature> {
    member(json, "signature", "certificate")
}

/// When the license was last updated, else issued.
fn time(json: &Json) -> Result<UnixTime, InvalidSignature> {
    let name = if json.get("updated").is_none_or(|updated| *updated == Json::Null) { "issued" } else { "updated" };
    let millis = json.text(name).and_then(license::timestamp);
    Ok(millis.ok_or(InvalidSignature::Document(DocumentError::Date(name)))?.div_euclid(1000))
}

fn is_signed(json: &Json, certificate: &Certificate) -> Result<bool, InvalidSignature> {
    let algorithm = member(json, "signature", "algorithm")?;
    let value = member(json, "signature", "value")?;
    let value = BASE64.decode(value.as_bytes()).map_err(|_| InvalidSignature::Base64("signature.value"))?;
    let key = certificate.key().map_err(|flaw| flawed(certificate, flaw.clone()))?;
    match (algorithm, key) {
        (RSA_SHA256, Key::Rsa(key)) => Ok(rsa(key, Hash::Sha256, &canonical(json), &value)),
        (ECDSA_SHA256, Key::Ec(curve, point)) => Ok(ecdsa(*curve, point, Hash::Sha256, &canonical(json), &value)),
        _ => Err(InvalidSignature::Algorithm(quoted(algorithm))),
    }
}

impl From<&InvalidSignature> for Note {
    fn from(invalid: &InvalidSignature) -> Self {
        let note = Self::new(invalid.code(), invalid);
        match invalid {
            InvalidSignature::Document(fault) => note.because(fault),
            InvalidSignature::Base64(name) => note.with("name", name),
            InvalidSignature::Algorithm(algorithm) => note.with("algorithm", algorithm),
            InvalidSignature::Signature(name) | InvalidSignature::Usage(name) | InvalidSignature::Distrusted(name) => {
                note.with("name", name)
            }
            InvalidSignature::WeakKey { name, bits } => note.with("name", name).with("bits", bits),
            InvalidSignature::WeakAlgorithm { name, algorithm } => note.with("name", name).with("algorithm", algorithm),
            InvalidSignature::Unsupported { name, what } => note.with("name", name).with("text", what),
            InvalidSignature::NotYetValid { name, from, time } => {
                note.with("name", name).at("from", *from).at("time", *time)
            }
            InvalidSignature::Expired { name, until, time } => {
                note.with("name", name).at("until", *until).at("time", *time)
            }
            InvalidSignature::RootNotValid { name, from, until, time } => {
                note.with("name", name).at("from", *from).at("until", *until).at("time", *time)
            }
            InvalidSignature::Chain { name, root } => note.with("name", name).with("root", root),
            InvalidSignature::Certificate => note,
        }
    }
}
