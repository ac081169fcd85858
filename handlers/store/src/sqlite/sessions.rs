//! Sessions in SQLite: numbered when their first turn is written, summed up from their turns when they are read.

use super::columns::Columns;
use super::{SqliteStore, usage};
use crate::{Sessions, StoreError};
use async_trait::async_trait;
use domain::interactions::Interaction;
use domain::page::PageRequest;
use domain::sessions::{Session, SessionFilter};
use domain::time::{from_micros, millis_between};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

#[async_trait]
impl Sessions for SqliteStore {
    async fn list_sessions(
        &self,
        filter: SessionFilter,
        page: PageRequest<String>,
    ) -> Result<Vec<Session>, StoreError> {
        self.readers
            .read(move |connection| list(connection, &filter, &page))
            .await
    }

    async fn get_session(&self, session_id: String) -> Result<Option<Session>, StoreError> {
        self.readers
            .read(move |connection| sum_up(connection, &session_id))
            .await
    }
}

/// The session that a turn is about to join.
pub(super) struct Joined {
    /// Its number.
    pub(super) seq: i64,
    /// Start of its earliest turn and its last shopper; none when it is new.
    known: Option<(i64, Option<String>)>,
}

/// Finds the session of a turn, or begins it.
pub(super) fn join(connection: &Connection, turn: &Interaction) -> rusqlite::Result<Joined> {
    let known = connection
        .prepare_cached("SELECT session_seq, started_at, user_id FROM sessions WHERE session_id = ?1")?
        .query_row([&turn.session_id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    if let Some((seq, started_at, user_id)) = known {
        return Ok(Joined {
            seq,
            known: Some((started_at, user_id)),
        });
    }
    connection
        .prepare_cached("INSERT INTO sessions (session_id, started_at, user_id) VALUES (?1, ?2, ?3)")?
        .execute(params![
            turn.session_id,
            turn.started_at.as_microsecond(),
            turn.user_id
        ])?;
    Ok(Joined {
        seq: connection.last_insert_rowid(),
        known: None,
    })
}

impl Joined {
    /// Notes what the turn, which is stored now, says of its session.
    pub(super) fn note(&self, connection: &Connection, turn: &Interaction) -> rusqlite::Result<()> {
        let started_at = turn.started_at.as_microsecond();
        match &self.known {
            None => add_user(connection, self.seq, turn.user_id.as_deref()),
            Some((earliest, user_id)) => {
                if started_at < *earliest {
                    connection
                        .prepare_cached("UPDATE sessions SET started_at = ?2 WHERE session_seq = ?1")?
                        .execute(params![self.seq, started_at])?;
                }
                if turn.user_id.is_some() && turn.user_id != *user_id {
                    note_user(connection, self.seq, turn.user_id.as_deref())?;
                }
                Ok(())
            }
        }
    }

    /// Takes a session back that was begun for a turn that was not stored.
    pub(super) fn leave(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.known.is_none() {
            connection
                .prepare_cached("DELETE FROM sessions WHERE session_seq = ?1")?
                .execute([self.seq])?;
        }
        Ok(())
    }
}

/// Notes that a shopper has a turn in a session.
pub(super) fn note_user(connection: &Connection, seq: i64, user_id: Option<&str>) -> rusqlite::Result<()> {
    if user_id.is_some() {
        connection
            .prepare_cached("UPDATE sessions SET user_id = ?2 WHERE session_seq = ?1")?
            .execute(params![seq, user_id])?;
    }
    add_user(connection, seq, user_id)
}

fn add_user(connection: &Connection, seq: i64, user_id: Option<&str>) -> rusqlite::Result<()> {
    if user_id.is_some() {
        connection
            .prepare_cached("INSERT OR IGNORE INTO session_users (user_id, session_seq) VALUES (?1, ?2)")?
            .execute(params![user_id, seq])?;
    }
    Ok(())
}

/// After turns of a session were removed: its start is that of what is left, or it is gone.
pub(super) fn shorten(connection: &Connection, seq: i64, user_id: Option<&str>) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM session_users WHERE user_id = ?2 AND session_seq = ?1 AND NOT EXISTS (
               SELECT 1 FROM interactions INDEXED BY interactions_by_session WHERE session_seq = ?1 AND user_id = ?2)",
        )?
        .execute(params![seq, user_id])?;
    let earliest: Option<i64> = connection
        .prepare_cached(
            "SELECT min(started_at) FROM interactions INDEXED BY interactions_by_session WHERE session_seq = ?1",
        )?
        .query_row([seq], |row| row.get(0))?;
    match earliest {
        Some(_) => connection
            .prepare_cached("UPDATE sessions SET started_at = ?2 WHERE session_seq = ?1")?
            .execute(params![seq, earliest])?,
        None => {
            usage::forget(connection, seq)?;
            connection
                .prepare_cached("DELETE FROM sessions WHERE session_seq = ?1")?
                .execute([seq])?
        }
    };
    Ok(())
}

fn list(
    connection: &Connection,
    filter: &SessionFilter,
    page: &PageRequest<String>,
) -> rusqlite::Result<Vec<Session>> {
    let to = filter.to.map_or(i64::MAX, |to| to.as_microsecond());
    let after = page.after.as_ref().map_or((i64::MAX, ""), |last| {
        (last.at.as_microsecond(), last.key.as_str())
    });
    let (at, key) = after.min((to, ""));
    let from = filter.from.map_or(i64::MIN, |from| from.as_microsecond());
    let limit = page.limit as i64 + 1;
    let mut values: Vec<(&str, &dyn ToSql)> =
        vec![(":at", &at), (":key", &key), (":from", &from), (":limit", &limit)];
    let sessions = match &filter.user_id {
        Some(user_id) => {
            values.push((":user_id", user_id));
            "session_users u CROSS JOIN sessions s ON s.session_seq = u.session_seq
             WHERE u.user_id = :user_id AND EXISTS (
               SELECT 1 FROM interactions i INDEXED BY interactions_by_session
               WHERE i.session_seq = s.session_seq AND i.user_id = :user_id) AND"
        }
        None => "sessions s INDEXED BY sessions_by_time WHERE",
    };
    let ids: rusqlite::Result<Vec<String>> = connection
        .prepare_cached(&format!(
            "SELECT s.session_id FROM {sessions} (s.started_at, s.session_id) < (:at, :key) AND s.started_at >= :from
             ORDER BY s.started_at DESC, s.session_id DESC LIMIT :limit"
        ))?
        .query_map(values.as_slice(), |row| row.get(0))?
        .collect();
    ids?.iter()
        .filter_map(|id| sum_up(connection, id).transpose())
        .collect()
}

fn sum_up(connection: &Connection, session_id: &str) -> rusqlite::Result<Option<Session>> {
    connection
        .prepare_cached(
            "SELECT count(*), min(i.started_at), max(i.started_at),
               max(max(i.started_at, coalesce(completed_at, i.started_at))),
               count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status = 'failed'),
               count(*) FILTER (WHERE status = 'pending'), sum(tokens_input), sum(tokens_output), sum(cost_micros),
               count(*) - count(cost_micros), avg(rating), sum(feedback_count),
               (SELECT user_id FROM interactions l INDEXED BY interactions_by_session
                WHERE l.session_seq = s.session_seq AND user_id IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT 1),
               (SELECT channel FROM interactions f INDEXED BY interactions_by_session
                WHERE f.session_seq = s.session_seq ORDER BY started_at, id LIMIT 1)
             FROM sessions s CROSS JOIN interactions i INDEXED BY interactions_by_session
               ON i.session_seq = s.session_seq
             WHERE s.session_id = ?1",
        )?
        .query_row([session_id], |row| from_row(session_id, row))
}

fn from_row(session_id: &str, row: &Row<'_>) -> rusqlite::Result<Option<Session>> {
    let mut columns = Columns::of(row);
    let interactions: u64 = columns.get()?;
    if interactions == 0 {
        return Ok(None);
    }
    let started_at = columns.time()?;
    let last_started_at = columns.time()?;
    let end = from_micros(columns.get()?);
    Ok(Some(Session {
        session_id: session_id.to_owned(),
        started_at,
        last_started_at,
        duration_ms: Some(millis_between(started_at, end)).filter(|length| *length > 0.0),
        interactions,
        succeeded: columns.get()?,
        failed: columns.get()?,
        pending: columns.get()?,
        tokens_input: columns.get()?,
        tokens_output: columns.get()?,
        cost_micros: columns.get()?,
        unpriced: columns.get()?,
        average_rating: columns.get()?,
        feedback_count: columns.get()?,
        user_id: columns.get()?,
        channel: columns.get()?,
    }))
}
