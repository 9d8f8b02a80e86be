//! Revocations of native licenses, and the signed statements about them.

use restow_core::protocol::Revocations;

use super::{Change, StoreError, View, license_key};
use crate::license::{Kind, LicenseIdentity};

impl View<'_> {
    /// Returns reason and time of the revocation, if the issuer revoked the license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn revoked(&self, identity: &LicenseIdentity) -> Result<Option<(String, i64)>, StoreError> {
        let sql = "SELECT reason, at FROM revoked JOIN source ON source.id = revoked.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND revoked.license_id = ?3";
        self.first(sql, license_key(identity), |row| row.try_into())
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
        let sql = "SELECT source.issuer, statement.document FROM statement JOIN source ON source.id = statement.source \
             WHERE statement.changed > ?1 ORDER BY statement.id";
        self.each(sql, [since], |row| row.try_into(), |(issuer, document)| visit(issuer, document))
    }
}

impl Change<'_> {
    /// Stores a statement of an issuer and the licenses it revokes. The caller has verified the statement.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_revocations(&self, document: &str, statement: &Revocations) -> Result<(), StoreError> {
        let source = self.source(Kind::Restow.number(), &statement.issuer)?;
        // The service signs the same facts again with each answer. One statement for each license is enough.
        let mut unknown = Vec::new();
        for revoked in &statement.revoked {
            let known = "SELECT 1 FROM revoked WHERE source = ?1 AND license_id = ?2";
            if !self.view().exists(known, (source, &revoked.license))? {
                unknown.push(revoked);
            }
        }
        let insert = "INSERT INTO statement (source, document, changed) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        if unknown.is_empty() || self.execute(insert, (source, document, self.number))? == 0 {
            return Ok(());
        }
        let id = self.transaction.last_insert_rowid();
        for revoked in unknown {
            self.execute(
                "INSERT INTO revoked (source, license_id, reason, at, statement) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                (source, &revoked.license, &revoked.reason, revoked.at, id),
            )?;
        }
        Ok(())
    }
}
