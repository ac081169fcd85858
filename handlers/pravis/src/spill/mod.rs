//! Writes that wait for the store.
//!
//! While the database is away, what the assistant and the browser write is kept as blobs, and a queue message names each.
//! Whoever wrote gets 202; [`replay`] stores it later, once, and in order per interaction.

mod attempt;
mod breaker;
mod budget;
pub(crate) mod container;
mod dead;
mod message;
mod outbox;
mod pending;
mod record;
pub mod replay;
pub mod sweep;

pub(crate) use attempt::{Failure, attempt};
pub use breaker::{Breaker, is_away};
pub use budget::Budget;
pub use message::Message;
pub use record::{BadRecord, Opinion, Record, Turn, Update, Write};

use crate::error::ApiError;
use crate::slot::Slot;
use blobs::{BlobError, BlobName, Storage};
use jiff::{SignedDuration, Timestamp};
use outbox::Outbox;
use pending::Pending;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use uuid::{ContextV7, Uuid};

/// How long a replay tells how old the spilled writes are.
const RECENT: SignedDuration = SignedDuration::from_mins(5);

/// Where writes go while the store is away, and what this process knows of those that wait there.
pub struct Spill {
    storage: Slot<dyn Storage>,
    outbox: Outbox,
    pending: Pending,
    written: AtomicU64,
    /// When the write that was replayed last had arrived, and when that was.
    replayed: Mutex<Option<(Timestamp, Timestamp)>>,
    /// Sees that names made in one millisecond follow each other.
    order: Mutex<ContextV7>,
}

impl Spill {
    /// A spill in this storage; `sent` changes with each message.
    pub(crate) fn new(storage: Slot<dyn Storage>, sent: Arc<watch::Sender<()>>) -> Self {
        Self {
            outbox: Outbox::new(storage.clone(), sent),
            pending: Pending::default(),
            written: AtomicU64::new(0),
            replayed: Mutex::default(),
            order: Mutex::default(),
            storage,
        }
    }

    /// Writes that this process has spilled since its start.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// How old a write was that was replayed in the last minutes: about how long the oldest one waits. Zero when none was.
    pub fn age(&self, now: Timestamp) -> Duration {
        let replayed = self.replayed.lock().ok().and_then(|replayed| *replayed);
        let recent = replayed.filter(|(_, at)| now.duration_since(*at) < RECENT);
        recent.map_or(Duration::ZERO, |(arrived_at, at)| {
            Duration::try_from(at.duration_since(arrived_at)).unwrap_or_default()
        })
    }

    /// Notes that a write that arrived at `arrived_at` is being replayed.
    fn note_replay(&self, arrived_at: Timestamp, now: Timestamp) {
        if let Ok(mut replayed) = self.replayed.lock() {
            *replayed = Some((arrived_at, now));
        }
    }

    /// Keeps a write that arrived at `now`, to be stored after the one that `after` names. Durable when this returns.
    pub(crate) async fn keep(
        &self,
        write: Write,
        after: Option<BlobName>,
        now: Timestamp,
        budget: Budget,
    ) -> Result<(), ApiError> {
        let record = Record::new(write, after, now);
        let (name, interactions) = (record.new_name(&self.order)?, record.write.interactions());
        let begins = matches!(record.write, Write::Turns(_));
        let kept = async {
            let bytes = record.encode().await?;
            container::put(&*self.storage().await?, &name, bytes, BTreeMap::new()).await
        };
        within(budget, kept).await?;
        self.written.fetch_add(1, Ordering::Relaxed);
        self.pending.note(&interactions, begins, &name);
        tracing::debug!(blob = %name, items = record.write.ids().len(), "spilled");
        self.outbox.send(Message::new(&name), budget).await;
        Ok(())
    }

    /// The write of this interaction that this process spilled last and that is not stored yet.
    pub(crate) async fn last_of(
        &self,
        interaction: Uuid,
        budget: Budget,
    ) -> Result<Option<BlobName>, ApiError> {
        let Some(last) = self.last_known(interaction) else {
            return Ok(None);
        };
        let waits = async { container::exists(&*self.storage().await?, &last).await };
        if within(budget, waits).await? {
            return Ok(Some(last));
        }
        self.pending.forget(interaction, &last);
        Ok(None)
    }

    /// As [`Self::last_of`], without a look at whether it still waits.
    pub(crate) fn last_known(&self, interaction: Uuid) -> Option<BlobName> {
        self.pending.last_of(interaction)
    }

    /// Whether any write, of whatever process, waits to be stored; as of at most a second ago.
    pub(crate) async fn is_anything_pending(&self, budget: Budget) -> Result<bool, ApiError> {
        let look = || async { container::anything(&*self.storage().await?).await };
        within(budget, self.pending.anything(look)).await
    }

    async fn storage(&self) -> Result<Arc<dyn Storage>, BlobError> {
        self.storage.soon().await.map_err(BlobError::Unavailable)
    }
}

/// What storage answers in time. When it does not, neither it nor the store can keep the write: nothing is acknowledged.
async fn within<T>(budget: Budget, work: impl Future<Output = Result<T, BlobError>>) -> Result<T, ApiError> {
    let answer = tokio::time::timeout_at(budget.whole(), work).await;
    let error = match answer {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(error)) => error,
        Err(_) => BlobError::Unavailable("no answer in time".to_owned()),
    };
    tracing::error!(%error, "a write can neither be stored nor spilled");
    Err(ApiError::StoreUnavailable("try again later".to_owned()))
}
