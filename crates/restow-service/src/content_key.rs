//! Content keys for the operator's packager: derived where the seeds are, on the service's own computer. No HTTP call gives
//! them.

use std::path::Path;

use restow_core::keys::content_key;
use restow_core::protocol::GrantedKey;
use restow_core::{Clock, KeyId};

use crate::error::ServiceError;
use crate::folder::{self, Profile};
use crate::sqlite;

/// The content keys that grants of licenses issued from now on deliver for these key IDs. Files are packaged with them,
/// before or after there is a license.
///
/// The service may run meanwhile. Which key IDs were asked for is in its audit log before a key is derived; keys stand
/// nowhere.
///
/// # Errors
/// When there is no service, its seed cannot be read, or its audit log not written.
pub fn content_keys(folder: &Path, key_ids: &[KeyId], clock: &dyn Clock) -> Result<Vec<GrantedKey>, ServiceError> {
    let seed_number = Profile::load(folder)?.seed;
    let seed = folder::read_seed(folder, seed_number)?;
    sqlite::record_content_keys(&folder::database_path(folder), key_ids, seed_number, clock.now())?;
    let key = |id: &KeyId| GrantedKey { key_id: id.clone(), seed: seed_number, key: content_key(&seed, id) };
    Ok(key_ids.iter().map(key).collect())
}
