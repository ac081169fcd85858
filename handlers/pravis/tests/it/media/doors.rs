//! Both doors, and many uploads at once.

use super::*;
use pravis::host::blob::Blob;
use serde_json::Value;

#[tokio::test]
async fn the_blob_trigger_reads_the_blob_itself() {
    let app = TestApp::new().await;
    let id = declare(&app, Kind::ProductPhoto, "image/jpeg").await;
    put(&app, &id.to_string(), photo(1)).await;
    let sent = Blob {
        content: b"something else".to_vec(),
        tokens: [("name".to_owned(), Value::from(id.to_string()))]
            .into_iter()
            .collect(),
        ..Blob::default()
    };
    let payload = sent.payload("process_media_blob", "blob", app.clock().now());
    let router = app.router();
    let called = invoke(
        &router,
        "process_media_blob",
        Uuid::now_v7(),
        payload.into_bytes(),
    );
    called.await.unwrap();
    assert_ready(&app, id).await;
}

#[tokio::test]
async fn events_that_come_together_are_taken_apart() {
    let app = TestApp::new().await;
    let bodies = ["a", "b"].map(|name| String::from_utf8(event(name)).unwrap());
    let array = format!("[{}]", bodies.join(",")).into_bytes();
    assert!(deliver(&app, Uuid::now_v7(), array, 1).await);
    assert_eq!(messages(&app).await, 2);
}

#[tokio::test]
async fn what_is_none_of_ours_is_left() {
    let app = TestApp::new().await;
    assert!(take_in(&app, "../secret").await);
    assert!(take_in(&app, "Foto%20eins.jpg").await);
    assert!(!deliver(&app, Uuid::now_v7(), b"{}".to_vec(), 1).await);
    assert_eq!(messages(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_all_ready_and_none_twice() {
    const MANY: u32 = 500;
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for seed in 0..MANY {
        let name = format!("drop/{seed}.png");
        let etag = put(&app, &name, photo(seed)).await;
        ids.push(domain::media::undeclared_id(&name, &etag));
    }
    let storage = Arc::clone(&app.storage().inner);
    let mut arrivals = Arrivals::new(Arc::clone(&storage), || {});
    assert_eq!(arrivals.look().await.unwrap(), MANY as usize);
    // Two of everything: the second watcher is a program that was started again.
    Arrivals::new(storage, || {}).look().await.unwrap();
    let app = Arc::new(app);
    loop {
        let hidden = Duration::from_secs(600);
        let received = app
            .storage()
            .inner
            .receive(Queue::Media, 16, hidden)
            .await
            .unwrap();
        if received.is_empty() {
            break;
        }
        let calls = received.into_iter().map(|message| {
            let app = Arc::clone(&app);
            async move {
                let id = message.id.parse().unwrap();
                assert!(deliver(&app, id, message.body.clone(), 1).await);
                app.storage()
                    .inner
                    .delete_message(Queue::Media, &message)
                    .await
                    .unwrap();
            }
        });
        futures::future::join_all(calls).await;
    }
    for id in ids {
        assert_ready(&app, id).await;
    }
    let all = app
        .store()
        .list_media(Default::default(), Default::default())
        .await
        .unwrap();
    assert!(all.iter().all(|media| media.status == Status::Ready));
    assert_eq!(blobs(&app, Container::Incoming, "").await, [""; 0]);
}
