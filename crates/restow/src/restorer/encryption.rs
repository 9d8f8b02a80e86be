//! Errors for encrypted sets, which this version recognizes by a flag and cannot read.

use restow_core::files;

use crate::error::{Error, RestorerError};
use crate::home::Home;

const MAX_PASSPHRASE_FILE: u64 = 64 * 1024;

/// Replaces the error of an encrypted set by the missing passphrase file, if the file is not configured or not
/// readable.
pub(crate) fn explain_encrypted(error: Error, home: &Home) -> Error {
    let Error::Backup(backup) = &error else { return error };
    let Some(path) = backup.only_encrypted() else { return error };
    let file = match home.passphrase_file() {
        Ok(Some(file)) => file,
        Ok(None) => return RestorerError::NoPassphraseFile(path.to_owned()).into(),
        Err(settings) => return settings.into(),
    };
    match files::read_limited(&file, MAX_PASSPHRASE_FILE).map(zeroize::Zeroizing::new) {
        Ok(_) => error,
        Err(source) => RestorerError::PassphraseFile { path: path.to_owned(), file, source }.into(),
    }
}
