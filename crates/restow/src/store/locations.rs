//! Backup locations: their paths and disks, and the newest generation of each set there.

use restow_core::time::UnixTime;

use super::{Change, Store, StoreError, View};
use crate::disk::DiskRelation;

/// Backup location that this home used.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LocationRecord {
    /// ID in the records of this home: the path at the first use, or a variant of it.
    pub id: String,
    /// Last known absolute path of the folder that contains `Restow`.
    pub path: String,
    /// Time when this home last found the location.
    pub seen: Option<UnixTime>,
    /// Time when this home last read all sets of the location without damage.
    pub read_back: Option<UnixTime>,
    /// Relation of the disk of the location to the disk of the home, when this home last found the location.
    pub disk: Option<DiskRelation>,
    /// Newest known generation of each set at the location.
    pub sets: Vec<LocationSet>,
}

/// Newest known generation of a set at a location.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LocationSet {
    /// ID of the set.
    pub set_id: String,
    /// Number of the generation.
    pub generation: u64,
    /// SHA-256 of the manifest, in hexadecimal.
    pub manifest: String,
    /// Name of the computer that writes the set.
    pub computer_name: String,
    /// Time of the generation, by the clock of that computer.
    pub created: UnixTime,
}

impl View<'_> {
    /// Returns all locations that this home used, the last seen first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn locations(&self) -> Result<Vec<LocationRecord>, StoreError> {
        let sql = "SELECT id, path, seen, read_back, disk FROM location ORDER BY seen DESC, id";
        let mut locations: Vec<LocationRecord> = self.all(sql, [], |row| {
            let disk: Option<String> = row.get(4)?;
            Ok(LocationRecord {
                id: row.get(0)?,
                path: row.get(1)?,
                seen: row.get(2)?,
                read_back: row.get(3)?,
                disk: disk.and_then(|name| DiskRelation::from_name(&name)),
                sets: Vec::new(),
            })
        })?;
        let sql = "SELECT set_id, generation, manifest, computer_name, created FROM location_set \
             WHERE location = ?1 ORDER BY set_id";
        for location in &mut locations {
            location.sets = self.all(sql, [&location.id], |row| {
                let (set_id, generation, manifest, computer_name, created) = row.try_into()?;
                Ok(LocationSet { set_id, generation, manifest, computer_name, created })
            })?;
        }
        Ok(locations)
    }

    /// Returns true if this home made a backup to a location or restored from it.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn is_location_used(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM backup WHERE location = ?1 UNION ALL SELECT 1 FROM restored WHERE location = ?1 \
             UNION ALL SELECT 1 FROM held WHERE location = ?1";
        self.exists(sql, [id])
    }
}

impl Change<'_> {
    /// Stores the record of a location. Times only grow, and sets that the record does not name are removed.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_location(&self, location: &LocationRecord) -> Result<(), StoreError> {
        let LocationRecord { id, path, seen, read_back, disk, sets } = location;
        let sql = "INSERT INTO location (id, path, seen, read_back, disk) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (id) DO UPDATE SET path = excluded.path, seen = excluded.seen, \
             read_back = coalesce(excluded.read_back, read_back), disk = coalesce(excluded.disk, disk)";
        self.execute(sql, (id, path, seen, read_back, disk.map(DiskRelation::as_str)))?;
        self.execute("DELETE FROM location_set WHERE location = ?1", [id])?;
        sets.iter().try_for_each(|set| {
            let sql = "INSERT INTO location_set (location, set_id, generation, manifest, computer_name, created) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let LocationSet { set_id, generation, manifest, computer_name, created } = set;
            self.execute(sql, (id, set_id, generation, manifest, computer_name, created)).map(drop)
        })
    }

    /// Removes the time of the last read of a location, after damage was found there.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn clear_read_back(&self, id: &str) -> Result<(), StoreError> {
        self.execute("UPDATE location SET read_back = NULL WHERE id = ?1", [id]).map(drop)
    }

    /// Removes a location from the records: its backups, and the licenses that it holds. Exclusions stay, because the
    /// set at the location keeps them, too.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn forget_location(&self, id: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM backup WHERE location = ?1", [id])?;
        self.forget_restores(id)?;
        self.execute("DELETE FROM location_set WHERE location = ?1", [id])?;
        self.execute("DELETE FROM location WHERE id = ?1", [id]).map(drop)
    }
}

impl Store {
    /// Records that a location was found, without a change number. Gives up at once if the store is busy.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails or is busy.
    pub(crate) fn touch_location(
        &self,
        id: &str,
        path: &str,
        seen: UnixTime,
        disk: DiskRelation,
    ) -> Result<(), StoreError> {
        self.without_waiting(|connection| {
            let sql = "UPDATE location SET path = ?2, seen = ?3, disk = ?4 WHERE id = ?1";
            connection.execute(sql, (id, path, seen, disk.as_str()))
        })
        .map(drop)
    }
}
