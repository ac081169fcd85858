//! Crediting events to turns in SQLite.
//!
//! Quarters with new turns or events are dirty, like those of rollups. Which events they may concern is looked up on a
//! snapshot, generously; each of those is then credited anew by the writer, from what is stored at that moment, and the
//! funnels of the turns that won or lost it become dirty. Every step may be done twice, or at once by two processes.

mod affected;
mod credit;

use super::{SqliteStore, rollups};
use crate::StoreError;
use domain::analytics::{LONGEST, QUARTER, TimeRange};
use domain::time::from_micros;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Events that are looked up in one go, about.
const LOOKED_UP: usize = 5_000;
/// Events that are credited in one transaction: writers wait for it.
const CREDITED: usize = 500;

/// The events that funnels and attributions are about, as the indexes of their table name them.
const KINDS: &str = "type IN ('product_view', 'add_to_cart', 'order')";

/// A quarter with turns or events that are not credited yet.
#[derive(Debug, Clone, Copy)]
struct Dirty {
    kind: &'static str,
    bucket: i64,
    written: i64,
}

/// Credits what concerns the turns of the range: afterwards every write that was durable before is credited.
pub(super) async fn refresh(store: &SqliteStore, range: TimeRange) -> Result<(), StoreError> {
    let _alone = store.recomputing.lock().await;
    let mut dirty = store
        .readers
        .read(move |connection| dirty_quarters(connection, range))
        .await?;
    while !dirty.is_empty() {
        let (rest, done, events) = store
            .readers
            .read(move |connection| look_up(connection, dirty))
            .await?;
        for events in events.chunks(CREDITED) {
            let events = events.to_vec();
            let credit = move |connection: &Connection| credit::credit_all(connection, &events);
            store.writer.write(credit).await?;
        }
        store
            .writer
            .write(move |connection| finish(connection, &done))
            .await?;
        dirty = rest;
    }
    Ok(())
}

/// The events that may be credited to turns of the range come up to a week later; the turns that compete for those, up to a
/// week earlier or later.
fn dirty_quarters(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<Dirty>> {
    let week = i64::try_from(LONGEST.as_micros()).unwrap_or(i64::MAX);
    let (from, to) = (range.from.as_microsecond(), range.to.as_microsecond());
    let mut dirty = Vec::new();
    for (kind, from) in [
        (rollups::EVENTS, from),
        (rollups::TURNS, from.saturating_sub(week)),
    ] {
        let found: rusqlite::Result<Vec<Dirty>> = connection
            .prepare_cached(
                "SELECT bucket, written FROM rollup_buckets INDEXED BY rollup_buckets_dirty
                 WHERE kind = ?1 AND written > rolled AND bucket > ?2 AND bucket < ?3 ORDER BY bucket DESC",
            )?
            .query_map(
                params![kind, from.saturating_sub(QUARTER), to.saturating_add(week)],
                |row| {
                    Ok(Dirty {
                        kind,
                        bucket: row.get(0)?,
                        written: row.get(1)?,
                    })
                },
            )?
            .collect();
        dirty.extend(found?);
    }
    Ok(dirty)
}

/// Takes quarters from the end of `dirty` until enough events were found; gives back what is left, what was taken, and
/// the events.
fn look_up(
    connection: &Connection,
    mut dirty: Vec<Dirty>,
) -> rusqlite::Result<(Vec<Dirty>, Vec<Dirty>, Vec<Uuid>)> {
    let (mut done, mut events) = (Vec::new(), BTreeSet::new());
    while events.len() + 10 * done.len() < LOOKED_UP
        && let Some(quarter) = dirty.pop()
    {
        let range = TimeRange {
            from: from_micros(quarter.bucket),
            to: from_micros(quarter.bucket + QUARTER),
        };
        if quarter.kind == rollups::TURNS {
            affected::by_turns(connection, range, &mut events)?;
        } else {
            affected::by_events(connection, range, &mut events)?;
        }
        done.push(quarter);
    }
    Ok((dirty, done, events.into_iter().collect()))
}

/// Notes up to which write quarters are credited; turns that changed are counted anew, whatever they led to.
fn finish(connection: &Connection, done: &[Dirty]) -> rusqlite::Result<()> {
    for quarter in done {
        connection
            .prepare_cached(
                "UPDATE rollup_buckets SET rolled = ?3 WHERE kind = ?1 AND bucket = ?2 AND rolled < ?3",
            )?
            .execute(params![quarter.kind, quarter.bucket, quarter.written])?;
    }
    let turns = done.iter().filter(|quarter| quarter.kind == rollups::TURNS);
    rollups::mark(
        connection,
        rollups::FUNNELS,
        turns.map(|quarter| from_micros(quarter.bucket)),
    )
}
