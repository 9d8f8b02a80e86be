//! The room for encrypted sets: where their passphrase is, for programs that cannot ask for it.

use restow_core::files;

use crate::error::Error;
use crate::error::RestorerError;
use crate::home::Home;

/// Longer than any passphrase.
const MAX_FILE: u64 = 64 * 1024;

/// Says of a set that is encrypted what is missing. One whose passphrase could be had is left to the version that reads it.
pub(crate) fn explained(error: Error, home: &Home) -> Error {
    let Error::Backup(backup) = &error else { return error };
    let Some(path) = backup.only_encrypted() else { return error };
    let file = match home.passphrase_file() {
        Ok(Some(file)) => file,
        Ok(None) => return RestorerError::NoPassphraseFile(path.to_owned()).into(),
        Err(settings) => return settings.into(),
    };
    match files::read_limited(&file, MAX_FILE).map(zeroize::Zeroizing::new) {
        Ok(_) => error,
        Err(source) => RestorerError::PassphraseFile { path: path.to_owned(), file, source }.into(),
    }
}
