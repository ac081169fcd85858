//! Blobs go through the program without growing in it: 256 MB up and down, seen from outside as the process' memory.

use super::azurite::Azurite;
use super::backends::{client_of, options, trusting};
use super::builders::{HERE, name};
use super::children::{child, said, task};
use super::token::FakeIdentity;
use azure_core::http::Transport;
use blobs::azure::AzureStorage;
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{Body, PutOptions, Storage};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;

const MIB: u64 = 1024 * 1024;
const BLOB: u64 = 256 * MIB;
const MAY_GROW: u64 = 32 * MIB;
/// As a server's bodies come.
const PIECE: usize = 64 * 1024;

/// Bytes of this process in memory: now (`VmRSS`), or at most since it was reset (`VmHWM`).
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let found = status.lines().find(|text| text.starts_with(line)).unwrap();
    found.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// So many bytes, each piece another.
fn long(length: u64) -> Body {
    let pieces = length / PIECE as u64;
    stream::iter(0..pieces)
        .map(|number| Ok(Bytes::from(number.to_le_bytes().repeat(PIECE / 8))))
        .boxed()
}

/// Reads a blob of [`long`], and forgets it.
async fn read_through(storage: &dyn Storage, length: u64) {
    let blob = storage.get(HERE, &name("long"), None).await.unwrap().unwrap();
    let mut body = blob.body;
    let mut at = 0_u64;
    while let Some(piece) = body.next().await {
        let piece = piece.unwrap();
        let number = (at / PIECE as u64).to_le_bytes();
        assert_eq!(piece[0], number[(at % 8) as usize]);
        at += piece.len() as u64;
    }
    assert_eq!(at, length);
}

/// Uploads, then downloads, and says by how much each made this process grow.
async fn up_and_down(storage: &dyn Storage) {
    // Connected, and nothing more.
    storage.head(HERE, &name("long")).await.unwrap();
    let before = memory("VmRSS");
    reset_peak();
    let options = PutOptions::default();
    storage
        .put(HERE, &name("long"), long(BLOB), options)
        .await
        .unwrap();
    let up = memory("VmHWM").saturating_sub(before);
    reset_peak();
    read_through(storage, BLOB).await;
    let down = memory("VmHWM").saturating_sub(before);
    println!("grew {up} {down}");
}

fn storage_of(task: &Value) -> Arc<dyn Storage> {
    let text = |name: &str| task[name].as_str().unwrap();
    if let Some(folder) = task["folder"].as_str() {
        return Arc::new(LocalStorage::open(folder.as_ref(), LocalOptions::default()).unwrap());
    }
    if let Some(connection) = task["connection"].as_str() {
        return Arc::new(AzureStorage::development(connection, options(None)).unwrap());
    }
    let client = client_of(text("authority"));
    let options = options(Some(Transport::new(Arc::new(client))));
    let identity = Arc::new(FakeIdentity);
    Arc::new(AzureStorage::new(text("blobs"), Some(text("queues")), identity, options).unwrap())
}

fn check(test: &str, task: &Value) {
    let (mut process, output) = child(test, &task.to_string());
    let grew = said(output, "grew ");
    assert!(process.wait().unwrap().success());
    let grew: Vec<u64> = grew[0].split(' ').map(|number| number.parse().unwrap()).collect();
    let [up, down] = grew[..] else {
        panic!("{grew:?}");
    };
    eprintln!("256 MiB: up {} KiB, down {} KiB", up / 1024, down / 1024);
    assert!(up <= MAY_GROW && down <= MAY_GROW, "up {up}, down {down}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_blob_does_not_fill_the_memory_locally() {
    if let Some(task) = task() {
        let task = serde_json::from_str(&task).unwrap();
        return up_and_down(&*storage_of(&task)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let task = json!({ "folder": folder.path() });
    check("memory::a_long_blob_does_not_fill_the_memory_locally", &task);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs azurite"]
async fn a_long_blob_does_not_fill_the_memory_on_azurite() {
    if let Some(task) = task() {
        let task = serde_json::from_str(&task).unwrap();
        return up_and_down(&*storage_of(&task)).await;
    }
    let test = "memory::a_long_blob_does_not_fill_the_memory_on_azurite";
    // Processes of their own, which go with what they hold.
    let plain = Azurite::start();
    let account = plain.account();
    let storage = AzureStorage::development(&account.connection, options(None)).unwrap();
    storage.ensure().await.unwrap();
    check(test, &json!({ "connection": account.connection }));
    drop(plain);

    let secure = Azurite::start_with_tokens();
    let account = secure.account();
    let task = json!({
        "blobs": account.blob_url,
        "queues": account.queue_url,
        "authority": secure.authority(),
    });
    let storage = AzureStorage::new(
        &account.blob_url,
        Some(&account.queue_url),
        Arc::new(FakeIdentity),
        trusting(&secure),
    )
    .unwrap();
    storage.ensure().await.unwrap();
    check(test, &task);
}
