//! Bookkeeping of backups: what was written where, and which change it holds.

use restow_core::time::UnixTime;
use rusqlite::{OptionalExtension as _, Row};

use super::{Change, LicenseStatus, StoreError, View};
use crate::license::{Kind, LicenseIdentity};

/// The last backup of this home to one location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupRecord {
    /// The path the user chose, made absolute.
    pub location: String,
    /// The set written there.
    pub set_id: String,
    /// Its generation.
    pub generation: u64,
    /// SHA-256 of its manifest, hex.
    pub manifest: String,
    /// The store's change the backup holds.
    pub change: i64,
    /// For which sunset keys the set has content keys: a digest.
    pub sunset: String,
    /// When it was made.
    pub at: UnixTime,
    /// Whether damage was found in the set since: it is not counted upon, and the next backup writes everything again.
    pub damaged: bool,
}

/// A restore from one location: it holds the licenses the restore brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestoreRecord {
    /// The path the user chose, made absolute.
    pub location: String,
    /// The change that brought them: what changed in another one since is not held.
    pub change: i64,
    /// When the newest generation that was read was made.
    pub at: UnixTime,
}

fn note(row: &Row<'_>) -> rusqlite::Result<BackupRecord> {
    Ok(BackupRecord {
        location: row.get(0)?,
        set_id: row.get(1)?,
        generation: row.get(2)?,
        manifest: row.get(3)?,
        change: row.get(4)?,
        sunset: row.get(5)?,
        at: row.get(6)?,
        damaged: row.get(7)?,
    })
}

/// A license of this store that a set does not hold: its owner took it out, or the format cannot hold it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ExcludedLicense {
    /// The license.
    pub identity: LicenseIdentity,
    /// SHA-256 of its document.
    pub sha256: [u8; 32],
    /// The store's change as of which: once the license comes anew, this does not hold any more.
    pub change: i64,
}

/// What decides whether a backup writes a license.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredLicense {
    pub(crate) version: i64,
    pub(crate) status: LicenseStatus,
    pub(crate) restricted: bool,
    pub(crate) sha256: [u8; 32],
    pub(crate) changed: i64,
}

const COLUMNS: &str = "SELECT location, set_id, generation, manifest, change, sunset, at, damaged FROM backup";

impl View<'_> {
    /// The last backup to a location.
    ///
    /// # Errors
    /// When the database fails.
    pub fn backup(&self, location: &str, set_id: &str) -> Result<Option<BackupRecord>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} WHERE location = ?1 AND set_id = ?2"))?;
        Ok(query.query_row([location, set_id], note).optional()?)
    }

    /// The last backups to all locations, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn backups(&self) -> Result<Vec<BackupRecord>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} ORDER BY at DESC"))?;
        Ok(query.query_map([], note)?.collect::<Result<_, _>>()?)
    }

    /// From where licenses of this store were restored.
    ///
    /// # Errors
    /// When the database fails.
    pub fn restores(&self) -> Result<Vec<RestoreRecord>, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT location, change, at FROM restored ORDER BY at DESC")?;
        let rows = query
            .query_map([], |row| Ok(RestoreRecord { location: row.get(0)?, change: row.get(1)?, at: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Locations a restore found a license at that was here already, and when their newest generation was made.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held_locations(&self, row: i64, changed: i64) -> Result<Vec<(String, UnixTime)>, StoreError> {
        let mut query =
            self.connection.prepare_cached("SELECT location, at FROM held WHERE license = ?1 AND changed = ?2")?;
        let rows = query.query_map([row, changed], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A license without its document.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn stored_license(
        &self,
        kind: u8,
        issuer: &str,
        license_id: &str,
    ) -> Result<Option<StoredLicense>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT license.version, license.status, license.restriction IS NOT NULL, license.sha256, license.changed \
             FROM license JOIN source ON source.id = license.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3",
        )?;
        let row = query.query_row((kind, issuer, license_id), |row| {
            Ok(StoredLicense {
                version: row.get(0)?,
                status: LicenseStatus::from_name(row.get_ref(1)?.as_str()?),
                restricted: row.get(2)?,
                sha256: row.get(3)?,
                changed: row.get(4)?,
            })
        });
        Ok(row.optional()?)
    }

    /// Licenses of this store that the set at a location does not hold, as of the last backup there.
    ///
    /// # Errors
    /// When the database fails.
    pub fn exclusions(&self, location: &str, set_id: &str) -> Result<Vec<ExcludedLicense>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT kind, issuer, license_id, sha256, change FROM left_out WHERE location = ?1 AND set_id = ?2",
        )?;
        let rows = query.query_map([location, set_id], |row| {
            let kind: u8 = row.get(0)?;
            let kind = Kind::from_number(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, kind.into()))?;
            let identity = LicenseIdentity { kind, issuer: row.get(1)?, license_id: row.get(2)? };
            Ok(ExcludedLicense { identity, sha256: row.get(3)?, change: row.get(4)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// As of which change a document was left out of a set; at another location when it is not noted for this one,
    /// since drives move.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn exclusion_change(
        &self,
        location: &str,
        set_id: &str,
        identity: &LicenseIdentity,
        sha256: &[u8; 32],
    ) -> Result<Option<i64>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT change FROM left_out WHERE set_id = ?2 AND kind = ?3 AND issuer = ?4 AND license_id = ?5 AND sha256 = ?6 \
             ORDER BY location = ?1 DESC, change DESC LIMIT 1",
        )?;
        let key = (location, set_id, identity.kind.number(), &identity.issuer, &identity.license_id, sha256);
        Ok(query.query_row(key, |row| row.get(0)).optional()?)
    }
}

impl Change<'_> {
    /// Notes a backup.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_backup(&self, note: &BackupRecord) -> Result<(), StoreError> {
        self.transaction.execute(
            "INSERT OR REPLACE INTO backup (location, set_id, generation, manifest, change, sunset, at, damaged) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                &note.location,
                &note.set_id,
                note.generation,
                &note.manifest,
                note.change,
                &note.sunset,
                note.at,
                note.damaged,
            ),
        )?;
        Ok(())
    }

    /// Notes that what this change brought so far was restored from a location; what it brings from now on was not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_restore(&mut self, location: &str, at: UnixTime) -> Result<(), StoreError> {
        self.transaction.execute(
            "INSERT OR REPLACE INTO restored (location, change, at) VALUES (?1, ?2, ?3)",
            (location, self.number, at),
        )?;
        self.number = super::next_change(&self.transaction)?;
        Ok(())
    }

    /// Notes that a location holds a license that is here already, if it is this very document and that is not known.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_held(
        &self,
        location: &str,
        at: UnixTime,
        identity: &LicenseIdentity,
        sha256: &[u8; 32],
    ) -> Result<(), StoreError> {
        let LicenseIdentity { kind, issuer, license_id } = identity;
        let source = self.source(kind.number(), issuer)?;
        let mut note = self.transaction.prepare_cached(
            "INSERT INTO held (license, location, changed, at) SELECT id, ?4, changed, ?5 FROM license \
             WHERE source = ?1 AND license_id = ?2 AND sha256 = ?3 \
             AND changed NOT IN (SELECT change FROM restored WHERE location = ?4) \
             AND changed > (SELECT coalesce(max(change), -1) FROM backup WHERE location = ?4 AND NOT damaged) \
             ON CONFLICT (license, location) DO UPDATE SET changed = excluded.changed, at = max(at, excluded.at)",
        )?;
        note.execute((source, license_id, sha256, location, at))?;
        Ok(())
    }

    /// Notes that damage was found in what a backup wrote.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_damage(&self, backup: &BackupRecord) -> Result<(), StoreError> {
        self.transaction.execute(
            "UPDATE backup SET damaged = 1 WHERE location = ?1 AND set_id = ?2",
            [&backup.location, &backup.set_id],
        )?;
        Ok(())
    }

    /// A location is not counted upon for what was restored from it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_restores(&self, location: &str) -> Result<(), StoreError> {
        self.transaction.execute("DELETE FROM restored WHERE location = ?1", [location])?;
        self.transaction.execute("DELETE FROM held WHERE location = ?1", [location])?;
        Ok(())
    }

    /// Notes which licenses of this store the set at a location does not hold; what was noted before is forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_exclusions(&self, location: &str, set_id: &str, left_out: &[ExcludedLicense]) -> Result<(), StoreError> {
        self.transaction.execute("DELETE FROM left_out WHERE location = ?1 AND set_id = ?2", [location, set_id])?;
        for left_out in left_out {
            self.insert_left_out(location, set_id, left_out)?;
        }
        Ok(())
    }

    /// Notes that a license is taken out of the set at a location as of now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn add_exclusion(
        &self,
        location: &str,
        set_id: &str,
        identity: &LicenseIdentity,
        sha256: [u8; 32],
    ) -> Result<(), StoreError> {
        let left_out = ExcludedLicense { identity: identity.clone(), sha256, change: self.number };
        self.insert_left_out(location, set_id, &left_out)
    }

    fn insert_left_out(&self, location: &str, set_id: &str, left_out: &ExcludedLicense) -> Result<(), StoreError> {
        let ExcludedLicense { identity, sha256, change } = left_out;
        let mut insert = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO left_out (location, set_id, kind, issuer, license_id, sha256, change) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let kind = identity.kind.number();
        insert.execute((location, set_id, kind, &identity.issuer, &identity.license_id, sha256, change))?;
        Ok(())
    }
}
