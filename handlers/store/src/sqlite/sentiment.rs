//! The tone of comments in SQLite.

use super::columns::{Columns, json, time_at};
use super::{SqliteStore, rollups};
use crate::StoreError;
use crate::sentiment::{Claimed, Refined, Refinement, Sentiments};
use async_trait::async_trait;
use domain::feedback::SentimentSource;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use uuid::Uuid;

#[async_trait]
impl Sentiments for SqliteStore {
    async fn get_locale(&self, interaction_id: Uuid) -> Result<Option<String>, StoreError> {
        let get = move |connection: &Connection| {
            let mut locale = connection.prepare_cached("SELECT locale FROM interactions WHERE id = ?1")?;
            let locale = locale.query_row([interaction_id.as_bytes()], |row| row.get(0));
            Ok(locale.optional()?.flatten())
        };
        self.readers.read(get).await
    }

    async fn claim_sentiments(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        self.writer
            .write(move |connection| claim(connection, now, until, limit))
            .await
    }

    async fn refine_sentiments(&self, refined: Vec<Refined>, now: Timestamp) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| refined.iter().try_for_each(|one| refine(connection, one, now)))
            .await
    }
}

fn claim(
    connection: &Connection,
    now: Timestamp,
    until: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<Claimed>> {
    let mut due = connection.prepare_cached(
        "SELECT id, comment, sentiment_language, refine_attempts + 1 FROM feedback INDEXED BY feedback_to_refine
         WHERE refine_at IS NOT NULL AND refine_at <= ?1 ORDER BY refine_at, id LIMIT ?2",
    )?;
    let claimed = due.query_map(params![now.as_microsecond(), limit as i64], |row| {
        let mut columns = Columns::of(row);
        Ok(Claimed {
            id: columns.id()?,
            comment: columns.get::<Option<String>>()?.unwrap_or_default(),
            language: columns.get()?,
            attempts: columns.get()?,
        })
    })?;
    let claimed: Vec<Claimed> = claimed.collect::<rusqlite::Result<_>>()?;
    let mut put_off = connection
        .prepare_cached("UPDATE feedback SET refine_at = ?2, refine_attempts = ?3 WHERE id = ?1")?;
    for one in &claimed {
        put_off.execute(params![one.id.as_bytes(), until.as_microsecond(), one.attempts])?;
    }
    Ok(claimed)
}

fn refine(connection: &Connection, refined: &Refined, now: Timestamp) -> rusqlite::Result<()> {
    let id = refined.id.as_bytes();
    match &refined.outcome {
        Refinement::Known {
            score,
            label,
            language,
            aspects,
        } => {
            let created_at = connection
                .prepare_cached(
                    "UPDATE feedback SET
                       sentiment_score = :score, sentiment_label = :label, sentiment_aspects = :aspects,
                       sentiment_language = coalesce(sentiment_language, :language), sentiment_source = :source, refine_at = NULL, refine_error = NULL,
                       updated_at = max(updated_at, :now), version = version + 1
                     WHERE id = :id AND refine_at IS NOT NULL RETURNING created_at",
                )?
                .query_row(
                    named_params! {
                        ":id": id,
                        ":score": score,
                        ":label": label.as_str(),
                        ":language": language,
                        ":aspects": json(aspects)?,
                        ":source": SentimentSource::Azure.as_str(),
                        ":now": now.as_microsecond(),
                    },
                    |row| time_at(row, 0),
                )
                .optional()?;
            rollups::mark(connection, rollups::FEEDBACK, created_at)
        }
        Refinement::Later(at) => connection
            .prepare_cached("UPDATE feedback SET refine_at = ?2 WHERE id = ?1 AND refine_at IS NOT NULL")?
            .execute(params![id, at.as_microsecond()])
            .map(drop),
        Refinement::Never(code) => connection
            .prepare_cached(
                "UPDATE feedback SET refine_at = NULL, refine_error = ?2 WHERE id = ?1 AND refine_at IS NOT NULL",
            )?
            .execute(params![id, code])
            .map(drop),
    }
}
