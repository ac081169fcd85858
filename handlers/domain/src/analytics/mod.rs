//! Numbers that stay cheap: rollups, what they are made of, and the answers that are made of them.

mod answers;
pub mod costs;
mod dimension;
mod distribution;
pub mod errors;
mod feedback;
mod funnel;
mod histogram;
mod interactions;
mod orders;
pub mod queries;
mod range;
pub mod series;
mod terms;
mod tiers;

pub use answers::{CategoryFeedback, DailyStats, FeedbackFigures, FeedbackSummary, InteractionStats};
pub use answers::{
    CostFigures, Figures, LatencyFigures, ModelFeedback, ModelStats, TokenFigures, TypeFeedback, TypeStats,
};
pub use dimension::Dimension;
pub use distribution::{Distribution, Sum};
pub use feedback::{FeedbackFact, FeedbackKey, FeedbackRollup};
pub use funnel::*;
pub use histogram::Histogram;
pub use interactions::{InteractionFact, InteractionKey, InteractionRollup, Part};
pub use orders::{OrderFact, OrderKey, OrderRollup};
pub use range::{RangeRequest, TimeRange, days_of, resolve_range, zone};
pub use terms::{CommonTerms, LOOKED_AT, PhraseFigures, TagFigures, Terms};
pub use tiers::{HOUR, Plan, QUARTER, day_after, day_of, days_within, hour_of, plan, quarter_of};

use crate::interactions::InteractionType;
use std::collections::HashMap;
use std::hash::Hash;

/// What one bucket of a rollup holds for one key: sums that can be added and taken away without loss.
pub trait Rollup: Clone + Default + PartialEq {
    /// Adds another rollup `sign` times: 1, or -1 to take it away.
    fn merge(&mut self, other: &Self, sign: i64);
    /// Whether nothing is counted.
    fn is_empty(&self) -> bool;

    /// Adds another rollup.
    fn add(&mut self, other: &Self) {
        self.merge(other, 1);
    }
    /// Takes away what was added before.
    fn subtract(&mut self, other: &Self) {
        self.merge(other, -1);
    }
}

/// Something that is counted in rollups.
pub trait Fact {
    /// The dimensions by which it is counted.
    type Key: Clone + Eq + Hash;
    /// What is counted of it.
    type Rollup: Rollup;
    /// The groupings that are held, each with the dimensions that its keys keep. Those that hold fewer keys stand first.
    const GROUPINGS: &'static [(i64, &'static [Dimension])];

    /// Gives away the finest key, from which [`kept`](Fact::kept) makes the coarser ones.
    fn take_key(&mut self) -> Self::Key;
    /// Counts the fact.
    fn count(&self, into: &mut Self::Rollup);
    /// The key of a grouping that keeps some dimensions of the finest key.
    fn kept(key: &Self::Key, grouping: i64, dimensions: &[Dimension]) -> Self::Key;
    /// What a key says of a dimension, if that is one of those that are kept; else the empty text.
    fn kept_value(key: &Self::Key, dimension: Dimension, kept: &[Dimension]) -> String {
        let value = if kept.contains(&dimension) {
            Self::value(key, dimension)
        } else {
            ""
        };
        value.to_owned()
    }
    /// The grouping that a key belongs to.
    fn grouping_of(key: &Self::Key) -> i64;
    /// What a key says of a dimension; the empty text where that is unknown, or not kept.
    fn value(key: &Self::Key, dimension: Dimension) -> &str;

    /// Whether what is counted under this key passes the filter.
    fn passes(key: &Self::Key, filter: &StatsFilter) -> bool {
        filter
            .conditions()
            .all(|(dimension, value)| Self::value(key, dimension) == value)
    }

    /// The grouping with the fewest keys that tells `by` of what passes the filter; none where nothing is held that does.
    fn grouping_for(filter: &StatsFilter, by: Option<Dimension>) -> Option<i64> {
        let filtered = filter.conditions().map(|(dimension, _)| dimension);
        let needed: Vec<_> = filtered.chain(by).collect();
        let mut groupings = Self::GROUPINGS.iter();
        let enough = groupings.find(|(_, kept)| needed.iter().all(|dimension| kept.contains(dimension)));
        enough.map(|(grouping, _)| *grouping)
    }
}

/// Counts facts under all keys of all groupings.
pub fn rolled_up<F: Fact>(facts: impl IntoIterator<Item = F>) -> HashMap<F::Key, F::Rollup> {
    let mut finest = Counted::<F>::default();
    for mut fact in facts {
        let key = fact.take_key();
        fact.count(finest.entry(key).or_default());
    }
    let mut done: Vec<(&[Dimension], Counted<F>)> = Vec::new();
    for (grouping, dimensions) in F::GROUPINGS.iter().rev() {
        // The last one done that tells enough has the fewest keys; most are sums of another grouping, not of the facts.
        let enough = done
            .iter()
            .rev()
            .find(|(kept, _)| dimensions.iter().all(|dimension| kept.contains(dimension)));
        let mut counted = Counted::<F>::default();
        for (key, rollup) in enough.map_or(&finest, |(_, counted)| counted) {
            let key = F::kept(key, *grouping, dimensions);
            counted.entry(key).or_default().add(rollup);
        }
        done.push((dimensions, counted));
    }
    done.into_iter().flat_map(|(_, counted)| counted).collect()
}

/// Keys are six texts for each of a hundred thousand facts: the standard hash would be a fifth of the work.
type Counted<F> = HashMap<<F as Fact>::Key, <F as Fact>::Rollup, foldhash::fast::RandomState>;

/// Which part of the turns a figure is about; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatsFilter {
    /// What the assistant did.
    pub kind: Option<InteractionType>,
    /// The model's name.
    pub model: Option<String>,
    /// Where the shopper was.
    pub channel: Option<String>,
    /// The version of the prompt.
    pub prompt_version: Option<String>,
}

impl StatsFilter {
    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
