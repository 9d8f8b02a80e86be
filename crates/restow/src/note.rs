//! Sentences in parts, for programs that speak another language than this library.

use std::fmt;
use std::io;

use crate::backup::{BackupError, Damage, RecordError};
use crate::clock::{UnixTime, rfc3339};
use crate::error::Error;
use crate::home::HomeError;
use crate::jws::JwsError;
use crate::license::lcp::{Invalid, RootError};
use crate::license::{Fault, LicenseError};
use crate::provider::ProviderError;
use crate::restorer::RestorerError;
use crate::service::ServiceError;
use crate::store::StoreError;
use crate::usage::{Subject, UsageError};

/// Something said: in English by `Display`, and in parts for callers who word it themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Note {
    /// The stable code of the sentence.
    pub code: &'static str,
    /// The values in it, by name. Numbers are in decimal, times in RFC 3339.
    pub values: Vec<(&'static str, String)>,
    /// What lies behind it, if that is a sentence of its own.
    pub because: Option<Box<Note>>,
    text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Note {
    pub(crate) fn new(code: &'static str, text: impl fmt::Display) -> Self {
        Self { code, values: Vec::new(), because: None, text: text.to_string() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// The same with another English sentence.
    pub(crate) fn in_words(mut self, text: String) -> Self {
        self.text = text;
        self
    }

    fn at(self, name: &'static str, time: UnixTime) -> Self {
        self.with(name, rfc3339(time))
    }

    /// About what is to be used: a key ID or a publication.
    fn about(self, of: &Subject) -> Self {
        self.with("subject", of.kind()).with("name", of.name())
    }

    pub(crate) fn because(mut self, note: impl Into<Self>) -> Self {
        self.because = Some(Box::new(note.into()));
        self
    }
}

/// The code of what the system says.
const fn code(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "io-not-found",
        io::ErrorKind::PermissionDenied => "io-denied",
        io::ErrorKind::AlreadyExists => "io-exists",
        io::ErrorKind::NotADirectory => "io-not-a-folder",
        io::ErrorKind::IsADirectory => "io-a-folder",
        io::ErrorKind::ReadOnlyFilesystem => "io-read-only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "io-full",
        io::ErrorKind::ConnectionRefused => "io-refused",
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => "io-broke-off",
        io::ErrorKind::TimedOut => "io-timed-out",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            "io-unreachable"
        }
        io::ErrorKind::AddrInUse => "io-address-in-use",
        io::ErrorKind::AddrNotAvailable => "io-no-such-address",
        // What only the system knows, in the system's words.
        _ => "io-other",
    }
}

impl From<&io::Error> for Note {
    fn from(error: &io::Error) -> Self {
        Self::new(code(error.kind()), error).with("text", error)
    }
}

impl From<&restow_media::Warning> for Note {
    fn from(warning: &restow_media::Warning) -> Self {
        use restow_media::Warning;
        let note = Self::new(warning.code(), warning);
        match warning {
            Warning::HeaderTruncated { stated, found } => note.with("stated", stated).with("found", found),
            Warning::HeaderTooLarge { stated, .. } | Warning::HeaderTooSmall { stated } => note.with("stated", stated),
            Warning::ObjectSize { offset, stated } => note.with("offset", offset).with("stated", stated),
            Warning::ObjectCount { stated, found } => note.with("stated", stated).with("found", found),
            Warning::StrayBytes { offset, len } => note.with("offset", offset).with("len", len),
            Warning::MalformedObject { object } => note.with("object", object),
            Warning::UnknownProtectionType(name)
            | Warning::UnknownHeaderVersion(name)
            | Warning::Entry { name, .. } => note.with("name", name),
            _ => note,
        }
    }
}

impl From<&restow_media::PutError> for Note {
    fn from(error: &restow_media::PutError) -> Self {
        use restow_media::PutError;
        let note = Self::new(error.code(), error);
        match error {
            PutError::Read(source) | PutError::Write(source) => note.because(source),
            PutError::Refused(warning) => note.because(warning),
            _ => note,
        }
    }
}

impl From<&Error> for Note {
    fn from(error: &Error) -> Self {
        match error {
            Error::File { path, source } | Error::Unwritable { path, source } => {
                Self::new(error.code(), error).with("path", path.display()).because(source)
            }
            Error::Home(error) => error.into(),
            Error::Store(error) => error.into(),
            Error::License(error) => error.into(),
            Error::Root(error) => error.into(),
            Error::Service(error) => error.into(),
            Error::Provider(error) => error.into(),
            Error::Usage(error) => error.into(),
            Error::Restorer(error) => error.into(),
            Error::Backup(error) => error.into(),
            Error::PutBack(error) => error.into(),
        }
    }
}

impl From<&HomeError> for Note {
    fn from(error: &HomeError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            HomeError::Io { path, source } => note.with("path", path.display()).because(source),
            HomeError::DamagedKey(path) | HomeError::DamagedRoot(path) | HomeError::OtherMachine(path) => {
                note.with("path", path.display())
            }
            HomeError::Settings { path, why } => note.with("path", path.display()).with("text", why),
            HomeError::NoFolder | HomeError::Random => note,
        }
    }
}

impl From<&StoreError> for Note {
    fn from(error: &StoreError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            StoreError::Newer { path, found, known } => {
                note.with("path", path.display()).with("found", found).with("known", known)
            }
            StoreError::NotAStore(path) => note.with("path", path.display()),
            StoreError::Io { path, source } => note.with("path", path.display()).because(source),
            // What the database says is its own.
            StoreError::Damaged(text) | StoreError::CannotWrite(text) => note.with("text", text),
            StoreError::Database(error) => note.with("text", error),
            StoreError::Busy => note,
        }
    }
}

impl From<&LicenseError> for Note {
    fn from(error: &LicenseError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            LicenseError::Malformed { kind, what } => note.with("kind", kind).because(what),
            LicenseError::Jws(error) => note.because(error),
            LicenseError::UnknownIssuer(issuer) => note.with("issuer", issuer),
            LicenseError::KeyNotValid(key) => note.with("key", key),
            LicenseError::Package(warning) | LicenseError::UnpackFirst(warning) => note.because(warning),
            LicenseError::TooLarge
            | LicenseError::UnknownKind
            | LicenseError::KeyInClear(_)
            | LicenseError::BetterHere
            | LicenseError::NoneInside
            | LicenseError::NoneInArchive
            | LicenseError::OtherArchive
            | LicenseError::StatusDocument => note,
        }
    }
}

impl From<&Fault> for Note {
    fn from(fault: &Fault) -> Self {
        let note = Self::new(fault.code(), fault);
        match fault {
            Fault::Json { line, column } => note.with("line", line).with("column", column),
            Fault::Shape { line, column, what } => note.with("line", line).with("column", column).with("text", what),
            Fault::Missing(name) => note.with("name", name),
            Fault::Text { name, max } => note.with("name", name).with("max", max),
            Fault::Date(name) => note.with("name", name),
            Fault::KeyId(text) | Fault::KeyIdTwice(text) => note.with("key", text),
            Fault::NotA { name, shape } => note.with("name", name).with("shape", shape.as_str()),
            Fault::NotAllowed(name) | Fault::LinkTwice(name) => note.with("name", name),
            Fault::NoLink(name) => note.with("name", name),
            Fault::Empty
            | Fault::CutOff
            | Fault::KeyIdCount
            | Fault::ServiceUrl
            | Fault::RightCount
            | Fault::Title
            | Fault::ProfileAlgorithm => note,
        }
    }
}

impl From<&Invalid> for Note {
    fn from(invalid: &Invalid) -> Self {
        let note = Self::new(invalid.code(), invalid);
        match invalid {
            Invalid::Document(fault) => note.because(fault),
            Invalid::Base64(name) => note.with("name", name),
            Invalid::Algorithm(algorithm) => note.with("algorithm", algorithm),
            Invalid::Signature(name) | Invalid::Usage(name) | Invalid::Distrusted(name) => note.with("name", name),
            Invalid::WeakKey { name, bits } => note.with("name", name).with("bits", bits),
            Invalid::WeakAlgorithm { name, algorithm } => note.with("name", name).with("algorithm", algorithm),
            Invalid::Unsupported { name, what } => note.with("name", name).with("text", what),
            Invalid::NotYetValid { name, from, time } => note.with("name", name).at("from", *from).at("time", *time),
            Invalid::Expired { name, until, time } => note.with("name", name).at("until", *until).at("time", *time),
            Invalid::RootNotValid { name, from, until, time } => {
                note.with("name", name).at("from", *from).at("until", *until).at("time", *time)
            }
            Invalid::Chain { name, root } => note.with("name", name).with("root", root),
            Invalid::Certificate => note,
        }
    }
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

impl From<&JwsError> for Note {
    fn from(error: &JwsError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            JwsError::Header(kind) => note.with("kind", kind),
            JwsError::UnknownKey(key) => note.with("key", key),
            JwsError::Version(version) => note.with("version", version),
            JwsError::Form | JwsError::Signature | JwsError::Payload(_) => note,
        }
    }
}

impl From<&ServiceError> for Note {
    fn from(error: &ServiceError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            ServiceError::Address { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            ServiceError::PrivateAddress { url } => note.with("url", url),
            ServiceError::BadAnswer { url, .. } => note.with("url", url),
            // Why a connection fails, the system or its libraries say.
            ServiceError::Unreachable { url, kind, why } => {
                note.with("url", url).because(&io::Error::new(*kind, why.clone()))
            }
            ServiceError::Refused(error) => note.because(error),
            // What the service adds is in its own words.
            ServiceError::Problem { name, problem } => note.with("service", name).with("text", &problem.detail),
            ServiceError::NotPinned(issuer) => note.with("issuer", issuer),
            ServiceError::NotRegistered(service) => note.with("service", service),
            ServiceError::OtherIssuer { url, expected, found } => {
                note.with("url", url).with("expected", expected).with("found", found)
            }
            ServiceError::Cancelled => note,
        }
    }
}

impl From<&ProviderError> for Note {
    fn from(error: &ProviderError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            ProviderError::Address { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            ProviderError::NotAllowed { origin }
            | ProviderError::Busy { origin }
            | ProviderError::GivenUp { origin } => note.with("origin", origin),
            ProviderError::PrivateAddress { url }
            | ProviderError::BadAnswer { url, .. }
            | ProviderError::OtherLicense { url } => note.with("url", url),
            ProviderError::Unreachable { url, kind, why } => {
                note.with("url", url).because(&io::Error::new(*kind, why.clone()))
            }
            ProviderError::NoStatus { url, fault } => note.with("url", url).because(fault),
            ProviderError::Template { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            // What the provider adds is in its own words.
            ProviderError::Problem { origin, problem } => note.with("origin", origin).with("said", &problem.text),
            ProviderError::NotTaken { url, why } => note.with("url", url).because(Self::new(why.code(), why)),
            ProviderError::NoStatusLink { license }
            | ProviderError::NotSigned { license }
            | ProviderError::OutOfTime { license }
            | ProviderError::NoRenew { license }
            | ProviderError::NoReturn { license }
            | ProviderError::NotDone { license } => note.with("license", license),
            ProviderError::RenewPage { license, url } => note.with("license", license).with("url", url),
            ProviderError::Ended { license, standing } => note.with("license", license).with("standing", standing),
            ProviderError::RenewPast { until } => note.at("time", *until),
            ProviderError::Cancelled => note,
        }
    }
}

impl From<&UsageError> for Note {
    fn from(error: &UsageError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            UsageError::NoLicense(of) | UsageError::BrokenInside(of) => note.about(of),
            UsageError::NotImported { of, path } => note.about(of).with("path", path.display()),
            UsageError::NotGranted { of, right } | UsageError::UsedUp { of, right } => {
                note.about(of).with("right", right)
            }
            UsageError::NotYet { of, from: time } | UsageError::Expired { of, since: time } => {
                note.about(of).at("time", *time)
            }
            UsageError::Revoked { of, reason } => note.about(of).with("reason", reason),
            UsageError::Ended { of, outcome } => note.about(of).with("outcome", outcome.as_str()),
            UsageError::NotValid { of, why } => note.about(of).because(why),
            UsageError::NotHere { of, .. } => note.about(of),
            UsageError::ReportFirst { of, count } => note.about(of).with("count", count),
        }
    }
}

impl From<&RestorerError> for Note {
    fn from(error: &RestorerError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            RestorerError::NoPath(name) => note.with("name", name),
            RestorerError::UnknownProperty(name) => note.with("name", name),
            RestorerError::ForgetDamaged(pack) => note.with("pack", pack),
            RestorerError::NoPassphraseFile(path) => note.with("path", path.display()),
            RestorerError::PassphraseFile { path, file, source } => {
                note.with("path", path.display()).with("file", file.display()).because(source)
            }
            RestorerError::Thread(text) => note.with("text", text),
            RestorerError::Busy
            | RestorerError::NoCallback
            | RestorerError::BackupExists
            | RestorerError::Cancelled
            | RestorerError::NoSuch(_)
            | RestorerError::Defect => note,
        }
    }
}

impl From<&BackupError> for Note {
    fn from(error: &BackupError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            BackupError::LocationMissing(path)
            | BackupError::NotAFolder(path)
            | BackupError::NoBackup(path)
            | BackupError::ReadOnly(path)
            | BackupError::Denied(path)
            | BackupError::Full(path)
            | BackupError::AllDamaged(path)
            | BackupError::ForgetDamaged(path)
            | BackupError::TooMuch { path, .. }
            | BackupError::NewerFormat { path, .. } => note.with("path", path.display()),
            BackupError::Read { path, source } | BackupError::Write { path, source } => {
                note.with("path", path.display()).because(source)
            }
            BackupError::NoSuchSet(set) => note.with("set", set),
            BackupError::NoSuchGeneration { set, number } => note.with("set", set).with("number", number),
            BackupError::Record(error) => note.because(error),
            BackupError::WriterStopped | BackupError::Cancelled => note,
        }
    }
}

impl From<&RecordError> for Note {
    fn from(error: &RecordError) -> Self {
        Self::new(error.code(), error)
    }
}

impl From<&Damage> for Note {
    fn from(damage: &Damage) -> Self {
        Self::new("damage", damage)
            .with("set", damage.set)
            .with("generation", damage.generation.number)
            .because(Self::new(damage.what.code(), &damage.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_keeps_its_parts() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::from(HomeError::Io { path: "/x".into(), source });
        let note = Note::from(&error);
        assert_eq!((note.code, note.to_string()), (error.code(), error.to_string()));
        assert_eq!(note.values, [("path", "/x".to_owned())]);
        assert_eq!(note.because.unwrap().code, "io-denied");
    }
}
