//! Funnels and orders in SQLite: events are credited, rollups brought up to date, then read on one snapshot.

use super::analytics::{grouped, parts};
use super::{SqliteStore, attributions, rollups, shop_zone};
use crate::analytics::most_first;
use crate::{FunnelNumbers, FunnelQuery, Funnels, OrdersByCurrency, StoreError};
use async_trait::async_trait;
use domain::analytics::{FunnelFact, FunnelKey, FunnelRollup, OrderFact, Rollup, TimeRange, plan};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};

#[async_trait]
impl Funnels for SqliteStore {
    async fn funnel_numbers(&self, query: FunnelQuery) -> Result<FunnelNumbers, StoreError> {
        attributions::refresh(self, query.range).await?;
        rollups::refresh::<FunnelFact>(self, query.range).await?;
        self.readers
            .read(move |connection| funnel_numbers(connection, &query))
            .await
    }

    async fn order_numbers(
        &self,
        range: TimeRange,
        zone: TimeZone,
    ) -> Result<BTreeMap<Date, OrdersByCurrency>, StoreError> {
        rollups::refresh::<OrderFact>(self, range).await?;
        self.readers
            .read(move |connection| order_numbers(connection, range, &zone))
            .await
    }
}

fn funnel_numbers(connection: &Connection, query: &FunnelQuery) -> rusqlite::Result<FunnelNumbers> {
    let plan = plan(query.range, Some(&shop_zone(connection)?));
    let by = |grouping, name: fn(&FunnelKey) -> String| {
        grouped::<FunnelFact>(connection, &plan, grouping, |key| key.passes(&query.filter), name)
    };
    let most = |groups: HashMap<String, FunnelRollup>| most_first(groups, |rollup| rollup.total);
    let (models, versions) = if query.filter.is_empty() {
        (FunnelKey::MODEL, FunnelKey::PROMPT_VERSION)
    } else {
        (FunnelKey::ALL, FunnelKey::ALL)
    };
    let by_model = most(by(models, |key| key.model.clone())?);
    let by_prompt_version = most(by(versions, |key| key.prompt_version.clone())?);
    let mut total = FunnelRollup::default();
    by_model.iter().for_each(|(_, rollup)| total.add(rollup));
    Ok(FunnelNumbers {
        total,
        by_model,
        by_prompt_version,
    })
}

fn order_numbers(
    connection: &Connection,
    range: TimeRange,
    zone: &TimeZone,
) -> rusqlite::Result<BTreeMap<Date, OrdersByCurrency>> {
    let shop = shop_zone(connection)?;
    // Days of the shop's zone are not days of another one; for those the quarters are read.
    let plan = plan(range, (shop == *zone).then_some(&shop));
    let mut days: BTreeMap<Date, OrdersByCurrency> = BTreeMap::new();
    parts::<OrderFact>(connection, &plan, 0, |bucket, key, rollup| {
        let day = days.entry(bucket.to_zoned(zone.clone()).date()).or_default();
        day.entry(key.currency).or_default().add(&rollup);
    })?;
    Ok(days)
}
