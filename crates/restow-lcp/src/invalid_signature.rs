//! Reasons that make the signature of a license document invalid.

use restow_core::license::DocumentError;
use restow_core::message::Message;
use restow_core::message_error;
use restow_core::time::UnixTime;

use super::certificate::{Certificate, CertificateFlaw};
use super::texts::TEXTS;

/// Reason that makes the signature of a license document invalid.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum InvalidSignature {
    /// Malformed document.
    Document(DocumentError),
    /// Member that is not base64, by its name.
    Base64(&'static str),
    /// Malformed certificate of the provider.
    Certificate,
    /// Unknown signature algorithm, or an algorithm that does not fit the provider's key.
    Algorithm(String),
    /// Wrong signature: the document was changed, or another key signed it. Has the provider's name.
    Signature(String),
    /// RSA key of fewer than 2,048 bits.
    WeakKey {
        /// Name of the certificate.
        name: String,
        /// Length of the key in bits.
        bits: usize,
    },
    /// Certificate signed with a weak hash.
    WeakAlgorithm {
        /// Name of the certificate.
        name: String,
        /// Name of the hash.
        algorithm: &'static str,
    },
    /// Certificate with an unknown key type, signature algorithm or critical extension.
    Unsupported {
        /// Name of the certificate.
        name: String,
        /// Object identifier of the key type, algorithm or extension.
        feature: String,
    },
    /// Certificate that may not sign documents, by its name.
    Usage(String),
    /// Certificate of the provider that was not valid yet at the time of the license.
    NotYetValid {
        /// Name of the certificate.
        name: String,
        /// Start of the validity period, inclusive.
        from: UnixTime,
        /// Time of the license.
        time: UnixTime,
    },
    /// Certificate of the provider that had expired at the time of the license.
    Expired {
        /// Name of the certificate.
        name: String,
        /// End of the validity period, inclusive.
        until: UnixTime,
        /// Time of the license.
        time: UnixTime,
    },
    /// Root certificate that was not valid at the time of the license.
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
    Chain {
        /// Name of the certificate.
        name: String,
        /// Name of the root certificate.
        root: String,
    },
    /// Distrusted certificate of the provider or its issuer, by its name.
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

impl From<&InvalidSignature> for Message {
    fn from(invalid: &InvalidSignature) -> Self {
        let message = Self::new(&TEXTS, invalid.code());
        match invalid {
            InvalidSignature::Document(fault) => message.with_cause(fault),
            InvalidSignature::Base64(name) => message.with("name", name),
            InvalidSignature::Algorithm(algorithm) => message.with("algorithm", algorithm),
            InvalidSignature::Signature(name) | InvalidSignature::Usage(name) | InvalidSignature::Distrusted(name) => {
                message.with("name", name)
            }
            InvalidSignature::WeakKey { name, bits } => message.with("name", name).with("bits", bits),
            InvalidSignature::WeakAlgorithm { name, algorithm } => {
                message.with("name", name).with("algorithm", algorithm)
            }
            InvalidSignature::Unsupported { name, feature } => message.with("name", name).with("text", feature),
            InvalidSignature::NotYetValid { name, from, time } => {
                message.with("name", name).with_time("from", *from).with_time("time", *time)
            }
            InvalidSignature::Expired { name, until, time } => {
                message.with("name", name).with_time("until", *until).with_time("time", *time)
            }
            InvalidSignature::RootNotValid { name, from, until, time } => {
                message.with("name", name).with_time("from", *from).with_time("until", *until).with_time("time", *time)
            }
            InvalidSignature::Chain { name, root } => message.with("name", name).with("root", root),
            InvalidSignature::Certificate => message,
        }
    }
}

message_error!(InvalidSignature { Self::Document(error) => error });
