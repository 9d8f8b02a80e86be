//! The single writer. It takes queued requests and commits them in one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{Refusal, ServiceError};
use crate::log;
use crate::storage::StorageFuture;

/// Maximum number of requests in one transaction.
const MAX_BATCH: usize = 256;
/// Maximum number of waiting requests. Further requests are refused as busy.
const MAX_QUEUE: usize = 4096;

/// Handle of the writer thread. Dropping it finishes the queued requests and waits for the thread.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(db: Connection) -> Result<Self, ServiceError> {
        let (queue, jobs) = sync_channel(MAX_QUEUE);
        let thread = std::thread::Builder::new().name("restow-writer".into()).spawn(move || run_jobs(&db, &jobs));
        Ok(Self { queue: Some(queue), thread: Some(thread.map_err(ServiceError::System)?) })
    }

    #[cfg(test)]
    pub(super) const fn without_thread() -> Self {
        Self { queue: None, thread: None }
    }

    /// Queues a request. The caller receives the answer after the commit. A refusal leaves no changes.
    pub(super) fn run<T: Send + 'static>(
        &self,
        execute: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> StorageFuture<T> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task { execute: Some(execute), result: None, reply });
        let queued = self.queue.as_ref().map(|queue| queue.try_send(job));
        Box::pin(async move {
            match queued {
                Some(Ok(())) => answer.await.unwrap_or_else(|_| Err(Refusal::internal("the writer is gone"))),
                Some(Err(TrySendError::Full(_))) => Err(Refusal::busy()),
                Some(Err(TrySendError::Disconnected(_))) | None => Err(Refusal::internal("the writer is gone")),
            }
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::report("the writer ended by a panic");
        }
    }
}

/// One request and the channel for its answer.
trait Job: Send {
    /// Executes the request. Returns true if its changes are kept.
    fn execute(&mut self, db: &Connection) -> bool;
    /// Sends the answer. `failure` is the error of the transaction, if it failed.
    fn reply(self: Box<Self>, failure: Option<&Refusal>);
}

struct Task<W, T> {
    execute: Option<W>,
    result: Option<Result<T, Refusal>>,
    reply: oneshot::Sender<Result<T, Refusal>>,
}

impl<T: Send, W: FnOnce(&Connection) -> Result<T, Refusal> + Send> Job for Task<W, T> {
    fn execute(&mut self, db: &Connection) -> bool {
        let Some(execute) = self.execute.take() else { return false };
        // A panic is a defect in one request. It must not affect the others in the transaction.
        let result = catch_unwind(AssertUnwindSafe(|| execute(db)));
        let result = result.unwrap_or_else(|_| Err(Refusal::internal("a request panicked in the writer")));
        self.result.insert(result).is_ok()
    }

    fn reply(self: Box<Self>, failure: Option<&Refusal>) {
        let result = match (self.result, failure) {
            // A refusal may depend on earlier changes of the same failed transaction.
            (_, Some(failure)) => Err(failure.clone()),
            (Some(result), None) => result,
            (None, None) => Err(Refusal::internal("a request was not carried out")),
        };
        // The caller may be gone. A retry finds the durable result.
        let _ = self.reply.send(result);
    }
}

fn run_jobs(db: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut jobs_left = vec![first];
        while jobs_left.len() < MAX_BATCH {
            match jobs.try_recv() {
                Ok(job) => jobs_left.push(job),
                Err(_) => break,
            }
        }
        let mut jobs_left = jobs_left.into_iter();
        while jobs_left.len() > 0 {
            let mut done = Vec::with_capacity(jobs_left.len());
            let failure = transact(db, &mut jobs_left, &mut done).err();
            for job in done {
                job.reply(failure.as_ref());
            }
        }
    }
}

/// Executes jobs in one transaction. The jobs taken are in `done`.
fn transact(
    db: &Connection,
    jobs_left: &mut std::vec::IntoIter<Box<dyn Job>>,
    done: &mut Vec<Box<dyn Job>>,
) -> Result<(), Refusal> {
    if let Err(error) = db.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([])) {
        done.extend(jobs_left);
        return Err(error.into());
    }
    let outcome = run_batch(db, jobs_left, done).and_then(|()| {
        db.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]))?;
        Ok(())
    });
    if outcome.is_err() && !db.is_autocommit() {
        // The next transaction must start clean.
        if let Err(error) = db.execute_batch("ROLLBACK") {
            log::report(&format!("rollback failed: {error}"));
        }
    }
    outcome
}

fn run_batch(
    db: &Connection,
    jobs_left: &mut std::vec::IntoIter<Box<dyn Job>>,
    done: &mut Vec<Box<dyn Job>>,
) -> Result<(), Refusal> {
    for mut job in jobs_left.by_ref() {
        let savepoint = db.prepare_cached("SAVEPOINT job").and_then(|mut begin| begin.execute([]));
        let succeeded = savepoint.is_ok() && job.execute(db);
        done.push(job);
        savepoint?;
        if db.is_autocommit() {
            // An error such as a full disk has ended the whole transaction.
            return Err(Refusal::internal("the transaction was rolled back by the database"));
        }
        if !succeeded {
            db.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        db.prepare_cached("RELEASE job")?.execute([])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use restow_core::protocol::ProblemCode;
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

    use super::*;

    fn wait<T>(pending: StorageFuture<T>) -> Result<T, Refusal> {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(pending)
    }

    #[test]
    fn refusal_or_panic_undoes_own_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("CREATE TABLE t (a INTEGER)").unwrap();
        let writer = Writer::start(db).unwrap();
        let insert = |value: i64, refuse: bool| {
            writer.run(move |db| {
                db.execute("INSERT INTO t VALUES (?1)", [value])?;
                if refuse { Err(Refusal::busy()) } else { Ok(value) }
            })
        };
        // All jobs are queued before the first wait, so that most share a transaction.
        let pending: Vec<_> = (0..100).map(|value| (value, insert(value, value % 3 == 0))).collect();
        let panics = writer.run(|db| -> Result<(), Refusal> {
            db.execute("INSERT INTO t VALUES (-1)", [])?;
            panic!("on purpose")
        });
        for (value, pending) in pending {
            assert_eq!(wait(pending).is_ok(), value % 3 != 0);
        }
        assert!(wait(panics).is_err());
        assert_eq!(wait(insert(100, false)), Ok(100), "it goes on");
        drop(writer);
        let db = Connection::open(&path).unwrap();
        let sum: i64 = db.query_row("SELECT sum(a) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(sum, (0..=100).filter(|value| value % 3 != 0).sum::<i64>());
    }

    /// Writer on a database that denies certain statements while the flag is set.
    struct FaultyWriter {
        writer: Writer,
        deny: Arc<AtomicBool>,
        path: PathBuf,
        _folder: tempfile::TempDir,
    }

    impl FaultyWriter {
        fn new(denied: fn(&AuthAction<'_>) -> bool) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("db");
            let mut db = Connection::open(&path).unwrap();
            db.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY)").unwrap();
            let deny = Arc::new(AtomicBool::new(false));
            let flag = Arc::clone(&deny);
            // Without the cache, every statement is authorized again.
            db.set_prepared_statement_cache_capacity(0);
            db.authorizer(Some(move |context: AuthContext<'_>| {
                let deny = flag.load(Ordering::SeqCst) && denied(&context.action);
                if deny { Authorization::Deny } else { Authorization::Allow }
            }))
            .unwrap();
            Self { writer: Writer::start(db).unwrap(), deny, path, _folder: folder }
        }

        /// Blocks the writer with one job until the sender signals.
        fn hold(&self) -> (std::sync::mpsc::Sender<()>, StorageFuture<()>) {
            let (go, held) = std::sync::mpsc::channel::<()>();
            let (savepoint, begins) = std::sync::mpsc::channel::<()>();
            let hold = self.writer.run(move |_| {
                savepoint.send(()).unwrap();
                held.recv().map_err(|error| Refusal::internal(error.to_string()))
            });
            begins.recv().unwrap();
            (go, hold)
        }

        /// Runs jobs in one transaction, with or without denied statements.
        fn run_together(&self, deny: bool, values: &[i64]) -> Vec<Result<(), Refusal>> {
            self.deny.store(false, Ordering::SeqCst);
            let (go, hold) = self.hold();
            let pending: Vec<_> = values.iter().map(|value| self.insert(*value)).collect();
            self.deny.store(deny, Ordering::SeqCst);
            go.send(()).unwrap();
            let _ = wait(hold);
            pending.into_iter().map(wait).collect()
        }

        fn insert(&self, value: i64) -> StorageFuture<()> {
            self.writer.run(move |db| {
                let count: i64 = db.query_row("SELECT count(*) FROM t WHERE a = ?1", [value], |row| row.get(0))?;
                if count > 0 {
                    return Err(Refusal::new(ProblemCode::LinkUsed, "it is there"));
                }
                db.execute("INSERT INTO t VALUES (?1)", [value])?;
                Ok(())
            })
        }

        fn rows(&self) -> i64 {
            let db = Connection::open(&self.path).unwrap();
            db.query_row("SELECT count(*) FROM t WHERE a < 1000", [], |row| row.get(0)).unwrap()
        }
    }

    #[test]
    fn failed_transaction_fails_all_jobs() {
        for denied in [
            // rusqlite has no name for COMMIT.
            (|action| matches!(action, AuthAction::Transaction { operation: TransactionOperation::Unknown }))
                as fn(&AuthAction<'_>) -> bool,
            |action| matches!(action, AuthAction::Transaction { operation: TransactionOperation::Begin }),
            |action| matches!(action, AuthAction::Savepoint { .. }),
        ] {
            let faulty = FaultyWriter::new(denied);
            // The second job is refused because of the first, and the first is rolled back.
            for reply in faulty.run_together(true, &[1, 1, 2]) {
                assert_eq!(reply.unwrap_err().code, ProblemCode::Internal);
            }
            assert_eq!(faulty.rows(), 0);
            let codes: Vec<_> =
                faulty.run_together(false, &[1, 1, 2]).into_iter().map(|a| a.map_err(|r| r.code)).collect();
            assert_eq!(codes, [Ok(()), Err(ProblemCode::LinkUsed), Ok(())], "it goes on as if nothing had been");
            assert_eq!(faulty.rows(), 2);
        }
    }

    #[test]
    fn full_disk_keeps_no_partial_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER, b BLOB); PRAGMA max_page_count = 40")
            .unwrap();
        let writer = Writer::start(db).unwrap();
        // Each request writes two rows. The file becomes full at a second row.
        let request = |value: i64| {
            writer.run(move |db| {
                db.execute("INSERT INTO t VALUES (?1, NULL)", [value])?;
                db.execute("INSERT INTO t VALUES (?1, zeroblob(9000))", [value])?;
                Ok(())
            })
        };
        let answers: Vec<_> = (0..40).map(request).collect::<Vec<_>>().into_iter().map(wait).collect();
        let refused = answers.iter().filter(|reply| reply.is_err()).count();
        assert!(refused > 0 && answers.iter().flat_map(|a| a.as_ref().err()).all(|r| r.code == ProblemCode::Internal));
        let halves = "SELECT count(*) FROM (SELECT a FROM t GROUP BY a HAVING count(*) <> 2)";
        let read = Connection::open(&path).unwrap();
        let number = |sql: &str| read.query_row(sql, [], |row| row.get::<_, usize>(0)).unwrap();
        assert_eq!((number(halves), number("SELECT count(*) FROM t")), (0, 2 * (answers.len() - refused)));
        // After space is freed, writing succeeds.
        wait(writer.run(|db| Ok(db.execute_batch("DELETE FROM t WHERE a > 2")?))).unwrap();
        wait(request(100)).unwrap();
    }

    #[test]
    fn full_queue_refuses_as_busy() {
        let faulty = FaultyWriter::new(|_| false);
        let (go, hold) = faulty.hold();
        let queued: Vec<_> = (0..).map(|value| faulty.insert(value)).take(MAX_QUEUE).collect();
        assert_eq!(wait(faulty.insert(-1)).unwrap_err().code, ProblemCode::Busy);
        go.send(()).unwrap();
        wait(hold).unwrap();
        assert!(queued.into_iter().all(|pending| wait(pending).is_ok()));
        wait(faulty.insert(-1)).unwrap();
    }
}
