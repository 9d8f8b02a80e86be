//! Licenses: exact documents, status, and revocations.

use restow_media::KeyId;
use rusqlite::{Params, Row};

use super::{StoreError, View, license_key};
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

const COLUMNS: &str = "license.id, source.kind, source.issuer, license.license_id, license.version, license.holder, \
     license.status, license.restriction, license.sha256, license.document, license.changed, license.titles \
     FROM license JOIN source ON source.id = license.source";

fn entry(row: &Row<'_>) -> rusqlite::Result<LicenseEntry> {
    let kind: u8 = row.get(1)?;
    let restriction: Option<u8> = row.get(7)?;
    let titles = row.get_ref(11)?.as_str_or_null()?.and_then(|json| serde_json::from_str(json).ok());
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
        titles: titles.unwrap_or_default(),
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
        visit: impl FnMut(LicenseEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let (condition, since) = filter.condition();
        // CROSS JOIN keeps SQLite from walking by issuer and sorting. An order would keep SQLite from using the
        // indexes of the other filters.
        let order = if filter == LicenseFilter::All { "ORDER BY license.id" } else { "" };
        let sql = format!("SELECT {} WHERE {condition} {order}", COLUMNS.replace(" JOIN ", " CROSS JOIN "));
        self.each(&sql, [since], entry, visit)
    }

    /// Returns the number of selected licenses.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn count_licenses(&self, filter: LicenseFilter) -> Result<u64, StoreError> {
        let (condition, since) = filter.condition();
        let sql = format!("SELECT count(*) FROM license WHERE {condition}");
        self.one(&sql, [since], |row| row.get(0))
    }

    /// Returns the license with this identity.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn license(&self, identity: &LicenseIdentity) -> Result<Option<LicenseEntry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3");
        self.first(&sql, license_key(identity), entry)
    }

    /// Returns at most `limit` licenses with this prefix of the ID, of all kinds and issuers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_with_id_prefix(&self, prefix: &str, limit: u32) -> Result<Vec<LicenseEntry>, StoreError> {
        self.licenses("WHERE substr(license.license_id, 1, length(?1)) = ?1 LIMIT ?2", (prefix, limit))
    }

    /// Returns all licenses with this ID, of all kinds and issuers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_with_id(&self, license_id: &str) -> Result<Vec<LicenseEntry>, StoreError> {
        self.licenses("WHERE license.license_id = ?1", [license_id])
    }

    /// Returns all licenses for a key ID.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_for(&self, key_id: &KeyId) -> Result<Vec<LicenseEntry>, StoreError> {
        let condition =
            "JOIN license_key ON license_key.license = license.id WHERE license_key.key_id = ?1 ORDER BY license.id";
        self.licenses(condition, [key_id.to_bytes()])
    }

    /// Returns the licenses that a condition selects.
    pub(super) fn licenses(&self, condition: &str, key: impl Params) -> Result<Vec<LicenseEntry>, StoreError> {
        self.all(&format!("SELECT {COLUMNS} {condition}"), key, entry)
    }

    /// Returns the key IDs of a stored license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn key_ids(&self, row: i64) -> Result<Vec<KeyId>, StoreError> {
        let sql = "SELECT key_id FROM license_key WHERE license = ?1 ORDER BY key_id";
        let keys: Vec<Vec<u8>> = self.all(sql, [row], |row| row.get(0))?;
        Ok(keys.iter().filter_map(|bytes| KeyId::from_bytes(bytes)).collect())
    }

    /// Returns each pair of issuer and holder that a license names.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn holders_of_licenses(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT source.issuer, named.holder FROM \
             (SELECT DISTINCT source, holder FROM license WHERE holder IS NOT NULL) AS named \
             JOIN source ON source.id = named.source ORDER BY 1, 2";
        self.all(sql, [], |row| row.try_into())
    }
}
