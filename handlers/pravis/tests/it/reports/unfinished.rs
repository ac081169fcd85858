//! What a killed process or a queue that was away left behind.

use super::*;
use domain::reports::{DeliveryState, ReportStatus};
use jiff::SignedDuration;
use serde_json::json;
use testkit::faulty::Fault;
use testkit::{HookMood, HookStub};

async fn shop(hook: &HookStub) -> TestApp {
    let webhooks = format!("{}/|{SECRET}", hook.url());
    TestApp::with(&[
        ("PRAVIS_WEBHOOKS", webhooks.as_str()),
        ("PRAVIS_WEBHOOKS_ALLOW_PRIVATE", "true"),
    ])
    .await
}

#[tokio::test]
async fn what_the_queue_did_not_take_is_sent_by_the_next_timer() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    app.storage().queues.set(Fault::Away);
    assert_eq!(
        fire(&app, "timer_weekly_report").await.unwrap(),
        json!({"made": ["2026-W44"]})
    );
    assert_eq!(
        (waiting(&app).await, blobs(&app, "unfinished/").await.len()),
        (0, 1)
    );
    app.storage().queues.set(Fault::None);
    app.clock().advance(SignedDuration::from_hours(1));
    let other = app.another();
    assert_eq!(
        fire(&other, "timer_daily_report").await.unwrap(),
        json!({"made": ["2026-11-01"]})
    );
    let sent = messages(&app).await;
    assert_eq!(sent.len(), 2, "one of each report");
    for message in sent {
        assert_eq!(trigger(&app, message.body).await.as_deref(), Some("Sent"));
    }
    assert_eq!(hook.calls().len(), 2);
    assert_eq!(blobs(&app, "unfinished/").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_retry_whose_message_was_lost_is_found() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    fire(&app, "timer_weekly_report").await.unwrap();
    messages(&app).await;
    let delivery = deliveries(&app).await.remove(0);
    hook.be(HookMood::Answers(500));
    assert_eq!(attempt(&app, &delivery).await, Delivered::Failed);
    let waits = waiting(&app).await;
    app.clock().advance(SignedDuration::from_mins(10));
    fire(&app, "timer_weekly_report").await.unwrap();
    assert_eq!(waiting(&app).await, waits, "its message may be on its way");
    app.clock().advance(SignedDuration::from_mins(10));
    fire(&app, "timer_weekly_report").await.unwrap();
    let found = messages(&app).await;
    assert_eq!(found.len(), 1);
    hook.be(HookMood::Answers(200));
    assert_eq!(
        trigger(&app, found[0].body.clone()).await.as_deref(),
        Some("Sent")
    );
    assert_eq!(deliveries(&app).await[0].state, DeliveryState::Sent);
}

#[tokio::test]
async fn a_revision_that_was_asked_for_outlives_its_process() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let doomed = app.another();
    let admin = doomed.anonymous().secret(app.admin().await.key());
    app.storage().blobs.script({
        let mut calls = 0;
        move || {
            calls += 1;
            if calls > 2 { Fault::Stalled } else { Fault::None }
        }
    });
    let asked = admin.post("/api/v1/reports", json!({"kind": "weekly", "deliver": true}));
    assert!(tokio::time::timeout(Duration::from_secs(2), asked).await.is_err());
    app.storage().blobs.set(Fault::None);
    assert_eq!(reports(&app).await[0].status, ReportStatus::Claimed);
    app.clock().advance(SignedDuration::from_mins(9));
    fire(&app, "timer_daily_report").await.unwrap();
    assert_eq!(names(&app).await, ["weekly 2026-W44 r2", "daily 2026-11-01 r1"]);
    app.clock().advance(SignedDuration::from_mins(1));
    fire(&app, "timer_daily_report").await.unwrap();
    let made = reports(&app).await;
    let weekly = made.iter().find(|report| report.revision == 2).unwrap();
    assert_eq!((weekly.status, weekly.attempts), (ReportStatus::Ready, 2));
    let its = deliveries(&app)
        .await
        .into_iter()
        .filter(|one| one.report_id == weekly.id);
    assert_eq!(its.count(), 1, "it was to be sent");
}
