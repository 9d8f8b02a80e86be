//! The certificates that licenses are judged by: roots somebody trusts here, and certificates nobody should trust any more.
//!
//! The specification has readers embed the root of the license authority. None is embedded here: whom to trust is said by the user,
//! and a license that nobody's root vouches for is told as that, never as invalid.

use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::time::UnixTime;

use super::certificate::Certificate;
use super::license;
use super::verify::{self, InvalidSignature};

/// So many digits name a certificate at least: a slip of the finger names none.
const MIN_DIGITS: usize = 8;

/// The most certificates of each list.
const MAX_ROOTS: usize = 100;

/// Why a certificate cannot be put on a list, or taken off.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// It is none.
    #[error("this is no certificate in PEM or DER")]
    NoCertificate,
    /// It may not sign others.
    #[error("the certificate “{0}” is none of an authority: it may not certify providers")]
    NotAnAuthority(String),
    /// Nobody should rely on it.
    #[error("the certificate “{name}” cannot be relied on: {why}")]
    Unreliable {
        /// Whose it is.
        name: String,
        /// Why not.
        why: InvalidSignature,
    },
    /// It, or another of its key, is distrusted here.
    #[error("the certificate “{0}” is distrusted here")]
    Distrusted(String),
    /// There are too many.
    #[error("there are {MAX_ROOTS} certificates already")]
    TooMany,
    /// None is meant by what was said.
    #[error("no certificate here has a fingerprint that begins with {0}; at least {MIN_DIGITS} digits are needed")]
    NoSuch(String),
}

impl RootError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCertificate => "root-no-certificate",
            Self::NotAnAuthority(_) => "root-not-an-authority",
            Self::Unreliable { .. } => "root-unreliable",
            Self::Distrusted(_) => "root-distrusted",
            Self::TooMany => "root-too-many",
            Self::NoSuch(_) => "root-no-such",
        }
    }

    /// The Windows result code.
    #[must_use]
    pub const fn hresult(&self) -> Hresult {
        Hresult::E_INVALIDARG
    }

    /// What to do next.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoCertificate => "Name a file with a certificate, such as the one the license authority publishes.",
            Self::NotAnAuthority(_) => "Ask for the certificate of the authority that certified this provider.",
            Self::Unreliable { .. } => "Ask the license authority for its current certificate.",
            Self::Distrusted(_) => "Remove it from the list first: restow roots remove FINGERPRINT.",
            Self::TooMany => "Remove those that are not needed any more: restow roots remove FINGERPRINT.",
            Self::NoSuch(_) => "See which there are: restow roots.",
        }
    }
}

/// A certificate on one of the lists.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Root {
    /// The name people know it by.
    pub name: String,
    /// The whole name, as RFC 4514 writes it.
    pub subject: String,
    /// SHA-256 of its bytes.
    pub fingerprint: [u8; 32],
    /// Valid from this time.
    pub from: UnixTime,
    /// Valid until this time, which is included.
    pub until: UnixTime,
    /// True when nothing signed by its key is accepted; else it is a root.
    pub distrusted: bool,
    /// Its bytes.
    pub der: Vec<u8>,
}

impl Root {
    fn from_certificate(certificate: &Certificate, distrusted: bool) -> Self {
        Self {
            name: certificate.name.clone(),
            subject: restow_core::text::quoted(&certificate.subject),
            fingerprint: certificate.fingerprint(),
            from: certificate.from,
            until: certificate.until,
            distrusted,
            der: certificate.der().to_vec(),
        }
    }
}

/// Both lists.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Roots {
    trusted: Vec<Certificate>,
    distrusted: Vec<Certificate>,
}

impl Roots {
    /// No roots: no license is worse than by an unknown one for that.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Trusts the roots in a file (PEM, one or several, or DER). Those that are trusted stay so.
    ///
    /// # Errors
    /// When one of them cannot be trusted; then none is added.
    pub fn trust(&mut self, file: &[u8]) -> Result<Vec<Root>, RootError> {
        let found = certificates(file).ok_or(RootError::NoCertificate)?;
        for certificate in &found {
            let name = || certificate.name.clone();
            if self.is_distrusted(certificate) {
                return Err(RootError::Distrusted(name()));
            }
            if !certificate.may_certify() {
                return Err(RootError::NotAnAuthority(name()));
            }
            if let Some(flaw) = certificate.flaw() {
                return Err(RootError::Unreliable { name: name(), why: verify::flawed(certificate, flaw) });
            }
        }
        put(&mut self.trusted, &found)?;
        Ok(found.iter().map(|certificate| Root::from_certificate(certificate, false)).collect())
    }

    /// Distrusts the keys of the certificates in a file (as [`trust`](Self::trust) takes it), or of the provider whose license it
    /// is: nothing they signed is accepted, whenever it was signed.
    ///
    /// # Errors
    /// When there is no certificate in it.
    pub fn distrust(&mut self, file: &[u8]) -> Result<Vec<Root>, RootError> {
        let found = certificates(file).or_else(|| provider(file)).ok_or(RootError::NoCertificate)?;
        put(&mut self.distrusted, &found)?;
        self.trusted.retain(|trusted| found.iter().all(|certificate| certificate.key_digest != trusted.key_digest));
        Ok(found.iter().map(|certificate| Root::from_certificate(certificate, true)).collect())
    }

    /// Takes a certificate off the list it is on: the one whose fingerprint begins with these hexadecimal digits.
    ///
    /// # Errors
    /// [`RootError::NoSuch`] when there is not exactly one, or fewer than 8 digits are given.
    pub fn remove(&mut self, fingerprint: &str) -> Result<Root, RootError> {
        let wanted: String =
            fingerprint.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let named = |root: &Root| restow_core::encoding::hex(&root.fingerprint).starts_with(&wanted);
        let mut meant: Vec<Root> = self.list().into_iter().filter(named).collect();
        let root = meant.pop().filter(|_| meant.is_empty() && wanted.len() >= MIN_DIGITS);
        let root = root.ok_or_else(|| RootError::NoSuch(restow_core::text::quoted(fingerprint)))?;
        for list in [&mut self.trusted, &mut self.distrusted] {
            list.retain(|certificate| certificate.der() != root.der);
        }
        Ok(root)
    }

    /// Every certificate: first the roots, then what is distrusted.
    #[must_use]
    pub fn list(&self) -> Vec<Root> {
        let trusted = self.trusted.iter().map(|certificate| Root::from_certificate(certificate, false));
        trusted.chain(self.distrusted.iter().map(|certificate| Root::from_certificate(certificate, true))).collect()
    }

    pub(super) fn trusted(&self) -> &[Certificate] {
        &self.trusted
    }

    /// The distrusted certificate that this one is, or shares its key with.
    pub(super) fn is_distrusted(&self, certificate: &Certificate) -> bool {
        self.distrusted.iter().any(|distrusted| distrusted.key_digest == certificate.key_digest)
    }

    /// The distrusted authority that signed a certificate.
    pub(super) fn distrusted_issuer(&self, certificate: &Certificate) -> Option<&Certificate> {
        self.distrusted.iter().find(|distrusted| certificate.names(distrusted) && certificate.is_signed_by(distrusted))
    }
}

/// All of them, or none.
fn put(list: &mut Vec<Certificate>, found: &[Certificate]) -> Result<(), RootError> {
    let mut all = list.clone();
    for certificate in found {
        if all.iter().all(|known| known.der() != certificate.der()) {
            all.push(certificate.clone());
        }
    }
    if all.len() > MAX_ROOTS {
        return Err(RootError::TooMany);
    }
    *list = all;
    Ok(())
}

/// The certificates of a file, if it has any and all can be read.
fn certificates(file: &[u8]) -> Option<Vec<Certificate>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let Some(text) = std::str::from_utf8(file).ok().filter(|text| text.contains(BEGIN)) else {
        return Certificate::read(file).map(|certificate| vec![certificate]);
    };
    let blocks = text.split(BEGIN).skip(1).take(MAX_ROOTS.saturating_add(1));
    blocks
        .map(|block| {
            let base64: String = block.split_once(END)?.0.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            Certificate::read(&data_encoding::BASE64.decode(base64.as_bytes()).ok()?)
        })
        .collect()
}

/// The provider's certificate, where the file is a license.
fn provider(file: &[u8]) -> Option<Vec<Certificate>> {
    let json = license::read(file).ok()?;
    let base64 = json.get("signature")?.text("certificate")?;
    Some(vec![Certificate::read(&data_encoding::BASE64.decode(base64.as_bytes()).ok()?)?])
}

impl From<&RootError> for Note {
    fn from(error: &RootError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            RootError::NotAnAuthority(name) | RootError::Distrusted(name) => note.with("name", name),
            RootError::Unreliable { name, why } => note.with("name", name).because(why),
            RootError::NoSuch(fingerprint) => note.with("fingerprint", fingerprint),
            RootError::NoCertificate | RootError::TooMany => note,
        }
    }
}
