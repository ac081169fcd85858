//! `get_funnel`

use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{Caller, TestApp, id, turn};

const PATH: &str = "/api/v1/analytics/funnel";

/// A turn that shows a dress and one that shows nothing; the dress is viewed and ordered two hours later.
async fn shop() -> (TestApp, Caller) {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest, Scope::Events, Scope::Read]).await;
    let turns = [
        json!({"id": id(1), "started_at": "2026-11-02T07:00:00Z", "product_ids": ["dress"], "model": "m",
            "prompt_version": "1", "cost_micros": 900}),
        json!({"id": id(2), "started_at": "2026-11-02T07:05:00Z", "session_id": "s-2", "model": "n"}),
    ];
    let turns: Vec<Value> = turns.into_iter().map(turn).collect();
    let sent = caller
        .post("/api/v1/interactions/batch", json!({"items": turns}))
        .await;
    sent.assert_status(201);
    let event = |n: u128, fields: Value| {
        testkit::over(
            json!({"id": id(n), "session_id": "s-1", "occurred_at": "2026-11-02T09:00:00Z"}),
            fields,
        )
    };
    let events = json!({"items": [
        event(1, json!({"type": "product_view", "product_id": "dress"})),
        event(2, json!({"type": "order", "order_id": "o-1", "value_micros": 80_000_000, "currency": "EUR"})),
        event(3, json!({"type": "order", "order_id": "o-2", "product_id": "dress"})),
    ]});
    caller.post("/api/v1/events", events).await.assert_status(201);
    (app, caller)
}

#[tokio::test]
async fn from_the_turn_to_the_order() {
    let (_app, caller) = shop().await;
    let answer = caller.get(&format!("{PATH}?days=1")).await;
    answer.assert_status(200);
    assert_json_snapshot!("from_the_turn_to_the_order", answer.json());
    let hour = caller
        .get(&format!("{PATH}?days=1&window=1h&touch=first&group_by=model"))
        .await;
    assert_eq!(hour.at("/orders"), 0);
    assert_eq!(hour.at("/revenue"), json!([]));
    assert_eq!(hour.at("/steps/3/conversion"), json!(null), "of none");
    assert_eq!(hour.json().get("by_prompt_version"), None);
    let other = caller
        .get(&format!(
            "{PATH}?days=1&model=n&prompt_version=1&type=chat&channel=web"
        ))
        .await;
    assert_eq!(other.at("/steps/0/turns"), 0);
    assert_eq!(other.at("/steps/0/overall"), json!(null));
    assert_eq!(other.at("/cost_micros_per_turn"), json!(null));
}

#[tokio::test]
async fn another_zone_has_other_days() {
    let (_app, caller) = shop().await;
    // On Hawaii the 2nd of November begins at 10:00 UTC, when the test asks.
    for (tz, turns) in [
        ("Pacific/Honolulu", 0),
        ("America/New_York", 2),
        ("Asia/Kathmandu", 2),
    ] {
        let answer = caller.get(&format!("{PATH}?days=1&tz={tz}")).await;
        assert_eq!(answer.at("/steps/0/turns"), turns, "{tz}");
        assert_eq!(answer.at("/tz"), tz);
    }
}

#[tokio::test]
async fn what_cannot_be_asked() {
    let (_app, caller) = shop().await;
    for (query, places) in [
        ("window=2h", ["?window"].as_slice()),
        ("touch=best&days=x", &["?days", "?touch"]),
        ("group_by=locale", &["?group_by"]),
        ("tz=Mars/Base", &["?tz"]),
        ("from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", &["?to"]),
        ("days=401", &["?days"]),
    ] {
        let answer = caller.get(&format!("{PATH}?{query}")).await;
        let places: Vec<_> = places.iter().map(|place| (*place, "invalid_field")).collect();
        answer.assert_faults(&places);
    }
}

#[tokio::test]
async fn orders_and_revenue_over_time() {
    let (_app, caller) = shop().await;
    let path = "/api/v1/analytics/timeseries?days=2";
    let orders = caller.get(&format!("{path}&metric=orders")).await;
    orders.assert_status(200);
    assert_eq!(orders.at("/series/0/points/0/value"), 0);
    assert_eq!(orders.at("/series/0/points/1/value"), 2);
    let revenue = caller.get(&format!("{path}&metric=revenue")).await;
    assert_eq!(
        revenue.at("/series").as_array().unwrap().len(),
        1,
        "the other order has no value"
    );
    assert_eq!(revenue.at("/series/0/key"), json!({"currency": "EUR"}));
    assert_eq!(revenue.at("/series/0/points/0/value"), json!(null));
    assert_eq!(revenue.at("/series/0/points/1/value"), 80_000_000);
    for query in ["metric=revenue&group_by=model", "metric=orders&channel=web"] {
        let answer = caller.get(&format!("{path}&{query}")).await;
        answer.assert_faults(&[("?group_by", "invalid_field")]);
    }
}
