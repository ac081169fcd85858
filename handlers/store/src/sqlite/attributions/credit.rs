//! Crediting one event, from what is stored now.

use super::KINDS;
use crate::sqlite::columns::Columns;
use crate::sqlite::rollups;
use domain::analytics::{Credit, FunnelEvent, FunnelTurn, LONGEST, MOST_SESSIONS, MOST_TURNS, Seen, credits};
use domain::events::EventType;
use domain::time::from_micros;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An event, and what else of it matters here.
struct Found {
    event: FunnelEvent,
    session_id: String,
    user_id: Option<String>,
    named: Option<Uuid>,
    order_id: Option<String>,
    value_micros: Option<i64>,
    currency: Option<String>,
}

/// Credits events anew; the funnels of the turns that won or lost one become dirty.
pub(super) fn credit_all(connection: &Connection, events: &[Uuid]) -> rusqlite::Result<()> {
    let mut dirty = BTreeSet::new();
    for id in events {
        if let Some(found) = find(connection, *id)? {
            let credits = credits_of(connection, &found)?;
            replace(connection, &found, credits, &mut dirty)?;
        }
    }
    rollups::mark(connection, rollups::FUNNELS, dirty)
}

fn find(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<Found>> {
    let read = |row: &Row<'_>| {
        let mut columns = Columns::of(row);
        let (kind, occurred_at) = (columns.name()?, columns.time()?);
        let (session_id, user_id) = (columns.get()?, columns.get()?);
        let (named, product_id) = (columns.optional_id()?, columns.get()?);
        let (order_id, value_micros, currency) = (columns.get()?, columns.get()?, columns.get()?);
        let properties: Option<serde_json::Map<_, _>> = columns.optional_json()?;
        Ok(Found {
            event: FunnelEvent::new(id, kind, occurred_at, product_id, properties.as_ref()),
            session_id,
            user_id,
            named,
            order_id,
            value_micros,
            currency,
        })
    };
    connection
        .prepare_cached(
            "SELECT type, occurred_at, session_id, user_id, interaction_id, product_id, order_id, value_micros, currency,
               CASE type WHEN 'order' THEN properties END
             FROM events WHERE id = ?1",
        )?
        .query_row([id.as_bytes()], read)
        .optional()
}

fn credits_of(connection: &Connection, found: &Found) -> rusqlite::Result<BTreeMap<Uuid, Credit>> {
    let event = &found.event;
    if event.kind == EventType::Order && !is_first_of_order(connection, found)? {
        return Ok(BTreeMap::new());
    }
    let named = match found.named {
        Some(id) => turns(
            connection,
            "SELECT id, started_at, product_ids FROM interactions WHERE id = ?1",
            [id.as_bytes()],
        )?,
        None => Vec::new(),
    };
    if let [named] = &named[..] {
        return Ok(credits(event, Some(named), &[], &[]));
    }
    let after = (event.occurred_at - LONGEST).as_microsecond();
    let until = event.occurred_at.as_microsecond();
    let sql = format!(
        "SELECT id, started_at, product_ids FROM interactions INDEXED BY interactions_by_session
         WHERE session_seq = (SELECT session_seq FROM sessions WHERE session_id = ?1)
           AND started_at > ?2 AND started_at <= ?3
         ORDER BY started_at DESC, id DESC LIMIT {MOST_TURNS}"
    );
    let mut related = turns(connection, &sql, params![found.session_id, after, until])?;
    let mut seen = Vec::new();
    if event.is_bare_order() {
        let by = format!("INDEXED BY events_by_session WHERE session_id = ?1 AND {KINDS}");
        seen = seen_by(connection, &by, params![found.session_id, after, until])?;
    }
    if let Some(user) = &found.user_id {
        let sql = format!(
            "SELECT i.id, i.started_at, i.product_ids FROM (
               SELECT u.session_seq FROM session_users u CROSS JOIN sessions s ON s.session_seq = u.session_seq
               WHERE u.user_id = ?1 AND s.started_at <= ?3 ORDER BY u.session_seq DESC LIMIT {MOST_SESSIONS}
             ) n CROSS JOIN interactions i INDEXED BY interactions_by_session ON i.session_seq = n.session_seq
             WHERE i.started_at > ?2 AND i.started_at <= ?3 AND i.user_id = ?1
             ORDER BY i.started_at DESC, i.id DESC LIMIT {MOST_TURNS}"
        );
        related.extend(turns(connection, &sql, params![user, after, until])?);
        if event.is_bare_order() {
            let by =
                format!("INDEXED BY events_by_user WHERE user_id = ?1 AND user_id IS NOT NULL AND {KINDS}");
            seen.extend(seen_by(connection, &by, params![user, after, until])?);
        }
    }
    Ok(credits(event, None, &related, &seen))
}

/// Whether no earlier event tells of the same order.
fn is_first_of_order(connection: &Connection, found: &Found) -> rusqlite::Result<bool> {
    let first: Option<[u8; 16]> = connection
        .prepare_cached(
            "SELECT id FROM events INDEXED BY events_by_order WHERE type = 'order' AND order_id = ?1
             ORDER BY occurred_at, id LIMIT 1",
        )?
        .query_row([&found.order_id], |row| row.get(0))
        .optional()?;
    Ok(first == Some(*found.event.id.as_bytes()))
}

fn turns(connection: &Connection, sql: &str, values: impl Params) -> rusqlite::Result<Vec<FunnelTurn>> {
    let read = |row: &Row<'_>| {
        let mut columns = Columns::of(row);
        Ok(FunnelTurn {
            id: columns.id()?,
            started_at: columns.time()?,
            product_ids: columns.json()?,
        })
    };
    connection.prepare_cached(sql)?.query_map(values, read)?.collect()
}

fn seen_by(connection: &Connection, by: &str, values: impl Params) -> rusqlite::Result<Vec<Seen>> {
    let read = |row: &Row<'_>| {
        let mut columns = Columns::of(row);
        Ok(Seen {
            at: columns.time()?,
            product_id: columns.get()?,
            interaction_id: columns.optional_id()?,
        })
    };
    let sql = format!(
        "SELECT occurred_at, product_id, interaction_id FROM events {by} AND type <> 'order'
           AND occurred_at > ?2 AND occurred_at <= ?3
         ORDER BY occurred_at DESC LIMIT {MOST_TURNS}"
    );
    connection
        .prepare_cached(&sql)?
        .query_map(values, read)?
        .collect()
}

/// Stores what the event is credited to in place of what it was. What is credited to a turn that is gone stays, and is
/// credited to no other.
fn replace(
    connection: &Connection,
    found: &Found,
    mut credits: BTreeMap<Uuid, Credit>,
    dirty: &mut BTreeSet<Timestamp>,
) -> rusqlite::Result<()> {
    let event = found.event.id;
    let before: rusqlite::Result<Vec<(Uuid, Credit, Option<i64>)>> = connection
        .prepare_cached(
            "SELECT a.interaction_id, a.credit, i.started_at
             FROM attributions a INDEXED BY attributions_by_event LEFT JOIN interactions i ON i.id = a.interaction_id
             WHERE a.event_id = ?1",
        )?
        .query_map([event.as_bytes()], |row| {
            Ok((Uuid::from_bytes(row.get(0)?), Credit(row.get(1)?), row.get(2)?))
        })?
        .collect();
    let (gone, before): (Vec<_>, Vec<_>) = before?.into_iter().partition(|(_, _, started)| started.is_none());
    for (_, claimed, _) in gone {
        credits
            .values_mut()
            .for_each(|credit| *credit = credit.without(claimed));
    }
    credits.retain(|_, credit| !credit.is_none());
    for (turn, credit, started) in before {
        if credits.get(&turn) == Some(&credit) {
            credits.remove(&turn);
            continue;
        }
        connection
            .prepare_cached("DELETE FROM attributions WHERE interaction_id = ?1 AND event_id = ?2")?
            .execute([turn.as_bytes(), event.as_bytes()])?;
        dirty.extend(started.map(from_micros));
    }
    for (turn, credit) in credits {
        let started: i64 = connection
            .prepare_cached(
                "INSERT INTO attributions (interaction_id, event_id, type, credit, value_micros, currency)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 RETURNING (SELECT started_at FROM interactions WHERE id = ?1)",
            )?
            .query_row(
                params![
                    turn.as_bytes(),
                    event.as_bytes(),
                    found.event.kind.as_str(),
                    credit.0,
                    found.value_micros,
                    found.currency
                ],
                |row| row.get(0),
            )?;
        dirty.insert(from_micros(started));
    }
    Ok(())
}
