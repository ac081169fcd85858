//! Log lines.

use crate::support::{envelopes, kinds, one, shared};
use insta::assert_json_snapshot;
use opentelemetry::trace::TraceContextExt as _;
use serde_json::json;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Runs something within a span, and gives back its trace.
fn traced(act: impl FnOnce()) -> String {
    shared();
    let span = tracing::info_span!(target: "store", "work");
    let id = span.context().span().span_context().trace_id().to_string();
    span.in_scope(act);
    id
}

#[tokio::test]
async fn a_line_arrives_once_with_its_fields_and_its_span() {
    let id = traced(|| tracing::warn!(target: "store::sqlite", took_ms = 17, full = true, "slow, \"very\""));
    let envelopes = envelopes(&id).await;
    assert_eq!(kinds(&envelopes), ["Message", "RemoteDependency"]);
    let (line, span) = (one(&envelopes, "Message"), one(&envelopes, "RemoteDependency"));
    assert_eq!(
        line["tags"]["ai.operation.parentId"],
        span["data"]["baseData"]["id"]
    );
    assert_json_snapshot!(line, {
        ".time" => "[time]",
        ".tags[\"ai.operation.id\"]" => "[trace]",
        ".tags[\"ai.operation.parentId\"]" => "[span]",
        ".tags[\"ai.application.ver\"]" => "[version]",
    });
}

#[tokio::test]
async fn an_error_is_an_exception_by_its_message() {
    let error = std::io::Error::other("the disk is full");
    let id =
        traced(|| tracing::error!(target: "store::sqlite", %error, rows = 3, "rows could not be written"));
    let exception = one(&envelopes(&id).await, "Exception")["data"]["baseData"].clone();
    let thrown = json!([{"typeName": "rows could not be written", "message": "the disk is full"}]);
    assert_eq!(exception["exceptions"], thrown);
    assert_eq!(exception["properties"]["rows"], "3");
    let id = traced(|| tracing::error!(target: "store::sqlite", "nothing more is known"));
    let exception = one(&envelopes(&id).await, "Exception")["data"]["baseData"].clone();
    let thrown = json!([{"typeName": "nothing more is known", "message": "nothing more is known"}]);
    assert_eq!(exception["exceptions"], thrown);
}

#[tokio::test]
async fn what_others_say_and_what_telemetry_says_stays_here() {
    let id = traced(|| {
        tracing::error!(target: "reqwest::connect", "of a client");
        tracing::warn!(target: "hyper_util", "of a client");
        tracing::error!(target: "tiberius::tds", "of a message of the database");
        tracing::error!(target: "opentelemetry_sdk", "of the exporter");
        tracing::warn!(target: "pravis::telemetry::losses", "of telemetry");
        tracing::warn!(target: "store_of_another", "of a name that begins like ours");
        tracing::debug!(target: "pravis::api", "of no importance");
    });
    assert_eq!(kinds(&envelopes(&id).await), ["RemoteDependency"]);
}

#[tokio::test]
async fn a_text_beyond_all_bounds_does_no_harm() {
    // The exporter cuts texts at these bytes, and panics within a character.
    let long = "é".repeat(40_000);
    for text in [long.clone(), format!("x{long}")] {
        let id = traced(|| {
            tracing::info_span!(target: "store", "long", text).in_scope(|| {});
        });
        let found = envelopes(&id).await;
        assert_eq!(kinds(&found), ["RemoteDependency", "RemoteDependency"]);
        traced(|| tracing::warn!(target: "store", text, "long"));
    }
    let id = traced(|| tracing::warn!(target: "store", "and it goes on"));
    assert_eq!(kinds(&envelopes(&id).await), ["Message", "RemoteDependency"]);
}
