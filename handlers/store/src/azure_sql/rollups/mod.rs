//! Rollups in Azure SQL: marking quarters, recomputing the dirty ones, reading the tiers.
//!
//! A recompute holds the lock of its kind, reads in one round trip, counts here, and writes back in a second, as one
//! transaction. Counters keep it right beside writers: it notes the `written` that it saw, and a quarter that was written
//! since stays dirty. Hours and days are the sums of their quarters: a quarter that changes is taken from them and added anew.

mod feedback;
mod funnel;
mod interactions;
mod orders;
mod read;
mod refresh;
mod zone;

pub(super) use read::{Stored, answers, asks_sql, stored, stored_sql};
pub(super) use refresh::{Standing, put_row, put_sql, refresh, standing, standing_sql};
pub(super) use zone::{ZONE, use_zone, zone_of};

use super::columns::Columns;
use super::rows::Shape;
use super::{queries, usage};
use crate::StoreError;
use domain::analytics::{Fact, FeedbackFact, FunnelFact, InteractionFact, OrderFact};
use jiff::Timestamp;
use serde_json::Value as Json;
use std::collections::HashMap;
use tiberius::Row;

/// The kind of the buckets of interactions, as a literal that compares as the column does.
pub(super) const INTERACTIONS: &str = "N'interactions' COLLATE Latin1_General_100_BIN2";
/// The kind of the buckets of feedback, likewise.
pub(super) const FEEDBACK: &str = "N'feedback' COLLATE Latin1_General_100_BIN2";
/// The kind of the buckets of client events, likewise.
pub(super) const EVENTS: &str = "N'events' COLLATE Latin1_General_100_BIN2";
/// The kind of the buckets of turns that are to be credited with events, likewise.
pub(super) const TURNS: &str = "N'turns' COLLATE Latin1_General_100_BIN2";
/// The kind of the buckets of funnels, by the start of their turns, likewise.
pub(super) const FUNNELS: &str = "N'funnels' COLLATE Latin1_General_100_BIN2";
/// The kind of the buckets of orders, likewise.
pub(super) const ORDERS: &str = "N'orders' COLLATE Latin1_General_100_BIN2";
/// Buckets of a quarter of an hour, in UTC.
pub(super) const QUARTERS: i64 = 0;
/// Buckets of a day of the shop's zone.
pub(super) const DAYS: i64 = 1;
/// What was counted in quarters whose rows retention removed; a quarter counts this and its rows.
pub(super) const REMOVED: i64 = 2;
/// Buckets of an hour, in UTC.
pub(super) const HOURS: i64 = 3;

/// Begins to collect the quarters that [`MARK`] marks, as pairs of kind and bucket.
pub(super) const DIRTY: &str = "DECLARE @dirty TABLE (
           kind nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL, bucket datetime2(7) NOT NULL);
         INSERT INTO @dirty (kind, bucket)";

/// Notes that the quarters in [`DIRTY`] have something new to count; part of the transaction that wrote it. Turns are to be
/// credited anew, too.
pub(super) const MARK: &str = "INSERT INTO @dirty SELECT N'turns', bucket FROM @dirty WHERE kind = N'interactions';
         UPDATE b SET written = b.written + 1
         FROM rollup_buckets b JOIN @dirty d ON d.kind = b.kind AND d.bucket = b.bucket;
         INSERT INTO rollup_buckets (kind, bucket, written, rolled)
         SELECT d.kind, d.bucket, 1, 0 FROM @dirty d WHERE NOT EXISTS (
           SELECT 1 FROM rollup_buckets b WITH (UPDLOCK, HOLDLOCK) WHERE b.kind = d.kind AND b.bucket = d.bucket);";

/// The quarter that a column is in, for times since 1900.
pub(super) fn quarter_of(column: &str) -> String {
    format!(
        "CONVERT(datetime2(7), DATEADD(minute, DATEDIFF(minute, '19000101', {column}) / 15 * 15, '19000101'))"
    )
}

/// How one kind of rollup stands in its table.
pub(super) trait Table: Fact<Key: Send + Sync, Rollup: Send + Sync> + Send + Sync + 'static {
    /// The kind of its buckets, as a literal.
    const KIND: &'static str;
    /// What its lock is called.
    const LOCK: &'static str;
    /// Its table.
    const NAME: &'static str;
    /// Key columns after `tier` and `bucket`, `grouping_id` first.
    const KEYS: &'static Shape;
    /// Value columns.
    const VALUES: &'static Shape;
    /// Columns and tables of the facts: what [`Table::fact`] reads.
    const FACTS: &'static str;
    /// The column whose quarter a fact is counted in.
    const TIME: &'static str;

    /// Reads the columns that [`Table::FACTS`] selects.
    fn fact(columns: &mut Columns) -> Result<Self, StoreError>
    where
        Self: Sized;
    /// The values of [`Table::KEYS`].
    fn key_values(key: &Self::Key) -> Vec<Json>;
    /// The values of [`Table::VALUES`].
    fn values(rollup: &Self::Rollup) -> Vec<Json>;
    /// Reads the columns of [`Table::KEYS`] and [`Table::VALUES`].
    fn read(columns: &mut Columns) -> Result<(Self::Key, Self::Rollup), StoreError>;
}

/// What is counted under each key.
pub(super) type Counts<T> = HashMap<<T as Fact>::Key, <T as Fact>::Rollup>;

/// The locks of all that is counted.
const LOCKS: [&str; 6] = [
    InteractionFact::LOCK,
    FeedbackFact::LOCK,
    FunnelFact::LOCK,
    OrderFact::LOCK,
    usage::LOCK,
    queries::LOCK,
];

/// Takes the locks of all that is counted.
pub(super) fn lock_all() -> String {
    let mut sql = lock(LOCKS[0]);
    for resource in &LOCKS[1..] {
        sql += &lock(resource).replace("DECLARE @granted int;", "");
    }
    sql
}

/// Gives the locks of all that is counted back.
pub(super) fn unlock_all() -> String {
    LOCKS.map(unlock).concat()
}

/// Takes a lock, which the session then holds until [`unlock`], or until it ends.
pub(super) fn lock(resource: &str) -> String {
    format!(
        "DECLARE @granted int;
         EXEC @granted = sp_getapplock @Resource = N'{resource}', @LockMode = N'Exclusive', @LockOwner = N'Session',
           @LockTimeout = 20000;
         IF @granted < 0 THROW 51222, N'The rollups are being recomputed by another one for too long.', 1;"
    )
}

/// Gives a lock back.
pub(super) fn unlock(resource: &str) -> String {
    format!("EXEC sp_releaseapplock @Resource = N'{resource}', @LockOwner = N'Session';")
}

/// Reads facts, each after the time that it is counted at.
pub(super) fn facts<T: Table>(rows: Vec<Row>) -> Result<Vec<(Timestamp, T)>, StoreError> {
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.time()?, T::fact(&mut columns)?))
        })
        .collect()
}
