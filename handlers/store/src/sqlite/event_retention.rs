//! Retention of client events in SQLite: a quarter at a time.

use super::columns::time_at;
use super::rollups;
use crate::retention::RemovedQuarter;
use domain::analytics::{LONGEST, OrderFact, QUARTER, quarter_of};
use domain::time::from_micros;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// Removes the old events of the oldest quarter from `from` on that has any.
///
/// An order is removed with the first event that tells of it, and all others of it at once: one that stayed would count as
/// its first, in another quarter.
pub(super) fn remove_quarter(
    connection: &Connection,
    cutoff: Timestamp,
    from: Timestamp,
) -> rusqlite::Result<Option<RemovedQuarter>> {
    let (end, old) = (cutoff.as_microsecond(), old());
    let oldest = connection
        .prepare_cached(&format!(
            "SELECT e.occurred_at FROM events e INDEXED BY events_by_time
             WHERE e.occurred_at >= ?2 AND e.occurred_at < ?1 AND {old} ORDER BY e.occurred_at LIMIT 1"
        ))?
        .query_row([end, from.as_microsecond()], |row| time_at(row, 0))
        .optional()?;
    let Some(oldest) = oldest else { return Ok(None) };
    let quarter = quarter_of(oldest).as_microsecond();
    let orders = rollups::counts::<OrderFact>(connection, &BTreeSet::from([quarter]))?;
    let gone: rusqlite::Result<Vec<([u8; 16], Option<String>)>> = connection
        .prepare_cached(&format!(
            "SELECT e.id, CASE e.type WHEN 'order' THEN e.order_id END FROM events e INDEXED BY events_by_time
             WHERE e.occurred_at >= ?2 AND e.occurred_at < ?3 AND e.occurred_at < ?1 AND {old}"
        ))?
        .query_map(params![end, quarter, quarter + QUARTER], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect();
    let mut events = 0;
    for (id, order) in gone? {
        events += match order {
            Some(order) => remove_order(connection, &order)?,
            None => remove(connection, id)?,
        };
    }
    rollups::keep_counted::<OrderFact>(connection, orders)?;
    Ok(Some(RemovedQuarter {
        next: from_micros(quarter + QUARTER),
        events,
    }))
}

fn remove_order(connection: &Connection, order: &str) -> rusqlite::Result<u64> {
    let ids: rusqlite::Result<Vec<[u8; 16]>> = connection
        .prepare_cached(
            "SELECT id FROM events INDEXED BY events_by_order WHERE type = 'order' AND order_id = ?1",
        )?
        .query_map([order], |row| row.get(0))?
        .collect();
    ids?.into_iter().map(|id| remove(connection, id)).sum()
}

/// What the event was credited to stays counted, and its row with the turn: a turn that is gone needs it no longer.
fn remove(connection: &Connection, id: [u8; 16]) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "DELETE FROM attributions WHERE event_id = ?1
               AND NOT EXISTS (SELECT 1 FROM interactions i WHERE i.id = attributions.interaction_id)",
        )?
        .execute([id])?;
    let removed = connection
        .prepare_cached("DELETE FROM events WHERE id = ?1")?
        .execute([id])?;
    Ok(removed as u64)
}

/// An event `e` before the cutoff (?1) that nothing younger needs. An order goes when all events that tell of it are old.
/// What was viewed and carted stays while an order of its session or user stays that may be credited by it.
fn old() -> String {
    let week = LONGEST.as_micros();
    let young = |alias: &str| {
        format!(
            "EXISTS (SELECT 1 FROM events y INDEXED BY events_by_order
               WHERE y.type = 'order' AND y.order_id = {alias}.order_id AND y.occurred_at >= ?1)"
        )
    };
    let needed = |index: &str, own: &str| {
        format!(
            "EXISTS (SELECT 1 FROM events o INDEXED BY {index}
               WHERE o.{own} = e.{own} AND o.{own} IS NOT NULL AND o.type IN ('product_view', 'add_to_cart', 'order')
                 AND o.type = 'order' AND o.occurred_at >= e.occurred_at AND o.occurred_at <= e.occurred_at + {week}
                 AND (o.occurred_at >= ?1 OR {young}))",
            young = young("o"),
        )
    };
    format!(
        "NOT (e.order_id IS NOT NULL AND {young})
         AND NOT (e.type IN ('product_view', 'add_to_cart') AND ({by_session} OR {by_user}))",
        young = young("e"),
        by_session = needed("events_by_session", "session_id"),
        by_user = needed("events_by_user", "user_id"),
    )
}
