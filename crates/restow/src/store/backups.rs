//! Bookkeeping of backups: what was written where, and which change it holds.

use rusqlite::{OptionalExtension as _, Row};

use super::{Change, StoreError, View};
use crate::clock::UnixTime;

/// The last backup of this home to one location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupNote {
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
    /// When it was made.
    pub at: UnixTime,
}

fn note(row: &Row<'_>) -> rusqlite::Result<BackupNote> {
    Ok(BackupNote {
        location: row.get(0)?,
        set_id: row.get(1)?,
        generation: row.get(2)?,
        manifest: row.get(3)?,
        change: row.get(4)?,
        at: row.get(5)?,
    })
}

const COLUMNS: &str = "SELECT location, set_id, generation, manifest, change, at FROM backup";

impl View<'_> {
    /// The last backup to a location.
    ///
    /// # Errors
    /// When the database fails.
    pub fn backup(&self, location: &str, set_id: &str) -> Result<Option<BackupNote>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} WHERE location = ?1 AND set_id = ?2"))?;
        Ok(query.query_row([location, set_id], note).optional()?)
    }

    /// The last backups to all locations, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn backups(&self) -> Result<Vec<BackupNote>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} ORDER BY at DESC"))?;
        Ok(query.query_map([], note)?.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// Notes a backup.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_backup(&self, note: &BackupNote) -> Result<(), StoreError> {
        self.transaction.execute(
            "INSERT OR REPLACE INTO backup (location, set_id, generation, manifest, change, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (&note.location, &note.set_id, note.generation, &note.manifest, note.change, note.at),
        )?;
        Ok(())
    }
}
