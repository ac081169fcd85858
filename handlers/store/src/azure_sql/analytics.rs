//! Numbers in Azure SQL: the rollups are brought up to date, then read.

use super::answers::results;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::pool::Pool;
use super::rollups::{self, Standing, Stored, Table};
use super::{AzureSqlStore, feedback};
use crate::analytics::most_first;
use crate::{Analytics, FeedbackNumbers, InteractionNumbers, NumbersQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::{
    CommonTerms, FeedbackFact, FeedbackKey, FeedbackRollup, InteractionFact, InteractionKey,
    InteractionRollup, LOOKED_AT, QUARTER, Rollup, StatsFilter, Terms, TimeRange, plan,
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
        let (rollups, _) = read::<InteractionFact>(self, &query, &[total, types, models], None).await?;
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
        let beside: Beside = |query, bound| [latest_comments(query, bound), newest_terms(query, bound)];
        let (rollups, [comments, terms]) =
            read::<FeedbackFact>(self, &query, &groupings, Some(beside)).await?;
        let terms: Vec<_> = terms.into_iter().map(terms_of).collect::<Result<_, _>>()?;
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
            common: CommonTerms::of_newest(terms),
            latest_comments: comments
                .into_iter()
                .map(feedback::from_row)
                .collect::<Result<Vec<Feedback>, _>>()?,
        })
    }
}

/// Attempts at reading while the zone is being changed, or a replica lags.
const ATTEMPTS: usize = 4;

/// Statements that are asked for beside the rollups.
type Beside = fn(&NumbersQuery, &mut Conditions) -> [String; 2];

/// Brings the rollups up to date and reads those of some groupings, with the rows of what is asked for beside them. What was
/// clean is read from the replica, if that shows it as the primary does.
async fn read<T: Table>(
    store: &AzureSqlStore,
    query: &NumbersQuery,
    groupings: &[i64],
    beside: Option<Beside>,
) -> Result<(Vec<Stored<T>>, [Vec<Row>; 2]), StoreError> {
    let (standing, clean) = rollups::refresh::<T>(store, query.range).await?;
    let mut pool = if clean { &store.replica } else { &store.pool };
    let mut zone = standing.zone.clone();
    // Which parts are read depends on the zone whose days are stored; where it was changed since, that is seen by reading.
    for _ in 0..ATTEMPTS {
        let (found, rollups, beside) = read_with::<T>(pool, query, groupings, beside, zone.as_ref()).await?;
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
    query: &NumbersQuery,
    groupings: &[i64],
    beside: Option<Beside>,
    shop: Option<&TimeZone>,
) -> Result<(Standing, Vec<Stored<T>>, [Vec<Row>; 2]), StoreError> {
    // Days of the shop's zone are not days of another one; for those the quarters are read.
    let plan = plan(query.range, shop.filter(|shop| **shop == query.zone));
    let mut bound = Conditions::default();
    let first = from_micros(query.range.from.as_microsecond() - QUARTER);
    let (first, to) = (bound.bind(first), bound.bind(query.range.to));
    let mut own = groupings.to_vec();
    own.sort_unstable();
    own.dedup();
    let named: Vec<_> = own.iter().map(ToString::to_string).collect();
    let rollups = [
        rollups::standing_sql::<T>(&first, &to),
        rollups::plan_sql::<T>(&plan, &named.join(", "), &mut bound),
    ];
    let nothing = || ["SELECT 0 WHERE 1 = 0", "SELECT 0 WHERE 1 = 0"].map(str::to_owned);
    let beside = beside.map_or_else(nothing, |beside| beside(query, &mut bound));
    let sql = format!("SET NOCOUNT ON; {} {};", rollups.join(" "), beside.join("; "));
    let call = Call::safe("read_rollups", sql).with(bound.values);
    let [zone, counted, rollups, raw, comments, terms] = results(pool.run(call).await?)?;
    let rollups = rollups::plan_rows::<T>(rollups, raw, &own)?;
    Ok((rollups::standing(zone, counted)?, rollups, [comments, terms]))
}

fn count<R: Rollup>(counts: &mut HashMap<String, R>, name: &str, rollup: &R) {
    counts.entry(name.to_owned()).or_default().add(rollup);
}

/// The newest feedback that has terms, each with whether its turn passes the filter: so much is read, and no more, whatever
/// the filter.
fn newest_terms(query: &NumbersQuery, bound: &mut Conditions) -> String {
    let StatsFilter { kind, model, channel } = &query.filter;
    let mut own = Conditions::beside(std::mem::take(&mut bound.values));
    own.all("i.type = {}", kind.map(|kind| kind.as_str()));
    own.all("i.model = {}", model.as_ref());
    own.all("i.channel = {}", channel.as_ref());
    let passes = own.and();
    let (from, to) = (own.bind(query.range.from), own.bind(query.range.to));
    bound.values = own.values;
    format!(
        "SELECT f.tags, f.phrases, f.rating, f.sentiment_score,
           CASE WHEN EXISTS (SELECT 1 FROM interactions i WHERE i.id = f.interaction_id{passes}) THEN 1 ELSE 0 END
         FROM (SELECT TOP ({most}) created_at, id, tags, phrases, rating, sentiment_score, interaction_id FROM feedback
               WHERE phrases IS NOT NULL AND created_at >= {from} AND created_at < {to}
               ORDER BY created_at DESC, id DESC) f
         ORDER BY f.created_at DESC, f.id DESC",
        most = LOOKED_AT + 1,
    )
}

fn terms_of(row: Row) -> Result<(Terms, bool), StoreError> {
    let mut columns = Columns::of(row);
    let terms = Terms {
        tags: columns.json()?,
        phrases: columns.json()?,
        rating: columns.get()?,
        score: columns.get()?,
    };
    Ok((terms, columns.get::<i64>()? == 1))
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
