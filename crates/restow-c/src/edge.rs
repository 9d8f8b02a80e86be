//! The edge: text in and out, and no panic crosses it.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use restow::Hresult;
use restow::restorer::RestorerError;

use crate::error::restow_error;

/// Why a call failed.
pub(crate) enum Failed {
    /// A wrong or missing argument: what is wrong with it.
    Argument(&'static str),
    /// As the library says.
    Library(restow::Error),
}

impl<E: Into<restow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Library(error.into())
    }
}

/// Answers a call: a result code, and `error` filled. A panic is a defect of ours and becomes a result.
///
/// # Safety
/// `error` is null or has room for a pointer.
pub(crate) unsafe fn answer(error: *mut *mut restow_error, call: impl FnOnce() -> Result<(), Failed>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(RestorerError::Defect.into()));
    let (code, failed) = match result {
        Ok(()) => (Hresult::S_OK, None),
        Err(failed) => {
            let failed = restow_error::of(&failed);
            (failed.hresult, Some(Box::new(failed)))
        }
    };
    // SAFETY: as the caller promises.
    if let Some(error) = unsafe { error.as_mut() } {
        *error = failed.map_or(std::ptr::null_mut(), Box::into_raw);
    }
    code.0.cast_signed()
}

/// Answers a call that cannot fail but by a defect.
pub(crate) fn or_default<T: Default>(call: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_default()
}

/// Text of the caller's.
///
/// # Safety
/// `text` is null or text with a terminator that lives as long as is said.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, Failed> {
    if text.is_null() {
        return Err(Failed::Argument("a text is missing"));
    }
    // SAFETY: as the caller promises.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| Failed::Argument("a text is not UTF-8"))
}

/// Text for the caller. A zero within would end it early; where there is one it goes.
pub(crate) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// What stands for a text that may be absent.
pub(crate) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}
