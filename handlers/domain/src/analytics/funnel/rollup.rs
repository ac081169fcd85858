//! What is counted of a turn and what it led to, and by what.

use super::Credit;
use crate::analytics::{Dimension, Fact, Rollup, Sum};
use crate::events::EventType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An event that a turn is credited with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// A product view, a cart or an order.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// Under which rules.
    pub credit: Credit,
    /// Value of the order in millionths of `currency`.
    #[serde(default)]
    pub value_micros: Option<i64>,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Option<String>,
}

/// One turn, as far as funnels count it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FunnelFact {
    /// What it is counted by.
    pub key: FunnelKey,
    /// Whether it showed a product.
    pub shown: bool,
    /// Cost in micro-dollars.
    pub cost_micros: Option<i64>,
    /// What it led to.
    pub outcomes: Vec<Outcome>,
}

/// What a funnel is counted by. What is unknown, or not kept by the grouping, is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct FunnelKey {
    pub grouping: i64,
    pub kind: String,
    pub model: String,
    pub channel: String,
    pub prompt_version: String,
}

impl FunnelKey {
    /// Everything together.
    pub const TOTAL: i64 = 0;
    /// By model.
    pub const MODEL: i64 = 1;
    /// By prompt version.
    pub const PROMPT_VERSION: i64 = 2;
    /// By all four.
    pub const ALL: i64 = 3;
}

/// Orders of one currency, under each rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worth {
    /// How many have a value.
    pub orders: [i64; Credit::RULES],
    /// Their values, in millionths.
    pub micros: [i64; Credit::RULES],
}

/// Counts of turns and of what they led to; arrays have a place for each rule of [`Credit`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunnelRollup {
    /// Turns.
    pub total: i64,
    /// Turns that showed a product, or led to one.
    pub shown: i64,
    /// Cost in micro-dollars, of the turns where it is known.
    pub cost_micros: Sum,
    /// Turns after which a product was viewed, carted or ordered.
    pub viewed: [i64; Credit::RULES],
    /// Turns after which a product was carted or ordered.
    pub carted: [i64; Credit::RULES],
    /// Turns after which something was ordered.
    pub ordered: [i64; Credit::RULES],
    /// Orders.
    pub orders: [i64; Credit::RULES],
    /// What the orders were worth, by currency, as far as it is known.
    pub revenue: BTreeMap<String, Worth>,
}

fn merge<const N: usize>(own: &mut [i64; N], other: &[i64; N], sign: i64) {
    own.iter_mut()
        .zip(other)
        .for_each(|(own, other)| *own += sign * other);
}

impl Rollup for FunnelRollup {
    fn merge(&mut self, other: &Self, sign: i64) {
        self.total += sign * other.total;
        self.shown += sign * other.shown;
        self.cost_micros.merge(&other.cost_micros, sign);
        merge(&mut self.viewed, &other.viewed, sign);
        merge(&mut self.carted, &other.carted, sign);
        merge(&mut self.ordered, &other.ordered, sign);
        merge(&mut self.orders, &other.orders, sign);
        for (currency, worth) in &other.revenue {
            let own = self.revenue.entry(currency.clone()).or_default();
            merge(&mut own.orders, &worth.orders, sign);
            merge(&mut own.micros, &worth.micros, sign);
        }
        self.revenue.retain(|_, worth| *worth != Worth::default());
    }
    fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl Fact for FunnelFact {
    type Key = FunnelKey;
    type Rollup = FunnelRollup;
    const GROUPINGS: &'static [(i64, &'static [Dimension])] = &[
        (FunnelKey::TOTAL, &[]),
        (FunnelKey::MODEL, &[Dimension::Model]),
        (FunnelKey::PROMPT_VERSION, &[Dimension::PromptVersion]),
        (
            FunnelKey::ALL,
            &[
                Dimension::Type,
                Dimension::Model,
                Dimension::Channel,
                Dimension::PromptVersion,
            ],
        ),
    ];

    fn take_key(&mut self) -> FunnelKey {
        std::mem::take(&mut self.key)
    }

    fn count(&self, into: &mut FunnelRollup) {
        into.total += 1;
        into.shown += i64::from(self.shown || !self.outcomes.is_empty());
        into.cost_micros.record(self.cost_micros);
        for place in 0..Credit::RULES {
            let credited = || self.outcomes.iter().filter(|outcome| outcome.credit.has(place));
            let led_to =
                |kinds: &[EventType]| i64::from(credited().any(|outcome| kinds.contains(&outcome.kind)));
            into.viewed[place] += i64::from(credited().next().is_some());
            into.carted[place] += led_to(&[EventType::AddToCart, EventType::Order]);
            into.ordered[place] += led_to(&[EventType::Order]);
            for order in credited().filter(|outcome| outcome.kind == EventType::Order) {
                into.orders[place] += 1;
                if let (Some(micros), Some(currency)) = (order.value_micros, &order.currency) {
                    let worth = into.revenue.entry(currency.clone()).or_default();
                    worth.orders[place] += 1;
                    worth.micros[place] += micros;
                }
            }
        }
    }

    fn kept(key: &FunnelKey, grouping: i64, dimensions: &[Dimension]) -> FunnelKey {
        let kept = |dimension| Self::kept_value(key, dimension, dimensions);
        FunnelKey {
            grouping,
            kind: kept(Dimension::Type),
            model: kept(Dimension::Model),
            channel: kept(Dimension::Channel),
            prompt_version: kept(Dimension::PromptVersion),
        }
    }

    fn grouping_of(key: &FunnelKey) -> i64 {
        key.grouping
    }

    fn value(key: &FunnelKey, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Type => &key.kind,
            Dimension::Model => &key.model,
            Dimension::Channel => &key.channel,
            Dimension::PromptVersion => &key.prompt_version,
            Dimension::Provider | Dimension::Locale | Dimension::Category | Dimension::Currency => "",
        }
    }
}
