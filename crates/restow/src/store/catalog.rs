//! The catalog: which protected files are here, under which key IDs, and what they are called.

use std::collections::BTreeSet;

use restow_media::KeyId;
use rusqlite::OptionalExtension as _;

use super::{Change, StoreError, View};

/// One file of the catalog.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct FileEntry {
    /// Its path, as it was scanned.
    pub path: String,
    /// What the scan found, as the JSON object `scan` prints.
    pub facts: serde_json::Value,
}

/// What is kept of a scanned file.
#[derive(Clone, PartialEq, Debug)]
pub struct ScannedFile<'a> {
    /// Its absolute path.
    pub path: &'a str,
    /// The JSON object `scan` prints.
    pub facts: &'a serde_json::Value,
    /// Its title.
    pub title: Option<&'a str>,
    /// Whether it is protected; `None` where that cannot be told.
    pub protected: Option<bool>,
    /// Its key IDs.
    pub key_ids: &'a [KeyId],
    /// Its length in bytes.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970.
    pub modified: i64,
}

impl View<'_> {
    /// The titles of all files with this key ID, in order, each once.
    ///
    /// # Errors
    /// When the database fails.
    pub fn titles(&self, key_id: &KeyId) -> Result<BTreeSet<String>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT DISTINCT file.title FROM file_key CROSS JOIN file ON file.id = file_key.file \
             WHERE file_key.key_id = ?1 AND file.title IS NOT NULL",
        )?;
        Ok(query.query_map([key_id.to_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The paths of all files with this key ID.
    ///
    /// # Errors
    /// When the database fails.
    pub fn paths(&self, key_id: &KeyId) -> Result<Vec<String>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT file.path FROM file_key CROSS JOIN file ON file.id = file_key.file WHERE file_key.key_id = ?1 ORDER BY 1",
        )?;
        Ok(query.query_map([key_id.to_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// True when the catalog knows the file as it is.
    ///
    /// # Errors
    /// When the database fails.
    pub fn knows_file(&self, path: &str, size: u64, modified: i64) -> Result<Option<serde_json::Value>, StoreError> {
        let mut query =
            self.connection.prepare_cached("SELECT facts FROM file WHERE path = ?1 AND size = ?2 AND modified = ?3")?;
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let facts: Option<String> = query.query_row((path, size, modified), |row| row.get(0)).optional()?;
        Ok(facts.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// How many protected files have no license here for any of their key IDs, and what the first of them are called, in
    /// the order of their paths: by title, else by path. Books under LCP have no key IDs, and are not counted.
    ///
    /// # Errors
    /// When the database fails.
    pub fn without_license(&self, first: usize) -> Result<(u64, Vec<String>), StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT ifnull(title, path) FROM file WHERE protected AND NOT EXISTS (SELECT 1 FROM file_key \
             CROSS JOIN license_key ON license_key.key_id = file_key.key_id WHERE file_key.file = file.id) \
             AND NOT EXISTS (SELECT 1 FROM json_each(file.facts, '$.systems') WHERE value = 'lcp') ORDER BY path",
        )?;
        let (mut count, mut names) = (0, Vec::new());
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            count += 1;
            if names.len() < first {
                names.push(row.get(0)?);
            }
        }
        Ok((count, names))
    }

    /// Shows the files of the catalog in the order of their paths.
    ///
    /// # Errors
    /// When the database fails, or what the visitor returns.
    pub fn each_file<E: From<StoreError>>(&self, mut visit: impl FnMut(FileEntry) -> Result<(), E>) -> Result<(), E> {
        let mut query =
            self.connection.prepare_cached("SELECT path, facts FROM file ORDER BY path").map_err(StoreError::from)?;
        let mut rows = query.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let read = || -> rusqlite::Result<(String, String)> { Ok((row.get(0)?, row.get(1)?)) };
            let (path, facts) = read().map_err(StoreError::from)?;
            let facts = serde_json::from_str(&facts).map_err(|e| StoreError::Damaged(format!("catalog: {e}")))?;
            visit(FileEntry { path, facts })?;
        }
        Ok(())
    }
}

impl Change<'_> {
    /// Puts a file into the catalog; licenses for its key IDs have new titles then.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_file(&self, file: &ScannedFile<'_>) -> Result<(), StoreError> {
        let mut put = self.transaction.prepare_cached(
            "INSERT INTO file (path, facts, title, protected, size, modified) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (path) DO UPDATE SET facts = excluded.facts, title = excluded.title, protected = excluded.protected, \
             size = excluded.size, modified = excluded.modified RETURNING id",
        )?;
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        let row: i64 = put
            .query_row((file.path, file.facts.to_string(), file.title, file.protected, size, file.modified), |row| {
                row.get(0)
            })?;
        // Titles change for the old key IDs too.
        self.touch_titles_of_file(row)?;
        self.transaction.prepare_cached("DELETE FROM file_key WHERE file = ?1")?.execute([row])?;
        let mut insert =
            self.transaction.prepare_cached("INSERT OR IGNORE INTO file_key (key_id, file) VALUES (?1, ?2)")?;
        for key_id in file.key_ids {
            insert.execute((key_id.to_bytes(), row))?;
        }
        self.touch_titles_of_file(row)
    }

    /// Takes a file that is gone out of the catalog.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove_file(&self, path: &str) -> Result<(), StoreError> {
        self.transaction.execute("DELETE FROM file WHERE path = ?1", [path])?;
        Ok(())
    }

    fn touch_titles_of_file(&self, row: i64) -> Result<(), StoreError> {
        let mut touch = self.transaction.prepare_cached(
            "UPDATE license SET titles_changed = ?2 WHERE id IN (SELECT license_key.license FROM file_key \
             JOIN license_key ON license_key.key_id = file_key.key_id WHERE file_key.file = ?1)",
        )?;
        touch.execute((row, self.number))?;
        Ok(())
    }
}
