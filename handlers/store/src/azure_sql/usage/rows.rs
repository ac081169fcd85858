//! How parts, sums and counts stand in their tables.

use crate::StoreError;
use crate::azure_sql::answers::results;
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::rows::{Shape, declare, hex, names, rows, time};
use crate::azure_sql::session::Session;
use crate::azure_sql::value::Value;
use crate::usage::{channel_of, day_at, midnight, scope};
use domain::analytics::{Distribution, Histogram, Sum};
use domain::usage::{PartKey, Recount, SessionKey, SessionPart, SessionRollup, SessionSummary, UserDay};
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use tiberius::Row;

/// Columns of a part `p`: what [`part`] reads.
pub(super) const PART: &str = "p.session_seq, p.bucket, p.removed, p.day, p.channel, p.turns, p.started_at, p.ended_at, \
     p.last_at, p.last_status, CASE WHEN p.users = N'[]' THEN 0 ELSE 1 END";

/// Columns of the sums of a day `r`: what [`rollup`] reads.
pub(super) const ROLLUP: &str = "r.grouping_id, r.day, r.channel, r.sessions, r.user_sessions, r.turns, r.followed_up, \
     r.failed, r.pending, r.length_count, r.length_micros, r.length_histogram";

const PARTS: &Shape = &[
    ("session_seq", "bigint"),
    ("bucket", "datetime2(7)"),
    ("removed", "tinyint"),
    ("day", "datetime2(7)"),
    ("channel", "nvarchar(64)"),
    ("turns", "bigint"),
    ("started_at", "datetime2(7)"),
    ("ended_at", "datetime2(7)"),
    ("last_at", "datetime2(7)"),
    ("last_status", "nvarchar(16)"),
    ("users", "nvarchar(max)"),
];
const USER_DAYS: &Shape = &[
    ("user_id", "nvarchar(128)"),
    ("day", "datetime2(7)"),
    ("channel", "nvarchar(64)"),
    ("parts", "bigint"),
];
const COUNTS: &Shape = &[
    ("period", "nvarchar(8)"),
    ("grouping_id", "tinyint"),
    ("start", "datetime2(7)"),
    ("channel", "nvarchar(64)"),
    ("users", "bigint"),
    ("new_users", "bigint"),
    ("sessions", "bigint"),
    ("user_sessions", "bigint"),
];
const COHORTS: &Shape = &[
    ("grouping_id", "tinyint"),
    ("week", "datetime2(7)"),
    ("channel", "nvarchar(64)"),
    ("age", "bigint"),
    ("users", "bigint"),
];
const SUMS: &Shape = &[
    ("grouping_id", "tinyint"),
    ("day", "datetime2(7)"),
    ("channel", "nvarchar(64)"),
    ("sessions", "bigint"),
    ("user_sessions", "bigint"),
    ("turns", "bigint"),
    ("followed_up", "bigint"),
    ("failed", "bigint"),
    ("pending", "bigint"),
    ("length_count", "bigint"),
    ("length_micros", "bigint"),
    ("length_histogram", "varbinary(max)"),
];

fn part(columns: &mut Columns) -> Result<(PartKey, SessionSummary), StoreError> {
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

/// Reads rows of [`PART`] and `users`.
pub(super) fn parts_of(rows: Vec<Row>) -> Result<HashMap<PartKey, SessionPart>, StoreError> {
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let (key, summary) = part(&mut columns)?;
            let users = columns.json()?;
            Ok((key, SessionPart { summary, users }))
        })
        .collect()
}

/// Reads what a recount needs beside parts, in one round trip, and counts it.
pub(super) async fn complete(session: &mut Session, recount: &mut Recount) -> Result<(), SqlError> {
    let [parts, days, sums] = results(session.run(complete_call(recount)).await?)?;
    let parts: Result<Vec<_>, _> = parts.into_iter().map(|row| part(&mut Columns::of(row))).collect();
    recount.count_sessions(parts?);
    let days: Result<Vec<_>, _> = days.into_iter().map(user_day).collect();
    recount.count_users(days?);
    let sums: Result<Vec<_>, _> = sums.into_iter().map(rollup).collect();
    recount.count_rollups(sums?);
    Ok(())
}

/// Reads all parts of the sessions, all days of the users, and the sums of every day that one of the sessions may begin on.
fn complete_call(recount: &Recount) -> Call {
    let sql = format!(
        "SET NOCOUNT ON;
         {sessions}
         {users}
         {days}
         SELECT {PART} FROM session_parts p JOIN @sessions s ON s.session_seq = p.session_seq;
         SELECT {day} FROM user_days d JOIN @users u ON u.user_id = d.user_id;
         INSERT INTO @days SELECT p.day FROM session_parts p JOIN @sessions s ON s.session_seq = p.session_seq;
         SELECT {ROLLUP} FROM session_rollups r JOIN (SELECT DISTINCT day FROM @days) d ON d.day = r.day
         WHERE r.grouping_id IN (0, 1);",
        sessions = declare("@sessions", &[("session_seq", "bigint")], "@P1"),
        users = declare("@users", &[("user_id", "nvarchar(128)")], "@P2"),
        days = declare("@days", &[("day", "datetime2(7)")], "@P3"),
        day = names(USER_DAYS, "d."),
    );
    let found = recount
        .parts
        .values()
        .flatten()
        .map(|part| vec![date(part.summary.day)]);
    Call::safe("read_counted", sql)
        .bind(rows(
            recount.touched().into_iter().map(|session| vec![json!(session)]),
        ))
        .bind(rows(recount.users().into_iter().map(|user| vec![json!(user)])))
        .bind(rows(found))
}

fn user_day(row: Row) -> Result<(UserDay, i64), StoreError> {
    let mut columns = Columns::of(row);
    let day = UserDay {
        user_id: columns.get()?,
        day: day_at(columns.time()?),
        channel: columns.get()?,
    };
    Ok((day, columns.get()?))
}

/// Reads the columns of [`ROLLUP`].
pub(super) fn rollup(row: Row) -> Result<(SessionKey, SessionRollup), StoreError> {
    let mut columns = Columns::of(row);
    let grouping = columns.get()?;
    let day = day_at(columns.time()?);
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

/// Writes what a recount changes, as part of a transaction. The parameters from number `first` on are [`write_values`].
pub(in crate::azure_sql) fn write_sql(first: usize) -> String {
    let places: Vec<_> = (first..).take(5).map(|place| format!("@P{place}")).collect();
    [
        put(
            "session_parts",
            "@parts",
            PARTS,
            3,
            &places[0],
            "users IS NOT NULL",
        ),
        put("user_days", "@user_days", USER_DAYS, 3, &places[1], "parts > 0"),
        add("usage_counts", "@counts", COUNTS, 4, &places[2]),
        add("usage_cohorts", "@cohorts", COHORTS, 4, &places[3]),
        put("session_rollups", "@sums", SUMS, 3, &places[4], "sessions > 0"),
    ]
    .join("\n")
}

/// Puts rows in place of those with their keys, the first columns; those that do not count are only removed.
fn put(table: &str, variable: &str, shape: &Shape, keys: usize, parameter: &str, counts: &str) -> String {
    format!(
        "{declared}
         DELETE r FROM {table} r JOIN {variable} n ON {same};
         INSERT INTO {table} ({all}) SELECT {all} FROM {variable} WHERE {counts};",
        declared = declare(variable, shape, parameter),
        same = same(&shape[..keys]),
        all = names(shape, ""),
    )
}

/// Adds to the rows with the keys, the first columns; those that count nothing any more are removed.
fn add(table: &str, variable: &str, shape: &Shape, keys: usize, parameter: &str) -> String {
    let (keys, values) = shape.split_at(keys);
    let each = |text: &str, between: &str| {
        let each: Vec<_> = values.iter().map(|(name, _)| text.replace("{}", name)).collect();
        each.join(between)
    };
    format!(
        "{declared}
         UPDATE r SET {sums} FROM {table} r JOIN {variable} n ON {same};
         INSERT INTO {table} ({all}) SELECT {own} FROM {variable} n
         WHERE NOT EXISTS (SELECT 1 FROM {table} r WHERE {same});
         DELETE r FROM {table} r JOIN {variable} n ON {same} WHERE {zero};",
        declared = declare(variable, shape, parameter),
        sums = each("{} = r.{} + n.{}", ", "),
        same = same(keys),
        all = names(shape, ""),
        own = names(shape, "n."),
        zero = each("r.{} = 0", " AND "),
    )
}

fn same(keys: &Shape) -> String {
    let same: Vec<_> = keys
        .iter()
        .map(|(name, _)| format!("n.{name} = r.{name}"))
        .collect();
    same.join(" AND ")
}

/// The parameters of [`write_sql`].
pub(in crate::azure_sql) fn write_values(recount: &Recount) -> Vec<Value> {
    let parts = recount
        .parts
        .iter()
        .map(|(key, part)| part_row(key, part.as_ref()));
    let user_days = recount.user_days.iter().map(|(day, parts)| {
        vec![
            json!(day.user_id),
            date(day.day),
            json!(day.channel),
            json!(parts),
        ]
    });
    let counts = recount.periods.iter().map(|(key, counts)| {
        let (grouping, channel) = scope(key.channel.as_ref());
        vec![
            json!(key.period.as_str()),
            json!(grouping),
            date(key.start),
            json!(channel),
            json!(counts.users),
            json!(counts.new_users),
            json!(counts.sessions),
            json!(counts.user_sessions),
        ]
    });
    let cohorts = recount.cohorts.iter().map(|(key, users)| {
        let (grouping, channel) = scope(key.channel.as_ref());
        vec![
            json!(grouping),
            date(key.week),
            json!(channel),
            json!(key.age),
            json!(users),
        ]
    });
    let sums = recount.sessions.iter().map(|(key, sums)| sums_row(key, sums));
    [
        rows(parts),
        rows(user_days),
        rows(counts),
        rows(cohorts),
        rows(sums),
    ]
    .map(Value::from)
    .into()
}

/// A part that is gone has no users, not even an empty list of them.
fn part_row(key: &PartKey, part: Option<&SessionPart>) -> Vec<Json> {
    let mut row = vec![json!(key.session), time(key.bucket), json!(u8::from(key.removed))];
    match part {
        Some(SessionPart { summary, users }) => row.extend([
            date(summary.day),
            json!(summary.channel),
            json!(summary.turns),
            time(summary.started_at),
            time(summary.ended_at),
            time(summary.last_at),
            json!(summary.last_status.as_str()),
            Json::String(json!(users).to_string()),
        ]),
        None => row.resize(PARTS.len(), Json::Null),
    }
    row
}

fn sums_row(key: &SessionKey, sums: &SessionRollup) -> Vec<Json> {
    let (grouping, channel) = scope(key.channel.as_ref());
    vec![
        json!(grouping),
        date(key.day),
        json!(channel),
        json!(sums.sessions),
        json!(sums.user_sessions),
        json!(sums.turns),
        json!(sums.followed_up),
        json!(sums.failed),
        json!(sums.pending),
        json!(sums.length.micros.count),
        json!(sums.length.micros.sum),
        hex(&sums.length.histogram.encode()),
    ]
}

fn date(day: Date) -> Json {
    time(midnight(day))
}
