//! The local host's events of blobs that came.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use blobs::local::{LocalOptions, LocalStorage};
use blobs::{BlobName, Blobs as _, Container, PutOptions, Queue, Queues as _, Storage};
use futures::StreamExt as _;
use futures::stream;
use pravis::host::arrivals::Arrivals;
use pravis::media::message::{Notice, read};
use tempfile::TempDir;
use testkit::faulty::{Fault, FaultyStorage};
use testkit::until;
use tokio::sync::oneshot;

/// In memory where the system has it: a thousand durable blobs would wait for the disk.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

fn storage(folder: &TempDir) -> Arc<LocalStorage> {
    Arc::new(LocalStorage::open(folder.path(), LocalOptions::default()).unwrap())
}

async fn put(storage: &LocalStorage, container: Container, name: &str) -> String {
    let name = BlobName::new(name).unwrap();
    let body = stream::iter([Ok(name.to_string().into_bytes().into())]).boxed();
    let stored = storage.put(container, &name, body, PutOptions::default());
    stored.await.unwrap()
}

/// Takes all messages that are there; gives names and ETags.
async fn told(storage: &LocalStorage) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    loop {
        let hidden = Duration::from_secs(600);
        let received = storage.receive(Queue::Media, 32, hidden).await.unwrap();
        if received.is_empty() {
            return told;
        }
        for message in received {
            let Notice::Arrived(arrival) = read(&message.body).unwrap().remove(0) else {
                panic!("it is an arrival")
            };
            let event: serde_json::Value = serde_json::from_slice(&message.body).unwrap();
            let etag = event["data"]["eTag"].as_str().unwrap();
            told.entry(arrival.name).or_default().push(format!("\"{etag}\""));
        }
    }
}

#[tokio::test]
async fn each_blob_is_told_once_a_version() {
    let folder = folder();
    let storage = storage(&folder);
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let mut arrivals = Arrivals::new(storage.clone(), move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!(arrivals.look().await.unwrap(), 0);

    let first = put(&storage, Container::Incoming, "a").await;
    let other = put(&storage, Container::Incoming, "2026/B.jpg").await;
    put(&storage, Container::Media, "c").await;
    assert_eq!(arrivals.look().await.unwrap(), 2);
    assert_eq!(arrivals.look().await.unwrap(), 0);
    let second = put(&storage, Container::Incoming, "a").await;
    assert_eq!(arrivals.look().await.unwrap(), 1);

    // One that is gone and comes again is a new one.
    let name = BlobName::new("a").unwrap();
    storage
        .delete(Container::Incoming, &name, Default::default())
        .await
        .unwrap();
    assert_eq!(arrivals.look().await.unwrap(), 0);
    let third = put(&storage, Container::Incoming, "a").await;
    assert_eq!(arrivals.look().await.unwrap(), 1);
    let expected = [
        ("2026/B.jpg", vec![other.clone()]),
        ("a", vec![first, second, third.clone()]),
    ];
    let expected = expected.map(|(name, mut etags)| {
        etags.sort();
        (name.to_owned(), etags)
    });
    let mut found = told(&storage).await;
    found.values_mut().for_each(|etags| etags.sort());
    assert_eq!(found, expected.into());
    assert_eq!(sent.load(Ordering::SeqCst), 4);

    // Whoever begins anew tells what was left.
    let mut anew = Arrivals::new(storage.clone(), || {});
    assert_eq!(anew.look().await.unwrap(), 2);
    let left = told(&storage).await;
    assert_eq!(
        left,
        [
            ("2026/B.jpg".to_owned(), vec![other]),
            ("a".to_owned(), vec![third])
        ]
        .into()
    );
}

#[tokio::test]
async fn more_than_a_page_is_told() {
    let folder = folder();
    let storage = storage(&folder);
    let names: Vec<_> = (0..1005).map(|number| format!("{number:04}")).collect();
    let puts = names.iter().map(|name| put(&storage, Container::Incoming, name));
    stream::iter(puts).buffer_unordered(16).collect::<Vec<_>>().await;
    let mut arrivals = Arrivals::new(storage.clone(), || {});
    assert_eq!(arrivals.look().await.unwrap(), 1005);
    assert_eq!(arrivals.look().await.unwrap(), 0);
    let found = told(&storage).await;
    assert!(found.values().all(|etags| etags.len() == 1));
    assert_eq!(found.into_keys().collect::<Vec<_>>(), names);
}

#[tokio::test]
async fn what_could_not_be_sent_is_sent_later() {
    let folder = folder();
    let storage = storage(&folder);
    for name in ["a", "b", "c"] {
        put(&storage, Container::Incoming, name).await;
    }
    let faulty = Arc::new(FaultyStorage::new(storage.clone()));
    let mut calls = 0;
    faulty.queues.script(move || {
        calls += 1;
        if calls == 2 { Fault::Away } else { Fault::None }
    });
    let mut arrivals = Arrivals::new(faulty as Arc<dyn Storage>, || {});
    assert!(arrivals.look().await.is_err());
    assert_eq!(arrivals.look().await.unwrap(), 2);
    let found = told(&storage).await;
    assert_eq!(found.into_keys().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[tokio::test]
async fn it_looks_until_it_is_told_to_end() {
    let folder = folder();
    let storage = storage(&folder);
    let (stop, stopped) = oneshot::channel::<()>();
    let arrivals = Arrivals::new(storage.clone(), || {});
    let running = tokio::spawn(arrivals.run(async { drop(stopped.await) }));
    put(&storage, Container::Incoming, "a").await;
    until("a message", async || {
        storage.message_count(Queue::Media).await.unwrap() == 1
    })
    .await;
    drop(stop);
    running.await.unwrap();
}
