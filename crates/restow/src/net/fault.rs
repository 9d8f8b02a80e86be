//! Reasons for a failed connection and for an answer that cannot be used.

use std::io;

use restow_core::message::Message;
use restow_core::{message_display, message_error};
use rustls::CertificateError;

use crate::texts::TEXTS;

/// Reason for a connection that failed, broke or timed out.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ConnectionFault {
    /// Error of the operating system.
    Io {
        /// Kind of the error.
        kind: io::ErrorKind,
        /// Text of the error.
        why: String,
    },
    /// No answer within the limit.
    TimedOut {
        /// Limit in seconds.
        seconds: u64,
    },
    /// Failure of the encryption of the connection.
    Tls(TlsFault),
    /// Refusal by the proxy, with its text.
    Proxy(String),
}

message_error! {
    /// Failure of the encryption of a connection (TLS).
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum TlsFault in TEXTS {
        /// No trusted root signed the certificate of the server.
        UnknownIssuer = "tls-unknown-issuer",
        /// Certificate of the server that has expired.
        Expired = "tls-expired",
        /// Certificate of the server that is not valid yet.
        NotYetValid = "tls-not-yet-valid",
        /// Certificate for other names than the name of the server.
        OtherName = "tls-other-name",
        /// Certificate that its issuer revoked.
        Revoked = "tls-revoked",
        /// Server that does not answer with TLS.
        NotSpoken = "tls-not-spoken",
        /// Server that has no version or algorithm in common with this program.
        NothingInCommon = "tls-nothing-in-common",
        /// Other failure, with the text of the TLS library in English.
        Other(text: String) = "tls-other",
    }
}

impl From<&ConnectionFault> for Message {
    fn from(fault: &ConnectionFault) -> Self {
        match fault {
            ConnectionFault::Io { kind, why } => Self::from(&io::Error::new(*kind, why.clone())),
            ConnectionFault::TimedOut { seconds } => Self::new(&TEXTS, "answer-timed-out").with("count", seconds),
            ConnectionFault::Tls(fault) => Self::from(fault),
            ConnectionFault::Proxy(text) => Self::new(&TEXTS, "proxy-refused").with("text", text),
        }
    }
}

message_display!(ConnectionFault);

impl std::error::Error for ConnectionFault {}

impl ConnectionFault {
    /// Returns the kind of the operating system's error that is closest to the fault.
    #[must_use]
    pub const fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Io { kind, .. } => *kind,
            Self::TimedOut { .. } => io::ErrorKind::TimedOut,
            Self::Tls(_) | Self::Proxy(_) => io::ErrorKind::ConnectionAborted,
        }
    }

    /// Converts an error of the HTTP client. `timeout` is the limit of the call in seconds.
    pub(crate) fn from_client(error: ureq::Error, timeout: u64) -> Self {
        if let Some(fault) = find_tls_fault(&error) {
            return Self::Tls(fault);
        }
        match error {
            ureq::Error::Timeout(_) => Self::TimedOut { seconds: timeout },
            ureq::Error::ConnectProxyFailed(text) => Self::Proxy(text),
            ureq::Error::InvalidProxyUrl => Self::Proxy(error.to_string()),
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => {
                Self::Io { kind: io::ErrorKind::HostUnreachable, why: error.to_string() }
            }
            ureq::Error::Io(error) => Self::Io { kind: error.kind(), why: error.to_string() },
            other => Self::Io { kind: io::ErrorKind::Other, why: other.to_string() },
        }
    }
}

fn find_tls_fault(error: &ureq::Error) -> Option<TlsFault> {
    match error {
        ureq::Error::Rustls(error) => Some(TlsFault::from_rustls(error)),
        ureq::Error::Tls(text) => Some(TlsFault::Other((*text).to_owned())),
        // The handshake runs over a stream, whose errors wrap those of TLS.
        ureq::Error::Io(error) => error.get_ref()?.downcast_ref().map(TlsFault::from_rustls),
        _ => None,
    }
}

impl TlsFault {
    fn from_rustls(error: &rustls::Error) -> Self {
        use rustls::{AlertDescription, Error};
        match error {
            Error::InvalidCertificate(certificate) => match certificate {
                CertificateError::UnknownIssuer => Self::UnknownIssuer,
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::OtherName,
                CertificateError::Revoked => Self::Revoked,
                other => Self::Other(other.to_string()),
            },
            Error::InvalidMessage(_) => Self::NotSpoken,
            Error::PeerIncompatible(_)
            | Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion) => {
                Self::NothingInCommon
            }
            other => Self::Other(other.to_string()),
        }
    }
}

message_error! {
    /// Reason that makes an answer unusable.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum AnswerFault in TEXTS {
        /// Body larger than the limit, in bytes.
        TooLarge(limit: usize) = "answer-too-large",
        /// More redirects than the limit.
        Redirects(limit: u32) = "answer-redirects",
        /// Compressed body, which the request did not accept, with the name of the compression.
        Compressed(encoding: String) = "answer-compressed",
        /// Answer that is not HTTP, with the text of the HTTP library in English.
        Protocol(text: String) = "answer-protocol",
        /// Other reason, in English.
        Other(text: String) = "answer-other",
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

    use super::*;

    #[test]
    fn tls_errors_name_what_is_wrong() {
        for (error, fault) in [
            (Error::InvalidCertificate(CertificateError::UnknownIssuer), TlsFault::UnknownIssuer),
            (Error::InvalidCertificate(CertificateError::Expired), TlsFault::Expired),
            (Error::InvalidCertificate(CertificateError::NotValidYet), TlsFault::NotYetValid),
            (Error::InvalidCertificate(CertificateError::NotValidForName), TlsFault::OtherName),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), TlsFault::NotSpoken),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), TlsFault::NothingInCommon),
        ] {
            let from = |error: ureq::Error| ConnectionFault::from_client(error, 20);
            assert_eq!(from(ureq::Error::Rustls(error.clone())), ConnectionFault::Tls(fault.clone()));
            let wrapped = io::Error::new(io::ErrorKind::InvalidData, error);
            assert_eq!(from(ureq::Error::Io(wrapped)), ConnectionFault::Tls(fault));
        }
    }

    #[test]
    fn timeout_names_its_limit() {
        let fault = ConnectionFault::from_client(ureq::Error::Timeout(ureq::Timeout::Global), 20);
        assert_eq!(fault, ConnectionFault::TimedOut { seconds: 20 });
        assert!(fault.to_string().contains("20"), "{fault}");
    }
}
