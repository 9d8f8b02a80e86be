//! Copy of a store in memory: the database with the committed pages of its write-ahead log.
//!
//! SQLite cannot read a database with a log where it can write neither shared memory nor the folder. The layout of
//! the log is documented in <https://www.sqlite.org/fileformat2.html#walformat>.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use restow_core::sqlite_files::{DatabaseFiles, FileError, OffsetReader};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;

/// Maximum size of a store that is read from a copy.
const MAX_COPY: u64 = 1 << 30;
/// Maximum number of attempts while another process changes the files.
const MAX_ATTEMPTS: u32 = 8;

/// Opens an empty database in memory. `path` is the path of the store, for errors.
pub(super) fn open_in_memory(path: &Path) -> Result<Connection, StoreError> {
    Connection::open_in_memory().map_err(|error| StoreError::from_database(path, error))
}

/// Returns true if a file or a folder on the way to it does not exist.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Reads the store into a connection in memory.
///
/// Two equal readings prove that no other process changed the files between them.
pub(super) fn read(files: &DatabaseFiles) -> Result<Connection, StoreError> {
    let path = files.path();
    if std::fs::metadata(files.journal()).is_ok_and(|meta| meta.len() > 0) {
        // Only SQLite rolls back the unfinished change in the journal, and it must write for that.
        return Err(StoreError::CannotWrite {
            path: files.journal(),
            source: io::Error::other("an unfinished change must be rolled back"),
        });
    }
    let mut last_error = None;
    for _ in 0..MAX_ATTEMPTS {
        match try_read(files) {
            Ok(Some(connection)) => return Ok(connection),
            Ok(None) => {}
            // A checkpoint of another process can shorten a file during the reading.
            Err(StoreError::Io { path, source }) if source.kind() == io::ErrorKind::UnexpectedEof => {
                last_error = Some(StoreError::Damaged { path, text: "the file is too short".to_owned() });
            }
            Err(error) => return Err(error),
        }
    }
    Err(last_error.unwrap_or_else(|| StoreError::Busy(path.to_owned())))
}

/// Reads the store twice; `None` if the readings differ.
fn try_read(files: &DatabaseFiles) -> Result<Option<Connection>, StoreError> {
    let path = files.path();
    let failed = |error: FileError| StoreError::Io { path: error.path, source: error.source };
    let mut first = PageReader::open(files).map_err(failed)?;
    let size = first.size();
    if size > MAX_COPY {
        return Err(StoreError::TooLarge { path: path.to_owned(), limit: MAX_COPY >> 20 });
    }
    let failed_read = |source| StoreError::Io { path: path.to_owned(), source };
    if let Err(copy) = io::copy(&mut first, &mut io::sink()) {
        return Err(failed_read(first.error.take().unwrap_or(copy)));
    }
    let mut second = PageReader::open(files).map_err(failed)?;
    if second.size() != size {
        return Ok(None);
    }
    let mut connection = open_in_memory(path)?;
    if size > 0 {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let loaded = connection.deserialize_read_exact(rusqlite::MAIN_DB, &mut second, size, false);
        if let Some(source) = second.error.take() {
            return Err(failed_read(source));
        }
        loaded.map_err(|error| StoreError::from_database(path, error))?;
    }
    Ok((first.digest.finalize() == second.digest.finalize()).then_some(connection))
}

/// Reader of the pages of a database in order, each from the log if the log has it.
struct PageReader {
    database: Arc<File>,
    log: Option<Arc<File>>,
    page_size: usize,
    /// Number of pages.
    pages: u32,
    /// Offset in the log of the newest committed state of a page.
    in_log: HashMap<u32, u64>,
    /// Number of pages read so far.
    done: u32,
    page: Vec<u8>,
    /// Number of bytes of `page` that were delivered.
    delivered: usize,
    digest: Sha256,
    /// Error of the last reading. SQLite does not keep it.
    error: Option<io::Error>,
}

/// Header of a database that SQLite can open without a log: versions 1 for reading and writing.
const MODE_OFFSET: usize = 18;

impl PageReader {
    fn open(files: &DatabaseFiles) -> Result<Self, FileError> {
        let (path, log_path) = (files.path(), files.log());
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| FileError { path: path.clone(), source }
        };
        let log = match files.open_to_read(&log_path) {
            Err(error) if is_absent(&error.source) => None,
            opened => Some(opened?),
        };
        let committed = log.as_deref().map(read_log).transpose().map_err(at(&log_path))?.flatten();
        let database = files.open_to_read(path)?;
        let length = database.metadata().map_err(at(path))?.len();
        let page_size = match &committed {
            Some(log) => log.page_size,
            None if length == 0 => 1,
            None => database_page_size(&database).map_err(at(path))?,
        };
        let pages = length / page_size.max(1) as u64;
        let (pages, in_log) = match committed {
            Some(log) => (log.pages, log.frames),
            None => (u32::try_from(pages).unwrap_or(u32::MAX), HashMap::new()),
        };
        let (page, digest) = (Vec::new(), Sha256::new());
        Ok(Self { database, log, page_size, pages, in_log, done: 0, page, delivered: 0, digest, error: None })
    }

    /// Returns the size of the database in bytes.
    fn size(&self) -> u64 {
        u64::from(self.pages).saturating_mul(self.page_size as u64)
    }

    fn read_page(&mut self) -> io::Result<()> {
        let number = self.done.saturating_add(1);
        let (file, offset) = match (self.in_log.get(&number), self.log.as_deref()) {
            (Some(offset), Some(log)) => (log, *offset),
            _ => (&*self.database, u64::from(self.done).saturating_mul(self.page_size as u64)),
        };
        self.page.resize(self.page_size, 0);
        OffsetReader::new(file, offset).read_exact(&mut self.page)?;
        self.digest.update(&self.page);
        if let Some(mode) = self.page.get_mut(MODE_OFFSET..MODE_OFFSET + 2).filter(|_| number == 1) {
            mode.fill(1);
        }
        (self.done, self.delivered) = (number, 0);
        Ok(())
    }
}

impl Read for PageReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.delivered == self.page.len() {
            if self.done == self.pages {
                return Ok(0);
            }
            if let Err(error) = self.read_page() {
                let copy = io::Error::from(error.kind());
                self.error = Some(error);
                return Err(copy);
            }
        }
        let mut rest = self.page.get(self.delivered..).unwrap_or_default();
        let count = rest.read(buf)?;
        self.delivered = self.delivered.saturating_add(count);
        Ok(count)
    }
}

fn database_page_size(database: &File) -> io::Result<usize> {
    let mut size = [0; 2];
    OffsetReader::new(database, 16).read_exact(&mut size)?;
    Ok(match u16::from_be_bytes(size) {
        1 => 1 << 16,
        // SQLite reports a file that is not a database.
        size if !size.is_power_of_two() || size < 512 => 512,
        size => size.into(),
    })
}

/// Committed content of a write-ahead log.
struct CommittedLog {
    page_size: usize,
    pages: u32,
    frames: HashMap<u32, u64>,
}

const HEADER_SIZE: usize = 32;
const FRAME_HEADER_SIZE: usize = 24;
/// First four bytes of a log. The last bit is the byte order of the checksums: 1 for big endian.
const MAGIC: u32 = 0x377f_0682;

/// Reads a log up to its last commit; `None` if nothing is committed.
///
/// A reset log has frames of earlier times after the newest ones. Their salts differ.
fn read_log(log: &File) -> io::Result<Option<CommittedLog>> {
    let mut reader = BufReader::with_capacity(1 << 16, OffsetReader::new(log, 0));
    let mut header = [0; HEADER_SIZE];
    if !read_all(&mut reader, &mut header)? {
        return Ok(None);
    }
    let magic = word(&header, 0);
    let page_size = word(&header, 8);
    if magic & !1 != MAGIC || !page_size.is_power_of_two() || !(512..=1 << 16).contains(&page_size) {
        return Ok(None);
    }
    let mut checksum = Checksum { is_big_endian: magic & 1 == 1, sums: (0, 0) };
    checksum.add(header.get(..24).unwrap_or_default());
    if checksum.sums != (word(&header, 24), word(&header, 28)) {
        return Ok(None);
    }
    let page_size = page_size as usize;
    let mut committed = None;
    let (mut frames, mut new_frames) = (HashMap::new(), Vec::new());
    let mut frame = vec![0; FRAME_HEADER_SIZE + page_size];
    let mut offset = HEADER_SIZE as u64;
    while read_all(&mut reader, &mut frame)? {
        let (head, page) = frame.split_at(FRAME_HEADER_SIZE);
        let is_current = (word(head, 8), word(head, 12)) == (word(&header, 16), word(&header, 20));
        checksum.add(head.get(..8).unwrap_or_default());
        checksum.add(page);
        let number = word(head, 0);
        if !is_current || number == 0 || checksum.sums != (word(head, 16), word(head, 20)) {
            break;
        }
        new_frames.push((number, offset.saturating_add(FRAME_HEADER_SIZE as u64)));
        offset = offset.saturating_add(frame.len() as u64);
        // A frame with the size of the database ends a transaction.
        let pages = word(head, 4);
        if pages > 0 {
            frames.extend(new_frames.drain(..));
            committed = Some(pages);
        }
    }
    Ok(committed.map(|pages| CommittedLog { page_size, pages, frames }))
}

/// Fills `buf`. Returns false at the end of the file.
fn read_all(reader: &mut impl Read, buf: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buf) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk());
    word.map_or(0, |word| u32::from_be_bytes(*word))
}

/// Checksum of a log. Each frame continues the checksum of the frame before it.
struct Checksum {
    is_big_endian: bool,
    sums: (u32, u32),
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<4>();
        let value =
            |word: &[u8; 4]| if self.is_big_endian { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) };
        let (mut first, mut second) = self.sums;
        for pair in words.chunks_exact(2) {
            if let [even, odd] = pair {
                first = first.wrapping_add(value(even)).wrapping_add(second);
                second = second.wrapping_add(value(odd)).wrapping_add(first);
            }
        }
        self.sums = (first, second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns all rows of the table `t`.
    fn rows(connection: &Connection) -> Vec<(i64, Vec<u8>)> {
        let mut query = connection.prepare("SELECT a, b FROM t ORDER BY a").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn insert(connection: &Connection, from: i64, to: i64) {
        for n in from..to {
            connection.execute("INSERT INTO t VALUES (?1, randomblob(3000))", [n]).unwrap();
        }
    }

    /// Creates a database whose log has old frames, committed frames and a transaction that is not committed.
    fn database(path: &Path, page_size: u32) -> (Connection, Connection) {
        let writer = Connection::open(path).unwrap();
        writer.pragma_update(None, "page_size", page_size).unwrap();
        let setup = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_spill = 1; \
            PRAGMA cache_size = 2; CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)";
        writer.execute_batch(setup).unwrap();
        insert(&writer, 0, 40);
        writer.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        insert(&writer, 100, 110);
        writer.execute("DELETE FROM t WHERE a < 5", []).unwrap();
        let reader = Connection::open(path).unwrap();
        writer.execute_batch("BEGIN").unwrap();
        insert(&writer, 200, 220);
        (writer, reader)
    }

    #[test]
    fn copy_equals_reading_by_database() {
        for page_size in [512, 4096, 8192, 65536] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("store.db");
            let (writer, reader) = database(&path, page_size);
            let files = DatabaseFiles::new(&path);
            assert!(std::fs::metadata(files.log()).unwrap().len() > 100_000, "the log has frames");
            let copy = read(&files).unwrap();
            assert_eq!(rows(&copy), rows(&reader), "page size {page_size}");
            assert_eq!(rows(&copy).len(), 45);
            writer.execute_batch("COMMIT").unwrap();
            assert_eq!(rows(&read(&files).unwrap()), rows(&reader));
            let check: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(check, "ok");
        }
    }

    #[test]
    fn damaged_frame_ends_log_as_database() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        let (writer, _reader) = database(&path, 4096);
        writer.execute_batch("COMMIT").unwrap();
        let log = std::fs::read(DatabaseFiles::new(&path).log()).unwrap();
        let database = std::fs::read(&path).unwrap();
        for cut in [0, 20, 32, 100, 5000, 60_000, log.len() / 2, log.len() - 1] {
            let other = tempfile::tempdir().unwrap();
            let path = other.path().join("store.db");
            let mut damaged = log.clone();
            if let Some(byte) = damaged.get_mut(cut) {
                *byte ^= 1;
            }
            std::fs::write(&path, &database).unwrap();
            std::fs::write(other.path().join("store.db-wal"), damaged).unwrap();
            let copy = rows(&read(&DatabaseFiles::new(&path)).unwrap());
            assert_eq!(copy, rows(&Connection::open(&path).unwrap()), "byte {cut}");
        }
    }

    #[test]
    fn unfinished_journal_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        std::fs::write(dir.path().join("store.db-journal"), "x").unwrap();
        let error = read(&DatabaseFiles::new(&path)).unwrap_err();
        assert!(matches!(error, StoreError::CannotWrite { path, .. } if path.ends_with("store.db-journal")));
    }

    #[test]
    fn copy_during_changes_is_consistent() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        let writer = Connection::open(&path).unwrap();
        let setup = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 3; \
            CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB); CREATE TABLE sum (n INTEGER); INSERT INTO sum VALUES (0)";
        writer.execute_batch(setup).unwrap();
        let files = DatabaseFiles::new(&path);
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let stopped = &stop;
            scope.spawn(move || {
                for n in 0.. {
                    if stopped.load(std::sync::atomic::Ordering::SeqCst) {
                        break;
                    }
                    let change = format!(
                        "BEGIN; INSERT INTO t VALUES ({n}, randomblob(9000)); UPDATE sum SET n = n + 1; COMMIT"
                    );
                    writer.execute_batch(&change).unwrap();
                    if n % 20 == 19 {
                        writer.execute_batch("BEGIN; DELETE FROM t; UPDATE sum SET n = 0; COMMIT").unwrap();
                    }
                }
            });
            let mut copies = 0;
            for _ in 0..200 {
                match read(&files) {
                    Ok(copy) => {
                        let counts = "SELECT (SELECT count(*) FROM t) = (SELECT n FROM sum)";
                        assert!(copy.query_row(counts, [], |row| row.get::<_, bool>(0)).unwrap());
                        copies += 1;
                    }
                    Err(error) => assert!(matches!(error, StoreError::Busy(_) | StoreError::Damaged { .. }), "{error}"),
                }
            }
            stop.store(true, std::sync::atomic::Ordering::SeqCst);
            println!("{copies} of 200 copies");
        });
    }
}
