//! What becomes of an upload: the runs behind both doors.

mod doors;
mod faults;
mod runs;

use blobs::{BlobName, Container, Queue};
use domain::media::{Kind, Media, NewUpload, Status};
use pravis::delivery::container_of;
use pravis::host::arrivals::Arrivals;
use pravis::host::invoke::invoke;
use pravis::host::queue::QueueMessage;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use testkit::TestApp;
use uuid::Uuid;

/// A small photo, another one for each seed.
fn photo(seed: u32) -> Vec<u8> {
    let (width, height) = (48, 32);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|at| {
            let (x, y) = (at % width, at / width);
            [(x * 5 + seed) as u8, (y * 7 + seed / 3) as u8, (seed >> 2) as u8]
        })
        .collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Stores a declared upload.
async fn declare(app: &TestApp, kind: Kind, content_type: &str) -> Uuid {
    let id = Uuid::now_v7();
    let upload = NewUpload {
        kind: Some(kind),
        name: Some("bag.jpg".to_owned()),
        content_type: Some(content_type.to_owned()),
        ..NewUpload::default()
    };
    let media = upload.into_media(id, app.clock().now());
    app.store().create_media(media).await.unwrap();
    id
}

/// Stores a blob in `incoming`; gives its ETag.
async fn put(app: &TestApp, name: &str, bytes: Vec<u8>) -> String {
    let name = BlobName::new(name).unwrap();
    let body = Box::pin(futures::stream::iter([Ok(bytes.into())]));
    let storage = &app.storage().inner;
    let stored = storage.put(Container::Incoming, &name, body, Default::default());
    stored.await.unwrap()
}

/// The event of a blob.
fn event(name: &str) -> Vec<u8> {
    let subject = format!("/blobServices/default/containers/incoming/blobs/{name}");
    json!({"id": "e-1", "source": "test", "specversion": "1.0", "type": "Microsoft.Storage.BlobCreated",
        "subject": subject, "data": {"api": "PutBlob"}})
    .to_string()
    .into_bytes()
}

/// Calls the trigger as the host would, with a message that it took for the `count`th time; true when it succeeded.
async fn deliver(app: &TestApp, message: Uuid, body: Vec<u8>, count: u64) -> bool {
    let envelope = QueueMessage {
        id: Some(message.to_string()),
        dequeue_count: Some(count),
        ..QueueMessage::new(body)
    };
    let payload = envelope.payload("process_media", "message", app.clock().now());
    let (router, id) = (app.router(), Uuid::now_v7());
    invoke(&router, "process_media", id, payload.into_bytes())
        .await
        .is_ok()
}

/// Takes in a blob by a first message.
async fn take_in(app: &TestApp, name: &str) -> bool {
    deliver(app, Uuid::now_v7(), event(name), 1).await
}

async fn get(app: &TestApp, id: Uuid) -> Option<Media> {
    app.store().get_media(id).await.unwrap()
}

/// Names of all blobs in a container that begin so.
async fn blobs(app: &TestApp, container: Container, prefix: &str) -> Vec<String> {
    let listed = app.storage().inner.list(container, prefix, None, 100_000);
    listed
        .await
        .unwrap()
        .into_iter()
        .map(|blob| blob.name.to_string())
        .collect()
}

/// The upload is ready, its files are there, each once, and nothing else is left of it.
async fn assert_ready(app: &TestApp, id: Uuid) -> Media {
    let media = get(app, id).await.unwrap();
    assert_eq!(media.status, Status::Ready, "{media:?}");
    let mut named: Vec<_> = media
        .variants
        .iter()
        .map(|variant| variant.blob.clone())
        .collect();
    named.sort();
    named.dedup();
    assert!(!named.is_empty());
    assert_eq!(
        blobs(app, container_of(media.kind), &Media::folder(id)).await,
        named
    );
    assert_eq!(blobs(app, Container::Incoming, &media.incoming).await, [""; 0]);
    assert_eq!(blobs(app, Container::Quarantine, &id.to_string()).await, [""; 0]);
    media
}

/// The upload is refused, what came is kept, and nothing else is left of it.
async fn assert_put_aside(app: &TestApp, id: Uuid, status: Status, reason: &str) -> Media {
    let media = get(app, id).await.unwrap();
    let found = (media.status, media.reason.as_deref());
    assert_eq!(found, (status, Some(reason)), "{media:?}");
    assert_eq!(media.variants, []);
    for container in [Container::Media, Container::Private] {
        assert_eq!(blobs(app, container, &Media::folder(id)).await, [""; 0]);
    }
    assert_eq!(blobs(app, Container::Incoming, &media.incoming).await, [""; 0]);
    assert_eq!(
        blobs(app, Container::Quarantine, "")
            .await
            .iter()
            .filter(|name| **name == id.to_string())
            .count(),
        1
    );
    media
}

/// How many messages there are, also those that wait.
async fn messages(app: &TestApp) -> u64 {
    app.storage().inner.message_count(Queue::Media).await.unwrap()
}
