//! How parts, sums and counts stand in their tables.

use super::super::columns::{Columns, json};
use super::micros;
use crate::usage::{channel_of, day_at, scope};
use domain::analytics::{Distribution, Histogram, Rollup, Sum};
use domain::usage::{PartKey, Recount, SessionKey, SessionPart, SessionRollup, SessionSummary, UserDay};
use jiff::civil::Date;
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;

/// Columns of a part: what [`part`] reads, and then `users`.
const PART: &str = "session_seq, bucket, removed, day, channel, turns, started_at, ended_at, last_at, last_status, users <> '[]'";

/// Columns of the sums of a day: what [`rollup`] reads.
pub(super) const ROLLUP: &str = "grouping_id, day, channel, sessions, user_sessions, turns, followed_up, failed, pending, \
     length_count, length_micros, length_histogram";

fn part(columns: &mut Columns<'_>) -> rusqlite::Result<(PartKey, SessionSummary)> {
    let key = PartKey {
        session: columns.get()?,
        bucket: columns.time()?,
        removed: columns.get()?,
    };
    let summary = SessionSummary {
        day: day_at(columns.time()?),
        channel: columns.get()?,
        turns: columns.get()?,
        started_at: columns.time()?,
        ended_at: columns.time()?,
        last_at: columns.time()?,
        last_status: columns.name()?,
        identified: columns.get()?,
    };
    Ok((key, summary))
}

/// The parts of a quarter.
pub(super) fn parts_of(
    connection: &Connection,
    bucket: i64,
) -> rusqlite::Result<HashMap<PartKey, SessionPart>> {
    connection
        .prepare_cached(&format!(
            "SELECT {PART}, users FROM session_parts INDEXED BY session_parts_by_bucket WHERE bucket = ?1"
        ))?
        .query_map([bucket], |row| {
            let mut columns = Columns::of(row);
            let (key, summary) = part(&mut columns)?;
            let users = columns.json()?;
            Ok((key, SessionPart { summary, users }))
        })?
        .collect()
}

/// Reads what a recount needs beside parts, and counts it.
pub(super) fn complete(connection: &Connection, recount: &mut Recount) -> rusqlite::Result<()> {
    let mut parts = Vec::new();
    let mut of_session = connection.prepare_cached(&format!(
        "SELECT {PART} FROM session_parts WHERE session_seq = ?1"
    ))?;
    for session in recount.touched() {
        for row in of_session.query_map([session], |row| part(&mut Columns::of(row)))? {
            parts.push(row?);
        }
    }
    recount.count_sessions(parts);

    let mut days = Vec::new();
    let mut of_user =
        connection.prepare_cached("SELECT day, channel, parts FROM user_days WHERE user_id = ?1")?;
    for user in recount.users() {
        for row in of_user.query_map([user], |row| user_day(user, row))? {
            days.push(row?);
        }
    }
    recount.count_users(days);

    let mut sums = Vec::new();
    let mut of_day = connection.prepare_cached(&format!(
        "SELECT {ROLLUP} FROM session_rollups WHERE grouping_id IN (0, 1) AND day = ?1"
    ))?;
    for day in recount.days() {
        for row in of_day.query_map([micros(day)], rollup)? {
            sums.push(row?);
        }
    }
    recount.count_rollups(sums);
    Ok(())
}

fn user_day(user: &str, row: &Row<'_>) -> rusqlite::Result<(UserDay, i64)> {
    let mut columns = Columns::of(row);
    let day = UserDay {
        user_id: user.to_owned(),
        day: day_at(columns.time()?),
        channel: columns.get()?,
    };
    Ok((day, columns.get()?))
}

/// Reads the columns of [`ROLLUP`].
pub(super) fn rollup(row: &Row<'_>) -> rusqlite::Result<(SessionKey, SessionRollup)> {
    let mut columns = Columns::of(row);
    let grouping = columns.get()?;
    let day: Date = day_at(columns.time()?);
    let channel = channel_of(grouping, columns.get()?);
    let sums = SessionRollup {
        sessions: columns.get()?,
        user_sessions: columns.get()?,
        turns: columns.get()?,
        followed_up: columns.get()?,
        failed: columns.get()?,
        pending: columns.get()?,
        length: Distribution {
            micros: Sum {
                count: columns.get()?,
                sum: columns.get()?,
            },
            histogram: columns.decoded("histogram", Histogram::decode)?,
        },
    };
    Ok((SessionKey { day, channel }, sums))
}

/// Writes what a recount changes.
pub(super) fn write(connection: &Connection, recount: &Recount) -> rusqlite::Result<()> {
    write_parts(connection, recount)?;
    write_user_days(connection, recount)?;
    write_counts(connection, recount)?;
    write_sums(connection, recount)
}

fn write_parts(connection: &Connection, recount: &Recount) -> rusqlite::Result<()> {
    let mut put = connection
        .prepare_cached("INSERT OR REPLACE INTO session_parts (session_seq, bucket, removed, day, channel, turns, started_at, ended_at, last_at,
           last_status, users) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
    let mut remove = connection.prepare_cached(
        "DELETE FROM session_parts WHERE session_seq = ?1 AND bucket = ?2 AND removed = ?3",
    )?;
    for (key, part) in &recount.parts {
        let bucket = key.bucket.as_microsecond();
        let Some(SessionPart { summary, users }) = part else {
            remove.execute(params![key.session, bucket, key.removed])?;
            continue;
        };
        put.execute(params![
            key.session,
            bucket,
            key.removed,
            micros(summary.day),
            summary.channel,
            summary.turns,
            summary.started_at.as_microsecond(),
            summary.ended_at.as_microsecond(),
            summary.last_at.as_microsecond(),
            summary.last_status.as_str(),
            json(users)?,
        ])?;
    }
    Ok(())
}

fn write_user_days(connection: &Connection, recount: &Recount) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(
        "INSERT OR REPLACE INTO user_days (user_id, day, channel, parts) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let mut remove = connection
        .prepare_cached("DELETE FROM user_days WHERE user_id = ?1 AND day = ?2 AND channel = ?3")?;
    for (day, parts) in &recount.user_days {
        if *parts > 0 {
            put.execute(params![day.user_id, micros(day.day), day.channel, parts])?;
        } else {
            remove.execute(params![day.user_id, micros(day.day), day.channel])?;
        }
    }
    Ok(())
}

fn write_counts(connection: &Connection, recount: &Recount) -> rusqlite::Result<()> {
    let mut clean = connection.prepare_cached(
        "DELETE FROM usage_counts WHERE (period, grouping_id, start, channel) = (?1, ?2, ?3, ?4)
           AND (users, new_users, sessions, user_sessions) = (0, 0, 0, 0)",
    )?;
    let mut add = connection.prepare_cached(
        "INSERT INTO usage_counts (period, grouping_id, start, channel, users, new_users, sessions, user_sessions)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET users = users + excluded.users, new_users = new_users + excluded.new_users,
           sessions = sessions + excluded.sessions, user_sessions = user_sessions + excluded.user_sessions",
    )?;
    for (key, counts) in &recount.periods {
        let (grouping, channel) = scope(key.channel.as_ref());
        let (period, start) = (key.period.as_str(), micros(key.start));
        add.execute(params![
            period,
            grouping,
            start,
            channel,
            counts.users,
            counts.new_users,
            counts.sessions,
            counts.user_sessions
        ])?;
        clean.execute(params![period, grouping, start, channel])?;
    }
    write_cohorts(connection, recount)
}

fn write_cohorts(connection: &Connection, recount: &Recount) -> rusqlite::Result<()> {
    let mut clean = connection.prepare_cached(
        "DELETE FROM usage_cohorts WHERE (grouping_id, week, channel, age) = (?1, ?2, ?3, ?4) AND users = 0",
    )?;
    let mut add = connection.prepare_cached(
        "INSERT INTO usage_cohorts (grouping_id, week, channel, age, users) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET users = users + excluded.users",
    )?;
    for (key, users) in &recount.cohorts {
        let (grouping, channel) = scope(key.channel.as_ref());
        add.execute(params![grouping, micros(key.week), channel, key.age, users])?;
        clean.execute(params![grouping, micros(key.week), channel, key.age])?;
    }
    Ok(())
}

fn write_sums(connection: &Connection, recount: &Recount) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(&format!(
        "INSERT OR REPLACE INTO session_rollups ({ROLLUP})
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    ))?;
    let mut clean = connection
        .prepare_cached("DELETE FROM session_rollups WHERE (grouping_id, day, channel) = (?1, ?2, ?3)")?;
    for (key, sums) in &recount.sessions {
        let (grouping, channel) = scope(key.channel.as_ref());
        if sums.is_empty() {
            clean.execute(params![grouping, micros(key.day), channel])?;
            continue;
        }
        put.execute(params![
            grouping,
            micros(key.day),
            channel,
            sums.sessions,
            sums.user_sessions,
            sums.turns,
            sums.followed_up,
            sums.failed,
            sums.pending,
            sums.length.micros.count,
            sums.length.micros.sum,
            sums.length.histogram.encode(),
        ])?;
    }
    Ok(())
}
