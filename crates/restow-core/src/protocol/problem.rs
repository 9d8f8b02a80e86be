//! Problems that services report (RFC 9457), with stable codes (§3).

use serde::{Deserialize, Serialize};

use crate::time::UnixTime;

/// Problem document (RFC 9457).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// Type: `urn:restow:problem:` and the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// Title in English, the same for all problems with this code.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Description of this occurrence; may be empty.
    #[serde(default)]
    pub detail: String,
    /// Suggested next action; may be empty.
    #[serde(default)]
    pub help: String,
    /// Time when the calling computer was released, for the code `unknown-computer` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<UnixTime>,
    /// Signed `Answer<Option<EmptyAnswer>>` with the correct time, for the code `clock` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

crate::named_enum! {
    /// Code of a problem (§3).
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum ProblemCode {
        /// Body that is not JSON, has a missing or wrong member, or breaks a limit.
        Malformed = "malformed",
        /// Wrong signature, digest or header.
        BadSignature = "bad-signature",
        /// Computer that is not registered, or is released.
        UnknownComputer = "unknown-computer",
        /// Request time outside of [`CLOCK_TOLERANCE`](super::CLOCK_TOLERANCE).
        Clock = "clock",
        /// Request that was signed for another issuer.
        WrongIssuer = "wrong-issuer",
        /// Idempotency key of a request with another body.
        KeyReused = "key-reused",
        /// Call that only a confirmed computer may make.
        NotAllowed = "not-allowed",
        /// Restore key of an epoch that has ended.
        RestoreKeyWithdrawn = "restore-key-withdrawn",
        /// Maximum number of computers reached.
        TooManyComputers = "too-many-computers",
        /// Unknown license, computer or link for this holder.
        NotYours = "not-yours",
        /// Link that another holder redeemed.
        LinkUsed = "link-used",
        /// Link that was not redeemed in time.
        LinkExpired = "link-expired",
        /// Link that the operator withdrew.
        LinkWithdrawn = "link-withdrawn",
        /// Maximum number of releases of this year reached.
        ReleaseLimit = "release-limit",
        /// Maximum number of changes of this computer on this day reached.
        ChangeLimit = "change-limit",
        /// Request larger than [`MAX_BODY`](super::MAX_BODY).
        TooLarge = "too-large",
        /// Busy service: the client tries again later.
        Busy = "busy",
        /// Failure inside the service. The log of the service has the details.
        Internal = "internal",
    }
}

impl ProblemCode {
    /// Returns the HTTP status and the title of this code.
    const fn status_and_title(self) -> (u16, &'static str) {
        match self {
            Self::Malformed => (400, "The request is malformed"),
            Self::BadSignature => (401, "A signature does not match"),
            Self::UnknownComputer => (401, "This computer is not registered here"),
            Self::Clock => (401, "The computer's clock is wrong"),
            Self::WrongIssuer => (421, "The request is for another service"),
            Self::KeyReused => (409, "The idempotency key was used for another request"),
            Self::NotAllowed => (403, "Only a confirmed computer can do this"),
            Self::RestoreKeyWithdrawn => (403, "The restore key was withdrawn"),
            Self::TooManyComputers => (409, "Too many computers are registered"),
            Self::NotYours => (404, "The holder has no such license, computer or link"),
            Self::LinkUsed => (410, "Another holder used the link"),
            Self::LinkExpired => (410, "The link has expired"),
            Self::LinkWithdrawn => (410, "The link was withdrawn"),
            Self::ReleaseLimit => (429, "The releases of this year are used up"),
            Self::ChangeLimit => (429, "This computer can make no more changes today"),
            Self::TooLarge => (413, "The request is too large"),
            Self::Busy => (503, "The service is busy"),
            Self::Internal => (500, "The service failed"),
        }
    }

    /// Creates a problem document with this code.
    #[must_use]
    pub fn problem(self, detail: impl Into<String>, help: impl Into<String>) -> Problem {
        let (status, title) = self.status_and_title();
        Problem {
            problem_type: format!("urn:restow:problem:{self}"),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            help: help.into(),
            released_at: None,
            answer: None,
        }
    }
}

impl Problem {
    /// Returns the code, or `None` for a problem of another vocabulary.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        ProblemCode::from_name(self.problem_type.strip_prefix("urn:restow:problem:")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_names_its_code() {
        let problem = ProblemCode::LinkUsed.problem("", "");
        assert_eq!(problem.status, 410);
        assert_eq!(problem.code(), Some(ProblemCode::LinkUsed));
    }
}
