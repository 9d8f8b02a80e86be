//! Content keys, wrapped with the storage key of the computer.

use restow_core::hpke;
use restow_media::KeyId;
use rusqlite::OptionalExtension as _;
use zeroize::Zeroizing;

use super::{Change, StoreError, View};
use crate::license::{Kind, LicenseIdentity};

fn context(issuer: &str, key_id: &[u8], seed: u32) -> Vec<u8> {
    [b"restow stored key v1\0", issuer.as_bytes(), b"\0", &seed.to_le_bytes(), key_id].concat()
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
        let mut query = self.connection.prepare_cached(
            "SELECT wrapped FROM content_key JOIN source ON source.id = content_key.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND key_id = ?3 AND seed = ?4",
        )?;
        let wrapped: Option<Vec<u8>> =
            query.query_row((Kind::Restow.number(), issuer, &id, seed), |row| row.get(0)).optional()?;
        let opened = wrapped.and_then(|wrapped| hpke::unwrap(storage_key, &wrapped, &context(issuer, &id, seed)).ok());
        Ok(opened.and_then(|bytes| <[u8; 16]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new))
    }

    /// Returns true if all content keys of a native license are stored.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn has_content_keys(&self, identity: &LicenseIdentity) -> Result<bool, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT 1 FROM license JOIN source ON source.id = license.source \
             CROSS JOIN license_key ON license_key.license = license.id \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3 AND NOT EXISTS (SELECT 1 FROM content_key \
             WHERE content_key.source = license.source AND content_key.key_id = license_key.key_id AND content_key.seed = license.seed)",
        )?;
        Ok(!query.exists((identity.kind.number(), &identity.issuer, &identity.license_id))?)
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
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT source.issuer, key_id, seed, wrapped FROM content_key JOIN source ON source.id = content_key.source \
                 WHERE content_key.changed > ?1",
            )
            .map_err(StoreError::from)?;
        let mut rows = query.query([since]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let read = || -> rusqlite::Result<(String, Vec<u8>, u32, Vec<u8>)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (issuer, id, seed, wrapped) = read().map_err(StoreError::from)?;
            let opened = hpke::unwrap(storage_key, &wrapped, &context(&issuer, &id, seed)).ok();
            let key = opened.and_then(|bytes| <[u8; 16]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new);
            if let Some((key, id)) = key.zip(KeyId::from_bytes(&id)) {
                visit(&issuer, id, seed, &key)?;
            }
        }
        Ok(())
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
        let mut named = self.transaction.prepare_cached(
            "SELECT 1 FROM license_key CROSS JOIN license ON license.id = license_key.license CROSS JOIN source ON source.id = license.source \
             WHERE license_key.key_id = ?1 AND source.kind = ?2 AND source.issuer = ?3 AND license.seed = ?4 AND license.status = 'usable'",
        )?;
        if !named.exists((key_id.to_bytes(), Kind::Restow.number(), issuer, seed))? {
            return Ok(false);
        }
        if self.view().content_key(issuer, key_id, seed, storage_key)?.is_some_and(|known| *known == *key) {
            return Ok(true);
        }
        let id = key_id.to_bytes();
        let wrapped = hpke::wrap(storage_key, key, &context(issuer, &id, seed))
            .map_err(|error| StoreError::CannotWrite(error.to_string()))?;
        let source = self.source(Kind::Restow.number(), issuer)?;
        let mut insert = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO content_key (source, key_id, seed, wrapped, changed) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        insert.execute((source, id, seed, wrapped, self.number))?;
        Ok(true)
    }

    /// Removes content keys that no usable license of their issuer names. The call reads all keys, so make it once a
    /// run.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn drop_unused_keys(&self) -> Result<(), StoreError> {
        self.transaction.execute(
            "DELETE FROM content_key WHERE NOT EXISTS (SELECT 1 FROM license_key CROSS JOIN license ON license.id = license_key.license \
             WHERE license_key.key_id = content_key.key_id AND license.source = content_key.source AND license.seed = content_key.seed AND license.status = 'usable' \
             AND NOT EXISTS (SELECT 1 FROM revoked WHERE revoked.source = license.source AND revoked.license_id = license.license_id))",
            [],
        )?;
        Ok(())
    }

    /// Sets the licenses of a released holder to pending and removes their content keys.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn release_keys(&self, issuer: &str, holder: &str) -> Result<(), StoreError> {
        self.transaction.execute(
            "UPDATE license SET status = 'pending' WHERE status = 'usable' AND holder = ?3 AND source IN \
             (SELECT id FROM source WHERE kind = ?1 AND issuer = ?2)",
            (Kind::Restow.number(), issuer, holder),
        )?;
        self.drop_unused_keys()
    }
}
