//! Records of backups and restores: locations, sets, and the changes they hold.

use restow_core::time::UnixTime;
use rusqlite::Row;

use super::{Change, LicenseStatus, StoreError, View, license_key};
use crate::license::{Kind, LicenseIdentity};

/// Last backup of this home to one location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupRecord {
    /// ID of the location, as in [`LocationRecord::id`](super::LocationRecord::id).
    pub location: String,
    /// Last known absolute path of the location.
    pub path: String,
    /// ID of the set.
    pub set_id: String,
    /// Number of the generation.
    pub generation: u64,
    /// SHA-256 of the manifest, in hexadecimal.
    pub manifest: String,
    /// Last change of the store that the backup holds.
    pub change: i64,
    /// Digest of the sunset keys to which the set seals content keys.
    pub sunset: String,
    /// Time of the backup.
    pub at: UnixTime,
    /// True if damage was found in the set. The backup then counts for nothing, and the next one writes everything
    /// again.
    pub damaged: bool,
    /// Time of the last read of every byte of the set at this location, without damage. `None` before the first one.
    pub read_back: Option<UnixTime>,
    /// Number of licenses in the generation, carried-over ones included. `None` if unknown.
    pub licenses: Option<u64>,
    /// Number of these licenses that the store did not have. `None` if unknown.
    pub carried: Option<u64>,
}

/// Restore from one location. The location holds the restored licenses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestoreRecord {
    /// ID of the location, as in [`LocationRecord::id`](super::LocationRecord::id).
    pub location: String,
    /// Change that wrote the licenses. The location does not hold later changes.
    pub change: i64,
    /// Time of the newest generation that was read.
    pub at: UnixTime,
}

fn backup_record(row: &Row<'_>) -> rusqlite::Result<BackupRecord> {
    let (location, set_id, generation, manifest, change, sunset, at, damaged, read_back, licenses, carried, path) =
        row.try_into()?;
    Ok(BackupRecord {
        location,
        set_id,
        generation,
        manifest,
        change,
        sunset,
        at,
        damaged,
        read_back,
        licenses,
        carried,
        path,
    })
}

/// Stored license that a set does not hold, because the user excluded it or the format has no room for it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ExcludedLicense {
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// SHA-256 of the document.
    pub sha256: [u8; 32],
    /// Change of the exclusion. A later change of the license ends the exclusion.
    pub change: i64,
}

/// Facts about a stored license without its document.
#[derive(Clone, Debug)]
pub(crate) struct StoredLicense {
    pub(crate) holder: Option<String>,
    pub(crate) version: i64,
    pub(crate) status: LicenseStatus,
    pub(crate) restricted: bool,
    pub(crate) sha256: [u8; 32],
    pub(crate) changed: i64,
}

const COLUMNS: &str = "SELECT location, set_id, generation, manifest, change, sunset, at, damaged, backup.read_back, licenses, \
     carried, coalesce(path, location) FROM backup LEFT JOIN location ON location.id = backup.location";

impl View<'_> {
    /// Returns the last backup of a set to a location.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn backup(&self, location: &str, set_id: &str) -> Result<Option<BackupRecord>, StoreError> {
        self.first(&format!("{COLUMNS} WHERE location = ?1 AND set_id = ?2"), [location, set_id], backup_record)
    }

    /// Returns the last backup to each location, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn backups(&self) -> Result<Vec<BackupRecord>, StoreError> {
        self.all(&format!("{COLUMNS} ORDER BY at DESC"), [], backup_record)
    }

    /// Returns the restores of licenses into this store, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn restores(&self) -> Result<Vec<RestoreRecord>, StoreError> {
        self.all("SELECT location, change, at FROM restored ORDER BY at DESC", [], |row| {
            Ok(RestoreRecord { location: row.get(0)?, change: row.get(1)?, at: row.get(2)? })
        })
    }

    /// Returns the locations where a restore found a license that was already stored, with the time of the newest
    /// generation.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn held_locations(&self, row: i64, changed: i64) -> Result<Vec<(String, UnixTime)>, StoreError> {
        let sql = "SELECT location, at FROM held WHERE license = ?1 AND changed = ?2";
        self.all(sql, [row, changed], |row| row.try_into())
    }

    /// Returns the facts of a license without its document. For the key, see [`license_key`].
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn stored_license(&self, key: (u8, &str, &str)) -> Result<Option<StoredLicense>, StoreError> {
        let sql = "SELECT license.holder, license.version, license.status, license.restriction IS NOT NULL, license.sha256, \
             license.changed FROM license JOIN source ON source.id = license.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3";
        self.first(sql, key, |row| {
            let status = LicenseStatus::from_name(row.get_ref(2)?.as_str()?);
            let (holder, version, restricted) = (row.get(0)?, row.get(1)?, row.get(3)?);
            Ok(StoredLicense { holder, version, status, restricted, sha256: row.get(4)?, changed: row.get(5)? })
        })
    }

    /// Returns the stored licenses that a set at a location does not hold.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn exclusions(&self, location: &str, set_id: &str) -> Result<Vec<ExcludedLicense>, StoreError> {
        let sql = "SELECT kind, issuer, license_id, sha256, change FROM left_out WHERE location = ?1 AND set_id = ?2";
        self.all(sql, [location, set_id], |row| {
            let kind: u8 = row.get(0)?;
            let kind = Kind::from_number(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, kind.into()))?;
            let identity = LicenseIdentity { kind, issuer: row.get(1)?, license_id: row.get(2)? };
            Ok(ExcludedLicense { identity, sha256: row.get(3)?, change: row.get(4)? })
        })
    }

    /// Returns the change at which a document was excluded from a set. Drives move, so that a record for another
    /// location of the set counts if this location has none.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn exclusion_change(
        &self,
        location: &str,
        set_id: &str,
        identity: &LicenseIdentity,
        sha256: &[u8; 32],
    ) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT change FROM left_out WHERE set_id = ?2 AND kind = ?3 AND issuer = ?4 AND license_id = ?5 AND sha256 = ?6 \
             ORDER BY location = ?1 DESC, change DESC LIMIT 1";
        let key = (location, set_id, identity.kind.number(), &identity.issuer, &identity.license_id, sha256);
        self.first(sql, key, |row| row.get(0))
    }
}

impl Change<'_> {
    /// Stores the record of a backup.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_backup(&self, backup: &BackupRecord) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO backup \
             (location, set_id, generation, manifest, change, sunset, at, damaged, read_back, licenses, carried) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let BackupRecord { location, path, set_id, generation, manifest, change, sunset, at, damaged, .. } = backup;
        let BackupRecord { read_back, licenses, carried, .. } = backup;
        let values =
            (location, set_id, generation, manifest, change, sunset, at, damaged, read_back, licenses, carried);
        self.execute(sql, values)?;
        let sql = "INSERT INTO location (id, path, seen) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET path = ?2, seen = ?3";
        self.execute(sql, (location, path, at)).map(drop)
    }

    /// Records that every byte of a set at a location was read back without damage.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn record_read_back(&self, location: &str, set_id: &str, at: UnixTime) -> Result<(), StoreError> {
        let sql = "UPDATE backup SET read_back = max(coalesce(read_back, ?3), ?3) WHERE location = ?1 AND set_id = ?2";
        self.execute(sql, (location, set_id, at)).map(drop)
    }

    /// Records that the licenses this change wrote so far were restored from a location. Later writes get a new
    /// change number.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_restore(&mut self, location: &str, at: UnixTime) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO restored (location, change, at) VALUES (?1, ?2, ?3)";
        self.execute(sql, (location, self.number, at))?;
        self.number = super::next_change(&self.transaction).map_err(|error| self.view().failed(error))?;
        Ok(())
    }

    /// Records that a location holds a license with exactly the stored document, unless a backup or restore already
    /// implies that.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn record_held(
        &self,
        location: &str,
        at: UnixTime,
        identity: &LicenseIdentity,
        sha256: &[u8; 32],
    ) -> Result<(), StoreError> {
        let LicenseIdentity { kind, issuer, license_id } = identity;
        let source = self.source(kind.number(), issuer)?;
        let sql = "INSERT INTO held (license, location, changed, at) SELECT id, ?4, changed, ?5 FROM license \
             WHERE source = ?1 AND license_id = ?2 AND sha256 = ?3 \
             AND changed NOT IN (SELECT change FROM restored WHERE location = ?4) \
             AND changed > (SELECT coalesce(max(change), -1) FROM backup WHERE location = ?4 AND NOT damaged) \
             ON CONFLICT (license, location) DO UPDATE SET changed = excluded.changed, at = max(at, excluded.at)";
        self.execute(sql, (source, license_id, sha256, location, at)).map(drop)
    }

    /// Records that the set of a backup is damaged.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn record_damage(&self, backup: &BackupRecord) -> Result<(), StoreError> {
        let sql = "UPDATE backup SET damaged = 1 WHERE location = ?1 AND set_id = ?2";
        self.execute(sql, [&backup.location, &backup.set_id]).map(drop)
    }

    /// Removes all records of restores from a location.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn forget_restores(&self, location: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM restored WHERE location = ?1", [location])?;
        self.execute("DELETE FROM held WHERE location = ?1", [location]).map(drop)
    }

    /// Replaces the list of stored licenses that a set at a location does not hold.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_exclusions(&self, location: &str, set_id: &str, licenses: &[ExcludedLicense]) -> Result<(), StoreError> {
        self.execute("DELETE FROM left_out WHERE location = ?1 AND set_id = ?2", [location, set_id])?;
        licenses.iter().try_for_each(|license| self.insert_exclusion(location, set_id, license))
    }

    /// Records that a license is excluded from a set at a location from this change on.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn add_exclusion(
        &self,
        location: &str,
        set_id: &str,
        identity: &LicenseIdentity,
        sha256: [u8; 32],
    ) -> Result<(), StoreError> {
        let license = ExcludedLicense { identity: identity.clone(), sha256, change: self.number };
        self.insert_exclusion(location, set_id, &license)
    }

    fn insert_exclusion(&self, location: &str, set_id: &str, license: &ExcludedLicense) -> Result<(), StoreError> {
        let ExcludedLicense { identity, sha256, change } = license;
        let sql = "INSERT OR REPLACE INTO left_out (location, set_id, kind, issuer, license_id, sha256, change) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (kind, issuer, license_id) = license_key(identity);
        self.execute(sql, (location, set_id, kind, issuer, license_id, sha256, change)).map(drop)
    }
}
