//! A funnel as it is answered.

use super::{Credit, FunnelRollup, Touch, Window};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A step of the funnel.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FunnelStep {
    /// `turns`, `shown`, `viewed`, `carted` or `ordered`.
    pub step: &'static str,
    /// Turns that reached it.
    pub turns: i64,
    /// Share of the turns of the step before, 0..1; null of the first step, and where there are none.
    pub conversion: Option<f64>,
    /// Share of all turns, 0..1; null where there are none.
    pub overall: Option<f64>,
}

/// What orders were worth in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Revenue {
    /// ISO 4217 code.
    pub currency: String,
    /// Orders with a value.
    pub orders: i64,
    /// In millionths.
    pub micros: i64,
    /// Per turn, in millionths; null where there are no turns.
    pub micros_per_turn: Option<f64>,
}

/// The figures of a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FunnelFigures {
    /// The steps in their order. A turn that reached one has reached those before it.
    pub steps: Vec<FunnelStep>,
    /// Orders that are credited to these turns; each to one turn.
    pub orders: i64,
    /// Those whose value is unknown: they are not part of the revenue.
    pub unvalued: i64,
    /// What the others were worth, by currency.
    pub revenue: Vec<Revenue>,
    /// Known cost of the turns, in micro-dollars.
    pub cost_micros: i64,
    /// Turns whose cost is unknown.
    pub unpriced: i64,
    /// Mean cost of the turns where it is known, in micro-dollars; null where it is of none.
    pub cost_micros_per_turn: Option<f64>,
}

/// The funnel of one value.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FunnelGroup {
    /// The value; null for turns without one.
    pub key: Option<String>,
    /// Their figures.
    #[serde(flatten)]
    pub figures: FunnelFigures,
}

/// What turns of a stretch of time led to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FunnelAnswer {
    /// First point in time; of the turns, what they led to may come later.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
    /// Time zone of the days.
    pub tz: String,
    /// How long after its turn an event may come.
    pub window: Window,
    /// Which turn is credited.
    pub touch: Touch,
    /// All turns that pass.
    #[serde(flatten)]
    pub figures: FunnelFigures,
    /// By model, most turns first; absent where another grouping was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_model: Option<Vec<FunnelGroup>>,
    /// By prompt version, most turns first; absent where another grouping was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_prompt_version: Option<Vec<FunnelGroup>>,
}

/// A share or mean; unknown where the base is 0.
fn per(count: i64, base: i64) -> Option<f64> {
    (base > 0).then(|| count as f64 / base as f64)
}

impl FunnelFigures {
    /// The figures of a rollup under one rule.
    pub fn of(rollup: &FunnelRollup, touch: Touch, window: Window) -> Self {
        let place = Credit::place(touch, window);
        let counts = [
            ("turns", rollup.total),
            ("shown", rollup.shown),
            ("viewed", rollup.viewed[place]),
            ("carted", rollup.carted[place]),
            ("ordered", rollup.ordered[place]),
        ];
        let steps = counts
            .iter()
            .enumerate()
            .map(|(index, (step, turns))| FunnelStep {
                step,
                turns: *turns,
                conversion: index
                    .checked_sub(1)
                    .and_then(|before| per(*turns, counts[before].1)),
                overall: per(*turns, rollup.total),
            });
        let worth = rollup.revenue.iter().filter(|(_, worth)| worth.orders[place] > 0);
        let valued: i64 = worth.clone().map(|(_, worth)| worth.orders[place]).sum();
        let revenue = worth.map(|(currency, worth)| Revenue {
            currency: currency.clone(),
            orders: worth.orders[place],
            micros: worth.micros[place],
            micros_per_turn: per(worth.micros[place], rollup.total),
        });
        Self {
            steps: steps.collect(),
            orders: rollup.orders[place],
            unvalued: rollup.orders[place] - valued,
            revenue: revenue.collect(),
            cost_micros: rollup.cost_micros.sum,
            unpriced: rollup.total - rollup.cost_micros.count,
            cost_micros_per_turn: per(rollup.cost_micros.sum, rollup.cost_micros.count),
        }
    }
}
