//! The edge: what comes in and goes out, and no panic crosses it.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use restow::restorer::RestorerError;
use restow::{Hresult, is_unsafe_for_display};

use crate::error::restow_error;

/// Why a call failed.
pub(crate) enum Failed {
    /// This argument is null and must not be.
    Null(&'static str),
    /// This argument is text, but not UTF-8.
    NotUtf8(&'static str),
    /// This argument has a value it cannot have.
    Wrong(&'static str),
    /// As the library says.
    Library(restow::Error),
}

impl<E: Into<restow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Library(error.into())
    }
}

/// Answers a call: a result code, and `error` filled. A panic is a defect of ours and becomes a result.
pub(crate) unsafe fn answer(error: *mut *mut restow_error, call: impl FnOnce() -> Result<(), Failed>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(RestorerError::Defect.into()));
    let (code, failed) = match result {
        Ok(()) => (Hresult::S_OK, None),
        Err(failed) => {
            let failed = restow_error::of(&failed);
            (failed.hresult, Some(failed))
        }
    };
    // SAFETY: as the caller promises.
    unsafe { put(error, || failed.map_or(std::ptr::null_mut(), give)) };
    code.0.cast_signed()
}

/// Answers a call that cannot fail but by a defect.
pub(crate) fn or_default<T: Default>(call: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_default()
}

/// What a handle stands for.
pub(crate) unsafe fn handle<'a, T>(handle: *const T, name: &'static str) -> Result<&'a T, Failed> {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }.ok_or(Failed::Null(name))
}

/// Reads a part of what a handle stands for; `absent` where it is null.
pub(crate) unsafe fn part<T, R>(handle: *const T, absent: R, read: impl FnOnce(&T) -> R) -> R {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }.map_or(absent, read)
}

/// Writes an answer to the caller's place for it, if there is one. What is in it is never looked at: programs in C leave it uninitialized.
pub(crate) unsafe fn put<T>(place: *mut T, answer: impl FnOnce() -> T) {
    if !place.is_null() {
        // SAFETY: as the caller promises.
        unsafe { place.write(answer()) };
    }
}

/// Clears the place for a pointer, which must be there.
pub(crate) unsafe fn clear<T>(place: *mut *mut T, name: &'static str) -> Result<(), Failed> {
    if place.is_null() {
        return Err(Failed::Null(name));
    }
    // SAFETY: as the caller promises.
    unsafe { put(place, std::ptr::null_mut) };
    Ok(())
}

/// Gives something to the caller, until the function that frees it.
pub(crate) fn give<T>(thing: T) -> *mut T {
    Box::into_raw(Box::new(thing))
}

/// Takes back what was given, and frees it.
pub(crate) unsafe fn free<T>(thing: *mut T) {
    if !thing.is_null() {
        // SAFETY: it came from `give`, as the caller promises.
        or_default(|| drop(unsafe { Box::from_raw(thing) }));
    }
}

/// Text of the caller's.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &'static str) -> Result<&'a str, Failed> {
    if text.is_null() {
        return Err(Failed::Null(name));
    }
    // SAFETY: as the caller promises.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| Failed::NotUtf8(name))
}

/// Text for the caller. A zero within would end it early; where there is one it goes.
pub(crate) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// Text for people. What would command a terminal or turn lines around is replaced: files may be called anything.
pub(crate) fn c_words(text: &str) -> CString {
    c_text(&text.replace(is_unsafe_for_display, "\u{fffd}"))
}

/// Texts for people.
pub(crate) fn c_all_words(texts: &[String]) -> Vec<CString> {
    texts.iter().map(|text| c_words(text)).collect()
}

/// What stands for a text that may be absent.
pub(crate) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is replaced whole, so a panic elsewhere cannot leave it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
