//! Places the caller gives for answers.

use restow::Hresult;

use crate::guard::Failed;

/// A place for an answer. What was in it is never looked at, and it may be at any address: both is as programs in C have it.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Takes a place and clears it, so that nothing old is found there when the call fails.
    ///
    /// # Errors
    /// `E_INVALIDARG` for null.
    ///
    /// # Safety
    /// `place` is null, or a `T` may be written to it for as long as this value lives.
    pub(crate) unsafe fn cleared(place: *mut T, nothing: T) -> Result<Self, Failed> {
        if place.is_null() {
            return Err(Failed(Hresult::E_INVALIDARG));
        }
        let out = Self(place);
        out.set(nothing);
        Ok(out)
    }

    /// Gives the answer.
    pub(crate) fn set(&self, answer: T) {
        // SAFETY: `cleared` was promised that this place may be written to, and no more than that is needed.
        unsafe { self.0.write_unaligned(answer) };
    }
}
