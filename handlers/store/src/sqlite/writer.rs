//! The one writer: a thread that takes whatever has queued up, runs it as one transaction, and answers after the commit.

use super::checkpoint::Checkpointer;
use crate::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Units of work that wait at most; more callers wait for a place.
const QUEUE: usize = 256;
/// Units of work of one transaction at most: keeps the answer of the first near.
const GROUP: usize = 128;
/// Page cache of the writing connection, in KiB.
const CACHE_KIB: i64 = 64 * 1024;

/// A unit of work, run in the open transaction or told that there is none. It gives back what is to be done with its result
/// once the fate of the transaction is known.
type Work = Box<dyn FnOnce(Option<&Connection>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The way to the writer thread.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Work>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(connection: Connection, checkpointer: Checkpointer) -> Result<Self, StoreError> {
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let (sender, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || commit_groups(&connection, queue, &checkpointer))
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
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let queue = self
            .queue
            .lock()
            .ok()
            .and_then(|queue| queue.clone())
            .ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |transaction| {
            let result =
                transaction.map_or_else(|| Err(closed()), |connection| in_savepoint(connection, work));
            Box::new(move |committed: Result<(), StoreError>| {
                // A caller that has gone does not want to know.
                let _ = reply.send(committed.and(result));
            })
        });
        queue.send(work).await.map_err(|_| closed())?;
        answer
            .await
            .map_err(|_| StoreError::Broken("a unit of work panicked".to_owned()))?
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

fn commit_groups(connection: &Connection, mut queue: mpsc::Receiver<Work>, checkpointer: &Checkpointer) {
    while let Some(first) = queue.blocking_recv() {
        let mut answers = Vec::new();
        let committed = commit_group(connection, first, &mut queue, &mut answers);
        if let Err(error) = &committed {
            tracing::error!(%error, units = answers.len(), "a transaction failed");
        }
        for answer in answers {
            answer(match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(StoreError::Unavailable(error.to_string())),
            });
        }
        checkpointer.wake();
    }
}

fn commit_group(
    connection: &Connection,
    first: Work,
    queue: &mut mpsc::Receiver<Work>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<()> {
    // Begins at once as a writer: a snapshot that later wants to write fails when another process has written since.
    let begun = connection.execute_batch("BEGIN IMMEDIATE");
    let transaction = begun.is_ok().then_some(connection);
    let mut next = Some(first);
    while let Some(work) = next {
        // A panic in a unit of work drops its reply, which tells its caller, and leaves its savepoint open.
        match catch_unwind(AssertUnwindSafe(|| work(transaction))) {
            Ok(answer) => answers.push(answer),
            Err(_) => connection.execute_batch("ROLLBACK TO unit; RELEASE unit")?,
        }
        next = if answers.len() < GROUP {
            queue.try_recv().ok()
        } else {
            None
        };
    }
    begun?;
    connection.execute_batch("COMMIT").inspect_err(|_| {
        let _ = connection.execute_batch("ROLLBACK");
    })
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    connection.prepare_cached("SAVEPOINT unit")?.execute([])?;
    let result = work(connection);
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO unit")?.execute([])?;
    }
    connection.prepare_cached("RELEASE unit")?.execute([])?;
    Ok(result?)
}
