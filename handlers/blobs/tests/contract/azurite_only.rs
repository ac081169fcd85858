//! What only an account has: a wire, certificates, containers that are missing.

use super::backends::{client, options, plain, secure};
use super::builders::{HERE, body, bytes_of, name, noise, pieces, put, read};
use super::token::FakeIdentity;
use super::wire::{Fate, Wire};
use blobs::azure::{AzureOptions, AzureStorage};
use blobs::{BlobError, Blobs, Condition, PutOptions, Queue, Queues};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An account over http whose requests meet fates.
async fn faulty() -> (AzureStorage, Arc<Wire>) {
    let wire = Wire::new(client(), [], None);
    let connection = plain().account().connection;
    let storage = AzureStorage::development(&connection, options(Some(wire.transport()))).unwrap();
    storage.ensure().await.unwrap();
    (storage, wire)
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_download_is_taken_up_where_it_broke_off() {
    let (storage, wire) = faulty().await;
    let whole = noise(3_000_000);
    put(&storage, &name("blob"), whole.clone()).await;
    wire.meet([
        Fate::BreaksOff(1_000_000),
        Fate::Unreachable,
        Fate::BreaksOff(0),
        Fate::BreaksOff(0),
        Fate::BreaksOff(700_000),
        Fate::AnswerLost,
    ]);
    assert!(read(&storage, &name("blob"), None).await == whole);
    wire.meet([Fate::BreaksOff(10)]);
    assert!(read(&storage, &name("blob"), Some(100..2000)).await == whole[100..2000]);

    wire.meet([
        Fate::BreaksOff(10),
        Fate::BreaksOff(0),
        Fate::BreaksOff(0),
        Fate::BreaksOff(0),
        Fate::BreaksOff(0),
    ]);
    let blob = storage.get(HERE, &name("blob"), None).await.unwrap().unwrap();
    let error = bytes_of(blob.body).await.unwrap_err();
    assert!(matches!(error, BlobError::Unavailable(_)), "{error}");
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_blob_that_is_replaced_is_not_mixed_with_the_new_one() {
    let (storage, wire) = faulty().await;
    put(&storage, &name("blob"), vec![1; 100_000]).await;
    wire.meet([Fate::BreaksOff(50_000)]);
    let blob = storage.get(HERE, &name("blob"), None).await.unwrap().unwrap();
    put(&storage, &name("blob"), vec![2; 100_000]).await;
    let error = bytes_of(blob.body).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "storage is not available: the blob was replaced while it was read"
    );
}

/// Blocks, and the list of them, whose answers are lost.
#[tokio::test]
#[ignore = "needs azurite"]
async fn an_upload_outlives_lost_answers() {
    let (storage, wire) = faulty().await;
    let whole = noise(9_000_000);
    wire.meet([Fate::AnswerLost, Fate::Unreachable, Fate::AnswerLost]);
    let body = pieces(whole.chunks(250_000).map(|piece| piece.to_vec().into()).collect());
    storage
        .put(HERE, &name("blob"), body, PutOptions::default())
        .await
        .unwrap();
    assert!(read(&storage, &name("blob"), None).await == whole);
    let commits = |wire: &Wire| {
        wire.sent()
            .iter()
            .filter(|sent| sent.contains("comp=blocklist"))
            .count()
    };
    assert_eq!(commits(&wire), 1);

    // Three blocks, then the list twice: the second time its blocks are committed already.
    wire.meet([Fate::Sent, Fate::Sent, Fate::Sent, Fate::AnswerLost]);
    let other = name("other");
    storage
        .put(HERE, &other, pieces(vec![whole.clone()]), PutOptions::default())
        .await
        .unwrap();
    assert!(read(&storage, &other, None).await == whole);
    assert_eq!(commits(&wire), 3);
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn what_was_done_twice_is_done() {
    let (storage, wire) = faulty().await;
    let blob = name("blob");
    wire.meet([Fate::AnswerLost]);
    put(&storage, &blob, "x").await;
    wire.meet([Fate::AnswerLost]);
    let lease = storage
        .acquire_lease(HERE, &blob, Duration::from_secs(60))
        .await
        .unwrap();
    let lease = lease.expect("the second attempt finds its own lease");
    wire.meet([Fate::AnswerLost]);
    storage.release_lease(HERE, &blob, &lease).await.unwrap();
    wire.meet([Fate::AnswerLost]);
    storage.delete(HERE, &blob, Condition::None).await.unwrap();
    assert!(storage.head(HERE, &blob).await.unwrap().is_none());
}

/// As the Functions host sends and expects it.
#[tokio::test]
#[ignore = "needs azurite"]
async fn messages_are_base64_on_the_wire_and_never_end() {
    let (storage, wire) = faulty().await;
    storage
        .send(Queue::Spill, b"{\"blob\":1}", Duration::ZERO)
        .await
        .unwrap();
    let sent = wire.sent().pop().unwrap();
    assert!(sent.contains("messagettl=-1"), "{sent}");
    assert!(
        sent.contains("<MessageText>eyJibG9iIjoxfQ==</MessageText>"),
        "{sent}"
    );
}

/// Another program may send plain text: it must not stand in the way of what comes after it.
#[tokio::test]
#[ignore = "needs azurite"]
async fn a_message_of_plain_text_is_received() {
    let (storage, wire) = faulty().await;
    storage.send(Queue::Spill, b"x", Duration::ZERO).await.unwrap();
    let text = "<QueueMessagesList><QueueMessage><MessageId>1</MessageId><PopReceipt>2</PopReceipt>\
        <DequeueCount>1</DequeueCount><MessageText>{not base64}</MessageText></QueueMessage></QueueMessagesList>";
    wire.meet([Fate::Answer(200, "", text)]);
    let received = storage
        .receive(Queue::Spill, 1, Duration::from_secs(1))
        .await
        .unwrap();
    assert_eq!(received[0].body, b"{not base64}");
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_missing_container_or_queue_is_named() {
    let connection = plain().account().connection;
    let storage = AzureStorage::development(&connection, options(None)).unwrap();
    let missing = "the container private does not exist";
    let errors = [
        storage
            .put(HERE, &name("blob"), body("x"), PutOptions::default())
            .await
            .unwrap_err(),
        storage.get(HERE, &name("blob"), None).await.err().unwrap(),
        storage.list(HERE, "", None, 9).await.unwrap_err(),
    ];
    for error in errors {
        assert!(
            matches!(&error, BlobError::Broken(why) if why == missing),
            "{error}"
        );
    }
    let error = storage.send(Queue::Media, b"", Duration::ZERO).await.unwrap_err();
    assert_eq!(error.to_string(), "the queue pravis-media does not exist");
    // Twice, for every start does it.
    storage.ensure().await.unwrap();
    storage.ensure().await.unwrap();
    storage.send(Queue::Media, b"", Duration::ZERO).await.unwrap();
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn an_unknown_authority_is_an_error_soon() {
    let account = secure().account();
    let identity = Arc::new(FakeIdentity);
    let options = AzureOptions::default();
    let storage = AzureStorage::new(&account.blob_url, Some(&account.queue_url), identity, options).unwrap();
    let began = Instant::now();
    let error = storage.head(HERE, &name("blob")).await.unwrap_err();
    assert!(
        matches!(&error, BlobError::Unavailable(why) if why.contains("certificate")),
        "{error}"
    );
    assert!(
        began.elapsed() < Duration::from_millis(3500),
        "{:?}",
        began.elapsed()
    );
}
