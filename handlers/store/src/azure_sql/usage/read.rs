//! Reading the counts.

use super::recount::{NUMBER, number_of, refresh};
use super::rows::{self, ROLLUP};
use crate::azure_sql::AzureSqlStore;
use crate::azure_sql::answers::results;
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::pool::Pool;
use crate::usage::{TOGETHER, channel_of, day_at, midnight};
use crate::{Channels, PeriodQuery, PeriodRow, StoreError, Usage, UsageQuery};
use async_trait::async_trait;
use domain::analytics::{Rollup, quarter_of};
use domain::usage::{Period, PeriodCounts, SessionRange, SessionRollup, UsageNumbers};
use std::collections::BTreeMap;
use tiberius::Row;

/// Attempts at reading while others recount, or a replica lags.
const ATTEMPTS: usize = 4;
/// In the place of an answer that is not asked for.
const NOTHING: &str = "SELECT 0 WHERE 1 = 0;";

#[async_trait]
impl Usage for AzureSqlStore {
    async fn usage_numbers(&self, query: UsageQuery) -> Result<UsageNumbers, StoreError> {
        let [periods, sums, open, cohorts] = read(self, &numbers_call(&query)).await?;
        let mut numbers = UsageNumbers::default();
        for row in periods {
            let mut columns = Columns::of(row);
            let period: Period = columns.name()?;
            let row = period_row(&mut columns)?;
            numbers.periods.insert((period, row.start), row.counts);
        }
        let mut sessions = SessionRollup::default();
        for row in sums {
            sessions.add(&rows::rollup(row)?.1);
        }
        for row in open {
            numbers.open = Columns::of(row).get()?;
        }
        numbers.cohorts = cohorts
            .into_iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(((day_at(columns.time()?), columns.get()?), columns.get()?))
            })
            .collect::<Result<BTreeMap<_, _>, StoreError>>()?;
        Ok(UsageNumbers { sessions, ..numbers })
    }

    async fn period_counts(&self, query: PeriodQuery) -> Result<Vec<PeriodRow>, StoreError> {
        let (grouping, channel) = query.channels.grouping();
        let sql = format!(
            "{} ORDER BY start, channel; {NOTHING} {NOTHING} {NOTHING}",
            periods_sql(query.period, "@P1", "@P2", "@P3", "@P4")
        );
        let call = Call::safe("period_counts", sql)
            .bind(grouping)
            .bind(channel)
            .bind(midnight(query.period.start_of(query.range.first)))
            .bind(midnight(query.range.end));
        let [periods, _, _, _] = read(self, &call).await?;
        let rows = periods.into_iter().map(|row| {
            let mut columns = Columns::of(row);
            let _: String = columns.get()?;
            period_row(&mut columns)
        });
        rows.collect()
    }

    async fn count_sessions(&self, range: SessionRange) -> Result<i64, StoreError> {
        let sql = format!(
            "SELECT (SELECT COALESCE(SUM(CONVERT(bigint, sessions)), 0) FROM session_rollups
               WHERE grouping_id = {TOGETHER} AND day >= @P1 AND day < @P2)
               + (SELECT COUNT_BIG(*) FROM sessions WHERE started_at >= @P3 AND started_at < @P4)
               + (SELECT COUNT_BIG(*) FROM sessions WHERE started_at >= @P5 AND started_at < @P6); {NOTHING} {NOTHING} {NOTHING}"
        );
        let call = Call::safe("count_sessions", sql)
            .bind(midnight(range.days.first))
            .bind(midnight(range.days.end));
        let edges = [range.before, range.after].into_iter();
        let call = edges.fold(call, |call, edge| call.bind(edge.from).bind(edge.to));
        let [count, _, _, _] = read(self, &call).await?;
        count.into_iter().map(|row| Columns::of(row).get::<i64>()).sum()
    }
}

/// Brings the counts up to date and reads them: from the replica, if nothing was to be recounted and it shows as many
/// recounts as the primary does. Statements that a recount came between are read again.
async fn read(store: &AzureSqlStore, call: &Call) -> Result<[Vec<Row>; 4], StoreError> {
    let (number, clean) = refresh(store).await?;
    let mut pool = if clean { &store.replica } else { &store.pool };
    for _ in 0..ATTEMPTS {
        let (found, rows) = read_with(pool, call).await?;
        let newest = !pool.is_replica() || found.as_ref() == Some(&number);
        match found {
            Some(_) if newest => return Ok(rows),
            _ if !newest => pool = &store.pool,
            _ => {}
        }
    }
    Err(StoreError::Unavailable("usage is being recounted".to_owned()))
}

/// The rows, and the number of the recount that they are of; none when one came between.
async fn read_with(pool: &Pool, call: &Call) -> Result<(Option<String>, [Vec<Row>; 4]), StoreError> {
    let call = Call {
        sql: format!("SET NOCOUNT ON; {NUMBER} {} {NUMBER}", call.sql).into(),
        ..call.clone()
    };
    let [before, a, b, c, d, after] = results(pool.run(call).await?)?;
    let (before, after) = (number_of(before)?, number_of(after)?);
    Ok((Some(before).filter(|before| *before == after), [a, b, c, d]))
}

/// The counts of the periods of one kind from a start to before another.
fn periods_sql(period: Period, grouping: &str, channel: &str, first: &str, end: &str) -> String {
    format!(
        "SELECT period, start, grouping_id, channel, users, new_users, sessions, user_sessions FROM usage_counts
         WHERE period = N'{}' COLLATE Latin1_General_100_BIN2 AND grouping_id = {grouping} AND start >= {first}
           AND start < {end} AND ({channel} IS NULL OR channel = {channel})",
        period.as_str()
    )
}

fn period_row(columns: &mut Columns) -> Result<PeriodRow, StoreError> {
    Ok(PeriodRow {
        start: day_at(columns.time()?),
        channel: channel_of(columns.get()?, columns.get()?),
        counts: PeriodCounts {
            users: columns.get()?,
            new_users: columns.get()?,
            sessions: columns.get()?,
            user_sessions: columns.get()?,
        },
    })
}

fn numbers_call(query: &UsageQuery) -> Call {
    let (grouping, _) = Channels::of(query.channel.as_ref()).grouping();
    let counted = query.range.counted_days();
    let periods = [
        (Period::Day, "@P3"),
        (Period::Week, "@P4"),
        (Period::Month, "@P3"),
    ]
    .map(|(period, first)| periods_sql(period, "@P1", "@P2", first, "@P5"));
    let sql = format!(
        "{periods};
         SELECT {ROLLUP} FROM session_rollups r
         WHERE r.grouping_id = @P1 AND r.day >= @P6 AND r.day < @P7 AND (@P2 IS NULL OR r.channel = @P2);
         SELECT COUNT(*) FROM session_parts p CROSS APPLY (
           SELECT TOP (1) b.day, b.channel FROM session_parts b WHERE b.session_seq = p.session_seq
           ORDER BY b.bucket, b.started_at, b.removed DESC
         ) f
         WHERE p.bucket >= @P8 AND p.last_status = N'pending' AND p.last_at > @P9
           AND NOT EXISTS (
             SELECT 1 FROM session_parts l WHERE l.session_seq = p.session_seq AND l.bucket >= p.bucket
               AND (l.last_at > p.last_at OR (l.last_at = p.last_at AND l.removed < p.removed)))
           AND f.day >= @P6 AND f.day < @P7 AND (@P2 IS NULL OR f.channel = @P2);
         SELECT week, age, users FROM usage_cohorts
         WHERE grouping_id = @P1 AND week >= @P10 AND week < @P7 AND channel = COALESCE(@P2, N'');",
        periods = periods.join(" UNION ALL "),
    );
    Call::safe("usage_numbers", sql)
        .bind(grouping)
        .bind(query.channel.as_ref())
        .bind(midnight(counted.first))
        .bind(midnight(Period::Week.start_of(counted.first)))
        .bind(midnight(counted.end))
        .bind(midnight(query.range.first))
        .bind(midnight(query.range.end))
        .bind(quarter_of(query.open_since))
        .bind(query.open_since)
        .bind(midnight(Period::Week.start_of(query.range.first)))
}
