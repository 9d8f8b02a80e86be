//! Licenses: exact documents, status, and revocations.

use restow_media::KeyId;
use rusqlite::{OptionalExtension as _, Row};

use super::{StoreError, View};
use crate::license::{Kind, LicenseIdentity, LicenseStatus, Restriction};

/// Stored license with its document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LicenseEntry {
    /// Row number.
    pub row: i64,
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// Time of the last update of the document, in Unix milliseconds.
    pub version: i64,
    /// Holder of a native license.
    pub holder: Option<String>,
    /// Stored status.
    pub status: LicenseStatus,
    /// Reason why backups exclude the license, if they do.
    pub restriction: Option<Restriction>,
    /// Titles from a backup, if they differ from the title in the document.
    pub titles: Vec<String>,
    /// SHA-256 of the document.
    pub sha256: [u8; 32],
    /// Exact bytes of the document.
    pub document: Vec<u8>,
    /// Number of the change that last wrote the license.
    pub changed: i64,
}

pub(super) const COLUMNS: &str = "license.id, source.kind, source.issuer, license.license_id, license.version, license.holder, \
     license.status, license.restriction, license.sha256, license.document, license.changed, license.titles \
     FROM license JOIN source ON source.id = license.source";

fn titles(json: Option<&str>) -> Vec<String> {
    json.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<LicenseEntry> {
    let kind: u8 = row.get(1)?;
    let restriction: Option<u8> = row.get(7)?;
    Ok(LicenseEntry {
        row: row.get(0)?,
        identity: LicenseIdentity {
            kind: Kind::from_number(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, kind.into()))?,
            issuer: row.get(2)?,
            license_id: row.get(3)?,
        },
        version: row.get(4)?,
        holder: row.get(5)?,
        status: LicenseStatus::from_name(row.get_ref(6)?.as_str()?),
        restriction: restriction.and_then(Restriction::from_number),
        sha256: row.get(8)?,
        document: row.get(9)?,
        changed: row.get(10)?,
        titles: titles(row.get_ref(11)?.as_str_or_null()?),
    })
}

/// Selection of licenses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LicenseFilter {
    /// All licenses.
    All,
    /// Licenses that were written after this change.
    ChangedSince(i64),
    /// Licenses with new titles after this change, and no other change since.
    TitlesChangedSince(i64),
    /// Licenses that backups exclude.
    Restricted,
    /// Licenses with the status pending or refused.
    NotUsable,
}

impl LicenseFilter {
    const fn condition(self) -> (&'static str, Option<i64>) {
        match self {
            Self::All => ("?1 IS NULL", None),
            Self::ChangedSince(change) => ("license.changed > ?1", Some(change)),
            Self::TitlesChangedSince(change) => (
                "license.titles_changed > license.changed AND license.titles_changed > ?1 AND license.changed <= ?1",
                Some(change),
            ),
            Self::Restricted => ("?1 IS NULL AND license.restriction IS NOT NULL", None),
            Self::NotUsable => ("?1 IS NULL AND license.status <> 'usable'", None),
        }
    }
}

impl View<'_> {
    /// Calls `visit` for each selected license. [`LicenseFilter::All`] visits in the order of storing.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`, which ends the walk.
    pub fn each_license<E: From<StoreError>>(
        &self,
        filter: LicenseFilter,
        mut visit: impl FnMut(LicenseEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let (condition, since) = filter.condition();
        // CROSS JOIN keeps SQLite from walking by issuer and sorting. An order would keep SQLite from using the
        // indexes of the other filters.
        let order = if filter == LicenseFilter::All { "ORDER BY license.id" } else { "" };
        let sql = format!("SELECT {} WHERE {condition} {order}", COLUMNS.replace(" JOIN ", " CROSS JOIN "));
        let mut query = self.connection.prepare_cached(&sql).map_err(StoreError::from)?;
        let mut rows = query.query([since]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            visit(entry(row).map_err(StoreError::from)?)?;
        }
        Ok(())
    }

    /// Returns the number of selected licenses.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn count_licenses(&self, filter: LicenseFilter) -> Result<u64, StoreError> {
        let (condition, since) = filter.condition();
        let sql = format!("SELECT count(*) FROM license WHERE {condition}");
        Ok(self.connection.query_row(&sql, [since], |row| row.get(0))?)
    }

    /// Returns the license with this identity.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn license(&self, identity: &LicenseIdentity) -> Result<Option<LicenseEntry>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3"
        ))?;
        Ok(query.query_row((identity.kind.number(), &identity.issuer, &identity.license_id), entry).optional()?)
    }

    /// Returns at most `limit` licenses with this prefix of the ID, of all kinds and issuers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_with_id_prefix(&self, prefix: &str, limit: u32) -> Result<Vec<LicenseEntry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE substr(license.license_id, 1, length(?1)) = ?1 LIMIT ?2");
        let mut query = self.connection.prepare_cached(&sql)?;
        Ok(query.query_map((prefix, limit), entry)?.collect::<Result<_, _>>()?)
    }

    /// Returns all licenses with this ID, of all kinds and issuers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_with_id(&self, license_id: &str) -> Result<Vec<LicenseEntry>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE license.license_id = ?1"))?;
        Ok(query.query_map([license_id], entry)?.collect::<Result<_, _>>()?)
    }

    /// Returns all licenses for a key ID.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_for(&self, key_id: &KeyId) -> Result<Vec<LicenseEntry>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} JOIN license_key ON license_key.license = license.id WHERE license_key.key_id = ?1 ORDER BY license.id"
        ))?;
        Ok(query.query_map([key_id.to_bytes()], entry)?.collect::<Result<_, _>>()?)
    }

    /// Returns the key IDs of a stored license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn key_ids(&self, row: i64) -> Result<Vec<KeyId>, StoreError> {
        let mut query =
            self.connection.prepare_cached("SELECT key_id FROM license_key WHERE license = ?1 ORDER BY key_id")?;
        let keys = query.query_map([row], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(keys.iter().filter_map(|bytes| KeyId::from_bytes(bytes)).collect())
    }

    /// Returns the holder of a stored native license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn holder_of(&self, issuer: &str, license_id: &str) -> Result<Option<String>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT license.holder FROM license JOIN source ON source.id = license.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3",
        )?;
        let holder: Option<Option<String>> =
            query.query_row((Kind::Restow.number(), issuer, license_id), |row| row.get(0)).optional()?;
        Ok(holder.flatten())
    }

    /// Returns SHA-256 and status of a license without reading its document.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn license_digest(&self, identity: &LicenseIdentity) -> Result<Option<([u8; 32], LicenseStatus)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT license.sha256, license.status FROM license JOIN source ON source.id = license.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3",
        )?;
        let row = query.query_row((identity.kind.number(), &identity.issuer, &identity.license_id), |row| {
            Ok((row.get(0)?, LicenseStatus::from_name(row.get_ref(1)?.as_str()?)))
        });
        Ok(row.optional()?)
    }

    /// Returns each pair of issuer and holder that a license names.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn holders_of_licenses(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT source.issuer, named.holder FROM \
             (SELECT DISTINCT source, holder FROM license WHERE holder IS NOT NULL) AS named \
             JOIN source ON source.id = named.source ORDER BY 1, 2",
        )?;
        Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }
}
