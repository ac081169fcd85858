//! Recomputing the dirty quarters.

use super::read::{Stored, stored, stored_sql};
use super::zone::{ZONE, zone_of};
use super::{Counts, DAYS, HOURS, QUARTERS, REMOVED, Table, facts, lock, unlock};
use crate::StoreError;
use crate::azure_sql::AzureSqlStore;
use crate::azure_sql::answers::{last, results};
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::rows::{Shape, declare, names, rows, time};
use crate::azure_sql::session::Session;
use domain::analytics::{self, QUARTER, Rollup, TimeRange, day_of, hour_of};
use domain::time::from_micros;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};
use tiberius::Row;
use tracing::Instrument;

/// Quarters that are recomputed in one go: half a day.
const CHUNK: usize = 48;

/// How the quarters of a range stand. A replica that shows the same has all that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::azure_sql) struct Standing {
    /// How many there are, and how often they were counted, all together.
    pub(in crate::azure_sql) counted: (i64, Option<i64>),
    /// The shop's zone; none while the days are made anew.
    pub(in crate::azure_sql) zone: Option<TimeZone>,
}

/// Recomputes the dirty quarters that the range touches: afterwards the rollups count every write that was durable before.
/// Tells how they stood, and whether there was nothing to recompute.
pub(in crate::azure_sql) async fn refresh<T: Table>(
    store: &AzureSqlStore,
    range: TimeRange,
) -> Result<(Standing, bool), StoreError> {
    let (standing, dirty) = look::<T>(store, range).await?;
    if dirty.is_empty() {
        return Ok((standing, true));
    }
    // One at a time in this program: the next one finds nothing left to do.
    let _alone = store.recomputing.lock().await;
    let (standing, dirty) = look::<T>(store, range).await?;
    for buckets in dirty.chunks(CHUNK) {
        let span = tracing::info_span!("recompute_rollups", kind = T::NAME, buckets = buckets.len());
        let (buckets, zone) = (buckets.to_vec(), standing.zone.clone());
        let recompute = store.pool.session("refresh_rollups", move |session| {
            let (buckets, zone) = (buckets.clone(), zone.clone());
            Box::pin(async move { recompute::<T>(session, &buckets, zone.as_ref()).await })
        });
        recompute.instrument(span).await?;
    }
    Ok((standing, false))
}

/// How the quarters of a range stand, and which of them are dirty.
async fn look<T: Table>(
    store: &AzureSqlStore,
    range: TimeRange,
) -> Result<(Standing, Vec<Timestamp>), StoreError> {
    let first = from_micros(range.from.as_microsecond() - QUARTER);
    let call = Call::safe(
        "dirty_rollups",
        format!(
            "{} SELECT bucket FROM rollup_buckets
             WHERE kind = {} AND written > rolled AND bucket > @P1 AND bucket < @P2 ORDER BY bucket;",
            standing_sql::<T>("@P1", "@P2"),
            T::KIND
        ),
    )
    .bind(first)
    .bind(range.to);
    let [zone, counted, dirty] = results(store.pool.run(call).await?)?;
    let dirty: Result<_, _> = dirty.into_iter().map(|row| Columns::of(row).time()).collect();
    Ok((standing(zone, counted)?, dirty?))
}

/// Two results: the shop's zone, and how the quarters between two parameters stand.
pub(in crate::azure_sql) fn standing_sql<T: Table>(after: &str, to: &str) -> String {
    format!(
        "{ZONE} SELECT COUNT(*), SUM(rolled) FROM rollup_buckets
         WHERE kind = {} AND bucket > {after} AND bucket < {to};",
        T::KIND
    )
}

/// Reads what [`standing_sql`] selects.
pub(in crate::azure_sql) fn standing(zone: Vec<Row>, counted: Vec<Row>) -> Result<Standing, StoreError> {
    let mut columns = Columns::of(last(vec![counted])?);
    Ok(Standing {
        counted: (columns.get()?, columns.get()?),
        zone: zone_of(zone)?,
    })
}

/// Counts quarters anew and writes them back, under the lock of their kind: two round trips.
async fn recompute<T: Table>(
    session: &mut Session,
    buckets: &[Timestamp],
    zone: Option<&TimeZone>,
) -> Result<(), SqlError> {
    let answer = session.run(read_call::<T>(buckets, zone)).await?;
    let [found_zone, dirty, counted, held] = results(answer)?;
    if zone_of(found_zone)?.as_ref() != zone {
        return Err(StoreError::Unavailable("the shop's zone is being changed".to_owned()).into());
    }
    let mut written: HashMap<Timestamp, i64> = HashMap::new();
    for row in dirty {
        let mut columns = Columns::of(row);
        written.insert(columns.time()?, columns.get()?);
    }
    let mut by_quarter: HashMap<Timestamp, Vec<T>> = HashMap::new();
    for (at, fact) in facts::<T>(counted)? {
        by_quarter
            .entry(analytics::quarter_of(at))
            .or_default()
            .push(fact);
    }
    let mut after: HashMap<Timestamp, Counts<T>> = HashMap::new();
    for bucket in written.keys() {
        let facts = by_quarter.remove(bucket).unwrap_or_default();
        after.insert(*bucket, analytics::rolled_up(facts));
    }
    let mut before: HashMap<(i64, Timestamp), Counts<T>> = HashMap::new();
    for Stored {
        tier,
        bucket,
        key,
        rollup,
    } in stored::<T>(held)?
    {
        if tier == REMOVED {
            if let Some(counts) = after.get_mut(&bucket) {
                counts.entry(key).or_default().add(&rollup);
            }
        } else {
            before.entry((tier, bucket)).or_default().insert(key, rollup);
        }
    }
    let mut changed = Vec::new();
    for (bucket, counts) in &after {
        let old = before.remove(&(QUARTERS, *bucket)).unwrap_or_default();
        let hour = (HOURS, hour_of(*bucket));
        let day = zone.map(|zone| (DAYS, day_of(*bucket, zone)));
        let within: Vec<_> = [Some(hour), day].into_iter().flatten().collect();
        replace_quarter::<T>(&mut changed, &mut before, *bucket, &within, counts, &old);
    }
    session.run(write_call::<T>(&written, changed, &before)).await?;
    Ok(())
}

/// Notes the rollups of a quarter that are others now, and changes those of its hour and day by the difference.
fn replace_quarter<T: Table>(
    changed: &mut Vec<Vec<Json>>,
    sums: &mut HashMap<(i64, Timestamp), Counts<T>>,
    bucket: Timestamp,
    within: &[(i64, Timestamp)],
    counts: &Counts<T>,
    old: &Counts<T>,
) {
    let none = T::Rollup::default();
    for key in counts
        .keys()
        .chain(old.keys().filter(|key| !counts.contains_key(key)))
    {
        let (new, old) = (counts.get(key).unwrap_or(&none), old.get(key).unwrap_or(&none));
        if new == old {
            continue;
        }
        changed.push(put_row::<T>(QUARTERS, bucket, key, new));
        for sum in within {
            let counted = sums.entry(*sum).or_default().entry(key.clone()).or_default();
            counted.add(new);
            counted.subtract(old);
        }
    }
}

/// Takes the lock and reads: the zone, which of the quarters are dirty still, their facts, and the rollups of them, of
/// their hours and of their days.
fn read_call<T: Table>(buckets: &[Timestamp], zone: Option<&TimeZone>) -> Call {
    let days: BTreeSet<_> = zone
        .into_iter()
        .flat_map(|zone| buckets.iter().map(|at| day_of(*at, zone)))
        .collect();
    let hours: BTreeSet<_> = buckets.iter().map(|at| hour_of(*at)).collect();
    let sent = |times: &mut dyn Iterator<Item = Timestamp>| rows(times.map(|at| vec![time(at)]));
    Call::safe("read_dirty_rollups", format!(
            "SET NOCOUNT ON;
             {lock}
             {quarters}
             {days}
             {hours}
             {ZONE}
             SELECT b.bucket, b.written FROM rollup_buckets b JOIN @quarters q ON q.bucket = b.bucket
             WHERE b.kind = {kind} AND b.written > b.rolled;
             SELECT {time}, {facts} JOIN @quarters q ON {time} >= q.bucket AND {time} < DATEADD(minute, 15, q.bucket);
             {of_quarters} UNION ALL {of_days} UNION ALL {of_hours};",
            lock = lock(T::LOCK),
            quarters = declare("@quarters", BUCKET, "@P1"),
            days = declare("@days", BUCKET, "@P2"),
            hours = declare("@hours", BUCKET, "@P3"),
            kind = T::KIND,
            time = T::TIME,
            facts = T::FACTS,
            of_quarters = stored_sql::<T>("0, 2", "@quarters"),
            of_days = stored_sql::<T>("1", "@days"),
            of_hours = stored_sql::<T>("3", "@hours"),
        ))
.bind(sent(&mut buckets.iter().copied()))
.bind(sent(&mut days.into_iter()))
.bind(sent(&mut hours.into_iter()))
}

/// Writes quarters, hours and days back, notes up to which write they are counted, and gives the lock back.
fn write_call<T: Table>(
    written: &HashMap<Timestamp, i64>,
    mut changed: Vec<Vec<Json>>,
    sums: &HashMap<(i64, Timestamp), Counts<T>>,
) -> Call {
    for ((tier, bucket), counts) in sums.iter().filter(|((tier, _), _)| *tier != QUARTERS) {
        changed.extend(
            counts
                .iter()
                .map(|(key, rollup)| put_row::<T>(*tier, *bucket, key, rollup)),
        );
    }
    Call::safe(
        "write_rollups",
        format!(
            "SET NOCOUNT ON; SET XACT_ABORT ON;
             {counted}
             BEGIN TRANSACTION;
             UPDATE b SET rolled = c.written FROM rollup_buckets b JOIN @counted c ON c.bucket = b.bucket
             WHERE b.kind = {kind};
             {put}
             COMMIT TRANSACTION;
             {unlock}",
            counted = declare("@counted", COUNTED, "@P1"),
            kind = T::KIND,
            put = put_sql::<T>("@put", "@P2"),
            unlock = unlock(T::LOCK),
        ),
    )
    .bind(rows(
        written
            .iter()
            .map(|(bucket, written)| vec![time(*bucket), json!(written)]),
    ))
    .bind(rows(changed))
}

const BUCKET: &Shape = &[("bucket", "datetime2(7)")];
const COUNTED: &Shape = &[("bucket", "datetime2(7)"), ("written", "bigint")];

/// Stores the rollups in a parameter in place of those with their keys; one that counts nothing is removed.
pub(in crate::azure_sql) fn put_sql<T: Table>(variable: &str, parameter: &str) -> String {
    let shape = put_shape::<T>();
    let same: Vec<_> = T::KEYS
        .iter()
        .map(|(name, _)| format!("p.{name} = r.{name}"))
        .collect();
    format!(
        "{put}
         DELETE r FROM {name} r JOIN {variable} p ON p.tier = r.tier AND p.bucket = r.bucket AND {same};
         INSERT INTO {name} ({all}) SELECT {all} FROM {variable} WHERE total > 0;",
        put = declare(variable, &shape, parameter),
        name = T::NAME,
        same = same.join(" AND "),
        all = names(&shape, ""),
    )
}

/// A row of what [`put_sql`] stores.
pub(in crate::azure_sql) fn put_row<T: Table>(
    tier: i64,
    bucket: Timestamp,
    key: &T::Key,
    rollup: &T::Rollup,
) -> Vec<Json> {
    let own = [json!(tier), time(bucket)].into_iter();
    own.chain(T::key_values(key)).chain(T::values(rollup)).collect()
}

fn put_shape<T: Table>() -> Vec<(&'static str, &'static str)> {
    let own = [("tier", "tinyint"), ("bucket", "datetime2(7)")].into_iter();
    own.chain(T::KEYS.iter().copied())
        .chain(T::VALUES.iter().copied())
        .collect()
}
