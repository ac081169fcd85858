//! Numbers in Azure SQL: the rollups are brought up to date, then read.

use super::answers::results;
use super::call::Call;
use super::conditions::Conditions;
use super::pool::Pool;
use super::rollups::{self, Standing, Stored, Table};
use super::{AzureSqlStore, feedback};
use crate::analytics::most_first;
use crate::{Analytics, FeedbackNumbers, InteractionNumbers, NumbersQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::{
    FeedbackFact, FeedbackKey, FeedbackRollup, InteractionFact, InteractionKey, InteractionRollup, Plan,
    QUARTER, Rollup, StatsFilter, TimeRange, plan,
};
use domain::feedback::Feedback;
use domain::time::from_micros;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};
use tiberius::Row;

#[async_trait]
impl Analytics for AzureSqlStore {
    async fn interaction_numbers(&self, query: NumbersQuery) -> Result<InteractionNumbers, StoreError> {
        let (total, types, models) = if query.filter.is_empty() {
            (InteractionKey::TOTAL, InteractionKey::TYPE, InteractionKey::MODEL)
        } else {
            let all = InteractionKey::TYPE_MODEL_CHANNEL;
            (all, all, all)
        };
        let (rollups, _) = read::<InteractionFact>(
            self,
            query.range,
            Some(&query.zone),
            &[total, types, models],
            None,
        )
        .await?;
        let mut by_day: BTreeMap<_, InteractionRollup> = BTreeMap::new();
        let (mut sum, mut by_type, mut by_model) =
            (InteractionRollup::default(), HashMap::new(), HashMap::new());
        for Stored {
            bucket, key, rollup, ..
        } in rollups
        {
            if !key.passes(&query.filter) {
                continue;
            }
            if key.grouping == total {
                sum.add(&rollup);
                let day = bucket.to_zoned(query.zone.clone()).date();
                by_day.entry(day).or_default().add(&rollup);
            }
            if key.grouping == types {
                count(&mut by_type, &key.kind, &rollup);
            }
            if key.grouping == models {
                count(&mut by_model, &key.model, &rollup);
            }
        }
        Ok(InteractionNumbers {
            total: sum,
            by_type: most_first(by_type, |rollup| rollup.total),
            by_model: most_first(by_model, |rollup| rollup.total),
            by_day: by_day.into_iter().collect(),
        })
    }

    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError> {
        let own = |grouping| {
            if query.filter.is_empty() {
                grouping
            } else {
                FeedbackKey::ALL
            }
        };
        let [total, categories, types, models] = [
            own(FeedbackKey::TOTAL),
            own(FeedbackKey::CATEGORY),
            own(FeedbackKey::TYPE),
            own(FeedbackKey::MODEL),
        ];
        let groupings = [total, categories, types, models];
        let comments = |bound: &mut Conditions| latest_comments(&query, bound);
        let (rollups, comments) =
            read::<FeedbackFact>(self, query.range, Some(&query.zone), &groupings, Some(&comments)).await?;
        let mut sum = FeedbackRollup::default();
        let (mut by_category, mut by_type, mut by_model) = (HashMap::new(), HashMap::new(), HashMap::new());
        for Stored { key, rollup, .. } in rollups {
            if !key.passes(&query.filter) {
                continue;
            }
            if key.grouping == total {
                sum.add(&rollup);
            }
            for (grouping, counts, name) in [
                (categories, &mut by_category, &key.category),
                (types, &mut by_type, &key.kind),
                (models, &mut by_model, &key.model),
            ] {
                if key.grouping == grouping {
                    count(counts, name, &rollup);
                }
            }
        }
        let most = |counts| most_first(counts, |rollup: &FeedbackRollup| rollup.total);
        Ok(FeedbackNumbers {
            total: sum,
            by_category: most(by_category),
            by_type: most(by_type),
            by_model: most(by_model),
            latest_comments: comments
                .into_iter()
                .map(feedback::from_row)
                .collect::<Result<Vec<Feedback>, _>>()?,
        })
    }
}

/// Attempts at reading while the zone is being changed, or a replica lags.
const ATTEMPTS: usize = 4;

/// A statement that is asked for beside the rollups.
type Beside<'b> = &'b (dyn Fn(&mut Conditions) -> String + Sync);

/// Brings the rollups up to date and reads those of some groupings, with the rows of what is asked for beside them. What was
/// clean is read from the replica, if that shows it as the primary does. Days are those of `days_of`, or any where none is given.
pub(super) async fn read<T: Table>(
    store: &AzureSqlStore,
    range: TimeRange,
    days_of: Option<&TimeZone>,
    groupings: &[i64],
    beside: Option<Beside<'_>>,
) -> Result<(Vec<Stored<T>>, Vec<Row>), StoreError> {
    let (standing, clean) = rollups::refresh::<T>(store, range).await?;
    let mut pool = if clean { &store.replica } else { &store.pool };
    let mut zone = standing.zone.clone();
    // Which parts are read depends on the zone whose days are stored; where it was changed since, that is seen by reading.
    for _ in 0..ATTEMPTS {
        // Days of the shop's zone are not days of another one; for those the quarters are read.
        let days = zone
            .as_ref()
            .filter(|shop| days_of.is_none_or(|zone| zone == *shop));
        let plan = plan(range, days);
        let (found, rollups, beside) = read_with::<T>(pool, range, &plan, groupings, beside).await?;
        let newest = !pool.is_replica() || standing == found;
        if newest && found.zone == zone {
            return Ok((rollups, beside));
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
    range: TimeRange,
    plan: &Plan,
    groupings: &[i64],
    beside: Option<Beside<'_>>,
) -> Result<(Standing, Vec<Stored<T>>, Vec<Row>), StoreError> {
    let mut bound = Conditions::default();
    let first = from_micros(range.from.as_microsecond() - QUARTER);
    let (first, to) = (bound.bind(first), bound.bind(range.to));
    let mut own = groupings.to_vec();
    own.sort_unstable();
    own.dedup();
    let named: Vec<_> = own.iter().map(ToString::to_string).collect();
    let sql = format!(
        "SET NOCOUNT ON; {} {} {};",
        rollups::standing_sql::<T>(&first, &to),
        rollups::plan_sql::<T>(plan, &named.join(", "), &mut bound),
        beside.map_or_else(|| "SELECT 0 WHERE 1 = 0".to_owned(), |beside| beside(&mut bound)),
    );
    let call = Call::safe("read_rollups", sql).with(bound.values);
    let [zone, counted, rollups, raw, comments] = results(pool.run(call).await?)?;
    let rollups = rollups::plan_rows::<T>(rollups, raw, &own)?;
    Ok((rollups::standing(zone, counted)?, rollups, comments))
}

pub(super) fn count<R: Rollup>(counts: &mut HashMap<String, R>, name: &str, rollup: &R) {
    counts.entry(name.to_owned()).or_default().add(rollup);
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
