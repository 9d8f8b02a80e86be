//! Problems as services report them: RFC 9457, with stable codes (§3).

use serde::{Deserialize, Serialize};

/// An RFC 9457 problem.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:restow:problem:` and the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    #[serde(default)]
    pub detail: String,
    /// What to do.
    #[serde(default)]
    pub help: String,
    /// For `clock`: JWS `Answer<Option<Done>>` with the right time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// Codes of problems (§3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ProblemCode {
    /// Not JSON, a member missing or wrong, over a limit.
    Malformed,
    /// Signature, digest or header wrong.
    BadSignature,
    /// Not registered, or released.
    UnknownComputer,
    /// The request's time is too far off.
    Clock,
    /// Signed for another issuer.
    WrongIssuer,
    /// Another body under the same idempotency key.
    KeyReused,
    /// Only for confirmed computers.
    NotAllowed,
    /// The restore key's epoch is over.
    RestoreKeyWithdrawn,
    /// Too many computers.
    TooManyComputers,
    /// No such thing for this holder.
    NotYours,
    /// The link was redeemed by someone else.
    LinkUsed,
    /// Releases are used up.
    ReleaseLimit,
    /// Over [`MAX_BODY`](super::MAX_BODY).
    TooLarge,
    /// Later, please.
    Busy,
    /// The log knows more.
    Internal,
}

impl ProblemCode {
    /// Every code there is.
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

    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TABLE.into_iter().map(|(code, ..)| code)
    }

    fn row(self) -> (&'static str, u16, &'static str) {
        let found = Self::TABLE.into_iter().find(|row| row.0 == self);
        found.map_or(("internal", 500, ""), |(_, code, status, title)| (code, status, title))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status it travels with.
    #[must_use]
    pub fn status(self) -> u16 {
        self.row().1
    }

    /// The problem document.
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
    /// The code, if it is one of ours.
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
    fn problems_have_stable_codes() {
        let problem = ProblemCode::LinkUsed.problem("", "");
        assert_eq!(problem.status, 410);
        assert_eq!(problem.code(), Some(ProblemCode::LinkUsed));
        assert_eq!(ProblemCode::ALL, ProblemCode::TABLE.map(|row| row.0));
    }
}
