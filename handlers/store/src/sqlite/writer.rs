//! The one writer: a thread that takes whatever has queued up, runs it as one transaction, and answers after the commit.
//!
//! A group is run without savepoints, which would copy every page that a unit of work touches. When a unit fails, the group
//! is rolled back and each of its units is run again in a transaction of its own: a failure is told to its own caller only.

use super::checkpoint::Checkpointer;
use crate::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Units of work that wait at most; more callers wait for a place.
const QUEUE: usize = 256;
/// A transaction that has worked this long takes no more: the callers that wait for it then prepare their next work while the
/// work of others is written, where one large group would let both wait for each other.
const GROUP: Duration = Duration::from_millis(8);
/// Page cache of the writing connection, in KiB.
const CACHE_KIB: i64 = 64 * 1024;

/// A unit of work. Running it again after a rollback does the same again.
trait Unit: Send {
    /// Does the work in the open transaction, and keeps its result.
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    /// Tells the caller, now that the fate of the transaction is known.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Work<T, F> {
    work: F,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnMut(&Connection) -> rusqlite::Result<T> + Send> Unit for Work<T, F> {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let ran = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)));
        self.result = Some(ran.map_err(|_| StoreError::Broken("a unit of work panicked".to_owned()))??);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, reply, .. } = *self;
        // A caller that has gone does not want to know.
        let _ = reply.send(committed.and_then(|()| result.ok_or_else(closed)));
    }
}

/// The way to the writer thread.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Unit>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(connection: Connection, checkpointer: Checkpointer) -> Result<Self, StoreError> {
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let (sender, mut queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                while let Some(first) = queue.blocking_recv() {
                    commit_group(&connection, first, &mut queue);
                    checkpointer.wake();
                }
            })
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs `work` in the next transaction. Ready when that is durable; a failed `work` leaves nothing behind, and does not
    /// disturb its neighbours in the group.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let queue = self
            .queue
            .lock()
            .ok()
            .and_then(|queue| queue.clone())
            .ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        queue
            .send(Box::new(Work {
                work,
                result: None,
                reply,
            }))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Lets what has queued up finish, then ends the thread.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().ok().and_then(|mut queue| queue.take()));
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

fn commit_group(connection: &Connection, first: Box<dyn Unit>, queue: &mut mpsc::Receiver<Box<dyn Unit>>) {
    let begun = Instant::now();
    let mut group = vec![first];
    let committed = transaction(connection, || {
        let mut at = 0;
        while let Some(unit) = group.get_mut(at) {
            unit.run(connection)?;
            at += 1;
            if begun.elapsed() < GROUP
                && let Ok(next) = queue.try_recv()
            {
                group.push(next);
            }
        }
        Ok(())
    });
    if committed.is_ok() {
        group.into_iter().for_each(|unit| unit.answer(Ok(())));
        return;
    }
    for mut unit in group {
        let committed = transaction(connection, || unit.run(connection));
        if let Err(error) = &committed {
            tracing::error!(%error, "a unit of work failed");
        }
        unit.answer(committed);
    }
}

/// Begins at once as a writer: a snapshot that later wants to write fails when another process has written since.
fn transaction(
    connection: &Connection,
    work: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let run = |sql| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
    };
    run("BEGIN IMMEDIATE")?;
    let worked = work().and_then(|()| run("COMMIT").map(|_| ()).map_err(StoreError::from));
    if worked.is_err() {
        let _ = run("ROLLBACK");
    }
    worked
}
