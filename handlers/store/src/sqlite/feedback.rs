//! Feedback in SQLite.

use super::columns::{Columns, json, optional_json};
use super::{SqliteStore, rollups};
use crate::{FeedbackCreated, FeedbackStore, StoreError, UpdateOutcome};
use async_trait::async_trait;
use domain::feedback::{Feedback, FeedbackFilter, Review, Sentiment, SentimentSource};
use domain::page::PageRequest;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params};
use uuid::Uuid;

/// The columns of a feedback, in the order in which [`from_row`] reads them.
pub(super) const COLUMNS: &str = "id, interaction_id, rating, thumb, comment, category, tags, user_id, source, \
     sentiment_score, sentiment_label, sentiment_language, sentiment_words, sentiment_aspects, sentiment_source, \
     review_state, review_notes, review_reviewer, review_at, created_at, updated_at, version, supplied_hash, phrases, \
     refine_at";

#[async_trait]
impl FeedbackStore for SqliteStore {
    async fn create_feedback(&self, feedback: Feedback) -> Result<FeedbackCreated, StoreError> {
        self.writer
            .write(move |connection| create(connection, &feedback))
            .await
    }

    async fn get_feedback(&self, id: Uuid) -> Result<Option<Feedback>, StoreError> {
        let get = move |connection: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM feedback WHERE id = ?1");
            connection
                .prepare_cached(&sql)?
                .query_row([id.as_bytes()], from_row)
                .optional()
        };
        self.readers.read(get).await
    }

    async fn update_feedback(&self, updated: Feedback, expected: i64) -> Result<UpdateOutcome, StoreError> {
        self.writer
            .write(move |connection| update(connection, &updated, expected))
            .await
    }

    async fn list_feedback(
        &self,
        filter: FeedbackFilter,
        page: PageRequest,
    ) -> Result<Vec<Feedback>, StoreError> {
        self.readers
            .read(move |connection| list(connection, &filter, &page))
            .await
    }
}

fn create(connection: &Connection, feedback: &Feedback) -> rusqlite::Result<FeedbackCreated> {
    let stored: Option<[u8; 32]> = connection
        .prepare_cached("SELECT supplied_hash FROM feedback WHERE id = ?1")?
        .query_row([feedback.id.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(stored) = stored {
        let same = stored == feedback.supplied_hash;
        return Ok(if same {
            FeedbackCreated::Duplicate
        } else {
            FeedbackCreated::Conflict
        });
    }
    insert(connection, feedback)?;
    let counted = connection
        .prepare_cached(
            "UPDATE interactions SET
               feedback_count = (SELECT count(*) FROM feedback WHERE interaction_id = :id),
               rating = (SELECT rating FROM feedback WHERE interaction_id = :id AND rating IS NOT NULL
                         ORDER BY created_at DESC, id DESC LIMIT 1),
               updated_at = max(updated_at, :at), version = version + 1
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": feedback.interaction_id.as_bytes(), ":at": feedback.created_at.as_microsecond(),
        })?;
    if counted == 0 {
        connection
            .prepare_cached("DELETE FROM feedback WHERE id = ?1")?
            .execute([feedback.id.as_bytes()])?;
        return Ok(FeedbackCreated::NoInteraction);
    }
    rollups::mark(connection, rollups::FEEDBACK, [feedback.created_at])?;
    Ok(FeedbackCreated::Created)
}

fn insert(connection: &Connection, feedback: &Feedback) -> rusqlite::Result<()> {
    let sentiment = feedback.sentiment.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO feedback (
               id, created_at, interaction_id, rating, thumb, category, source, user_id, review_state, review_reviewer,
               review_at, sentiment_score, sentiment_label, updated_at, version, supplied_hash, tags, comment, review_notes,
               sentiment_language, sentiment_words, sentiment_aspects, sentiment_source, phrases, refine_at
             ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
               ?23, ?24, ?25)",
        )?
        .execute(rusqlite::params![
            feedback.id.as_bytes(),
            feedback.created_at.as_microsecond(),
            feedback.interaction_id.as_bytes(),
            feedback.rating,
            feedback.thumb.map(|thumb| thumb.as_str()),
            feedback.category.map(|category| category.as_str()),
            feedback.source.as_str(),
            feedback.user_id,
            feedback.review.state.as_str(),
            feedback.review.reviewer,
            feedback.review.at.map(|at| at.as_microsecond()),
            sentiment.and_then(|sentiment| sentiment.score),
            sentiment.map(|sentiment| sentiment.label.as_str()),
            feedback.updated_at.as_microsecond(),
            feedback.version,
            feedback.supplied_hash,
            json(&feedback.tags)?,
            feedback.comment,
            feedback.review.notes,
            sentiment.and_then(|sentiment| sentiment.language.as_ref()),
            optional_json(sentiment.map(|sentiment| &sentiment.words))?,
            optional_json(sentiment.and_then(|sentiment| sentiment.aspects.as_ref()))?,
            sentiment.map(|sentiment| sentiment.source.as_str()),
            optional_json(feedback.counted_phrases())?,
            feedback.refine_at.map(|at| at.as_microsecond()),
        ])?;
    Ok(())
}

fn update(connection: &Connection, updated: &Feedback, expected: i64) -> rusqlite::Result<UpdateOutcome> {
    let sentiment = updated.sentiment.as_ref();
    let created_at = connection
        .prepare_cached(
            "UPDATE feedback SET
               category = :category, tags = :tags, sentiment_score = :score, sentiment_label = :label,
               sentiment_language = :language, sentiment_words = :words, sentiment_aspects = :aspects,
               sentiment_source = :source, phrases = :phrases, review_state = :state, review_notes = :notes, review_reviewer = :reviewer, review_at = :at,
               updated_at = :updated_at, version = version + 1
             WHERE id = :id AND version = :expected RETURNING created_at",
        )?
        .query_row(
            named_params! {
                ":id": updated.id.as_bytes(),
                ":expected": expected,
                ":category": updated.category.map(|category| category.as_str()),
                ":tags": json(&updated.tags)?,
                ":score": sentiment.and_then(|sentiment| sentiment.score),
                ":label": sentiment.map(|sentiment| sentiment.label.as_str()),
                ":language": sentiment.and_then(|sentiment| sentiment.language.as_ref()),
                ":words": optional_json(sentiment.map(|sentiment| &sentiment.words))?,
                ":aspects": optional_json(sentiment.and_then(|sentiment| sentiment.aspects.as_ref()))?,
                ":source": sentiment.map(|sentiment| sentiment.source.as_str()),
                ":phrases": optional_json(updated.counted_phrases())?,
                ":state": updated.review.state.as_str(),
                ":notes": updated.review.notes,
                ":reviewer": updated.review.reviewer,
                ":at": updated.review.at.map(|at| at.as_microsecond()),
                ":updated_at": updated.updated_at.as_microsecond(),
            },
            |row| super::columns::time_at(row, 0),
        )
        .optional()?;
    let Some(created_at) = created_at else {
        return Ok(UpdateOutcome::Stale);
    };
    rollups::mark(connection, rollups::FEEDBACK, [created_at])?;
    Ok(UpdateOutcome::Updated)
}

fn list(
    connection: &Connection,
    filter: &FeedbackFilter,
    page: &PageRequest,
) -> rusqlite::Result<Vec<Feedback>> {
    let (at, id) = page.after.map_or((i64::MAX, Uuid::max()), |last| {
        (last.at.as_microsecond(), last.key)
    });
    let limit = page.limit as i64 + 1;
    let mut sql = format!("SELECT {COLUMNS} FROM feedback WHERE (created_at, id) < (:at, :id)");
    let mut values: Vec<(&str, Box<dyn ToSql>)> = vec![
        (":at", Box::new(at)),
        (":id", Box::new(id.into_bytes())),
        (":limit", Box::new(limit)),
    ];
    let mut add = |condition: &str, name, value: Option<Box<dyn ToSql>>| {
        if let Some(value) = value {
            sql.push_str(condition);
            values.push((name, value));
        }
    };
    add(
        " AND interaction_id = :interaction_id",
        ":interaction_id",
        filter.interaction_id.map(|id| Box::new(id.into_bytes()) as _),
    );
    add(
        " AND user_id = :user_id",
        ":user_id",
        filter.user_id.clone().map(|user| Box::new(user) as _),
    );
    add(
        " AND category = :category",
        ":category",
        filter.category.map(|own| Box::new(own.as_str()) as _),
    );
    add(
        " AND review_state = :state",
        ":state",
        filter.review_state.map(|own| Box::new(own.as_str()) as _),
    );
    add(
        " AND source = :source",
        ":source",
        filter.source.map(|own| Box::new(own.as_str()) as _),
    );
    add(
        " AND thumb = :thumb",
        ":thumb",
        filter.thumb.map(|own| Box::new(own.as_str()) as _),
    );
    add(
        " AND sentiment_label = :sentiment",
        ":sentiment",
        filter.sentiment.map(|own| Box::new(own.as_str()) as _),
    );
    add(
        " AND rating >= :min",
        ":min",
        filter.rating_min.map(|own| Box::new(own) as _),
    );
    add(
        " AND rating <= :max",
        ":max",
        filter.rating_max.map(|own| Box::new(own) as _),
    );
    add(
        " AND created_at >= :from",
        ":from",
        filter.from.map(|own| Box::new(own.as_microsecond()) as _),
    );
    add(
        " AND created_at < :to",
        ":to",
        filter.to.map(|own| Box::new(own.as_microsecond()) as _),
    );
    sql.push_str(" ORDER BY created_at DESC, id DESC LIMIT :limit");
    let bound: Vec<(&str, &dyn ToSql)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_ref() as _))
        .collect();
    connection
        .prepare_cached(&sql)?
        .query_map(bound.as_slice(), from_row)?
        .collect()
}

/// Reads a feedback from a row of [`COLUMNS`].
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Feedback> {
    let mut columns = Columns::of(row);
    Ok(Feedback {
        id: columns.id()?,
        interaction_id: columns.id()?,
        rating: columns.get()?,
        thumb: columns.optional_name()?,
        comment: columns.get()?,
        category: columns.optional_name()?,
        tags: columns.json()?,
        user_id: columns.get()?,
        source: columns.name()?,
        sentiment: sentiment(&mut columns)?,
        review: Review {
            state: columns.name()?,
            notes: columns.get()?,
            reviewer: columns.get()?,
            at: columns.optional_time()?,
        },
        created_at: columns.time()?,
        updated_at: columns.time()?,
        version: columns.get()?,
        supplied_hash: columns.get()?,
        phrases: columns.optional_json()?.unwrap_or_default(),
        refine_at: columns.optional_time()?,
    })
}

fn sentiment(columns: &mut Columns<'_>) -> rusqlite::Result<Option<Sentiment>> {
    let (score, label) = (columns.get()?, columns.optional_name()?);
    let (language, words) = (columns.get()?, columns.optional_json()?);
    let (aspects, source) = (columns.optional_json()?, columns.optional_name()?);
    Ok(label.map(|label| Sentiment {
        score,
        label,
        language,
        words: words.unwrap_or_default(),
        aspects,
        source: source.unwrap_or(SentimentSource::Vader),
    }))
}
