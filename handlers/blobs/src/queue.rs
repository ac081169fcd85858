//! The contract for queues.

use crate::BlobError;
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// A queue of the account. Each has a second one for what the host gave up, `<name>-poison`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Queue {
    /// Blobs that wait to be processed.
    Media,
    /// Spilled writes that wait to be stored.
    Spill,
    /// Reports that wait to be sent.
    Deliver,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Media, Self::Spill, Self::Deliver];

    /// Its name in the account.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Media => "pravis-media",
            Self::Spill => "pravis-spill",
            Self::Deliver => "pravis-deliver",
        }
    }
}

/// A message that was received and is hidden from others for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// What is needed to delete it: that of the last time it was received.
    pub pop_receipt: String,
    /// How often it was received, this time included.
    pub dequeue_count: i64,
    /// When it was sent.
    pub inserted_at: Timestamp,
    /// When it is lost.
    pub expires_at: Timestamp,
    /// When it is seen again unless it is deleted.
    pub next_visible_at: Timestamp,
    /// What was sent, without the base64 of the wire.
    pub body: Vec<u8>,
}

/// Reads and writes of queues. A message that was sent is durable, comes at least once, and never ends by itself.
#[async_trait]
pub trait Queues {
    /// Sends a message (at most 48 KiB), to be seen after `delay` (at most 7 days).
    async fn send(&self, queue: Queue, body: &[u8], delay: Duration) -> Result<(), BlobError>;

    /// Receives at most `count` (1 to 32) messages and hides them for `hidden` (at most 7 days; Azure rounds up to
    /// whole seconds).
    async fn receive(&self, queue: Queue, count: usize, hidden: Duration) -> Result<Vec<Message>, BlobError>;

    /// Deletes a message; false when it was received again since, or is gone.
    async fn delete_message(&self, queue: Queue, message: &Message) -> Result<bool, BlobError>;

    /// Moves a message to the queue's poison queue. One that was received again since may stay, too.
    async fn poison(&self, queue: Queue, message: &Message) -> Result<(), BlobError>;

    /// About how many messages there are, hidden ones included.
    async fn message_count(&self, queue: Queue) -> Result<u64, BlobError>;

    /// About how many messages its poison queue holds.
    async fn poison_count(&self, queue: Queue) -> Result<u64, BlobError>;
}
