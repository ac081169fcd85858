//! No body whatever makes the decoder panic.

use axum::http::HeaderMap;
use pravis::host::envelope::Invocation;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Reads everything that can be read.
fn read_all(body: &[u8]) {
    let Ok(invocation) = Invocation::decode("F", &HeaderMap::new(), body) else {
        return;
    };
    for binding in ["timer", "msg", "blob", "event", ""] {
        let _ = invocation.timer(binding);
        let _ = invocation.queue_text(binding);
        let _ = invocation.queue_json::<Value>(binding);
        let _ = invocation.queue_bytes(binding);
        let _ = invocation.blob(binding);
        let _ = invocation.event(binding);
    }
    let _ = invocation.retry();
    let _ = invocation.metadata("sys");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9T:.+Z-]{0,32}".prop_map(Value::from),
        "[\\[\\]{}\",:0-9a-z\\\\]{0,24}".prop_map(Value::from),
    ];
    let names = prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "ScheduleStatus",
            "Last",
            "Next",
            "LastUpdated",
            "IsPastDue",
            "id",
            "type",
            "time",
            "data",
            "subject",
            "RetryCount",
            "MaxRetryCount",
            "Exception",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner.clone()), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..512)) {
        read_all(&body);
    }

    #[test]
    fn any_values(timer in any_json(), msg in any_json(), event in any_json(), about in any_json(), retry in any_json()) {
        let metadata = json!({
            "Id": about, "DequeueCount": about, "InsertionTime": about, "Properties": about, "Uri": about,
            "RetryContext": retry, "sys": about,
        });
        let data = json!({"timer": timer, "msg": msg, "blob": msg, "event": event});
        read_all(json!({"Data": data, "Metadata": metadata}).to_string().as_bytes());
        read_all(json!({"Data": timer, "Metadata": retry}).to_string().as_bytes());
    }

    #[test]
    fn a_golden_envelope_with_one_byte_changed(
        fixture in prop::sample::select(vec!["timer", "queue_json", "queue_binary", "blob", "event_grid_schema"]),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut body = crate::fixtures::text(fixture).into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        read_all(&body);
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let deep = format!(
        r#"{{"Data": {{"timer": {}{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    read_all(deep.as_bytes());
    let inside = json!({"Data": {"timer": "[".repeat(100_000), "msg": "{\"a\":".repeat(100_000)}});
    read_all(inside.to_string().as_bytes());
}
