//! What is counted of orders.

use super::{Dimension, Fact, Rollup};

/// One order: the first event that tells of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OrderFact {
    key: OrderKey,
    value_micros: i64,
}

/// What orders are counted by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderKey {
    /// There is one: 0.
    pub grouping: i64,
    /// ISO 4217 code; empty for orders whose value is unknown.
    pub currency: String,
}

/// Counts of orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderRollup {
    /// Orders.
    pub total: i64,
    /// What they were worth, in millionths of the currency.
    pub value_micros: i64,
}

impl OrderFact {
    /// An order with its value, where that is known.
    pub fn new(currency: Option<String>, value_micros: Option<i64>) -> Self {
        let currency = value_micros.and(currency).unwrap_or_default();
        Self {
            key: OrderKey {
                grouping: 0,
                currency,
            },
            value_micros: value_micros.unwrap_or_default(),
        }
    }
}

impl Rollup for OrderRollup {
    fn merge(&mut self, other: &Self, sign: i64) {
        self.total += sign * other.total;
        self.value_micros += sign * other.value_micros;
    }
    fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl Fact for OrderFact {
    type Key = OrderKey;
    type Rollup = OrderRollup;
    const GROUPINGS: &'static [(i64, &'static [Dimension])] = &[(0, &[Dimension::Currency])];

    fn take_key(&mut self) -> OrderKey {
        std::mem::take(&mut self.key)
    }

    fn count(&self, into: &mut OrderRollup) {
        into.total += 1;
        into.value_micros += self.value_micros;
    }

    fn kept(key: &OrderKey, _: i64, _: &[Dimension]) -> OrderKey {
        key.clone()
    }

    fn grouping_of(key: &OrderKey) -> i64 {
        key.grouping
    }

    fn value(key: &OrderKey, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Currency => &key.currency,
            _ => "",
        }
    }
}
