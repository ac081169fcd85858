//! Funnels and orders in Azure SQL: events are credited, rollups brought up to date, then read.

use super::analytics::series;
use super::{AzureSqlStore, attributions};
use crate::{FunnelNumbers, Funnels, NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::series::Grouped;
use domain::analytics::{FunnelFact, OrderFact, OrderRollup};

#[async_trait]
impl Funnels for AzureSqlStore {
    async fn funnel_numbers(&self, query: NumbersQuery) -> Result<FunnelNumbers, StoreError> {
        attributions::refresh(self, query.range).await?;
        Ok(FunnelNumbers::of(
            series::<FunnelFact>(self, query.of_funnels()).await?,
        ))
    }

    async fn order_series(&self, query: SeriesQuery) -> Result<Grouped<OrderRollup>, StoreError> {
        let answers = series::<OrderFact>(self, vec![query]).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }
}
