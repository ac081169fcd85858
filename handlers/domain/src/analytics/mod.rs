//! Numbers that stay cheap: rollups, what they are made of, and the answers that are made of them.

mod answers;
mod distribution;
mod feedback;
mod histogram;
mod interactions;
mod range;
mod terms;
mod tiers;

pub use answers::{CategoryFeedback, DailyStats, FeedbackFigures, FeedbackSummary, InteractionStats};
pub use answers::{
    CostFigures, Figures, LatencyFigures, ModelFeedback, ModelStats, TokenFigures, TypeFeedback, TypeStats,
};
pub use distribution::{Distribution, Sum};
pub use feedback::{FeedbackFact, FeedbackKey, FeedbackRollup};
pub use histogram::Histogram;
pub use interactions::{InteractionFact, InteractionKey, InteractionRollup};
pub use range::{RangeRequest, TimeRange, days_of, resolve_range, zone};
pub use terms::{CommonTerms, LOOKED_AT, PhraseFigures, TagFigures, Terms};
pub use tiers::{Plan, QUARTER, day_of, plan, quarter_of};

use crate::interactions::InteractionType;
use std::collections::HashMap;
use std::hash::Hash;

/// What one bucket of a rollup holds for one key: sums that can be added and taken away without loss.
pub trait Rollup: Clone + Default + PartialEq {
    /// Adds another rollup.
    fn add(&mut self, other: &Self);
    /// Takes away what was added before.
    fn subtract(&mut self, other: &Self);
    /// Whether nothing is counted.
    fn is_empty(&self) -> bool;
}

/// Something that is counted in rollups.
pub trait Fact {
    /// The dimensions by which it is counted.
    type Key: Clone + Eq + Hash;
    /// What is counted of it.
    type Rollup: Rollup;
    /// The finest key, from which [`groupings`](Fact::groupings) makes the coarser ones.
    fn key(&self) -> Self::Key;
    /// Counts the fact.
    fn count(&self, into: &mut Self::Rollup);
    /// Under which keys a fact of the finest key `key` is held, one per grouping.
    fn groupings(key: &Self::Key) -> Vec<Self::Key>;
}

/// Counts facts under all keys of all groupings.
pub fn rolled_up<F: Fact>(facts: impl IntoIterator<Item = F>) -> HashMap<F::Key, F::Rollup> {
    let mut finest: HashMap<F::Key, F::Rollup> = HashMap::new();
    for fact in facts {
        fact.count(finest.entry(fact.key()).or_default());
    }
    let mut rollups: HashMap<F::Key, F::Rollup> = HashMap::new();
    for (key, rollup) in &finest {
        for key in F::groupings(key) {
            rollups.entry(key).or_default().add(rollup);
        }
    }
    rollups
}

/// Which part of the turns a figure is about; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatsFilter {
    /// What the assistant did.
    pub kind: Option<InteractionType>,
    /// The model's name.
    pub model: Option<String>,
    /// Where the shopper was.
    pub channel: Option<String>,
}

impl StatsFilter {
    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
