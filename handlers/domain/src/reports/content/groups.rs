//! Models and types, most turns first.

use super::share;
use crate::analytics::{Figures, InteractionRollup};
use serde::Serialize;
use utoipa::ToSchema;

/// Most groups that a report names.
const MOST: usize = 20;

/// The turns of one model, or of one type.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Group)]
pub struct Group {
    /// The model or the type; null for turns that name none.
    pub name: Option<String>,
    /// How many turns.
    pub interactions: i64,
    /// Of all turns, 0 to 1; null when there are none.
    pub share: Option<f64>,
    /// Those that failed.
    pub failures: i64,
    /// Succeeded over finished; null when none is finished.
    pub success_rate: Option<f64>,
    /// 95 of 100 took at most so many milliseconds; null when none knows.
    pub p95_ms: Option<f64>,
    /// What those with a known price cost; null when none has one.
    pub cost_micros: Option<i64>,
    /// Cost over succeeded turns; null when a cost is missing or none succeeded.
    pub cost_micros_per_success: Option<f64>,
    /// Turns whose cost is not known.
    pub unpriced: i64,
}

/// Groups of turns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Groups)]
pub struct Groups {
    /// The greatest, at most 20, most turns first.
    pub items: Vec<Group>,
    /// How many more groups there are.
    pub more: usize,
}

impl Groups {
    /// Of rollups by name, most turns first, of `total` turns; the empty name stands for none.
    pub fn of(rollups: &[(String, InteractionRollup)], total: i64) -> Self {
        let group = |(name, rollup): &(String, InteractionRollup)| Group::of(name, rollup, total);
        Self {
            items: rollups.iter().take(MOST).map(group).collect(),
            more: rollups.len().saturating_sub(MOST),
        }
    }
}

impl Group {
    fn of(name: &str, rollup: &InteractionRollup, total: i64) -> Self {
        let figures = Figures::from(rollup);
        let complete = figures.cost.unpriced == 0 && figures.succeeded > 0;
        let cost = figures.cost.micros.filter(|_| complete);
        Self {
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            interactions: figures.total,
            share: share(figures.total, total),
            failures: figures.failed,
            success_rate: figures.success_rate,
            p95_ms: figures.duration_ms.p95,
            cost_micros: figures.cost.micros,
            cost_micros_per_success: cost.map(|micros| micros as f64 / figures.succeeded as f64),
            unpriced: figures.cost.unpriced,
        }
    }
}

/// A model with turns whose cost is not known.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Unpriced)]
pub struct Unpriced {
    /// The model; null for turns that name none.
    pub model: Option<String>,
    /// Turns whose cost is not known.
    pub turns: i64,
    /// Of the model's turns, 0 to 1.
    pub share: Option<f64>,
}

/// The models with unpriced turns, most first, at most 20.
pub fn unpriced(models: &[(String, InteractionRollup)]) -> Vec<Unpriced> {
    let mut unpriced: Vec<_> = models
        .iter()
        .map(|(name, rollup)| Unpriced {
            model: Some(name.clone()).filter(|name| !name.is_empty()),
            turns: rollup.total - rollup.cost_micros.count,
            share: share(rollup.total - rollup.cost_micros.count, rollup.total),
        })
        .filter(|model| model.turns > 0)
        .collect();
    // Stable: models with as many stay in their order.
    unpriced.sort_by_key(|model| std::cmp::Reverse(model.turns));
    unpriced.truncate(MOST);
    unpriced
}
