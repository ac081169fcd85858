//! Recounting the quarters whose turns were written since usage was counted.
//!
//! A pass reads on a snapshot, beside the writer, and then writes back in one short transaction. What it writes are
//! differences to what its snapshot saw, so the transaction first sees that nobody else has recounted since.

use super::super::columns::Columns;
use super::super::{SqliteStore, shop_zone};
use super::rows;
use crate::StoreError;
use crate::usage::next_recount;
use domain::analytics::QUARTER;
use domain::usage::{Recount, UsageTurn, parts};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;
use tracing::Instrument as _;

/// Turns that one pass holds in memory, about.
const TURNS: usize = 50_000;

/// Columns of a turn: what [`turn`] reads.
pub(super) const TURN: &str = "session_seq, started_at, completed_at, status, coalesce(channel, ''), user_id";

/// What a pass found.
struct Pass {
    /// The number of the recount that its snapshot saw.
    number: String,
    /// Quarters, and up to which write they are counted.
    written: Vec<(i64, i64)>,
    recount: Recount,
}

/// Counts what was written before the call.
pub(super) async fn refresh(store: &SqliteStore) -> Result<(), StoreError> {
    let _alone = store.recounting.lock().await;
    let dirty = store.readers.read(dirty).await?;
    if dirty.is_empty() {
        return Ok(());
    }
    let span = tracing::info_span!("recount_usage", buckets = dirty.len());
    recount_all(store, dirty).instrument(span).await
}

/// The oldest first: users then are seen for the first time once, and not ever earlier.
async fn recount_all(store: &SqliteStore, mut dirty: Vec<i64>) -> Result<(), StoreError> {
    while !dirty.is_empty() {
        let buckets = dirty.clone();
        let pass = store
            .readers
            .read(move |connection| pass(connection, &buckets))
            .await?;
        let done = pass.written.len();
        let written = store
            .writer
            .write(move |connection| write_back(connection, &pass))
            .await?;
        if written {
            dirty.drain(..done);
        }
    }
    Ok(())
}

fn dirty(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(
            "SELECT bucket FROM rollup_buckets INDEXED BY rollup_buckets_uncounted
             WHERE kind = 'interactions' AND written > usage_rolled ORDER BY bucket",
        )?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Recounts quarters from the start of `buckets` until enough turns were read.
fn pass(connection: &Connection, buckets: &[i64]) -> rusqlite::Result<Pass> {
    let number = connection
        .prepare_cached("SELECT value FROM properties WHERE name = 'usage_recounts'")?
        .query_row([], |row| row.get(0))?;
    let zone = shop_zone(connection)?;
    let mut written = connection
        .prepare_cached("SELECT written FROM rollup_buckets WHERE kind = 'interactions' AND bucket = ?1")?;
    let (mut seen, mut turns, mut counted) = (Vec::new(), Vec::new(), HashMap::new());
    for bucket in buckets {
        seen.push((*bucket, written.query_row([bucket], |row| row.get(0))?));
        turns.extend(turns_of(connection, *bucket)?);
        counted.extend(
            rows::parts_of(connection, *bucket)?
                .into_iter()
                .filter(|(key, _)| !key.removed),
        );
        if turns.len() + 100 * seen.len() > TURNS {
            break;
        }
    }
    let mut recount = Recount::new(counted, parts(turns, &zone));
    rows::complete(connection, &mut recount)?;
    Ok(Pass {
        number,
        written: seen,
        recount,
    })
}

/// The turns of a quarter, in their order.
fn turns_of(connection: &Connection, bucket: i64) -> rusqlite::Result<Vec<UsageTurn>> {
    connection
        .prepare_cached(&format!(
            "SELECT {TURN} FROM interactions INDEXED BY interactions_by_time
             WHERE started_at >= ?1 AND started_at < ?2 ORDER BY started_at, id"
        ))?
        .query_map([bucket, bucket + QUARTER], turn)?
        .collect()
}

/// Reads the columns of [`TURN`].
pub(super) fn turn(row: &Row<'_>) -> rusqlite::Result<UsageTurn> {
    let mut columns = Columns::of(row);
    Ok(UsageTurn {
        session: columns.get()?,
        started_at: columns.time()?,
        completed_at: columns.optional_time()?,
        status: columns.name()?,
        channel: columns.get()?,
        user_id: columns.get()?,
    })
}

/// Writes what a pass found; tells whether it did, or somebody else was faster.
fn write_back(connection: &Connection, pass: &Pass) -> rusqlite::Result<bool> {
    let claimed = connection
        .prepare_cached("UPDATE properties SET value = ?2 WHERE name = 'usage_recounts' AND value = ?1")?
        .execute([&pass.number, &next_recount(&pass.number)])?;
    if claimed == 0 {
        return Ok(false);
    }
    rows::write(connection, &pass.recount)?;
    let mut rolled = connection.prepare_cached(
        "UPDATE rollup_buckets SET usage_rolled = ?2 WHERE kind = 'interactions' AND bucket = ?1",
    )?;
    for (bucket, written) in &pass.written {
        rolled.execute(params![bucket, written])?;
    }
    Ok(true)
}

/// Lets the next read count everything anew: the days are others. What is counted stays until then, under the days that it
/// was counted under, and is taken back from those.
pub(in crate::sqlite) fn begin_anew(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE rollup_buckets SET usage_rolled = 0 WHERE kind = 'interactions'",
        [],
    )?;
    overtake(connection)
}

/// Makes passes that have begun write nothing.
pub(super) fn overtake(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE properties SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'usage_recounts'",
        )?
        .execute([])?;
    Ok(())
}
