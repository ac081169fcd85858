//! Long lists: what is alive at once, what a broken connection leaves, and that the rest is exactly the rest.

use axum::body::Body;
use axum::http::Request;
use domain::keys::Scope;
use domain::parse;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use testkit::faulty::Fault;
use testkit::{TestApp, id, turn};
use tower::ServiceExt;

/// Stores this many turns, a second apart.
async fn filled(app: &TestApp, turns: u128) {
    let first: jiff::Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    for from in (0..turns).step_by(1000) {
        let batch = (from..(from + 1000).min(turns)).map(|n| {
            let at = first + jiff::SignedDuration::from_secs(n as i64);
            let new: domain::interactions::NewInteraction =
                parse::from_value(turn(json!({"started_at": at.to_string()}))).unwrap();
            new.into_interaction(id(n).parse().unwrap(), at)
        });
        app.store().create_interactions(batch.collect()).await.unwrap();
    }
}

async fn open(app: &TestApp, query: &str) -> Body {
    let caller = app.caller(&[Scope::Read]).await;
    let request = Request::get(format!("/api/v1/exports/interactions?{query}"))
        .header("authorization", format!("Bearer {}", caller.key()))
        .body(Body::empty())
        .unwrap();
    let response = app.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body()
}

fn lines(text: &[u8]) -> Vec<Value> {
    let whole = text.rsplitn(2, |byte| *byte == b'\n').nth(1).unwrap_or_default();
    let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// The largest frame, and all bytes up to the end or the first error.
async fn read(body: &mut Body) -> (usize, Vec<u8>, bool) {
    let (mut largest, mut bytes) = (0, Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return (largest, bytes, true);
        };
        let data = frame.into_data().unwrap();
        largest = largest.max(data.len());
        bytes.extend(data);
    }
    (largest, bytes, false)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_rows_come_in_pages_and_in_order() {
    let app = TestApp::new().await;
    filled(&app, 100_000).await;
    let (largest, bytes, broken) = read(&mut open(&app, "format=jsonl").await).await;
    assert!(!broken);
    assert!(largest < 1_000_000, "{largest} bytes at once, of {}", bytes.len());
    let ids = lines(&bytes)
        .into_iter()
        .map(|line| line["id"].as_str().unwrap().to_owned());
    assert!(
        ids.eq((0..100_000).rev().map(id)),
        "newest first, none twice, none left out"
    );
}

#[tokio::test]
async fn pages_are_read_when_the_caller_takes_them_and_a_broken_stream_goes_on_after_its_last_row() {
    let app = TestApp::new().await;
    filled(&app, 3_000).await;
    for format in ["jsonl", "csv"] {
        let mut body = open(&app, &format!("format={format}")).await;
        let mut received = Vec::new();
        while received.is_empty() {
            received.extend(body.frame().await.unwrap().unwrap().into_data().unwrap());
        }
        // What was not asked for was not read: with the store away, the next page fails, and with it the connection.
        app.store_faults().set(Fault::Away);
        let (_, more, broken) = read(&mut body).await;
        app.store_faults().set(Fault::None);
        assert!(broken, "a broken export must not look like a whole one");
        received.extend(more);
        if format == "csv" {
            continue;
        }
        let before = lines(&received);
        assert!(
            !before.is_empty() && before.len() <= 1_000,
            "{} rows",
            before.len()
        );
        let cursor = before[before.len() - 1]["cursor"].as_str().unwrap();
        let (_, rest, broken) = read(&mut open(&app, &format!("format=jsonl&cursor={cursor}")).await).await;
        assert!(!broken);
        let after = lines(&rest);
        let ids = before
            .iter()
            .chain(&after)
            .map(|line| line["id"].as_str().unwrap().to_owned());
        assert!(ids.eq((0..3_000).rev().map(id)));
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_told_before_the_first_row() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    caller.get("/api/v1/exports/feedback").await.assert_status(200);
    app.store_faults().set(Fault::Away);
    caller
        .get("/api/v1/exports/feedback")
        .await
        .assert_problem(503, "store_unavailable");
}
