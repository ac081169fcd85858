//! Whatever a client sends, the answer is never its own fault: no status of 500 and above.

use crate::operations;
use axum::body::Body;
use axum::http::{Method, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use testkit::{Answer, Caller, id};

/// Any JSON, not too large.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..8).prop_map(|members| json!(members)),
        ]
    })
}

/// Texts at the edges of what some field takes.
const EDGES: &[&str] = &[
    "",
    " ",
    "0",
    "1",
    "5",
    "-1",
    "255",
    "9223372036854775807",
    "18446744073709551616",
    "1e400",
    "NaN",
    "chat",
    "search",
    "failed",
    "pending",
    "up",
    "tone",
    "reviewed",
    "read",
    "s-1",
    "u-1",
    "\u{0}",
    "\u{10ffff}",
    "%",
    "'; DROP TABLE interactions;--",
    "-009999-01-02T01:59:59Z",
    "9999-12-30T22:00:00.999999999Z",
    "1969-12-31T23:59:59.9999999Z",
    "2026-11-02T10:00:00Z",
    "2026-11-02T10:00:00.000000001+05:30",
    "2026-02-30T00:00:00Z",
    "UTC",
    "Etc/GMT+12",
    "Pacific/Apia",
    "Asia/Kolkata",
    "019a4400-0000-7000-8000-000000000001",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "AQAAAAAAAAAA",
    "https://shop.example",
];

fn edge() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(EDGES).prop_map(str::to_owned), 1 => any::<String>()]
}

fn edge_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => edge().prop_map(Value::from),
        2 => any_json(),
        1 => select(vec![json!(0), json!(-1), json!(5), json!(1e308), json!(-0.0), json!(i64::MAX), json!(u64::MAX), json!(0.1)]),
        1 => vec(edge(), 0..3).prop_map(Value::from),
    ]
}

/// Members of every body, and what looks like them.
const MEMBERS: &[&str] = &[
    "id",
    "type",
    "session_id",
    "user_id",
    "parent_id",
    "trace_id",
    "channel",
    "locale",
    "model",
    "request_text",
    "response_text",
    "started_at",
    "completed_at",
    "duration_ms",
    "time_to_first_token_ms",
    "tokens_input",
    "tokens_output",
    "tokens_cached",
    "audio_seconds",
    "characters",
    "images",
    "cost_micros",
    "status",
    "error_type",
    "error_message",
    "product_ids",
    "context",
    "metadata",
    "rating",
    "thumb",
    "comment",
    "category",
    "tags",
    "source",
    "review",
    "name",
    "scopes",
    "allowed_origins",
    "expires_at",
    "items",
    "a/b~c",
];

const PARAMETERS: &[&str] = &[
    "type",
    "status",
    "model",
    "provider",
    "user_id",
    "session_id",
    "channel",
    "locale",
    "rating_min",
    "rating_max",
    "from",
    "to",
    "limit",
    "cursor",
    "days",
    "tz",
    "interaction_id",
    "category",
    "source",
    "thumb",
    "review_state",
    "code",
    "x",
];

/// A body that an operation takes, with some members replaced.
fn nearly_right(base: Value) -> impl Strategy<Value = Value> {
    btree_map(select(MEMBERS), edge_value(), 0..4).prop_map(move |members| {
        let mut body = base.clone();
        if let Value::Object(body) = &mut body {
            body.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        body
    })
}

fn nearly_a_query() -> impl Strategy<Value = String> {
    vec((select(PARAMETERS), edge()), 0..4).prop_map(|pairs| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        query.finish()
    })
}

/// Asks for `cases` of what a strategy makes, all of one app.
fn ask<S: Strategy>(cases: u32, strategy: S, request: impl AsyncFn(&Caller, S::Value) -> Option<Answer>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (app, _) = runtime.block_on(operations::prepared());
    let caller = runtime.block_on(app.admin());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        if let Some(answer) = runtime.block_on(request(&caller, value)) {
            prop_assert!(answer.status() < 500, "{} {}", answer.status(), answer.text());
            if answer.status() >= 400 {
                let kind = answer.header("content-type");
                prop_assert_eq!(kind, Some("application/problem+json"), "{}", answer.text());
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Method, path and right body of each operation that takes JSON.
fn writers() -> Vec<(Method, String, Value)> {
    let all = operations::all().into_iter();
    let writers = all.filter(|operation| (operation.body)().is_object());
    writers
        .map(|operation| {
            let path = format!("/api{}", operation.path.replace("{id}", &id(1)));
            (operation.method.clone(), path, (operation.body)())
        })
        .collect()
}

#[test]
fn no_json_body_is_a_500() {
    let strategy = (select(writers()), any_json());
    ask(400, strategy, async |caller, ((method, path, _), body)| {
        Some(caller.raw(method, &path, body.to_string()).await)
    });
}

#[test]
fn no_nearly_right_body_is_a_500() {
    let strategy = select(writers())
        .prop_flat_map(|(method, path, base)| (Just(method), Just(path), nearly_right(base)));
    ask(1500, strategy, async |caller, (method, path, body)| {
        let body = match path.ends_with("/batch") {
            true => json!({"items": [body.clone(), body["items"][0].clone(), body]}),
            false => body,
        };
        Some(caller.raw(method, &path, body.to_string()).await)
    });
}

#[test]
fn no_bytes_are_a_500() {
    let strategy = (select(writers()), vec(any::<u8>(), 0..200));
    ask(400, strategy, async |caller, ((method, path, _), body)| {
        Some(caller.raw(method, &path, body).await)
    });
}

#[test]
fn no_query_is_a_500() {
    let lists = [
        "interactions",
        "users/u-1/interactions",
        "sessions",
        "sessions/s-1/interactions",
        "feedback",
        "analytics/interactions",
        "analytics/feedback",
    ];
    let query = prop_oneof![4 => nearly_a_query(), 1 => "[!-~]{0,40}"];
    ask(
        1500,
        (select(lists.to_vec()), query),
        async |caller, (list, query)| {
            let path = format!("/api/v1/{list}?{query}");
            match path.parse::<Uri>() {
                Ok(_) => Some(caller.get(&path).await),
                Err(_) => None,
            }
        },
    );
}

#[test]
fn no_path_is_a_500() {
    let known = [
        "v1",
        "interactions",
        "users",
        "sessions",
        "feedback",
        "keys",
        "docs",
        "batch",
        "analytics",
        "health",
    ];
    let part = prop_oneof![
        3 => select(known.to_vec()).prop_map(str::to_owned),
        1 => edge().prop_map(|text| form_urlencoded::byte_serialize(text.as_bytes()).collect()),
        1 => "[!-~]{0,12}",
        1 => vec(any::<u8>(), 0..6).prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02x}")).collect()),
    ];
    let methods = [
        Method::GET,
        Method::POST,
        Method::PATCH,
        Method::DELETE,
        Method::PUT,
        Method::OPTIONS,
    ];
    ask(
        1500,
        (select(methods.to_vec()), vec(part, 1..5)),
        async |caller, (method, parts)| {
            let path = format!("/api/{}", parts.join("/"));
            match path.parse::<Uri>() {
                Ok(uri) if uri.path().starts_with("/api/") => Some(
                    caller
                        .send(method, &path, Some("application/json"), Body::from("{}"))
                        .await,
                ),
                _ => None,
            }
        },
    );
}

#[test]
fn no_header_is_a_500() {
    let names = [
        "authorization",
        "x-api-key",
        "if-match",
        "origin",
        "content-type",
        "x-request-id",
        "traceparent",
        "content-length",
    ];
    let value = "[ -~\t\u{80}-\u{ff}]{0,40}";
    ask(
        300,
        (select(names.to_vec()), value),
        async |caller, (name, value)| {
            let caller = caller.with(name, &value);
            Some(
                caller
                    .patch(&format!("/api/v1/interactions/{}", id(1)), json!({}))
                    .await,
            )
        },
    );
}
