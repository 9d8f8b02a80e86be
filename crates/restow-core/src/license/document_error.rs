//! Errors inside a license document or a status document.

use crate::message::Note;
use crate::text::quoted;

/// JSON type that a member of a document must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum JsonType {
    /// String.
    Text,
    /// Object.
    Object,
}

impl JsonType {
    /// Returns the stable name, for messages and programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Object => "object",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Object => "an object",
        }
    }
}

/// Error inside a license document or a status document.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Document without content.
    #[error("it is empty")]
    Empty,
    /// Document that ends before its JSON does.
    #[error("it is cut off")]
    CutOff,
    /// Syntax error: the document is not JSON (RFC 8259).
    #[error("it is not JSON (line {line}, column {column})")]
    Json {
        /// Line of the error, from 1.
        line: usize,
        /// Column of the error in bytes, from 1.
        column: usize,
    },
    /// Valid JSON with a value that the format does not allow.
    #[error("{detail} (line {line}, column {column})")]
    InvalidValue {
        /// Line of the value, from 1.
        line: usize,
        /// Column of the value in bytes, from 1.
        column: usize,
        /// Message of the parser in English.
        detail: String,
    },
    /// Missing member, by its name.
    #[error("`{0}` is missing")]
    Missing(String),
    /// Text that is empty, too long, or contains control characters.
    #[error("`{name}` must be 1 to {max} printable bytes")]
    Text {
        /// Name of the member.
        name: &'static str,
        /// Maximum length in bytes.
        max: usize,
    },
    /// Member that is not a date with time and offset (RFC 3339).
    #[error("`{0}` is no date with time and offset")]
    Date(&'static str),
    /// Number of key IDs outside of 1 to 64.
    #[error("it must have 1 to 64 key IDs")]
    KeyIdCount,
    /// Text that is not a key ID.
    #[error("`{0}` is no key ID")]
    KeyId(String),
    /// Repeated key ID.
    #[error("key ID {0} is named twice")]
    KeyIdTwice(String),
    /// Service address longer than 2,048 bytes.
    #[error("its service address is longer than 2,048 bytes")]
    ServiceUrl,
    /// More than 64 rights.
    #[error("it has more than 64 rights")]
    RightCount,
    /// Title longer than 1,000 characters.
    #[error("its title is longer than 1,000 characters")]
    Title,
    /// Member of another type than the format demands.
    #[error("`{name}` must be {}", expected.words())]
    WrongType {
        /// Name of the member.
        name: String,
        /// Type that the format demands.
        expected: JsonType,
    },
    /// Member or value that the format does not allow.
    #[error("`{0}` has no place there")]
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

impl From<&DocumentError> for Note {
    fn from(error: &DocumentError) -> Self {
        let note = Self::new(error.code(), error);
        match error {
            DocumentError::Json { line, column } => note.with("line", line).with("column", column),
            DocumentError::InvalidValue { line, column, detail } => {
                note.with("line", line).with("column", column).with("text", detail)
            }
            DocumentError::Missing(name) => note.with("name", name),
            DocumentError::Text { name, max } => note.with("name", name).with("max", max),
            DocumentError::Date(name) => note.with("name", name),
            DocumentError::KeyId(text) | DocumentError::KeyIdTwice(text) => note.with("key", text),
            DocumentError::WrongType { name, expected } => note.with("name", name).with("shape", expected.as_str()),
            DocumentError::NotAllowed(name) => note.with("name", name),
            DocumentError::Empty
            | DocumentError::CutOff
            | DocumentError::KeyIdCount
            | DocumentError::ServiceUrl
            | DocumentError::RightCount
            | DocumentError::Title => note,
        }
    }
}

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
