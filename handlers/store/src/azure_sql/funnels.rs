//! Funnels and orders in Azure SQL: events are credited, rollups brought up to date, then read.

use super::analytics::{count, read};
use super::rollups::Stored;
use super::{AzureSqlStore, attributions};
use crate::analytics::most_first;
use crate::{FunnelNumbers, FunnelQuery, Funnels, OrdersByCurrency, StoreError};
use async_trait::async_trait;
use domain::analytics::{FunnelFact, FunnelKey, FunnelRollup, OrderFact, Rollup, TimeRange};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};

#[async_trait]
impl Funnels for AzureSqlStore {
    async fn funnel_numbers(&self, query: FunnelQuery) -> Result<FunnelNumbers, StoreError> {
        attributions::refresh(self, query.range).await?;
        let (models, versions) = if query.filter.is_empty() {
            (FunnelKey::MODEL, FunnelKey::PROMPT_VERSION)
        } else {
            (FunnelKey::ALL, FunnelKey::ALL)
        };
        let (rollups, _) = read::<FunnelFact>(self, query.range, None, &[models, versions], None).await?;
        let mut total = FunnelRollup::default();
        let (mut by_model, mut by_prompt_version) = (HashMap::new(), HashMap::new());
        for Stored { key, rollup, .. } in rollups {
            if !key.passes(&query.filter) {
                continue;
            }
            if key.grouping == models {
                total.add(&rollup);
                count(&mut by_model, &key.model, &rollup);
            }
            if key.grouping == versions {
                count(&mut by_prompt_version, &key.prompt_version, &rollup);
            }
        }
        let most = |groups: HashMap<String, FunnelRollup>| most_first(groups, |rollup| rollup.total);
        Ok(FunnelNumbers {
            total,
            by_model: most(by_model),
            by_prompt_version: most(by_prompt_version),
        })
    }

    async fn order_numbers(
        &self,
        range: TimeRange,
        zone: TimeZone,
    ) -> Result<BTreeMap<Date, OrdersByCurrency>, StoreError> {
        let (rollups, _) = read::<OrderFact>(self, range, Some(&zone), &[0], None).await?;
        let mut days: BTreeMap<Date, OrdersByCurrency> = BTreeMap::new();
        for Stored {
            bucket, key, rollup, ..
        } in rollups
        {
            let day = days.entry(bucket.to_zoned(zone.clone()).date()).or_default();
            day.entry(key.currency).or_default().add(&rollup);
        }
        Ok(days)
    }
}
