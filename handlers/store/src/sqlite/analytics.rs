//! Numbers in SQLite: the rollups are brought up to date, then read on one snapshot.

use super::rollups::{self, Table};
use super::{SqliteStore, failures, feedback};
use crate::analytics::Ask;
use crate::{Analytics, FeedbackNumbers, NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::errors::Failures;
use domain::analytics::series::Grouped;
use domain::analytics::{
    FeedbackFact, FeedbackRollup, InteractionFact, InteractionRollup, StatsFilter, TimeRange,
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
                Ok(FeedbackNumbers::of(
                    rollups::read::<FeedbackFact>(connection, &asks)?,
                    latest,
                ))
            })
            .await
    }
}

async fn series<T: Table>(
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
