//! Feedback in Azure SQL.

use super::answers::last;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::rows::{self, Shape, hex, optional_json, optional_time, time};
use super::{AzureSqlStore, rollups};
use crate::{FeedbackCreated, FeedbackStore, StoreError, UpdateOutcome};
use async_trait::async_trait;
use domain::analytics::quarter_of;
use domain::feedback::{Feedback, FeedbackFilter, Review, Sentiment, SentimentSource};
use domain::page::PageRequest;
use serde_json::{Value as Json, json};
use tiberius::Row;
use uuid::Uuid;

/// The columns of a feedback, in the order in which [`from_row`] reads them.
pub(super) const COLUMNS: &str = "id, interaction_id, rating, thumb, comment, category, tags, user_id, source, \
     sentiment_score, sentiment_label, sentiment_language, sentiment_words, sentiment_aspects, sentiment_source, \
     review_state, review_notes, review_reviewer, review_at, created_at, updated_at, version, supplied_hash, phrases, \
     refine_at";

/// The columns of a feedback, in the order in which [`sent`] sends them.
const SHAPE: &Shape = &[
    ("id", "binary(16)"),
    ("created_at", "datetime2(7)"),
    ("interaction_id", "binary(16)"),
    ("rating", "tinyint"),
    ("thumb", "nvarchar(16)"),
    ("category", "nvarchar(16)"),
    ("source", "nvarchar(16)"),
    ("user_id", "nvarchar(128)"),
    ("review_state", "nvarchar(16)"),
    ("review_reviewer", "nvarchar(128)"),
    ("review_at", "datetime2(7)"),
    ("sentiment_score", "float"),
    ("sentiment_label", "nvarchar(16)"),
    ("updated_at", "datetime2(7)"),
    ("version", "bigint"),
    ("supplied_hash", "binary(32)"),
    ("tags", "nvarchar(max)"),
    ("comment", "nvarchar(max)"),
    ("review_notes", "nvarchar(max)"),
    ("sentiment_language", "nvarchar(16)"),
    ("sentiment_words", "nvarchar(max)"),
    ("sentiment_aspects", "nvarchar(max)"),
    ("sentiment_source", "nvarchar(16)"),
    ("phrases", "nvarchar(max)"),
    ("refine_at", "datetime2(7)"),
];

/// What an update writes.
const CHANGING: [&str; 14] = [
    "category",
    "tags",
    "sentiment_score",
    "sentiment_label",
    "sentiment_language",
    "sentiment_words",
    "sentiment_aspects",
    "sentiment_source",
    "phrases",
    "review_state",
    "review_notes",
    "review_reviewer",
    "review_at",
    "updated_at",
];

#[async_trait]
impl FeedbackStore for AzureSqlStore {
    async fn create_feedback(&self, feedback: Feedback) -> Result<FeedbackCreated, StoreError> {
        let call = Call::safe("create_feedback", create_sql())
            .bind(rows::rows([sent(&feedback)]))
            .bind(feedback.id)
            .bind(feedback.interaction_id)
            .bind(feedback.created_at)
            .bind(quarter_of(feedback.created_at));
        let mut columns = Columns::of(last(self.write(call).await?)?);
        let (counted, stored): (bool, Option<[u8; 32]>) = (columns.get::<i64>()? == 1, columns.get()?);
        Ok(match stored {
            Some(stored) if stored == feedback.supplied_hash => FeedbackCreated::Duplicate,
            Some(_) => FeedbackCreated::Conflict,
            None if counted => FeedbackCreated::Created,
            None => FeedbackCreated::NoInteraction,
        })
    }

    async fn get_feedback(&self, id: Uuid) -> Result<Option<Feedback>, StoreError> {
        let call = Call::safe(
            "get_feedback",
            format!("SELECT {COLUMNS} FROM feedback WHERE id = @P1"),
        )
        .bind(id);
        self.first(call).await?.map(from_row).transpose()
    }

    async fn update_feedback(&self, updated: Feedback, expected: i64) -> Result<UpdateOutcome, StoreError> {
        let call = Call::once("update_feedback", update_sql())
            .bind(rows::rows([sent(&updated)]))
            .bind(expected);
        self.updated(call).await
    }

    async fn list_feedback(
        &self,
        filter: FeedbackFilter,
        page: PageRequest,
    ) -> Result<Vec<Feedback>, StoreError> {
        let mut conditions = Conditions::default();
        if let Some(last) = page.after {
            conditions.before(("created_at", "id"), last.at, last.key);
        }
        conditions.all("interaction_id = {}", filter.interaction_id);
        conditions.all("user_id = {}", filter.user_id);
        conditions.all("category = {}", filter.category.map(|own| own.as_str()));
        conditions.all("review_state = {}", filter.review_state.map(|own| own.as_str()));
        conditions.all("source = {}", filter.source.map(|own| own.as_str()));
        conditions.all("thumb = {}", filter.thumb.map(|own| own.as_str()));
        conditions.all("sentiment_label = {}", filter.sentiment.map(|own| own.as_str()));
        conditions.all("rating >= {}", filter.rating_min);
        conditions.all("rating <= {}", filter.rating_max);
        conditions.all("created_at >= {}", filter.from);
        conditions.all("created_at < {}", filter.to);
        let limit = conditions.bind(page.limit as i64 + 1);
        let call = Call::safe(
            "list_feedback",
            format!(
                "SELECT TOP ({limit}) {COLUMNS} FROM feedback{} ORDER BY created_at DESC, id DESC",
                conditions.sql()
            ),
        )
        .with(conditions.values);
        self.all(call, from_row).await
    }
}

/// Stores the feedback and counts it on its turn, in one transaction; answers whether the turn is there, and the hash of what
/// was stored under the id before.
fn create_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {sent}
         BEGIN TRANSACTION;
         DECLARE @turns int = 0, @stored varbinary(32) = (
           SELECT supplied_hash FROM feedback WITH (UPDLOCK, HOLDLOCK) WHERE id = @P2);
         IF @stored IS NULL
           SET @turns = (SELECT COUNT(*) FROM interactions WITH (UPDLOCK) WHERE id = @P3);
         IF @turns = 1
         BEGIN
           INSERT INTO feedback ({names}) SELECT {names} FROM @feedback;
           UPDATE interactions SET
             feedback_count = (SELECT COUNT(*) FROM feedback WHERE interaction_id = @P3),
             rating = (SELECT TOP (1) rating FROM feedback WHERE interaction_id = @P3 AND rating IS NOT NULL
                       ORDER BY created_at DESC, id DESC),
             updated_at = CASE WHEN updated_at < @P4 THEN @P4 ELSE updated_at END, version = version + 1
           WHERE id = @P3;
           {dirty} SELECT {kind}, @P5;
           {mark}
         END;
         COMMIT TRANSACTION;
         SELECT @turns, @stored;",
        names = rows::names(SHAPE, ""),
        sent = rows::declare("@feedback", SHAPE, "@P1"),
        kind = rollups::FEEDBACK,
        dirty = rollups::DIRTY,
        mark = rollups::MARK,
    )
}

/// Changes the feedback if it has the expected version; answers whether it did.
fn update_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {sent}
         BEGIN TRANSACTION;
         UPDATE f SET {set}, version = f.version + 1
         FROM feedback f JOIN @feedback t ON t.id = f.id WHERE f.version = @P2;
         IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; SELECT 0; RETURN; END;
         {dirty} SELECT {kind}, {quarter}
         FROM feedback f JOIN @feedback t ON t.id = f.id;
         {mark}
         COMMIT TRANSACTION;
         SELECT 1;",
        sent = rows::declare("@feedback", SHAPE, "@P1"),
        set = CHANGING.map(|name| format!("{name} = t.{name}")).join(", "),
        kind = rollups::FEEDBACK,
        quarter = rollups::quarter_of("f.created_at"),
        dirty = rollups::DIRTY,
        mark = rollups::MARK,
    )
}

fn sent(feedback: &Feedback) -> Vec<Json> {
    let sentiment = feedback.sentiment.as_ref();
    vec![
        hex(feedback.id.as_bytes()),
        time(feedback.created_at),
        hex(feedback.interaction_id.as_bytes()),
        json!(feedback.rating),
        json!(feedback.thumb.map(|thumb| thumb.as_str())),
        json!(feedback.category.map(|category| category.as_str())),
        json!(feedback.source.as_str()),
        json!(feedback.user_id),
        json!(feedback.review.state.as_str()),
        json!(feedback.review.reviewer),
        optional_time(feedback.review.at),
        json!(sentiment.and_then(|sentiment| sentiment.score)),
        json!(sentiment.map(|sentiment| sentiment.label.as_str())),
        time(feedback.updated_at),
        json!(feedback.version),
        hex(&feedback.supplied_hash),
        Json::String(json!(feedback.tags).to_string()),
        json!(feedback.comment),
        json!(feedback.review.notes),
        json!(sentiment.and_then(|sentiment| sentiment.language.as_ref())),
        optional_json(sentiment.map(|sentiment| &sentiment.words)),
        optional_json(sentiment.and_then(|sentiment| sentiment.aspects.as_ref())),
        json!(sentiment.map(|sentiment| sentiment.source.as_str())),
        optional_json(feedback.counted_phrases()),
        optional_time(feedback.refine_at),
    ]
}

/// Reads a feedback from a row of [`COLUMNS`].
pub(super) fn from_row(row: Row) -> Result<Feedback, StoreError> {
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

fn sentiment(columns: &mut Columns) -> Result<Option<Sentiment>, StoreError> {
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
