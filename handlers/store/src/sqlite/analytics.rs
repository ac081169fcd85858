//! Numbers in SQLite: the rollups are brought up to date, then read on one snapshot.

use super::columns::Columns;
use super::rollups::{self, Table};
use super::{SqliteStore, failures, feedback};
use crate::analytics::Ask;
use crate::{Analytics, FeedbackNumbers, NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::errors::Failures;
use domain::analytics::series::Grouped;
use domain::analytics::{
    CommonTerms, FeedbackFact, FeedbackRollup, InteractionFact, InteractionRollup, LOOKED_AT, StatsFilter,
    Terms, TimeRange,
};
use domain::feedback::Feedback;
use rusqlite::{Connection, named_params};

#[async_trait]
impl Analytics for SqliteStore {
    async fn interaction_series(
        &self,
        queries: Vec<SeriesQuery>,
    ) -> Result<Vec<Grouped<InteractionRollup>>, StoreError> {
        series::<InteractionFact>(self, queries).await
    }

    async fn feedback_series(
        &self,
        queries: Vec<SeriesQuery>,
    ) -> Result<Vec<Grouped<FeedbackRollup>>, StoreError> {
        series::<FeedbackFact>(self, queries).await
    }

    async fn failures(&self, query: SeriesQuery) -> Result<Vec<Failures>, StoreError> {
        self.readers
            .read(move |connection| failures::failures(connection, &query))
            .await
    }

    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError> {
        let asks = query.of_feedback()?;
        rollups::refresh::<FeedbackFact>(self, query.range).await?;
        self.readers
            .read(move |connection| {
                let latest = latest_comments(connection, query.range, &query.filter)?;
                let common = common_terms(connection, query.range, &query.filter)?;
                let answers = rollups::read::<FeedbackFact>(connection, &asks)?;
                Ok(FeedbackNumbers::of(answers, latest, common))
            })
            .await
    }
}

pub(super) async fn series<T: Table>(
    store: &SqliteStore,
    queries: Vec<SeriesQuery>,
) -> Result<Vec<Grouped<T::Rollup>>, StoreError> {
    let asks = Ask::all::<T>(queries)?;
    rollups::refresh::<T>(store, Ask::range(&asks)).await?;
    store
        .readers
        .read(move |connection| rollups::read::<T>(connection, &asks))
        .await
}

/// The terms of the newest feedback that has any, of which then those pass whose turns do: so much is read, and no more,
/// whatever the filter.
fn common_terms(
    connection: &Connection,
    range: TimeRange,
    filter: &StatsFilter,
) -> rusqlite::Result<CommonTerms> {
    let turns = if filter.is_empty() {
        ""
    } else {
        "CROSS JOIN interactions i ON i.id = f.interaction_id"
    };
    let passes = if filter.is_empty() {
        ":type IS NULL AND :model IS NULL AND :channel IS NULL"
    } else {
        "(:type IS NULL OR i.type = :type) AND (:model IS NULL OR i.model = :model)
           AND (:channel IS NULL OR i.channel = :channel)"
    };
    let sql = format!(
        "SELECT f.tags, f.phrases, f.rating, f.sentiment_score, {passes}
         FROM feedback f INDEXED BY feedback_with_phrases {turns}
         WHERE f.phrases IS NOT NULL AND f.created_at >= :from AND f.created_at < :to
         ORDER BY f.created_at DESC, f.id DESC LIMIT :most"
    );
    let values = named_params! {
        ":from": range.from.as_microsecond(),
        ":to": range.to.as_microsecond(),
        ":type": filter.kind.map(|kind| kind.as_str()),
        ":model": filter.model,
        ":channel": filter.channel,
        ":most": LOOKED_AT as i64 + 1,
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| {
        let mut columns = Columns::of(row);
        let terms = Terms {
            tags: columns.json()?,
            phrases: columns.json()?,
            rating: columns.get()?,
            score: columns.get()?,
        };
        Ok((terms, columns.get::<Option<bool>>()?.unwrap_or_default()))
    })?;
    Ok(CommonTerms::of_newest(rows.collect::<rusqlite::Result<_>>()?))
}

fn latest_comments(
    connection: &Connection,
    range: TimeRange,
    filter: &StatsFilter,
) -> rusqlite::Result<Vec<Feedback>> {
    let columns: Vec<_> = feedback::COLUMNS
        .split(", ")
        .map(|column| format!("f.{column}"))
        .collect();
    let sql = format!(
        "SELECT {} FROM feedback f INDEXED BY feedback_with_comment CROSS JOIN interactions i ON i.id = f.interaction_id
         WHERE f.comment IS NOT NULL AND f.created_at >= :from AND f.created_at < :to
           AND (:type IS NULL OR i.type = :type) AND (:model IS NULL OR i.model = :model)
           AND (:channel IS NULL OR i.channel = :channel)
         ORDER BY f.created_at DESC, f.id DESC LIMIT 10",
        columns.join(", ")
    );
    let values = named_params! {
        ":from": range.from.as_microsecond(),
        ":to": range.to.as_microsecond(),
        ":type": filter.kind.map(|kind| kind.as_str()),
        ":model": filter.model,
        ":channel": filter.channel,
    };
    connection
        .prepare_cached(&sql)?
        .query_map(values, feedback::from_row)?
        .collect()
}
