//! Uploads, the whole way: from a blob in `incoming` to what the API shows, on a folder and on Azurite.

use crate::support::{PATIENCE, Serve, app_root, within};
use blobs::azure::{AzureOptions, AzureStorage};
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{BlobName, Container, Queue, Storage};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use testkit::azurite::Azurite;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// A copy of the app in which a message that fails is tried again at once.
fn hasty_root() -> tempfile::TempDir {
    let root = app_root("api");
    let file = root.path().join("host.json");
    let mut host: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    host["extensions"]["queues"]["visibilityTimeout"] = json!("00:00:00.0500000");
    std::fs::write(file, host.to_string()).unwrap();
    root
}

fn photo() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 40, 30);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..40 * 30).map(|at: u32| (at % 251) as u8).collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Kind and status of an upload, as the database has them.
fn record(data: &Path, id: &Uuid) -> Option<(String, String)> {
    let database = rusqlite::Connection::open(data.join("pravis.db")).unwrap();
    let read = database.query_row(
        "SELECT kind, status FROM media WHERE id = ?1",
        [id.as_bytes()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    );
    read.ok()
}

async fn put(storage: &dyn Storage, name: &str, bytes: Vec<u8>) -> Uuid {
    let name = BlobName::new(name).unwrap();
    let body = Box::pin(futures::stream::iter([Ok(bytes.into())]));
    let stored = storage.put(Container::Incoming, &name, body, Default::default());
    let etag = stored.await.unwrap();
    domain::media::undeclared_id(name.as_str(), &etag)
}

/// As Event Grid sends it in its own schema.
fn event(name: &str) -> String {
    json!([{"id": "e-1", "topic": "t", "eventType": "Microsoft.Storage.BlobCreated", "dataVersion": "",
        "subject": format!("/blobServices/default/containers/incoming/blobs/{name}"),
        "eventTime": "2026-08-21T09:14:58.1234567Z", "metadataVersion": "1", "data": {"api": "PutBlob"}}])
    .to_string()
}

/// What was there before the start, what comes after it, what is bad, and messages that are none.
fn whole_way(runtime: &Runtime, storage: &Arc<dyn Storage>, data: &Path, command: &mut Command) {
    let root = hasty_root();
    let early = runtime.block_on(put(&**storage, "early.png", photo()));
    let serve = Serve::start(command.arg("--root").arg(root.path()));
    let speech = include_bytes!("../../../media/tests/voice/files/speech.opus").to_vec();
    let (late, bad) = runtime.block_on(async {
        let bad = put(
            &**storage,
            "bad/page.jpg",
            b"<!DOCTYPE html><script>alert(1)</script>".to_vec(),
        )
        .await;
        let late = put(&**storage, "2026/speech.opus", speech).await;
        for message in [event("2026/speech.opus").as_str(), "{}", "no event"] {
            let sent = storage.send(Queue::Media, message.as_bytes(), Duration::ZERO);
            sent.await.unwrap();
        }
        (late, bad)
    });
    for (id, kind, status) in [
        (&early, "product_photo", "ready"),
        (&late, "voice_recording", "ready"),
        (&bad, "attachment", "quarantined"),
    ] {
        within(3 * PATIENCE, "the end of an upload", || {
            assert!(serve.process.stderr().is_empty(), "{}", serve.process.stderr());
            (record(data, id) == Some((kind.to_owned(), status.to_owned()))).then_some(())
        });
    }
    let database = rusqlite::Connection::open(data.join("pravis.db")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM media"), 3, "none twice");
    within(3 * PATIENCE, "poison, and nothing left", || {
        runtime.block_on(async {
            let poison = storage.poison_count(Queue::Media).await.unwrap();
            let left = storage.list(Container::Incoming, "", None, 10).await.unwrap();
            let kept = storage.list(Container::Quarantine, "", None, 10).await.unwrap();
            let kept: Vec<_> = kept.iter().map(|blob| blob.name.as_str()).collect();
            (poison == 2 && left.is_empty() && kept == [bad.to_string()]).then_some(())
        })
    });
}

#[test]
fn what_comes_to_a_folder_is_taken_in() {
    let data = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let storage = LocalStorage::open(&data.path().join("storage"), LocalOptions::default()).unwrap();
    let storage: Arc<dyn Storage> = Arc::new(storage);
    whole_way(&runtime, &storage, data.path(), &mut Serve::command(data.path()));
}

#[test]
#[ignore = "needs azurite"]
fn what_comes_to_azurite_is_taken_in() {
    let data = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let azurite = Azurite::start();
    let account = azurite.account();
    let storage = AzureStorage::development(&account.connection, AzureOptions::default()).unwrap();
    runtime.block_on(storage.ensure()).unwrap();
    let storage: Arc<dyn Storage> = Arc::new(storage);
    let mut command = Serve::command(data.path());
    command.env("PRAVIS_STORAGE", &account.connection);
    whole_way(&runtime, &storage, data.path(), &mut command);
}
