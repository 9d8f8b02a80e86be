//! Whether a file is protected.

use std::io::ErrorKind;
use std::path::Path;

use restow::Hresult;
use restow_media::probe_path;

use crate::guard::Failed;

/// True when the file's header says that it is protected. A file of a container Restow does not know is not: the SDK says the
/// same of any file that is not its own.
///
/// # Errors
/// `NS_E_INVALID_NAME` when there is no such file; `E_ACCESSDENIED` or `E_FAIL` when it cannot be read.
pub(crate) fn is_protected(path: &Path) -> Result<bool, Failed> {
    let probe = probe_path(path).map_err(|error| Failed(result(error.kind())))?;
    Ok(probe.protected.unwrap_or(false))
}

const fn result(kind: ErrorKind) -> Hresult {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename | ErrorKind::InvalidInput => {
            Hresult::NS_E_INVALID_NAME
        }
        ErrorKind::PermissionDenied => Hresult::E_ACCESSDENIED,
        _ => Hresult::E_FAIL,
    }
}
