//! Numbers in SQLite: the rollups are brought up to date, then read on one snapshot.

use super::rollups::{self, Table};
use super::{SqliteStore, feedback};
use crate::analytics::Ask;
use crate::{Analytics, FeedbackNumbers, InteractionNumbers, NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::series::Grouped;
use domain::analytics::{
    FeedbackFact, FeedbackRollup, InteractionFact, InteractionRollup, StatsFilter, TimeRange,
};
use domain::feedback::Feedback;
use rusqlite::{Connection, named_params};

#[async_trait]
impl Analytics for SqliteStore {
    async fn interaction_numbers(&self, query: NumbersQuery) -> Result<InteractionNumbers, StoreError> {
        let asks = query.of_interactions()?;
        rollups::refresh::<InteractionFact>(self, query.range).await?;
        self.readers
            .read(move |connection| {
                let answers = answers::<InteractionFact, 3>(connection, &asks)?;
                Ok(InteractionNumbers::of(&query, answers))
            })
            .await
    }

    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError> {
        let asks = query.of_feedback()?;
        rollups::refresh::<FeedbackFact>(self, query.range).await?;
        self.readers
            .read(move |connection| {
                let answers = answers::<FeedbackFact, 4>(connection, &asks)?;
                let latest = latest_comments(connection, query.range, &query.filter)?;
                Ok(FeedbackNumbers::of(answers, latest))
            })
            .await
    }

    async fn interaction_series(&self, query: SeriesQuery) -> Result<Grouped<InteractionRollup>, StoreError> {
        series::<InteractionFact>(self, query).await
    }

    async fn feedback_series(&self, query: SeriesQuery) -> Result<Grouped<FeedbackRollup>, StoreError> {
        series::<FeedbackFact>(self, query).await
    }
}

async fn series<T: Table>(store: &SqliteStore, query: SeriesQuery) -> Result<Grouped<T::Rollup>, StoreError> {
    let ask = Ask::of::<T>(query)?;
    rollups::refresh::<T>(store, ask.range()).await?;
    store
        .readers
        .read(move |connection| rollups::read::<T>(connection, &ask))
        .await
}

fn answers<T: Table, const N: usize>(
    connection: &Connection,
    asks: &[Ask; N],
) -> rusqlite::Result<[Grouped<T::Rollup>; N]> {
    let mut answers = std::array::from_fn(|_| Grouped::new());
    for (answer, ask) in answers.iter_mut().zip(asks) {
        *answer = rollups::read::<T>(connection, ask)?;
    }
    Ok(answers)
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
