//! Why a provider did not do what it was asked to.
//!
//! Source: License Status Document 1.0, §3; problem details are RFC 9457 (before: RFC 7807).

use restow_core::text::quoted;

use crate::json::Json;

/// The types of the specification begin so.
const TYPES: &str = "http://readium.org/license-status-document/error/";

/// Which problem the specification knows it as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The device could not be registered.
    Registration,
    /// The license could not be renewed.
    Renew,
    /// It cannot be renewed until then.
    RenewDate,
    /// The license could not be returned.
    Return,
    /// It was returned before.
    ReturnAlready,
    /// It has expired.
    ReturnExpired,
    /// The provider failed.
    Server,
    /// Another problem.
    Other,
}

impl ProblemKind {
    /// The kinds of the specification.
    pub const ALL: [Self; 8] = [
        Self::Registration,
        Self::Renew,
        Self::RenewDate,
        Self::Return,
        Self::ReturnAlready,
        Self::ReturnExpired,
        Self::Server,
        Self::Other,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Renew => "renew",
            Self::RenewDate => "renew/date",
            Self::Return => "return",
            Self::ReturnAlready => "return/already",
            Self::ReturnExpired => "return/expired",
            Self::Server => "server",
            Self::Other => "",
        }
    }

    /// The URI of its type; empty for others.
    #[must_use]
    pub fn uri(self) -> String {
        if self == Self::Other { String::new() } else { format!("{TYPES}{}", self.name()) }
    }

    fn from_uri(uri: &str) -> Self {
        let name =
            uri.strip_prefix(TYPES).or_else(|| uri.strip_prefix("https")?.strip_prefix(TYPES.strip_prefix("http")?));
        let name = name.map(|name| name.trim_end_matches('/'));
        Self::ALL.into_iter().find(|kind| Some(kind.name()) == name).unwrap_or(Self::Other)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registration => "provider-registration",
            Self::Renew => "provider-renew",
            Self::RenewDate => "provider-renew-date",
            Self::Return => "provider-return",
            Self::ReturnAlready => "provider-return-already",
            Self::ReturnExpired => "provider-return-expired",
            Self::Server => "provider-server",
            Self::Other => "provider-problem",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Registration => "this computer could not be registered",
            Self::Renew => "the license could not be renewed",
            Self::RenewDate => "the license cannot be renewed until that date",
            Self::Return => "the license could not be returned",
            Self::ReturnAlready => "the license was returned before",
            Self::ReturnExpired => "the license has expired",
            Self::Server => "the provider failed",
            Self::Other => "the provider did not do it",
        }
    }
}

/// A problem as a provider tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ProviderProblem {
    /// Which of the specification's.
    pub kind: ProblemKind,
    /// The status of the answer.
    pub status: u16,
    /// What the provider adds, in one line: its detail, else its title; may be empty.
    pub text: String,
}

impl ProviderProblem {
    /// Reads an answer that is no success. One that has no problem details is known by its status alone.
    #[must_use]
    pub fn from_response(status: u16, body: &[u8]) -> Self {
        let json = serde_json::from_slice::<Json>(body).ok();
        let text =
            |name: &str| json.as_ref().and_then(|json| json.text(name)).map(str::trim).filter(|text| !text.is_empty());
        let kind = match text("type").map_or(ProblemKind::Other, ProblemKind::from_uri) {
            ProblemKind::Other if status >= 500 => ProblemKind::Server,
            kind => kind,
        };
        let said = text("detail").or_else(|| text("title")).map(quoted);
        Self { kind, status, text: said.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_specification_is_known() {
        for kind in ProblemKind::ALL {
            let body = format!(r#"{{"type":"{}","title":"T","x":1}}"#, kind.uri());
            let problem = ProviderProblem::from_response(403, body.as_bytes());
            assert_eq!((problem.kind, problem.text.as_str()), (kind, "T"));
            let secure = ProviderProblem::from_response(400, body.replace("http:", "https:").as_bytes());
            assert_eq!(secure.kind, kind, "some servers say so");
        }
    }

    #[test]
    fn what_has_no_details_is_known_by_its_status() {
        assert_eq!(
            ProviderProblem::from_response(503, b"<html>"),
            ProviderProblem { kind: ProblemKind::Server, status: 503, text: String::new() }
        );
        assert_eq!(ProviderProblem::from_response(404, b"").kind, ProblemKind::Other);
        let other = ProviderProblem::from_response(
            400,
            br#"{"type":"about:blank","title":"No\u001b[2J","detail":" Not today. "}"#,
        );
        assert_eq!((other.kind, other.text.as_str()), (ProblemKind::Other, "Not today."));
        let titled = ProviderProblem::from_response(
            400,
            br#"{"type":"http://readium.org/license-status-document/error/renew/","title":"No\u001b[2J"}"#,
        );
        assert_eq!((titled.kind, titled.text.as_str()), (ProblemKind::Renew, "No[2J"));
    }
}
