//! The edge: what comes in and goes out, and no panic crosses it.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use restow::leads_astray;

/// Why a call failed.
pub(crate) enum CallError {
    /// This argument is null and must not be.
    Null(&'static str),
    /// This argument is text, but not UTF-8.
    NotUtf8(&'static str),
    /// This argument has a value it cannot have.
    InvalidValue(&'static str),
    /// As the library says.
    Library(restow::Error),
}

impl<E: Into<restow::Error>> From<E> for CallError {
    fn from(error: E) -> Self {
        Self::Library(error.into())
    }
}

/// Answers a call that cannot fail but by a defect.
pub(crate) fn catch_panic<T: Default>(body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_default()
}

/// What a handle stands for.
pub(crate) unsafe fn borrow_handle<'a, T>(handle: *const T, name: &'static str) -> Result<&'a T, CallError> {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }.ok_or(CallError::Null(name))
}

/// Reads a part of what a handle stands for; `absent` where it is null.
pub(crate) unsafe fn field_or<T, R>(handle: *const T, absent: R, read: impl FnOnce(&T) -> R) -> R {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }.map_or(absent, read)
}

/// Writes an answer to the caller's place for it, if there is one. What is in it is never looked at: programs in C leave it uninitialized.
pub(crate) unsafe fn write_out<T>(place: *mut T, answer: impl FnOnce() -> T) {
    if !place.is_null() {
        // SAFETY: as the caller promises.
        unsafe { place.write(answer()) };
    }
}

/// Clears the place for a pointer, which must be there.
pub(crate) unsafe fn clear_out<T>(place: *mut *mut T, name: &'static str) -> Result<(), CallError> {
    if place.is_null() {
        return Err(CallError::Null(name));
    }
    // SAFETY: as the caller promises.
    unsafe { write_out(place, std::ptr::null_mut) };
    Ok(())
}

/// Gives something to the caller, until the function that frees it.
pub(crate) fn into_handle<T>(thing: T) -> *mut T {
    Box::into_raw(Box::new(thing))
}

/// Takes back what was given, and frees it.
pub(crate) unsafe fn free_handle<T>(thing: *mut T) {
    if !thing.is_null() {
        // SAFETY: it came from `give`, as the caller promises.
        catch_panic(|| drop(unsafe { Box::from_raw(thing) }));
    }
}

/// Text of the caller's.
pub(crate) unsafe fn read_text<'a>(text: *const c_char, name: &'static str) -> Result<&'a str, CallError> {
    if text.is_null() {
        return Err(CallError::Null(name));
    }
    // SAFETY: as the caller promises.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| CallError::NotUtf8(name))
}

/// Text for the caller. A zero within would end it early; where there is one it goes.
pub(crate) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// Text for people. What would command a terminal or turn lines around is replaced: files may be called anything.
pub(crate) fn c_text_sanitized(text: &str) -> CString {
    c_text(&text.replace(leads_astray, "\u{fffd}"))
}

/// Texts for people.
pub(crate) fn c_texts_sanitized(texts: &[String]) -> Vec<CString> {
    texts.iter().map(|text| c_text_sanitized(text)).collect()
}

/// What stands for a text that may be absent.
pub(crate) fn text_pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is replaced whole, so a panic elsewhere cannot leave it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
