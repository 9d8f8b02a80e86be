//! What is wrong inside a license document.

use crate::message::Note;
use crate::text::quoted;

/// What a member of a document must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum JsonType {
    /// A text.
    Text,
    /// An object.
    Object,
}

impl JsonType {
    /// The fixed name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Object => "object",
        }
    }

    /// In words.
    const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Object => "an object",
        }
    }
}

/// What is wrong inside a license document.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It ends too early.
    #[error("it is cut off")]
    CutOff,
    /// It is not JSON.
    #[error("it is not JSON (line {line}, column {column})")]
    Json {
        /// Where, from 1.
        line: usize,
        /// Where in the line, from 1.
        column: usize,
    },
    /// It is JSON, with something of another type or value than it must be.
    #[error("{what} (line {line}, column {column})")]
    InvalidValue {
        /// Where, from 1.
        line: usize,
        /// Where in the line, from 1.
        column: usize,
        /// What the parser says.
        what: String,
    },
    /// A member is missing.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A text is empty, too long, or has characters that cannot be shown.
    #[error("`{name}` must be 1 to {max} printable bytes")]
    Text {
        /// The member.
        name: &'static str,
        /// The most bytes it may have.
        max: usize,
    },
    /// A date is none.
    #[error("`{0}` is no date with time and offset")]
    Date(&'static str),
    /// It has no key ID, or too many.
    #[error("it must have 1 to 64 key IDs")]
    KeyIdCount,
    /// A key ID is none.
    #[error("`{0}` is no key ID")]
    KeyId(String),
    /// A key ID stands twice.
    #[error("key ID {0} is named twice")]
    KeyIdTwice(String),
    /// Its service address is too long.
    #[error("its service address is longer than 2,048 bytes")]
    ServiceUrl,
    /// It has too many rights.
    #[error("it has more than 64 rights")]
    RightCount,
    /// Its title is too long.
    #[error("its title is longer than 1,000 characters")]
    Title,
    /// A member is something else than it must be.
    #[error("`{name}` must be {}", shape.words())]
    WrongType {
        /// The member.
        name: String,
        /// What it must be.
        shape: JsonType,
    },
    /// A member has no place where it is.
    #[error("`{0}` has no place there")]
    NotAllowed(String),
}

impl DocumentError {
    /// The stable code.
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
    fn from(error: serde_json::Error) -> Self {
        use serde_json::error::Category;
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof => Self::CutOff,
            Category::Syntax | Category::Io => Self::Json { line, column },
            Category::Data => {
                let text = error.to_string();
                let what = quoted(text.split(" at line ").next().unwrap_or_default());
                let missing = what.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
                missing.map_or_else(
                    || Self::InvalidValue { line, column, what: what.clone() },
                    |name| Self::Missing(name.to_owned()),
                )
            }
        }
    }
}

impl From<&DocumentError> for Note {
    fn from(fault: &DocumentError) -> Self {
        let note = Self::new(fault.code(), fault);
        match fault {
            DocumentError::Json { line, column } => note.with("line", line).with("column", column),
            DocumentError::InvalidValue { line, column, what } => {
                note.with("line", line).with("column", column).with("text", what)
            }
            DocumentError::Missing(name) => note.with("name", name),
            DocumentError::Text { name, max } => note.with("name", name).with("max", max),
            DocumentError::Date(name) => note.with("name", name),
            DocumentError::KeyId(text) | DocumentError::KeyIdTwice(text) => note.with("key", text),
            DocumentError::WrongType { name, shape } => note.with("name", name).with("shape", shape.as_str()),
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
    fn what_the_parser_says_is_sorted() {
        #[derive(serde::Deserialize, Debug)]
        struct Document {
            #[expect(dead_code, reason = "only looked for")]
            id: String,
        }
        let fault = |text| DocumentError::from(serde_json::from_str::<Document>(text).unwrap_err());
        assert_eq!(fault(r#"{"id":"#), DocumentError::CutOff);
        assert_eq!(fault("{x"), DocumentError::Json { line: 1, column: 2 });
        assert_eq!(fault("{}"), DocumentError::Missing("id".into()));
        let DocumentError::InvalidValue { what, .. } = fault(r#"{"id":1}"#) else { panic!("a number is no text") };
        assert_eq!(what, "invalid type: integer `1`, expected a string");
    }
}
