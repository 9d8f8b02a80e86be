//! Reasons that make the signature of a license document invalid.

use restow_core::license::DocumentError;
use restow_core::message_error;
use restow_core::time::{UnixTime, rfc3339};

use super::texts::TEXTS;

message_error! {
    /// Reason that makes the signature of a license document invalid.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum InvalidSignature in TEXTS {
        /// Malformed document.
        Document(source: DocumentError) = "invalid-document",
        /// Member that is not base64, by its name.
        Base64(name: &'static str) = "invalid-base64",
        /// Malformed certificate of the provider.
        Certificate = "invalid-certificate",
        /// Document without a signature.
        Unsigned = "invalid-unsigned",
        /// Document whose time of issue cannot be read, so that the validity of the certificate cannot be checked.
        NoDate = "invalid-no-date",
        /// Unknown signature algorithm.
        Algorithm(algorithm: String) = "invalid-algorithm",
        /// Signature algorithm for another type of key than the key of the provider, with the provider's name.
        OtherKeyType(name: String) = "invalid-key-type",
        /// Wrong signature: the document was changed, or another key signed it. Has the provider's name.
        Signature(name: String) = "invalid-signature",
        /// RSA key of fewer than 2,048 bits.
        WeakKey {
            /// Name of the certificate.
            name: String,
            /// Length of the key in bits.
            bits: usize,
        } = "invalid-weak-key",
        /// Certificate signed with a weak hash.
        WeakAlgorithm {
            /// Name of the certificate.
            name: String,
            /// Name of the hash.
            algorithm: &'static str,
        } = "invalid-weak-algorithm",
        /// Certificate with an unknown key type, signature algorithm or critical extension.
        Unsupported {
            /// Name of the certificate.
            name: String,
            /// Object identifier of the key type, algorithm or extension.
            feature: String as text,
        } = "invalid-unsupported",
        /// Certificate that may not sign documents, by its name.
        Usage(name: String) = "invalid-usage",
        /// Certificate of the provider that was not valid yet at the time of the license.
        NotYetValid {
            /// Name of the certificate.
            name: String,
            /// Start of the validity period, inclusive.
            from: UnixTime as from = rfc3339(*from),
            /// Time of the license.
            time: UnixTime as time = rfc3339(*time),
        } = "invalid-not-yet-valid",
        /// Certificate of the provider that had expired at the time of the license.
        Expired {
            /// Name of the certificate.
            name: String,
            /// End of the validity period, inclusive.
            until: UnixTime as until = rfc3339(*until),
            /// Time of the license.
            time: UnixTime as time = rfc3339(*time),
        } = "invalid-expired",
        /// Root certificate that was not valid at the time of the license.
        RootNotValid {
            /// Name of the root certificate.
            name: String,
            /// Start of the validity period, inclusive.
            from: UnixTime as from = rfc3339(*from),
            /// End of the validity period, inclusive.
            until: UnixTime as until = rfc3339(*until),
            /// Time of the license.
            time: UnixTime as time = rfc3339(*time),
        } = "invalid-root-not-valid",
        /// Certificate that names the key of a trusted root as its issuer, without a valid signature of this key.
        Chain {
            /// Name of the certificate.
            name: String,
            /// Name of the root certificate.
            root: String,
        } = "invalid-chain",
        /// Distrusted certificate of the provider or its issuer, by its name.
        Distrusted(name: String) = "invalid-distrusted",
    }
}
