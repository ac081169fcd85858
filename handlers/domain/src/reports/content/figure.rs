//! One figure of a period beside that of the period before.

use super::significance;
use crate::interactions::names;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// What a figure measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = report::Metric)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Turns that began in the period.
    Interactions,
    /// Succeeded over finished turns.
    SuccessRate,
    /// Half of the turns took at most so long.
    P50Ms,
    /// 95 of 100 turns took at most so long.
    P95Ms,
    /// What the turns with a known price cost.
    Cost,
    /// Different shoppers with a turn.
    ActiveUsers,
    /// Conversations with a turn.
    Sessions,
    /// Mean of the ratings.
    Rating,
    /// Feedback given.
    Feedback,
    /// Orders.
    Orders,
    /// What the orders were worth, a figure per currency.
    Revenue,
}

names!(Metric {
    Interactions = "interactions",
    SuccessRate = "success_rate",
    P50Ms = "p50_ms",
    P95Ms = "p95_ms",
    Cost = "cost",
    ActiveUsers = "active_users",
    Sessions = "sessions",
    Rating = "rating",
    Feedback = "feedback",
    Orders = "orders",
    Revenue = "revenue",
});

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = report::Unit)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Whole things.
    Count,
    /// A share, 0 to 1.
    Ratio,
    /// Milliseconds.
    Milliseconds,
    /// Millionths of the figure's currency.
    Micros,
    /// Points from 1 to 5.
    Points,
}

names!(Unit {
    Count = "count",
    Ratio = "ratio",
    Milliseconds = "milliseconds",
    Micros = "micros",
    Points = "points",
});

/// One figure, and how it changed. What is not known is null, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Figure)]
pub struct Figure {
    /// What it measures.
    pub metric: Metric,
    /// What its numbers count.
    pub unit: Unit,
    /// ISO 4217 code, of money.
    pub currency: Option<String>,
    /// The figure of the period.
    #[serde(serialize_with = "whole")]
    pub value: Option<f64>,
    /// The figure of the period before.
    #[serde(serialize_with = "whole")]
    pub previous: Option<f64>,
    /// `value - previous`.
    #[serde(serialize_with = "whole")]
    pub change: Option<f64>,
    /// `change / previous`; null where that was 0.
    pub change_ratio: Option<f64>,
    /// How often chance alone makes a change of this size; null where there is too little to tell.
    pub p_value: Option<f64>,
    /// Whether `p_value` is below 0.01.
    pub significant: Option<bool>,
}

impl Figure {
    /// A figure whose change is yet to be judged.
    pub fn new(metric: Metric, unit: Unit, value: Option<f64>, previous: Option<f64>) -> Self {
        let both = value.zip(previous);
        let change = both.map(|(value, previous)| value - previous);
        let ratio = |(value, previous): (f64, f64)| (previous != 0.0).then(|| value / previous - 1.0);
        Self {
            metric,
            unit,
            currency: None,
            value,
            previous,
            change,
            change_ratio: both.and_then(ratio),
            p_value: None,
            significant: None,
        }
    }

    /// The same, in this currency.
    #[must_use]
    pub fn of(mut self, currency: &str) -> Self {
        self.currency = Some(currency.to_owned());
        self
    }

    /// The same, with the p value of its change, if there is a change to judge.
    #[must_use]
    pub fn judged(mut self, p_value: Option<f64>) -> Self {
        self.p_value = p_value.filter(|_| self.change.is_some());
        self.significant = self.p_value.map(|p| p < significance::LEVEL);
        self
    }
}

/// Writes whole numbers without a fraction, as counts and micros are read.
pub(super) fn whole<S: Serializer>(number: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match number {
        None => to.serialize_none(),
        // Below this every whole number has a float of its own.
        Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => to.serialize_i64(*number as i64),
        Some(number) => to.serialize_f64(*number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_stays_null_and_nothing_is_divided_by_zero() {
        let figure =
            |value, previous| Figure::new(Metric::Cost, Unit::Micros, value, previous).judged(Some(0.001));
        let unknown = figure(None, Some(5.0));
        assert_eq!(
            (unknown.change, unknown.change_ratio, unknown.significant),
            (None, None, None)
        );
        let first = figure(Some(5.0), Some(0.0));
        assert_eq!(
            (first.change, first.change_ratio, first.significant),
            (Some(5.0), None, Some(true))
        );
        let less = figure(Some(3.0), Some(4.0));
        assert_eq!((less.change, less.change_ratio), (Some(-1.0), Some(-0.25)));
    }

    #[test]
    fn counts_are_written_as_whole_numbers() {
        let json = serde_json::to_value(Figure::new(
            Metric::Interactions,
            Unit::Count,
            Some(10_000_000.0),
            Some(1.5),
        ));
        let json = json.unwrap();
        assert_eq!(json["value"].to_string(), "10000000");
        assert_eq!(json["previous"].to_string(), "1.5");
        assert_eq!(json["metric"], "interactions");
    }
}
