//! Several processes on one folder, and what one that is killed leaves. A child's task is the folder.

use super::builders::{HERE, body, bytes_of, name, noise, pieces, put, read, until};
use super::children::{child, said, task};
use super::local_only::files;
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{BlobError, Blobs, Condition, PutOptions, Queue, Queues};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn open(folder: &Path) -> LocalStorage {
    LocalStorage::open(folder, LocalOptions::default()).unwrap()
}

/// A child's task.
fn at(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

fn blob_of(number: u64) -> blobs::BlobName {
    name(&format!("day{}/blob{}", number % 3, number % 7))
}

/// Writes blobs and messages until it is killed, and says what was acknowledged.
async fn write_on(storage: &LocalStorage, from: u64) {
    for number in from.. {
        let whole = noise(usize::try_from(number % 13 * 40_000).unwrap());
        let cut = whole.chunks(30_000).map(|piece| piece.to_vec().into()).collect();
        let options = PutOptions {
            metadata: BTreeMap::from([("number".to_owned(), number.to_string())]),
            ..PutOptions::default()
        };
        storage
            .put(HERE, &blob_of(number), pieces(cut), options)
            .await
            .unwrap();
        println!("put {number}");
        storage
            .send(Queue::Spill, &number.to_le_bytes(), Duration::ZERO)
            .await
            .unwrap();
        println!("sent {number}");
    }
}

/// Every blob is whole, and none is older than what was acknowledged.
async fn check_blobs(storage: &LocalStorage, acknowledged: &BTreeMap<blobs::BlobName, u64>) {
    let list = storage.list(HERE, "", None, 99).await.unwrap();
    for blob in &list {
        let found = storage.get(HERE, &blob.name, None).await.unwrap().unwrap();
        let number: u64 = found.properties.metadata["number"].parse().unwrap();
        assert_eq!(blob_of(number), blob.name);
        assert!(bytes_of(found.body).await.unwrap() == noise(usize::try_from(number % 13 * 40_000).unwrap()));
        assert!(acknowledged.get(&blob.name).is_none_or(|told| *told <= number));
    }
    let names: BTreeSet<_> = list.iter().map(|blob| &blob.name).collect();
    assert!(acknowledged.keys().all(|name| names.contains(name)));
}

#[tokio::test]
async fn nothing_that_was_acknowledged_is_lost_when_the_process_is_killed() {
    if let Some(folder) = task() {
        let storage = open(folder.as_ref());
        let first = storage.list(HERE, "", None, 99).await.unwrap().len();
        let next = read_next(&storage, first).await;
        return write_on(&storage, next).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "processes::nothing_that_was_acknowledged_is_lost_when_the_process_is_killed";
    let mut blobs = BTreeMap::new();
    let mut sent = BTreeSet::new();
    for round in 0..12_u64 {
        let (mut process, mut output) = child(test, at(&folder));
        // Killed after another number of writes, at another step each time.
        let mut lines = String::new();
        while lines.matches("put ").count() <= round as usize {
            assert!(output.read_line(&mut lines).unwrap() > 0, "{lines}");
        }
        std::thread::sleep(Duration::from_micros(round * 370));
        process.kill().unwrap();
        process.wait().unwrap();
        std::io::Read::read_to_string(&mut output, &mut lines).unwrap();
        for number in said(lines.as_bytes(), "put ") {
            let number = number.parse().unwrap();
            blobs.insert(blob_of(number), number);
        }
        sent.extend(
            said(lines.as_bytes(), "sent ")
                .iter()
                .map(|number| number.parse::<u64>().unwrap()),
        );
        check_blobs(&open(folder.path()), &blobs).await;
    }
    let storage = open(folder.path());
    let stored = storage.list(HERE, "", None, 99).await.unwrap().len();
    until("what the killed ones left is swept", async || {
        (files(&folder.path().join("private")).len() == 2 * stored).then_some(())
    })
    .await;
    let mut received = BTreeSet::new();
    loop {
        let messages = storage
            .receive(Queue::Spill, 32, Duration::from_secs(60))
            .await
            .unwrap();
        if messages.is_empty() {
            break;
        }
        for message in messages {
            assert!(
                received.insert(u64::from_le_bytes(message.body.try_into().unwrap())),
                "it came twice"
            );
        }
    }
    assert!(sent.is_subset(&received));
    assert!(
        received.len() <= sent.len() + 12,
        "at most one a round was on its way"
    );
}

/// One more than any number in the folder.
async fn read_next(storage: &LocalStorage, blobs: usize) -> u64 {
    let mut next = 0;
    for blob in storage.list(HERE, "", None, blobs).await.unwrap() {
        let found = storage.head(HERE, &blob.name).await.unwrap().unwrap();
        next = next.max(found.metadata["number"].parse::<u64>().unwrap() + 1);
    }
    next
}

#[tokio::test]
async fn conditions_hold_between_processes() {
    const EACH: u32 = 40;
    let count = name("count");
    if let Some(folder) = task() {
        let storage = open(folder.as_ref());
        for _ in 0..EACH {
            loop {
                let found = storage.get(HERE, &count, None).await.unwrap().unwrap();
                let text = String::from_utf8(bytes_of(found.body).await.unwrap()).unwrap();
                let next = (text.parse::<u32>().unwrap() + 1).to_string();
                let options = PutOptions {
                    condition: Condition::Matches(found.properties.etag),
                    ..PutOptions::default()
                };
                match storage.put(HERE, &count, body(next), options).await {
                    Ok(_) => break,
                    Err(BlobError::ConditionNotMet) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    put(&storage, &count, "0").await;
    let children = [(); 3].map(|()| child("processes::conditions_hold_between_processes", at(&folder)));
    for (mut process, _) in children {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(
        read(&storage, &count, None).await,
        (3 * EACH).to_string().as_bytes()
    );
}

#[tokio::test]
async fn a_message_goes_to_one_process() {
    const MESSAGES: usize = 300;
    if let Some(folder) = task() {
        let storage = open(folder.as_ref());
        loop {
            let messages = storage
                .receive(Queue::Media, 3, Duration::from_secs(60))
                .await
                .unwrap();
            if messages.is_empty() {
                return;
            }
            for message in messages {
                assert!(storage.delete_message(Queue::Media, &message).await.unwrap());
                println!("got {}", String::from_utf8(message.body).unwrap());
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    for number in 0..MESSAGES {
        storage
            .send(Queue::Media, number.to_string().as_bytes(), Duration::ZERO)
            .await
            .unwrap();
    }
    let children = [(); 3].map(|()| child("processes::a_message_goes_to_one_process", at(&folder)));
    let mut got = Vec::new();
    for (mut process, output) in children {
        got.extend(said(output, "got "));
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(got.len(), MESSAGES);
    assert_eq!(got.into_iter().collect::<BTreeSet<_>>().len(), MESSAGES);
    assert_eq!(storage.message_count(Queue::Media).await.unwrap(), 0);
}
