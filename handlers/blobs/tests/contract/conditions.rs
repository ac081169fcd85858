//! Conditions of writes: of many that are made at once, exactly one holds.

use super::backends::{locally, on_azurite};
use super::builders::{HERE, body, name, put, read};
use blobs::{BlobError, BlobName, Condition, PutOptions, Storage};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

async fn put_if(
    storage: &dyn Storage,
    name: &BlobName,
    text: String,
    condition: Condition,
) -> Result<String, BlobError> {
    let options = PutOptions {
        condition,
        ..PutOptions::default()
    };
    storage.put(HERE, name, body(text), options).await
}

fn is_late<T>(result: Result<T, BlobError>) -> bool {
    matches!(result, Err(BlobError::ConditionNotMet))
}

async fn conditions_hold(storage: Arc<dyn Storage>) {
    let storage = &*storage;
    let blob = name("blob");
    let matches = |etag: &str| Condition::Matches(etag.to_owned());
    assert!(is_late(
        put_if(storage, &blob, "x".into(), matches("\"none\"")).await
    ));

    let first = put_if(storage, &blob, "first".into(), Condition::Absent)
        .await
        .unwrap();
    assert!(is_late(
        put_if(storage, &blob, "x".into(), Condition::Absent).await
    ));
    let second = put_if(storage, &blob, "second".into(), matches(&first))
        .await
        .unwrap();
    assert_ne!(first, second);
    assert!(is_late(put_if(storage, &blob, "x".into(), matches(&first)).await));

    let notes = || BTreeMap::from([("n".to_owned(), "1".to_owned())]);
    assert!(is_late(
        storage.set_metadata(HERE, &blob, notes(), matches(&first)).await
    ));
    let third = storage
        .set_metadata(HERE, &blob, notes(), matches(&second))
        .await
        .unwrap()
        .unwrap();
    assert_ne!(second, third);
    let found = storage.head(HERE, &blob).await.unwrap().unwrap();
    assert_eq!((&found.etag, found.metadata), (&third, notes()));
    assert_eq!(read(storage, &blob, None).await, b"second");

    assert!(is_late(storage.delete(HERE, &blob, matches(&second)).await));
    assert!(storage.delete(HERE, &blob, matches(&third)).await.unwrap());
    // What is gone is gone, whatever the condition.
    assert!(!storage.delete(HERE, &blob, matches(&third)).await.unwrap());
    let set = storage.set_metadata(HERE, &blob, notes(), matches(&third)).await;
    assert!(set.unwrap().is_none());
}

#[tokio::test]
async fn conditions_hold_locally() {
    locally(conditions_hold).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn conditions_hold_on_azurite() {
    on_azurite(conditions_hold).await;
}

/// Eight make a blob, then eight count it up from what they read: one makes it, and no step is lost.
async fn one_of_many(storage: Arc<dyn Storage>) {
    let blob = name("count");
    let mut makers = JoinSet::new();
    for _ in 0..8 {
        let (storage, blob) = (storage.clone(), blob.clone());
        makers.spawn(async move { put_if(&*storage, &blob, "0".into(), Condition::Absent).await });
    }
    let (made, late): (Vec<_>, Vec<_>) = makers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    assert!(late.into_iter().all(is_late));

    let mut counters = JoinSet::new();
    for _ in 0..8 {
        let (storage, blob) = (storage.clone(), blob.clone());
        counters.spawn(async move {
            loop {
                let found = storage.get(HERE, &blob, None).await.unwrap().unwrap();
                let text = String::from_utf8(super::builders::bytes_of(found.body).await.unwrap()).unwrap();
                let next = (text.parse::<u32>().unwrap() + 1).to_string();
                let condition = Condition::Matches(found.properties.etag);
                match put_if(&*storage, &blob, next, condition).await {
                    Ok(_) => return,
                    Err(BlobError::ConditionNotMet) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
    counters.join_all().await;
    assert_eq!(read(&*storage, &blob, None).await, b"8");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_writes_wins_locally() {
    locally(one_of_many).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs azurite"]
async fn one_of_many_writes_wins_on_azurite() {
    on_azurite(one_of_many).await;
}

/// Reads that go on while the blob is replaced bring one version, whole.
async fn reads_beside_writes(storage: Arc<dyn Storage>) {
    let blob = name("blob");
    put(&*storage, &blob, vec![0; 1000]).await;
    let (writer, written) = (storage.clone(), blob.clone());
    let writes = tokio::spawn(async move {
        for version in 1..=40_u8 {
            put(&*writer, &written, vec![version; 1000 + usize::from(version)]).await;
        }
    });
    while !writes.is_finished() {
        let found = read(&*storage, &blob, None).await;
        assert!(found.iter().all(|byte| *byte == found[0]));
        assert_eq!(found.len(), 1000 + usize::from(found[0]));
    }
    writes.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_beside_writes_bring_one_version_locally() {
    locally(reads_beside_writes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs azurite"]
async fn reads_beside_writes_bring_one_version_on_azurite() {
    on_azurite(reads_beside_writes).await;
}
