//! Numbers in SQLite: the rollups are brought up to date, then read on one snapshot.

use super::columns::Columns;
use super::rollups::{self, DAYS, QUARTERS, Table};
use super::{SqliteStore, feedback, shop_zone};
use crate::analytics::most_first;
use crate::{Analytics, FeedbackNumbers, InteractionNumbers, NumbersQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::{
    CommonTerms, FeedbackFact, FeedbackKey, InteractionFact, InteractionKey, LOOKED_AT, Plan, Rollup,
    StatsFilter, Terms, TimeRange, plan, rolled_up,
};
use domain::feedback::Feedback;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, named_params};
use std::collections::{BTreeMap, HashMap};

#[async_trait]
impl Analytics for SqliteStore {
    async fn interaction_numbers(&self, query: NumbersQuery) -> Result<InteractionNumbers, StoreError> {
        rollups::refresh::<InteractionFact>(self, query.range).await?;
        self.readers
            .read(move |connection| interaction_numbers(connection, &query))
            .await
    }

    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError> {
        rollups::refresh::<FeedbackFact>(self, query.range).await?;
        self.readers
            .read(move |connection| feedback_numbers(connection, &query))
            .await
    }
}

fn interaction_numbers(
    connection: &Connection,
    query: &NumbersQuery,
) -> rusqlite::Result<InteractionNumbers> {
    let shop = shop_zone(connection)?;
    // Days of the shop's zone are not days of another one; for those the quarters are read.
    let by_day_plan = plan(query.range, (shop == query.zone).then_some(&shop));
    let (total, types, models) = if query.filter.is_empty() {
        (InteractionKey::TOTAL, InteractionKey::TYPE, InteractionKey::MODEL)
    } else {
        let all = InteractionKey::TYPE_MODEL_CHANNEL;
        (all, all, all)
    };
    let whole = plan(query.range, Some(&shop));
    let passes = |key: &InteractionKey| key.passes(&query.filter);
    let by_day = by_bucket::<InteractionFact>(connection, &by_day_plan, total, passes, &query.zone)?;
    let mut sum = domain::analytics::InteractionRollup::default();
    by_day.values().for_each(|day| sum.add(day));
    let by_type = grouped::<InteractionFact>(connection, &whole, types, passes, |key| key.kind.clone())?;
    let by_model = grouped::<InteractionFact>(connection, &whole, models, passes, |key| key.model.clone())?;
    Ok(InteractionNumbers {
        total: sum,
        by_type: most_first(by_type, |rollup| rollup.total),
        by_model: most_first(by_model, |rollup| rollup.total),
        by_day: by_day.into_iter().collect(),
    })
}

fn feedback_numbers(connection: &Connection, query: &NumbersQuery) -> rusqlite::Result<FeedbackNumbers> {
    let shop = shop_zone(connection)?;
    let whole = plan(query.range, Some(&shop));
    let passes = |key: &FeedbackKey| key.passes(&query.filter);
    let grouping = |own| {
        if query.filter.is_empty() {
            own
        } else {
            FeedbackKey::ALL
        }
    };
    let by = |grouping, name: fn(&FeedbackKey) -> String| {
        grouped::<FeedbackFact>(connection, &whole, grouping, passes, name)
    };
    let total = by(grouping(FeedbackKey::TOTAL), |_| String::new())?
        .remove("")
        .unwrap_or_default();
    let count = |rollup: &domain::analytics::FeedbackRollup| rollup.total;
    Ok(FeedbackNumbers {
        total,
        by_category: most_first(
            by(grouping(FeedbackKey::CATEGORY), |key| key.category.clone())?,
            count,
        ),
        by_type: most_first(by(grouping(FeedbackKey::TYPE), |key| key.kind.clone())?, count),
        by_model: most_first(by(grouping(FeedbackKey::MODEL), |key| key.model.clone())?, count),
        common: common_terms(connection, query.range, &query.filter)?,
        latest_comments: latest_comments(connection, query.range, &query.filter)?,
    })
}

/// Every part of the plan, read from the tier that it names.
fn parts<T: Table>(
    connection: &Connection,
    plan: &Plan,
    grouping: i64,
    mut each: impl FnMut(Timestamp, T::Key, T::Rollup),
) -> rusqlite::Result<()> {
    for (tier, ranges) in [(DAYS, &plan.days), (QUARTERS, &plan.quarters)] {
        for range in ranges {
            rollups::read::<T>(connection, tier, grouping, *range, &mut each)?;
        }
    }
    for range in &plan.raw {
        let rollups = rolled_up(T::facts(connection, *range)?);
        for (key, rollup) in rollups
            .into_iter()
            .filter(|(key, _)| T::grouping_of(key) == grouping)
        {
            each(range.from, key, rollup);
        }
    }
    Ok(())
}

fn grouped<T: Table>(
    connection: &Connection,
    plan: &Plan,
    grouping: i64,
    passes: impl Fn(&T::Key) -> bool,
    name: impl Fn(&T::Key) -> String,
) -> rusqlite::Result<HashMap<String, T::Rollup>> {
    let mut groups: HashMap<String, T::Rollup> = HashMap::new();
    parts::<T>(connection, plan, grouping, |_, key, rollup| {
        if passes(&key) {
            groups.entry(name(&key)).or_default().add(&rollup);
        }
    })?;
    Ok(groups)
}

fn by_bucket<T: Table>(
    connection: &Connection,
    plan: &Plan,
    grouping: i64,
    passes: impl Fn(&T::Key) -> bool,
    zone: &TimeZone,
) -> rusqlite::Result<BTreeMap<Date, T::Rollup>> {
    let mut days: BTreeMap<Date, T::Rollup> = BTreeMap::new();
    parts::<T>(connection, plan, grouping, |bucket, key, rollup| {
        if passes(&key) {
            days.entry(bucket.to_zoned(zone.clone()).date())
                .or_default()
                .add(&rollup);
        }
    })?;
    Ok(days)
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
