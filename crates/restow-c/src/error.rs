//! Errors.

use std::ffi::{CString, c_char};

use restow::Hresult;

use crate::edge::{Failed, c_text, or_default, pointer};

/// Why a call failed. Free it with `restow_error_free`.
pub struct restow_error {
    pub(crate) hresult: Hresult,
    code: CString,
    message: CString,
    help: CString,
}

impl restow_error {
    pub(crate) fn of(failed: &Failed) -> Self {
        match failed {
            Failed::Argument(what) => Self {
                hresult: Hresult::E_INVALIDARG,
                code: c_text("argument"),
                message: c_text(what),
                help: c_text("See restow.h."),
            },
            Failed::Library(error) => Self {
                hresult: error.hresult(),
                code: c_text(error.code()),
                message: c_text(&error.to_string()),
                help: c_text(&error.help()),
            },
        }
    }
}

/// The Windows result code.
///
/// # Safety
/// `error` is an error, or null: then 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_hresult(error: *const restow_error) -> i32 {
    // SAFETY: as the caller promises.
    or_default(|| unsafe { error.as_ref() }.map_or(0, |error| error.hresult.0.cast_signed()))
}

/// The stable code, such as `busy`.
///
/// # Safety
/// `error` is an error, or null: then null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_code(error: *const restow_error) -> *const c_char {
    // SAFETY: as the caller promises.
    pointer(unsafe { error.as_ref() }.map(|error| &error.code))
}

/// What happened, in English.
///
/// # Safety
/// `error` is an error, or null: then null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_message(error: *const restow_error) -> *const c_char {
    // SAFETY: as the caller promises.
    pointer(unsafe { error.as_ref() }.map(|error| &error.message))
}

/// What to do next, in English.
///
/// # Safety
/// `error` is an error, or null: then null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_help(error: *const restow_error) -> *const c_char {
    // SAFETY: as the caller promises.
    pointer(unsafe { error.as_ref() }.map(|error| &error.help))
}

/// Frees an error.
///
/// # Safety
/// `error` is null or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_error_free(error: *mut restow_error) {
    if !error.is_null() {
        // SAFETY: it came from a box, as the caller promises.
        drop(unsafe { Box::from_raw(error) });
    }
}
