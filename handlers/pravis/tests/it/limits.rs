//! How much may be asked: sizes and rates.

use axum::http::Method;
use domain::keys::Scope;
use serde_json::json;
use testkit::{TestApp, id, turn};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turn_path = format!("/api/v1/interactions/{}", id(1));
    let feedback_path = format!("/api/v1/feedback/{}", id(1));
    for (method, path, most) in [
        (Method::POST, "/api/v1/interactions", 4 * MIB),
        (Method::POST, "/api/v1/interactions/batch", 8 * MIB),
        (Method::PATCH, turn_path.as_str(), 4 * MIB),
        (Method::POST, "/api/v1/feedback", 128 * 1024),
        (Method::PATCH, feedback_path.as_str(), 4 * MIB),
        (Method::POST, "/api/v1/keys", 64 * 1024),
    ] {
        // White space around `{}`: valid JSON of any size.
        let body = |size: usize| format!("{{{}}}", " ".repeat(size - 2));
        let answer = admin.raw(method.clone(), path, body(most + 1)).await;
        answer.assert_problem(413, "payload_too_large");
        let said = admin.with("content-length", &(most + 1).to_string());
        let answer = said.raw(method.clone(), path, "{}").await;
        answer.assert_problem(413, "payload_too_large");
        let answer = admin.raw(method, path, body(most)).await;
        assert_ne!(answer.status(), 413, "{path} takes {most} bytes");
    }
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_to_come_again() {
    let settings = [
        ("PRAVIS_RATE_LIMIT_BURST", "3"),
        ("PRAVIS_RATE_LIMIT_PER_SECOND", "1"),
    ];
    let app = TestApp::with(&settings).await;
    let (eager, other) = (app.caller(&[Scope::Read]).await, app.caller(&[Scope::Read]).await);
    let mut refused = None;
    // One is refilled each second: on a slow machine it takes a few more than four.
    for _ in 0..100 {
        let answer = eager.get("/api/v1/sessions").await;
        if answer.status() != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a refusal");
    refused.assert_problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    other.get("/api/v1/sessions").await.assert_status(200);
    app.anonymous().get("/api/health/live").await.assert_status(200);
}

#[tokio::test]
async fn the_burst_is_allowed_at_once() {
    let settings = [
        ("PRAVIS_RATE_LIMIT_BURST", "20"),
        ("PRAVIS_RATE_LIMIT_PER_SECOND", "1"),
    ];
    let app = TestApp::with(&settings).await;
    let caller = app.caller(&[Scope::Ingest]).await;
    for _ in 0..20 {
        let answer = caller.post("/api/v1/interactions", turn(json!({}))).await;
        answer.assert_status(201);
    }
}
