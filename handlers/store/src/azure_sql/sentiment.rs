//! The tone of comments in Azure SQL.

use super::call::Call;
use super::columns::Columns;
use super::rows::{self, Shape, hex, optional_time};
use super::{AzureSqlStore, rollups};
use crate::StoreError;
use crate::sentiment::{Claimed, Refined, Refinement, Sentiments};
use async_trait::async_trait;
use domain::feedback::SentimentSource;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tiberius::Row;
use uuid::Uuid;

/// What became of claimed comments, in the order in which [`sent`] sends it.
const SHAPE: &Shape = &[
    ("id", "binary(16)"),
    ("score", "float"),
    ("label", "nvarchar(16)"),
    ("aspects", "nvarchar(max)"),
    ("language", "nvarchar(16)"),
    ("refine_at", "datetime2(7)"),
    ("refine_error", "nvarchar(128)"),
];

#[async_trait]
impl Sentiments for AzureSqlStore {
    async fn get_locale(&self, interaction_id: Uuid) -> Result<Option<String>, StoreError> {
        let call = Call::safe("get_locale", "SELECT locale FROM interactions WHERE id = @P1");
        let row = self.first(call.bind(interaction_id)).await?;
        row.map_or(Ok(None), |row| Columns::of(row).get())
    }

    async fn claim_sentiments(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        // READPAST: two that claim at once look at different comments. Where they see the same, only one finds it as it was.
        let sql = "SET NOCOUNT ON; SET XACT_ABORT ON;
             DECLARE @due TABLE (id binary(16) NOT NULL, refine_at datetime2(7) NOT NULL);
             DECLARE @own TABLE (id binary(16) NOT NULL);
             BEGIN TRANSACTION;
             INSERT INTO @due SELECT TOP (@P3) id, refine_at FROM feedback WITH (UPDLOCK, READPAST)
               WHERE refine_at IS NOT NULL AND refine_at <= @P1 ORDER BY refine_at, id;
             UPDATE f SET refine_at = @P2, refine_attempts = f.refine_attempts + 1
             OUTPUT inserted.id INTO @own
             FROM feedback f JOIN @due d ON d.id = f.id AND d.refine_at = f.refine_at;
             SELECT f.id, f.comment, f.sentiment_language, f.refine_attempts
             FROM feedback f JOIN @own o ON o.id = f.id JOIN @due d ON d.id = f.id ORDER BY d.refine_at, f.id;
             COMMIT TRANSACTION;";
        let call = Call::once("claim_sentiments", sql)
            .bind(now)
            .bind(until)
            .bind(limit as i64);
        self.all(call, claimed).await
    }

    async fn refine_sentiments(&self, refined: Vec<Refined>, now: Timestamp) -> Result<(), StoreError> {
        let call = Call::safe("refine_sentiments", refine_sql())
            .bind(rows::rows(refined.iter().map(sent)))
            .bind(now);
        self.write(call).await.map(drop)
    }
}

fn claimed(row: Row) -> Result<Claimed, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Claimed {
        id: columns.id()?,
        comment: columns.get::<Option<String>>()?.unwrap_or_default(),
        language: columns.get()?,
        attempts: columns.get()?,
    })
}

/// Stores what became of claimed comments. A second time it finds them done, or puts off what is put off.
fn refine_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {sent}
         BEGIN TRANSACTION;
         {dirty} SELECT DISTINCT {kind}, {quarter}
         FROM feedback f JOIN @refined t ON t.id = f.id WHERE t.label IS NOT NULL AND f.refine_at IS NOT NULL;
         UPDATE f SET
           sentiment_score = t.score, sentiment_label = t.label, sentiment_aspects = t.aspects,
           sentiment_language = COALESCE(f.sentiment_language, t.language),
           sentiment_source = N'{source}', refine_at = NULL, refine_error = NULL,
           updated_at = CASE WHEN f.updated_at < @P2 THEN @P2 ELSE f.updated_at END, version = f.version + 1
         FROM feedback f JOIN @refined t ON t.id = f.id WHERE t.label IS NOT NULL AND f.refine_at IS NOT NULL;
         UPDATE f SET refine_at = t.refine_at, refine_error = t.refine_error
         FROM feedback f JOIN @refined t ON t.id = f.id WHERE t.label IS NULL AND f.refine_at IS NOT NULL;
         {mark}
         COMMIT TRANSACTION;",
        sent = rows::declare("@refined", SHAPE, "@P1"),
        dirty = rollups::DIRTY,
        kind = rollups::FEEDBACK,
        quarter = rollups::quarter_of("f.created_at"),
        source = SentimentSource::Azure.as_str(),
        mark = rollups::MARK,
    )
}

fn sent(refined: &Refined) -> Vec<Json> {
    let id = hex(refined.id.as_bytes());
    match &refined.outcome {
        Refinement::Known {
            score,
            label,
            language,
            aspects,
        } => {
            let aspects = Json::String(json!(aspects).to_string());
            vec![
                id,
                json!(score),
                json!(label.as_str()),
                aspects,
                json!(language),
                Json::Null,
                Json::Null,
            ]
        }
        Refinement::Later(at) => {
            let at = optional_time(Some(*at));
            vec![id, Json::Null, Json::Null, Json::Null, Json::Null, at, Json::Null]
        }
        Refinement::Never(code) => {
            let mut row = vec![Json::Null; SHAPE.len()];
            (row[0], row[6]) = (id, json!(code));
            row
        }
    }
}
