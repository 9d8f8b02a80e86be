//! Frame of every call: conversion of results to codes, and no panic across the ABI.

use std::panic::{AssertUnwindSafe, catch_unwind};

use restow::{Error, Hresult};
use windows_core::HRESULT;

/// Success with a negative answer.
pub(crate) const S_FALSE: Hresult = Hresult(1);
/// Function that is not implemented.
pub(crate) const E_NOTIMPL: Hresult = Hresult(0x8000_4001);
/// File header that is too damaged to interpret.
pub(crate) const NS_E_INVALID_INPUT_FORMAT: Hresult = Hresult(0xC00D_0BB8);
/// Buffer that is too small. The output parameter has the required length.
pub(crate) const NS_E_DRM_BUFFER_TOO_SMALL: Hresult = Hresult(0xC00D_275C);

/// Converts a result code to the type of COM.
pub(crate) const fn to_hresult(result: Hresult) -> HRESULT {
    HRESULT(result.0.cast_signed())
}

/// Result code of a failed call.
pub(crate) struct CallError(pub(crate) Hresult);

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self(error.hresult())
    }
}

/// Runs the body of a call and returns its result code. A panic is a defect of this library and becomes a
/// result code. After a panic only the restorer is used again, and its state is replaced as a unit.
pub(crate) fn call(body: impl FnOnce() -> Result<Hresult, CallError>) -> HRESULT {
    let result = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(result)) | Ok(Err(CallError(result))) => result,
        Err(_) => Hresult::NS_E_BACKUP_RESTORE_FAILURE,
    };
    to_hresult(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_panics_become_codes() {
        assert_eq!(call(|| Ok(S_FALSE)), HRESULT(1));
        assert_eq!(call(|| Err(CallError(Hresult::E_INVALIDARG))), to_hresult(Hresult::E_INVALIDARG));
        let panicked = call(|| std::panic::resume_unwind(Box::new("a defect")));
        assert_eq!(panicked, to_hresult(Hresult::NS_E_BACKUP_RESTORE_FAILURE));
    }
}
