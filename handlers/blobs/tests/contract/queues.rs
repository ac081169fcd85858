//! Queues: nothing is lost, and what is received is hidden.

use super::backends::{locally, on_azurite};
use super::builders::{noise, until};
use blobs::{BlobError, Message, Queue, Storage};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const NOW: Duration = Duration::ZERO;
const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

async fn receive_one(storage: &dyn Storage, queue: Queue, hidden: Duration) -> Message {
    until("a message is seen", async || {
        storage.receive(queue, 1, hidden).await.unwrap().pop()
    })
    .await
}

async fn a_message_and_its_life(storage: Arc<dyn Storage>) {
    let sent_at = Timestamp::now();
    // No text: zeros and all.
    let body = noise(2000);
    storage.send(Queue::Spill, &body, NOW).await.unwrap();
    for other in [Queue::Media, Queue::Deliver] {
        assert_eq!(storage.receive(other, 32, MINUTE).await.unwrap(), []);
    }

    let first = receive_one(&*storage, Queue::Spill, SECOND).await;
    assert_eq!((first.body.as_slice(), first.dequeue_count), (&*body, 1));
    assert!(first.inserted_at.duration_since(sent_at).abs() < jiff::SignedDuration::from_secs(60));
    assert!(first.next_visible_at > first.inserted_at);
    assert_eq!(first.expires_at, Timestamp::MAX, "it never ends");
    assert_eq!(
        storage.receive(Queue::Spill, 32, MINUTE).await.unwrap(),
        [],
        "it is hidden"
    );
    assert_eq!(
        storage.message_count(Queue::Spill).await.unwrap(),
        1,
        "it still counts"
    );

    let second = receive_one(&*storage, Queue::Spill, MINUTE).await;
    assert_eq!(
        (&second.id, &second.body, second.dequeue_count),
        (&first.id, &first.body, 2)
    );
    assert_ne!(second.pop_receipt, first.pop_receipt);
    assert!(
        !storage.delete_message(Queue::Spill, &first).await.unwrap(),
        "it is another one's now"
    );
    assert!(storage.delete_message(Queue::Spill, &second).await.unwrap());
    assert!(!storage.delete_message(Queue::Spill, &second).await.unwrap());
    assert_eq!(storage.message_count(Queue::Spill).await.unwrap(), 0);
}

#[tokio::test]
async fn a_message_lives_until_it_is_deleted_locally() {
    locally(a_message_and_its_life).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_message_lives_until_it_is_deleted_on_azurite() {
    on_azurite(a_message_and_its_life).await;
}

async fn delayed_and_empty_messages(storage: Arc<dyn Storage>) {
    let sent = Instant::now();
    storage.send(Queue::Media, b"", 2 * SECOND).await.unwrap();
    assert_eq!(storage.message_count(Queue::Media).await.unwrap(), 1);
    let late = receive_one(&*storage, Queue::Media, MINUTE).await;
    assert!(sent.elapsed() > SECOND, "it came after {:?}", sent.elapsed());
    assert_eq!((late.body, late.dequeue_count), (Vec::new(), 1));
}

#[tokio::test]
async fn a_delayed_message_comes_later_locally() {
    locally(delayed_and_empty_messages).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_delayed_message_comes_later_on_azurite() {
    on_azurite(delayed_and_empty_messages).await;
}

async fn poison(storage: Arc<dyn Storage>) {
    storage.send(Queue::Deliver, b"bad", NOW).await.unwrap();
    storage.send(Queue::Deliver, b"good", NOW).await.unwrap();
    let bad = receive_one(&*storage, Queue::Deliver, MINUTE).await;
    storage.poison(Queue::Deliver, &bad).await.unwrap();
    assert_eq!(storage.message_count(Queue::Deliver).await.unwrap(), 1);
    assert_eq!(storage.poison_count(Queue::Deliver).await.unwrap(), 1);
    assert_eq!(storage.poison_count(Queue::Spill).await.unwrap(), 0);
    assert!(!storage.delete_message(Queue::Deliver, &bad).await.unwrap());
    assert_eq!(receive_one(&*storage, Queue::Deliver, MINUTE).await.body, b"good");
}

#[tokio::test]
async fn poison_is_put_aside_locally() {
    locally(poison).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn poison_is_put_aside_on_azurite() {
    on_azurite(poison).await;
}

async fn limits(storage: Arc<dyn Storage>) {
    let week = Duration::from_secs(7 * 24 * 3600);
    let most = noise(48 * 1024);
    storage.send(Queue::Spill, &most, NOW).await.unwrap();
    assert!(receive_one(&*storage, Queue::Spill, week).await.body == most);
    let refused = [
        storage.send(Queue::Spill, &noise(48 * 1024 + 1), NOW).await,
        storage.send(Queue::Spill, b"", week + SECOND).await,
        storage.receive(Queue::Spill, 0, MINUTE).await.map(drop),
        storage.receive(Queue::Spill, 33, MINUTE).await.map(drop),
        storage.receive(Queue::Spill, 1, week + SECOND).await.map(drop),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(BlobError::Broken(_))), "{refused:?}");
    }
    assert_eq!(storage.message_count(Queue::Spill).await.unwrap(), 1);
}

#[tokio::test]
async fn limits_of_queues_are_kept_locally() {
    locally(limits).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn limits_of_queues_are_kept_on_azurite() {
    on_azurite(limits).await;
}

/// Sixty messages, four senders, four receivers that each forget every fifth one: all are done in the end, and no message
/// was with two at once.
async fn many_at_once(storage: Arc<dyn Storage>) {
    const EACH: u32 = 15;
    let mut senders = JoinSet::new();
    for sender in 0..4 {
        let storage = storage.clone();
        senders.spawn(async move {
            for number in 0..EACH {
                storage
                    .send(Queue::Media, &(sender * EACH + number).to_le_bytes(), NOW)
                    .await
                    .unwrap();
            }
        });
    }
    senders.join_all().await;

    let with: Arc<Mutex<BTreeSet<(String, i64)>>> = Arc::default();
    let done: Arc<Mutex<BTreeMap<Vec<u8>, u32>>> = Arc::default();
    let mut receivers = JoinSet::new();
    for _ in 0..4 {
        let (storage, with, done) = (storage.clone(), with.clone(), done.clone());
        receivers.spawn(async move {
            let mut received = 0;
            while done.lock().unwrap().len() < 4 * EACH as usize {
                for message in storage.receive(Queue::Media, 7, SECOND).await.unwrap() {
                    let fresh = with
                        .lock()
                        .unwrap()
                        .insert((message.id.clone(), message.dequeue_count));
                    assert!(fresh, "two received it at once: {message:?}");
                    received += 1;
                    if received % 5 != 0 && storage.delete_message(Queue::Media, &message).await.unwrap() {
                        *done.lock().unwrap().entry(message.body).or_default() += 1;
                    }
                }
            }
        });
    }
    tokio::time::timeout(2 * MINUTE, receivers.join_all())
        .await
        .unwrap();
    assert!(done.lock().unwrap().values().all(|times| *times == 1));
    assert_eq!(storage.message_count(Queue::Media).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_between_many_locally() {
    locally(many_at_once).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs azurite"]
async fn nothing_is_lost_between_many_on_azurite() {
    on_azurite(many_at_once).await;
}
