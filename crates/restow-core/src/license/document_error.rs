//! Errors inside a license document or a status document.

use crate::message_error;
use crate::text::to_short_line;
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

message_error! {
    /// Error inside a license document or a status document.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum DocumentError in TEXTS {
        /// Document without content.
        Empty = "fault-empty",
        /// Document that ends before its JSON does.
        CutOff = "fault-cut-off",
        /// Syntax error: the document is not JSON (RFC 8259).
        Json {
            /// Line of the error, from 1.
            line: usize,
            /// Column of the error in bytes, from 1.
            column: usize,
        } = "fault-json",
        /// Valid JSON with a value that the format does not allow.
        InvalidValue {
            /// Line of the value, from 1.
            line: usize,
            /// Column of the value in bytes, from 1.
            column: usize,
            /// Message of the parser in English.
            detail: String as text,
        } = "fault-shape",
        /// Missing member, by its name.
        Missing(name: String) = "fault-missing",
        /// Text that is empty, too long, or contains control characters.
        Text {
            /// Name of the member.
            name: &'static str,
            /// Maximum length in bytes.
            max: usize,
        } = "fault-text",
        /// Member that is not a date with time and offset (RFC 3339).
        Date(name: &'static str) = "fault-date",
        /// Number of key IDs outside of 1 to 64.
        KeyIdCount = "fault-key-id-count",
        /// Text that is not a key ID.
        KeyId(key: String) = "fault-key-id",
        /// Repeated key ID.
        KeyIdTwice(key: String) = "fault-key-id-twice",
        /// Service address longer than 2,048 bytes.
        ServiceUrl = "fault-service-url",
        /// More than 64 rights.
        RightCount = "fault-right-count",
        /// Title longer than 1,000 characters.
        Title = "fault-title",
        /// Member of another type than the format demands.
        WrongType {
            /// Name of the member.
            name: String,
            /// Type that the format demands.
            expected: JsonType as shape,
        } = "fault-not-a",
        /// Member or value that the format does not allow.
        NotAllowed(name: String) = "fault-not-allowed",
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
                let detail = to_short_line(text.split(" at line ").next().unwrap_or_default());
                let missing = detail.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
                missing.map_or_else(
                    || Self::InvalidValue { line, column, detail: detail.clone() },
                    |name| Self::Missing(name.to_owned()),
                )
            }
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
