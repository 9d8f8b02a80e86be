//! Error object.

use std::ffi::{CString, c_char};
use std::ptr::null;

use restow::service::protocol::Outcome;
use restow::{Hresult, Message};

use crate::ffi::{CallError, c_text, c_text_sanitized, field_or, free_handle};
use crate::message::{refusal, render};

/// Reason for a failed call or a refused item.
pub struct restow_error {
    pub(crate) hresult: Hresult,
    code: CString,
    message: CString,
    help: CString,
}

impl restow_error {
    pub(crate) fn from_call(error: &CallError) -> Self {
        match error {
            CallError::Library(error) => Self::from_library(error),
            _ => Self::new(Hresult::E_INVALIDARG, &error.into()),
        }
    }

    pub(crate) fn from_library(error: &restow::Error) -> Self {
        Self::new(error.hresult(), &error.into())
    }

    /// Creates the error of a license that a service refused.
    pub(crate) fn from_outcome(outcome: Outcome) -> Self {
        Self::new(outcome.hresult(), &refusal(outcome))
    }

    fn new(hresult: Hresult, message: &Message) -> Self {
        let (text, help) = render(message);
        Self { hresult, code: c_text(message.code), message: c_text_sanitized(&text), help: c_text_sanitized(&help) }
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
