//! Uploads that get old.

use super::{blobs, make_ready, put};
use blobs::Container;
use jiff::SignedDuration;
use pravis::host::invoke::invoke;
use pravis::host::timer::TimerInfo;
use serde_json::{Value, json};
use testkit::{TestApp, id, upload};
use uuid::Uuid;

/// Fires the timer as the host would.
async fn fire(app: &TestApp) {
    let info = TimerInfo {
        schedule_status: None,
        is_past_due: false,
    };
    let payload = info.payload("timer_retention", "timer", app.clock().now());
    let called = invoke(
        &app.router(),
        "timer_retention",
        Uuid::now_v7(),
        payload.into_bytes(),
    )
    .await;
    called.unwrap();
}

async fn declare(app: &TestApp, number: u128, fields: Value) {
    let declared = testkit::over(upload(json!({"id": id(number)})), fields);
    let admin = app.admin().await;
    admin
        .post("/api/v1/media/uploads", declared)
        .await
        .assert_status(201);
}

async fn left(app: &TestApp) -> Vec<Value> {
    app.admin().await.get("/api/v1/media").await.each("id")
}

#[tokio::test]
async fn recordings_have_an_age_of_their_own() {
    let app = TestApp::with(&[("PRAVIS_RETENTION_VOICE_DAYS", "30")]).await;
    let voice = json!({"kind": "voice_recording", "content_type": "audio/wav"});
    declare(&app, 1, voice.clone()).await;
    declare(&app, 2, json!({})).await;
    app.clock().advance(SignedDuration::from_hours(24));
    declare(&app, 3, voice).await;
    for number in 1..=3 {
        make_ready(&app, &id(number)).await;
    }
    app.clock().advance(SignedDuration::from_hours(29 * 24));
    fire(&app).await;
    assert_eq!(left(&app).await.len(), 3, "thirty days are not over");
    app.clock().advance(SignedDuration::from_secs(1));
    fire(&app).await;
    assert_eq!(left(&app).await, [json!(id(3)), json!(id(2))]);
    let voices = blobs(&app, Container::Private).await;
    assert!(
        voices.len() == 3 && voices.iter().all(|name| name.starts_with(&id(3))),
        "{voices:?}"
    );
    assert_eq!(blobs(&app, Container::Media).await.len(), 5);
}

#[tokio::test]
async fn what_is_never_sent_is_forgotten_after_a_day() {
    let app = TestApp::new().await;
    for number in 1..=60 {
        declare(&app, number, json!({})).await;
    }
    make_ready(&app, &id(1)).await;
    // It came, and nobody took it in: that is for a person to see.
    put(&app, Container::Incoming, &id(60), b"a photo").await;
    app.clock().advance(SignedDuration::from_hours(24));
    fire(&app).await;
    assert_eq!(left(&app).await.len(), 50, "a day is not over");
    app.clock().advance(SignedDuration::from_secs(1));
    declare(&app, 61, json!({})).await;
    fire(&app).await;
    let mut expected = vec![json!(id(61)), json!(id(60)), json!(id(1))];
    expected.sort_by_key(Value::to_string);
    let mut left = left(&app).await;
    left.sort_by_key(Value::to_string);
    assert_eq!(left, expected);
}
