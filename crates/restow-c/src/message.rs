//! Texts of messages in the language of the process.

use std::sync::atomic::{AtomicBool, Ordering};

use restow::service::protocol::Outcome;
use restow::{Language, Message};
use restow_core::texts::Texts;

use crate::ffi::CallError;

/// Texts of the messages of this crate.
static TEXTS: Texts = Texts::new(include_str!("../i18n/en.ftl"), include_str!("../i18n/de.ftl"));

/// True if texts are German.
static IS_GERMAN: AtomicBool = AtomicBool::new(false);

pub(crate) fn set_language(language: Language) {
    IS_GERMAN.store(language == Language::German, Ordering::Relaxed);
}

fn language() -> Language {
    if IS_GERMAN.load(Ordering::Relaxed) { Language::German } else { Language::English }
}

/// Returns the text of a message, without a final period, and its help.
pub(crate) fn render(message: &Message) -> (String, String) {
    (message.clause(language()), message.help(language()).unwrap_or_default())
}

/// Returns the message of a license that a service refused. The code is the name of the outcome.
pub(crate) fn refusal(outcome: Outcome) -> Message {
    Message::new(&TEXTS, outcome.as_str()).with_id("refused").with_cause(outcome)
}

impl From<&CallError> for Message {
    fn from(error: &CallError) -> Self {
        let argument = |id, name: &str| Self::new(&TEXTS, "argument").with_id(id).with("name", name);
        match error {
            CallError::Null(name) => argument("argument-missing", name),
            CallError::NotUtf8(name) => argument("argument-not-utf8", name),
            CallError::InvalidValue(name) => argument("argument-invalid", name),
            CallError::Library(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_has_texts() {
        let errors = [CallError::Null("home"), CallError::NotUtf8("home"), CallError::InvalidValue("home")];
        let mut samples: Vec<Message> = errors.iter().map(Message::from).collect();
        samples.push(refusal(Outcome::Limit));
        assert_eq!(Message::find_defects(&TEXTS, &samples), Vec::<String>::new());
    }
}
