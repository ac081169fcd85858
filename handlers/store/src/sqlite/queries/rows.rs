//! How turns and what they count stand in their tables.

use super::super::columns::Columns;
use super::TimeRange;
use domain::analytics::queries::{QueryCounts, QueryFact, QueryKey, Tally};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;

/// Counts the turns of a range, row by row: only what is counted is held, and no list of turns.
pub(super) fn tally(connection: &Connection, range: TimeRange, into: &mut Tally) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT started_at, type, coalesce(channel, ''), status, product_ids <> '[]', request_text
         FROM interactions INDEXED BY interactions_by_time
         WHERE started_at >= ?1 AND started_at < ?2 AND request_text IS NOT NULL",
    )?;
    let mut rows = statement.query(params![range.from.as_microsecond(), range.to.as_microsecond()])?;
    while let Some(row) = rows.next()? {
        into.count(fact(row)?);
    }
    Ok(())
}

fn fact(row: &Row<'_>) -> rusqlite::Result<QueryFact> {
    let mut columns = Columns::of(row);
    Ok(QueryFact {
        started_at: columns.time()?,
        kind: columns.name()?,
        channel: columns.get()?,
        status: columns.name()?,
        shown: columns.get()?,
        text: columns.get()?,
    })
}

/// What is stored of a day.
pub(super) fn stored(connection: &Connection, day: i64) -> rusqlite::Result<HashMap<QueryKey, QueryCounts>> {
    connection
        .prepare_cached(
            "SELECT type, channel, text, total, failed, without_results, last_seen FROM query_rollups WHERE day = ?1",
        )?
        .query_map([day], |row| {
            let mut columns = Columns::of(row);
            let key = QueryKey {
                kind: columns.name()?,
                channel: columns.get()?,
                text: columns.get()?,
            };
            Ok((key, counts(&mut columns)?))
        })?
        .collect()
}

/// Reads `total, failed, without_results, last_seen`.
pub(super) fn counts(columns: &mut Columns<'_>) -> rusqlite::Result<QueryCounts> {
    Ok(QueryCounts {
        total: columns.get()?,
        failed: columns.get()?,
        without_results: columns.get()?,
        last_seen: columns.time()?,
    })
}

/// Stores what a text counts; one that is not asked any more is removed.
pub(super) fn put(
    connection: &Connection,
    day: i64,
    changes: &[(QueryKey, Option<QueryCounts>)],
) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(
        "INSERT OR REPLACE INTO query_rollups (day, type, channel, text, total, failed, without_results, last_seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut remove = connection
        .prepare_cached("DELETE FROM query_rollups WHERE (day, type, channel, text) = (?1, ?2, ?3, ?4)")?;
    for (key, counts) in changes {
        let kind = key.kind.as_str();
        match counts {
            None => remove.execute(params![day, kind, key.channel, key.text])?,
            Some(counts) => put.execute(params![
                day,
                kind,
                key.channel,
                key.text,
                counts.total,
                counts.failed,
                counts.without_results,
                counts.last_seen.as_microsecond(),
            ])?,
        };
    }
    Ok(())
}
