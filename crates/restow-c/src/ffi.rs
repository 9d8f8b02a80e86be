//! Conversions between the C ABI and Rust: handles, output parameters, texts.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use restow::is_unsafe_for_display;

/// Reason for a failed call.
pub(crate) enum CallError {
    /// The argument is null and must not be.
    Null(&'static str),
    /// The argument is not UTF-8.
    NotUtf8(&'static str),
    /// The argument has an invalid value.
    InvalidValue(&'static str),
    /// The library reports an error.
    Library(restow::Error),
}

impl<E: Into<restow::Error>> From<E> for CallError {
    fn from(error: E) -> Self {
        Self::Library(error.into())
    }
}

/// Runs a body that has no error. A panic becomes the default value.
pub(crate) fn catch_panic<T: Default>(body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_default()
}

/// Borrows the object of a handle.
pub(crate) unsafe fn borrow_handle<'a, T>(handle: *const T, name: &'static str) -> Result<&'a T, CallError> {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }.ok_or(CallError::Null(name))
}

/// Reads a field of the object of a handle; returns `absent` for null.
pub(crate) unsafe fn field_or<T, R>(handle: *const T, absent: R, read: impl FnOnce(&T) -> R) -> R {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }.map_or(absent, read)
}

/// Writes a value to an output parameter unless the pointer is null. The old value is never read, because C
/// programs leave it uninitialized.
pub(crate) unsafe fn write_out<T>(place: *mut T, answer: impl FnOnce() -> T) {
    if !place.is_null() {
        // SAFETY: as the caller promises.
        unsafe { place.write(answer()) };
    }
}

/// Moves a value to the heap and returns its handle. [`free_handle`] frees it.
pub(crate) fn into_handle<T>(thing: T) -> *mut T {
    Box::into_raw(Box::new(thing))
}

/// Frees the object of a handle.
pub(crate) unsafe fn free_handle<T>(thing: *mut T) {
    if !thing.is_null() {
        // SAFETY: the handle came from `into_handle`, as the caller promises.
        catch_panic(|| drop(unsafe { Box::from_raw(thing) }));
    }
}

/// Reads a text argument.
pub(crate) unsafe fn read_text<'a>(text: *const c_char, name: &'static str) -> Result<&'a str, CallError> {
    if text.is_null() {
        return Err(CallError::Null(name));
    }
    // SAFETY: as the caller promises.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| CallError::NotUtf8(name))
}

/// Converts a text. Zero bytes are removed, because they would end the text.
pub(crate) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// Converts a text for people. Characters that control a terminal or the text direction are replaced, because
/// any file name may contain them.
pub(crate) fn c_text_sanitized(text: &str) -> CString {
    c_text(&text.replace(is_unsafe_for_display, "\u{fffd}"))
}

/// Converts texts for people.
pub(crate) fn c_texts_sanitized(texts: &[String]) -> Vec<CString> {
    texts.iter().map(|text| c_text_sanitized(text)).collect()
}

/// Returns the pointer of a text, or null.
pub(crate) fn text_pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The values behind these locks are replaced as a unit, so a panic leaves no half-changed value.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
