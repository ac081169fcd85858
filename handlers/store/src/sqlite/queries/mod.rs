//! What shoppers ask for, in SQLite: days whose turns were written are recounted, then read with what the range has beside them.

mod recount;
mod rows;

use super::columns::{Columns, json};
use super::{SqliteStore, shop_zone};
use crate::queries::{ATTEMPTS, overtaken};
use crate::{QueriesQuery, StoreError, TopQueries};
use async_trait::async_trait;
use domain::analytics::queries::{QueryCounts, Tally, days_and_rests};
use domain::analytics::{TimeRange, day_of};
use jiff::Timestamp;
use rows::tally;
use rusqlite::{Connection, params};

#[async_trait]
impl TopQueries for SqliteStore {
    async fn top_queries(&self, query: QueriesQuery) -> Result<Vec<(String, QueryCounts)>, StoreError> {
        for _ in 0..ATTEMPTS {
            recount::refresh(self, query.range).await?;
            let query = query.clone();
            let read = self.readers.read(move |connection| read(connection, &query));
            if let Some(found) = read.await? {
                return Ok(found);
            }
        }
        Err(overtaken())
    }
}

/// The queries; none where a day was forgotten since it was counted.
fn read(
    connection: &Connection,
    query: &QueriesQuery,
) -> rusqlite::Result<Option<Vec<(String, QueryCounts)>>> {
    let (days, rests) = days_and_rests(query.range, &shop_zone(connection)?);
    for day in &days {
        let standing = recount::standing(connection, *day)?;
        if standing.counted == 0 && standing.written > 0 {
            return Ok(None);
        }
    }
    let mut beside = Tally::default();
    for rest in rests {
        tally(connection, rest, &mut beside)?;
    }
    let first = days.first().map_or(0, |day| day.from.as_microsecond());
    let after = days.last().map_or(0, |day| day.to.as_microsecond());
    let found = connection
        .prepare_cached(
            "SELECT text, sum(total), sum(failed), sum(without_results), max(last_seen) FROM (
               SELECT r.text, r.total, r.failed, r.without_results, r.last_seen
               FROM query_days d CROSS JOIN query_rollups r ON r.day = d.day
               WHERE d.day >= ?1 AND d.day < ?2 AND r.type = ?3 AND (?4 IS NULL OR r.channel = ?4)
               UNION ALL
               SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?5))
             GROUP BY text ORDER BY sum(failed) + sum(without_results) DESC, sum(total) DESC, text LIMIT ?6",
        )?
        .query_map(
            params![
                first,
                after,
                query.kind.as_str(),
                query.channel,
                of_query(beside, query)?,
                query.limit as i64
            ],
            |row| {
                let mut columns = Columns::of(row);
                Ok((columns.get()?, rows::counts(&mut columns)?))
            },
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(found))
}

/// The counts that the query asks for, as JSON rows.
fn of_query(tally: Tally, query: &QueriesQuery) -> rusqlite::Result<String> {
    let counts = tally.0.into_iter();
    let counts = counts.filter(|(key, _)| query.asks_for(key));
    let rows = counts.map(|(key, counts)| {
        (
            key.text,
            counts.total,
            counts.failed,
            counts.without_results,
            counts.last_seen.as_microsecond(),
        )
    });
    json(&rows.collect::<Vec<_>>())
}

/// Forgets what is counted of the day of `at`, of which turns are about to be removed: the next read counts what is left. A
/// recount that still saw them writes nothing.
pub(super) fn forget_day(connection: &Connection, at: Timestamp) -> rusqlite::Result<()> {
    let day = day_of(at, &shop_zone(connection)?).as_microsecond();
    connection
        .prepare_cached("DELETE FROM query_rollups WHERE day = ?1")?
        .execute([day])?;
    connection
        .prepare_cached(
            "INSERT INTO query_days (day, counted, version) VALUES (?1, 0, 1)
             ON CONFLICT (day) DO UPDATE SET counted = 0, version = version + 1",
        )?
        .execute([day])?;
    Ok(())
}

/// Forgets all that is counted: the days are others.
pub(super) fn forget_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DELETE FROM query_rollups; DELETE FROM query_days;")
}
