//! Content keys, wrapped with the storage key of the computer.

use std::io;

use restow_core::hpke;
use restow_media::KeyId;
use rusqlite::Row;
use zeroize::Zeroizing;

use super::{Change, StoreError, View, license_key};
use crate::license::{Kind, LicenseIdentity};

fn context(issuer: &str, key_id: &[u8], seed: u32) -> Vec<u8> {
    [b"restow stored key v1\0", issuer.as_bytes(), b"\0", &seed.to_le_bytes(), key_id].concat()
}

/// Unwraps a content key; `None` if it is wrapped for another computer.
fn unwrap(storage_key: &[u8; 32], wrapped: &[u8], context: &[u8]) -> Option<Zeroizing<[u8; 16]>> {
    let opened = hpke::unwrap(storage_key, wrapped, context).ok()?;
    <[u8; 16]>::try_from(opened.as_slice()).ok().map(Zeroizing::new)
}

impl View<'_> {
    /// Unwraps a content key. Returns `None` if the key is missing or wrapped for another computer.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn content_key(
        &self,
        issuer: &str,
        key_id: &KeyId,
        seed: u32,
        storage_key: &[u8; 32],
    ) -> Result<Option<Zeroizing<[u8; 16]>>, StoreError> {
        let id = key_id.to_bytes();
        let sql = "SELECT wrapped FROM content_key JOIN source ON source.id = content_key.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND key_id = ?3 AND seed = ?4";
        let key = (Kind::Restow.number(), issuer, &id, seed);
        let wrapped: Option<Vec<u8>> = self.first(sql, key, |row| row.get(0))?;
        Ok(wrapped.and_then(|wrapped| unwrap(storage_key, &wrapped, &context(issuer, &id, seed))))
    }

    /// Returns true if all content keys of a native license are stored.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn has_content_keys(&self, identity: &LicenseIdentity) -> Result<bool, StoreError> {
        let missing = "SELECT 1 FROM license JOIN source ON source.id = license.source \
             CROSS JOIN license_key ON license_key.license = license.id \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3 AND NOT EXISTS (SELECT 1 FROM content_key \
             WHERE content_key.source = license.source AND content_key.key_id = license_key.key_id AND content_key.seed = license.seed)";
        Ok(!self.exists(missing, license_key(identity))?)
    }

    /// Calls `visit` with each content key that was stored after a change.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`.
    pub(crate) fn each_content_key<E: From<StoreError>>(
        &self,
        since: i64,
        storage_key: &[u8; 32],
        mut visit: impl FnMut(&str, KeyId, u32, &[u8; 16]) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT source.issuer, key_id, seed, wrapped FROM content_key JOIN source ON source.id = content_key.source \
             WHERE content_key.changed > ?1";
        let read = |row: &Row<'_>| row.try_into();
        self.each(sql, [since], read, |(issuer, id, seed, wrapped): (String, Vec<u8>, u32, Vec<u8>)| {
            let key = unwrap(storage_key, &wrapped, &context(&issuer, &id, seed));
            match key.zip(KeyId::from_bytes(&id)) {
                Some((key, id)) => visit(&issuer, id, seed, &key),
                None => Ok(()),
            }
        })
    }
}

impl Change<'_> {
    /// Wraps and stores a content key if a usable license of the issuer names the key and its seed. Returns true if
    /// the key is stored.
    ///
    /// # Errors
    /// [`StoreError`] if the database or the random source of the system fails.
    pub(crate) fn put_content_key(
        &self,
        issuer: &str,
        key_id: &KeyId,
        seed: u32,
        key: &[u8; 16],
        storage_key: &[u8; 32],
    ) -> Result<bool, StoreError> {
        let named = "SELECT 1 FROM license_key CROSS JOIN license ON license.id = license_key.license CROSS JOIN source ON source.id = license.source \
             WHERE license_key.key_id = ?1 AND source.kind = ?2 AND source.issuer = ?3 AND license.seed = ?4 AND license.status = 'usable'";
        let id = key_id.to_bytes();
        if !self.view().exists(named, (&id, Kind::Restow.number(), issuer, seed))? {
            return Ok(false);
        }
        if self.view().content_key(issuer, key_id, seed, storage_key)?.is_some_and(|known| *known == *key) {
            return Ok(true);
        }
        let wrapped = hpke::wrap(storage_key, key, &context(issuer, &id, seed))
            .map_err(|error| StoreError::CannotWrite { path: self.path.to_owned(), source: io::Error::other(error) })?;
        let source = self.source(Kind::Restow.number(), issuer)?;
        self.execute(
            "INSERT OR REPLACE INTO content_key (source, key_id, seed, wrapped, changed) VALUES (?1, ?2, ?3, ?4, ?5)",
            (source, id, seed, wrapped, self.number),
        )?;
        Ok(true)
    }

    /// Removes content keys that no usable license of their issuer names. The call reads all keys, so make it once a
    /// run.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn drop_unused_keys(&self) -> Result<(), StoreError> {
        let sql = "DELETE FROM content_key WHERE NOT EXISTS (SELECT 1 FROM license_key CROSS JOIN license ON license.id = license_key.license \
             WHERE license_key.key_id = content_key.key_id AND license.source = content_key.source AND license.seed = content_key.seed AND license.status = 'usable' \
             AND NOT EXISTS (SELECT 1 FROM revoked WHERE revoked.source = license.source AND revoked.license_id = license.license_id))";
        self.execute(sql, []).map(drop)
    }
}
