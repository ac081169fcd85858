//! The local host's queues, over a folder.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{Queue, Storage};
use jiff::Timestamp;
use pravis::host::answer::Answer;
use pravis::host::app_root::AppRoot;
use pravis::host::envelope::Invocation;
use pravis::host::queues::Queues;
use pravis::triggers::{TriggerError, TriggerTable};
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// What the trigger was sent, and how it takes it: `fail`, `fail twice`, `slow` and anything else.
#[derive(Clone, Default)]
struct Seen {
    attempts: Arc<Mutex<HashMap<String, Vec<u64>>>>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Seen {
    fn attempts(&self, body: &str) -> Vec<u64> {
        self.attempts
            .lock()
            .unwrap()
            .get(body)
            .cloned()
            .unwrap_or_default()
    }

    fn handler(&self) -> Router {
        async fn take(seen: Seen, invocation: Invocation) -> Result<Answer, TriggerError> {
            let running = seen.running.fetch_add(1, Ordering::SeqCst) + 1;
            seen.most.fetch_max(running, Ordering::SeqCst);
            let message = invocation.queue_bytes("message")?;
            let body = String::from_utf8(message.body)?;
            let attempt = {
                let mut attempts = seen.attempts.lock().unwrap();
                let attempts = attempts.entry(body.clone()).or_default();
                attempts.push(message.dequeue_count.unwrap());
                attempts.len()
            };
            if body.starts_with("slow") {
                sleep(Duration::from_millis(100)).await;
            }
            seen.running.fetch_sub(1, Ordering::SeqCst);
            match body.as_str() {
                "fail" => Err("always".into()),
                "fail twice" if attempt < 3 => Err("not yet".into()),
                "panic" => panic!("the test says so"),
                _ => Ok(Answer::done()),
            }
        }
        TriggerTable::new(Duration::from_secs(60))
            .on("take", take)
            .into_router(self.clone())
    }
}

/// An app of one queue trigger.
fn app(folder: &Path, queue: &str) -> AppRoot {
    fs::create_dir_all(folder.join("functions/take")).unwrap();
    let host = r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "pravis"}},
        "extensions": {"queues": {"batchSize": 2, "newBatchThreshold": 1, "maxDequeueCount": 3,
            "visibilityTimeout": "00:00:00.0500000"}}}"#;
    fs::write(folder.join("host.json"), host).unwrap();
    let function = format!(
        r#"{{"bindings": [{{"type": "queueTrigger", "direction": "in", "name": "message", "queueName": "{queue}",
            "connection": "PravisStorage", "dataType": "binary"}}]}}"#
    );
    fs::write(folder.join("functions/take/function.json"), function).unwrap();
    AppRoot::read(folder, &|_| None).unwrap_or_else(|e| panic!("{e}"))
}

/// A host at work on a folder of its own.
struct Host {
    seen: Seen,
    storage: Arc<dyn Storage>,
    sent: watch::Sender<()>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
    folder: TempDir,
}

impl Host {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let storage = LocalStorage::open(&folder.path().join("storage"), LocalOptions::default()).unwrap();
        let storage: Arc<dyn Storage> = Arc::new(storage);
        let (seen, sent) = (Seen::default(), watch::Sender::new(()));
        let app = app(folder.path(), "pravis-spill");
        let clock = Arc::new(Timestamp::now);
        let queues = Queues::new(&app, seen.handler(), clock, Arc::clone(&storage)).unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = queues.run(sent.subscribe(), async { drop(stopped.await) });
        Self {
            seen,
            storage,
            sent,
            stop,
            running: tokio::spawn(running),
            folder,
        }
    }

    async fn send(&self, body: &str) {
        let sent = self.storage.send(Queue::Spill, body.as_bytes(), Duration::ZERO);
        sent.await.unwrap();
        self.sent.send_replace(());
    }

    async fn left(&self) -> (u64, u64) {
        let messages = self.storage.message_count(Queue::Spill).await.unwrap();
        (messages, self.storage.poison_count(Queue::Spill).await.unwrap())
    }

    async fn end(self) -> TempDir {
        drop(self.stop);
        self.running.await.unwrap();
        self.folder
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_message_is_delivered_once_and_deleted() {
    let host = Host::start();
    for body in ["a", "b", "c"] {
        host.send(body).await;
    }
    until("an empty queue", async || host.left().await == (0, 0)).await;
    for body in ["a", "b", "c"] {
        assert_eq!(host.seen.attempts(body), [1]);
    }
    host.end().await;
}

#[tokio::test]
async fn what_is_sent_while_nothing_happens_is_taken_at_once() {
    let host = Host::start();
    // By now it looks rarely.
    sleep(Duration::from_secs(3)).await;
    let began = Instant::now();
    host.send("a").await;
    until("the delivery", async || host.seen.attempts("a") == [1]).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    host.end().await;
}

#[tokio::test]
async fn what_another_process_sends_is_found() {
    let host = Host::start();
    let sent = host.storage.send(Queue::Spill, b"a", Duration::from_millis(300));
    sent.await.unwrap();
    until("the delivery", async || host.seen.attempts("a") == [1]).await;
    host.end().await;
}

#[tokio::test]
async fn what_fails_is_tried_again_and_in_the_end_poisoned() {
    let host = Host::start();
    for body in ["fail", "fail twice", "panic", "a"] {
        host.send(body).await;
    }
    until("an end of all", async || host.left().await == (0, 2)).await;
    assert_eq!(host.seen.attempts("fail"), [1, 2, 3]);
    assert_eq!(host.seen.attempts("panic"), [1, 2, 3]);
    assert_eq!(host.seen.attempts("fail twice"), [1, 2, 3]);
    assert_eq!(host.seen.attempts("a"), [1]);
    host.end().await;
}

#[tokio::test]
async fn no_more_run_at_once_than_host_json_says() {
    let host = Host::start();
    for n in 0..12 {
        host.send(&format!("slow {n}")).await;
    }
    until("an empty queue", async || host.left().await == (0, 0)).await;
    assert_eq!(host.seen.most.load(Ordering::SeqCst), 3);
    host.end().await;
}

#[tokio::test]
async fn it_ends_and_leaves_the_rest() {
    let host = Host::start();
    for n in 0..12 {
        host.send(&format!("slow {n}")).await;
    }
    until("a first one", async || {
        host.seen.running.load(Ordering::SeqCst) > 0
    })
    .await;
    let (storage, began) = (Arc::clone(&host.storage), Instant::now());
    let _folder = host.end().await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(storage.message_count(Queue::Spill).await.unwrap() > 3);
}

#[tokio::test]
async fn a_queue_that_does_not_exist_is_told() {
    let folder = TempDir::new().unwrap();
    let storage = LocalStorage::open(&folder.path().join("storage"), LocalOptions::default()).unwrap();
    let app = app(folder.path(), "pravis-spil");
    let clock = Arc::new(Timestamp::now);
    let told = Queues::new(&app, Router::new(), clock, Arc::new(storage))
        .err()
        .unwrap();
    assert_eq!(
        told.to_string(),
        "take/function.json: there is no queue `pravis-spil`"
    );
}
