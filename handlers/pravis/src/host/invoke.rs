//! Sends an envelope to the handler in this process, as the host sends it over the socket, and judges the answer
//! as the host would.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{Method, Request, Response, StatusCode};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use tower::ServiceExt as _;
use uuid::Uuid;

use super::headers::{HOST_VERSION, INVOCATION_ID};

/// The version that the local host gives itself.
pub const LOCAL_HOST_VERSION: &str = concat!("pravis-", env!("CARGO_PKG_VERSION"));

/// Largest answer that is read; the host has no limit.
const ANSWER_LIMIT: usize = 128 * 1024 * 1024;

/// What a trigger answered.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Received {
    /// Values for the output bindings.
    pub outputs: Option<Map<String, Value>>,
    /// Lines for the function's log.
    pub logs: Option<Vec<String>>,
}

/// An invocation that the host would call failed.
#[derive(Debug, thiserror::Error)]
pub enum InvocationFailed {
    /// The trigger said so, or there is none of that name.
    #[error("answered {0}")]
    Status(StatusCode),
    /// 200 with something that the host cannot read, or would wait for in vain.
    #[error("answered 200 without a JSON object: {0}")]
    NotAnAnswer(String),
    /// The request itself could not be made.
    #[error("could not be called: {0}")]
    Request(#[from] axum::http::Error),
    /// The answer broke off.
    #[error("broke off its answer: {0}")]
    Body(#[from] axum::Error),
}

/// Calls `function` once.
pub async fn invoke(
    handler: &Router,
    function: &str,
    id: Uuid,
    payload: Bytes,
) -> Result<Received, InvocationFailed> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/{function}"))
        .header(INVOCATION_ID, id.to_string())
        .header(HOST_VERSION, LOCAL_HOST_VERSION)
        .header(USER_AGENT, format!("Azure-Functions-Host/{LOCAL_HOST_VERSION}"))
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .body(Body::from(payload))?;
    let response = match handler.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    judge(response).await
}

async fn judge(response: Response<Body>) -> Result<Received, InvocationFailed> {
    if !response.status().is_success() {
        return Err(InvocationFailed::Status(response.status()));
    }
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_json = content_type.is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json") || essence.eq_ignore_ascii_case("text/json")
    });
    if !is_json {
        return Err(InvocationFailed::NotAnAnswer(
            "its content type is not application/json".to_owned(),
        ));
    }
    let body = to_bytes(response.into_body(), ANSWER_LIMIT).await?;
    // Read as a map first: a struct would also be read from a JSON array, which the host refuses.
    let not_an_answer = |e: serde_json::Error| InvocationFailed::NotAnAnswer(e.to_string());
    let members: Map<String, Value> = serde_json::from_slice(&body).map_err(not_an_answer)?;
    serde_json::from_value(Value::Object(members)).map_err(not_an_answer)
}
