//! Rollups in SQLite: marking quarters, recomputing the dirty ones, reading the tiers.
//!
//! A recompute reads on a snapshot, beside the writer, and then writes back in one short transaction. Counters make that
//! safe: it notes the `written` that its snapshot saw, and is dropped when a later snapshot was faster. Hours and days are
//! the sums of their quarters: a quarter that changes is taken from them and added anew, in the same transaction.

mod feedback;
mod funnel;
mod interactions;
mod orders;

use super::columns::time_at;
use super::{SqliteStore, queries, shop_zone, usage};
use crate::StoreError;
use crate::analytics::{Ask, is_read};
use domain::analytics::series::Grouped;
use domain::analytics::{self, Fact, Part, QUARTER, Rollup, TimeRange, day_of, hour_of, plan, quarter_of};
use domain::time::from_micros;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql, TransactionBehavior, params, params_from_iter};
use std::collections::{BTreeSet, HashMap};
use tracing::Instrument as _;

/// The kind of the buckets of interactions.
pub(super) const INTERACTIONS: &str = "interactions";
/// The kind of the buckets of feedback.
pub(super) const FEEDBACK: &str = "feedback";
/// The kind of the buckets of client events.
pub(super) const EVENTS: &str = "events";
/// The kind of the buckets of turns that are to be credited with events.
pub(super) const TURNS: &str = "turns";
/// The kind of the buckets of funnels, by the start of their turns.
pub(super) const FUNNELS: &str = "funnels";
/// The kind of the buckets of orders.
pub(super) const ORDERS: &str = "orders";
/// Buckets of a quarter of an hour, in UTC.
pub(super) const QUARTERS: i64 = 0;
/// Buckets of a day of the shop's zone.
pub(super) const DAYS: i64 = 1;
/// What was counted in quarters whose rows retention removed; a quarter counts this and its rows.
const REMOVED: i64 = 2;
/// Buckets of an hour, in UTC.
pub(super) const HOURS: i64 = 3;
/// Facts that one recompute holds in memory, about.
const FACTS: usize = 50_000;

/// How one kind of rollup stands in its table.
pub(super) trait Table: Fact<Key: Send, Rollup: Send> + 'static {
    /// The kind of its buckets.
    const KIND: &'static str;
    /// Its table.
    const NAME: &'static str;
    /// Key columns after `tier` and `bucket`, `grouping_id` first.
    const KEYS: &'static str;
    /// Value columns.
    const VALUES: &'static str;

    /// The facts of a range, from the rows themselves.
    fn facts(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<Self>>
    where
        Self: Sized;
    /// The values of [`Table::KEYS`].
    fn key_values(key: &Self::Key) -> Vec<Value>;
    /// The values of [`Table::VALUES`].
    fn values(rollup: &Self::Rollup) -> Vec<Value>;
    /// Reads the columns of `bucket`, [`Table::KEYS`] and [`Table::VALUES`].
    fn read(row: &Row<'_>) -> rusqlite::Result<(Timestamp, Self::Key, Self::Rollup)>;
}

/// What is counted under each key.
type Counts<T> = HashMap<<T as Fact>::Key, <T as Fact>::Rollup>;

/// The rollups of one quarter, as a snapshot saw them.
struct Recomputed<T: Table> {
    bucket: i64,
    written: i64,
    rollups: Counts<T>,
}

/// Notes that these points in time have something new to count. Turns are to be credited anew, too.
pub(super) fn mark(
    connection: &Connection,
    kind: &str,
    times: impl IntoIterator<Item = Timestamp>,
) -> rusqlite::Result<()> {
    let buckets: BTreeSet<i64> = times
        .into_iter()
        .map(|at| quarter_of(at).as_microsecond())
        .collect();
    let mut mark = connection.prepare_cached(
        "INSERT INTO rollup_buckets (kind, bucket, written, rolled) VALUES (?1, ?2, 1, 0)
         ON CONFLICT (kind, bucket) DO UPDATE SET written = written + 1",
    )?;
    for bucket in buckets {
        mark.execute(params![kind, bucket])?;
        if kind == INTERACTIONS {
            mark.execute(params![TURNS, bucket])?;
        }
    }
    Ok(())
}

/// Recomputes the dirty quarters that the range touches: afterwards the rollups count every write that was durable before.
pub(super) async fn refresh<T: Table>(store: &SqliteStore, range: TimeRange) -> Result<(), StoreError> {
    let _alone = store.recomputing.lock().await;
    let dirty = store
        .readers
        .read(move |connection| dirty::<T>(connection, range))
        .await?;
    if dirty.is_empty() {
        return Ok(());
    }
    let span = tracing::info_span!("recompute_rollups", kind = T::KIND, buckets = dirty.len());
    recompute_all::<T>(store, dirty).instrument(span).await
}

async fn recompute_all<T: Table>(store: &SqliteStore, mut dirty: Vec<i64>) -> Result<(), StoreError> {
    while !dirty.is_empty() {
        let (rest, recomputed) = store
            .readers
            .read(move |connection| recompute::<T>(connection, dirty))
            .await?;
        store
            .writer
            .write(move |connection| write_back(connection, &recomputed))
            .await?;
        dirty = rest;
    }
    Ok(())
}

fn dirty<T: Table>(connection: &Connection, range: TimeRange) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(
            "SELECT bucket FROM rollup_buckets INDEXED BY rollup_buckets_dirty
             WHERE kind = ?1 AND written > rolled AND bucket > ?2 AND bucket < ?3 ORDER BY bucket DESC",
        )?
        .query_map(
            params![
                T::KIND,
                range.from.as_microsecond() - QUARTER,
                range.to.as_microsecond()
            ],
            |row| row.get(0),
        )?
        .collect()
}

/// Counts quarters from the end of `buckets` until enough facts were read; gives back what is left, and the counts.
fn recompute<T: Table>(
    connection: &Connection,
    mut buckets: Vec<i64>,
) -> rusqlite::Result<(Vec<i64>, Vec<Recomputed<T>>)> {
    let mut written =
        connection.prepare_cached("SELECT written FROM rollup_buckets WHERE kind = ?1 AND bucket = ?2")?;
    let mut recomputed = Vec::new();
    let mut read = 0;
    while read < FACTS
        && let Some(bucket) = buckets.pop()
    {
        let written = written.query_row(params![T::KIND, bucket], |row| row.get(0))?;
        let facts = facts::<T>(connection, bucket)?;
        read += facts.len().max(100);
        recomputed.push(Recomputed {
            bucket,
            written,
            rollups: counted::<T>(connection, bucket, facts)?,
        });
    }
    Ok((buckets, recomputed))
}

fn facts<T: Table>(connection: &Connection, bucket: i64) -> rusqlite::Result<Vec<T>> {
    T::facts(
        connection,
        TimeRange {
            from: from_micros(bucket),
            to: from_micros(bucket + QUARTER),
        },
    )
}

/// What a quarter counts: its rows, and what retention removed from it.
fn counted<T: Table>(connection: &Connection, bucket: i64, facts: Vec<T>) -> rusqlite::Result<Counts<T>> {
    let mut rollups = analytics::rolled_up(facts);
    for (key, removed) in stored::<T>(connection, REMOVED, bucket)? {
        rollups.entry(key).or_default().add(&removed);
    }
    Ok(rollups)
}

/// What each of these quarters counts now.
pub(super) fn counts<T: Table>(
    connection: &Connection,
    buckets: &BTreeSet<i64>,
) -> rusqlite::Result<Vec<(i64, Counts<T>)>> {
    buckets
        .iter()
        .map(|bucket| {
            Ok((
                *bucket,
                counted(connection, *bucket, facts::<T>(connection, *bucket)?)?,
            ))
        })
        .collect()
}

/// Keeps quarters counting what they counted before some of their rows were removed.
pub(super) fn keep_counted<T: Table>(
    connection: &Connection,
    before: Vec<(i64, Counts<T>)>,
) -> rusqlite::Result<()> {
    for (bucket, rollups) in before {
        let left = analytics::rolled_up(facts::<T>(connection, bucket)?);
        for (key, mut removed) in rollups {
            if let Some(left) = left.get(&key) {
                removed.subtract(left);
            }
            put::<T>(connection, REMOVED, bucket, &key, &removed)?;
        }
    }
    Ok(())
}

/// What quarters that changed add to the hours and days that they are in, and take from them.
struct Sums<T: Table> {
    zone: TimeZone,
    changes: HashMap<(i64, i64, T::Key), Change<T>>,
}

/// What is added, and what is taken away.
type Change<T> = (<T as Fact>::Rollup, <T as Fact>::Rollup);

impl<T: Table> Sums<T> {
    fn change(&mut self, bucket: i64, key: &T::Key, new: &T::Rollup, old: &T::Rollup) {
        let at = from_micros(bucket);
        for (tier, start) in [(HOURS, hour_of(at)), (DAYS, day_of(at, &self.zone))] {
            let place = (tier, start.as_microsecond(), key.clone());
            let (more, less) = self.changes.entry(place).or_default();
            more.add(new);
            less.add(old);
        }
    }

    fn put(self, connection: &Connection) -> rusqlite::Result<()> {
        for ((tier, bucket, key), (more, less)) in self.changes {
            let mut sum = one::<T>(connection, tier, bucket, &key)?.unwrap_or_default();
            sum.add(&more);
            sum.subtract(&less);
            put::<T>(connection, tier, bucket, &key, &sum)?;
        }
        Ok(())
    }
}

fn write_back<T: Table>(connection: &Connection, recomputed: &[Recomputed<T>]) -> rusqlite::Result<()> {
    let mut sums = Sums {
        zone: shop_zone(connection)?,
        changes: HashMap::new(),
    };
    for Recomputed {
        bucket,
        written,
        rollups,
    } in recomputed
    {
        let claimed = connection
            .prepare_cached(
                "UPDATE rollup_buckets SET rolled = ?3 WHERE kind = ?1 AND bucket = ?2 AND rolled < ?3",
            )?
            .execute(params![T::KIND, bucket, written])?;
        if claimed == 1 {
            replace_quarter::<T>(connection, *bucket, rollups, &mut sums)?;
        }
    }
    sums.put(connection)
}

fn replace_quarter<T: Table>(
    connection: &Connection,
    bucket: i64,
    rollups: &Counts<T>,
    sums: &mut Sums<T>,
) -> rusqlite::Result<()> {
    let none = T::Rollup::default();
    let before: Counts<T> = stored::<T>(connection, QUARTERS, bucket)?.into_iter().collect();
    let gone = before.keys().filter(|key| !rollups.contains_key(key));
    for key in rollups.keys().chain(gone) {
        let (old, new) = (
            before.get(key).unwrap_or(&none),
            rollups.get(key).unwrap_or(&none),
        );
        if new != old {
            put::<T>(connection, QUARTERS, bucket, key, new)?;
            sums.change(bucket, key, new, old);
        }
    }
    Ok(())
}

/// All rollups of one bucket.
fn stored<T: Table>(
    connection: &Connection,
    tier: i64,
    bucket: i64,
) -> rusqlite::Result<Vec<(T::Key, T::Rollup)>> {
    let sql = format!(
        "SELECT bucket, {keys}, {values} FROM {name}
         WHERE tier = ?1 AND bucket = ?2 AND grouping_id IN ({groupings})",
        groupings = groupings::<T>(),
        keys = T::KEYS,
        values = T::VALUES,
        name = T::NAME
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![tier, bucket], |row| {
        T::read(row).map(|(_, key, rollup)| (key, rollup))
    })?;
    rows.collect()
}

/// The answer to each question.
pub(super) fn read<T: Table>(
    connection: &Connection,
    asks: &[Ask],
) -> rusqlite::Result<Vec<Grouped<T::Rollup>>> {
    let shop = shop_zone(connection)?;
    asks.iter()
        .map(|ask| answer::<T>(connection, ask, &shop))
        .collect()
}

/// What each part of a plan counts, as the question asks: stored rollups, and the facts of the parts that cut through quarters.
fn answer<T: Table>(
    connection: &Connection,
    ask: &Ask,
    shop: &TimeZone,
) -> rusqlite::Result<Grouped<T::Rollup>> {
    let mut groups = HashMap::new();
    let plan = plan(&ask.edges, Some(shop));
    let values: Vec<_> = ask.filter.conditions().collect();
    let conditions: String = (5..)
        .zip(&values)
        .map(|(place, (dimension, _))| format!(" AND {} = ?{place}", dimension.as_str()))
        .collect();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT bucket, {keys}, {values} FROM {name}
         WHERE tier = ?1 AND grouping_id = ?2 AND bucket >= ?3 AND bucket < ?4{conditions}",
        keys = T::KEYS,
        values = values_read::<T>(ask.parts),
        name = T::NAME
    ))?;
    for (tier, ranges) in [
        (DAYS, &plan.days),
        (HOURS, &plan.hours),
        (QUARTERS, &plan.quarters),
    ] {
        for range in ranges {
            let (from, to) = (range.from.as_microsecond(), range.to.as_microsecond());
            let mut bound: Vec<&dyn ToSql> = vec![&tier, &ask.grouping, &from, &to];
            bound.extend(values.iter().map(|(_, value)| value as &dyn ToSql));
            let mut rows = statement.query(bound.as_slice())?;
            while let Some(row) = rows.next()? {
                let (bucket, key, rollup) = T::read(row)?;
                ask.add::<T>(&mut groups, bucket, &key, &rollup);
            }
        }
    }
    for range in &plan.raw {
        for fact in T::facts(connection, *range)? {
            ask.count(&mut groups, range.from, fact);
        }
    }
    Ok(groups)
}

/// The value columns, those that are not asked for as nothing.
fn values_read<T: Table>(parts: &[Part]) -> String {
    let columns = T::VALUES.split(", ").map(|column| match column {
        column if is_read(column, parts) => column,
        column if column.ends_with("_histogram") => "x''",
        _ => "0",
    });
    columns.collect::<Vec<_>>().join(", ")
}

/// The groupings that are held, counted up: the key of the table begins with tier and grouping.
fn groupings<T: Table>() -> String {
    let groupings: Vec<_> = T::GROUPINGS
        .iter()
        .map(|(grouping, _)| grouping.to_string())
        .collect();
    groupings.join(", ")
}

fn one<T: Table>(
    connection: &Connection,
    tier: i64,
    bucket: i64,
    key: &T::Key,
) -> rusqlite::Result<Option<T::Rollup>> {
    let sql = format!(
        "SELECT bucket, {keys}, {values} FROM {name} WHERE (tier, bucket, {keys}) = ({places})",
        keys = T::KEYS,
        values = T::VALUES,
        name = T::NAME,
        places = places(2 + T::key_values(key).len()),
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(identity::<T>(tier, bucket, key)))?;
    rows.next()?
        .map(|row| T::read(row).map(|(_, _, rollup)| rollup))
        .transpose()
}

/// Stores a rollup, or removes it when it counts nothing.
fn put<T: Table>(
    connection: &Connection,
    tier: i64,
    bucket: i64,
    key: &T::Key,
    rollup: &T::Rollup,
) -> rusqlite::Result<()> {
    let mut values = identity::<T>(tier, bucket, key);
    let sql = if rollup.is_empty() {
        let (name, keys, places) = (T::NAME, T::KEYS, places(values.len()));
        format!("DELETE FROM {name} WHERE (tier, bucket, {keys}) = ({places})")
    } else {
        values.extend(T::values(rollup));
        let (name, keys, columns, places) = (T::NAME, T::KEYS, T::VALUES, places(values.len()));
        format!("INSERT OR REPLACE INTO {name} (tier, bucket, {keys}, {columns}) VALUES ({places})")
    };
    connection
        .prepare_cached(&sql)?
        .execute(params_from_iter(values))?;
    Ok(())
}

fn identity<T: Table>(tier: i64, bucket: i64, key: &T::Key) -> Vec<Value> {
    let mut values = vec![Value::Integer(tier), Value::Integer(bucket)];
    values.extend(T::key_values(key));
    values
}

fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// Sees that the day tier is made of the days of `name`; makes it anew from the quarters when it is not.
pub(super) fn use_zone(connection: &mut Connection, name: &str) -> Result<(), StoreError> {
    let zone = analytics::zone(name).map_err(|faults| StoreError::Broken(faults.to_string()))?;
    let current: String = connection.query_row(
        "SELECT value FROM properties WHERE name = 'time_zone'",
        [],
        |row| row.get(0),
    )?;
    if current == name {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "UPDATE properties SET value = ?1 WHERE name = 'time_zone'",
        [name],
    )?;
    rebuild_days::<analytics::InteractionFact>(&transaction, &zone)?;
    rebuild_days::<analytics::FeedbackFact>(&transaction, &zone)?;
    rebuild_days::<analytics::FunnelFact>(&transaction, &zone)?;
    rebuild_days::<analytics::OrderFact>(&transaction, &zone)?;
    usage::begin_anew(&transaction)?;
    queries::forget_all(&transaction)?;
    Ok(transaction.commit()?)
}

fn rebuild_days<T: Table>(connection: &Connection, zone: &TimeZone) -> rusqlite::Result<()> {
    connection.execute(&format!("DELETE FROM {} WHERE tier = ?1", T::NAME), [DAYS])?;
    let buckets: rusqlite::Result<Vec<Timestamp>> = connection
        .prepare("SELECT bucket FROM rollup_buckets WHERE kind = ?1 AND rolled > 0 ORDER BY bucket")?
        .query_map([T::KIND], |row| time_at(row, 0))?
        .collect();
    let mut sums: Counts<T> = HashMap::new();
    let mut current = None;
    for bucket in buckets? {
        let day = day_of(bucket, zone).as_microsecond();
        if let Some(finished) = current.replace(day).filter(|finished| *finished != day) {
            put_all::<T>(connection, finished, sums.drain())?;
        }
        for (key, rollup) in stored::<T>(connection, QUARTERS, bucket.as_microsecond())? {
            sums.entry(key).or_default().add(&rollup);
        }
    }
    current.map_or(Ok(()), |day| put_all::<T>(connection, day, sums.drain()))
}

fn put_all<T: Table>(
    connection: &Connection,
    day: i64,
    sums: impl Iterator<Item = (T::Key, T::Rollup)>,
) -> rusqlite::Result<()> {
    for (key, sum) in sums {
        put::<T>(connection, DAYS, day, &key, &sum)?;
    }
    Ok(())
}
