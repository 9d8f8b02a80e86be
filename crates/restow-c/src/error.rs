//! Error object.

use std::ffi::{CString, c_char};
use std::ptr::null;

use restow::Hresult;

use crate::ffi::{CallError, c_text, c_text_sanitized, field_or, free_handle};
use crate::language::render;

/// Reason for a failed call or a refused item.
pub struct restow_error {
    pub(crate) hresult: Hresult,
    code: CString,
    message: CString,
    help: CString,
}

impl restow_error {
    pub(crate) fn new(hresult: Hresult, code: &str, message: &str, help: &str) -> Self {
        Self { hresult, code: c_text(code), message: c_text_sanitized(message), help: c_text_sanitized(help) }
    }

    pub(crate) fn from_call(error: &CallError) -> Self {
        let argument = |message: &str| Self::new(Hresult::E_INVALIDARG, "argument", message, "See restow.h.");
        match error {
            CallError::Null(name) => argument(&format!("`{name}` is missing")),
            CallError::NotUtf8(name) => argument(&format!("`{name}` is not UTF-8")),
            CallError::InvalidValue(name) => argument(&format!("`{name}` has a value it cannot have")),
            CallError::Library(error) => Self::from_library(error),
        }
    }

    pub(crate) fn from_library(error: &restow::Error) -> Self {
        let (message, help) = render(&error.into());
        Self::new(error.hresult(), error.code(), &message, &help)
    }
}

/// Returns the result code of the call; `RESTOW_OK` for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_hresult(error: *const restow_error) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { field_or(error, 0, |error| error.hresult.0.cast_signed()) }
}

/// Returns the stable code for programs, such as `busy` or `used-up`; null for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_code(error: *const restow_error) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(error, null(), |error| error.code.as_ptr()) }
}

/// Returns the message for people, in the language of `restow_set_language`; null for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_message(error: *const restow_error) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(error, null(), |error| error.message.as_ptr()) }
}

/// Returns the next action for people, in the language of `restow_set_language`; null for null. The text may name a
/// command of the program `restow`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_help(error: *const restow_error) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(error, null(), |error| error.help.as_ptr()) }
}

/// Frees an error that a call set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_free(error: *mut restow_error) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(error) }
}
