//! Funnels and orders in Azure SQL: events are credited, rollups brought up to date, then read.

use super::analytics::{read, series};
use super::{AzureSqlStore, attributions};
use crate::{FunnelNumbers, Funnels, NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::series::Grouped;
use domain::analytics::{FunnelFact, OrderFact, OrderRollup};

#[async_trait]
impl Funnels for AzureSqlStore {
    async fn funnel_numbers(&self, query: NumbersQuery) -> Result<FunnelNumbers, StoreError> {
        let asks = query.of_funnels()?;
        attributions::refresh(self, query.range).await?;
        let (answers, _) = read::<FunnelFact, 2>(self, &asks, query.range, None).await?;
        Ok(FunnelNumbers::of(answers))
    }

    async fn order_series(&self, query: SeriesQuery) -> Result<Grouped<OrderRollup>, StoreError> {
        series::<OrderFact>(self, query).await
    }
}
