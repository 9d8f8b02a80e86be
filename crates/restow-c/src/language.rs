//! Language of messages.

use std::ffi::c_char;
use std::sync::atomic::{AtomicBool, Ordering};

use restow::{Language, Message};

use crate::call::call;
use crate::error::restow_error;
use crate::ffi::{CallError, read_text};

/// True if messages are German.
static GERMAN: AtomicBool = AtomicBool::new(false);

fn language() -> Language {
    if GERMAN.load(Ordering::Relaxed) { Language::German } else { Language::English }
}

/// Returns the text of a message, without a final period, and its help.
pub(crate) fn render(message: &Message) -> (String, String) {
    (message.clause(language()), message.help(language()).unwrap_or_default())
}

/// Sets the language of messages and help texts in this process: `en` (the default) or `de`. Existing errors and
/// events keep their texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_set_language(language: *const c_char, error: *mut *mut restow_error) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let name = unsafe { read_text(language, "language") }?;
        let language: Language = name.parse().map_err(|_| CallError::InvalidValue("language"))?;
        GERMAN.store(language == Language::German, Ordering::Relaxed);
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}
