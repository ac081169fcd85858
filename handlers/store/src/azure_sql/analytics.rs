//! Numbers in Azure SQL: the rollups are brought up to date, then read.

use super::answers::results;
use super::call::Call;
use super::conditions::Conditions;
use super::pool::Pool;
use super::rollups::{self, Standing, Table};
use super::{AzureSqlStore, failures, feedback};
use crate::analytics::Ask;
use crate::{Analytics, FeedbackNumbers, NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::errors::Failures;
use domain::analytics::series::Grouped;
use domain::analytics::{
    FeedbackFact, FeedbackRollup, InteractionFact, InteractionRollup, QUARTER, StatsFilter, TimeRange,
};
use domain::feedback::Feedback;
use domain::time::from_micros;
use jiff::tz::TimeZone;
use tiberius::Row;

#[async_trait]
impl Analytics for AzureSqlStore {
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
        failures::failures(self, &query).await
    }

    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError> {
        let asks = query.of_feedback()?;
        let beside = |bound: &mut Conditions| latest_comments(&query, bound);
        let (answers, comments) = read::<FeedbackFact>(self, &asks, Some(&beside)).await?;
        let latest: Result<Vec<Feedback>, _> = comments.into_iter().map(feedback::from_row).collect();
        Ok(FeedbackNumbers::of(answers, latest?))
    }
}

async fn series<T: Table>(
    store: &AzureSqlStore,
    queries: Vec<SeriesQuery>,
) -> Result<Vec<Grouped<T::Rollup>>, StoreError> {
    let asks = Ask::all::<T>(queries)?;
    let (answers, _) = read::<T>(store, &asks, None).await?;
    Ok(answers)
}

/// Attempts at reading while the zone is being changed, or a replica lags.
const ATTEMPTS: usize = 4;

/// A statement that is asked for beside the rollups.
type Beside<'b> = &'b (dyn Fn(&mut Conditions) -> String + Send + Sync);

/// Brings the rollups up to date and reads what the questions ask, with the rows of what is asked for beside them. What was
/// clean is read from the replica, if that shows it as the primary does.
async fn read<T: Table>(
    store: &AzureSqlStore,
    asks: &[Ask],
    beside: Option<Beside<'_>>,
) -> Result<(Vec<Grouped<T::Rollup>>, Vec<Row>), StoreError> {
    let range = Ask::range(asks);
    let (standing, clean) = rollups::refresh::<T>(store, range).await?;
    let mut pool = if clean { &store.replica } else { &store.pool };
    let mut zone = standing.zone.clone();
    // Which parts are read depends on the zone whose days are stored; where it was changed since, that is seen by reading.
    for _ in 0..ATTEMPTS {
        let (found, answers, beside) = read_with::<T>(pool, asks, range, beside, zone.as_ref()).await?;
        let newest = !pool.is_replica() || standing == found;
        if newest && found.zone == zone {
            return Ok((answers, beside));
        }
        if !newest {
            pool = &store.pool;
        }
        zone = found.zone;
    }
    Err(StoreError::Unavailable(
        "the shop's zone is being changed".to_owned(),
    ))
}

async fn read_with<T: Table>(
    pool: &Pool,
    asks: &[Ask],
    range: TimeRange,
    beside: Option<Beside<'_>>,
    shop: Option<&TimeZone>,
) -> Result<(Standing, Vec<Grouped<T::Rollup>>, Vec<Row>), StoreError> {
    let mut bound = Conditions::default();
    let first = from_micros(range.from.as_microsecond() - QUARTER);
    let (first, to) = (bound.bind(first), bound.bind(range.to));
    let sql = format!(
        "SET NOCOUNT ON; {} {} {};",
        rollups::standing_sql::<T>(&first, &to),
        rollups::asks_sql::<T>(asks, shop, &mut bound),
        beside.map_or_else(|| "SELECT 0 WHERE 1 = 0".to_owned(), |beside| beside(&mut bound)),
    );
    let call = Call::safe("read_rollups", sql).with(bound.values);
    let [zone, counted, rollups, raw, beside] = results(pool.run(call).await?)?;
    let answers = rollups::answers::<T>(rollups, raw, asks)?;
    Ok((rollups::standing(zone, counted)?, answers, beside))
}

fn latest_comments(query: &NumbersQuery, bound: &mut Conditions) -> String {
    let columns: Vec<_> = feedback::COLUMNS
        .split(", ")
        .map(|column| format!("f.{column}"))
        .collect();
    let NumbersQuery {
        range: TimeRange { from, to },
        filter,
        ..
    } = query;
    let StatsFilter { kind, model, channel } = filter;
    let mut own = Conditions::beside(std::mem::take(&mut bound.values));
    own.all("f.created_at >= {}", Some(*from));
    own.all("f.created_at < {}", Some(*to));
    own.all("i.type = {}", kind.map(|kind| kind.as_str()));
    own.all("i.model = {}", model.as_ref());
    own.all("i.channel = {}", channel.as_ref());
    let sql = format!(
        "SELECT TOP (10) {} FROM feedback f JOIN interactions i ON i.id = f.interaction_id
         WHERE f.comment IS NOT NULL{} ORDER BY f.created_at DESC, f.id DESC",
        columns.join(", "),
        own.and()
    );
    bound.values = own.values;
    sql
}
