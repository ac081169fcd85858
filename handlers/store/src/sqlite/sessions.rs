//! Sessions in SQLite: summed up from their turns when they are read.

use super::SqliteStore;
use super::columns::Columns;
use crate::{Sessions, StoreError};
use async_trait::async_trait;
use domain::page::PageRequest;
use domain::sessions::{Session, SessionFilter};
use domain::time::{from_micros, millis_between};
use rusqlite::{Connection, Row, named_params};

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

fn list(
    connection: &Connection,
    filter: &SessionFilter,
    page: &PageRequest<String>,
) -> rusqlite::Result<Vec<Session>> {
    let (at, after) = match &page.after {
        Some(last) => (last.at.as_microsecond(), last.key.as_str()),
        None => (i64::MAX, ""),
    };
    let of_user = if filter.user_id.is_some() {
        "session_id IN (SELECT session_id FROM interactions INDEXED BY interactions_by_user WHERE user_id = :user_id)"
    } else {
        ":user_id IS NULL"
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT session_id FROM interactions
         WHERE first_in_session = 1 AND (started_at, session_id) < (:at, :after)
           AND started_at >= :from AND started_at < :to AND {of_user}
         ORDER BY started_at DESC, session_id DESC LIMIT :limit"
    ))?;
    let values = named_params! {
        ":at": at,
        ":after": after,
        ":from": filter.from.map_or(i64::MIN, |from| from.as_microsecond()),
        ":to": filter.to.map_or(i64::MAX, |to| to.as_microsecond()),
        ":user_id": filter.user_id,
        ":limit": page.limit as i64 + 1,
    };
    let ids: rusqlite::Result<Vec<String>> = statement.query_map(values, |row| row.get(0))?.collect();
    ids?.iter()
        .filter_map(|id| sum_up(connection, id).transpose())
        .collect()
}

fn sum_up(connection: &Connection, session_id: &str) -> rusqlite::Result<Option<Session>> {
    connection
        .prepare_cached(
            "SELECT count(*), min(started_at), max(started_at), max(max(started_at, coalesce(completed_at, started_at))),
               count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status = 'failed'),
               count(*) FILTER (WHERE status = 'pending'), sum(tokens_input), sum(tokens_output), sum(cost_micros),
               count(*) - count(cost_micros), avg(rating), sum(feedback_count),
               (SELECT user_id FROM interactions WHERE session_id = ?1 AND user_id IS NOT NULL
                ORDER BY started_at DESC, id DESC LIMIT 1),
               (SELECT channel FROM interactions WHERE session_id = ?1 AND first_in_session = 1)
             FROM interactions INDEXED BY interactions_by_session WHERE session_id = ?1",
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
        duration_ms: millis_between(started_at, end),
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
