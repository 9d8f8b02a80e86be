//! Tables of the store, and migration from earlier versions.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// `Rstw` in the header of the SQLite file, which identifies a store.
const APPLICATION_ID: i64 = 0x5273_7477;

/// Migrations. Each one raises the version of a store by one, starting at its index.
///
/// SQLite stores the text of each `CREATE` statement with its comments, so that both never change.
const MIGRATIONS: [&str; 6] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6];

const VERSION_6: &str = "
-- Earlier versions called files unprotected that they did not understand. The next scan reads every file again.
UPDATE file SET modified = -1;

-- Number of licenses in the generation, and of those that the store did not have; null if unknown.
ALTER TABLE backup ADD COLUMN licenses INTEGER;
ALTER TABLE backup ADD COLUMN carried INTEGER;

-- Last change that removed a license.
INSERT INTO meta VALUES ('removal', 0);

-- Backup locations. The ID is the path at the first use, with a number if another location had that path. All other
-- tables name a location by this ID.
CREATE TABLE location (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    -- Time when this home last found the location.
    seen INTEGER,
    -- Time when this home last read every byte of the location without damage.
    read_back INTEGER,
    -- Relation of the disk to the disk of the home.
    disk TEXT
) WITHOUT ROWID;
-- Newest known generation of each set at a location.
CREATE TABLE location_set (
    location TEXT NOT NULL,
    set_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    computer_name TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (location, set_id)
) WITHOUT ROWID;
INSERT INTO location (id, path, seen)
    SELECT location, location, max(at) FROM (
        SELECT location, at FROM backup UNION ALL SELECT location, NULL FROM restored UNION ALL SELECT location, NULL FROM held
    ) GROUP BY location;
";

const VERSION_5: &str = "
-- Time of the last read of every byte of the set at this location; null if the set was never read back whole.
ALTER TABLE backup ADD COLUMN read_back INTEGER;
";

const VERSION_4: &str = "
-- Provider and ID of the embedded license of a publication, and the identifier of the publication.
ALTER TABLE file ADD COLUMN license_issuer TEXT;
ALTER TABLE file ADD COLUMN license_id TEXT;
ALTER TABLE file ADD COLUMN identifier TEXT;
CREATE INDEX file_license ON file (license_id, license_issuer) WHERE license_id IS NOT NULL;
CREATE INDEX file_identifier ON file (identifier) WHERE identifier IS NOT NULL;
-- Earlier scans did not store these columns, so that the next scan reads the files again.
UPDATE file SET modified = -1 WHERE EXISTS (SELECT 1 FROM json_each(file.facts, '$.systems') WHERE value = 'lcp');

-- Identifiers of the publications that an LCP license is for, from embedded licenses and from backups. A row does not
-- need a stored license.
CREATE TABLE publication (
    issuer TEXT NOT NULL,
    license_id TEXT NOT NULL,
    identifier TEXT NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (issuer, license_id, identifier)
) WITHOUT ROWID;
CREATE INDEX publication_identifier ON publication (identifier);
CREATE INDEX publication_changed ON publication (changed);

-- Providers of LCP licenses that the user allowed Restow to contact, by scheme, host and port.
CREATE TABLE provider (
    origin TEXT PRIMARY KEY,
    added TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;

-- Last status of each LCP license from its provider. A row outlives its license: a returned license stays returned.
CREATE TABLE standing (
    issuer TEXT NOT NULL,
    license_id TEXT NOT NULL,
    status TEXT NOT NULL,
    -- As of when: license documents that are newer are not meant.
    at INTEGER NOT NULL,
    -- The document; null where a backup told it.
    document BLOB,
    -- Whether this computer is registered for the license.
    registered INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL,
    PRIMARY KEY (issuer, license_id)
) WITHOUT ROWID;
CREATE INDEX standing_changed ON standing (changed);
";

const VERSION_3: &str = "
-- Change that withdrew the restore keys of this computer for a holder. Backups of earlier changes hold such keys.
CREATE TABLE withdrawn (
    issuer TEXT NOT NULL,
    holder TEXT NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (issuer, holder)
) WITHOUT ROWID;

-- Name that the owner gave this computer at any service: at most one row.
CREATE TABLE chosen_name (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL);
INSERT INTO chosen_name SELECT 1, name FROM registration
    WHERE name <> 'computer' AND name <> 'computer ' || substr(computer, 1, 6) LIMIT 1;
";

const VERSION_2: &str = "
-- True if damage was found in the set. The backup then counts for nothing, and the next one writes everything again.
ALTER TABLE backup ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;

-- Restores: the location holds the licenses that this change wrote last.
CREATE TABLE restored (
    location TEXT NOT NULL,
    change INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (location, change)
) WITHOUT ROWID;
-- Stored licenses that a restore found again at a location. A later change of the license makes the row void.
CREATE TABLE held (
    license INTEGER NOT NULL REFERENCES license ON DELETE CASCADE,
    location TEXT NOT NULL,
    changed INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (license, location)
) WITHOUT ROWID;
";

const VERSION_1: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('change', 0);

-- Issuers of each license kind. IDs of licenses and keys are unique for one issuer only.
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    issuer TEXT NOT NULL,
    UNIQUE (kind, issuer)
);

CREATE TABLE license (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source,
    license_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    holder TEXT,
    status TEXT NOT NULL,
    restriction INTEGER,
    seed INTEGER,
    -- What a backup called it, where that is not what the document says: a JSON array.
    titles TEXT,
    changed INTEGER NOT NULL,
    titles_changed INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (source, license_id)
);
CREATE INDEX license_changed ON license (changed);
CREATE INDEX license_titles_changed ON license (titles_changed) WHERE titles_changed > changed;
CREATE INDEX license_restriction ON license (restriction) WHERE restriction IS NOT NULL;
CREATE INDEX license_holder ON license (source, holder) WHERE holder IS NOT NULL;
CREATE INDEX license_status ON license (status) WHERE status <> 'usable';

CREATE TABLE license_key (
    key_id BLOB NOT NULL,
    license INTEGER NOT NULL REFERENCES license ON DELETE CASCADE,
    PRIMARY KEY (key_id, license)
) WITHOUT ROWID;
CREATE INDEX license_key_license ON license_key (license);

-- Content keys, wrapped with the storage key of the computer.
CREATE TABLE content_key (
    source INTEGER NOT NULL REFERENCES source,
    key_id BLOB NOT NULL,
    seed INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (source, key_id, seed)
) WITHOUT ROWID;

-- Uses of each right on each computer. A row outlives its license, so that a restored license keeps its uses.
CREATE TABLE counter (
    source INTEGER NOT NULL REFERENCES source,
    license_id TEXT NOT NULL,
    right TEXT NOT NULL,
    computer BLOB NOT NULL,
    count INTEGER NOT NULL,
    first_use INTEGER NOT NULL,
    signature BLOB NOT NULL,
    reported INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (source, license_id, right, computer)
) WITHOUT ROWID;

CREATE TABLE statement (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source,
    document TEXT NOT NULL UNIQUE,
    changed INTEGER NOT NULL
);
CREATE TABLE revoked (
    source INTEGER NOT NULL REFERENCES source,
    license_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    statement INTEGER NOT NULL REFERENCES statement,
    PRIMARY KEY (source, license_id)
) WITHOUT ROWID;

CREATE TABLE service (
    issuer TEXT PRIMARY KEY,
    key_set TEXT NOT NULL,
    version INTEGER NOT NULL,
    added TEXT NOT NULL,
    -- Address that the user typed. Only this address may be private.
    origin TEXT,
    incarnation INTEGER NOT NULL DEFAULT 0,
    holder_incarnation INTEGER NOT NULL DEFAULT 0,
    signed_time INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE registration (
    issuer TEXT NOT NULL REFERENCES service,
    holder TEXT NOT NULL,
    computer TEXT NOT NULL,
    name TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    holder_incarnation INTEGER NOT NULL,
    membership TEXT NOT NULL,
    confirmed INTEGER NOT NULL,
    restore_epoch INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (issuer, holder)
) WITHOUT ROWID;
CREATE TABLE notice (
    issuer TEXT NOT NULL,
    code TEXT NOT NULL,
    computer TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (issuer, code, computer, at)
) WITHOUT ROWID;

CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    facts TEXT NOT NULL,
    title TEXT,
    protected INTEGER,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL
);
CREATE TABLE file_key (
    key_id BLOB NOT NULL,
    file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    PRIMARY KEY (key_id, file)
) WITHOUT ROWID;
CREATE INDEX file_key_file ON file_key (file);

CREATE TABLE backup (
    location TEXT NOT NULL,
    set_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    change INTEGER NOT NULL,
    sunset TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (location, set_id)
) WITHOUT ROWID;
-- Stored licenses that a set does not hold, and the change of the exclusion.
CREATE TABLE left_out (
    location TEXT NOT NULL,
    set_id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    issuer TEXT NOT NULL,
    license_id TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (location, set_id, kind, issuer, license_id, sha256)
) WITHOUT ROWID;
";

/// Prepares a connection to the file of a store, and creates or migrates the store if needed.
///
/// `failed` makes the error of the database, `refused` that of a file that is not a store of this version.
pub(super) fn prepare<E>(
    connection: &mut Connection,
    path: &Path,
    failed: impl Fn(rusqlite::Error) -> E + Copy,
    refused: impl Fn(StoreError) -> E,
) -> Result<(), E> {
    let version = stored_version(connection).map_err(failed)?.check(path).map_err(refused)?;
    if version == 0 {
        // Licenses have about 1.5 KiB. Larger pages waste less space for each.
        connection.pragma_update(None, "page_size", 8192).map_err(failed)?;
    }
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    if !mode.eq_ignore_ascii_case("wal") {
        let text = "the file system has no shared memory".to_owned();
        let cannot_open = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
        return Err(failed(rusqlite::Error::SqliteFailure(cannot_open, Some(text))));
    }
    configure(connection).and_then(|()| migrate(connection, version)).map_err(failed)
}

/// Prepares a store in memory: a new one, or a copy of a file.
pub(super) fn prepare_copy(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::from_database(path, error);
    let version = stored_version(connection).map_err(failed)?.check(path)?;
    configure(connection).and_then(|()| migrate(connection, version)).map_err(failed)
}

/// Returns true if a connection reads a store of this version.
pub(super) fn is_current(connection: &Connection, path: &Path) -> bool {
    let version = stored_version(connection).ok().and_then(|stored| stored.check(path).ok());
    version == Some(MIGRATIONS.len()) && configure(connection).is_ok()
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    // Without this setting, this build of SQLite prepares statements again for each new parameter.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn migrate(connection: &mut Connection, version: usize) -> rusqlite::Result<()> {
    if version >= MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated the store in the meantime.
    let version = stored_version(&transaction)?.version.max(0);
    for step in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(usize::MAX)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
    transaction.commit()
}

/// Values in the header of a database.
struct StoredVersion {
    application: i64,
    version: i64,
    /// True if the database has no table.
    is_empty: bool,
}

fn stored_version(connection: &Connection) -> rusqlite::Result<StoredVersion> {
    let query = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = query("PRAGMA application_id")?;
    let version = query("PRAGMA user_version")?;
    Ok(StoredVersion { application, version, is_empty: query("SELECT count(*) FROM sqlite_schema")? == 0 })
}

impl StoredVersion {
    /// Returns the version of a store; 0 for an empty database.
    fn check(&self, path: &Path) -> Result<usize, StoreError> {
        let known = MIGRATIONS.len();
        match (self.application, usize::try_from(self.version)) {
            (APPLICATION_ID, Ok(version)) if (1..=known).contains(&version) => Ok(version),
            (APPLICATION_ID, Ok(1..)) => {
                Err(StoreError::Newer { path: path.to_owned(), found: self.version, known: known as i64 })
            }
            // A database of another program stays unchanged.
            (0, Ok(0)) if self.is_empty => Ok(0),
            _ => Err(StoreError::NotAStore(path.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    #[test]
    fn newer_store_is_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        Store::open(&path).unwrap().change().unwrap().commit().unwrap();
        let raw = Connection::open(&path).unwrap();
        raw.pragma_update(None, "user_version", 999).unwrap();
        drop(raw);
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Newer { found: 999, .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn older_store_is_migrated() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        let raw = Connection::open(&path).unwrap();
        raw.execute_batch(VERSION_1).unwrap();
        raw.execute("INSERT INTO backup VALUES ('/stick', 'set', 3, 'digest', 7, '', 1)", []).unwrap();
        raw.execute("INSERT INTO service (issuer, key_set, version, added) VALUES ('i', '', 1, 'hand')", []).unwrap();
        let registered = "INSERT INTO registration VALUES ('i', ?1, 'ABCDEFGH', ?2, 0, 0, '', 1, 0)";
        raw.execute(registered, ["h", "computer ABCDEF"]).unwrap();
        raw.execute(registered, ["k", "PC Küche"]).unwrap();
        raw.execute("INSERT INTO file VALUES (1, 'a.epub', '{}', NULL, 0, 9, 1700000000)", []).unwrap();
        raw.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        raw.pragma_update(None, "user_version", 1).unwrap();
        drop(raw);
        let store = Store::open(&path).unwrap();
        let modified = "SELECT modified FROM file WHERE path = 'a.epub'";
        let modified: Option<i64> = store.view().first(modified, [], |row| row.get(0)).unwrap();
        assert_eq!(modified, Some(-1), "the next scan reads the file again");
        let notes = store.view().backups().unwrap();
        assert_eq!((notes[0].generation, notes[0].damaged, notes[0].read_back), (3, false, None));
        assert_eq!(store.view().chosen_name().unwrap().as_deref(), Some("PC Küche"));
    }

    #[test]
    fn foreign_file_is_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        std::fs::write(&path, "this is a diary, and longer than a hundred bytes, so that nobody takes it for the header of a database file").unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::NotAStore(_))));
        let other = dir.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(matches!(Store::open(&other), Err(StoreError::NotAStore(_))));
    }

    #[test]
    fn missing_store_reads_as_empty() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none").join("store.db");
        let mut store = Store::open(&path).unwrap();
        assert_eq!(store.view().last_change().unwrap(), 0);
        assert_eq!(store.snapshot().unwrap().view().backups().unwrap(), []);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "reading creates nothing");
        store.change().unwrap().commit().unwrap();
        assert_eq!(store.view().last_change().unwrap(), 1);
        assert_eq!(Store::open(&path).unwrap().view().last_change().unwrap(), 1);
    }
}
