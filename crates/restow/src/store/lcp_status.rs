//! Facts about LCP licenses beside their documents: the status at the provider, and the publications.

use restow_core::time::UnixTime;

use super::{Change, LicenseStatus, StoreError, View};
use crate::license::{Kind, LcpStatus, LicenseIdentity};

/// Last status of a license from its provider.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LcpStatusEntry {
    /// Status at the provider.
    pub status: LcpStatus,
    /// Time of the status. It does not apply to newer license documents.
    pub at: UnixTime,
    /// Exact status document; `None` if the status is from a backup.
    pub document: Option<Vec<u8>>,
    /// True if this computer is registered for the license.
    pub registered: bool,
}

/// Returns the stored status of a license document with this version, given the last status from the provider.
fn stored_status(status: Option<(LcpStatus, UnixTime)>, version: i64) -> LicenseStatus {
    let applicable = status.filter(|(_, at)| version.div_euclid(1000) <= *at);
    let refused = applicable.and_then(|(status, _)| status.outcome());
    refused.map_or(LicenseStatus::Usable, LicenseStatus::Refused)
}

impl View<'_> {
    /// Returns true if a status is stored for any license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn has_lcp_statuses(&self) -> Result<bool, StoreError> {
        self.exists("SELECT 1 FROM standing", [])
    }

    /// Returns the last status of a license from its provider; `None` for native licenses.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn lcp_status(&self, identity: &LicenseIdentity) -> Result<Option<LcpStatusEntry>, StoreError> {
        if identity.kind != Kind::Lcp {
            return Ok(None);
        }
        let sql = "SELECT status, at, document, registered FROM standing WHERE issuer = ?1 AND license_id = ?2";
        let entry = self.first(sql, (&identity.issuer, &identity.license_id), |row| {
            let (at, document, registered) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let status = LcpStatus::from_name(row.get_ref(0)?.as_str()?);
            Ok(status.map(|status| LcpStatusEntry { status, at, document, registered }))
        });
        Ok(entry?.flatten())
    }

    /// Calls `visit` with the facts about each stored license whose facts changed after a change: the last status from
    /// the provider with its time, and the identifiers of publications. A status that does not end the license clears
    /// an earlier end.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`.
    pub fn each_lcp_facts<E: From<StoreError>>(
        &self,
        since: i64,
        mut visit: impl FnMut(LicenseIdentity, Option<(LcpStatus, UnixTime)>, Vec<String>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "WITH changed (issuer, license_id) AS ( \
             SELECT issuer, license_id FROM publication WHERE changed > ?1 \
             UNION SELECT issuer, license_id FROM standing WHERE changed > ?1 \
             UNION SELECT source.issuer, license.license_id FROM license CROSS JOIN source ON source.id = license.source \
             WHERE ?1 >= 0 AND license.changed > ?1 AND source.kind = ?2) \
             SELECT changed.issuer, changed.license_id FROM changed \
             CROSS JOIN source ON source.kind = ?2 AND source.issuer = changed.issuer \
             CROSS JOIN license ON license.source = source.id AND license.license_id = changed.license_id";
        self.each(
            sql,
            (since, Kind::Lcp.number()),
            |row| row.try_into(),
            |(issuer, license_id)| {
                let identity = LicenseIdentity { kind: Kind::Lcp, issuer, license_id };
                let status = self.lcp_status(&identity)?.map(|entry| (entry.status, entry.at));
                let identifiers = self.identifiers_of(&identity)?;
                match status.is_some() || !identifiers.is_empty() {
                    true => visit(identity, status, identifiers),
                    false => Ok(()),
                }
            },
        )
    }

    /// Returns the identifiers of the publications that a license is for.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn identifiers_of(&self, identity: &LicenseIdentity) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT identifier FROM publication WHERE issuer = ?1 AND license_id = ?2 ORDER BY identifier";
        self.all(sql, (&identity.issuer, &identity.license_id), |row| row.get(0))
    }
}

impl Change<'_> {
    /// Stores the status from the provider, even if the license is not stored.
    ///
    /// `at` is the latest of the time of the request and the times in the status document. The status applies to
    /// license documents up to that time.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_lcp_status(
        &self,
        identity: &LicenseIdentity,
        status: LcpStatus,
        at: UnixTime,
        document: &[u8],
    ) -> Result<(), StoreError> {
        self.set_lcp_status(identity, status, at, Some(document))
    }

    /// Stores a status from a backup for a license that this change wrote. Other licenses and newer statuses are
    /// kept.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_status_from_backup(
        &self,
        identity: &LicenseIdentity,
        status: LcpStatus,
        at: UnixTime,
    ) -> Result<(), StoreError> {
        let is_written = self.view().license(identity)?.is_some_and(|license| license.changed == self.number);
        let is_newer = self.view().lcp_status(identity)?.is_none_or(|known| known.at < at);
        if is_written && is_newer { self.set_lcp_status(identity, status, at, None) } else { Ok(()) }
    }

    /// Records that this computer is registered for a license with a stored status.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn set_registered(&self, identity: &LicenseIdentity) -> Result<(), StoreError> {
        let sql = "UPDATE standing SET registered = 1 WHERE issuer = ?1 AND license_id = ?2";
        self.execute(sql, (&identity.issuer, &identity.license_id)).map(drop)
    }

    /// Records that a license is for the publication with this identifier.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_publication(&self, issuer: &str, license_id: &str, identifier: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO publication (issuer, license_id, identifier, changed) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        self.execute(sql, (issuer, license_id, identifier, self.number)).map(drop)
    }

    /// Removes the record that a license is for the publication with this identifier.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn remove_publication(&self, issuer: &str, license_id: &str, identifier: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM publication WHERE issuer = ?1 AND license_id = ?2 AND identifier = ?3";
        self.execute(sql, (issuer, license_id, identifier)).map(drop)
    }

    /// Returns the stored status for a new document of this version.
    pub(super) fn status_of(&self, identity: &LicenseIdentity, version: i64) -> Result<LicenseStatus, StoreError> {
        let any = match self.has_statuses.get() {
            Some(any) => any,
            None => self.view().has_lcp_statuses()?,
        };
        self.has_statuses.set(Some(any));
        if !any {
            return Ok(LicenseStatus::Usable);
        }
        let status = self.view().lcp_status(identity)?.map(|entry| (entry.status, entry.at));
        Ok(stored_status(status, version))
    }

    fn set_lcp_status(
        &self,
        identity: &LicenseIdentity,
        status: LcpStatus,
        at: UnixTime,
        document: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        self.has_statuses.set(Some(true));
        // A repeated status is not a change. A different status is.
        let sql = "INSERT INTO standing (issuer, license_id, status, at, document, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO UPDATE SET changed = iif(status = excluded.status, changed, excluded.changed), \
             status = excluded.status, at = excluded.at, document = excluded.document";
        let LicenseIdentity { issuer, license_id, .. } = identity;
        self.execute(sql, (issuer, license_id, status.as_str(), at, document, self.number))?;
        match self.view().license(identity)? {
            Some(license) => self.set_status(license.row, stored_status(Some((status, at)), license.version)),
            None => Ok(()),
        }
    }
}
