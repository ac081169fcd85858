//! Writes while the database is away, and what becomes of them.

mod away;
mod events;
mod keys;
mod messages;
mod random;
mod replays;
mod sweeps;

use blobs::{BlobName, Container, Message, Queue};
use flate2::read::GzDecoder;
use futures::TryStreamExt as _;
use pravis::host::invoke::invoke;
use pravis::host::queue::QueueMessage;
use serde_json::Value;
use std::io::Read as _;
use std::time::Duration;
use testkit::faulty::Fault;
use testkit::{TestApp, until};
use uuid::Uuid;

const TURNS: &str = "/api/v1/interactions";
const BATCH: &str = "/api/v1/interactions/batch";
const FEEDBACK: &str = "/api/v1/feedback";

/// Writes that wait, oldest first.
async fn waiting(app: &TestApp) -> Vec<BlobName> {
    app.spilled("2").await
}

/// Writes that were given up.
async fn dead(app: &TestApp) -> Vec<BlobName> {
    app.spilled("dead/").await
}

/// The JSON of a blob.
async fn read(app: &TestApp, name: &BlobName) -> Value {
    let storage = &app.storage().inner;
    let blob = storage.get(Container::Spill, name, None).await.unwrap().unwrap();
    let pieces: Vec<_> = blob.body.try_collect().await.unwrap();
    let mut text = String::new();
    GzDecoder::new(&*pieces.concat())
        .read_to_string(&mut text)
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The store is away from now on.
fn away(app: &TestApp) {
    app.store_faults().set(Fault::Away);
}

/// The store is back, and everybody knows.
fn back(app: &TestApp) {
    app.store_faults().set(Fault::None);
    app.app().breaker().close();
}

/// How many messages there are, also those that wait.
async fn messages(app: &TestApp) -> u64 {
    app.storage().inner.message_count(Queue::Spill).await.unwrap()
}

/// Receives what is there now.
async fn receive(app: &TestApp) -> Vec<Message> {
    let hidden = Duration::from_secs(600);
    app.storage()
        .inner
        .receive(Queue::Spill, 32, hidden)
        .await
        .unwrap()
}

/// Calls the trigger as the host would; true when it succeeded.
async fn deliver(app: &TestApp, message: &Message) -> bool {
    let envelope = QueueMessage {
        dequeue_count: message.dequeue_count.try_into().ok(),
        ..QueueMessage::new(message.body.clone())
    };
    let payload = envelope.payload("replay_ingest", "message", app.clock().now());
    let (router, id) = (app.router(), Uuid::now_v7());
    let called = invoke(&router, "replay_ingest", id, payload.into_bytes());
    called.await.is_ok()
}

/// Plays the host for what is there now: delivers, deletes what succeeded. Gives how many failed.
async fn drain(app: &TestApp) -> usize {
    let mut failed = 0;
    loop {
        let received = receive(app).await;
        if received.is_empty() {
            return failed;
        }
        for message in received {
            if deliver(app, &message).await {
                app.storage()
                    .inner
                    .delete_message(Queue::Spill, &message)
                    .await
                    .unwrap();
            } else {
                failed += 1;
            }
        }
    }
}

/// Waits until the use of the keys is noted, which happens beside the requests and would be one call too many.
async fn noted(app: &TestApp) {
    let store = app.store();
    until("the note of a key's use", async || {
        let keys = store.list_api_keys().await.unwrap();
        keys.iter().all(|key| key.last_used_at.is_some())
    })
    .await;
}

/// Puts a blob in place of a spilled write.
async fn put(app: &TestApp, name: &BlobName, text: &str) {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let bytes = gzip.finish().unwrap().into();
    let body = Box::pin(futures::stream::iter([Ok(bytes)]));
    let storage = &app.storage().inner;
    storage
        .put(Container::Spill, name, body, Default::default())
        .await
        .unwrap();
}
