use super::store;
use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{TestApp, over};

const QUERIES: &str = "/api/v1/analytics/queries";

fn search(text: &str, fields: Value) -> Value {
    let own = json!({"type": "search", "request_text": text, "status": "succeeded", "product_ids": ["p"]});
    over(own, fields)
}

#[tokio::test]
async fn what_was_not_found_stands_first() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turns = vec![
        search("Red dress", json!({"started_at": "2026-11-01T10:00:00Z"})),
        search("red  DRESS ", json!({"started_at": "2026-11-02T09:00:00Z"})),
        search("red dress", json!({"started_at": "2026-10-01T09:00:00Z"})),
        search("blue shoes", json!({"product_ids": [], "channel": "web"})),
        search("blue shoes", json!({"error_type": "timeout", "status": "failed"})),
        search("where is 1234567 for a@b.example", json!({"status": "failed"})),
        search("  ", json!({})),
        over(
            search("red dress", json!({})),
            json!({"type": "chat", "product_ids": []}),
        ),
        json!({"type": "search"}),
    ];
    store(&admin, turns).await;
    let caller = app.caller(&[Scope::Read]).await;
    let answer = caller.get(&format!("{QUERIES}?days=2")).await;
    answer.assert_status(200);
    assert_json_snapshot!(answer.json());

    let one = caller.get(&format!("{QUERIES}?days=2&limit=1")).await;
    assert_eq!(one.at("/queries").as_array().unwrap().len(), 1);
    assert_eq!(one.at("/queries/0/text"), "blue shoes");
    let web = caller.get(&format!("{QUERIES}?days=2&channel=web")).await;
    assert_eq!(web.at("/queries/0/count"), 1);
    let chat = caller.get(&format!("{QUERIES}?days=2&type=chat")).await;
    assert_eq!(
        (chat.at("/queries/0/text"), chat.at("/queries/0/without_results")),
        (json!("red dress"), Value::Null)
    );
    let part = format!("{QUERIES}?from=2026-11-01T10:00:00Z&to=2026-11-01T10:00:00.000001Z&tz=Asia/Kolkata");
    assert_eq!(caller.get(&part).await.at("/queries/0/count"), 1);
    let none = caller.get(&format!("{QUERIES}?days=1&type=tts")).await;
    assert_eq!(none.at("/queries"), json!([]));
}

#[tokio::test]
async fn faulty_questions_are_told() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, name, code) in [
        ("limit=0", "limit", "invalid_field"),
        ("limit=201", "limit", "invalid_field"),
        ("type=cooking", "type", "invalid_field"),
        ("days=401", "days", "invalid_field"),
        ("tz=Mars/Base", "tz", "invalid_field"),
        ("model=m", "model", "unknown_field"),
        ("to=2026-11-02T00:00:00Z", "from", "invalid_field"),
    ] {
        let answer = caller.get(&format!("{QUERIES}?{query}")).await;
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
}
