//! Output parameters.

use restow::Hresult;

use crate::ffi::CallError;

/// Output parameter. The old value is never read, and any alignment is allowed, because C programs need both.
pub(crate) struct OutParam<T>(*mut T);

impl<T> OutParam<T> {
    /// Takes the pointer of an output parameter and writes the initial value, so that a failed call leaves no
    /// old value.
    ///
    /// # Errors
    /// `E_INVALIDARG` for null.
    ///
    /// # Safety
    /// `pointer` is null, or a `T` may be written to it during the lifetime of this value.
    pub(crate) unsafe fn new(pointer: *mut T, initial: T) -> Result<Self, CallError> {
        if pointer.is_null() {
            return Err(CallError(Hresult::E_INVALIDARG));
        }
        let out = Self(pointer);
        out.set(initial);
        Ok(out)
    }

    /// Writes the result.
    pub(crate) fn set(&self, value: T) {
        // SAFETY: the caller of `new` promised that this pointer may be written to, and this write needs no
        // more.
        unsafe { self.0.write_unaligned(value) };
    }
}
