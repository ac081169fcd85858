//! `create_events`

use axum::body::Body;
use axum::http::Method;
use domain::keys::{NewApiKey, Scope};
use insta::assert_json_snapshot;
use jiff::SignedDuration;
use pravis::host::invoke::invoke;
use pravis::host::timer::TimerInfo;
use serde_json::{Value, json};
use testkit::{Answer, Caller, TestApp, id, over};
use uuid::Uuid;

const PATH: &str = "/api/v1/events";
const SHOP: &str = "https://shop.example";

fn event(n: u128, fields: Value) -> Value {
    let base =
        json!({"id": id(n), "type": "click", "session_id": "s-1", "occurred_at": "2026-11-02T09:59:00Z"});
    over(base, fields)
}

async fn post(caller: &Caller, items: &[Value]) -> Answer {
    caller.post(PATH, json!({"items": items})).await
}

fn of_browser(scopes: &[Scope]) -> NewApiKey {
    NewApiKey {
        name: Some("browser".to_owned()),
        scopes: Some(scopes.to_vec()),
        allowed_origins: Some(vec![SHOP.to_owned()]),
        ..NewApiKey::default()
    }
}

/// Sends as `navigator.sendBeacon` does: a text, the key in the query, no header but the origin.
async fn beacon(app: &TestApp, key: &str, origin: &str, items: &[Value]) -> Answer {
    let body = Body::from(json!({"items": items}).to_string());
    app.anonymous()
        .with("origin", origin)
        .send(
            Method::POST,
            &format!("{PATH}?key={key}"),
            Some("text/plain;charset=UTF-8"),
            body,
        )
        .await
}

#[tokio::test]
async fn each_event_has_its_own_answer() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Events]).await;
    let items = [
        event(
            1,
            json!({"type": "page_view", "page": "https://shop.example/a?q=1", "properties": {"a": 1}}),
        ),
        event(2, json!({"type": "order", "value_micros": -1, "colour": "red"})),
        event(
            1,
            json!({"type": "page_view", "page": "/a", "properties": {"a": 1}}),
        ),
        event(1, json!({"type": "search"})),
        event(
            3,
            json!({"type": "order", "order_id": "o-1", "value_micros": 99_000_000, "currency": "EUR"}),
        ),
    ];
    let answer = post(&caller, &items).await;
    answer.assert_status(207);
    assert_json_snapshot!("each_event_has_its_own_answer", answer.json());
    post(&caller, &items[4..]).await.assert_status(200);
    post(&caller, &[event(4, json!({}))]).await.assert_status(201);
}

#[tokio::test]
async fn an_event_without_an_id_gets_one() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Events]).await;
    let answer = post(&caller, &[json!({"type": "click", "session_id": "s"})]).await;
    answer.assert_status(201);
    let made = answer.at("/items/0/id").as_str().unwrap().to_owned();
    assert_eq!(made.as_bytes()[14], b'7', "{made}");
}

#[tokio::test]
async fn the_shape_of_the_body() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Events]).await;
    post(&caller, &[])
        .await
        .assert_faults(&[("/items", "invalid_field")]);
    let many: Vec<_> = (0..501).map(|n| event(n, json!({}))).collect();
    post(&caller, &many)
        .await
        .assert_faults(&[("/items", "invalid_field")]);
    post(&caller, &many[..500]).await.assert_status(201);
    caller
        .post(PATH, json!([]))
        .await
        .assert_problem(422, "invalid_field");
    caller
        .post(PATH, json!({"items": [{}], "sent": 1}))
        .await
        .assert_faults(&[("/sent", "unknown_field")]);
    let long = json!({"items": [event(1, json!({"page": "x".repeat(1024 * 1024)}))]});
    caller
        .post(PATH, long)
        .await
        .assert_problem(413, "payload_too_large");
    let answer = caller
        .send(Method::POST, PATH, Some("text/html"), Body::from("{}"))
        .await;
    answer.assert_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn late_and_skewed_events_are_counted() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Events]).await;
    let items = [
        event(1, json!({"occurred_at": "2026-10-20T10:00:00Z"})),
        event(2, json!({"occurred_at": "2026-11-02T10:06:00Z"})),
        event(3, json!({"occurred_at": "2026-11-02T10:04:00Z"})),
        event(4, json!({"occurred_at": "2025-09-01T00:00:00Z"})),
        event(5, json!({"occurred_at": null})),
    ];
    let answer = post(&caller, &items).await;
    answer.assert_status(207);
    assert_eq!((answer.at("/late"), answer.at("/skewed")), (json!(1), json!(1)));
    assert_eq!(
        answer.each("outcome"),
        ["created", "created", "created", "rejected", "created"]
    );
    assert_eq!(
        answer.at("/items/3/problem/errors/0/pointer"),
        "/items/3/occurred_at"
    );
    let again = post(&caller, &items).await;
    assert_eq!(
        (again.at("/late"), again.at("/skewed")),
        (json!(0), json!(0)),
        "nothing is new"
    );

    // A clock that is a year slow, and says so.
    let slow = json!({"items": [event(6, json!({"occurred_at": "2025-11-02T09:59:59Z"}))], "sent_at": "2025-11-02T10:00:00Z"});
    let answer = caller.post(PATH, slow).await;
    answer.assert_status(201);
    assert_eq!((answer.at("/late"), answer.at("/skewed")), (json!(0), json!(1)));
}

#[tokio::test]
async fn a_beacon_brings_its_key_in_the_query() {
    let app = TestApp::new().await;
    let caller = app.caller_with(of_browser(&[Scope::Events])).await;
    let answer = beacon(&app, caller.key(), SHOP, &[event(1, json!({}))]).await;
    answer.assert_status(201);
    assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    for origin in ["https://evil.example", "null"] {
        let refused = beacon(&app, caller.key(), origin, &[event(2, json!({}))]).await;
        refused.assert_problem(403, "forbidden");
        assert!(!refused.text().contains(caller.key()));
    }
    let without = caller.post(PATH, json!({"items": [event(2, json!({}))]})).await;
    without.assert_problem(403, "forbidden");
    beacon(&app, "pravis_x", SHOP, &[])
        .await
        .assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_key_that_can_read_must_not_stand_in_a_url() {
    let app = TestApp::new().await;
    for other in [Scope::Read, Scope::Admin, Scope::Ingest, Scope::Review] {
        let caller = app.caller_with(of_browser(&[Scope::Events, other])).await;
        let answer = beacon(&app, caller.key(), SHOP, &[event(1, json!({}))]).await;
        answer.assert_problem(401, "unauthorized");
    }
    let reader = app.caller(&[Scope::Read]).await;
    let path = format!("/api/v1/interactions?key={}", reader.key());
    app.anonymous()
        .get(&path)
        .await
        .assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_preflight_is_answered() {
    let app = TestApp::new().await;
    app.caller_with(of_browser(&[Scope::Events])).await;
    let asked = app
        .anonymous()
        .with("origin", SHOP)
        .with("access-control-request-method", "POST");
    let answer = asked.send(Method::OPTIONS, PATH, None, Body::empty()).await;
    answer.assert_status(204);
    assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
}

#[tokio::test]
async fn the_quota_of_a_day_ends_at_the_midnight_of_the_shop_and_survives_the_process() {
    let zone = [
        ("PRAVIS_EVENTS_PER_DAY", "3"),
        ("PRAVIS_TIME_ZONE", "Asia/Kolkata"),
    ];
    let app = TestApp::with(&zone).await;
    let caller = app.caller(&[Scope::Events]).await;
    let (two, three) = (
        [event(1, json!({})), event(2, json!({}))],
        [event(3, json!({})), event(4, json!({}))],
    );
    post(&caller, &two).await.assert_status(201);
    let refused = post(&caller, &three).await;
    refused.assert_problem(429, "rate_limited");
    // It is 15:30 there.
    assert_eq!(refused.header("retry-after"), Some("30601"));
    post(&caller, &two).await.assert_status(200);
    let elsewhere = app.another();
    let there = elsewhere.anonymous().secret(caller.key());
    post(&there, &three).await.assert_problem(429, "rate_limited");
    post(&there, &three[..1]).await.assert_status(201);
    let other = app.caller(&[Scope::Events]).await;
    post(&other, &three[1..]).await.assert_status(201);
    app.clock().set("2026-11-02T18:29:59Z");
    post(&caller, &[event(5, json!({}))])
        .await
        .assert_problem(429, "rate_limited");
    app.clock().set("2026-11-02T18:30:00Z");
    post(&caller, &[event(5, json!({}))]).await.assert_status(201);
}

#[tokio::test]
async fn no_quota_is_asked_for_with_zero() {
    let app = TestApp::with(&[("PRAVIS_EVENTS_PER_DAY", "0")]).await;
    let caller = app.caller(&[Scope::Events]).await;
    post(&caller, &[event(1, json!({}))]).await.assert_status(201);
}

/// Fires `timer_retention` as the host would, and gives what it logs.
async fn fire_nightly(app: &TestApp) -> Vec<String> {
    let info = TimerInfo {
        schedule_status: None,
        is_past_due: false,
    };
    let payload = info.payload("timer_retention", "timer", app.clock().now());
    let (router, id) = (app.router(), Uuid::now_v7());
    let received = invoke(&router, "timer_retention", id, payload.into_bytes()).await;
    received
        .ok()
        .and_then(|received| received.logs)
        .unwrap_or_default()
}

#[tokio::test]
async fn events_are_kept_as_long_as_the_settings_say() {
    const DAYS: &str = "PRAVIS_RETENTION_DAYS";
    const EVENT_DAYS: &str = "PRAVIS_RETENTION_EVENT_DAYS";
    for (settings, are_kept) in [
        (&[][..], true),
        (&[(DAYS, "30")], false),
        (&[(EVENT_DAYS, "30")], false),
        (&[(DAYS, "30"), (EVENT_DAYS, "60")], true),
    ] {
        let app = TestApp::with(settings).await;
        let caller = app.caller(&[Scope::Events]).await;
        let order = json!({"type": "order", "order_id": "o-1", "value_micros": 5, "currency": "EUR"});
        let sent = [event(1, json!({})), event(2, order)];
        post(&caller, &sent).await.assert_status(201);
        app.clock().advance(SignedDuration::from_hours(31 * 24));
        let logs = fire_nightly(&app).await;
        let told = logs
            .iter()
            .any(|line| line.starts_with("removed 2 client events from before "));
        assert_eq!(told, !are_kept, "{settings:?}: {logs:?}");
        // Sent once more, what is gone is new.
        let outcome = if are_kept { "duplicate" } else { "created" };
        let again = post(&caller, &sent).await;
        assert_eq!(again.each("outcome"), [outcome; 2], "{settings:?}");
    }
}
