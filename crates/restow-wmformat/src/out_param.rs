//! Places the caller gives for answers.

use restow::Hresult;

use crate::ffi::CallError;

/// A place for an answer. What was in it is never looked at, and it may be at any address: both is as programs in C have it.
pub(crate) struct OutParam<T>(*mut T);

impl<T> OutParam<T> {
    /// Takes a place and clears it, so that nothing old is found there when the call fails.
    ///
    /// # Errors
    /// `E_INVALIDARG` for null.
    ///
    /// # Safety
    /// `place` is null, or a `T` may be written to it for as long as this value lives.
    pub(crate) unsafe fn new(pointer: *mut T, initial: T) -> Result<Self, CallError> {
        if pointer.is_null() {
            return Err(CallError(Hresult::E_INVALIDARG));
        }
        let out = Self(pointer);
        out.set(initial);
        Ok(out)
    }

    /// Gives the answer.
    pub(crate) fn set(&self, value: T) {
        // SAFETY: `cleared` was promised that this place may be written to, and no more than that is needed.
        unsafe { self.0.write_unaligned(value) };
    }
}
