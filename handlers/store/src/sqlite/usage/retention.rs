//! What retention removes stays counted.

use super::super::shop_zone;
use super::recount::{TURN, overtake, turn};
use super::rows;
use domain::analytics::QUARTER;
use domain::usage::{Recount, UsageTurn, parts, sealed};
use rusqlite::{Connection, params};

/// Moves what the old turns of a quarter count to parts that stay, before the turns are removed. `old` says which are, by
/// the cutoff `?1`.
pub(in crate::sqlite) fn keep_counted(
    connection: &Connection,
    quarter: i64,
    cutoff: i64,
    old: &str,
) -> rusqlite::Result<()> {
    let turns: rusqlite::Result<Vec<(UsageTurn, bool)>> = connection
        .prepare_cached(&format!(
            "SELECT {TURN}, {old} FROM interactions INDEXED BY interactions_by_time
             WHERE started_at >= ?2 AND started_at < ?3 ORDER BY started_at, id"
        ))?
        .query_map(params![cutoff, quarter, quarter + QUARTER], |row| {
            Ok((turn(row)?, row.get(6)?))
        })?
        .collect();
    let zone = shop_zone(connection)?;
    let (gone, left): (Vec<_>, Vec<_>) = turns?.into_iter().partition(|(_, old)| *old);
    let of = |turns: Vec<(UsageTurn, bool)>| parts(turns.into_iter().map(|(turn, _)| turn), &zone);
    let counted = rows::parts_of(connection, quarter)?;
    let found = sealed(&counted, of(gone), of(left));
    let mut recount = Recount::new(counted, found);
    rows::complete(connection, &mut recount)?;
    rows::write(connection, &recount)?;
    overtake(connection)
}

/// Forgets how a session, of which no turn is left, was counted: it stays counted for ever.
pub(in crate::sqlite) fn forget(connection: &Connection, session: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM session_parts WHERE session_seq = ?1")?
        .execute([session])?;
    Ok(())
}
