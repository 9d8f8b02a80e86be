//! Protection check of a file.

use std::io::ErrorKind;
use std::path::Path;

use restow::Hresult;
use restow_media::{Format, probe_path};

use crate::ffi::{CallError, NS_E_INVALID_INPUT_FORMAT};

/// Returns true if the file header declares protection. A file in an unknown container is not protected; the
/// SDK answers the same for any foreign file.
///
/// # Errors
/// `NS_E_INVALID_NAME` when the file does not exist; `NS_E_INVALID_INPUT_FORMAT` when the header of a known
/// container is too damaged; `E_ACCESSDENIED` or `E_FAIL` when the file cannot be read.
pub(crate) fn is_protected(path: &Path) -> Result<bool, CallError> {
    // A pipe or a device might block forever.
    let meta = std::fs::metadata(path).map_err(|error| CallError(hresult_of(error.kind())))?;
    if !meta.is_file() {
        return Err(CallError(Hresult::NS_E_INVALID_NAME));
    }
    let probe = probe_path(path).map_err(|error| CallError(hresult_of(error.kind())))?;
    match (probe.format, probe.protected) {
        (_, Some(protected)) => Ok(protected),
        (Format::Unknown, None) => Ok(false),
        (_, None) => Err(CallError(NS_E_INVALID_INPUT_FORMAT)),
    }
}

const fn hresult_of(kind: ErrorKind) -> Hresult {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename | ErrorKind::InvalidInput => {
            Hresult::NS_E_INVALID_NAME
        }
        ErrorKind::PermissionDenied => Hresult::E_ACCESSDENIED,
        _ => Hresult::E_FAIL,
    }
}
