//! Errors inside a license document or a status document.

use crate::message::Message;
use crate::message_error;
use crate::text::quoted;
use crate::texts::TEXTS;

crate::named_enum! {
    /// JSON type that a member of a document must have.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum JsonType {
        /// String.
        Text = "text",
        /// Object.
        Object = "object",
    }
}

/// Error inside a license document or a status document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DocumentError {
    /// Document without content.
    Empty,
    /// Document that ends before its JSON does.
    CutOff,
    /// Syntax error: the document is not JSON (RFC 8259).
    Json {
        /// Line of the error, from 1.
        line: usize,
        /// Column of the error in bytes, from 1.
        column: usize,
    },
    /// Valid JSON with a value that the format does not allow.
    InvalidValue {
        /// Line of the value, from 1.
        line: usize,
        /// Column of the value in bytes, from 1.
        column: usize,
        /// Message of the parser in English.
        detail: String,
    },
    /// Missing member, by its name.
    Missing(String),
    /// Text that is empty, too long, or contains control characters.
    Text {
        /// Name of the member.
        name: &'static str,
        /// Maximum length in bytes.
        max: usize,
    },
    /// Member that is not a date with time and offset (RFC 3339).
    Date(&'static str),
    /// Number of key IDs outside of 1 to 64.
    KeyIdCount,
    /// Text that is not a key ID.
    KeyId(String),
    /// Repeated key ID.
    KeyIdTwice(String),
    /// Service address longer than 2,048 bytes.
    ServiceUrl,
    /// More than 64 rights.
    RightCount,
    /// Title longer than 1,000 characters.
    Title,
    /// Member of another type than the format demands.
    WrongType {
        /// Name of the member.
        name: String,
        /// Type that the format demands.
        expected: JsonType,
    },
    /// Member or value that the format does not allow.
    NotAllowed(String),
}

impl DocumentError {
    /// Returns the stable code of this error, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "fault-empty",
            Self::CutOff => "fault-cut-off",
            Self::Json { .. } => "fault-json",
            Self::InvalidValue { .. } => "fault-shape",
            Self::Missing(_) => "fault-missing",
            Self::Text { .. } => "fault-text",
            Self::Date(_) => "fault-date",
            Self::KeyIdCount => "fault-key-id-count",
            Self::KeyId(_) => "fault-key-id",
            Self::KeyIdTwice(_) => "fault-key-id-twice",
            Self::ServiceUrl => "fault-service-url",
            Self::RightCount => "fault-right-count",
            Self::Title => "fault-title",
            Self::WrongType { .. } => "fault-not-a",
            Self::NotAllowed(_) => "fault-not-allowed",
        }
    }
}

impl From<serde_json::Error> for DocumentError {
    /// Sorts an error of the parser, so that each kind has its own code and can be translated.
    fn from(error: serde_json::Error) -> Self {
        use serde_json::error::Category;
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof => Self::CutOff,
            Category::Syntax | Category::Io => Self::Json { line, column },
            Category::Data => {
                // serde_json has no variant for a missing member: only the message shows it.
                let text = error.to_string();
                let detail = quoted(text.split(" at line ").next().unwrap_or_default());
                let missing = detail.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
                missing.map_or_else(
                    || Self::InvalidValue { line, column, detail: detail.clone() },
                    |name| Self::Missing(name.to_owned()),
                )
            }
        }
    }
}

impl From<&DocumentError> for Message {
    fn from(error: &DocumentError) -> Self {
        let message = Self::new(&TEXTS, error.code());
        match error {
            DocumentError::Json { line, column } => message.with("line", line).with("column", column),
            DocumentError::InvalidValue { line, column, detail } => {
                message.with("line", line).with("column", column).with("text", detail)
            }
            DocumentError::Missing(name) => message.with("name", name),
            DocumentError::Text { name, max } => message.with("name", name).with("max", max),
            DocumentError::Date(name) => message.with("name", name),
            DocumentError::KeyId(text) | DocumentError::KeyIdTwice(text) => message.with("key", text),
            DocumentError::WrongType { name, expected } => message.with("name", name).with("shape", expected.as_str()),
            DocumentError::NotAllowed(name) => message.with("name", name),
            DocumentError::Empty
            | DocumentError::CutOff
            | DocumentError::KeyIdCount
            | DocumentError::ServiceUrl
            | DocumentError::RightCount
            | DocumentError::Title => message,
        }
    }
}

message_error!(DocumentError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parser_errors_are_classified() {
        #[derive(serde::Deserialize, Debug)]
        struct Document {
            #[expect(dead_code, reason = "the test only parses the member")]
            id: String,
        }
        let parse_error = |text| DocumentError::from(serde_json::from_str::<Document>(text).unwrap_err());
        assert_eq!(parse_error(r#"{"id":"#), DocumentError::CutOff);
        assert_eq!(parse_error("{x"), DocumentError::Json { line: 1, column: 2 });
        assert_eq!(parse_error("{}"), DocumentError::Missing("id".into()));
        let DocumentError::InvalidValue { detail, .. } = parse_error(r#"{"id":1}"#) else { panic!("1 is not a text") };
        assert_eq!(detail, "invalid type: integer `1`, expected a string");
    }
}
