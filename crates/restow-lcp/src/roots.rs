//! Lists of trusted root certificates and of distrusted certificates.
//!
//! The specification lets readers embed the root of the license authority. Restow embeds no root: the user decides
//! about trust. A license without a trusted root is reported as signed by an unknown root, never as invalid.

use restow_core::time::UnixTime;
use restow_core::{message_error, message_methods};

use super::certificate::Certificate;
use super::invalid_signature::InvalidSignature;
use super::texts::TEXTS;
use super::{json, license};

/// Minimum number of hexadecimal digits in a fingerprint prefix. A typing error must not match a certificate.
const MIN_FINGERPRINT_DIGITS: usize = 8;

/// Maximum number of certificates in each list.
const MAX_ROOTS: usize = 100;

message_error! {
    /// Error of a change to the lists of certificates.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum RootError in TEXTS {
        /// File without a certificate.
        NoCertificate = "root-no-certificate",
        /// Certificate that may not certify others, by its name.
        NotAnAuthority(name: String) = "root-not-an-authority",
        /// Certificate with a flaw.
        Unreliable {
            /// Name of the certificate.
            name: String,
            /// Flaw of the certificate.
            reason: InvalidSignature as source,
        } = "root-unreliable",
        /// Certificate with a distrusted key, by its name.
        Distrusted(name: String) = "root-distrusted",
        /// File without the expected certificate.
        OtherCertificate = "root-other-certificate",
        /// Full list: each list has at most 100 certificates.
        TooMany = "root-too-many",
        /// Fingerprint prefix that matches no certificate, or several.
        NoSuch(fingerprint: String) = "root-no-such",
    }
}

/// Certificate on one of the two lists.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Root {
    /// Name for users: the common name of the subject, or the whole subject.
    pub name: String,
    /// Distinguished name of the subject (RFC 4514).
    pub subject: String,
    /// SHA-256 of the certificate in DER.
    pub fingerprint: [u8; 32],
    /// Start of the validity period, inclusive.
    pub from: UnixTime,
    /// End of the validity period, inclusive.
    pub until: UnixTime,
    /// True for a distrusted certificate, false for a trusted root.
    pub distrusted: bool,
    /// Certificate in DER.
    pub der: Vec<u8>,
}

impl Root {
    fn from_certificate(certificate: &Certificate, distrusted: bool) -> Self {
        Self {
            name: certificate.name.clone(),
            subject: restow_core::text::to_short_line(&certificate.subject),
            fingerprint: certificate.fingerprint(),
            from: certificate.from,
            until: certificate.until,
            distrusted,
            der: certificate.der().to_vec(),
        }
    }
}

/// List of trusted roots and list of distrusted certificates.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Roots {
    trusted: Vec<Certificate>,
    distrusted: Vec<Certificate>,
}

impl Roots {
    /// Creates two empty lists. Every validly signed license is then signed by an unknown root.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds the certificates of a file to the trusted roots, and returns these certificates.
    ///
    /// The file has one or more certificates in PEM, or one in DER.
    ///
    /// # Errors
    /// Any [`RootError`] except [`RootError::NoSuch`]. No certificate is added if one of them is refused.
    pub fn trust(&mut self, file: &[u8]) -> Result<Vec<Root>, RootError> {
        self.trust_all(certificates(file).ok_or(RootError::NoCertificate)?)
    }

    /// Adds the certificate with this fingerprint to the trusted roots, and no other certificate of the file.
    ///
    /// # Errors
    /// As [`trust`](Self::trust); [`RootError::OtherCertificate`] if the file does not have the certificate.
    pub fn trust_only(&mut self, file: &[u8], fingerprint: &[u8; 32]) -> Result<Vec<Root>, RootError> {
        let mut found = certificates(file).ok_or(RootError::NoCertificate)?;
        found.retain(|certificate| certificate.fingerprint() == *fingerprint);
        found.truncate(1);
        if found.is_empty() { Err(RootError::OtherCertificate) } else { self.trust_all(found) }
    }

    fn trust_all(&mut self, found: Vec<Certificate>) -> Result<Vec<Root>, RootError> {
        for certificate in &found {
            let name = || certificate.name.clone();
            if self.is_distrusted(certificate) {
                return Err(RootError::Distrusted(name()));
            }
            if !certificate.may_certify() {
                return Err(RootError::NotAnAuthority(name()));
            }
            if let Some(reason) = certificate.flaw() {
                return Err(RootError::Unreliable { name: name(), reason });
            }
        }
        add_to_list(&mut self.trusted, &found)?;
        Ok(found.iter().map(|certificate| Root::from_certificate(certificate, false)).collect())
    }

    /// Adds the certificates of a file to the distrusted certificates, and returns these certificates.
    ///
    /// The file is as for [`trust`](Self::trust), or a license of the provider to distrust. No signature of a
    /// distrusted key is accepted, at any time. A trusted root with the same key is removed.
    ///
    /// # Errors
    /// [`RootError::NoCertificate`] and [`RootError::TooMany`].
    pub fn distrust(&mut self, file: &[u8]) -> Result<Vec<Root>, RootError> {
        let found = certificates(file).or_else(|| provider_certificate(file)).ok_or(RootError::NoCertificate)?;
        add_to_list(&mut self.distrusted, &found)?;
        self.trusted.retain(|trusted| found.iter().all(|certificate| certificate.key_digest != trusted.key_digest));
        Ok(found.iter().map(|certificate| Root::from_certificate(certificate, true)).collect())
    }

    /// Removes the certificate with a fingerprint that starts with these hexadecimal digits.
    ///
    /// Separators such as colons are ignored.
    ///
    /// # Errors
    /// [`RootError::NoSuch`] for fewer than 8 digits, and if the prefix does not match exactly one certificate.
    pub fn remove(&mut self, fingerprint: &str) -> Result<Root, RootError> {
        let prefix: String =
            fingerprint.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let has_prefix = |root: &Root| restow_core::encoding::hex(&root.fingerprint).starts_with(&prefix);
        let mut matches: Vec<Root> = self.list().into_iter().filter(has_prefix).collect();
        let root = matches.pop().filter(|_| matches.is_empty() && prefix.len() >= MIN_FINGERPRINT_DIGITS);
        let root = root.ok_or_else(|| RootError::NoSuch(restow_core::text::to_short_line(fingerprint)))?;
        for list in [&mut self.trusted, &mut self.distrusted] {
            list.retain(|certificate| certificate.der() != root.der);
        }
        Ok(root)
    }

    /// Returns all certificates: first the trusted roots, then the distrusted certificates.
    #[must_use]
    pub fn list(&self) -> Vec<Root> {
        let trusted = self.trusted.iter().map(|certificate| Root::from_certificate(certificate, false));
        trusted.chain(self.distrusted.iter().map(|certificate| Root::from_certificate(certificate, true))).collect()
    }

    /// Returns the trusted roots.
    pub(super) fn trusted(&self) -> &[Certificate] {
        &self.trusted
    }

    /// Returns true if the key of this certificate is distrusted.
    pub(super) fn is_distrusted(&self, certificate: &Certificate) -> bool {
        self.distrusted.iter().any(|distrusted| distrusted.key_digest == certificate.key_digest)
    }

    /// Returns the distrusted authority that signed a certificate.
    pub(super) fn distrusted_issuer(&self, certificate: &Certificate) -> Option<&Certificate> {
        self.distrusted
            .iter()
            .find(|distrusted| certificate.names_issuer(distrusted) && certificate.is_signed_by(distrusted))
    }
}

/// Adds all certificates to a list, or none if the list gets too long.
fn add_to_list(list: &mut Vec<Certificate>, found: &[Certificate]) -> Result<(), RootError> {
    let mut extended = list.clone();
    for certificate in found {
        if extended.iter().all(|known| known.der() != certificate.der()) {
            extended.push(certificate.clone());
        }
    }
    if extended.len() > MAX_ROOTS {
        return Err(RootError::TooMany);
    }
    *list = extended;
    Ok(())
}

/// Returns the certificates of a file, or `None` if one of them cannot be parsed.
fn certificates(file: &[u8]) -> Option<Vec<Certificate>> {
    /// Line before a certificate, and line after it.
    const MARKS: [(&str, &str); 2] = [
        ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"),
        ("-----BEGIN X509 CERTIFICATE-----", "-----END X509 CERTIFICATE-----"),
    ];
    // Notes around the certificates may have any encoding.
    let text = String::from_utf8_lossy(file);
    let Some((begin, end)) = MARKS.into_iter().find(|(begin, _)| text.contains(begin)) else {
        return Certificate::from_der(file).map(|certificate| vec![certificate]);
    };
    let blocks = text.split(begin).skip(1).take(MAX_ROOTS.saturating_add(1));
    blocks
        .map(|block| {
            let base64: String = block.split_once(end)?.0.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            Certificate::from_der(&data_encoding::BASE64.decode(base64.as_bytes()).ok()?)
        })
        .collect()
}

/// Returns the provider's certificate if the file is a license.
fn provider_certificate(file: &[u8]) -> Option<Vec<Certificate>> {
    let license = json::parse(file).ok()?;
    let base64 = license::provider_certificate(&license)?;
    Some(vec![Certificate::from_der(&data_encoding::BASE64.decode(base64.as_bytes()).ok()?)?])
}

message_methods!(RootError);
