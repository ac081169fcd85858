//! The contract for funnels and orders.

use crate::analytics::most_first;
use crate::{NumbersQuery, SeriesQuery, StoreError};
use async_trait::async_trait;
use domain::analytics::series::Grouped;
use domain::analytics::{Dimension, FunnelRollup, OrderRollup, Rollup};

/// What turns led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FunnelNumbers {
    /// All together.
    pub total: FunnelRollup,
    /// By model, most turns first; the empty text stands for none.
    pub by_model: Vec<(String, FunnelRollup)>,
    /// By prompt version, most turns first; the empty text stands for none.
    pub by_prompt_version: Vec<(String, FunnelRollup)>,
}

/// What events led to, read from rollups that are first brought up to date: they include every write that was durable
/// before the call.
#[async_trait]
pub trait Funnels {
    /// What the turns whose `started_at` is in the range led to, whenever that was. Events are credited to turns here: those
    /// events anew whose turns, or whose own kind, changed since the last time.
    async fn funnel_numbers(&self, query: NumbersQuery) -> Result<FunnelNumbers, StoreError>;

    /// The orders in each bucket by their first event, in all or by currency; the empty text stands for orders whose value
    /// is unknown. Orders have no other dimensions: where the query names one, the answer is an error.
    async fn order_series(&self, query: SeriesQuery) -> Result<Grouped<OrderRollup>, StoreError>;
}

impl NumbersQuery {
    /// The questions that [`FunnelNumbers::of`] takes the answers of.
    pub(crate) fn of_funnels(&self) -> Vec<SeriesQuery> {
        let by = [Dimension::Model, Dimension::PromptVersion];
        by.map(|dimension| self.by(self.whole(), Some(dimension))).into()
    }
}

impl FunnelNumbers {
    /// Made of the answers by model and by prompt version.
    pub(crate) fn of(answers: Vec<Grouped<FunnelRollup>>) -> Self {
        let mut answers = answers.into_iter();
        let mut next = || most_first(answers.next().unwrap_or_default(), |rollup| rollup.total);
        let (by_model, by_prompt_version) = (next(), next());
        let mut total = FunnelRollup::default();
        by_model.iter().for_each(|(_, rollup)| total.add(rollup));
        Self {
            total,
            by_model,
            by_prompt_version,
        }
    }
}
