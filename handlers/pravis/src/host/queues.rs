//! The local host's queues: each message is sent to its function, as the same envelope that the Functions host sends.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use blobs::{BlobError, Message, Queue, Storage};
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::app_root::AppRoot;
use super::function::{QueueTrigger, Trigger};
use super::host_json;
use super::invoke::{InvocationFailed, invoke};
use super::queue::QueueMessage;
use super::timers::Clock;

/// How long a received message is hidden from others. One that this process leaves behind comes back after it.
const HIDDEN: Duration = Duration::from_secs(5 * 60);
/// First pause after nothing was found; it doubles up to `maxPollingInterval`, or [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);
/// How long running invocations may go on after the end was asked for: what is not done comes back.
const GRACE: Duration = Duration::from_secs(2);
/// Messages that wait here for another attempt, for each one that can run.
const IN_HAND: usize = 4;

/// All queue triggers of an app.
pub struct Queues {
    pollers: Vec<Poller>,
}

/// A function that takes messages from a queue that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{function}/function.json: there is no queue `{queue}`")]
pub struct UnknownQueue {
    function: String,
    queue: String,
}

#[derive(Clone)]
struct Poller {
    function: String,
    trigger: QueueTrigger,
    queue: Queue,
    host: Arc<Host>,
}

struct Host {
    handler: Router,
    clock: Clock,
    storage: Arc<dyn Storage>,
    settings: host_json::Queues,
}

impl Queues {
    /// The queue triggers of `app`, which are called in `handler` with what comes from `storage`.
    pub fn new(
        app: &AppRoot,
        handler: Router,
        clock: Clock,
        storage: Arc<dyn Storage>,
    ) -> Result<Self, UnknownQueue> {
        let host = Arc::new(Host {
            handler,
            clock,
            storage,
            settings: app.host.extensions.queues.clone(),
        });
        let triggers = app
            .functions
            .iter()
            .filter_map(|function| match &function.trigger {
                Trigger::Queue(trigger) => Some((function.name.clone(), trigger.clone())),
                _ => None,
            });
        let pollers = triggers.map(|(function, trigger)| {
            let known = Queue::ALL
                .into_iter()
                .find(|queue| queue.as_str() == trigger.queue);
            let queue = known.ok_or_else(|| UnknownQueue {
                function: function.clone(),
                queue: trigger.queue.clone(),
            })?;
            let host = Arc::clone(&host);
            Ok(Poller {
                function,
                trigger,
                queue,
                host,
            })
        });
        Ok(Self {
            pollers: pollers.collect::<Result<_, _>>()?,
        })
    }

    /// Takes messages until `shutdown` is ready. Looks at once when `sent` changes, and ever more rarely when nothing
    /// comes.
    pub async fn run(self, sent: watch::Receiver<()>, shutdown: impl Future<Output = ()>) {
        let (stop, stopped) = watch::channel(false);
        let mut tasks: JoinSet<()> = self
            .pollers
            .into_iter()
            .map(|poller| poller.run(sent.clone(), stopped.clone()))
            .collect();
        shutdown.await;
        stop.send_replace(true);
        while tasks.join_next().await.is_some() {}
    }
}

impl Poller {
    async fn run(self, mut sent: watch::Receiver<()>, mut stopped: watch::Receiver<bool>) {
        let batch = usize::try_from(self.host.settings.batch_size)
            .unwrap_or(1)
            .clamp(1, 32);
        let threshold = self
            .host
            .settings
            .new_batch_threshold
            .map_or(batch / 2, |threshold| threshold as usize);
        let slots = Arc::new(Semaphore::new(batch + threshold));
        let longest = self
            .host
            .settings
            .max_polling_interval
            .map_or(LONGEST, |interval| interval.0)
            .min(LONGEST);
        let mut tasks = JoinSet::new();
        let mut pause = SHORTEST;
        while !*stopped.borrow() {
            while tasks.try_join_next().is_some() {}
            let room = slots.available_permits() >= batch && tasks.len() < (batch + threshold) * IN_HAND;
            sent.mark_unchanged();
            let received = if room {
                self.receive(batch).await
            } else {
                Vec::new()
            };
            if received.is_empty() {
                tokio::select! {
                    () = tokio::time::sleep(if room { pause } else { SHORTEST }) => {}
                    _ = sent.changed(), if room => pause = SHORTEST,
                    _ = tasks.join_next(), if !tasks.is_empty() => {}
                    _ = stopped.wait_for(|stopped| *stopped) => break,
                }
                pause = (pause * 2).min(longest);
                continue;
            }
            pause = SHORTEST;
            for message in received {
                tasks.spawn(self.clone().deliver(message, Arc::clone(&slots)));
            }
        }
        let running = async { while tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, running).await;
    }

    async fn receive(&self, batch: usize) -> Vec<Message> {
        let received = self.host.storage.receive(self.queue, batch, HIDDEN).await;
        received.unwrap_or_else(|error| {
            tracing::warn!(function = self.function, %error, "the queue cannot be read");
            Vec::new()
        })
    }

    /// Calls the function until it succeeds, or has failed too often.
    async fn deliver(self, mut message: Message, slots: Arc<Semaphore>) {
        let pause = self
            .host
            .settings
            .visibility_timeout
            .map_or(Duration::ZERO, |timeout| timeout.0);
        let most = i64::from(self.host.settings.max_dequeue_count);
        loop {
            let Ok(slot) = slots.acquire().await else { return };
            let failure = match self.call(&message).await {
                Ok(()) => {
                    return self.settle(
                        self.host
                            .storage
                            .delete_message(self.queue, &message)
                            .await
                            .map(drop),
                    );
                }
                Err(failure) => failure,
            };
            drop(slot);
            let attempt = message.dequeue_count;
            tracing::warn!(function = self.function, error = %failure, attempt, message = message.id, "message failed");
            if attempt >= most {
                return self.settle(self.host.storage.poison(self.queue, &message).await);
            }
            tokio::time::sleep(pause).await;
            // By the storage's clock: once it is seen again, another one may have it.
            if Timestamp::now() >= message.next_visible_at {
                return;
            }
            message.dequeue_count += 1;
        }
    }

    async fn call(&self, message: &Message) -> Result<(), InvocationFailed> {
        let received = QueueMessage {
            id: Some(message.id.clone()),
            dequeue_count: message.dequeue_count.try_into().ok(),
            insertion_time: Some(message.inserted_at),
            expiration_time: Some(message.expires_at),
            next_visible_time: Some(message.next_visible_at),
            pop_receipt: Some(message.pop_receipt.clone()),
            ..QueueMessage::new(message.body.clone())
        };
        let now = (self.host.clock)();
        let (function, binding) = (&self.function, &self.trigger.binding);
        let payload = if self.trigger.binary {
            received.payload(function, binding, now)
        } else {
            let text = received
                .try_map(|body| Ok::<_, InvocationFailed>(String::from_utf8_lossy(&body).into_owned()))?;
            text.payload(function, binding, now)
        };
        let answer = invoke(&self.host.handler, function, Uuid::now_v7(), payload.into_bytes()).await?;
        for line in answer.logs.unwrap_or_default() {
            tracing::debug!(function, "{line}");
        }
        Ok(())
    }

    /// A message that stays although it is done with comes once more, which every function bears.
    fn settle(&self, done: Result<(), BlobError>) {
        if let Err(error) = done {
            tracing::warn!(function = self.function, %error, "a message cannot be taken from its queue");
        }
    }
}
