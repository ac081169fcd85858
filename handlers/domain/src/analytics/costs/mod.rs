//! What turns cost, and what the month will cost.

mod forecast;

pub use forecast::{Forecast, forecast};

use super::{CostFigures, InteractionRollup, Rollup};
use crate::interactions::InteractionType;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a set of turns cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Cost {
    /// How many turns.
    pub total: i64,
    /// Their cost.
    pub cost: CostFigures,
}

/// Cost of one type.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TypeCost {
    /// The type.
    #[serde(rename = "type")]
    pub kind: InteractionType,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub cost: Cost,
}

/// Cost of one model.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelCost {
    /// The model; null for turns that name none.
    pub model: Option<String>,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub cost: Cost,
}

/// Cost of one version of prompts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PromptVersionCost {
    /// The version; null for turns that name none.
    pub prompt_version: Option<String>,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub cost: Cost,
}

/// Cost of one calendar day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DailyCost {
    /// The day in the asked zone.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub cost: Cost,
}

/// Turns of a model whose cost is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unpriced {
    /// The model; null for turns that name none.
    pub model: Option<String>,
    /// How many.
    pub count: i64,
}

/// A month of the shop's zone, up to a point in time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MonthToDate {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub cost: Cost,
    /// What the whole month will cost; null while there are too few days to tell.
    pub forecast: Option<Forecast>,
}

/// The answer of `get_costs`. Costs are in micro-dollars, over the turns whose cost is known.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Costs {
    /// First point in time of the range.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
    /// The zone of the days.
    pub tz: String,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub all: Cost,
    /// Turns without a known cost over all, 0 to 1; null without turns.
    pub unpriced_share: Option<f64>,
    /// Cost over the sessions that began in the range; null without any, and where the turns are filtered.
    pub per_session: Option<f64>,
    /// Cost of all turns, failed ones too, over those that succeeded: what a success costs. Null where none did.
    pub per_succeeded: Option<f64>,
    /// The models of turns without a known cost, most turns first.
    pub unpriced: Vec<Unpriced>,
    /// By model, most turns first.
    pub by_model: Vec<ModelCost>,
    /// By type, most turns first.
    pub by_type: Vec<TypeCost>,
    /// By version of the prompt, most turns first; null where the turns are filtered by model or channel, by which versions
    /// are not counted.
    pub by_prompt_version: Option<Vec<PromptVersionCost>>,
    /// By calendar day, every day of the range.
    pub by_day: Vec<DailyCost>,
    /// The current month of the shop's zone, whatever the range is.
    pub month_to_date: MonthToDate,
}

impl From<&InteractionRollup> for Cost {
    fn from(rollup: &InteractionRollup) -> Self {
        Self {
            total: rollup.total,
            cost: CostFigures {
                micros: rollup.cost_micros.known(),
                unpriced: rollup.total - rollup.cost_micros.count,
            },
        }
    }
}

impl Cost {
    /// Cost over a number of others; none over nothing, or where no cost is known.
    pub fn per(&self, count: i64) -> Option<f64> {
        let micros = self.cost.micros.filter(|_| count > 0)?;
        Some(micros as f64 / count as f64)
    }
}

impl MonthToDate {
    /// The first day that [`MonthToDate::of`] needs to know: the month's, or one that a forecast looks back at.
    pub fn counted_from(from: Date, today: Date) -> Date {
        from.min(today.saturating_sub(forecast::LOOKS_BACK.days()))
    }

    /// The month that begins at `from`, made of the days of it that were counted, and of those before it that a forecast
    /// looks back at. `today` has begun, but is not over; there is nothing to expect where it is not in the month.
    pub fn of(from: Date, today: Date, days: &BTreeMap<Date, InteractionRollup>) -> Self {
        let mut month = InteractionRollup::default();
        for (_, day) in days.range(from..=from.last_of_month()) {
            month.add(day);
        }
        // A day without turns costs nothing; one with turns, none of which has a known cost, costs nobody knows what.
        let micros = |day: Date| match days.get(&day) {
            Some(day) if day.total > 0 => day.cost_micros.known(),
            _ => Some(0),
        };
        let first = days.keys().next().copied().unwrap_or(today);
        let past: Vec<_> = first
            .series(1.day())
            .take_while(|day| *day < today)
            .map(micros)
            .collect();
        let is_under_way = today.first_of_month() == from;
        let forecast = || {
            forecast(
                today,
                &past,
                month.cost_micros.sum,
                micros(today).unwrap_or_default(),
            )
        };
        Self {
            from,
            forecast: is_under_way.then(forecast).flatten(),
            cost: Cost::from(&month),
        }
    }
}
