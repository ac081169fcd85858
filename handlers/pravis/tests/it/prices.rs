//! What turns cost, and whose word that is.

use domain::pricing::DeploymentModel;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::faulty::Fault;
use testkit::{Caller, TestApp, id, turn, until};

const TURNS: &str = "/api/v1/interactions";
const PRICES: &str = "/api/v1/prices";

fn path(n: u128) -> String {
    format!("{TURNS}/{}", id(n))
}

/// 1,000 tokens in, 500 out, of the shop's own model.
fn used(n: u128, fields: Value) -> Value {
    let base =
        json!({"id": id(n), "provider": "shop", "model": "m", "tokens_input": 1000, "tokens_output": 500});
    turn(testkit::over(base, fields))
}

/// Sets prices for a million tokens of the shop's model, in micro-dollars.
async fn set(admin: &Caller, input: u64, output: u64) {
    for (unit, price) in [("input_token", input), ("output_token", output)] {
        let body = json!({"provider": "shop", "model": "m", "unit": unit, "price_micros": price});
        admin.post(PRICES, body).await.assert_status(201);
    }
}

/// What a stored turn costs, and whether the price table says so.
async fn cost(caller: &Caller, n: u128) -> (Value, Value) {
    let answer = caller.get(&path(n)).await;
    (answer.at("/cost_micros"), answer.at("/priced"))
}

fn ours(micros: u64) -> (Value, Value) {
    (json!(micros), json!(true))
}

fn theirs(micros: u64) -> (Value, Value) {
    (json!(micros), json!(false))
}

fn unknown() -> (Value, Value) {
    (json!(null), json!(false))
}

#[tokio::test]
async fn a_turn_is_priced_as_it_is_stored() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let created = admin.post(TURNS, used(1, json!({}))).await;
    assert_eq!(
        created.at("/cost_micros"),
        json!(null),
        "nobody knows its prices yet"
    );
    app.clock().advance(SignedDuration::from_secs(1));
    set(&admin, 2_000_000, 8_000_000).await;
    let created = admin.post(TURNS, used(2, json!({}))).await;
    assert_eq!(
        (created.at("/cost_micros"), created.at("/priced")),
        ours(6_000),
        "at once in this process"
    );
    let shipped = json!({"provider": "openai", "model": "gpt-4o-2024-08-06"});
    let items = json!({"items": [used(3, json!({"cost_micros": 5})), used(4, json!({"model": "other"})), used(5, shipped)]});
    admin
        .post(&format!("{TURNS}/batch"), items)
        .await
        .assert_status(201);
    assert_eq!(cost(&admin, 1).await, unknown());
    assert_eq!(cost(&admin, 2).await, ours(6_000));
    assert_eq!(cost(&admin, 3).await, theirs(5));
    assert_eq!(cost(&admin, 4).await, unknown());
    assert_eq!(cost(&admin, 5).await, ours(7_500));
    let stats = admin.get("/api/v1/analytics/interactions?days=1").await;
    assert_eq!(stats.at("/cost"), json!({"micros": 13_505, "unpriced": 2}));
    let again = admin.post(TURNS, used(2, json!({}))).await;
    again.assert_status(200);
}

#[tokio::test]
async fn a_change_prices_what_is_ours_and_only_where_it_matters() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    set(&admin, 2_000_000, 8_000_000).await;
    app.clock().advance(SignedDuration::from_secs(1));
    admin.post(TURNS, used(1, json!({}))).await.assert_status(201);
    let patch = async |patch: Value| {
        let answer = admin.patch(&path(1), patch).await;
        answer.assert_status(200);
        (
            (answer.at("/cost_micros"), answer.at("/priced")),
            answer.etag().to_owned(),
        )
    };
    assert_eq!(patch(json!({"tokens_output": 1000})).await.0, ours(10_000));
    // A price that begins before the turn: known to whoever prices anew, but this change is no reason to.
    app.clock().set("2026-11-02T10:00:00.5Z");
    set(&admin, 4_000_000, 16_000_000).await;
    app.clock().set("2026-11-02T10:00:02Z");
    let (kept, etag) = patch(json!({"response_text": "hello"})).await;
    assert_eq!(kept, ours(10_000));
    assert_eq!(
        patch(json!({"response_text": "hello", "tokens_output": 1000})).await,
        (kept, etag),
        "nothing changed"
    );
    assert_eq!(
        patch(json!({"tokens_output": 2000})).await.0,
        ours(36_000),
        "by the prices of its start"
    );
    assert_eq!(patch(json!({"model": "other"})).await.0, unknown());
    assert_eq!(patch(json!({"model": "m"})).await.0, ours(36_000));
    assert_eq!(
        patch(json!({"cost_micros": 36_000})).await.0,
        theirs(36_000),
        "the client's word"
    );
    assert_eq!(patch(json!({"tokens_output": 1})).await.0, theirs(36_000));
    assert_eq!(patch(json!({"cost_micros": null})).await.0, ours(4_016));
    let refused = admin.patch(&path(1), json!({"priced": false})).await;
    refused.assert_faults(&[("/priced", "read_only_field")]);
}

#[tokio::test]
async fn deployments_tell_the_model() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let deployment = DeploymentModel {
        deployment: "shop-chat".into(),
        provider: "azure_openai".into(),
        model: "gpt-4o".into(),
        set_by: "cli".into(),
        set_at: app.clock().now(),
    };
    let audit =
        domain::audit::AuditEntry::new(app.app().new_id(), app.clock().now(), "cli", "x", "y", json!({}));
    app.store().set_deployment_model(deployment, audit).await.unwrap();
    let fields = json!({"provider": null, "model": null, "deployment": "shop-chat"});
    admin.post(TURNS, used(1, fields)).await.assert_status(201);
    assert_eq!(cost(&admin, 1).await, ours(7_500));
}

#[tokio::test]
async fn other_processes_hear_of_a_price_within_a_minute() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    set(&admin, 2_000_000, 8_000_000).await;
    let other = app.another();
    let caller = other.anonymous().secret(admin.key());
    app.clock().advance(SignedDuration::from_secs(1));
    caller.post(TURNS, used(1, json!({}))).await.assert_status(201);
    assert_eq!(
        cost(&admin, 1).await,
        ours(6_000),
        "its first write waits for the shop's prices"
    );
    set(&admin, 3_000_000, 8_000_000).await;
    app.clock().advance(SignedDuration::from_secs(61));
    let mut n = 1;
    until("the new price", async || {
        n += 1;
        caller.post(TURNS, used(n, json!({}))).await.assert_status(201);
        cost(&admin, n).await == ours(7_000)
    })
    .await;
}

#[tokio::test]
async fn what_was_spilled_is_priced_by_the_store() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let own =
        json!({"provider": "openai", "model": "gpt-4o", "unit": "input_token", "price_micros": 1_000_000});
    admin.post(PRICES, own).await.assert_status(201);
    set(&admin, 2_000_000, 8_000_000).await;
    app.clock().advance(SignedDuration::from_secs(1));
    let asleep = app.asleep();
    let caller = asleep.anonymous().secret(admin.key());
    let model = json!({"provider": "openai", "model": "gpt-4o"});
    caller
        .post(TURNS, used(1, model.clone()))
        .await
        .assert_status(202);
    caller.post(TURNS, used(2, json!({}))).await.assert_status(202);
    let client = testkit::over(model, json!({"cost_micros": 7}));
    caller.post(TURNS, used(3, client)).await.assert_status(202);
    for name in app.spilled("2").await {
        pravis::spill::replay::replay(app.app(), &name, false)
            .await
            .unwrap();
    }
    assert_eq!(
        cost(&admin, 1).await,
        ours(6_000),
        "not by the price that came with the program"
    );
    assert_eq!(cost(&admin, 2).await, ours(6_000));
    assert_eq!(cost(&admin, 3).await, theirs(7));
}

#[tokio::test]
async fn a_store_that_is_away_does_not_keep_a_write() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin.get(TURNS).await.assert_status(200);
    app.store_faults().set(Fault::Away);
    let spilled = json!({"provider": "openai", "model": "gpt-4o"});
    admin.post(TURNS, used(1, spilled)).await.assert_status(202);
    app.store_faults().set(Fault::None);
    app.app().breaker().close();
    for name in app.spilled("2").await {
        pravis::spill::replay::replay(app.app(), &name, false)
            .await
            .unwrap();
    }
    assert_eq!(cost(&admin, 1).await, ours(7_500));
}
