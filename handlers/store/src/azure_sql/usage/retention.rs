//! What retention removes stays counted.

use super::recount::{OVERTAKE, TURN, turn};
use super::rows::{self, PART, complete};
use crate::StoreError;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::rollups::{ZONE, zone_of};
use crate::azure_sql::session::Session;
use domain::usage::{Recount, parts, sealed};
use tiberius::Row;

/// What [`sealing_sql`] reads.
pub(in crate::azure_sql) type Sealing = [Vec<Row>; 3];

/// Reads the shop's zone, the turns of `@quarter`, each with whether it is in `@old`, and the quarter's parts.
pub(in crate::azure_sql) fn sealing_sql() -> String {
    format!(
        "{ZONE}
         SELECT {TURN}, CASE WHEN o.id IS NULL THEN 0 ELSE 1 END FROM interactions i LEFT JOIN @old o ON o.id = i.id
         WHERE i.started_at >= @quarter AND i.started_at < DATEADD(minute, 15, @quarter) ORDER BY i.started_at, i.id;
         SELECT {PART}, p.users FROM session_parts p WHERE p.bucket = @quarter;"
    )
}

/// What moves what the old turns count to parts that stay: to be written with their removal.
pub(in crate::azure_sql) async fn sealing(session: &mut Session, read: Sealing) -> Result<Recount, SqlError> {
    let [zone, turns, counted] = read;
    let Some(zone) = zone_of(zone)? else {
        return Err(StoreError::Unavailable("the shop's zone is being changed".to_owned()).into());
    };
    let (mut gone, mut left) = (Vec::new(), Vec::new());
    for row in turns {
        let mut columns = Columns::of(row);
        let turn = turn(&mut columns)?;
        let old: bool = columns.get()?;
        if old { gone.push(turn) } else { left.push(turn) }
    }
    let counted = rows::parts_of(counted)?;
    let found = sealed(&counted, parts(gone, &zone), parts(left, &zone));
    let mut recount = Recount::new(counted, found);
    complete(session, &mut recount).await?;
    Ok(recount)
}

/// Forgets how sessions in `@sessions`, of which no turn is left, were counted: they stay counted for ever.
pub(in crate::azure_sql) fn forget_sql() -> String {
    format!(
        "DELETE p FROM session_parts p WHERE p.session_seq IN (SELECT session_seq FROM @sessions)
           AND NOT EXISTS (SELECT 1 FROM interactions i WHERE i.session_seq = p.session_seq);
         {OVERTAKE}"
    )
}
