//! Sentences in parts, for programs that speak another language than this library.

use std::fmt;
use std::io;

use crate::time::{UnixTime, rfc3339};

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
    /// Creates a message from its code and its English text.
    pub fn new(code: &'static str, text: impl fmt::Display) -> Self {
        Self { code, values: Vec::new(), because: None, text: text.to_string() }
    }

    /// Adds a named value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// The same with another English sentence.
    #[must_use]
    pub fn in_words(mut self, text: String) -> Self {
        self.text = text;
        self
    }

    /// Adds a time in RFC 3339.
    #[must_use]
    pub fn at(self, name: &'static str, time: UnixTime) -> Self {
        self.with(name, rfc3339(time))
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, note: impl Into<Self>) -> Self {
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
