//! What must not leave.

use crate::support::{envelopes, shared, started};
use axum::http::Method;
use serde_json::json;
use testkit::{Ingestion, TestApp, complete_turn, feedback, id, over};

/// What shoppers say and are called, and what opens doors.
const SEEDS: [&str; 12] = [
    "seeded wish",
    "seeded answer",
    "seeded opinion",
    "seeded-shopper",
    "seeded-session",
    "seeded-product",
    "seeded context",
    "seeded metadata",
    "seeded failure",
    "seeded-query",
    "seeded-function-key",
    "seeded-hash-key-0123456789",
];

#[tokio::test]
async fn neither_texts_nor_ids_of_people_nor_secrets() {
    let shared = shared();
    let stub = Ingestion::new();
    let url = stub.url();
    let facts = started(&[
        ("PRAVIS_LOGS_ENDPOINT", &url),
        ("PRAVIS_LOGS_RULE_ID", "dcr-1"),
        ("PRAVIS_HASH_KEY", "seeded-hash-key-0123456789"),
    ]);
    let app = TestApp::telling(&[], facts.recorder().clone()).await;
    let admin = app.admin().await.with("x-functions-key", "seeded-function-key");
    let turn = over(
        complete_turn(),
        json!({
            "id": id(1), "user_id": "seeded-shopper", "session_id": "seeded-session", "request_text": "seeded wish",
            "response_text": "seeded answer", "product_ids": ["seeded-product"], "context": {"c": "seeded context"},
            "metadata": {"m": "seeded metadata"}, "error_message": "seeded failure", "error_type": "timeout",
            "status": "failed",
        }),
    );
    admin
        .post("/api/v1/interactions", turn.clone())
        .await
        .assert_status(201);
    admin
        .post(
            "/api/v1/interactions",
            over(turn.clone(), json!({"user_id": "seeded-shopper-2"})),
        )
        .await
        .assert_status(409);
    admin
        .post("/api/v1/interactions/batch", json!({"items": [turn]}))
        .await
        .assert_status(200);
    let path = format!("/api/v1/interactions/{}", id(1));
    admin
        .patch(&path, json!({"request_text": "seeded wish, too"}))
        .await
        .assert_status(200);
    let given = feedback(
        &json!(id(1)),
        json!({"comment": "seeded opinion", "user_id": "seeded-shopper"}),
    );
    admin.post("/api/v1/feedback", given).await.assert_status(201);
    // Faults of all kinds, whose words may repeat what was sent.
    for body in [
        r#"{"seeded wish"#,
        r#"{"type": "seeded wish", "seeded answer": 1}"#,
        r#"["seeded opinion"]"#,
    ] {
        for path in ["/api/v1/interactions", "/api/v1/feedback", "/timer_retention"] {
            admin.raw(Method::POST, path, body).await;
        }
    }
    for path in [
        "/api/v1/users/seeded-shopper/interactions",
        "/api/v1/sessions/seeded-session?code=seeded-query",
        "/api/v1/interactions?user_id=seeded-shopper&limit=seeded-query",
        "/api/seeded-session/seeded-query",
    ] {
        admin.get(path).await;
    }
    facts.shutdown().await;
    envelopes("").await;
    let (told, rows) = (shared.stub.text(), stub.text());
    assert!(told.contains("GET /api/v1/users/{user_id}/interactions") && rows.contains("UserHash"));
    for seed in SEEDS
        .iter()
        .copied()
        .chain([admin.key(), "token-1", "0af7651916cd43dd8448eb211c80319c"])
    {
        for text in [&told, &rows] {
            let place = text
                .find(seed)
                .map(|at| &text[at.saturating_sub(200)..(at + 100).min(text.len())]);
            assert_eq!(place, None, "{seed}");
        }
    }
}
