//! Examples worked out by hand, in `golden.json`.

use crate::ingest::prepare;
use crate::pricing::{DeploymentModel, ModelPrice, PriceBook, PriceTable};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const GOLDEN: &str = include_str!("golden.json");

fn now() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

/// `value` with what these tests do not care about.
fn filled(value: &Value, more: Value) -> Value {
    let mut whole = Map::from_iter(more.as_object().unwrap().clone());
    whole.extend(value.as_object().unwrap().clone());
    whole.into()
}

#[test]
fn every_example_costs_what_it_says() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let rows = |name: &str| golden[name].as_array().unwrap().clone();
    let set = json!({"set_by": "test", "set_at": now()});
    let price = |value: &Value| {
        let more = filled(
            &set,
            json!({"id": Uuid::nil(), "effective_to": null, "source": null}),
        );
        serde_json::from_value::<ModelPrice>(filled(value, more)).unwrap()
    };
    let deployment =
        |value: &Value| serde_json::from_value::<DeploymentModel>(filled(value, set.clone())).unwrap();
    let book = PriceBook::new(PriceTable {
        prices: rows("prices").iter().map(price).collect(),
        deployments: rows("deployments").iter().map(deployment).collect(),
    });
    let examples = rows("examples");
    assert!(examples.len() >= 30);
    for example in examples {
        let why = example["why"].as_str().unwrap();
        let turn = filled(&example["turn"], json!({"type": "chat", "session_id": "s"}));
        let turn = prepare(turn.to_string().as_bytes(), now(), &book, Uuid::now_v7).unwrap();
        let own = example["turn"].get("cost_micros").is_some();
        assert_eq!(
            json!(turn.cost_micros),
            example["cost_micros"],
            "{why}: {}",
            example["turn"]
        );
        assert_eq!(turn.priced, !own && turn.cost_micros.is_some(), "{why}");
    }
}
