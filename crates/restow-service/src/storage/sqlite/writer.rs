//! The single writer: requests queue to it, it takes what waits and commits once for all of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{Refusal, ServiceError};
use crate::log;
use crate::storage::Pending;

/// The most requests in one transaction.
const BATCH: usize = 256;
/// The most requests that wait; more are told to come again.
const QUEUE: usize = 4096;

/// The handle of the writer's thread; dropped, it lets the thread finish what is queued and waits for it.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(db: Connection) -> Result<Self, ServiceError> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("restow-writer".into()).spawn(move || write(&db, &jobs));
        Ok(Self { queue: Some(queue), thread: Some(thread.map_err(ServiceError::System)?) })
    }

    /// Queues work; it is answered after it is durable. A refusal leaves no trace of it.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Pending<T> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task { work: Some(work), result: None, reply });
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
            log::problem("the writer ended by a panic");
        }
    }
}

/// One request's work and where its answer goes.
trait Job: Send {
    /// Does the work; true when it is to be kept.
    fn work(&mut self, db: &Connection) -> bool;
    /// Answers; `lost` when what was kept did not become durable.
    fn answer(self: Box<Self>, lost: Option<&Refusal>);
}

struct Task<W, T> {
    work: Option<W>,
    result: Option<Result<T, Refusal>>,
    reply: oneshot::Sender<Result<T, Refusal>>,
}

impl<T: Send, W: FnOnce(&Connection) -> Result<T, Refusal> + Send> Job for Task<W, T> {
    fn work(&mut self, db: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A panic is a bug in one request; the others in the transaction are not to suffer.
        let result = catch_unwind(AssertUnwindSafe(|| work(db)));
        let result = result.unwrap_or_else(|_| Err(Refusal::internal("a request panicked in the writer")));
        self.result.insert(result).is_ok()
    }

    fn answer(self: Box<Self>, lost: Option<&Refusal>) {
        let result = match (self.result, lost) {
            (Some(Ok(_)) | None, Some(lost)) => Err(lost.clone()),
            (Some(result), _) => result,
            (None, None) => Err(Refusal::internal("a request was not carried out")),
        };
        // Whoever asked may have gone; what is durable stays so, and a retry is answered from it.
        let _ = self.reply.send(result);
    }
}

fn write(db: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut waiting = vec![first];
        while waiting.len() < BATCH {
            match jobs.try_recv() {
                Ok(job) => waiting.push(job),
                Err(_) => break,
            }
        }
        let mut waiting = waiting.into_iter();
        while waiting.len() > 0 {
            let mut done = Vec::with_capacity(waiting.len());
            let lost = transact(db, &mut waiting, &mut done).err();
            for job in done {
                job.answer(lost.as_ref());
            }
        }
    }
}

/// One transaction over as many jobs as it can hold; those taken are in `done`.
fn transact(
    db: &Connection,
    waiting: &mut std::vec::IntoIter<Box<dyn Job>>,
    done: &mut Vec<Box<dyn Job>>,
) -> Result<(), Refusal> {
    if let Err(error) = db.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([])) {
        done.extend(waiting);
        return Err(error.into());
    }
    let outcome = fill(db, waiting, done).and_then(|()| {
        db.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]))?;
        Ok(())
    });
    if outcome.is_err() && !db.is_autocommit() {
        // Nothing of it may stay open for the next transaction.
        if let Err(error) = db.execute_batch("ROLLBACK") {
            log::problem(&format!("rollback failed: {error}"));
        }
    }
    outcome
}

fn fill(
    db: &Connection,
    waiting: &mut std::vec::IntoIter<Box<dyn Job>>,
    done: &mut Vec<Box<dyn Job>>,
) -> Result<(), Refusal> {
    for mut job in waiting.by_ref() {
        db.prepare_cached("SAVEPOINT job")?.execute([])?;
        let keep = job.work(db);
        done.push(job);
        if db.is_autocommit() {
            // A full disk, or the like, has ended the whole transaction.
            return Err(Refusal::internal("the transaction was rolled back by the database"));
        }
        if !keep {
            db.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        db.prepare_cached("RELEASE job")?.execute([])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T>(pending: Pending<T>) -> Result<T, Refusal> {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(pending)
    }

    #[test]
    fn a_refusal_or_panic_undoes_only_its_own_request() {
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
        // All are queued before any is awaited, so that most share a transaction.
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
}
