//! Facts of finished turns in Log Analytics.

use crate::support::{Credential, started, started_with, within};
use insta::assert_json_snapshot;
use pravis::telemetry::Telemetry;
use pravis::telemetry::facts::COLUMNS;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::ingestion::{Ingestion, Mode};
use testkit::{TestApp, complete_turn, feedback, id, over, turn};

const KEY: &str = "a key for tests, 32 bytes or so.";

fn to(stub: &Ingestion, more: &[(&str, &str)]) -> Telemetry {
    let url = stub.url();
    let mut settings = vec![
        ("PRAVIS_LOGS_ENDPOINT", url.as_str()),
        ("PRAVIS_LOGS_RULE_ID", "dcr-1"),
    ];
    settings.extend(more);
    started(&settings)
}

async fn telling(telemetry: &Telemetry) -> TestApp {
    TestApp::telling(&[], telemetry.recorder().clone()).await
}

#[tokio::test]
async fn a_finished_turn_is_a_row() {
    let stub = Ingestion::new();
    let telemetry = to(&stub, &[("PRAVIS_HASH_KEY", KEY)]);
    let app = telling(&telemetry).await;
    app.admin()
        .await
        .post("/api/v1/interactions", complete_turn())
        .await
        .assert_status(201);
    let row = within("a row", || stub.rows().pop()).await;
    assert_json_snapshot!(row);
    let call = stub.calls().pop().unwrap();
    let target = "/dataCollectionRules/dcr-1/streams/Custom-PravisInteractions?api-version=2023-01-01";
    assert_eq!(call.target, target);
    assert_eq!(call.authorization.as_deref(), Some("Bearer token-1"));
    assert_eq!(call.encoding.as_deref(), Some("gzip"));
    telemetry.shutdown().await;
}

#[tokio::test]
async fn the_columns_are_those_that_are_declared() {
    let declared: Vec<_> = COLUMNS
        .iter()
        .map(|column| format!("{}: {}", column.name, column.kind))
        .collect();
    assert_json_snapshot!(declared);
    let names: BTreeSet<_> = COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(names.len(), COLUMNS.len());
    for reserved in ["Id", "Type", "Title", "TenantId", "UniqueId"] {
        assert!(!names.contains(reserved));
    }
}

#[tokio::test]
async fn each_turn_is_told_once_when_it_finishes() {
    let stub = Ingestion::new();
    let telemetry = to(&stub, &[("PRAVIS_HASH_KEY", KEY)]);
    let app = telling(&telemetry).await;
    let admin = app.admin().await;
    // Pending, repeated, in conflict: nothing to tell.
    let pending = turn(json!({"id": id(9)}));
    for (fields, status) in [
        (json!({}), 201),
        (json!({}), 200),
        (json!({"model": "other"}), 409),
    ] {
        let answer = admin
            .post("/api/v1/interactions", over(pending.clone(), fields))
            .await;
        answer.assert_status(status);
    }
    // Changed and still pending, finished, changed again.
    let path = format!("/api/v1/interactions/{}", id(9));
    for patch in [
        json!({"model": "m-1"}),
        json!({"error_type": "timeout"}),
        json!({"model": "m-2"}),
        json!({"model": "m-2"}),
    ] {
        admin.patch(&path, patch).await.assert_status(200);
    }
    let items = [
        complete_turn(),
        complete_turn(),
        turn(json!({})),
        over(complete_turn(), json!({"id": id(2)})),
        json!({}),
    ];
    admin
        .post("/api/v1/interactions/batch", json!({"items": items}))
        .await
        .assert_status(207);
    admin
        .post("/api/v1/feedback", feedback(&json!(id(2)), json!({"rating": 1})))
        .await
        .assert_status(201);
    telemetry.shutdown().await;
    let told: Vec<_> = stub
        .rows()
        .iter()
        .map(|row| (row["Status"].clone(), row["ErrorType"].clone()))
        .collect();
    let succeeded = (json!("succeeded"), Value::Null);
    assert_eq!(
        told,
        [(json!("failed"), json!("timeout")), succeeded.clone(), succeeded]
    );
}

#[tokio::test]
async fn without_a_key_there_are_no_ids_and_a_new_key_makes_others() {
    let stub = Ingestion::new();
    // A reference to a vault is none yet.
    let settings = [
        ("PRAVIS_HASH_KEY", "kv:hash-key"),
        ("PRAVIS_KEY_VAULT_URL", "https://shop.vault.azure.net"),
    ];
    let telemetry = to(&stub, &settings);
    let app = telling(&telemetry).await;
    let admin = app.admin().await;
    let facts = telemetry.recorder().facts();
    for (n, key) in [(1, None), (2, Some("one key")), (3, Some("other key"))] {
        key.into_iter().for_each(|key| facts.set_key(key.as_bytes()));
        let turn = over(complete_turn(), json!({"id": id(n)}));
        admin.post("/api/v1/interactions", turn).await.assert_status(201);
    }
    telemetry.shutdown().await;
    let hashes: Vec<_> = stub.rows().iter().map(|row| row["UserHash"].clone()).collect();
    assert_eq!(hashes[0], Value::Null);
    assert_eq!(hashes[1].as_str().unwrap().len(), 64);
    assert_ne!(hashes[1], hashes[2]);
    assert!(!stub.rows()[0].to_string().contains("Hash"));
}

#[tokio::test]
async fn a_flood_comes_in_calls_that_are_small_enough() {
    let stub = Ingestion::new();
    let telemetry = to(&stub, &[]);
    let app = telling(&telemetry).await;
    let admin = app.admin().await;
    let long = "é".repeat(64);
    let items: Vec<_> = (0..1000)
        .map(|n| {
            let names = json!({"id": id(n), "prompt_name": long, "deployment": long, "model": long, "provider": long});
            over(complete_turn(), names)
        })
        .collect();
    for batch in items.chunks(500) {
        admin
            .post("/api/v1/interactions/batch", json!({"items": batch}))
            .await
            .assert_status(201);
    }
    within("all rows", || (stub.rows().len() == 1000).then_some(())).await;
    for call in stub.calls() {
        assert!(call.body.len() <= 1_000_000, "{}", call.body.len());
    }
    telemetry.shutdown().await;
}

#[tokio::test]
async fn a_busy_service_is_asked_again_when_it_says() {
    let stub = Ingestion::new();
    stub.set(Mode::Busy(2));
    let telemetry = to(&stub, &[]);
    let app = telling(&telemetry).await;
    app.admin()
        .await
        .post("/api/v1/interactions", complete_turn())
        .await
        .assert_status(201);
    within("the first call", || stub.attempts().pop()).await;
    let began = Instant::now();
    within("a row", || stub.rows().pop()).await;
    assert!(
        began.elapsed() > Duration::from_millis(1800),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(stub.attempts().len(), 2);
    telemetry.shutdown().await;
}

#[tokio::test]
async fn what_fails_is_tried_again_and_what_is_wrong_is_not() {
    for (status, attempts, rows) in [(500, 3, 1), (503, 3, 1), (400, 1, 0), (413, 1, 0)] {
        let stub = Ingestion::new();
        stub.set(Mode::Refuse(status));
        let telemetry = to(&stub, &[]);
        let app = telling(&telemetry).await;
        let answer = app
            .admin()
            .await
            .post("/api/v1/interactions", complete_turn())
            .await;
        answer.assert_status(201);
        within("attempts", || (stub.attempts().len() >= attempts).then_some(())).await;
        stub.set(Mode::Take);
        if rows > 0 {
            within("a row", || stub.rows().pop()).await;
        }
        telemetry.shutdown().await;
        assert_eq!(stub.rows().len(), rows, "{status}");
        assert_eq!(stub.attempts().len(), attempts + rows, "{status}");
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced() {
    let stub = Ingestion::new();
    stub.set(Mode::Refuse(403));
    let credential = Arc::new(Credential::default());
    let url = stub.url();
    let settings = [
        ("PRAVIS_LOGS_ENDPOINT", url.as_str()),
        ("PRAVIS_LOGS_RULE_ID", "dcr-1"),
    ];
    let telemetry = started_with(&settings, Arc::clone(&credential));
    let app = telling(&telemetry).await;
    let admin = app.admin().await;
    admin
        .post("/api/v1/interactions", complete_turn())
        .await
        .assert_status(201);
    within("a refusal", || stub.attempts().pop()).await;
    stub.set(Mode::Take);
    admin
        .post(
            "/api/v1/interactions",
            over(complete_turn(), json!({"id": id(2)})),
        )
        .await
        .assert_status(201);
    let call = within("a row", || stub.calls().pop()).await;
    assert_eq!(call.authorization.as_deref(), Some("Bearer token-2"));
    assert_eq!((credential.asked(), stub.rows().len()), (2, 1));
    telemetry.shutdown().await;
}
