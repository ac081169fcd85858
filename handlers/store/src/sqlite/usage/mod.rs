//! Users and sessions in SQLite: recounted where turns were written, then read on one snapshot.

mod recount;
mod retention;
mod rows;

pub(super) use recount::begin_anew;
pub(super) use retention::{forget, keep_counted};

use super::SqliteStore;
use super::columns::Columns;
use crate::usage::{channel_of, day_at, midnight};
use crate::{Channels, PeriodQuery, PeriodRow, StoreError, Usage, UsageQuery};
use async_trait::async_trait;
use domain::analytics::{Rollup, quarter_of};
use domain::usage::{Period, PeriodCounts, SessionRange, SessionRollup, UsageNumbers, UsageRange};
use jiff::civil::Date;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

#[async_trait]
impl Usage for SqliteStore {
    async fn usage_numbers(&self, query: UsageQuery) -> Result<UsageNumbers, StoreError> {
        recount::refresh(self).await?;
        self.readers
            .read(move |connection| usage_numbers(connection, &query))
            .await
    }

    async fn period_counts(&self, query: PeriodQuery) -> Result<Vec<PeriodRow>, StoreError> {
        recount::refresh(self).await?;
        self.readers
            .read(move |connection| period_counts(connection, &query))
            .await
    }

    async fn count_sessions(&self, range: SessionRange) -> Result<i64, StoreError> {
        recount::refresh(self).await?;
        self.readers
            .read(move |connection| count_sessions(connection, range))
            .await
    }
}

fn usage_numbers(connection: &Connection, query: &UsageQuery) -> rusqlite::Result<UsageNumbers> {
    let channels = Channels::of(query.channel.as_ref());
    let mut periods = BTreeMap::new();
    for period in Period::ALL.iter().copied() {
        let counted = PeriodQuery {
            period,
            range: query.range.counted_days(),
            channels: channels.clone(),
        };
        for row in period_counts(connection, &counted)? {
            periods.insert((period, row.start), row.counts);
        }
    }
    Ok(UsageNumbers {
        periods,
        sessions: sessions(connection, query.range, &channels)?,
        open: open(connection, query)?,
        cohorts: cohorts(connection, query.range, &channels)?,
    })
}

fn period_counts(connection: &Connection, query: &PeriodQuery) -> rusqlite::Result<Vec<PeriodRow>> {
    let (grouping, channel) = query.channels.grouping();
    let first = query.period.start_of(query.range.first);
    connection
        .prepare_cached(
            "SELECT start, channel, users, new_users, sessions, user_sessions FROM usage_counts
             WHERE period = ?1 AND grouping_id = ?2 AND start >= ?3 AND start < ?4 AND (?5 IS NULL OR channel = ?5)
             ORDER BY start, channel",
        )?
        .query_map(
            params![query.period.as_str(), grouping, micros(first), micros(query.range.end), channel],
            |row| {
                let mut columns = Columns::of(row);
                Ok(PeriodRow {
                    start: day_at(columns.time()?),
                    channel: channel_of(grouping, columns.get()?),
                    counts: PeriodCounts {
                        users: columns.get()?,
                        new_users: columns.get()?,
                        sessions: columns.get()?,
                        user_sessions: columns.get()?,
                    },
                })
            },
        )?
        .collect()
}

fn count_sessions(connection: &Connection, range: SessionRange) -> rusqlite::Result<i64> {
    let mut one_by_one = connection.prepare_cached(
        "SELECT count(*) FROM sessions INDEXED BY sessions_by_time WHERE started_at >= ?1 AND started_at < ?2",
    )?;
    let mut count = sessions(connection, range.days, &Channels::Together)?.sessions;
    for edge in [range.before, range.after] {
        let times = [edge.from.as_microsecond(), edge.to.as_microsecond()];
        count += one_by_one.query_row(times, |row| row.get::<_, i64>(0))?;
    }
    Ok(count)
}

/// The sums of the sessions that began on the days.
fn sessions(
    connection: &Connection,
    range: UsageRange,
    channels: &Channels,
) -> rusqlite::Result<SessionRollup> {
    let (grouping, channel) = channels.grouping();
    let mut sum = SessionRollup::default();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {} FROM session_rollups
         WHERE grouping_id = ?1 AND day >= ?2 AND day < ?3 AND (?4 IS NULL OR channel = ?4)",
        rows::ROLLUP
    ))?;
    let mut days = statement.query(params![grouping, micros(range.first), micros(range.end), channel])?;
    while let Some(row) = days.next()? {
        sum.add(&rows::rollup(row)?.1);
    }
    Ok(sum)
}

/// Sessions of the range whose last turn is pending and began after the moment that is asked for. Such a turn is in one of
/// the latest quarters.
fn open(connection: &Connection, query: &UsageQuery) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM session_parts p INDEXED BY session_parts_by_bucket
             CROSS JOIN session_parts f ON f.session_seq = p.session_seq
             WHERE p.bucket >= ?1 AND p.last_status = 'pending' AND p.last_at > ?2
               AND NOT EXISTS (
                 SELECT 1 FROM session_parts l
                 WHERE l.session_seq = p.session_seq AND l.bucket >= p.bucket
                   AND (l.last_at > p.last_at OR (l.last_at = p.last_at AND l.removed < p.removed)))
               AND (f.bucket, f.removed) = (
                 SELECT bucket, removed FROM session_parts b WHERE b.session_seq = p.session_seq
                 ORDER BY b.bucket, b.started_at, b.removed DESC LIMIT 1)
               AND f.day >= ?3 AND f.day < ?4 AND (?5 IS NULL OR f.channel = ?5)",
        )?
        .query_row(
            params![
                quarter_of(query.open_since).as_microsecond(),
                query.open_since.as_microsecond(),
                micros(query.range.first),
                micros(query.range.end),
                query.channel
            ],
            |row| row.get(0),
        )
}

fn cohorts(
    connection: &Connection,
    range: UsageRange,
    channels: &Channels,
) -> rusqlite::Result<BTreeMap<(Date, i64), i64>> {
    let (grouping, channel) = channels.grouping();
    let first = Period::Week.start_of(range.first);
    connection
        .prepare_cached(
            "SELECT week, age, users FROM usage_cohorts
             WHERE grouping_id = ?1 AND week >= ?2 AND week < ?3 AND channel = coalesce(?4, '')",
        )?
        .query_map(
            params![grouping, micros(first), micros(range.end), channel],
            |row| {
                let mut columns = Columns::of(row);
                Ok(((day_at(columns.time()?), columns.get()?), columns.get()?))
            },
        )?
        .collect()
}

/// A day as it stands in a column.
fn micros(day: Date) -> i64 {
    midnight(day).as_microsecond()
}
