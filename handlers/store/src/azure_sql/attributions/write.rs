//! Writing back what events are credited to.

use super::Dirty;
use super::sources::Changes;
use crate::azure_sql::call::Call;
use crate::azure_sql::rollups::{DIRTY, EVENTS, FUNNELS, MARK, TURNS, Table as _, unlock};
use crate::azure_sql::rows::{Shape, declare, hex, names, rows, time};
use domain::analytics::{FunnelFact, quarter_of};
use serde_json::json;
use std::collections::BTreeSet;

const PAIR: &Shape = &[("interaction_id", "binary(16)"), ("event_id", "binary(16)")];
const ROW: &Shape = &[
    ("interaction_id", "binary(16)"),
    ("event_id", "binary(16)"),
    ("type", "nvarchar(16)"),
    ("credit", "tinyint"),
    ("value_micros", "bigint"),
    ("currency", "nvarchar(3)"),
];
const BUCKET: &Shape = &[("bucket", "datetime2(7)")];
const COUNTED: &Shape = &[
    ("turns", "int"),
    ("bucket", "datetime2(7)"),
    ("written", "bigint"),
];

/// Makes the changes; the funnels of the turns become dirty.
pub(super) fn replace_call(changes: &Changes) -> Call {
    let added = changes.added.iter().map(|row| {
        vec![
            hex(row.turn.as_bytes()),
            hex(row.event.as_bytes()),
            json!(row.kind.as_str()),
            json!(row.credit),
            json!(row.value_micros),
            json!(row.currency),
        ]
    });
    // Those that are added go first, too, so that the call may be repeated.
    let gone = changes.added.iter().map(|row| (row.turn, row.event));
    let gone = gone.chain(changes.removed.iter().copied());
    let gone = gone.map(|(turn, event)| vec![hex(turn.as_bytes()), hex(event.as_bytes())]);
    let quarters: BTreeSet<_> = changes.dirty.iter().map(|at| quarter_of(*at)).collect();
    let sql = format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {gone}
         {added}
         {quarters}
         BEGIN TRANSACTION;
         DELETE a FROM attributions a JOIN @gone g ON g.interaction_id = a.interaction_id AND g.event_id = a.event_id;
         INSERT INTO attributions ({names}) SELECT {names} FROM @added;
         {DIRTY} SELECT {FUNNELS}, bucket FROM @quarters;
         {MARK}
         COMMIT TRANSACTION;",
        gone = declare("@gone", PAIR, "@P1"),
        added = declare("@added", ROW, "@P2"),
        quarters = declare("@quarters", BUCKET, "@P3"),
        names = names(ROW, ""),
    );
    Call::safe("write_attributions", sql)
        .bind(rows(gone))
        .bind(rows(added))
        .bind(rows(quarters.into_iter().map(|bucket| vec![time(bucket)])))
}

/// Notes up to which write quarters are credited, and gives the lock back; turns that changed are counted anew, whatever
/// they led to.
pub(super) fn finish_call(dirty: &[Dirty]) -> Call {
    let counted = dirty.iter().map(|quarter| {
        vec![
            json!(i32::from(quarter.turns)),
            time(quarter.bucket),
            json!(quarter.written),
        ]
    });
    let sql = format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {counted}
         BEGIN TRANSACTION;
         UPDATE b SET rolled = c.written FROM rollup_buckets b
         JOIN @counted c ON c.bucket = b.bucket AND b.kind = CASE c.turns WHEN 1 THEN {TURNS} ELSE {EVENTS} END
         WHERE b.rolled < c.written;
         {DIRTY} SELECT {FUNNELS}, bucket FROM @counted WHERE turns = 1;
         {MARK}
         COMMIT TRANSACTION;
         {unlock}",
        counted = declare("@counted", COUNTED, "@P1"),
        unlock = unlock(FunnelFact::LOCK),
    );
    Call::safe("finish_attributions", sql).bind(rows(counted))
}
