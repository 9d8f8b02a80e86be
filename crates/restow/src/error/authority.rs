//! Errors of the download of a known certificate.

use std::io;

use restow_core::{message_error, message_methods};

use crate::texts::TEXTS;

message_error! {
    /// Reason why the certificate of a known authority was not downloaded.
    ///
    /// Most variants name the published address, where the user can get the certificate by other means.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum AuthorityError in TEXTS {
        /// The address is not allowed.
        Address(url: String) = "authority-address",
        /// The server cannot be reached, or the answer is not HTTP or too large.
        Unreachable {
            /// Origin of the server.
            host: String,
            /// Published address of the certificate.
            url: &'static str,
            /// Error of the connection.
            source: io::Error,
        } = "authority-unreachable",
        /// The server answered with another status than 200.
        Status {
            /// Origin of the server.
            host: String,
            /// HTTP status.
            status: u16,
            /// Published address of the certificate.
            url: &'static str,
        } = "authority-status",
        /// The answer does not have the certificate with the known SHA-256.
        OtherCertificate {
            /// Origin of the server.
            host: String,
            /// Name of the authority.
            name: &'static str,
        } = "authority-other",
    }
}

message_methods!(AuthorityError);
