//! Language of messages.

use std::ffi::c_char;

use restow::Language;

use crate::call::call;
use crate::error::restow_error;
use crate::ffi::{CallError, read_text};
use crate::message::set_language;

/// Sets the language of messages and help texts in this process: `en` (the default) or `de`. Existing errors and
/// events keep their texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_set_language(language: *const c_char, error: *mut *mut restow_error) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let name = unsafe { read_text(language, "language") }?;
        let language: Language = name.parse().map_err(|_| CallError::InvalidValue("language"))?;
        set_language(language);
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}
