//! Client events in Azure SQL.

use super::call::Call;
use super::columns::Columns;
use super::rows::{self, Shape, hex, time};
use super::{AzureSqlStore, rollups};
use crate::{CreateOutcome, EventQuota, Events, EventsCreated, StoreError};
use async_trait::async_trait;
use domain::analytics::quarter_of;
use domain::events::Event;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use uuid::Uuid;

/// What is stored of an event, in the order in which [`stored`] sends it.
const SHAPE: &Shape = &[
    ("id", "binary(16)"),
    ("occurred_at", "datetime2(7)"),
    ("type", "nvarchar(16)"),
    ("received_at", "datetime2(7)"),
    ("skewed", "bit"),
    ("session_id", "nvarchar(128)"),
    ("user_id", "nvarchar(128)"),
    ("product_id", "nvarchar(128)"),
    ("order_id", "nvarchar(128)"),
    ("value_micros", "bigint"),
    ("currency", "nvarchar(3)"),
    ("interaction_id", "binary(16)"),
    ("page", "nvarchar(2048)"),
    ("ip_hash", "binary(16)"),
    ("key_id", "binary(16)"),
    ("supplied_hash", "binary(32)"),
    ("properties", "nvarchar(max)"),
];

#[async_trait]
impl Events for AzureSqlStore {
    async fn create_events(
        &self,
        events: Vec<Event>,
        quota: EventQuota,
    ) -> Result<EventsCreated, StoreError> {
        if events.is_empty() {
            return Ok(EventsCreated::Done(Vec::new()));
        }
        // The first of each id is sent; what follows under the same id is compared with what is stored then.
        let mut places: HashMap<Uuid, usize> = HashMap::new();
        let mut sent: Vec<&Event> = Vec::with_capacity(events.len());
        for event in &events {
            places.entry(event.id).or_insert_with(|| {
                sent.push(event);
                sent.len() - 1
            });
        }
        let rows = sent.iter().enumerate().map(|(place, event)| {
            let own = [json!(place), time(quarter_of(event.occurred_at))];
            own.into_iter().chain(stored(event)).collect()
        });
        let call = Call::safe("create_events", create_sql())
            .bind(rows::rows(rows))
            .bind(quota.key_id)
            .bind(quota.day)
            .bind(quota.most);
        let mut known: Vec<Option<[u8; 32]>> = vec![None; sent.len()];
        for row in self.write(call).await?.into_iter().flatten() {
            let mut columns = Columns::of(row);
            let Some(place) = columns.get::<Option<usize>>()? else {
                return Ok(EventsCreated::OverQuota);
            };
            known[place] = Some(columns.get()?);
        }
        let mut new = known.iter().map(Option::is_none).collect::<Vec<_>>();
        let outcomes = events.iter().map(|event| {
            let place = places[&event.id];
            let hash = known[place].unwrap_or(sent[place].supplied_hash);
            if std::mem::take(&mut new[place]) {
                CreateOutcome::Created
            } else if hash == event.supplied_hash {
                CreateOutcome::Duplicate
            } else {
                CreateOutcome::Conflict
            }
        });
        Ok(EventsCreated::Done(outcomes.collect()))
    }
}

/// Stores the events that are not there yet, in one transaction; answers place and hash of those that were. A row without
/// a place says that the quota does not allow it.
fn create_sql() -> String {
    let shape: Vec<_> = [("position", "int"), ("bucket", "datetime2(7)")]
        .into_iter()
        .chain(SHAPE.iter().copied())
        .collect();
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {events}
         DECLARE @known TABLE (position int NOT NULL, supplied_hash binary(32) NOT NULL);
         DECLARE @new bigint;
         BEGIN TRANSACTION;
         INSERT INTO @known
         SELECT n.position, e.supplied_hash
         FROM @events n JOIN events e WITH (UPDLOCK, HOLDLOCK) ON e.id = n.id;
         DELETE n FROM @events n JOIN @known k ON k.position = n.position;
         SELECT @new = COUNT(*) FROM @events;

         UPDATE event_counts SET stored = stored + @new
         WHERE key_id = @P2 AND day = @P3;
         INSERT INTO event_counts (key_id, day, stored)
         SELECT @P2, @P3, @new WHERE @new > 0 AND NOT EXISTS (
           SELECT 1 FROM event_counts WITH (UPDLOCK, HOLDLOCK) WHERE key_id = @P2 AND day = @P3);
         IF @new > 0 AND EXISTS (
           SELECT 1 FROM event_counts WHERE key_id = @P2 AND day = @P3 AND stored > @P4)
         BEGIN ROLLBACK TRANSACTION; SELECT CONVERT(int, NULL), CONVERT(binary(32), NULL); RETURN; END;

         INSERT INTO events ({names}) SELECT {names} FROM @events;
         {dirty} SELECT {kind}, bucket FROM @events
         UNION
         SELECT {kind}, {quarter} FROM events e JOIN @events n ON n.order_id = e.order_id
         WHERE e.type = N'order' AND n.type = N'order';
         {mark}
         COMMIT TRANSACTION;
         SELECT position, supplied_hash FROM @known;",
        events = rows::declare("@events", &shape, "@P1"),
        names = rows::names(SHAPE, ""),
        kind = rollups::EVENTS,
        quarter = rollups::quarter_of("e.occurred_at"),
        dirty = rollups::DIRTY,
        mark = rollups::MARK,
    )
}

fn stored(event: &Event) -> [Json; 17] {
    [
        hex(event.id.as_bytes()),
        time(event.occurred_at),
        json!(event.kind.as_str()),
        time(event.received_at),
        json!(event.skewed),
        json!(event.session_id),
        json!(event.user_id),
        json!(event.product_id),
        json!(event.order_id),
        json!(event.value_micros),
        json!(event.currency),
        event.interaction_id.map_or(Json::Null, |id| hex(id.as_bytes())),
        json!(event.page),
        event.ip_hash.map_or(Json::Null, |hash| hex(&hash)),
        hex(event.key_id.as_bytes()),
        hex(&event.supplied_hash),
        event
            .properties
            .as_ref()
            .map_or(Json::Null, |value| Json::String(json!(value).to_string())),
    ]
}
