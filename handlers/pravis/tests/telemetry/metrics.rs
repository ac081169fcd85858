//! Numbers.

use crate::support::{started, within};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use testkit::{Ingestion, TestApp, complete_turn, id, over, turn};

/// The values that arrived, with what they are of, in order.
fn values(stub: &Ingestion) -> Vec<String> {
    let value = |envelope: Value| {
        let data = &envelope["data"]["baseData"];
        let metric = &data["metrics"][0];
        let of = data["properties"].as_object().unwrap().iter();
        let of: Vec<_> = of
            .filter(|(name, _)| !name.starts_with("service."))
            .map(|(_, value)| value.as_str().unwrap())
            .collect();
        format!(
            "{} [{}] {}",
            metric["name"].as_str().unwrap(),
            of.join(", "),
            metric["value"]
        )
    };
    let mut values: Vec<_> = stub.envelopes().into_iter().map(value).collect();
    values.sort();
    values
}

#[tokio::test]
async fn what_is_stored_is_counted_once() {
    let stub = Ingestion::new();
    let telemetry = started(&[("APPLICATIONINSIGHTS_CONNECTION_STRING", &stub.connection_string())]);
    let app = TestApp::telling(&[], telemetry.recorder().clone()).await;
    let caller = app.admin().await;
    let pending = json!({"id": id(9), "provider": "azure", "model": "gpt-4o"});
    for status in [201, 200] {
        caller
            .post("/api/v1/interactions", turn(pending.clone()))
            .await
            .assert_status(status);
    }
    let finished = json!({"response_text": "Yes.", "tokens_input": 100, "cost_micros": 7});
    let path = format!("/api/v1/interactions/{}", id(9));
    for patch in [finished, json!({"tokens_output": 1_000_000})] {
        caller.patch(&path, patch).await.assert_status(200);
    }
    let items = [
        complete_turn(),
        complete_turn(),
        turn(json!({"id": id(2)})),
        over(
            complete_turn(),
            json!({"id": id(3), "type": "tts", "provider": null, "tokens_input": 0, "tokens_cached": 0, "cost_micros": null}),
        ),
        json!({}),
    ];
    let bytes: usize = items.iter().map(|item| item.to_string().len()).sum();
    let answer = caller
        .post("/api/v1/interactions/batch", json!({"items": items}))
        .await;
    answer.assert_status(207);
    let first = turn(pending).to_string().len();
    telemetry.shutdown().await;
    assert_eq!(
        values(&stub),
        [
            "gen_ai.client.token.usage [chat, azure, gpt-4o, input] 1000.0",
            "gen_ai.client.token.usage [chat, azure, gpt-4o, output] 40.0",
            "gen_ai.client.token.usage [tts, unknown, gpt-4o, input] 0.0",
            "gen_ai.client.token.usage [tts, unknown, gpt-4o, output] 40.0",
            &format!("pravis.gen_ai.cost [chat, azure, gpt-4o] {}.0", 2500 + 7),
            "pravis.ingest.batch_size [] 5.0",
            &format!("pravis.ingest.bytes [] {}.0", first + bytes),
            "pravis.ingest.items [] 4.0",
        ]
    );
}

#[tokio::test]
async fn late_and_skewed_events_are_counted() {
    let stub = Ingestion::new();
    let telemetry = started(&[("APPLICATIONINSIGHTS_CONNECTION_STRING", &stub.connection_string())]);
    let app = TestApp::telling(&[], telemetry.recorder().clone()).await;
    let caller = app.admin().await;
    let event = |number: u128, at: &str| json!({"id": id(number), "type": "click", "session_id": "s", "occurred_at": at});
    let items = [
        event(1, "2026-11-02T09:59:00Z"),
        event(2, "2026-10-20T10:00:00Z"),
        event(3, "2026-11-02T10:06:00Z"),
        json!({}),
    ];
    // The second time nothing is new.
    for _ in 0..2 {
        let answer = caller.post("/api/v1/events", json!({"items": items})).await;
        answer.assert_status(207);
    }
    telemetry.shutdown().await;
    assert_eq!(
        values(&stub),
        [
            "pravis.events.items [] 3.0",
            "pravis.events.late [] 1.0",
            "pravis.events.skewed [] 1.0",
        ]
    );
}

#[tokio::test]
async fn a_value_is_a_whole_envelope() {
    let stub = Ingestion::new();
    let connection_string = stub.connection_string();
    let telemetry = started(&[
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", &connection_string),
        ("WEBSITE_INSTANCE_ID", "instance-1"),
    ]);
    telemetry.recorder().metrics().batch(3);
    telemetry.recorder().metrics().batch(4);
    within("a value", || stub.envelopes().pop()).await;
    assert_json_snapshot!(stub.envelopes(), {
        "[].time" => "[time]",
        "[].tags[\"ai.application.ver\"]" => "[version]",
        "[].data.baseData.properties[\"service.version\"]" => "[version]",
    });
}

#[tokio::test]
async fn gauges_are_silent_while_nothing_happens() {
    let stub = Ingestion::new();
    let telemetry = started(&[("APPLICATIONINSIGHTS_CONNECTION_STRING", &stub.connection_string())]);
    let in_use = Arc::new(AtomicU64::new(0));
    let metrics = telemetry.recorder().metrics();
    let read = Arc::clone(&in_use);
    metrics.sql_in_use(move || read.load(Ordering::SeqCst));
    metrics.sql_waiting(|| 0);
    metrics.spill_age(|| Duration::ZERO);
    // Long enough for several looks; there is nothing else to wait for.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(values(&stub), Vec::<String>::new());
    in_use.store(3, Ordering::SeqCst);
    within("a value", || stub.envelopes().pop()).await;
    assert_eq!(values(&stub), ["pravis.sql.pool.in_use [] 3.0"]);
    telemetry.shutdown().await;
}

#[tokio::test]
async fn losses_are_told_when_the_endpoint_is_back() {
    let stub = Ingestion::new();
    let connection_string = stub.connection_string();
    let rule = [
        ("PRAVIS_LOGS_ENDPOINT", stub.url()),
        ("PRAVIS_LOGS_RULE_ID", "dcr-1".to_owned()),
    ];
    let telemetry = started(&[
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", &connection_string),
        (rule[0].0, &rule[0].1),
        (rule[1].0, &rule[1].1),
    ]);
    stub.set(testkit::ingestion::Mode::Refuse(400));
    let app = TestApp::telling(&[], telemetry.recorder().clone()).await;
    app.admin()
        .await
        .post("/api/v1/interactions", complete_turn())
        .await
        .assert_status(201);
    within("refused rows and values", || {
        let refused = stub.attempts();
        let of = |part: &str| refused.iter().any(|call| call.target.contains(part));
        (of("track") && of("streams")).then_some(())
    })
    .await;
    stub.set(testkit::ingestion::Mode::Take);
    telemetry.shutdown().await;
    let told = values(&stub);
    assert!(
        told.contains(&"pravis.telemetry.dropped [facts] 1.0".to_owned()),
        "{told:?}"
    );
    let of_metrics = told
        .iter()
        .any(|value| value.starts_with("pravis.telemetry.dropped [metrics] "));
    assert!(of_metrics, "{told:?}");
}
