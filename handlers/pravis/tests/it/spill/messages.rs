//! The queue, and what the host does with a message that fails.

use super::*;
use crate::logs::{record, recorded};
use pravis::triggers::MAX_DEQUEUE_COUNT;
use serde_json::json;
use std::path::Path;
use testkit::{id, turn};

/// A message in the host's hands.
fn message(body: &[u8], dequeue_count: i64) -> Message {
    Message {
        id: "m-1".to_owned(),
        pop_receipt: "r-1".to_owned(),
        dequeue_count,
        inserted_at: jiff::Timestamp::UNIX_EPOCH,
        expires_at: jiff::Timestamp::MAX,
        next_visible_at: jiff::Timestamp::MAX,
        body: body.to_vec(),
    }
}

fn naming(name: &str) -> Vec<u8> {
    json!({"blob": name}).to_string().into_bytes()
}

#[test]
fn the_last_attempt_is_the_one_of_host_json() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host.json");
    let host: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(host["extensions"]["queues"]["maxDequeueCount"], MAX_DEQUEUE_COUNT);
}

#[tokio::test]
async fn what_is_no_message_of_ours_fails() {
    let app = TestApp::new().await;
    for body in [
        "",
        "x",
        "{}",
        r#"{"blob": "../secret"}"#,
        r#"{"blob": ""}"#,
        "[]",
        r#"{"blob": 1}"#,
    ] {
        assert!(!deliver(&app, &message(body.as_bytes(), 1)).await, "{body}");
    }
    assert!(
        deliver(&app, &message(&naming("2026/11/02/10/x.json.gz"), 1)).await,
        "gone is done"
    );
    assert_eq!(messages(&app).await, 0);
}

#[tokio::test]
async fn what_fails_to_the_last_is_told_and_stays() {
    record();
    let app = TestApp::new().await;
    let caller = app.admin().await;
    away(&app);
    caller
        .post(TURNS, turn(json!({"id": id(1)})))
        .await
        .assert_status(202);
    let name = waiting(&app).await.remove(0);
    let bytes = Box::pin(futures::stream::iter([Ok(b"not gzip".to_vec().into())]));
    let storage = &app.storage().inner;
    storage
        .put(Container::Spill, &name, bytes, Default::default())
        .await
        .unwrap();
    back(&app);
    for attempt in 1..=4 {
        assert!(!deliver(&app, &message(&naming(name.as_str()), attempt)).await);
    }
    let log = recorded();
    assert!(!log.contains("spill_poisoned"), "it may still succeed: {log}");
    record();
    assert!(!deliver(&app, &message(&naming(name.as_str()), 5)).await);
    let log = recorded();
    let alert = log.lines().find(|line| line.contains("spill_poisoned")).unwrap();
    assert!(
        alert.contains("\"pravis::alert\"") && alert.contains(name.as_str()),
        "{alert}"
    );
    assert_eq!(waiting(&app).await, [name]);
}

#[tokio::test]
async fn a_defect_of_the_store_is_a_failure() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    away(&app);
    caller
        .post(TURNS, turn(json!({"id": id(1)})))
        .await
        .assert_status(202);
    back(&app);
    app.store_faults().set(Fault::Broken);
    let received = receive(&app).await;
    assert!(!deliver(&app, &received[0]).await);
    assert_eq!(waiting(&app).await.len(), 1);
    app.store_faults().set(Fault::None);
    assert!(deliver(&app, &received[0]).await);
    assert_eq!(waiting(&app).await, []);
}

#[tokio::test]
async fn what_has_to_wait_is_sent_again_and_is_no_failure() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    away(&app);
    caller
        .patch(&format!("{TURNS}/{}", id(1)), json!({"model": "m"}))
        .await
        .assert_status(202);
    app.app().breaker().close();
    // The store is away, and then the turn is missing.
    for (fault, waits) in [(Fault::Away, 0), (Fault::None, 1)] {
        app.store_faults().set(fault);
        let received = receive(&app).await;
        let last = message(&naming(waiting(&app).await[0].as_str()), 5);
        let received = received.first().unwrap_or(&last);
        assert!(deliver(&app, received).await);
        app.app().breaker().close();
        assert_eq!(receive(&app).await, [], "it waits a little");
        let again = later(&app).await;
        assert_eq!(
            (&again["attempt"], &again["waits"]),
            (&json!(1), &json!(waits)),
            "{fault:?}"
        );
    }
}

/// The message that waits to be seen, which is taken.
async fn later(app: &TestApp) -> Value {
    // Its file says when it is seen; nobody waits for that here.
    let folder = app.app().config().data_dir.join("storage/queues/pravis-spill");
    let now = jiff::Timestamp::now().as_microsecond();
    let files = std::fs::read_dir(folder).unwrap();
    for file in files.map(|file| file.unwrap()) {
        let name = file.file_name().into_string().unwrap();
        let (visible, count) = (name[..20].parse::<i64>().unwrap(), &name[21..31]);
        if visible > now && count == "0000000000" {
            let body = std::fs::read(file.path()).unwrap();
            std::fs::remove_file(file.path()).unwrap();
            return serde_json::from_slice(&body).unwrap();
        }
    }
    panic!("no message waits");
}

#[tokio::test]
async fn while_storage_is_away_the_message_waits_too() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    away(&app);
    caller
        .post(TURNS, turn(json!({"id": id(1)})))
        .await
        .assert_status(202);
    back(&app);
    let received = receive(&app).await;
    app.storage().blobs.set(Fault::Away);
    assert!(deliver(&app, &received[0]).await);
    assert_eq!(later(&app).await["attempt"], 1);
    app.storage().queues.set(Fault::Away);
    assert!(!deliver(&app, &received[0]).await, "the host is to try again");
}

#[tokio::test(start_paused = true)]
async fn a_replay_waits_for_a_store_that_wakes_up() {
    let app = TestApp::without_store(&[]);
    let name = blobs::BlobName::new("2026/11/02/10/x.json.gz").unwrap();
    put(
        &app,
        &name,
        r#"{"version": 1, "arrived_at": "2026-11-02T10:00:00Z", "write": {"turns": []}}"#,
    )
    .await;
    let began = tokio::time::Instant::now();
    assert!(deliver(&app, &message(&naming(name.as_str()), 1)).await);
    let waited = began.elapsed();
    assert!(
        (Duration::from_secs(90)..Duration::from_secs(95)).contains(&waited),
        "{waited:?}"
    );
    assert_eq!(later(&app).await["attempt"], 1);
}
