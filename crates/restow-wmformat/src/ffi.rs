//! The edge: results become codes, and no panic crosses it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use restow::{Error, Hresult};
use windows_core::HRESULT;

/// The call was good, and the answer is no.
pub(crate) const S_FALSE: Hresult = Hresult(1);
/// Not implemented.
pub(crate) const E_NOTIMPL: Hresult = Hresult(0x8000_4001);
/// The header of a file is too damaged to tell.
pub(crate) const NS_E_INVALID_INPUT_FORMAT: Hresult = Hresult(0xC00D_0BB8);
/// A buffer is too small; the length that is needed is told.
pub(crate) const NS_E_DRM_BUFFER_TOO_SMALL: Hresult = Hresult(0xC00D_275C);

/// The code as COM has it.
pub(crate) const fn to_hresult(result: Hresult) -> HRESULT {
    HRESULT(result.0.cast_signed())
}

/// Why a call failed.
pub(crate) struct CallError(pub(crate) Hresult);

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self(error.hresult())
    }
}

/// Answers a call. A panic is a defect of ours and becomes a result: nothing of a call that panicked is used again but
/// the restorer, whose state is replaced whole.
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
    fn results_are_codes_and_no_panic_leaves() {
        assert_eq!(call(|| Ok(S_FALSE)), HRESULT(1));
        assert_eq!(call(|| Err(CallError(Hresult::E_INVALIDARG))), to_hresult(Hresult::E_INVALIDARG));
        let panicked = call(|| std::panic::resume_unwind(Box::new("a defect")));
        assert_eq!(panicked, to_hresult(Hresult::NS_E_BACKUP_RESTORE_FAILURE));
    }
}
