//! One call of the host: request in, trigger run, answer out.

use std::time::{Duration, Instant};

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::table::Trigger;
use crate::host::envelope::Invocation;
use crate::host::headers::{INVOCATION_ID, PROXIED_INVOCATION_ID};
use crate::telemetry::{parent, shape};

/// Largest envelope: a blob of 100 MB as base64, and a megabyte for what is said about it.
const BODY_LIMIT: usize = 100 * 1024 * 1024 / 3 * 4 + 1024 * 1024;

pub(super) async fn serve<S: Send + 'static>(
    function: &'static str,
    trigger: Trigger<S>,
    state: S,
    deadline: Duration,
    request: Request,
) -> Response {
    let id = request.headers().get_all(INVOCATION_ID).iter().next_back();
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let span = tracing::info_span!(shape::TRIGGER, function, invocation_id = id);
    parent::link(&span, request.headers());
    let call = call(function, trigger, state, deadline, request);
    let response = call.instrument(span.clone()).await;
    parent::answered(&span, response.status().as_u16(), None);
    response
}

async fn call<S: Send + 'static>(
    function: &'static str,
    trigger: Trigger<S>,
    state: S,
    deadline: Duration,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    // The host sets it on what clients send and never on its own calls: through a catch-all route anyone could
    // otherwise forge a message.
    if head.headers.contains_key(&PROXIED_INVOCATION_ID) {
        tracing::warn!("a client's request for a trigger is refused");
        return refusal(StatusCode::FORBIDDEN);
    }
    let body = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "the envelope is too large or broke off");
            return refusal(StatusCode::PAYLOAD_TOO_LARGE);
        }
    };
    let invocation = match Invocation::decode(function, &head.headers, &body) {
        Ok(invocation) => invocation,
        Err(error) => {
            tracing::error!(%error, "the envelope cannot be read");
            return refusal(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    drop(body);
    // In a task of its own: a panic ends there, and so does nothing when the host drops the connection halfway.
    let started = Instant::now();
    let run = timeout(deadline, async move { trigger(state, invocation).await });
    match tokio::spawn(run.in_current_span()).await {
        Ok(Ok(Ok(answer))) => {
            tracing::info!(duration_ms = started.elapsed().as_millis(), "trigger done");
            answer.into_response()
        }
        Ok(Ok(Err(error))) => failure(&error.to_string()),
        Ok(Err(_)) => failure(&format!("not done after {} s", deadline.as_secs())),
        Err(error) if error.is_panic() => failure("panicked"),
        Err(_) => failure("cancelled, since the program ends"),
    }
}

fn failure(error: &str) -> Response {
    tracing::error!(error, "trigger failed");
    refusal(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The host reads nothing but the status; people with `curl` read the body.
fn refusal(status: StatusCode) -> Response {
    (status, Json(json!({ "error": status.canonical_reason() }))).into_response()
}
