//! Opening and migration of the database file.

use std::path::Path;
use std::time::{Duration, Instant};

use restow_core::sqlite_files::{AllocatedMemory, DatabaseFiles};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};

use crate::error::ServiceError;

/// SQLite application ID of a service database: `RSTS`.
const APPLICATION_ID: i64 = 0x5253_5453;
/// Migrations. Entry `n` migrates from version `n` to `n + 1`.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
];
/// Size of the page cache of the writer, in KiB.
const WRITER_CACHE_KIB: i64 = 16 << 10;
/// Size of the page cache of each reader, in KiB.
const READER_CACHE_KIB: i64 = 1 << 10;
/// Time limit for a lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the writing connection and applies all migrations. The connection must be dropped before `files`.
pub(super) fn open_writer(files: &DatabaseFiles) -> Result<Connection, ServiceError> {
    let path = files.path();
    let failed = |error| ServiceError::database(path, &error);
    files.restrict_access();
    // Dropped after the connection has read.
    let _memory = allocate(files)?;
    let (mut db, version, pending) = open(path)?;
    enable_write_ahead_log(&db).map_err(failed)?;
    for (version_before, migration) in (version..).zip(pending) {
        let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).map_err(failed)?;
        // Another process may have applied the migration in the meantime.
        let now: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        if now == version_before {
            transaction.execute_batch(migration).map_err(failed)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
            transaction.pragma_update(None, "user_version", version_before + 1).map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
    }
    Ok(db)
}

/// Opens a writing connection while a server may run. It applies no migration, because the server may be older.
/// The connection must be dropped before `files`.
pub(super) fn open_shared(files: &DatabaseFiles) -> Result<Connection, ServiceError> {
    let _memory = allocate(files)?;
    open(files.path()).map(|(db, ..)| db)
}

fn allocate(files: &DatabaseFiles) -> Result<AllocatedMemory<'_>, ServiceError> {
    files.allocate_shared_memory().map_err(|error| ServiceError::file(&error.path, error.source))
}

/// Opens the database of a service. Returns its version and the pending migrations.
fn open(path: &Path) -> Result<(Connection, i64, &'static [&'static str]), ServiceError> {
    let failed = |error| ServiceError::database(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(failed)?;
    configure(&db, WRITER_CACHE_KIB).map_err(failed)?;
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    // The order matters: if another process just created the tables, it has also set the application ID.
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    if application != APPLICATION_ID && (application != 0 || tables != 0) {
        let reason = "this database belongs to another program".to_owned();
        return Err(ServiceError::Database { path: path.to_owned(), reason });
    }
    let too_new = || ServiceError::DatabaseTooNew { path: path.to_owned(), version };
    let pending = usize::try_from(version)
        .ok()
        .and_then(|version_before| MIGRATIONS.get(version_before..))
        .ok_or_else(too_new)?;
    db.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    Ok((db, version, pending))
}

/// Enables the write-ahead log. SQLite does not wait for another process here, so this function retries.
fn enable_write_ahead_log(db: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

/// Opens a read-only connection.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    // Opened for writing, because a reader may have to recover the log after a crash. `query_only` prevents changes.
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&db, READER_CACHE_KIB)?;
    db.pragma_update(None, "query_only", true)?;
    add_search_function(&db)?;
    Ok(db)
}

/// Adds the function `contains`: true if one of the further arguments contains the first one, in any case. SQLite itself
/// ignores the case of ASCII letters only.
fn add_search_function(db: &Connection) -> rusqlite::Result<()> {
    db.create_scalar_function("contains", -1, FunctionFlags::SQLITE_DETERMINISTIC, |context| {
        let text = |index| context.get_raw(index).as_str_or_null().ok().flatten();
        let sought = text(0).unwrap_or_default();
        Ok((1..context.len()).filter_map(text).any(|text| text.to_lowercase().contains(sought)))
    })
}

/// Configures a connection. The cache size is in KiB.
fn configure(db: &Connection, cache_kib: i64) -> rusqlite::Result<()> {
    db.busy_timeout(BUSY_TIMEOUT)?;
    // Without this option, SQLite built with STAT4 prepares statements again for other values.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(128);
    db.pragma_update(None, "cache_size", -cache_kib)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concurrent_opens_of_new_database_succeed() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("db");
            std::fs::write(&path, b"").unwrap();
            let start = std::sync::Barrier::new(4);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        start.wait();
                        open_writer(&DatabaseFiles::new(&path)).map(drop).unwrap();
                    });
                }
            });
        }
    }

    #[test]
    fn version_1_database_keeps_daily_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        let count = "INSERT INTO daily (holder, day, kind, n, computer, run) VALUES ('h', 1, ?1, 1, 'c', 'r')";
        old.execute(count, [2]).unwrap();
        old.execute(count, [0]).unwrap_err();
        drop(old);
        let db = open_writer(&DatabaseFiles::new(&path)).unwrap();
        assert_eq!(db.query_row("SELECT kind FROM daily", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
        db.execute(count, [0]).unwrap();
    }

    #[test]
    fn version_2_database_keeps_offers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.execute_batch(MIGRATIONS[1]).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        old.pragma_update(None, "user_version", 2).unwrap();
        old.execute("INSERT INTO offers (code, offer, created) VALUES (x'01', 'o', 5)", []).unwrap();
        old.execute("INSERT INTO limit_pages (token, holder, license) VALUES ('t', 'h', 'l')", []).unwrap();
        drop(old);
        let db = open_writer(&DatabaseFiles::new(&path)).unwrap();
        let ends = "SELECT expires IS NULL AND withdrawn IS NULL AND reference IS NULL FROM offers WHERE offer = 'o'";
        assert!(db.query_row(ends, [], |row| row.get::<_, bool>(0)).unwrap());
        let page = "SELECT computer IS NULL FROM limit_pages WHERE token = 't'";
        assert!(db.query_row(page, [], |row| row.get::<_, bool>(0)).unwrap());
    }

    #[test]
    fn foreign_and_newer_databases_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        std::fs::write(&path, b"").unwrap();
        drop(open_writer(&DatabaseFiles::new(&path)).unwrap());
        drop(open_writer(&DatabaseFiles::new(&path)).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            open_writer(&DatabaseFiles::new(&path)),
            Err(ServiceError::DatabaseTooNew { version: 99, .. })
        ));
        let other = folder.path().join("other");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(matches!(open_writer(&DatabaseFiles::new(&other)), Err(ServiceError::Database { .. })));
    }
}
