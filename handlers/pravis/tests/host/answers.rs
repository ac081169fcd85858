//! What a trigger answers, byte for byte.

use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use pravis::host::answer::Answer;
use serde_json::Value;

use crate::fixtures::json;

async fn body(answer: Answer) -> Value {
    let response = answer.into_response();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap()
}

#[tokio::test]
async fn s28_success_is_a_json_object() {
    assert_eq!(
        body(Answer::done().log("rolled up 42 rows")).await,
        json("answer_a")
    );
    assert!(body(Answer::done()).await.is_object());
}

#[tokio::test]
async fn s31_outputs_are_base64_of_the_exact_bytes() {
    // "abcd1234" is valid base64: sent as it is, the host would decode it to rubbish.
    for exact in [
        &b"abcd1234"[..],
        b"2026-08-21T09:15:00Z",
        b"{ \"spaces\" : 1 }",
        b"\x00\xff",
        b"",
    ] {
        let answer = body(Answer::done().output("dead", exact)).await;
        let text = answer["Outputs"]["dead"].as_str().unwrap();
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        assert_eq!(BASE64_STANDARD.decode(text).unwrap(), exact);
    }
}

#[tokio::test]
async fn s32_fan_out_is_an_array() {
    let answer = Answer::done()
        .output("dead", r#"{"traceId":"t-1"}"#)
        .messages("fanout", [r#"{"n":1}"#.to_owned(), r#"{"n":2}"#.to_owned()])
        .log("2 messages");
    assert_eq!(body(answer).await, json("answer_b"));
}
