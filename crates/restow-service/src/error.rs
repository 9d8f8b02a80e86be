//! Errors: [`ServiceError`] for the operator, [`Refusal`] for callers over HTTP.
//!
//! A refusal has a problem document for the caller and an optional detail for the log.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use restow_core::protocol::ProblemCode;
use restow_core::{UnixTime, message_error, message_methods, rfc3339};

use crate::texts::TEXTS;

message_error! {
    /// Error while a service is set up, started or changed.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum ServiceError in TEXTS {
        /// The folder already holds a service.
        AlreadyInitialized(path: PathBuf) = "service-already-initialized",
        /// The folder holds an incomplete service: setup did not finish, or the profile is lost.
        Unfinished(path: PathBuf) = "service-unfinished",
        /// The folder holds no service.
        NotInitialized(path: PathBuf) = "service-not-initialized",
        /// A file cannot be read or written.
        File {
            /// The file.
            path: PathBuf,
            /// The cause.
            source: io::Error,
        } = "service-file",
        /// A file has invalid content.
        Malformed {
            /// The file.
            path: PathBuf,
            /// Description of the defect.
            reason: String as text,
        } = "service-file-malformed",
        /// An option has an invalid value.
        Setting {
            /// Name of the option.
            name: &'static str,
            /// Description of the defect.
            reason: String as text,
        } = "service-setting",
        /// The database cannot be opened.
        Database {
            /// The database file.
            path: PathBuf,
            /// The cause.
            reason: String as text,
        } = "service-database",
        /// The database has a schema version newer than this program.
        DatabaseTooNew {
            /// The database file.
            path: PathBuf,
            /// Schema version of the database.
            version: i64,
        } = "service-database-too-new",
        /// The root key file does not exist.
        RootKeyMissing(path: PathBuf) = "service-no-root",
        /// The key set has no room for another pair of keys.
        KeySetFull(path: PathBuf) = "service-keys-full",
        /// Another process holds the lock of the folder.
        InUse {
            /// The folder of the service.
            folder: PathBuf as path,
            /// Process ID of the lock holder, if readable.
            process: Option<u32> as process = process.map_or_else(|| "none".to_owned(), |id| id.to_string()),
        } = "service-in-use",
        /// The service cannot listen on the address.
        Listen {
            /// The address.
            address: SocketAddr,
            /// The cause.
            source: io::Error,
        } = "service-listen",
        /// The system provides no thread or no randomness.
        System(source: io::Error) = "service-system",
    }
}

impl ServiceError {
    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    pub(crate) fn database(path: &Path, error: &rusqlite::Error) -> Self {
        Self::Database { path: path.to_owned(), reason: error.to_string() }
    }

    pub(crate) fn malformed(path: &Path, reason: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_owned(), reason: reason.into() }
    }
}

message_methods!(ServiceError);

impl From<getrandom::Error> for ServiceError {
    fn from(error: getrandom::Error) -> Self {
        Self::System(io::Error::other(error))
    }
}

/// Reason why a request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: ProblemCode,
    pub(crate) detail: String,
    /// Detail for the log. The caller never receives it.
    pub(crate) log_detail: Option<String>,
    /// Time when the caller was released.
    pub(crate) released_at: Option<UnixTime>,
}

impl Refusal {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: truncate_detail(detail.into()), log_detail: None, released_at: None }
    }

    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Malformed, detail)
    }

    pub(crate) fn bad_signature(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::BadSignature, detail)
    }

    pub(crate) fn not_allowed(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::NotAllowed, detail)
    }

    pub(crate) fn not_yours(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::NotYours, detail)
    }

    pub(crate) fn unknown_link() -> Self {
        Self::not_yours("No such link exists for this holder.")
    }

    pub(crate) fn unknown_computer() -> Self {
        Self::new(ProblemCode::UnknownComputer, "This computer is not registered under this holder.")
    }

    /// Refuses a computer that was released.
    pub(crate) fn released(at: UnixTime) -> Self {
        let detail = format!("This computer was released on {}.", rfc3339(at));
        Self { released_at: Some(at), ..Self::new(ProblemCode::UnknownComputer, detail) }
    }

    pub(crate) fn key_reused() -> Self {
        Self::new(ProblemCode::KeyReused, "Another request used this idempotency key.")
    }

    pub(crate) fn busy() -> Self {
        Self::new(ProblemCode::Busy, "The service has too many requests at the moment.")
    }

    pub(crate) fn internal(log_detail: impl Into<String>) -> Self {
        let detail = "The service failed. Its log has the reason.".to_owned();
        Self { code: ProblemCode::Internal, detail, log_detail: Some(log_detail.into()), released_at: None }
    }

    /// Returns the next step for the caller.
    pub(crate) const fn help(&self) -> &'static str {
        match self.code {
            ProblemCode::Malformed => "Correct the request. The client must follow version 1 of the protocol.",
            ProblemCode::BadSignature => "Try again. If the error remains, register this computer again.",
            ProblemCode::UnknownComputer => "Register this computer.",
            ProblemCode::Clock => "Set the clock of the computer. The member `answer` has the correct time.",
            ProblemCode::WrongIssuer => "Send the request to the service of its issuer.",
            ProblemCode::KeyReused => "Use a new idempotency key for each request.",
            ProblemCode::NotAllowed => "Confirm this computer on another computer of this holder, or ask the operator.",
            ProblemCode::RestoreKeyWithdrawn => {
                "Make a new backup on a computer that has the licenses, and restore from it."
            }
            ProblemCode::TooManyComputers => "Release a computer that is no longer used.",
            ProblemCode::NotYours => "Check the link or ID, and its holder.",
            ProblemCode::LinkUsed | ProblemCode::LinkExpired | ProblemCode::LinkWithdrawn => {
                "Ask the shop for a new link."
            }
            ProblemCode::ReleaseLimit => "Ask the operator to release the computer, or wait until next year.",
            ProblemCode::TooLarge => "Send several smaller requests.",
            ProblemCode::Busy => "Try again in a moment.",
            _ => "Try again later. If the error remains, ask the operator.",
        }
    }
}

/// Reduces a detail to one line of limited length. The detail may repeat a part of the request.
fn truncate_detail(detail: String) -> String {
    const MAX_CHARS: usize = 300;
    if detail.len() <= MAX_CHARS && !detail.contains(char::is_control) {
        return detail;
    }
    let mut line: String = detail.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect();
    line.push('…');
    line
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self { log_detail: Some(error.to_string()), ..Self::busy() }
            }
            _ => Self::internal(format!("database: {error}")),
        }
    }
}
