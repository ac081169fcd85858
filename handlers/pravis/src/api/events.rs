//! Client events over HTTP.

use super::batch;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{self, Authorized, Beacon};
use crate::ingest::events::{self, EventsAnswer};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::events::{Clock, NewEvent};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Most events of a batch.
const BATCH: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'b> {
    #[serde(borrow)]
    items: Vec<&'b RawValue>,
    sent_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(rename = "items")]
    _items: Vec<serde_json::Value>,
    #[serde(rename = "sent_at")]
    _sent_at: Option<Timestamp>,
}

/// Many events in one body.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body; it is read item by item")]
pub struct NewEvents {
    /// 1 to 500 events.
    items: Vec<NewEvent>,
    /// When they were sent, by the clock that their times are of: tells the server how far that clock is off.
    sent_at: Option<Timestamp>,
}

/// Stores up to 500 events of together at most 1 MiB. Each has its own answer; a wrong one does not spoil the others, and
/// sending them again is harmless. A key that can only write may stand in the query as `key`, and the body may be called
/// plain text, so that `navigator.sendBeacon` can send it. A key has a number of new events a day (429 `rate_limited`).
#[utoipa::path(post, path = "/v1/events", tag = "events", security(("key" = ["events"])),
    params(("key" = Option<String>, Query, description = "The key, where no header can be set")),
    request_body(content((NewEvents = "application/json"), (NewEvents = "text/plain"))), responses(
        (status = 201, description = "All were stored now", body = EventsAnswer),
        (status = 200, description = "All are stored, some were before", body = EventsAnswer),
        (status = 202, description = "The right ones are durable, and will be counted when the database is back",
            body = EventsAnswer),
        (status = 207, description = "Some are not stored", body = EventsAnswer)))]
pub async fn create_events(
    State(app): State<App>,
    caller: Authorized<extract::Events>,
    headers: HeaderMap,
    Beacon(body): Beacon<{ 1024 * 1024 }>,
) -> Result<(StatusCode, Json<EventsAnswer>), ApiError> {
    let sent: Batch<'_> = batch::read::<_, Shape>(&body.text)?;
    batch::check_length(sent.items.len(), BATCH)?;
    let sender = events::Sender {
        key_id: caller.key.id,
        ip_hash: events::ip_hash(&app, &headers),
        clock: Clock::new(app.now(), sent.sent_at),
    };
    let answer = events::create(&app, &sent.items, &sender, caller.budget()).await?;
    Ok((batch::status(&answer.items), Json(answer)))
}
