//! Events that came while the database was away.

use super::*;
use domain::keys::Scope;
use serde_json::json;
use testkit::{Caller, id};

const EVENTS: &str = "/api/v1/events";

fn click(n: u128, page: &str) -> Value {
    json!({"id": id(n), "type": "click", "session_id": "s", "page": page, "occurred_at": "2026-11-02T09:59:00Z"})
}

async fn post(caller: &Caller, items: &[Value]) -> testkit::Answer {
    caller.post(EVENTS, json!({"items": items})).await
}

async fn started(settings: &[(&str, &str)]) -> (TestApp, Caller) {
    let app = TestApp::with(settings).await;
    let caller = app.caller(&[Scope::Events]).await;
    post(&caller, &[click(1, "/a")]).await.assert_status(201);
    noted(&app).await;
    (app, caller)
}

#[tokio::test]
async fn they_are_taken_and_stored_once() {
    for fault in [Fault::Away, Fault::AfterWork] {
        let (app, caller) = started(&[]).await;
        app.store_faults().set(fault);
        let sent = [click(2, "/a"), json!({"type": "x"}), click(1, "/a")];
        let answer = post(&caller, &sent).await;
        answer.assert_status(202);
        assert_eq!(answer.each("outcome"), ["spilled", "rejected", "spilled"]);
        assert_eq!(waiting(&app).await.len(), 1);
        back(&app);
        assert_eq!(drain(&app).await, 0);
        assert_eq!((waiting(&app).await.len(), dead(&app).await.len()), (0, 0));
        let again = post(&caller, &[click(1, "/a"), click(2, "/a"), click(3, "/a")]).await;
        assert_eq!(
            again.each("outcome"),
            ["duplicate", "duplicate", "created"],
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn what_conflicts_is_kept_as_a_dead_letter() {
    let (app, caller) = started(&[]).await;
    away(&app);
    let sent = [click(1, "/b"), click(2, "/b")];
    post(&caller, &sent).await.assert_status(202);
    back(&app);
    assert_eq!(drain(&app).await, 0);
    let letters = dead(&app).await;
    assert_eq!(letters.len(), 1);
    let letter = read(&app, &letters[0]).await;
    assert_eq!(letter["reason"], "event_conflict");
    assert_eq!(
        letter["write"]["events"].as_array().unwrap().len(),
        1,
        "only what cannot be stored"
    );
    post(&caller, &sent[1..]).await.assert_status(200);
}

#[tokio::test]
async fn they_count_against_the_quota_of_their_day_and_are_never_refused() {
    let (app, caller) = started(&[("PRAVIS_EVENTS_PER_DAY", "2")]).await;
    away(&app);
    let sent = [click(2, "/"), click(3, "/"), click(4, "/")];
    post(&caller, &sent).await.assert_status(202);
    back(&app);
    app.clock().set("2026-11-03T10:00:00Z");
    assert_eq!(drain(&app).await, 0);
    post(&caller, &sent).await.assert_status(200);
    post(&caller, &[click(5, "/")]).await.assert_status(201);
    app.clock().set("2026-11-02T23:00:00Z");
    post(&caller, &[click(6, "/")])
        .await
        .assert_problem(429, "rate_limited");
}

#[tokio::test]
async fn of_an_address_at_most_a_hash_of_the_day_is_kept() {
    let hashed = [
        ("PRAVIS_HASH_KEY", "0123456789abcdef"),
        ("PRAVIS_EVENTS_IP_HASH", "daily"),
    ];
    for settings in [&[][..], &hashed] {
        let (app, caller) = started(settings).await;
        away(&app);
        let from = |address: &str| caller.with("x-forwarded-for", address);
        for (n, address) in [
            (2, "203.0.113.7"),
            (3, "10.9.8.7, 203.0.113.7:4000"),
            (4, "203.0.113.8"),
        ] {
            post(&from(address), &[click(n, "/")]).await.assert_status(202);
        }
        let mut hashes = Vec::new();
        for blob in waiting(&app).await {
            let record = read(&app, &blob).await;
            assert!(!record.to_string().contains("113"), "{record}");
            hashes.push(record["write"]["events"][0]["ip_hash"].clone());
        }
        assert_eq!(hashes[0].is_null(), settings.is_empty());
        assert_eq!(hashes[0], hashes[1]);
        assert_eq!(hashes[2] == hashes[0], settings.is_empty());
    }
}
