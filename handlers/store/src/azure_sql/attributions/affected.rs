//! Which events are to be credited anew.

use super::{Dirty, KINDS};
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::rows::{Shape, declare, rows, time};
use crate::azure_sql::session::Session;
use serde_json::json;
use uuid::Uuid;

const QUARTERS: &Shape = &[("turns", "int"), ("bucket", "datetime2(7)")];

/// Those that turns of the quarters may have led to, or are credited with; those of the quarters, and the orders within a week
/// after each of them, which may be of what was seen.
pub(super) async fn find(session: &mut Session, dirty: &[Dirty]) -> Result<Vec<Uuid>, SqlError> {
    let quarters = dirty
        .iter()
        .map(|quarter| vec![json!(i32::from(quarter.turns)), time(quarter.bucket)]);
    let call = Call::safe("find_affected_events", find_sql()).bind(rows(quarters));
    let answer = session.run(call).await?;
    let ids: Result<Vec<_>, _> = answer
        .into_iter()
        .flatten()
        .map(|row| Columns::of(row).id())
        .collect();
    Ok(ids?)
}

fn find_sql() -> String {
    let kinds = |alias: &str| format!("{alias}.{KINDS}");
    let within =
        |later: &str, earlier: &str| format!("{later} >= {earlier} AND {later} < DATEADD(day, 7, {earlier})");
    format!(
        "SET NOCOUNT ON;
         {quarters}
         DECLARE @turns TABLE (
           id binary(16) NOT NULL, session_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
           user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL, started_at datetime2(7) NOT NULL);
         INSERT INTO @turns
         SELECT i.id, i.session_id, i.user_id, i.started_at FROM @quarters q
         JOIN interactions i ON i.started_at >= q.bucket AND i.started_at < DATEADD(minute, 15, q.bucket)
         WHERE q.turns = 1;
         DECLARE @seen TABLE (
           id binary(16) NOT NULL, type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
           session_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
           user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL, occurred_at datetime2(7) NOT NULL);
         INSERT INTO @seen
         SELECT e.id, e.type, e.session_id, e.user_id, e.occurred_at FROM @quarters q
         JOIN events e ON e.occurred_at >= q.bucket AND e.occurred_at < DATEADD(minute, 15, q.bucket)
         WHERE q.turns = 0 AND {kinds_e};
         SELECT id FROM @seen
         UNION SELECT e.id FROM @seen s JOIN events e ON e.session_id = s.session_id AND {after_seen}
         WHERE s.type <> N'order' AND {kinds_e} AND e.type = N'order'
         UNION SELECT e.id FROM @seen s JOIN events e ON e.user_id = s.user_id AND {after_seen}
         WHERE s.type <> N'order' AND e.user_id IS NOT NULL AND {kinds_e} AND e.type = N'order'
         UNION SELECT e.id FROM @turns t JOIN events e ON e.session_id = t.session_id AND {after_turn}
         WHERE {kinds_e}
         UNION SELECT e.id FROM @turns t JOIN events e ON e.user_id = t.user_id AND {after_turn}
         WHERE e.user_id IS NOT NULL AND {kinds_e}
         UNION SELECT e.id FROM @turns t JOIN events e ON e.interaction_id = t.id
         WHERE e.interaction_id IS NOT NULL AND {kinds_e}
         UNION SELECT a.event_id FROM @turns t JOIN attributions a ON a.interaction_id = t.id;",
        quarters = declare("@quarters", QUARTERS, "@P1"),
        kinds_e = kinds("e"),
        after_seen = within("e.occurred_at", "s.occurred_at"),
        after_turn = within("e.occurred_at", "t.started_at"),
    )
}
