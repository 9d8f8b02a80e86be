//! Frame of every call: result code, error object, and no panic across the ABI.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use restow::Hresult;
use restow::restorer::RestorerError;

use crate::error::restow_error;
use crate::ffi::{CallError, into_handle, write_out};

/// Runs the body of a call, returns its result code and sets `error`. A panic is a defect of this library and
/// becomes a result code.
pub(crate) unsafe fn call(error: *mut *mut restow_error, body: impl FnOnce() -> Result<(), CallError>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(RestorerError::Defect.into()));
    let (code, failure) = match result {
        Ok(()) => (Hresult::S_OK, None),
        Err(error) => {
            let failure = restow_error::from_call(&error);
            (failure.hresult, Some(failure))
        }
    };
    // SAFETY: as the caller promises.
    unsafe { write_out(error, || failure.map_or(null_mut(), into_handle)) };
    code.0.cast_signed()
}

/// Runs a call like [`call`]. The body creates the object of the required output parameter `out`.
pub(crate) unsafe fn call_new<T>(
    (out, name): (*mut *mut T, &'static str),
    error: *mut *mut restow_error,
    body: impl FnOnce() -> Result<T, CallError>,
) -> i32 {
    let write = || {
        if out.is_null() {
            return Err(CallError::Null(name));
        }
        // SAFETY: as the caller promises.
        unsafe { write_out(out, null_mut) };
        let object = body()?;
        // SAFETY: as the caller promises.
        unsafe { write_out(out, || into_handle(object)) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, write) }
}
