//! The pool of reading connections.

use super::connect;
use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Connections of the pool.
const POOL: usize = 4;
/// Page cache of a reading connection, in KiB.
const CACHE_KIB: i64 = 8 * 1024;
/// Virtual machine steps between two looks at the clock.
const STEPS: i32 = 20_000;

/// Reading connections, each used by one caller at a time.
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Semaphore,
    deadline: Duration,
}

impl Readers {
    /// Opens the connections; they refuse to write.
    pub(super) fn open(path: &Path, deadline: Duration) -> Result<Self, StoreError> {
        let mut idle = Vec::with_capacity(POOL);
        for _ in 0..POOL {
            let connection = connect(path)?;
            connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
            connection.pragma_update(None, "query_only", true)?;
            idle.push(connection);
        }
        Ok(Self {
            idle: Arc::new(Mutex::new(idle)),
            places: Semaphore::new(POOL),
            deadline,
        })
    }

    /// Runs `read` on one snapshot of the database; it is interrupted at the deadline, waiting for a connection included.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let end = Instant::now() + self.deadline;
        let place = tokio::time::timeout(self.deadline, self.places.acquire()).await;
        let _place = place
            .map_err(|_| StoreError::DeadlineExceeded)?
            .map_err(|_| closed())?;
        let idle = Arc::clone(&self.idle);
        let reading = tokio::task::spawn_blocking(move || {
            let mut connection = idle
                .lock()
                .ok()
                .and_then(|mut idle| idle.pop())
                .ok_or_else(closed)?;
            let result = snapshot(&mut connection, end, read);
            if let Ok(mut idle) = idle.lock() {
                idle.push(connection);
            }
            Ok(result?)
        });
        reading
            .await
            .map_err(|_| StoreError::Broken("a read panicked".to_owned()))?
    }

    /// Lets go of the connections; those in use go when their read ends.
    pub(super) fn close(&self) {
        self.places.close();
        if let Ok(mut idle) = self.idle.lock() {
            idle.clear();
        }
    }
}

fn snapshot<T>(
    connection: &mut Connection,
    end: Instant,
    read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.progress_handler(STEPS, Some(move || Instant::now() >= end))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    read(&transaction)
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}
