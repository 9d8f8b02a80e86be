//! Revocations of native licenses, and the signed statements about them.

use restow_core::protocol::Revocations;
use rusqlite::OptionalExtension as _;

use super::{Change, StoreError, View};
use crate::license::{Kind, LicenseIdentity};

impl View<'_> {
    /// Returns reason and time of the revocation, if the issuer revoked the license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn revoked(&self, identity: &LicenseIdentity) -> Result<Option<(String, i64)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT reason, at FROM revoked JOIN source ON source.id = revoked.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND revoked.license_id = ?3",
        )?;
        let row = query.query_row((identity.kind.number(), &identity.issuer, &identity.license_id), |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
        Ok(row.optional()?)
    }

    /// Calls `visit` with issuer and document of each signed statement that was stored after a change.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`.
    pub fn each_statement<E: From<StoreError>>(
        &self,
        since: i64,
        mut visit: impl FnMut(String, String) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT source.issuer, statement.document FROM statement JOIN source ON source.id = statement.source \
                 WHERE statement.changed > ?1 ORDER BY statement.id",
            )
            .map_err(StoreError::from)?;
        let mut rows = query.query([since]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let pair = || -> rusqlite::Result<_> { Ok((row.get(0)?, row.get(1)?)) };
            let (issuer, document) = pair().map_err(StoreError::from)?;
            visit(issuer, document)?;
        }
        Ok(())
    }
}

impl Change<'_> {
    /// Stores a statement of an issuer and the licenses it revokes. The caller has verified the statement.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_revocations(&self, document: &str, statement: &Revocations) -> Result<(), StoreError> {
        let source = self.source(Kind::Restow.number(), &statement.issuer)?;
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO statement (source, document, changed) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        let mut note = self.transaction.prepare_cached(
            "INSERT INTO revoked (source, license_id, reason, at, statement) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?;
        let mut known =
            self.transaction.prepare_cached("SELECT 1 FROM revoked WHERE source = ?1 AND license_id = ?2")?;
        // The service signs the same facts again with each answer. One statement for each license is enough.
        let mut unknown = Vec::new();
        for revoked in &statement.revoked {
            if !known.exists((source, &revoked.license))? {
                unknown.push(revoked);
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let id = match insert.insert((source, document, self.number)) {
            Ok(id) => id,
            Err(rusqlite::Error::StatementChangedRows(0)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for revoked in unknown {
            note.execute((source, &revoked.license, &revoked.reason, revoked.at, id))?;
        }
        Ok(())
    }
}
