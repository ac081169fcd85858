//! Funnels and orders in SQLite: events are credited, rollups brought up to date, then read.

use super::analytics::{answers, series};
use super::{SqliteStore, attributions, rollups};
use crate::{FunnelNumbers, Funnels, NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::series::Grouped;
use domain::analytics::{FunnelFact, OrderFact, OrderRollup};

#[async_trait]
impl Funnels for SqliteStore {
    async fn funnel_numbers(&self, query: NumbersQuery) -> Result<FunnelNumbers, StoreError> {
        let asks = query.of_funnels()?;
        attributions::refresh(self, query.range).await?;
        rollups::refresh::<FunnelFact>(self, query.range).await?;
        self.readers
            .read(move |connection| Ok(FunnelNumbers::of(answers::<FunnelFact, 2>(connection, &asks)?)))
            .await
    }

    async fn order_series(&self, query: SeriesQuery) -> Result<Grouped<OrderRollup>, StoreError> {
        series::<OrderFact>(self, query).await
    }
}
