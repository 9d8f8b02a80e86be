//! Reasons that make the signature of a license document invalid.

use restow_core::license::DocumentError;
use restow_core::message::Note;
use restow_core::time::UnixTime;

use super::certificate::{Certificate, CertificateFlaw};

/// Reason that makes the signature of a license document invalid.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSignature {
    /// Malformed document.
    #[error("{0}")]
    Document(DocumentError),
    /// Member that is not base64, by its name.
    #[error("`{0}` is not base64")]
    Base64(&'static str),
    /// Malformed certificate of the provider.
    #[error("its provider's certificate cannot be read")]
    Certificate,
    /// Unknown signature algorithm, or an algorithm that does not fit the provider's key.
    #[error("its signature algorithm “{0}” is not known, or does not fit its provider's key")]
    Algorithm(String),
    /// Wrong signature: the document was changed, or another key signed it. Has the provider's name.
    #[error("its signature is wrong: it was changed after “{0}” signed it, or is by somebody else")]
    Signature(String),
    /// RSA key of fewer than 2,048 bits.
    #[error("the certificate “{name}” has an RSA key of {bits} bits; fewer than 2,048 are too weak")]
    WeakKey {
        /// Name of the certificate.
        name: String,
        /// Length of the key in bits.
        bits: usize,
    },
    /// Certificate signed with a weak hash.
    #[error("the certificate “{name}” is signed with {algorithm}, which is too weak")]
    WeakAlgorithm {
        /// Name of the certificate.
        name: String,
        /// Name of the hash.
        algorithm: &'static str,
    },
    /// Certificate with an unknown key type, signature algorithm or critical extension.
    #[error("the certificate “{name}” needs what this program does not know ({feature})")]
    Unsupported {
        /// Name of the certificate.
        name: String,
        /// Object identifier of the key type, algorithm or extension.
        feature: String,
    },
    /// Certificate that may not sign documents, by its name.
    #[error("the certificate “{0}” is not for signing documents")]
    Usage(String),
    /// Certificate of the provider that was not valid yet at the time of the license.
    #[error("the certificate “{name}” is valid from {} on, and the license is of {}", restow_core::time::rfc3339(*.from), restow_core::time::rfc3339(*.time))]
    NotYetValid {
        /// Name of the certificate.
        name: String,
        /// Start of the validity period, inclusive.
        from: UnixTime,
        /// Time of the license.
        time: UnixTime,
    },
    /// Certificate of the provider that had expired at the time of the license.
    #[error("the certificate “{name}” was valid until {}, and the license is of {}", restow_core::time::rfc3339(*.until), restow_core::time::rfc3339(*.time))]
    Expired {
        /// Name of the certificate.
        name: String,
        /// End of the validity period, inclusive.
        until: UnixTime,
        /// Time of the license.
        time: UnixTime,
    },
    /// Root certificate that was not valid at the time of the license.
    #[error("the root “{name}” is valid from {} until {}, and the license is of {}", restow_core::time::rfc3339(*.from), restow_core::time::rfc3339(*.until), restow_core::time::rfc3339(*.time))]
    RootNotValid {
        /// Name of the root certificate.
        name: String,
        /// Start of the validity period, inclusive.
        from: UnixTime,
        /// End of the validity period, inclusive.
        until: UnixTime,
        /// Time of the license.
        time: UnixTime,
    },
    /// Certificate that names the key of a trusted root as its issuer, without a valid signature of this key.
    #[error("the certificate “{name}” says that the root “{root}” signed it, which did not")]
    Chain {
        /// Name of the certificate.
        name: String,
        /// Name of the root certificate.
        root: String,
    },
    /// Distrusted certificate of the provider or its issuer, by its name.
    #[error("the certificate “{0}” is distrusted here")]
    Distrusted(String),
}

impl InvalidSignature {
    /// Returns the stable code of this reason, for programs.
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

    /// Converts the flaw of a certificate to the reason for users.
    pub(super) fn from_flaw(certificate: &Certificate, flaw: CertificateFlaw) -> Self {
        let name = certificate.name.clone();
        match flaw {
            CertificateFlaw::ShortKey(bits) => Self::WeakKey { name, bits },
            CertificateFlaw::WeakHash(algorithm) => Self::WeakAlgorithm { name, algorithm },
            CertificateFlaw::UnknownKey(feature)
            | CertificateFlaw::UnknownAlgorithm(feature)
            | CertificateFlaw::CriticalExtension(feature) => Self::Unsupported { name, feature },
        }
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
            InvalidSignature::Unsupported { name, feature } => note.with("name", name).with("text", feature),
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
