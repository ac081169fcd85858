//! Sends messages, and goes on trying beside the request when the queue is away.

use super::{Budget, Message};
use crate::slot::Slot;
use blobs::{BlobError, Queue, Storage};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a request waits for the queue: its write is durable already.
const WAIT: Duration = Duration::from_millis(800);
/// How long one attempt beside a request may take.
const ATTEMPT: Duration = Duration::from_secs(30);
/// First pause between two attempts; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// Messages that wait here; what is more than that is left to the sweep.
const MOST: usize = 10_000;

/// Messages on their way.
pub(super) struct Outbox(Arc<Shared>);

struct Shared {
    storage: Slot<dyn Storage>,
    sent: Arc<watch::Sender<()>>,
    aside: Mutex<Aside>,
}

/// Messages that could not be sent, and whether somebody is at it.
#[derive(Default)]
struct Aside {
    messages: VecDeque<Message>,
    draining: bool,
}

impl Outbox {
    pub(super) fn new(storage: Slot<dyn Storage>, sent: Arc<watch::Sender<()>>) -> Self {
        Self(Arc::new(Shared {
            storage,
            sent,
            aside: Mutex::default(),
        }))
    }

    /// Sends a message now, or else beside the request. Without one the sweep finds the blob.
    pub(super) async fn send(&self, message: Message, budget: Budget) {
        let until = budget.whole().min(Instant::now() + WAIT);
        let sent = tokio::time::timeout_at(until, self.deliver(&message, Duration::ZERO)).await;
        let error = match sent {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(error, blob = message.blob, "the message of a spilled write waits");
        if self.0.put_aside(message) {
            tokio::spawn(Arc::clone(&self.0).drain());
        }
    }

    /// Sends a message that is to be seen after `delay`.
    pub(super) async fn deliver(&self, message: &Message, delay: Duration) -> Result<(), BlobError> {
        self.0.deliver(message, delay).await
    }
}

impl Shared {
    async fn deliver(&self, message: &Message, delay: Duration) -> Result<(), BlobError> {
        let storage = self.storage.soon().await.map_err(BlobError::Unavailable)?;
        storage.send(Queue::Spill, &message.to_bytes(), delay).await?;
        if delay.is_zero() {
            self.sent.send_replace(());
        }
        Ok(())
    }

    /// True when somebody has to begin to drain.
    fn put_aside(&self, message: Message) -> bool {
        let Ok(mut aside) = self.aside.lock() else {
            return false;
        };
        if aside.messages.len() < MOST {
            aside.messages.push_back(message);
        }
        !std::mem::replace(&mut aside.draining, true)
    }

    /// Sends what was put aside, until nothing is left.
    async fn drain(self: Arc<Self>) {
        let mut pause = FIRST;
        while let Some(message) = self.take() {
            tokio::time::sleep(pause).await;
            let sent = tokio::time::timeout(ATTEMPT, self.deliver(&message, Duration::ZERO)).await;
            if let Ok(Ok(())) = sent {
                pause = Duration::ZERO;
            } else {
                pause = (pause * 2).clamp(FIRST, LONGEST);
                self.put_aside(message);
            }
        }
    }

    fn take(&self) -> Option<Message> {
        let mut aside = self.aside.lock().ok()?;
        let message = aside.messages.pop_front();
        aside.draining = message.is_some();
        message
    }
}
