//! Verification of license documents: signature of the provider, and chain from the provider to a trusted root.
//!
//! Source: LCP 1.0, §5.5. A certificate must be valid at the time of the last update of the document, or of its
//! issue. Licenses outlive certificates, so the current time plays no part.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use data_encoding::BASE64;
use restow_core::encoding::sha256;
use restow_core::license::DocumentError;
use restow_core::text::to_short_line;
use restow_core::time::UnixTime;
use serde_json::Value;

use super::canonical::{canonical_form, deviating_forms};
use super::certificate::Certificate;
use super::invalid_signature::InvalidSignature;
use super::json;
use super::license;
use super::roots::Roots;
use super::signature::{Hash, Key, verify_ecdsa, verify_rsa};

/// Signature algorithm of the basic profile (LCP 1.0, §5.4).
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// Signature algorithm of the production profiles.
const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

/// Maximum number of provider certificates in the cache. A user has licenses of few providers.
const MAX_CACHED_PROVIDERS: usize = 100;

/// Certificate of the provider that signed a license.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Signer {
    /// Name of the provider: the common name of the subject, or the whole subject.
    pub name: String,
    /// Distinguished name of the issuer in the certificate (RFC 4514).
    pub issuer: String,
    /// SHA-256 of the certificate in DER.
    pub fingerprint: [u8; 32],
    /// Start of the validity period, inclusive.
    pub from: UnixTime,
    /// End of the validity period, inclusive.
    pub until: UnixTime,
}

/// Result of the check of a document's signature.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SignatureCheck {
    /// Valid, and a trusted root certifies the signer.
    Verified,
    /// Valid under the certificate in the document, which no trusted root certifies.
    UnknownRoot,
    /// Not valid, with the reason.
    Invalid(InvalidSignature),
}

impl SignatureCheck {
    /// Returns the stable name in output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::UnknownRoot => "unknown_root",
            Self::Invalid(_) => "invalid",
        }
    }
}

/// Result of the verification of a license document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// Result of the check.
    pub check: SignatureCheck,
    /// Signer according to the document, valid or not; `None` if the certificate cannot be parsed.
    pub signer: Option<Signer>,
}

/// Result of the checks of a provider's certificate that do not depend on a license.
#[derive(Debug)]
struct Provider {
    certificate: Certificate,
    /// Reason that makes every signature of this provider invalid.
    flaw: Option<InvalidSignature>,
    /// Indexes of the trusted roots that signed the certificate.
    roots: Vec<usize>,
    /// Name of a trusted root that the certificate names by name and key.
    named_root: Option<String>,
}

/// Provider, or the reason that makes its certificate unusable.
type ProviderResult = Result<Arc<Provider>, InvalidSignature>;

/// Verifier of license documents with a list of trusted roots.
#[derive(Debug)]
pub struct Verifier {
    roots: Roots,
    /// Cache by the SHA-256 of the certificate in base64: a chain is verified once for all licenses of a provider.
    providers: RefCell<HashMap<[u8; 32], ProviderResult>>,
}

impl Verifier {
    /// Creates a verifier with these roots.
    #[must_use]
    pub fn new(roots: Roots) -> Self {
        Self { roots, providers: RefCell::default() }
    }

    /// Verifies the signature of a license document and the chain of its provider.
    #[must_use]
    pub fn verify(&self, document: &[u8]) -> Verification {
        let json = match json::parse(document) {
            Ok(json) => json,
            Err(error) => {
                let check = SignatureCheck::Invalid(InvalidSignature::Document(error));
                return Verification { check, signer: None };
            }
        };
        let provider = certificate(&json).and_then(|base64| self.provider(base64));
        let signer = provider.as_ref().ok().map(|provider| signer(&provider.certificate));
        let check = match provider.and_then(|provider| self.check(document, &json, &provider)) {
            Ok(true) => SignatureCheck::Verified,
            Ok(false) => SignatureCheck::UnknownRoot,
            Err(invalid) => SignatureCheck::Invalid(invalid),
        };
        Verification { check, signer }
    }

    /// Returns true if a trusted root certifies the provider, false if no trusted root does.
    fn check(&self, document: &[u8], json: &Value, provider: &Provider) -> Result<bool, InvalidSignature> {
        let certificate = &provider.certificate;
        if let Some(flaw) = &provider.flaw {
            return Err(flaw.clone());
        }
        if !is_signed(document, json, certificate)? {
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
        match &provider.named_root {
            Some(root) => Err(InvalidSignature::Chain { name, root: root.clone() }),
            None => Ok(false),
        }
    }

    /// Returns the provider with this certificate in base64, from the cache if possible.
    fn provider(&self, base64: &str) -> ProviderResult {
        let key = sha256(base64.as_bytes());
        if let Some(known) = self.providers.borrow().get(&key) {
            return known.clone();
        }
        let provider = self.check_provider(base64).map(Arc::new);
        let mut providers = self.providers.borrow_mut();
        if providers.len() >= MAX_CACHED_PROVIDERS {
            providers.clear();
        }
        providers.insert(key, provider.clone());
        provider
    }

    fn check_provider(&self, base64: &str) -> Result<Provider, InvalidSignature> {
        let der = BASE64.decode(base64.as_bytes()).map_err(|_| InvalidSignature::Base64("signature.certificate"))?;
        let certificate = Certificate::from_der(&der).ok_or(InvalidSignature::Certificate)?;
        let distrusted = if self.roots.is_distrusted(&certificate) {
            Some(&certificate)
        } else {
            self.roots.distrusted_issuer(&certificate)
        };
        let usage = || (!certificate.may_sign()).then(|| InvalidSignature::Usage(certificate.name.clone()));
        let flaw = match distrusted {
            Some(distrusted) => Some(InvalidSignature::Distrusted(distrusted.name.clone())),
            None => certificate.flaw().or_else(|| certificate.signature_flaw()).or_else(usage),
        };
        // Several roots may have one name: only the signature identifies the issuer.
        let namesakes = self.roots.trusted().iter().enumerate().filter(|(_, root)| certificate.names_issuer(root));
        let roots =
            namesakes.clone().filter(|(_, root)| certificate.is_signed_by(root)).map(|(index, _)| index).collect();
        let named_root =
            namesakes.clone().find(|(_, root)| certificate.names_issuer_key(root)).map(|(_, root)| root.name.clone());
        Ok(Provider { flaw, roots, named_root, certificate })
    }
}

fn signer(certificate: &Certificate) -> Signer {
    Signer {
        name: certificate.name.clone(),
        issuer: to_short_line(&certificate.issuer),
        fingerprint: certificate.fingerprint(),
        from: certificate.from,
        until: certificate.until,
    }
}

fn member<'a>(json: &'a Value, object: &str, name: &str) -> Result<&'a str, InvalidSignature> {
    let missing = |name: String| InvalidSignature::Document(DocumentError::Missing(name));
    let parent = json.get(object).filter(|parent| parent.is_object()).ok_or(InvalidSignature::Unsigned)?;
    json::text(parent, name).ok_or_else(|| missing(format!("{object}.{name}")))
}

fn certificate(json: &Value) -> Result<&str, InvalidSignature> {
    member(json, "signature", "certificate")
}

/// Returns the time of the last update of the license, or of its issue.
fn time(json: &Value) -> Result<UnixTime, InvalidSignature> {
    let millis = license::document_time(json).ok_or(InvalidSignature::NoDate)?;
    Ok(millis.div_euclid(1000))
}

fn is_signed(document: &[u8], json: &Value, certificate: &Certificate) -> Result<bool, InvalidSignature> {
    let algorithm = member(json, "signature", "algorithm")?;
    let value = member(json, "signature", "value")?;
    let value = BASE64.decode(value.as_bytes()).map_err(|_| InvalidSignature::Base64("signature.value"))?;
    let key = certificate.key()?;
    let verify = |form: &[u8]| match (algorithm, key) {
        (RSA_SHA256, Key::Rsa(key)) => Ok(verify_rsa(key, Hash::Sha256, form, &value)),
        (ECDSA_SHA256, Key::Ec(curve, point)) => Ok(verify_ecdsa(*curve, point, Hash::Sha256, form, &value)),
        (RSA_SHA256 | ECDSA_SHA256, _) => Err(InvalidSignature::OtherKeyType(certificate.name.clone())),
        _ => Err(InvalidSignature::Algorithm(to_short_line(algorithm))),
    };
    if verify(&canonical_form(json))? {
        return Ok(true);
    }
    for form in deviating_forms(document, json) {
        if verify(&form)? {
            return Ok(true);
        }
    }
    Ok(false)
}
