//! The contract for funnels and orders.

use crate::StoreError;
use async_trait::async_trait;
use domain::analytics::{FunnelFilter, FunnelRollup, OrderRollup, TimeRange};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Which turns a funnel is about.
#[derive(Debug, Clone)]
pub struct FunnelQuery {
    /// When they began.
    pub range: TimeRange,
    /// Which of them.
    pub filter: FunnelFilter,
}

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

/// Counts of orders by currency; the empty text stands for orders whose value is unknown.
pub type OrdersByCurrency = BTreeMap<String, OrderRollup>;

/// What events led to, read from rollups that are first brought up to date: they include every write that was durable
/// before the call.
#[async_trait]
pub trait Funnels {
    /// What the turns whose `started_at` is in the range led to, whenever that was. Events are credited to turns here: those
    /// events anew whose turns, or whose own kind, changed since the last time.
    async fn funnel_numbers(&self, query: FunnelQuery) -> Result<FunnelNumbers, StoreError>;

    /// The orders whose first event happened in the range, by day of `zone`; days without any are left out.
    async fn order_numbers(
        &self,
        range: TimeRange,
        zone: TimeZone,
    ) -> Result<BTreeMap<Date, OrdersByCurrency>, StoreError>;
}
