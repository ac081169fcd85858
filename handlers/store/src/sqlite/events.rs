//! Client events in SQLite.

use super::columns::{optional_json, time_at};
use super::{SqliteStore, rollups};
use crate::{CreateOutcome, EventQuota, Events, EventsCreated, StoreError};
use async_trait::async_trait;
use domain::events::{Event, EventType};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;
use uuid::Uuid;

#[async_trait]
impl Events for SqliteStore {
    async fn create_events(
        &self,
        events: Vec<Event>,
        quota: EventQuota,
    ) -> Result<EventsCreated, StoreError> {
        self.writer
            .write(move |connection| create(connection, &events, quota))
            .await
    }
}

fn create(connection: &Connection, events: &[Event], quota: EventQuota) -> rusqlite::Result<EventsCreated> {
    if let Some(most) = quota.most {
        let free = most.saturating_sub(stored_of(connection, quota)?);
        // Only near the end of the quota is it worth knowing beforehand how many of them are new.
        if (events.len() as u64) > free && unknown(connection, events)? > free {
            return Ok(EventsCreated::OverQuota);
        }
    }
    let mut outcomes = Vec::with_capacity(events.len());
    let mut dirty = Vec::with_capacity(events.len());
    let mut new = 0;
    for event in events {
        let outcome = insert(connection, event)?;
        if outcome == CreateOutcome::Created {
            new += 1;
            dirty.push(event.occurred_at);
            if event.kind == EventType::Order {
                dirty.extend(same_order(connection, event)?);
            }
        }
        outcomes.push(outcome);
    }
    if new > 0 {
        rollups::mark(connection, rollups::EVENTS, dirty)?;
        count(connection, quota, new)?;
    }
    Ok(EventsCreated::Done(outcomes))
}

/// How many events of the key were stored on the day.
fn stored_of(connection: &Connection, quota: EventQuota) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT stored FROM event_counts WHERE key_id = ?1 AND day = ?2")?
        .query_row(
            params![quota.key_id.as_bytes(), quota.day.as_microsecond()],
            |row| row.get(0),
        )
        .optional()
        .map(Option::unwrap_or_default)
}

fn count(connection: &Connection, quota: EventQuota, new: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO event_counts (key_id, day, stored) VALUES (?1, ?2, ?3)
             ON CONFLICT (key_id, day) DO UPDATE SET stored = stored + excluded.stored",
        )?
        .execute(params![quota.key_id.as_bytes(), quota.day.as_microsecond(), new])
        .map(|_| ())
}

/// How many of the ids are not stored yet.
fn unknown(connection: &Connection, events: &[Event]) -> rusqlite::Result<u64> {
    let mut find = connection.prepare_cached("SELECT 1 FROM events WHERE id = ?1")?;
    let ids: HashSet<Uuid> = events.iter().map(|event| event.id).collect();
    let mut unknown = 0;
    for id in ids {
        unknown += u64::from(!find.exists([id.as_bytes()])?);
    }
    Ok(unknown)
}

/// Inserts the event unless its id is taken.
fn insert(connection: &Connection, event: &Event) -> rusqlite::Result<CreateOutcome> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO events (
               id, occurred_at, type, received_at, skewed, session_id, user_id, product_id, order_id, value_micros,
               currency, interaction_id, page, ip_hash, key_id, supplied_hash, properties
             ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            event.id.as_bytes(),
            event.occurred_at.as_microsecond(),
            event.kind.as_str(),
            event.received_at.as_microsecond(),
            event.skewed,
            event.session_id,
            event.user_id,
            event.product_id,
            event.order_id,
            event.value_micros,
            event.currency,
            event.interaction_id.as_ref().map(Uuid::as_bytes),
            event.page,
            event.ip_hash,
            event.key_id.as_bytes(),
            event.supplied_hash,
            optional_json(event.properties.as_ref())?,
        ])?;
    if inserted == 1 {
        return Ok(CreateOutcome::Created);
    }
    let stored: [u8; 32] = connection
        .prepare_cached("SELECT supplied_hash FROM events WHERE id = ?1")?
        .query_row([event.id.as_bytes()], |row| row.get(0))?;
    Ok(if stored == event.supplied_hash {
        CreateOutcome::Duplicate
    } else {
        CreateOutcome::Conflict
    })
}

/// When the other events of the same order are: with another first one, another quarter counts it.
fn same_order(connection: &Connection, event: &Event) -> rusqlite::Result<Vec<Timestamp>> {
    connection
        .prepare_cached(
            "SELECT occurred_at FROM events INDEXED BY events_by_order
             WHERE type = 'order' AND order_id = ?1 AND id <> ?2",
        )?
        .query_map(params![event.order_id, event.id.as_bytes()], |row| {
            time_at(row, 0)
        })?
        .collect()
}
