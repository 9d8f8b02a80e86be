//! Content keys for the operator's packager.
//!
//! They are derived on the service's own computer, from the license key seeds. No HTTP call returns them.

use std::path::Path;

use restow_core::keys::content_key;
use restow_core::protocol::GrantedKey;
use restow_core::{Clock, KeyId};

use crate::error::ServiceError;
use crate::folder::{self, Profile};
use crate::sqlite;

/// Returns the content keys that future grants deliver for these key IDs.
///
/// The operator packages files with them, before or after the license is issued. The service may run at the same
/// time. The audit log records every key ID before its key is derived. Keys are never stored.
///
/// # Errors
/// Fails if the folder holds no service, the seed cannot be read, or the audit log cannot be written.
pub fn content_keys(folder: &Path, key_ids: &[KeyId], clock: &dyn Clock) -> Result<Vec<GrantedKey>, ServiceError> {
    let seed_number = Profile::load(folder)?.seed;
    let seed = folder::read_seed(folder, seed_number)?;
    sqlite::record_content_keys(&folder::database_path(folder), key_ids, seed_number, clock.now())?;
    let key = |id: &KeyId| GrantedKey { key_id: id.clone(), seed: seed_number, key: content_key(&seed, id) };
    Ok(key_ids.iter().map(key).collect())
}
