//! Problems that services report (RFC 9457), with stable codes (§3).

use serde::{Deserialize, Serialize};

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
    /// Signed `Answer<Option<EmptyAnswer>>` with the correct time, for the code `clock` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// Code of a problem (§3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ProblemCode {
    /// Body that is not JSON, has a missing or wrong member, or breaks a limit.
    Malformed,
    /// Wrong signature, digest or header.
    BadSignature,
    /// Computer that is not registered, or is released.
    UnknownComputer,
    /// Request time outside of [`CLOCK_TOLERANCE`](super::CLOCK_TOLERANCE).
    Clock,
    /// Request that was signed for another issuer.
    WrongIssuer,
    /// Idempotency key of a request with another body.
    KeyReused,
    /// Call that only a confirmed computer may make.
    NotAllowed,
    /// Restore key of an epoch that has ended.
    RestoreKeyWithdrawn,
    /// Maximum number of computers reached.
    TooManyComputers,
    /// Unknown license, computer or link for this holder.
    NotYours,
    /// Link that another holder redeemed.
    LinkUsed,
    /// Maximum number of releases of this year reached.
    ReleaseLimit,
    /// Request larger than [`MAX_BODY`](super::MAX_BODY).
    TooLarge,
    /// Busy service: the client tries again later.
    Busy,
    /// Failure inside the service. The log of the service has the details.
    Internal,
}

impl ProblemCode {
    /// All codes.
    pub const ALL: [Self; 15] = [
        Self::Malformed,
        Self::BadSignature,
        Self::UnknownComputer,
        Self::Clock,
        Self::WrongIssuer,
        Self::KeyReused,
        Self::NotAllowed,
        Self::RestoreKeyWithdrawn,
        Self::TooManyComputers,
        Self::NotYours,
        Self::LinkUsed,
        Self::ReleaseLimit,
        Self::TooLarge,
        Self::Busy,
        Self::Internal,
    ];

    const TABLE: [(Self, &'static str, u16, &'static str); 15] = [
        (Self::Malformed, "malformed", 400, "The request is malformed"),
        (Self::BadSignature, "bad-signature", 401, "A signature does not fit"),
        (Self::UnknownComputer, "unknown-computer", 401, "This computer is not registered here"),
        (Self::Clock, "clock", 401, "The computer's clock is wrong"),
        (Self::WrongIssuer, "wrong-issuer", 421, "The request is meant for another service"),
        (Self::KeyReused, "key-reused", 409, "The idempotency key was used for another request"),
        (Self::NotAllowed, "not-allowed", 403, "Only a confirmed computer may do this"),
        (Self::RestoreKeyWithdrawn, "restore-key-withdrawn", 403, "The restore key was withdrawn"),
        (Self::TooManyComputers, "too-many-computers", 409, "Too many computers are registered"),
        (Self::NotYours, "not-yours", 404, "There is no such thing for this holder"),
        (Self::LinkUsed, "link-used", 410, "The link was used by someone else"),
        (Self::ReleaseLimit, "release-limit", 429, "No more releases this year"),
        (Self::TooLarge, "too-large", 413, "The request is too large"),
        (Self::Busy, "busy", 503, "The service is busy"),
        (Self::Internal, "internal", 500, "The service failed"),
    ];

    fn row(self) -> (&'static str, u16, &'static str) {
        let row = Self::TABLE.into_iter().find(|row| row.0 == self);
        row.map_or(("internal", 500, ""), |(_, code, status, title)| (code, status, title))
    }

    /// Returns the code as text, such as `bad-signature`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// Creates a problem document with this code.
    #[must_use]
    pub fn problem(self, detail: impl Into<String>, help: impl Into<String>) -> Problem {
        let (code, status, title) = self.row();
        Problem {
            problem_type: format!("urn:restow:problem:{code}"),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            help: help.into(),
            answer: None,
        }
    }
}

impl Problem {
    /// Returns the code, or `None` for a problem of another vocabulary.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        let name = self.problem_type.strip_prefix("urn:restow:problem:")?;
        ProblemCode::TABLE.into_iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_table_row() {
        let problem = ProblemCode::LinkUsed.problem("", "");
        assert_eq!(problem.status, 410);
        assert_eq!(problem.code(), Some(ProblemCode::LinkUsed));
        assert_eq!(ProblemCode::ALL, ProblemCode::TABLE.map(|row| row.0));
    }
}
