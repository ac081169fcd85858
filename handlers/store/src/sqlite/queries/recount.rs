//! Recounting the days whose turns were written since they were counted.
//!
//! A recount reads one day on a snapshot, beside the writer, and then writes what differs in one short transaction, unless
//! somebody else changed the day since. A day broken off is begun again; the days before it stay counted.

use super::super::{SqliteStore, shop_zone};
use super::rows::{put, stored, tally};
use super::{ATTEMPTS, overtaken};
use crate::StoreError;
use domain::analytics::TimeRange;
use domain::analytics::queries::{QueryCounts, QueryKey, Tally, days_and_rests};
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};
use tracing::Instrument;

/// How a day stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// The writes of its quarters, all together.
    pub(super) written: i64,
    /// Those that it is counted with; 0 when it is not counted.
    pub(super) counted: i64,
    version: i64,
}

/// What a recount found.
struct Recount {
    zone: TimeZone,
    day: i64,
    standing: Standing,
    changes: Vec<(QueryKey, Option<QueryCounts>)>,
}

/// Counts what was written before the call in the whole days of a range.
pub(super) async fn refresh(store: &SqliteStore, range: TimeRange) -> Result<(), StoreError> {
    let _alone = store.counting_queries.lock().await;
    let dirty = store
        .readers
        .read(move |connection| dirty(connection, range))
        .await?;
    if dirty.is_empty() {
        return Ok(());
    }
    let span = tracing::info_span!("recount_queries", days = dirty.len());
    async {
        for day in dirty {
            recount(store, day).await?;
        }
        Ok(())
    }
    .instrument(span)
    .await
}

async fn recount(store: &SqliteStore, day: TimeRange) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let found = store
            .readers
            .read(move |connection| count(connection, day))
            .await?;
        let written = store
            .writer
            .write(move |connection| write_back(connection, &found));
        if written.await? {
            return Ok(());
        }
    }
    Err(overtaken())
}

fn dirty(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<TimeRange>> {
    let (mut days, _) = days_and_rests(range, &shop_zone(connection)?);
    let mut found = Vec::new();
    for day in days.drain(..) {
        let standing = standing(connection, day)?;
        if standing.counted != standing.written {
            found.push(day);
        }
    }
    Ok(found)
}

/// How a day stands.
pub(super) fn standing(connection: &Connection, day: TimeRange) -> rusqlite::Result<Standing> {
    let (first, after) = (day.from.as_microsecond(), day.to.as_microsecond());
    let written = connection
        .prepare_cached(
            "SELECT coalesce(sum(written), 0) FROM rollup_buckets
             WHERE kind = 'interactions' AND bucket >= ?1 AND bucket < ?2",
        )?
        .query_row([first, after], |row| row.get(0))?;
    let counted = connection
        .prepare_cached("SELECT counted, version FROM query_days WHERE day = ?1")?
        .query_row([first], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (counted, version) = counted.unwrap_or_default();
    Ok(Standing {
        written,
        counted,
        version,
    })
}

fn count(connection: &Connection, day: TimeRange) -> rusqlite::Result<Recount> {
    let first = day.from.as_microsecond();
    let mut found = Tally::default();
    tally(connection, day, &mut found)?;
    let before = stored(connection, first)?;
    let gone = before.keys().filter(|key| !found.0.contains_key(key));
    let mut changes: Vec<_> = gone.map(|key| (key.clone(), None)).collect();
    let found = found.0.into_iter();
    let new = found.filter(|(key, counts)| before.get(key) != Some(counts));
    changes.extend(new.map(|(key, counts)| (key, Some(counts))));
    Ok(Recount {
        zone: shop_zone(connection)?,
        day: first,
        standing: standing(connection, day)?,
        changes,
    })
}

/// Writes what a recount found; tells whether it did, or somebody else was faster.
fn write_back(connection: &Connection, recount: &Recount) -> rusqlite::Result<bool> {
    if shop_zone(connection)? != recount.zone {
        return Ok(false);
    }
    let Standing { written, version, .. } = recount.standing;
    let claimed = connection
        .prepare_cached(
            "INSERT INTO query_days (day, counted, version) VALUES (?1, ?2, 1)
             ON CONFLICT (day) DO UPDATE SET counted = ?2, version = version + 1 WHERE version = ?3",
        )?
        .execute(params![recount.day, written, version])?;
    if claimed == 1 {
        put(connection, recount.day, &recount.changes)?;
    }
    Ok(claimed == 1)
}
