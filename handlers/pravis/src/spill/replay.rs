//! Stores a spilled write: once, and after the write that came before it.
//!
//! It may be killed at any point and run again, also twice at once. The blob goes only when its write is stored or kept
//! as a dead letter; while it is there, nothing that has to come after it is stored.

mod apply;

use super::{BadRecord, Message, Record, container};
use crate::app::App;
use blobs::{BlobError, BlobName, Storage};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::time::Instant;

pub use super::dead::Reason;

/// How long a replay waits for a store that is away: a paused database takes about a minute to wake up.
const PATIENCE: Duration = Duration::from_secs(90);
/// For how long a write waits for its turn, or for the write before it.
const FAITH: SignedDuration = SignedDuration::from_hours(24);
/// How often a message has then waited for another write although the store was there: all others were tried meanwhile.
const ENOUGH: u32 = 30;
/// Most writes of one interaction that are stored in one go.
const CHAIN: usize = 64;

/// What became of a spilled write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// It is stored.
    Stored,
    /// It was stored before, and its blob is gone.
    Gone,
    /// It, or a part of it, can never be stored, and is kept.
    Dead(Reason),
    /// It has to wait.
    Waits(Wait),
}

/// What a write waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The store is away.
    Store,
    /// Blobs and queues are away.
    Storage,
    /// The turn that it is about is not there.
    Interaction,
    /// The write before it cannot be stored yet.
    Predecessor,
}

/// Why a write could not be looked after. Another attempt may do better.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum ReplayError {
    #[error("the message names no blob: {0}")]
    BadMessage(String),
    #[error("the blob {0} cannot be read: {1}")]
    BadRecord(BlobName, BadRecord),
    #[error(transparent)]
    Storage(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a message of the queue asks for. What has to wait is sent once more, so that the host's poison limit stays for
/// real failures.
pub async fn replay_message(app: &App, message: &Message) -> Result<Replayed, ReplayError> {
    let name = BlobName::new(message.blob.clone());
    let name = name.map_err(|error| ReplayError::BadMessage(error.to_string()))?;
    let replayed = match replay(app, &name, message.waits >= ENOUGH).await {
        Err(ReplayError::Storage(BlobError::Unavailable(_))) => Replayed::Waits(Wait::Storage),
        replayed => replayed?,
    };
    if let Replayed::Waits(wait) = replayed {
        let for_another_write = matches!(wait, Wait::Interaction | Wait::Predecessor);
        let (again, pause) = message.again(for_another_write);
        app.spill().outbox.deliver(&again, pause).await?;
    }
    Ok(replayed)
}

/// Stores the write in this blob, after those that have to come before it. What waits for a turn for more than a day is
/// given up when `last_chance`.
pub async fn replay(app: &App, name: &BlobName, last_chance: bool) -> Result<Replayed, ReplayError> {
    replay_and_tell(app, name, last_chance, &|_, _| {}).await
}

/// As [`replay`]; tells of each write that is done with, also of those before.
pub(super) async fn replay_and_tell(
    app: &App,
    name: &BlobName,
    last_chance: bool,
    tell: &(dyn Fn(&BlobName, Replayed) + Sync),
) -> Result<Replayed, ReplayError> {
    let storage = app.storage().await?;
    let Some(record) = read(&*storage, name).await? else {
        return Ok(Replayed::Gone);
    };
    app.spill().note_replay(record.arrived_at, app.now());
    let Some(store) = app.store_by(Instant::now() + PATIENCE).await else {
        return Ok(Replayed::Waits(Wait::Store));
    };
    let work = Work {
        app,
        storage,
        store: store.patient().unwrap_or(store),
        last_chance,
        tell,
    };
    work.settle(name, record, 1).await
}

async fn read(storage: &dyn Storage, name: &BlobName) -> Result<Option<Record>, ReplayError> {
    let Some((bytes, _)) = container::read(storage, name).await? else {
        return Ok(None);
    };
    let record = Record::decode(&bytes).map_err(|error| ReplayError::BadRecord(name.clone(), error))?;
    Ok(Some(record))
}

/// What a replay works with.
struct Work<'a> {
    app: &'a App,
    storage: Arc<dyn Storage>,
    store: Arc<dyn Store>,
    last_chance: bool,
    tell: &'a (dyn Fn(&BlobName, Replayed) + Sync),
}

impl Work<'_> {
    /// Stores the write, after those that have to come before it.
    fn settle<'w>(
        &'w self,
        name: &'w BlobName,
        record: Record,
        depth: usize,
    ) -> BoxFuture<'w, Result<Replayed, ReplayError>> {
        let settled = async move {
            if let Some(before) = &record.after {
                match self.settle_before(before, depth).await? {
                    Replayed::Waits(wait @ (Wait::Store | Wait::Storage)) => {
                        return Ok(Replayed::Waits(wait));
                    }
                    // What is stuck for too long holds up nobody else.
                    Replayed::Waits(_) if !self.is_overdue(&record) => {
                        return Ok(Replayed::Waits(Wait::Predecessor));
                    }
                    _ => {}
                }
            }
            self.apply(name, &record).await
        };
        settled.boxed()
    }

    /// Stores the write before, if it still waits.
    async fn settle_before(&self, name: &str, depth: usize) -> Result<Replayed, ReplayError> {
        let name = BlobName::new(name)?;
        let settled = match read(&*self.storage, &name).await {
            Ok(None) => Ok(Replayed::Gone),
            Ok(Some(_)) if depth == CHAIN => Ok(Replayed::Waits(Wait::Predecessor)),
            Ok(Some(record)) => self.settle(&name, record, depth + 1).await,
            Err(error) => Err(error),
        };
        match settled {
            Err(ReplayError::Storage(error)) => Err(error.into()),
            // A message of its own tells what is wrong with it, and in the end poisons it; this one only waits.
            Err(error) => {
                tracing::warn!(%error, blob = %name, "a spilled write holds up the next one");
                Ok(Replayed::Waits(Wait::Predecessor))
            }
            settled => settled,
        }
    }

    /// Whether the write has waited for others for as long as it may.
    fn is_overdue(&self, record: &Record) -> bool {
        let age = self.app.now().duration_since(record.arrived_at);
        self.last_chance && age >= FAITH
    }
}
