//! Problems that providers of LCP licenses report.
//!
//! Source: License Status Document 1.0, §3. Problem details are RFC 9457, formerly RFC 7807.

use restow_core::named_enum;
use restow_core::text::{to_short_line, without_byte_order_mark};

use crate::json;

/// Prefix of the problem types of the specification.
const TYPE_PREFIX: &str = "http://readium.org/license-status-document/error/";

named_enum! {
    /// Kind of a problem that a provider reports.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum ProblemKind {
        /// Failed registration of the device.
        Registration = "provider-registration",
        /// Failed renewal.
        Renew = "provider-renew",
        /// Renewal to an end date that the provider does not allow.
        RenewDate = "provider-renew-date",
        /// Failed return.
        Return = "provider-return",
        /// Return of a license that was returned before.
        ReturnAlready = "provider-return-already",
        /// Return of an expired license.
        ReturnExpired = "provider-return-expired",
        /// Failure of the provider's server.
        Server = "provider-server",
        /// Another problem.
        Other = "provider-problem",
    }
}

impl ProblemKind {
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

    /// Returns the URI of the problem type; empty for [`Other`](Self::Other).
    #[must_use]
    pub fn uri(self) -> String {
        if self == Self::Other { String::new() } else { format!("{TYPE_PREFIX}{}", self.name()) }
    }

    /// Returns the kind with this URI. Some servers write `https` and a final slash.
    fn from_uri(uri: &str) -> Self {
        let name = uri
            .strip_prefix(TYPE_PREFIX)
            .or_else(|| uri.strip_prefix("https")?.strip_prefix(TYPE_PREFIX.strip_prefix("http")?));
        let name = name.map(|name| name.trim_end_matches('/'));
        Self::ALL.into_iter().find(|kind| Some(kind.name()) == name).unwrap_or(Self::Other)
    }
}

/// Problem in an answer of a provider.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ProviderProblem {
    /// Kind of the problem.
    pub kind: ProblemKind,
    /// HTTP status of the answer.
    pub status: u16,
    /// Text from the provider, on one line: detail, title or another message; may be empty.
    pub text: String,
}

impl ProviderProblem {
    /// Parses an answer with an error status.
    ///
    /// An answer without problem details has the kind [`Server`](ProblemKind::Server) from status 500 on, else
    /// [`Other`](ProblemKind::Other).
    #[must_use]
    pub fn from_response(status: u16, body: &[u8]) -> Self {
        let json = json::parse(body).ok();
        let text = |name: &str| {
            json.as_ref().and_then(|json| json::text(json, name)).map(str::trim).filter(|text| !text.is_empty())
        };
        let kind = match text("type").map_or(ProblemKind::Other, ProblemKind::from_uri) {
            ProblemKind::Other if status >= 500 => ProblemKind::Server,
            kind => kind,
        };
        let names = ["detail", "title", "error_description", "message", "error"];
        let message = names.into_iter().find_map(text).map(to_short_line);
        let message = message.or_else(|| if json.is_none() { plain_text(body) } else { None });
        Self { kind, status, text: message.unwrap_or_default() }
    }
}

/// Returns the text of an answer that is not JSON: its first lines, or the title of a page.
fn plain_text(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(without_byte_order_mark(body)).ok()?.trim();
    let lower = text.to_ascii_lowercase();
    let text = match lower.find("<title").and_then(|at| Some((at + lower.get(at..)?.find('>')? + 1, at))) {
        Some((start, _)) => text.get(start..start + lower.get(start..)?.find("</title")?)?,
        None if text.starts_with('<') => return None,
        None => text,
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| to_short_line(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specified_problem_types_are_recognized() {
        for kind in ProblemKind::ALL {
            let body = format!(r#"{{"type":"{}","title":"T","x":1}}"#, kind.uri());
            let problem = ProviderProblem::from_response(403, body.as_bytes());
            assert_eq!((problem.kind, problem.text.as_str()), (kind, "T"));
            let secure = ProviderProblem::from_response(400, body.replace("http:", "https:").as_bytes());
            assert_eq!(secure.kind, kind, "some servers write https");
        }
    }

    #[test]
    fn text_is_taken_from_any_answer() {
        for (body, text) in [
            ("\u{feff}{\"title\":\"\",\"detail\":\"Too late.\"}", "Too late."),
            (r#"{"error":"invalid_request","error_description":"No device."}"#, "No device."),
            (r#"{"error":{"code":1},"message":"Not now."}"#, "Not now."),
            ("  Too many\n requests. ", "Too many requests."),
            ("<!DOCTYPE html><html><head><TITLE lang=x>Service\n down</title></head>", "Service down"),
            ("<html><body>x</body></html>", ""),
            ("", ""),
            ("[]", ""),
        ] {
            assert_eq!(ProviderProblem::from_response(400, body.as_bytes()).text, text, "{body}");
        }
    }

    #[test]
    fn answer_without_details_gets_kind_by_status() {
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
