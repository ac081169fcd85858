//! Copies the write-ahead log back into the database beside the writer, so that no commit has to wait for it.

use crate::StoreError;
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// Rest between two checkpoints: pages that are written again within it are copied once.
const REST: Duration = Duration::from_millis(200);

/// Wakes the checkpointing thread; the thread ends when this is dropped.
pub(super) struct Checkpointer(SyncSender<()>);

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (wake, woken) = sync_channel(1);
        std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || run(&connection, &woken))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self(wake))
    }

    /// Says that something was committed.
    pub(super) fn wake(&self) {
        // When the channel is full the thread has been told already.
        let _ = self.0.try_send(());
    }
}

fn run(connection: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        std::thread::sleep(REST);
        // PASSIVE never waits for readers or the writer; what it cannot copy now it copies next time.
        let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = copied {
            tracing::warn!(%error, "the write-ahead log could not be copied back");
        }
    }
}
