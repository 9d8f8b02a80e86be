//! Catalog: protected files by key ID and license, with their titles.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use restow_media::{KeyId, System};

use super::{Change, LicenseEntry, StoreError, View};
use crate::file_facts::FileFacts;
use crate::license::{Kind, LicenseIdentity};

/// File of the catalog.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct FileEntry {
    /// Path at the time of the scan.
    pub path: String,
    /// Facts from the scan.
    pub facts: FileFacts,
    /// True if the file has an embedded license that names its provider and ID.
    pub has_embedded_license: bool,
}

/// Protected files of the catalog without a stored license.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct UnlicensedFiles {
    /// Number of files without an embedded license.
    pub count: u64,
    /// Titles, or paths without a title, of the first of these files in the order of paths.
    pub names: Vec<String>,
    /// Number of files with an embedded license that is not imported.
    pub embedded: u64,
    /// Titles or paths of the first of these files.
    pub embedded_names: Vec<String>,
    /// The path of the only such file, or at most three folders that contain such files.
    pub embedded_locations: Vec<PathBuf>,
    /// Number of the files in `count` that only name systems whose licenses no program can back up.
    pub unsavable: u64,
    /// Titles, or paths without a title, of the first of these files in the order of paths.
    pub unsavable_names: Vec<String>,
}

/// Publication of the catalog.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PublicationFile {
    /// Path at the time of the scan.
    pub path: String,
    /// Title in the file.
    pub title: Option<String>,
    /// True if the license is embedded in the file.
    pub license_embedded: bool,
}

/// Scanned file to be stored in the catalog.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ScannedFile {
    /// Facts from the scan, with the absolute path.
    pub facts: FileFacts,
    /// Key IDs in the file.
    pub key_ids: Vec<KeyId>,
    /// Identity of the embedded LCP license.
    pub license: Option<LicenseIdentity>,
    /// Identifier of a publication.
    pub identifier: Option<String>,
    /// Length in bytes.
    pub size: u64,
    /// Time of the last modification, in nanoseconds since 1970.
    pub modified: i64,
}

/// Selects the row of the file at a path.
const FILE_AT_PATH: &str = "(SELECT id FROM file WHERE path = ?1)";

/// Returns the query for the rows of the licenses of a file: by key ID, and by the embedded license or else by the
/// identifier. A file whose embedded license has no ID gets no license by its identifier. `file` selects the row of
/// the file.
fn licenses_of_file(file: &str) -> String {
    format!(
        "SELECT license_key.license FROM file_key CROSS JOIN license_key ON license_key.key_id = file_key.key_id \
         WHERE file_key.file = {file} \
         UNION ALL SELECT license.id FROM file AS book CROSS JOIN source ON source.kind = 2 AND source.issuer = book.license_issuer \
         CROSS JOIN license ON license.source = source.id AND license.license_id = book.license_id WHERE book.id = {file} \
         UNION ALL SELECT license.id FROM file AS book CROSS JOIN publication ON publication.identifier = book.identifier \
         CROSS JOIN source ON source.kind = 2 AND source.issuer = publication.issuer \
         CROSS JOIN license ON license.source = source.id AND license.license_id = publication.license_id \
         WHERE book.id = {file} AND book.license_id IS NULL AND NOT COALESCE(book.facts ->> 'license_embedded', 0)"
    )
}

impl View<'_> {
    /// Returns the titles of all files with this key ID, in order and without duplicates.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn titles(&self, key_id: &KeyId) -> Result<BTreeSet<String>, StoreError> {
        let sql = "SELECT DISTINCT file.title FROM file_key CROSS JOIN file ON file.id = file_key.file \
             WHERE file_key.key_id = ?1 AND file.title IS NOT NULL";
        self.all(sql, [key_id.to_bytes()], |row| row.get(0))
    }

    /// Returns the paths of all files with this key ID.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn paths(&self, key_id: &KeyId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT file.path FROM file_key CROSS JOIN file ON file.id = file_key.file WHERE file_key.key_id = ?1 ORDER BY 1";
        self.all(sql, [key_id.to_bytes()], |row| row.get(0))
    }

    /// Returns the publications that an LCP license is for: files that embed the license, and files without a license
    /// that have the identifier of such a publication.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn publications_of(&self, identity: &LicenseIdentity) -> Result<Vec<PublicationFile>, StoreError> {
        if identity.kind != Kind::Lcp {
            return Ok(Vec::new());
        }
        let sql = "SELECT path, title, 1 FROM file WHERE license_id = ?2 AND license_issuer = ?1 \
             UNION ALL SELECT path, title, 0 FROM publication CROSS JOIN file ON file.identifier = publication.identifier \
             WHERE publication.issuer = ?1 AND publication.license_id = ?2 AND file.license_id IS NULL \
             AND NOT COALESCE(file.facts ->> 'license_embedded', 0) ORDER BY 1";
        self.all(sql, (&identity.issuer, &identity.license_id), |row| {
            Ok(PublicationFile { path: row.get(0)?, title: row.get(1)?, license_embedded: row.get(2)? })
        })
    }

    /// Returns the stored licenses for a file of the catalog: by key ID, and by the embedded license or else by the
    /// identifier.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_of_file(&self, path: &str) -> Result<Vec<LicenseEntry>, StoreError> {
        self.licenses(&format!("WHERE license.id IN ({}) ORDER BY license.id", licenses_of_file(FILE_AT_PATH)), [path])
    }

    /// Returns the stored licenses for a publication: by the provider and ID of its embedded license, or else by its
    /// identifier. The catalog need not contain the publication.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_of_publication(
        &self,
        license: Option<(&str, &str)>,
        identifier: Option<&str>,
    ) -> Result<Vec<LicenseEntry>, StoreError> {
        if let Some((issuer, license_id)) = license {
            let identity =
                LicenseIdentity { kind: Kind::Lcp, issuer: issuer.to_owned(), license_id: license_id.to_owned() };
            return Ok(self.license(&identity)?.into_iter().collect());
        }
        let condition = "WHERE license.id IN (SELECT license.id FROM publication \
             CROSS JOIN source ON source.kind = 2 AND source.issuer = publication.issuer \
             CROSS JOIN license ON license.source = source.id AND license.license_id = publication.license_id \
             WHERE publication.identifier = ?1) ORDER BY license.id";
        self.licenses(condition, [identifier])
    }

    /// Returns true if the catalog may contain a publication of any license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn has_publications(&self) -> Result<bool, StoreError> {
        self.exists("SELECT 1 FROM publication UNION ALL SELECT 1 FROM file WHERE license_id IS NOT NULL", [])
    }

    /// Returns the facts of a file that has not changed since it was scanned.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn unchanged_file(&self, path: &str, size: u64, modified: i64) -> Result<Option<FileFacts>, StoreError> {
        let sql = "SELECT facts FROM file WHERE path = ?1 AND size = ?2 AND modified = ?3";
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let facts: Option<String> = self.first(sql, (path, size, modified), |row| row.get(0))?;
        Ok(facts.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Returns the protected files without a stored license, with at most `limit` names of each sort.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn unlicensed_files(&self, limit: usize) -> Result<UnlicensedFiles, StoreError> {
        self.unlicensed_files_where(limit, |_| true)
    }

    /// Works like [`unlicensed_files`](Self::unlicensed_files), but only for these files and the files in these folders,
    /// which have absolute paths.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn unlicensed_files_in(&self, paths: &[PathBuf], limit: usize) -> Result<UnlicensedFiles, StoreError> {
        self.unlicensed_files_where(limit, |file| paths.iter().any(|path| file.starts_with(path)))
    }

    fn unlicensed_files_where(
        &self,
        limit: usize,
        is_wanted: impl Fn(&Path) -> bool,
    ) -> Result<UnlicensedFiles, StoreError> {
        let sql = format!(
            "SELECT path, title, license_id IS NOT NULL, coalesce(facts -> 'systems', '[]') FROM file \
             WHERE protected AND NOT EXISTS ({}) ORDER BY path",
            licenses_of_file("file.id")
        );
        let mut found = UnlicensedFiles::default();
        let mut only_path = None;
        let count = |(path, title, is_embedded, systems): (String, Option<String>, bool, String)| {
            if !is_wanted(Path::new(&path)) {
                return Ok(());
            }
            let (count, names) = match is_embedded {
                true => (&mut found.embedded, &mut found.embedded_names),
                false => (&mut found.count, &mut found.names),
            };
            *count += 1;
            if is_embedded {
                only_path = (*count == 1).then(|| PathBuf::from(&path));
                add_common_folder(&mut found.embedded_locations, Path::new(&path));
            }
            let name = title.filter(|title| !title.is_empty()).unwrap_or(path);
            if !is_embedded && has_only_bound_licenses(&systems) {
                found.unsavable += 1;
                if found.unsavable_names.len() < limit {
                    found.unsavable_names.push(name.clone());
                }
            }
            if names.len() < limit {
                names.push(name);
            }
            Ok::<_, StoreError>(())
        };
        self.each(&sql, [], |row| row.try_into(), count)?;
        found.embedded_locations = only_path.map_or(found.embedded_locations, |path| vec![path]);
        Ok(found)
    }

    /// Calls `visit` for each file of the catalog in the order of paths.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`.
    pub fn each_file<E: From<StoreError>>(&self, mut visit: impl FnMut(FileEntry) -> Result<(), E>) -> Result<(), E> {
        let sql = "SELECT path, facts, license_id IS NOT NULL FROM file ORDER BY path";
        self.each(
            sql,
            [],
            |row| row.try_into(),
            |(path, facts, has_embedded_license): (String, String, bool)| {
                let facts = serde_json::from_str(&facts).map_err(|e| self.damaged(format_args!("catalog: {e}")))?;
                visit(FileEntry { path, facts, has_embedded_license })
            },
        )
    }
}

/// Returns true if no license for the systems of a file can be backed up, from their names as a JSON array.
///
/// A header of Common Encryption without a system can be that of a file with a native license.
fn has_only_bound_licenses(systems: &str) -> bool {
    let systems: Vec<String> = serde_json::from_str(systems).unwrap_or_default();
    let is_bound = |name: &String| name.parse().is_ok_and(|system| !matches!(system, System::Lcp | System::Cenc));
    !systems.is_empty() && systems.iter().all(is_bound)
}

/// Adds the folder of a file to a list of at most three folders. The two folders with the longest common path are
/// merged, unless they have only the root in common.
fn add_common_folder(folders: &mut Vec<PathBuf>, file: &Path) {
    let is_folder = |path: &Path| path.components().any(|part| matches!(part, Component::Normal(_)));
    let folder = file.parent().filter(|folder| is_folder(folder)).unwrap_or(file);
    if folders.iter().any(|known| folder.starts_with(known)) {
        return;
    }
    folders.retain(|known| !known.starts_with(folder));
    folders.push(folder.to_owned());
    if folders.len() <= 3 {
        return;
    }
    let pairs =
        folders.iter().enumerate().flat_map(|(n, first)| folders.iter().skip(n + 1).map(move |second| (first, second)));
    let common = pairs.filter_map(|(first, second)| first.ancestors().find(|common| second.starts_with(common)));
    let closest = common.max_by_key(|common| common.components().count()).map(Path::to_owned);
    match closest.filter(|common| is_folder(common)) {
        Some(common) => {
            folders.retain(|known| !known.starts_with(&common));
            folders.push(common);
        }
        None => folders.truncate(3),
    }
}

impl Change<'_> {
    /// Stores a file in the catalog. Licenses for its key IDs then have new titles.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_file(&self, file: &ScannedFile) -> Result<(), StoreError> {
        let ScannedFile { facts, key_ids, license, identifier, modified, .. } = file;
        let FileFacts { path, title, protected, .. } = facts;
        let facts = serde_json::to_string(facts).map_err(|error| self.view().damaged(error))?;
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        let (issuer, license_id) = license.as_ref().map(|license| (&license.issuer, &license.license_id)).unzip();
        // Titles also change for the previous key IDs and license of the file.
        self.touch_titles_of_file(path)?;
        let sql = "INSERT INTO file (path, facts, title, protected, size, modified, license_issuer, license_id, identifier) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
             ON CONFLICT (path) DO UPDATE SET facts = excluded.facts, title = excluded.title, protected = excluded.protected, \
             size = excluded.size, modified = excluded.modified, license_issuer = excluded.license_issuer, \
             license_id = excluded.license_id, identifier = excluded.identifier RETURNING id";
        let values = (path, facts, title, protected, size, modified, issuer, license_id, identifier);
        let row: i64 = self.view().one(sql, values, |row| row.get(0))?;
        self.execute("DELETE FROM file_key WHERE file = ?1", [row])?;
        for key_id in key_ids {
            self.execute("INSERT OR IGNORE INTO file_key (key_id, file) VALUES (?1, ?2)", (key_id.to_bytes(), row))?;
        }
        self.touch_titles_of_file(path)
    }

    /// Removes a file from the catalog.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn remove_file(&self, path: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM file WHERE path = ?1", [path]).map(drop)
    }

    fn touch_titles_of_file(&self, path: &str) -> Result<(), StoreError> {
        let licenses = licenses_of_file(FILE_AT_PATH);
        let sql = format!("UPDATE license SET titles_changed = ?2 WHERE id IN ({licenses})");
        self.execute(&sql, (path, self.number)).map(drop)
    }
}
